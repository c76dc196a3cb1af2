#!/bin/sh
# layers.sh - which folder may use which, the order inside the core, which
# module knows which library, and who may touch a span's pointer.
#
#   layers.sh [DIRECTORY]    where the sources are (default: src)
#
# An include names its folder ("core/span.h"), so this reads like a map.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
src=${1:-$srcdir/../src}
failed=0

fail() {
	echo "layers: $*" >&2
	failed=1
}

# A folder, then what it may use beside itself.
folders='
core
diagnosis core
net core
config core
report core diagnosis config
daemon core diagnosis net config report
tools core diagnosis net config report daemon
'

# Of the core net may use only these.
net_core='span frame reply verdict'

# The order inside the core: a module uses those that stand before it.
core='span verdict frame option dhcp arch pxe hosts match template form policy
reply responder'

# What the core and the diagnosis may include of the system's: types and
# octets, no I/O.
pure='netinet/in.h stdbool.h stddef.h stdint.h string.h'

# Which module may use which library.
libraries='
pcap net/capture net/inject
libnet net/envelope net/inject
cap-ng daemon/privs
seccomp daemon/confine
'

is_in() {
	word=$1
	shift
	for other; do
		[ "$word" = "$other" ] && return 0
	done
	return 1
}

# included FILE PATTERN: the names between the delimiters, one a line.
included() {
	sed -n "s/^[[:space:]]*#[[:space:]]*include[[:space:]]*$2.*/\1/p" "$1"
}

# before MODULE: the modules of the core that it may use.
before() {
	for module in $core; do
		[ "$module" = "$1" ] && return
		echo "$module"
	done
}

# check_uses FOLDER FILE ALLOWED...: what the file includes of the project's.
check_uses() {
	folder=$1
	file=$2
	shift 2
	module=${file##*/}
	module=${module%.[ch]}
	for header in $(included "$file" '"\([^"]*\)"'); do
		used=${header%/*}
		name=${header##*/}
		name=${name%.h}
		case $header in
		*/*) ;;
		*)	fail "$file includes \"$header\" without its folder"
			continue ;;
		esac
		is_in "$used" "$folder" "$@" || {
			fail "$file includes \"$header\": $folder may not use $used"
			continue
		}
		[ "$folder" = net ] && [ "$used" = core ] &&
		    ! is_in "$name" $net_core &&
		    fail "$file includes \"$header\": net may use of the core only $net_core"
		[ "$folder" = core ] && [ "$name" != "$module" ] &&
		    ! is_in "$name" $(before "$module") &&
		    fail "$file includes \"$header\", which is not below it"
	done
	return 0
}

# check_pure FILE: nothing of the system's but types and octets.
check_pure() {
	for header in $(included "$1" '<\([^>]*\)>'); do
		is_in "$header" $pure ||
		    fail "$1 includes <$header>, which pure code may not"
	done
	# A span's pointer is stepped through in span.h alone.
	[ "${1##*/}" = span.h ] && return
	if grep -nE '(\.|->)p( *(\+|-[^>]|\+=|-=|\[))|(\+\+|--)[a-z_]+(\.|->)p\b' \
	    "$1"; then
		fail "$1 does arithmetic on a span's pointer"
	fi
}

# shellcheck disable=SC2086 # lists of words
while read -r folder allowed; do
	[ -n "$folder" ] || continue
	for file in "$src/$folder"/*.[ch]; do
		[ -f "$file" ] || continue
		check_uses "$folder" "$file" $allowed
		case $folder in
		core|diagnosis) check_pure "$file" ;;
		esac
	done
done <<EOT
$folders
EOT

# shellcheck disable=SC2086
for file in "$src"/core/*.[ch]; do
	module=${file##*/}
	is_in "${module%.[ch]}" $core ||
	    fail "$file: its place in the core is not settled"
done

# shellcheck disable=SC2086
while read -r library users; do
	[ -n "$library" ] || continue
	for file in "$src"/*.[ch] "$src"/*/*.[ch]; do
		module=${file#"$src"/}
		if grep -qE "#[[:space:]]*include[[:space:]]*<($library|[a-z]*/$library)\.h>" \
		    "$file" && ! is_in "${module%.[ch]}" $users; then
			fail "$file uses the library $library"
		fi
	done
done <<EOT
$libraries
EOT

# Sources stand in the folders of this map, and main.c beside them.
for file in "$src"/*.[ch] "$src"/*/*.[ch]; do
	[ -f "$file" ] || continue
	module=${file#"$src"/}
	case $module in
	main.c) ;;
	*/*)	printf '%s\n' "$folders" | grep -q "^${module%%/*}\( \|\$\)" ||
		    fail "$file: its folder is not on the map" ;;
	*)	fail "$file stands in no folder" ;;
	esac
done

[ "$failed" -eq 0 ] && echo "layers: each module includes only what it may"
exit "$failed"
