#!/bin/sh
# samples.sh - the sample configurations do what they say.
#
# Each file in samples/ is read without a warning, begins with a comment on
# what it is for, and has a capture in pcaps/ that is replayed with it: the
# line of replay.list that has "-c tests/replay/samples/NAME.conf".
# $PXEPROXYD is the program.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
program=${PXEPROXYD:-../src/pxeproxyd}
failed=0
samples=0
names=

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

case $program in
/*) ;;
*) program=$(pwd)/$program ;;
esac

for path in "$srcdir"/replay/samples/*.conf; do
	name=${path##*/}
	samples=$((samples + 1))
	(cd "$srcdir/replay/samples" && "$program" -t -c "$name") \
	    > "$dir/out" 2> "$dir/err" || {
		echo "samples: $name is refused" >&2
		failed=$((failed + 1))
	}
	if [ -s "$dir/err" ] || [ ! -s "$dir/out" ]; then
		echo "samples: $name: $(cat "$dir/err")" >&2
		failed=$((failed + 1))
	fi
	if ! head -n 1 "$path" | grep -q '^# [A-Z]'; then
		echo "samples: $name does not say what it is for" >&2
		failed=$((failed + 1))
	fi
	capture=$(sed -n "s|^\([a-z0-9/-]*\) .*tests/replay/samples/$name.*|\1|p" \
	    "$srcdir/replay/replay.list")
	if [ -z "$capture" ]; then
		echo "samples: $name has no capture in replay.list" >&2
		failed=$((failed + 1))
	fi
	names="$names $capture"
done

# shellcheck disable=SC2086 # a list of names
PXEPROXYD=$program "$srcdir/replay/replay.sh" $names || failed=$((failed + 1))

echo "samples: $samples configurations, $failed complaints"
[ "$failed" -eq 0 ] && [ "$samples" -gt 0 ]
