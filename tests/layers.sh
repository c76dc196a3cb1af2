#!/bin/sh
# layers.sh - which module may include which, and who may touch a span's
# pointer.
#
#   layers.sh [DIRECTORY]    where the sources are (default: ../src)
#
# The core is a stack: a module includes those below it.  The shell around it
# may use the core, each library has one or two modules that know it, and
# nothing of the core knows the shell.

set -eu

srcdir=${srcdir:-$(dirname "$0")}
src=${1:-$srcdir/../src}
failed=0

fail() {
	echo "layers: $*" >&2
	failed=1
}

# The core: module, then what it may include of the project's.
core='
span
verdict
frame span verdict
option span
dhcp span verdict option
arch
pxe span verdict frame option dhcp arch
hosts pxe
match span arch pxe hosts
template span pxe
policy verdict arch pxe hosts match template
vendor span policy
reply span verdict frame option dhcp pxe policy template vendor
responder span verdict frame option dhcp arch pxe policy reply
'

# What the core may include of the system's: types and octets, no I/O.
core_system='netinet/in.h stdbool.h stddef.h stdint.h string.h'

# The shell: module, then what it may include of the project's.
shell='
json
devlog
log devlog json
options frame log
value match policy template
hosts_file hosts log value
config arch hosts_file limiter log options policy template value vendor
report arch json log match policy responder template
cooked frame span
capture cooked frame span
envelope reply span
guard
inject guard span
delay inject span
next_files responder template
explain log next_files options policy report responder value
link reply
loglimit frame verdict
limiter frame verdict
counters policy responder
clients responder
status clients counters json log policy report template
control log
metrics status
workers log
tally status workers
watch
notify
confine
privs confine log options
resident
replay capture envelope explain inject log options policy privs report responder
fanout
station capture fanout inject link log options reply
answering clients config counters delay envelope limiter log loglimit options report responder station
server answering config control options station status tally workers
stations log server
account log metrics notify report server
serve account guard log privs resident server stations watch config options
main config control explain log options replay report serve
'

# Which module may use which library.
libraries='
pcap capture inject
libnet envelope inject
confuse config
cap-ng privs
seccomp confine
'

is_in() {
	word=$1
	shift
	for other; do
		[ "$word" = "$other" ] && return 0
	done
	return 1
}

# included MODULE PATTERN: the names between the delimiters, one a line.
included() {
	for file in "$src/$1.h" "$src/$1.c"; do
		[ -f "$file" ] || continue
		sed -n "s/^[[:space:]]*#[[:space:]]*include[[:space:]]*$2.*/\1/p" \
		    "$file"
	done
}

# check MODULE ALLOWED...
check() {
	module=$1
	shift
	if [ ! -f "$src/$module.h" ] && [ ! -f "$src/$module.c" ]; then
		fail "$module: there is no such module in $src"
		return
	fi
	for header in $(included "$module" '"\([^"]*\)"'); do
		is_in "${header%.h}" "$module" "$@" ||
		    fail "$module includes \"$header\", which is not below it"
	done
}

known=
while read -r module allowed; do
	[ -n "$module" ] || continue
	known="$known $module"
	# shellcheck disable=SC2086 # a list of words
	check "$module" $allowed
	# shellcheck disable=SC2086
	for header in $(included "$module" '<\([^>]*\)>'); do
		is_in "$header" $core_system ||
		    fail "$module includes <$header>, which the core may not"
	done
	# A span's pointer is stepped through in span.h alone.
	[ "$module" = span ] && continue
	for file in "$src/$module.h" "$src/$module.c"; do
		[ -f "$file" ] || continue
		if grep -nE '(\.|->)p( *(\+|-[^>]|\+=|-=|\[))|(\+\+|--)[a-z_]+(\.|->)p\b' \
		    "$file"; then
			fail "${file##*/} does arithmetic on a span's pointer"
		fi
	done
done <<EOT
$core
EOT

while read -r module allowed; do
	[ -n "$module" ] || continue
	known="$known $module"
	# shellcheck disable=SC2086
	check "$module" $allowed
done <<EOT
$shell
EOT

while read -r library users; do
	[ -n "$library" ] || continue
	for file in "$src"/*.[ch]; do
		module=${file##*/}
		module=${module%.[ch]}
		# shellcheck disable=SC2086
		if grep -qE "#[[:space:]]*include[[:space:]]*<($library|[a-z]*/$library)\.h>" \
		    "$file" && ! is_in "$module" $users; then
			fail "$module uses the library $library"
		fi
	done
done <<EOT
$libraries
EOT

# A module that is in neither list is one whose place nobody has settled.
for file in "$src"/*.[ch]; do
	module=${file##*/}
	# shellcheck disable=SC2086
	is_in "${module%.[ch]}" $known || fail "$module is in no layer"
done

[ "$failed" -eq 0 ] && echo "layers: each module includes only what it may"
exit "$failed"
