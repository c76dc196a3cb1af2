#!/bin/bash
# analyse.sh - what clang-tidy, cppcheck and gcc's analyzer say of the sources.
#
#   analyse.sh [FILE...]     default: all of src/
#
# Nothing, it is hoped.  The checks and the exceptions with their reasons are
# in .clang-tidy; those of cppcheck are below.  Exit status: 0 nothing said,
# 1 something, 77 a tool is not here.

set -eu -o pipefail

cd "$(dirname "$0")/../.."
jobs=$(nproc 2>/dev/null || echo 2)
for tool in clang-tidy cppcheck "${CC:=gcc}" libnet-config pkg-config; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP: $tool is not installed"
		exit 77
	fi
done
files=("$@")
[ $# -gt 0 ] || files=(src/*.c src/*/*.c)
read -ra flags <<<"$({ libnet-config --cflags --defines
	pkg-config --cflags libpcap libcap-ng libseccomp; } |
    tr '\n' ' ' | sed 's/-D_\{1,2\}BSD_SOURCE//g; s/-D__FAVOR_BSD//')"
# The flags that hold for every build, in the compiler's words.
flags+=(-Isrc -std=c11 -D_GNU_SOURCE=1 '-DPACKAGE_NAME="pxeproxyd"'
    '-DPACKAGE_VERSION="0"')
failed=0

said=$(mktemp)
trap 'rm -f "$said"' EXIT

# heard NAME STATUS: what the tool has said is a failure.
heard() {
	if [ "$2" -ne 0 ] || [ -s "$said" ]; then
		cat "$said"
		echo "$1: complains"
		failed=1
	else
		echo "$1: ${#files[@]} files, nothing to say"
	fi
}

status=0
printf '%s\0' "${files[@]}" |
    xargs -0 -P "$jobs" -I '{}' clang-tidy --quiet '{}' -- "${flags[@]}" \
    2>/dev/null >"$said" || status=$?
heard clang-tidy $status

# missingIncludeSystem: it is not given the system's headers.
# normalCheckLevelMaxBranches: tells of its own limits.
status=0
cppcheck --quiet -I src --std=c11 --language=c -j "$jobs" --inline-suppr \
    --enable=warning,performance,portability --error-exitcode=1 \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    -D_GNU_SOURCE=1 '-DPACKAGE_NAME="pxeproxyd"' '-DPACKAGE_VERSION="0"' \
    "${files[@]}" 2>"$said" || status=$?
heard cppcheck $status

status=0
printf '%s\0' "${files[@]}" |
    xargs -0 -P "$jobs" -I '{}' "$CC" "${flags[@]}" -O2 -fanalyzer -Wall \
    -Wextra -c '{}' -o /dev/null 2>"$said" || status=$?
heard "$CC -fanalyzer" $status

exit $failed
