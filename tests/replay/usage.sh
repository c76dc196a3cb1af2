#!/bin/sh
# usage.sh - what the command line may say, and what may be closed at the start.
#
# $PXEPROXYD is the program.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
program=${PXEPROXYD:-../src/pxeproxyd}
capture=$srcdir/../pcaps/firmware/ovmf-x64.pcap
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
cases=0

fail() {
	echo "usage: $*" >&2
	failed=$((failed + 1))
}

# refused TEXT WORD...: exit status 2, and this line of the log alone.
refused() {
	cases=$((cases + 1))
	printf 'pxeproxyd: %s\n' "$1" > "$dir/wanted"
	shift
	status=0
	"$program" "$@" > "$dir/out" 2> "$dir/err" < /dev/null || status=$?
	if [ "$status" -ne 2 ] || [ -s "$dir/out" ] ||
	    ! cmp -s "$dir/wanted" "$dir/err"; then
		fail "exit status $status of: $*"
		diff -u "$dir/wanted" "$dir/err" >&2 || true
	fi
}

# A verb that is misspelt, and one that is not the first word.
meant() {
	refused "$1 is neither a verb nor an interface of this host; is the verb $2 meant? See --help" "$1"
}
meant statsu status
meant state status
refused 'the verb status must come before all options; see --help' -d status
refused 'no interface and no savefile is named; see --help'
refused 'status: x is none of machines, rules, interfaces, counters, nor a MAC address' status x
refused 'status: 52:54:00:* is none of machines, rules, interfaces, counters, nor a MAC address' status '52:54:00:*'
refused 'status: y is one word too many' status rules y

# Words with anything but letters are interfaces that are not there.
cases=$((cases + 1))
status=0
timeout 10 "$program" status0 > "$dir/out" 2> "$dir/err" < /dev/null || status=$?
[ "$status" -ne 2 ] || fail "status0: $(cat "$dir/err")"

# A replay whose descriptors are closed writes the same savefile.  An error on
# the way has a line of the log written, after the savefile is open.
head -c 3000 "$capture" > "$dir/cut.pcap"
"$program" -r "$dir/cut.pcap" -w "$dir/wanted" > /dev/null 2>&1 || true
[ -s "$dir/wanted" ] || fail "nothing was written"

# closed HOW: the redirections.
closed() {
	cases=$((cases + 1))
	rm -f "$dir/answers"
	sh -c "exec \"\$@\" $1" sh "$program" -r "$dir/cut.pcap" \
	    -w "$dir/answers" || true
	cmp "$dir/wanted" "$dir/answers" || fail "closed by $1: another savefile"
}
closed '<&- >/dev/null 2>/dev/null'
closed '>&- 2>/dev/null'
closed '>/dev/null 2>&-'
closed '<&- >&- 2>/dev/null'
closed '<&- >/dev/null 2>&-'
closed '>&- 2>&-'
closed '<&- >&- 2>&-'

[ "$failed" -eq 0 ] && echo "usage: $cases cases"
exit "$failed"
