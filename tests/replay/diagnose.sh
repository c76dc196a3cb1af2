#!/bin/sh
# diagnose.sh - diagnose each capture, and compare.
#
#   diagnose.sh                         all of them
#   diagnose.sh --update KIND/NAME...   make the expectation anew
#
# diagnose.list names the captures in which something is wrong, with what is
# found, or - where nothing can be; every other capture of pcaps/ comes out
# without a finding.  Where
# there is a pcaps/KIND/NAME.diagnosis, it is what pxeproxyd diagnose prints.
# $PXEPROXYD is the program.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
program=${PXEPROXYD:-../src/pxeproxyd}
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
cd "$srcdir/.."
list=tests/replay/diagnose.list

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

fail() {
	echo "diagnose: $*" >&2
	failed=1
}

# flags KIND/NAME, found KIND/NAME: of the list.
flags() {
	awk -v name="$1" '$1 == name { $1 = $2 = ""; print; exit }' "$list"
}

found() {
	awk -v name="$1" '$1 == name { print $2; exit }' "$list"
}

# run OUT KIND/NAME ARGUMENT...: its exit status.
run() {
	out=$1
	capture=pcaps/$2.pcap
	more=$(flags "$2")
	shift 2
	status=0
	# shellcheck disable=SC2086 # a list of words
	"$program" diagnose $more "$@" "$capture" > "$out" 2>&1 || status=$?
	return "$status"
}

if [ "${1:-}" = --update ]; then
	shift
	for name; do
		run "pcaps/$name.diagnosis" "$name" || true
	done
	exit 0
fi

# agree JSON QUIET: there is a line for each machine, which boots if it has no
# finding, and a note is none.
agree() {
	python3 - "$1" "$2" <<-'EOF'
	import json, sys
	read = json.load(open(sys.argv[1]))
	lines = open(sys.argv[2]).read().splitlines()
	assert len(lines) == len(read["machines"]), lines
	for machine in read["machines"]:
	    line = next(x for x in lines if x.startswith(machine["mac"] + " "))
	    names = [x["finding"] for x in machine["findings"]]
	    assert machine["boots"] == (not names), machine
	    assert line.split()[1].rstrip(":") == (names + ["boots"])[0], line
	    assert all(x["sureness"] != "note" for x in machine["findings"])
	    assert all(x["sureness"] == "note" for x in machine["notes"])
	    assert machine["ladder"], machine
	EOF
}

captures=0
for capture in pcaps/*/*.pcap; do
	name=${capture#pcaps/}
	name=${name%.pcap}
	captures=$((captures + 1))
	wanted=$(found "$name")
	[ "$wanted" != - ] || wanted=
	status=0
	run "$dir/quiet" "$name" -q || status=$?
	if [ -z "$wanted" ] && [ "$status" -ne 0 ]; then
		fail "$name: a finding, or an error:"
		cat "$dir/quiet" >&2
	elif [ -n "$wanted" ] && { [ "$status" -ne 1 ] ||
	    ! grep -q "^[0-9a-f:]* $wanted " "$dir/quiet"; }; then
		fail "$name: not $wanted, status $status:"
		cat "$dir/quiet" >&2
	fi
	golden=pcaps/$name.diagnosis
	if [ -f "$golden" ]; then
		run "$dir/full" "$name" || true
		diff -u "$golden" "$dir/full" >&2 ||
		    fail "$name: other words than in $golden"
		run "$dir/json" "$name" --json || true
		agree "$dir/json" "$dir/quiet" ||
		    fail "$name: what --json prints is no JSON, or not so"
	elif [ -n "$wanted" ]; then
		fail "$name: no $golden"
	fi
done

# Every capture of the list is there.
while read -r name wanted rest; do
	case $name in
	'' | '#'*) continue ;;
	esac
	[ -f "pcaps/$name.pcap" ] || fail "$name is in $list, but not in pcaps"
done < "$list"

# A capture that is cut: what is there is judged, and the rest is an error.
cut() {
	head -c "$2" pcaps/networks/ipxe-pool-pxeclient.pcap > "$dir/cut.pcap"
	status=0
	"$program" diagnose -q "$dir/cut.pcap" > "$dir/out" 2> "$dir/err" ||
	    status=$?
	[ "$status" -eq "$3" ] ||
	    fail "$1: status $status, not $3: $(cat "$dir/out" "$dir/err")"
	[ "$3" -eq 0 ] || [ -s "$dir/err" ] || fail "$1: no word on it"
}
size=$(wc -c < pcaps/networks/ipxe-pool-pxeclient.pcap)
cut 'nothing' 0 2
cut 'half a header' 12 2
cut 'one frame and a half' 600 2
cut 'all but its last octet' $((size - 1)) 1

# What is no capture, and what is not there.
for bad in /dev/null tests/replay/diagnose.list "$dir/absent.pcap"; do
	status=0
	"$program" diagnose "$bad" > "$dir/out" 2> "$dir/err" || status=$?
	[ "$status" -eq 2 ] && [ -s "$dir/err" ] ||
	    fail "$bad: status $status: $(cat "$dir/err")"
done

# Bad usage.
for words in '' 'a b' '--nonsense a'; do
	status=0
	# shellcheck disable=SC2086
	"$program" diagnose $words > "$dir/out" 2>&1 || status=$?
	[ "$status" -eq 2 ] || fail "diagnose $words: status $status"
done

[ "$failed" -eq 0 ] && echo "diagnose: $captures captures as expected"
exit "$failed"
