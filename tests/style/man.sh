#!/bin/sh
# man.sh - the manual pages say what the program does.
#
# The options of pxeproxyd(8) are those of --help, both ways, with their
# arguments; its verdicts are those of the program; the architectures of
# pxeproxyd.conf(5) are those of the program, with their files; and a manual
# page checker has nothing to say about either page.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
src=$srcdir/../src
man=$src/man
program=${PXEPROXYD:-../src/pxeproxyd}
failed=0

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# same WHAT LEFT RIGHT: two lists that must be equal and not empty.
same() {
	if [ ! -s "$dir/$2" ] || [ ! -s "$dir/$3" ]; then
		echo "man: $1: there are none" >&2
		failed=1
	elif ! diff -u "$dir/$2" "$dir/$3" > "$dir/difference"; then
		echo "man: $1 differ:" >&2
		cat "$dir/difference" >&2
		failed=1
	fi
}

# "-c FILE, --config FILE", from each side in that form.
"$program" --help > "$dir/text"
sed -n 's/^  \(-.\), \(--[a-z0-9-]*\) \([A-Z]*\) .*/\1 \3, \2 \3/p
    s/^      \(--[a-z0-9-]*\) \([A-Z]*\) .*/\1 \2/p' "$dir/text" |
    sed 's/ ,/,/; s/ *$//' | sort > "$dir/help"
sed -n '/^\.Sh DESCRIPTION/,/^\.Sh [^D]/p' "$man/pxeproxyd.8" |
    sed -n 's/^\.It \(Fl .*\)/\1/p' |
    sed 's/ ,/,/; s/Fl /-/g; s/Ar //g; s/ *$//' | sort > "$dir/page"
same 'the options of --help and of pxeproxyd.8' help page

# In the synopsis too: each long option that has no letter, and each letter.
sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$man/pxeproxyd.8" > "$dir/synopsis"
while read -r first rest; do
	first=${first%,}
	case $first in
	--*) grep -qe "Fl -${first#--}\( \|\$\)" "$dir/synopsis" ;;
	*) sed -n 's/ | / Fl /; s/.*Fl \([a-zA-Z]*\) Fl \([a-zA-Z]\)/\1\2/p
	    s/.*Fl \([a-zA-Z]*\).*/\1/p' "$dir/synopsis" |
	    grep -qe "${first#-}" ;;
	esac || {
		echo "man: $first${rest:+ $rest} is not in the synopsis" >&2
		failed=1
	}
done < "$dir/help"

# The verdicts, in their order.
sed -n 's/.*\[VERDICT_[A-Z0-9_]*\] = { "\([^"]*\)".*/\1/p' "$src/core/verdict.c" \
    > "$dir/verdicts"
sed -n '/^\.Ss Verdicts/,/^\.S[hs] [^V]/p' "$man/pxeproxyd.8" |
    sed -n 's/^\.It Cm \([a-z0-9-]*\)$/\1/p' > "$dir/page"
same 'the verdicts of the program and of pxeproxyd.8' verdicts page

# The architectures: number, name, file.
tr '\n\t' '  ' < "$src/core/arch.c" | sed 's/ROW(/\
ROW(/g' | sed -n 's/^ROW(\([0-9]*\), [A-Z]*, [A-Z]*, "\([^"]*\)", *"[^"]*", *"*\([^")]*\)"*).*/\1 \2 \3/p' |
    sed 's/ NULL$/ none/' | awk 1 > "$dir/architectures"
sed -n 's/^\.It \([0-9]*\) Ta Li \([a-z0-9-]*\) Ta [a-z]* Ta \(Pa \)*\([^ ]*\)$/\1 \2 \4/p' \
    "$man/pxeproxyd.conf.5" > "$dir/page"
same 'the architectures of the program and of pxeproxyd.conf.5' \
    architectures page

# A checker's complaints; of pages that are not installed here it may not
# know.
for page in pxeproxyd.8 pxeproxyd.conf.5; do
	if command -v mandoc > /dev/null 2>&1; then
		mandoc -Tlint "$man/$page" 2>&1 |
		    grep -vE 'mandoc\.db|referenced manual not found' \
		    > "$dir/complaints" || true
	elif command -v man > /dev/null 2>&1; then
		LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
		    man --warnings -E UTF-8 -l -Tutf8 -Z "$man/$page" \
		    2> "$dir/complaints" > "$dir/output" || true
	else
		echo "man: SKIP: neither mandoc nor man is here to check $page"
		continue
	fi
	if [ -s "$dir/complaints" ]; then
		cat "$dir/complaints" >&2
		failed=1
	fi
done

[ "$failed" -eq 0 ] && echo "man: $(wc -l < "$dir/help") options," \
    "$(wc -l < "$dir/verdicts") verdicts," \
    "$(wc -l < "$dir/architectures") architectures agree"
exit "$failed"
