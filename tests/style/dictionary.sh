#!/bin/sh
# dictionary.sh - the fuzzers' dictionary has each word of the configuration.
#
#   dictionary.sh [--update]
#
# The end of fuzz_config.dict is made from the parser's own tables: key words,
# forms, clients, architectures, iPXE's features, variables.  --update makes it
# anew.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
src=$srcdir/../src
dict=$srcdir/fuzz/fuzz_config.dict
mark='# From here on by dictionary.sh --update.'

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# several NAME FILE: the words of one kind, of which there must be some.
several() {
	if [ ! -s "$2" ]; then
		echo "dictionary: the sources have no $1" >&2
		exit 1
	fi
	cat "$2"
}

words() {
	sed -n 's/^	{ "\([a-z-]*\)", KEYS_.*/\1/p' "$src/config/keys.c" \
	    > "$dir/some"
	several 'keys and sections' "$dir/some"
	echo include
	sed -n 's/.*\[MATCH_[A-Z_]*\] = { "\([a-z-]*\)".*/\1/p' \
	    "$src/core/match.c" > "$dir/some"
	several 'conditions' "$dir/some"
	sed 's/^/not-/' "$dir/some"
	sed -n 's/.*\[MATCH_CLIENT_[A-Z]*\] = "\(.*\)".*/\1/p' \
	    "$src/core/match.c" > "$dir/some"
	several 'clients' "$dir/some"
	grep -o '{ "[a-z]*", 0x' "$src/core/match.c" |
	    sed 's/.*"\(.*\)".*/\1/' > "$dir/some"
	several 'features' "$dir/some"
	sed -n 's/.*\[FORM_[A-Z]*\] = { .name = "\([a-z]*\)".*/\1/p' \
	    "$src/core/form.c" > "$dir/some"
	several 'forms' "$dir/some"
	sed -n 's/^\tROW([0-9x]*, [A-Z]*, [A-Z]*, "\([^"]*\)".*/\1/p
	    s/.*\[ARCH_[A-Z]*\] = "\(.*\)".*/\1/p' "$src/core/arch.c" > "$dir/some"
	several 'architectures' "$dir/some"
	sed -n 's/^\t{ "\([a-z-]*\)", put_.*/${\1}/p' "$src/core/template.c" \
	    > "$dir/some"
	several 'variables' "$dir/some"
}

words | LC_ALL=C sort -u | sed 's/.*/"&"/' > "$dir/wanted"
if [ "${1-}" = --update ]; then
	sed "/^$mark/q" "$dict" | cat - "$dir/wanted" > "$dir/new"
	cat "$dir/new" > "$dict"
fi
sed "1,/^$mark/d" "$dict" > "$dir/found"
if ! diff -u "$dir/found" "$dir/wanted"; then
	echo "dictionary: fuzz_config.dict is not what the sources say" >&2
	exit 1
fi
echo "dictionary: $(wc -l < "$dir/wanted") words"
