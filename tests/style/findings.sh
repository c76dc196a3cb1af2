#!/bin/sh
# findings.sh - the findings of the program and of its page are the same.
#
# pxeproxyd-troubleshooting(7) has a paragraph for each row of the table in
# diagnosis/finding.c, in its order, and none besides: what it means, how to
# see it, and the remedy.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
table=$srcdir/../src/diagnosis/finding.c
page=$srcdir/../src/man/pxeproxyd-troubleshooting.7

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# Two rows may have one name: they are told apart by what was seen.
sed -n '/rows\[\] = {/,/^};/s/^	{ "\([a-z0-9-]*\)",.*/\1/p' "$table" |
    awk '!seen[$0]++' > "$dir/table"
# Between the first heading of findings and what is seen from where.
sed -n '/^\.Sh WE ARE SILENT/,/^\.Sh WHAT IS SEEN/p' "$page" > "$dir/part"
sed -n 's/^\.It Cm \([a-z0-9-]*\)$/\1/p' "$dir/part" > "$dir/page"

if [ ! -s "$dir/table" ]; then
	echo "findings: $table has none" >&2
	exit 1
fi
if ! diff -u "$dir/table" "$dir/page" >&2; then
	echo "findings: the table (-) and the page (+) differ" >&2
	exit 1
fi

# Each has all three parts, once.
awk '
function check() {
	if (name != "" && parts != "Means See Remedy ") {
		print "findings: " name " has the parts: " parts
		failed = 1
	}
}
/^\.It Cm / { check(); name = $3; parts = "" }
/^\.It (Means|See|Remedy)$/ { parts = parts $2 " " }
END { check(); exit failed }' "$dir/part" >&2

echo "findings: $(wc -l < "$dir/table") findings agree"
