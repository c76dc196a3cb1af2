#!/bin/bash
# completion.sh - bash completes what --help names, and nothing else.

set -eu -o pipefail

srcdir=${srcdir:-$(dirname "$0")/..}
program=${PXEPROXYD:-../src/pxeproxyd}
failed=0
COMP_WORDS=() COMPREPLY=() COMP_CWORD=0

# shellcheck source=/dev/null
. "$srcdir/../src/dist/pxeproxyd.bash-completion"

# complete_line WORD...: what there is for the last of them, one a line.
complete_line() {
	COMP_WORDS=(pxeproxyd "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_pxeproxyd || true
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

# same WHAT WANTED GOT
same() {
	[ -n "$2" ] && [ "$2" = "$3" ] && return
	echo "completion: $1: wanted:" >&2
	printf '%s\n' "$2" "but there is:" "$3" >&2
	failed=1
}

help=$("$program" --help)
options=$(sed -n 's/^  \(-.\), \(--[a-z0-9-]*\).*/\1\n\2/p
    s/^      \(--[a-z0-9-]*\).*/\1/p' <<<"$help" | sort)
same 'the options of --help' "$options" "$(complete_line -)"

# After an option that takes an argument there are no options and interfaces
# only where they are what it takes.
while read -r name argument; do
	got=$(complete_line "$name" -)
	case $argument in
	'') wanted=$options ;;
	*) wanted= ;;
	esac
	[ "$got" = "$wanted" ] || same "after $name $argument" "$wanted" "$got"
done < <(sed -nE 's/^  (-.), --[a-z0-9-]*( ([A-Z]+))? .*/\1 \3/p
    s/^ {6}(--[a-z0-9-]*)( ([A-Z]+))? .*/\1 \3/p' <<<"$help")

links=$(cd /sys/class/net && printf '%s\n' * | sort)
same 'the first word' "$(printf '%s\ncheck\ndiagnose\nprobe\nreload\nstatus\n' "$links" |
    sort)" \
    "$(complete_line '')"
same 'the word status' status "$(complete_line stat)"
same 'options of check' "$(printf '%s\n' --address -c)" \
    "$(complete_line check -)"
same 'the word diagnose' diagnose "$(complete_line diag)"
same 'options of diagnose' "$(printf '%s\n' --address --json --mac -c -q)" \
    "$(complete_line diagnose -)"
same 'options of probe' "$(printf '%s\n' --all --client \
    --control-socket --json --lease --mac --relay --server --user --wait -w)" "$(complete_line probe -)"
same 'interfaces of probe' "$links" "$(complete_line probe '')"
same 'names of clients' "$(printf '%s\n' ipxe ipxe-uefi)" \
    "$(complete_line probe --client ip)"
same 'after status' "$(printf '%s\n' --control-socket --help --json --watch \
    counters interfaces machines rules)" \
    "$(complete_line status '')"
same 'after reload' "$(printf '%s\n' --control-socket --help)" \
    "$(complete_line reload -)"
same 'interfaces' "$links" "$(complete_line -d '')"
same 'the argument of --interface' "$links" "$(complete_line --interface '')"
same 'users' root "$(complete_line --user roo)"
same 'files' "$srcdir/style/completion.sh" \
    "$(complete_line -c "$srcdir/style/completion.s")"
same 'files after =' "$srcdir/style/completion.sh" \
    "$(complete_line --config = "$srcdir/style/completion.s")"

[ $failed -eq 0 ] && echo "completion: $(wc -l <<<"$options") options," \
    "their arguments, and interfaces"
exit $failed
