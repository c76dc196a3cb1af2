#!/bin/sh
# purity.sh - the core calls nobody and keeps nothing.
#
#   purity.sh [LIBRARY]      default: $LIBRESPONDER
#
# What libresponder.a leaves to others must be on a short list of functions
# without any effect outside their arguments; and it must have no data that
# can be written, since state between two frames would have to be there.

set -eu

library=${1:-${LIBRESPONDER:?}}
nm=${NM:-nm}

# clang writes bcmp for a memcmp that asks for equality; without optimisation
# byte order is changed by functions.
allowed=' memcpy memmove memchr memcmp bcmp memset strlen strcmp strchr strstr htonl ntohl '
# What compilers put in: stack protection, position independence, and the
# checked variants of FORTIFY_SOURCE.
compiler='^(__stack_chk_fail|__stack_chk_guard|_GLOBAL_OFFSET_TABLE_|__mem[a-z]*_chk|__str[a-z]*_chk|__chk_fail)$'
# Sanitizers, coverage and fuzzing.
instruments='^(__(asan|ubsan|lsan|msan|tsan|sanitizer|sancov|gcov|llvm_gcov|llvm_profile)_.*|_*llvm_gc(ov|da).*|mangle_path|__start___sancov.*|__stop___sancov.*)$'

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

"$nm" -f posix "$library" > "$dir/all"
# NAME TYPE [VALUE SIZE]; the library's members have lines of one word.
awk 'NF >= 2 && $2 == "U" { print $1 }' "$dir/all" | sort -u > "$dir/needed"
awk 'NF >= 3 && $2 ~ /^[A-Z]$/ && $2 != "U" { print $1 }' "$dir/all" |
    sort -u > "$dir/own"
if [ ! -s "$dir/own" ]; then
	echo "purity: $library defines nothing" >&2
	exit 1
fi

failed=0
instrumented=no
comm -23 "$dir/needed" "$dir/own" > "$dir/foreign"
while read -r name; do
	case $allowed in
	*" $name "*) continue ;;
	esac
	printf '%s\n' "$name" | grep -qE "$compiler" && continue
	if printf '%s\n' "$name" | grep -qE "$instruments"; then
		instrumented=yes
		continue
	fi
	echo "purity: the core calls $name" >&2
	failed=1
done < "$dir/foreign"

# Data by its section: what is constant after relocation is in .data.rel.ro.
if [ "$instrumented" = no ]; then
	"$nm" -f sysv "$library" | awk -F'|' '
	    function bare(s) { gsub(/[ \t]/, "", s); return s }
	    NF == 7 {
		section = bare($7)
		if (section == "*COM*" || section ~ /^\.(data|bss|tdata|tbss)/ &&
		    section !~ /^\.data\.rel\.ro/)
			print bare($1), "in", section
	    }' > "$dir/writable"
	while read -r line; do
		echo "purity: the core has data that can be written: $line" >&2
		failed=1
	done < "$dir/writable"
	note=
else
	note=' (instrumented: its data were not looked at)'
fi

[ "$failed" -eq 0 ] &&
    echo "purity: the core calls only$(
	grep -vE "$compiler|$instruments" "$dir/foreign" |
	    awk '{ printf " %s", $1 }')$note"
exit "$failed"
