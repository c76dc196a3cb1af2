#!/bin/sh
# types.sh - a type has one name and one place.
#
#   types.sh [DIRECTORY]    where the sources are (default: src)
#
# No two files define a struct, union or enum of the same name, static ones
# too, and in the core each type bears the name of its module.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
src=${1:-$srcdir/../src}
failed=0

# FILE NAME of each type that is defined.
defined() {
	for file in "$src"/*.[ch] "$src"/*/*.[ch]; do
		[ -f "$file" ] || continue
		sed -n -E "s!^(static |const |typedef )*(struct|union|enum) ([a-z0-9_]+) \{.*!${file#"$src"/} \3!p" \
		    "$file"
	done
}

types=$(defined)
[ -n "$types" ] || {
	echo "types: no type found below $src" >&2
	exit 1
}

twice=$(printf '%s\n' "$types" | sed 's/.* //' | LC_ALL=C sort | uniq -d)
for name in $twice; do
	echo "types: $name is defined more than once:" \
	    "$(printf '%s\n' "$types" | sed -n "s/ $name\$//p" | tr '\n' ' ')" >&2
	failed=1
done

while read -r file name; do
	case $file in
	core/*) ;;
	*)	continue ;;
	esac
	module=${file#core/}
	module=${module%.[ch]}
	case $name in
	"$module"|"$module"_*) ;;
	*)	echo "types: $file: $name does not begin with $module" >&2
		failed=1 ;;
	esac
done <<EOT
$types
EOT

[ "$failed" -eq 0 ] && echo "types: each has one name and one place"
exit "$failed"
