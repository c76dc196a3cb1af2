#!/bin/sh
# fuzz_long.sh - fuzz frames for hours, from where it was left the last time.
#
#   fuzz_long.sh HOURS [DIRECTORY]
#
# In the build directory.  What is made of the seeds, and what breaks the
# program, is in DIRECTORY: else in pxeproxyd-fuzz of XDG_CACHE_HOME, or of
# ~/.cache.  A line is added to its file executions each time, and the last
# line printed is their sum.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
hours=$1
directory=${2:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/pxeproxyd-fuzz}
mkdir -p "$directory/corpus"
status=0
# Parts of an hour are possible: HOURS=0.1
seconds=$(awk -v hours="$hours" 'BEGIN { printf "%d", hours * 3600 }')
LLVM_PROFILE_FILE=/dev/null ./fuzz_lean -max_len=2048 -timeout=10 \
    -print_final_stats=1 -verbosity=1 -max_total_time="$seconds" \
    -dict="$srcdir/fuzz/fuzz.dict" -artifact_prefix="$directory/found-" \
    "$directory/corpus" "$srcdir/fuzz/corpus" \
    </dev/null 2>"$directory/log" || status=$?
executions=$(sed -n 's/^stat::number_of_executed_units: *//p' \
    "$directory/log")
printf '%s executions=%s seconds=%s status=%s\n' "$(date -u +%FT%TZ)" \
    "${executions:-0}" "$seconds" "$status" >>"$directory/executions"
[ $status -eq 0 ] || tail -n 40 "$directory/log" >&2
awk -F 'executions=' '{ sum += $2 }
    END { printf "%.0f executions in all, see %s\n", sum, FILENAME }' \
    "$directory/executions"
exit $status
