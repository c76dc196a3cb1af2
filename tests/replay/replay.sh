#!/bin/sh
# replay.sh - replay each capture of replay.list, and compare.
#
#   replay.sh [KIND/NAME]...            compare (all of them)
#   replay.sh --update KIND/NAME...     make the expectation anew
#
# pcaps/KIND/NAME.want is what pxeproxyd prints (text, messages, exit status), and
# pcaps/KIND/NAME.answers the frames that it writes, in hexadecimal, with their
# time.  $PXEPROXYD is the program.  Names of files among the flags start from
# the top of the tree: "-c pcaps/KIND/NAME.conf".

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
program=${PXEPROXYD:-../src/pxeproxyd}
pcaps=pcaps
list=tests/replay/replay.list

if [ ! -x "$program" ]; then
	echo "replay: $program is no program: set PXEPROXYD" >&2
	exit 1
fi
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
cd "$srcdir/.."

update=no
if [ "${1:-}" = --update ]; then
	update=yes
	shift
	if [ $# -eq 0 ]; then
		echo "replay: --update what?" >&2
		exit 2
	fi
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# dump FILE: the frames of a pcap savefile as text.
dump() {
	od -An -v -t u1 "$1" | awk '
	function u32(at) {
		if (little)
			return b[at] + 256 * (b[at + 1] + 256 * \
			    (b[at + 2] + 256 * b[at + 3]))
		return b[at + 3] + 256 * (b[at + 2] + 256 * \
		    (b[at + 1] + 256 * b[at]))
	}
	{ for (i = 1; i <= NF; i++) b[total++] = $i }
	END {
		little = b[0] == 77 || b[0] == 212	# 4d..., d4...
		nano = b[little ? 0 : 3] == 77		# ...4d, not ...d4
		if (total < 24 || u32(20) != 1) {
			print "not a pcap savefile of Ethernet frames"
			exit 1
		}
		for (at = 24; at + 16 <= total; at += n) {
			n = u32(at + 8)
			printf("answer %d, at %.0f.%09d, %d octets\n",
			    ++count, u32(at), u32(at + 4) * (nano ? 1 : 1000),
			    n)
			if (u32(at + 12) != n)
				print "the frame is not whole"
			at += 16
			for (i = 0; i < n; i += 16) {
				line = ""
				for (j = i; j < i + 16 && j < n; j++)
					line = line sprintf(" %02x", b[at + j])
				# Like hexdump: a "*" for lines that repeat.
				if (line != last || i + 16 >= n) {
					printf("%04x %s\n", i, line)
					starred = 0
				} else if (!starred++) {
					print "*"
				}
				last = line
			}
		}
		if (at != total)
			print "octets behind the last frame"
	}'
}

# witness FILE: what tcpdump has to complain about.
witness() {
	command -v tcpdump > /dev/null 2>&1 || return 0
	tcpdump -vvnr "$1" > "$dir/witness" 2>&1 || {
		cat "$dir/witness"
		return 0
	}
	grep -iE 'bad |wrong|incorrect|truncated|invalid|malformed|\[\|' \
	    "$dir/witness" || true
}

# replay NAME FLAGS...: into $dir/want and $dir/answers.
replay() {
	name=$1
	shift
	rm -f "$dir/out.pcap"
	status=0
	"$program" -r "$pcaps/$name.pcap" "$@" -w "$dir/out.pcap" \
	    > "$dir/want" 2> "$dir/messages" || status=$?
	cat "$dir/messages" >> "$dir/want"
	echo "exit status $status" >> "$dir/want"
	dump "$dir/out.pcap" > "$dir/answers"
	witness "$dir/out.pcap" > "$dir/complaints"
}

# compare NAME KIND
compare() {
	if [ ! -f "$pcaps/$1.$2" ]; then
		echo "replay: pcaps/$1.$2 is not there" >&2
		return 1
	fi
	diff -u "$pcaps/$1.$2" "$dir/$2" >&2
}

# is_elf32 FILE
is_elf32() {
	[ "$(od -An -t x1 -N 5 "$1" | tr -d ' ')" = 7f454c4601 ]
}

# count_frames: are a million and more of them numbered one by one?
count_frames() {
	file=$pcaps/hostile/hostile-frame-cut.pcap
	head -c 24 "$file" > "$dir/many"
	tail -c +25 "$file" > "$dir/once"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		cat "$dir/once" "$dir/once" > "$dir/twice"
		mv "$dir/twice" "$dir/once"
	done
	i=0
	while [ "$i" -lt 1024 ]; do
		cat "$dir/once"
		i=$((i + 1))
	done | cat "$dir/many" - | "$program" -r - 2> /dev/null | awk '
	/ frames, / { frames = $1; exit }
	index($0, sprintf("%6d 2", NR)) != 1 || length($0) < 40 {
		print "replay: line " NR " of many frames: " $0
		wrong = 1
		exit 1
	}
	END { exit wrong || frames < 1024 * 1024 || frames != NR - 1 }' >&2
}

failed=0
done=0
wanted=" $* "
while read -r name flags; do
	case $name in
	'' | '#'*) continue ;;
	esac
	case $wanted in
	'  ' | *" $name "*) ;;
	*) continue ;;
	esac
	# libpcap itself makes nanoseconds of them, in a long.
	if [ "$name" = format-wide-times ] && is_elf32 "$program"; then
		echo "replay: SKIP: $name, for a program of 32 bits"
		continue
	fi
	done=$((done + 1))
	# shellcheck disable=SC2086 # flags are words
	replay "$name" $flags
	if [ -s "$dir/complaints" ]; then
		echo "replay: $name: tcpdump says of the answers:" >&2
		cat "$dir/complaints" >&2
		failed=$((failed + 1))
	fi
	if [ "$update" = yes ]; then
		cp "$dir/want" "$pcaps/$name.want"
		cp "$dir/answers" "$pcaps/$name.answers"
		continue
	fi
	ok=yes
	compare "$name" want || ok=no
	compare "$name" answers || ok=no
	if [ "$ok" = no ]; then
		echo "replay: $name differs" >&2
		failed=$((failed + 1))
	fi
done < "$list"

if [ "$done" -eq 0 ]; then
	echo "replay: nothing of the list was replayed" >&2
	exit 1
fi

# A capture that nobody replays is not a test.
if [ "$wanted" = '  ' ]; then
	for file in "$pcaps"/*/*.pcap; do
		name=${file#"$pcaps"/}
		name=${name%.pcap}
		if ! grep -qE "^$name( |\$)" "$list"; then
			echo "replay: pcaps/$name.pcap is not in replay.list" >&2
			failed=$((failed + 1))
		fi
	done
	count_frames || {
		echo "replay: the numbers of many frames" >&2
		failed=$((failed + 1))
	}
fi

command -v tcpdump > /dev/null 2>&1 ||
    echo "replay: SKIP: no tcpdump here to read the answers as a witness"
echo "replay: $done captures, $failed complaints"
[ "$failed" -eq 0 ]
