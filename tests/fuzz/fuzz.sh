#!/bin/sh
# fuzz.sh - run a fuzzer in the build directory, from the seeds of the tree.
#
#   fuzz.sh PROGRAM CORPUS DICTIONARY [libFuzzer's FLAGS...]
#
# What it makes of the seeds is left in fuzz-CORPUS, what breaks the program
# in fuzz-PROGRAM-*, and which code was run in fuzz-PROGRAM.profraw.

set -eu

srcdir=${srcdir:-$(dirname "$0")/..}
program=$1
corpus=$2
dictionary=$3
shift 3

rm -rf "fuzz-$corpus"
mkdir "fuzz-$corpus"
cp "$srcdir/fuzz/$corpus"/* "fuzz-$corpus"
chmod -R u+w "fuzz-$corpus"
LLVM_PROFILE_FILE=fuzz-$program.profraw
export LLVM_PROFILE_FILE
exec "./$program" -max_len=2048 -timeout=10 -print_final_stats=1 \
    -dict="$srcdir/fuzz/$dictionary" -artifact_prefix="fuzz-$program-" "$@" \
    "fuzz-$corpus" < /dev/null
