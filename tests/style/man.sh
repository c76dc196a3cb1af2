#!/bin/sh
# man.sh - the pages say what the program does.
#
# pxeproxyd(8) has the options of --help, both ways, with their arguments, and
# the verdicts of the program with their sentences; pxeproxyd.conf(5) has the
# architectures of the program with their files; the rules in the pages and in
# README.md are accepted by the program; the octets in pxeproxyd-protocol(7)
# are in the answers of pcaps/.  A manual page checker has no complaints about
# any page, each reference to a page, a section or a file of ours leads to one,
# each capture has a row in pcaps/README.md, and README.md is short.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
top=$srcdir/..
src=$top/src
man=$src/man
program=${PXEPROXYD:-../src/pxeproxyd}
readme_lines=250
failed=0

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

complain() {
	echo "man: $*" >&2
	failed=1
}

# same WHAT LEFT RIGHT: two lists that must be equal and not empty.
same() {
	if [ ! -s "$dir/$2" ] || [ ! -s "$dir/$3" ]; then
		complain "$1: there are none"
	elif ! diff -u "$dir/$2" "$dir/$3" > "$dir/difference"; then
		complain "$1 differ:"
		cat "$dir/difference" >&2
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
	esac || complain "$first${rest:+ $rest} is not in the synopsis"
done < "$dir/help"

# The verdicts, in their order, with their sentences: "name: sentence".
tr '\n\t' '  ' < "$src/core/verdict.c" | sed 's/\[VERDICT_/\
[VERDICT_/g' | sed -n '/^\[VERDICT_[A-Z0-9_]*\] = {/{
	s/}.*//
	s/" *"//g
	s/^[^"]*"\([^"]*\)"[^"]*"\([^"]*\)".*/\1: \2/p
}' | awk 1 > "$dir/verdicts"
awk '/^\.S[hs] / { inside = $0 == ".Ss Verdicts" }
	!inside { next }
	/^\.It Cm [a-z0-9-]+$/ { name = $3; text = ""; next }
	/^\.El/ { name = "" }
	name == "" || /^\./ { next }
	{ text = text (text == "" ? "" : " ") $0 }
	/\.$/ {
		first = substr(text, 1, 2)
		if (first !~ /^[A-Z][A-Z]/)
			first = tolower(substr(first, 1, 1)) substr(first, 2)
		print name ": " first substr(text, 3, length(text) - 3)
		name = ""
	}' "$man/pxeproxyd.8" > "$dir/page"
same 'the verdicts of the program and of pxeproxyd.8' verdicts page

# The architectures: number, name, file.
tr '\n\t' '  ' < "$src/core/arch.c" | sed 's/ROW(/\
ROW(/g' | sed -n 's/^ROW(\([0-9]*\), [A-Z]*, [A-Z]*, "\([^"]*\)", *"[^"]*", *"*\([^")]*\)"*).*/\1 \2 \3/p' |
    sed 's/ NULL$/ none/' | awk 1 > "$dir/architectures"
sed -n 's/^\.It \([0-9]*\) Ta Li \([a-z0-9-]*\) Ta [a-z]* Ta \(Pa \)*\([^ ]*\)$/\1 \2 \4/p' \
    "$man/pxeproxyd.conf.5" > "$dir/page"
same 'the architectures of the program and of pxeproxyd.conf.5' \
    architectures page

# The rules that the pages and README.md show: each example is a file.  (A
# block of a page is literal; one of README.md has four blanks before it.)
awk -v to="$dir/example" '
	function begin() { if (lines != "") end(); lines = "" }
	function end() {
		if (lines ~ /(^|\n)rule "/) {
			printf "%s", lines > (to "." ++n)
			close(to "." n)
		}
		lines = ""
	}
	FNR == 1 { begin(); is_page = FILENAME !~ /\.md$/; literal = 0 }
	is_page && /^\.Bd -literal/ { begin(); literal = 1; next }
	is_page && /^\.Ed/ { end(); literal = 0 }
	is_page && literal { gsub(/\\e/, "\\"); lines = lines $0 "\n" }
	!is_page && /^    / { lines = lines substr($0, 5) "\n"; next }
	!is_page { end() }
	END { end() }' "$man"/* "$top/README.md"
examples=0
for example in "$dir"/example.*; do
	[ -e "$example" ] || break
	examples=$((examples + 1))
	"$program" -t -c "$example" > "$dir/output" 2>&1 || {
		complain "an example is not accepted:"
		cat "$dir/output" "$example" >&2
	}
done
[ "$examples" -ge 10 ] || complain "only $examples examples were found"

# The octets of pxeproxyd-protocol(7): of each block that names a capture, in
# the answers to that capture.
awk -v FS='  +' '
	/^\.\\" octets of / { split($0, word, " "); name = word[4] }
	/^\.Ed/ && name != "" { print name, octets; name = octets = "" }
	/^[0-9a-f][0-9a-f] / || /^[0-9a-f][0-9a-f]$/ || /^[0-9a-f][0-9a-f]  / {
		line = $1
		gsub(/ /, "", line)
		if (name != "")
			octets = octets line
	}' "$man/pxeproxyd-protocol.7" > "$dir/octets"
[ "$(wc -l < "$dir/octets")" -ge 6 ] || complain "the octets: too few blocks"
while read -r name octets; do
	find "$top/pcaps" -name "$name.answers" -exec cat {} + |
	    awk '/^answer/ { print ""; next } /^[0-9a-f]+  / {
		sub(/^[0-9a-f]+  /, ""); gsub(/ /, ""); printf "%s", $0
	    }' | grep -q "$octets" ||
	    complain "pxeproxyd-protocol.7: no answer of $name has $octets"
done < "$dir/octets"

# References: each page of ours, each section of one, each file.
for page in "$man"/*; do
	awk '$1 == ".Xr" && $2 ~ /^pxeproxyd/ { print $2 "." $3 }' "$page" |
	while read -r other; do
		[ -e "$man/$other" ] || echo "$other"
	done
	sed -n 's/^\.Sx \(.*\)/\1/p' "$page" | sed 's/ , /\
/g' | sed 's/ [.,:;)]*$//' |
	while read -r section; do
		cat "$man"/* | sed -n 's/^\.S[hs] //p' | grep -qxF "$section" ||
		    echo "$section"
	done
done > "$dir/missing"
for page in README.md src/README.md tests/README.md pcaps/README.md; do
	sed 's/](/\
](/g' "$top/$page" | sed -n 's/^](\([^)#:]*\)).*/\1/p' |
	while read -r file; do
		[ -e "$(dirname "$top/$page")/$file" ] || echo "$page: $file"
	done
done >> "$dir/missing"
if [ -s "$dir/missing" ]; then
	complain "references that lead nowhere:"
	cat "$dir/missing" >&2
fi
find "$top/pcaps" -name '*.pcap' | sed 's|.*/||' | sort > "$dir/captures"
# shellcheck disable=SC2016
sed -n 's/^| `\([^`]*\.pcap\)` |.*/\1/p' "$top/pcaps/README.md" |
    sort > "$dir/page"
same 'the captures and the rows of pcaps/README.md' captures page
[ "$(wc -l < "$top/README.md")" -le $readme_lines ] ||
    complain "README.md has more than $readme_lines lines"

# A checker's complaints; of pages that are not installed here it may not
# know.
for page in "$man"/*; do
	if command -v mandoc > /dev/null 2>&1; then
		mandoc -Tlint "$page" 2>&1 |
		    grep -vE 'mandoc\.db|referenced manual not found' \
		    > "$dir/complaints" || true
	elif command -v man > /dev/null 2>&1; then
		LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
		    man --warnings -E UTF-8 -l -Tutf8 -Z "$page" \
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
    "$(wc -l < "$dir/architectures") architectures," \
    "$examples examples," \
    "$(wc -l < "$dir/octets") blocks of octets agree"
exit "$failed"
