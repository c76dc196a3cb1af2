#!/bin/sh
# config.sh - every mistake in a configuration is refused, with file and line.
#
# Each case is a file and the line that pxeproxyd says of it; the exit status
# is 2, and nothing else is printed.  Then what is taken: warnings, includes,
# tables of hosts, and what --explain says.  $PXEPROXYD is the program.

# shellcheck disable=SC2016 # ${vlan} and the like are pxeproxyd's
# shellcheck disable=SC2015 # fail is meant for either

set -eu

program=${PXEPROXYD:-../src/pxeproxyd}
case $program in
/*) ;;
*) program=$(pwd)/$program ;;
esac
if [ ! -x "$program" ]; then
	echo "config: $program is no program: set PXEPROXYD" >&2
	exit 1
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"

failed=0
cases=0

fail() {
	echo "config: $*" >&2
	failed=$((failed + 1))
}

# run ARGUMENTS...: into out, err and $status.
run() {
	status=0
	"$program" "$@" > out 2> err < /dev/null || status=$?
}

# is_one_problem WANTED: err is this message alone; where it has a place, the
# line of the file and a caret under the column stand below.
is_one_problem() {
	head -n 1 err > first
	printf 'pxeproxyd: %s\n' "$1" > wanted
	cmp -s wanted first || return 1
	place=$(printf '%s\n' "$1" |
	    sed -n 's/^[^ ]*:[0-9][0-9]*:\([0-9][0-9]*\): .*/\1/p')
	if [ -z "$place" ]; then
		[ "$(wc -l < err)" -eq 1 ]
	elif [ "$place" -le 80 ]; then
		[ "$(wc -l < err)" -eq 3 ] &&
		    [ "$(sed -n 3p err)" = "$(printf 'pxeproxyd:     %*s' \
		    "$place" '^')" ]
	else
		[ "$(wc -l < err)" -eq 3 ]
	fi
}

# refused WANTED: the file "c" is refused, with this message alone.
refused() {
	cases=$((cases + 1))
	run -t -c c
	if [ "$status" -ne 2 ] || [ -s out ] || ! is_one_problem "$1"; then
		fail "exit status $status of: $(cat c)"
		printf '%s\n' "wanted: $1" >&2
		cat err >&2
	fi
}

# bad WANTED TEXT: the text, as printf(1) writes it, is refused.
bad() {
	# shellcheck disable=SC2059 # the text is meant to have escapes
	printf "$2" > c
	refused "$1"
}

# taken TEXT: it is accepted, and nothing is said.
taken() {
	cases=$((cases + 1))
	# shellcheck disable=SC2059
	printf "$1" > c
	run -t -c c
	if [ "$status" -ne 0 ] || [ -s err ] || [ ! -s out ]; then
		fail "exit status $status of: $1: $(cat err)"
	fi
}

# shows WANTED: a line of the last output has this text.
shows() {
	cases=$((cases + 1))
	grep -qF -- "$1" out || fail "the output has no \"$1\": $(cat out)"
}

# warned WANTED TEXT: taken, but with this one warning.
warned() {
	cases=$((cases + 1))
	# shellcheck disable=SC2059
	printf "$2" > c
	run -t -c c
	if [ "$status" -ne 0 ] || [ ! -s out ] || ! is_one_problem "$1"; then
		fail "exit status $status of: $2"
		printf '%s\n' "wanted: $1" >&2
		cat err >&2
	fi
}

# ---------------------------------------------------------------------------
# The grammar

bad 'c:1:1: between "nonsense" and its value stands =, and behind a section'"'"'s title {' 'nonsense\n'
bad 'c:3:2: there is no key arhc: did you mean arch?' '\nrule "a" {\n\tarhc = 7\n}\n'
bad 'c:1:1: there is no key Next-Server: did you mean next-server?' 'Next-Server = 10.0.0.1\n'
bad 'c:1:1: the key not-client stands in a rule, not outside of all sections' 'not-client = "pxe"\n'
bad 'c:1:1: the key arch stands in a rule, not outside of all sections' 'arch = 7\n'
bad 'c:1:12: there is no key "not-form"; pxeproxyd.conf(5) lists them' 'rule "a" { not-form = "binl" }\n'
bad 'c:1:13: between "next-server" and its value stands =, and behind a section'"'"'s title {' \
    'next-server "10.0.0.1"\n'
bad 'c:2:6: there is a rule "a" already, in c:1' 'rule "a" { }\nrule "a" { }\n'
bad 'c:1:1: between rule and { stands a title, in quotes' 'rule { }\n'


# Octets that are no text, and what is left of a key word without its letters.
bad 'c:1:1: a NUL octet, which no text has' '\000'
bad 'c:2:3: a NUL octet, which no text has' 'next-server = 10.0.0.1\nar\000ch\n'
bad 'c:2:4: a NUL octet, which no text has' '# only a comment\n# a\000b\n'
bad 'c:2:1: here stands the name of a key or of a section' '\n= 10.0.0.1\n'
bad 'c:1:1: there is no key ""; pxeproxyd.conf(5) lists them' '"" = 10.0.0.1\n'
bad 'c:1:1: there is no key ""; pxeproxyd.conf(5) lists them' "'' = 10.0.0.1\n"
bad 'c:1:12: there is no key ""; pxeproxyd.conf(5) lists them' 'rule "a" { "" = 7 }\n'
bad 'c:1:12: here stands the name of a key or of a section' 'rule "a" { = 7 }\n'

no_host='there is no variable ${host}: there are ${mac}, ${mac-hyphen}, ${mac-plain}, ${uuid}, ${arch}, ${ip}, ${ip-hex}, ${vlan}, ${server}, ${next-server}, ${relay}, ${interface}, ${hostname}, and ${env:NAME} for one of the environment'

# A text that ends too early is an error where it begins.
between="stands =, and behind a section's title {"
bad "c:1:1: between \"rule\" and its value $between" 'rule\n'
bad "c:1:6: between \"rule\" and its value $between" 'rule "a"\n'
bad 'c:1:10: this section does not end: } is missing' 'rule "a" {\n'
bad 'c:1:10: this section does not end: } is missing' \
    'rule "a" { arch = 7\n'
bad 'c:1:10: this section does not end: } is missing' \
    'rule "a" { form = "menu" item "x" { }\n'
bad 'c:2:1: this comment does not end: */ is missing' '\n/* a comment\n'
bad 'c:1:17: this text has no closing " on its line' \
    'bootfile-name = "x.efi\n'
bad "c:1:17: this text has no closing ' on its line" \
    "bootfile-name = 'x.efi\nnext-server = 10.0.0.1\n"
bad "c:1:25: between \"x\" and its value $between" \
    "bootfile-name = 'x.efi\\\\'x\nnext-server = 10.0.0.1\n"
bad 'c:1:19: this list does not end: } is missing' \
    'rule "a" { arch = { 7, 9\n'
bad 'c:1:23: here the list goes on with a comma and a value, or ends with }' \
    'rule "a" { arch = { 7 9 } }\n'
bad 'c:2:1: the value is missing: a word, a text in quotes, or a list in { }' \
    'next-server = \n,\n'
bad 'c:1:14: this } ends nothing' 'rule "a" { } }\n'
bad 'c:1:28: a line does not end with a semicolon: leave it out' \
    'rule "a" { bootfile-name = a.efi; }\n'
bad 'c:1:12: arch has an empty list: give it a value, or leave it out' \
    'rule "a" { arch = { } }\n'
bad 'c:1:1: next-server has one value, not a list' \
    'next-server = { 10.0.0.1 }\n'
bad 'c:2:1: next-server has one value: there is nothing to append to' \
    '\nnext-server += 10.0.0.1\n'
bad 'c:1:1: interface is a section: a title and { } follow it' \
    'interface = "eth0"\n'
bad 'c:1:1: next-server is a key: a value follows it, with =' \
    'next-server "a" { }\n'

# Given twice; += goes on.
twice='is given twice, first in line 2: write both values into one list, or += here'
bad "c:3:1: arch $twice" 'rule "a" {\narch = "x64-uefi"\narch = "ebc"\n}\n'
bad "c:3:1: not-mac $twice" \
    'rule "a" {\nnot-mac = "52:54:00"\nnot-mac = "52:54:01"\n}\n'
bad 'c:2:1: next-server is given twice, first in line 1' \
    'next-server = 10.0.0.1\nnext-server = 10.0.0.1\n'

# In double quotes \\ and \" are escapes; any other is an error.
remedy='write \\ for a backslash, or put the text into single quotes, in which a backslash is one'
for letter in x N n t 0 e; do
	bad "c:1:24: \\$letter is no escape: $remedy" \
	    "bootfile-name = \"SMSBoo\\\\$letter\" # \\\\x\n"
done
bad "c:1:27: \\8 is no escape: $remedy" \
    'bootfile-name = "SMSBoot\\\\\8"\n'

# A variable is one of ours, or of the environment by its name, or an error.
for quote in '"' "'"; do
	bad "c:1:25: $no_host" "bootfile-name = ${quote}http://\${host}/${quote}\n"
	bad 'c:1:18: there is no variable ${mac_hyphen}: did you mean ${mac-hyphen}?' \
	    "bootfile-name = ${quote}\${mac_hyphen}.ipxe${quote}\n"
	bad 'c:1:28: there is no variable ${vlam}: did you mean ${vlan}?' \
	    "rule a { next-server = ${quote}10.\${vlam}7.0.2${quote} }\n"
	bad 'c:1:18: this variable does not end: } is missing' \
	    "bootfile-name = ${quote}\${mac${quote}\n"
	bad 'c:1:18: the environment has no variable NOBODY_HAS_THIS' \
	    "bootfile-name = ${quote}\${env:NOBODY_HAS_THIS}${quote}\n"
done
bad 'c:1:25: user-class "${mac}" has a variable, and none is replaced there' \
    'rule "a" { user-class = "${mac}" }\n'
bad 'c:1:21: option "209 text ${mac}" has a variable, and none is replaced there' \
    'rule "a" { option = "209 text ${mac}" }\n'

# Several problems in one run, each with its line.
cases=$((cases + 1))
printf 'next-sever = 10.0.0.1\nrule "a" {\n\tarhc = 7\n\tvlan "1"\n\tform = fats\n}\n' > c
run -t -c c
{
	echo 'c:1:1:'
	echo 'c:3:2:'
	echo 'c:4:7:'
	echo 'c:5:9:'
} > wanted
sed -n 's/^pxeproxyd: \(c:[0-9]*:[0-9]*:\) .*/\1/p' err > places
[ "$status" -eq 2 ] && cmp -s wanted places ||
    fail "several problems: $status, $(cat err)"

# After twenty there is only the word that there are more.
cases=$((cases + 1))
for n in $(seq 30); do
	echo "nothing-$n = 1"
done > c
run -t -c c
[ "$status" -eq 2 ] && [ "$(grep -c '^pxeproxyd: c:' err)" -eq 20 ] &&
    [ "$(tail -n 1 err)" = 'pxeproxyd: there are more errors than these' ] ||
    fail "thirty problems: $status, $(cat err)"

# Of a long line a part is shown, and the caret is where it belongs.
cases=$((cases + 1))
printf '# %0300d\nrule "%0200d" { arhc = "\303\244" } # %0300d\n' 0 0 0 > c
run -t -c c
[ "$(sed -n 3p err)" = "$(printf 'pxeproxyd:     %84s' '^')" ] &&
    [ "$(sed -n 2p err | cut -c 99-102)" = arhc ] ||
    fail "a long line: $(cat err)"

# ---------------------------------------------------------------------------
# Values

an_address='is not an IPv4 address'
bad "c:1:15: next-server \"boot\" $an_address" 'next-server = "boot"\n'
bad "c:1:15: next-server \"0.0.0.0\" $an_address" 'next-server = "0.0.0.0"\n'
bad "c:1:15: next-server \"10.0.0.256\" $an_address" \
    'next-server = "10.0.0.256"\n'
bad "c:1:15: next-server \"10.\${vlan}.0.1\" has a variable, and none is replaced there" \
    'next-server = "10.${vlan}.0.1"\n'
bad 'c:1:26: next-server "10.${vlan}0.1" is not an IPv4 address, whatever its variables stand for' \
    'rule "a" { next-server = "10.${vlan}0.1" }\n'
bad 'c:1:26: next-server "pxe.${vlan}.example.org" is not an IPv4 address, whatever its variables stand for' \
    'rule "a" { next-server = "pxe.${vlan}.example.org" }\n'
bad 'c:1:26: next-server "${next-server}" cannot be made of ${next-server}, which it says itself' \
    'site "a" { next-server = "${next-server}" }\n'
bad "c:2:15: next-server \"::1\" $an_address" \
    'rule "a" {\nnext-server = "::1" }\n'
bad "c:1:27: $no_host" \
    "rule 'a' { next-server = '\${host}' }\n"
bad 'c:1:17: bootfile-name "" is empty' 'bootfile-name = ""\n'
bad 'c:2:17: bootfile-name "" is empty' 'rule "a" {\nbootfile-name = "" }\n'
bad 'c:1:19: \n is no escape: write \\ for a backslash, or put the text into single quotes, in which a backslash is one' \
    'bootfile-name = "a\\nb"\n'
bad "c:1:18: $no_host" \
    "bootfile-name = '\${host}'\n"
long=$(printf '%0255d' 0)
bad "c:1:17: bootfile-name \"$(printf '%0100d' 0)\" is longer than the 254 octets that option 67 holds" \
    "bootfile-name = \"$long\"\n"
an_arch='is neither an architecture nor a number below 65536 (pxeproxyd.conf(5) lists them)'
bad "c:1:16: default-arch \"toaster\" $an_arch" 'default-arch = "toaster"\n'
bad "c:1:16: default-arch \"uefi\" $an_arch" 'default-arch = "uefi"\n'
bad "c:1:24: arch \"toaster\" $an_arch" 'rule "a" { arch = { 7, "toaster" } }\n'
bad "c:1:23: not-arch \"65536\" $an_arch" 'rule "a" { not-arch = 65536 }\n'
bad "c:1:25: accept-vendor-class \"\" does not have 1 to 255 octets" \
    'accept-vendor-class = { "" }\n'
bad 'c:1:21: client "iPXE" is none of pxe, http, ipxe, other: did you mean "ipxe"?' \
    'rule "a" { client = "iPXE" }\n'
bad 'c:1:18: mac "52:54" is not a MAC address, such as 52:54:00:12:34:56 or 52:54:00:*' \
    'rule "a" { mac = "52:54" }\n'
bad 'c:2:1: not-mac "x" is not a MAC address, such as 52:54:00:12:34:56 or 52:54:00:*' \
    'rule "a" { not-mac = { "52:54:00:*",\n"x" } }\n'
bad 'c:1:19: uuid "0011" is not a UUID, such as 00112233-4455-6677-8899-aabbccddeeff' \
    'rule "a" { uuid = "0011" }\n'
bad 'c:1:27: vendor-class "" does not have 1 to 255 octets' \
    'rule "a" { vendor-class = "" }\n'
bad 'c:1:25: user-class "" does not have 1 to 255 octets' \
    'rule "a" { user-class = "" }\n'
bad 'c:1:27: ipxe-feature "HTTP" is no feature of iPXE, such as http or efi' \
    'rule "a" { ipxe-feature = "HTTP" }\n'
a_network='is not an IPv4 address or prefix, such as 10.2.0.0/16'
bad "c:1:20: relay \"10.2.0.0/33\" $a_network" 'rule "a" { relay = "10.2.0.0/33" }\n'
bad 'c:1:20: relay "10.2.0.1/16" has bits set behind its prefix' \
    'rule "a" { relay = "10.2.0.1/16" }\n'
bad "c:1:29: client-network \"\" $a_network" 'rule "a" { client-network = "" }\n'
bad 'c:1:25: circuit-id "hex:0" is not hexadecimal, such as hex:00:04:00:0a or hex:00:04:*' \
    'rule "a" { circuit-id = "hex:0" }\n'
bad 'c:1:24: remote-id "" is empty' 'rule "a" { remote-id = "" }\n'
bad 'c:1:19: vlan "4095" is not a VLAN identifier, 1 to 4094, or 0 for untagged, or a range such as 10-20' \
    'rule "a" { vlan = 4095 }\n'
for name in "$(printf '%128s' '' | tr ' ' x)" 'a b' 'a/b' ''; do
	bad "c:1:24: interface \"$(printf '%.100s' "$name")\" is no name of an interface" \
	    "rule \"a\" { interface = \"$name\" }\n"
done
taken "rule \"a\" { interface = \"$(printf '%127s' '' | tr ' ' x)\" }\n"
bad 'c:1:19: form "fast" is none of default, binl, direct, ipxe, paired, http, plain, rpi, menu, local, redirect, auto' \
    'rule "a" { form = "fast" }\n'
bad 'c:1:21: option "54 hex 0a000001" is an option that answers have by themselves, or that a boot server must not send' \
    'rule "a" { option = "54 hex 0a000001" }\n'
bad 'c:1:21: option "text" does not begin with a number or a name, and a blank, such as "209 text pxelinux.cfg/default"' \
    'rule "a" { option = "text" }\n'
bad 'c:1:32: option "43 hex 0" is not hexadecimal of at most 255 octets' \
    'rule "a" { option = { "209 a", "43 hex 0" } }\n'
bad "c:1:21: option \"66 address x\" $an_address" \
    'rule "a" { option = "66 address x" }\n'
bad 'c:1:20: delay "3001" is not a number from 0 to 3000' \
    'rule "a" { delay = 3001 }\n'
bad 'c:1:20: delay "-1" is not a number from 0 to 3000' \
    'rule "a" { delay = -1 }\n'
bad 'c:1:23: min-secs "65536" is not a number from 0 to 65535' \
    'rule "a" { min-secs = 65536 }\n'
bad 'c:1:20: delay "soon" is not a number from 0 to 3000' \
    'rule "a" { delay = "soon" }\n'
bad 'c:1:21: ignore "perhaps" is neither true nor false' \
    'rule "a" { ignore = "perhaps" }\n'

# ---------------------------------------------------------------------------
# What does not go together

yet='ignores the client and yet has an answer for it'
for answer in 'bootfile-name = "a"' 'next-server = "10.0.0.1"' \
    'form = "binl"' 'option = "209 a"' 'item "a" { }'; do
	bad "c:1:6: rule \"a\" $yet" "rule \"a\" {\nignore = true $answer }\n"
done
bad 'c:1:6: rule "a" has the form menu, but no item' \
    'rule "a" { form = "menu" }\n'
for part in 'item "a" { }' 'prompt = "F8"' 'timeout = 3'; do
	bad 'c:1:6: rule "a" has parts of a menu, but not the form menu' \
	    "rule \"a\" { $part }\n"
done
bad 'c:1:36: timeout "256" is not a number from 0 to 255' \
    'rule "a" { form = "menu" timeout = 256 item "a" { } }\n'
bad 'c:1:35: prompt "" does not have 1 to 70 octets' \
    'rule "a" { form = "menu" prompt = "" item "a" { } }\n'
bad 'c:1:31: item "" does not have 1 to 70 octets' \
    'rule "a" { form = "menu" item "" { } }\n'
bad 'c:1:44: the menu has an item "x" already' \
    'rule "a" { form = "menu" item "x" { } item "x" { } }\n'
bad 'c:1:37: the key form stands in a rule, not in an item of a menu' \
    'rule "a" { form = "menu" item "x" { form = "binl" } }\n'
bad "c:1:51: next-server \"y\" $an_address" \
    'rule "a" { form = "menu" item "x" { next-server = "y" } }\n'
{
	echo 'rule "a" { form = "menu"'
	for n in $(seq 25); do
		echo "item \"$n\" { }"
	done
	echo '}'
} > c
refused 'c:1:6: rule "a" has more than 24 items'
{
	echo 'rule "a" { form = "menu"'
	for n in $(seq 20); do
		echo "item \"the item number $n\" { bootfile-name = \"x\" }"
	done
	echo '}'
} > c
refused 'c:1:6: rule "a" has a menu longer than the 255 octets of option 43'

# ---------------------------------------------------------------------------
# Files

cases=$((cases + 1))
run -t -c nowhere.conf
[ "$status" -eq 2 ] && [ ! -s out ] &&
    [ "$(cat err)" = 'pxeproxyd: nowhere.conf: No such file or directory' ] ||
    fail "a file that is not there: $status, $(cat err)"

cases=$((cases + 1))
mkdir directory
run -t -c directory
[ "$status" -eq 2 ] && [ ! -s out ] && grep -q '^pxeproxyd: directory: ' err ||
    fail "a directory: $status, $(cat err)"

if [ "$(id -u)" -ne 0 ]; then
	cases=$((cases + 1))
	: > closed
	chmod 0 closed
	run -t -c closed
	[ "$status" -eq 2 ] && grep -q '^pxeproxyd: closed: ' err ||
	    fail "a file without permission: $status, $(cat err)"
fi

# included WANTED TEXT: a mistake in a file that is included.
included() {
	# shellcheck disable=SC2059
	printf "$2" > part
	echo 'include("part")' > c
	refused "$1"
}

included 'part:2:1: there is no key arhc: did you mean arch?' 'rule "a" {\narhc = 7 }\n'
included "part:1:19: form \"fast\" is none of default, binl, direct, ipxe, paired, http, plain, rpi, menu, local, redirect, auto" \
    'rule "a" { form = "fast" }\n'
included 'part:3:3: a NUL octet, which no text has' '\n\n# \000\n'
bad 'c:2:9: directory: Is a directory' '\ninclude("directory")\n'
bad 'c:1:9: : No such file or directory' 'include("")\n'
bad 'c:1:9: parentheses are for the name of one file: include("FILE")' 'include()\n'
bad 'c:1:9: parentheses are for the name of one file: include("FILE")' 'include("part", "part")\n'
bad 'c:1:9: c: this file includes itself' 'include("c")\n'

# Files without an end are not read for ever.
for name in zero full; do
	bad "/dev/$name:1:1: a NUL octet, which no text has" \
	    "include(\"/dev/$name\")\n"
done
cases=$((cases + 1))
yes '# this file is large' | head -c 17000000 > large
run -t -c large
[ "$status" -eq 2 ] && [ ! -s out ] &&
    [ "$(cat err)" = 'pxeproxyd: large: File too large' ] ||
    fail "a file of 17 MB: $status, $(cat err)"
bad 'c:1:9: large: File too large' 'include("large")\n'
rm large

printf 'rule "from the part" { arch = 7 bootfile-name = "p.efi" }\n' > part
taken 'include("part")\nrule "own" { arch = 9 bootfile-name = "o.efi" }\n'
shows '"from the part"'
shows '(part:1)'
shows '"o.efi"'

# With a pattern, in the order of the names, relative to the file that has it.
mkdir -p conf.d
printf 'include "more/x.conf"\n' > conf.d/20.conf
mkdir -p conf.d/more
printf 'rule "of more" { arch = 6 }\n' > conf.d/more/x.conf
printf 'rule "of ten" { arch = 7 }\n' > conf.d/10.conf
printf 'include "*.conf" }\n' > conf.d/other
taken 'include "conf.d/*.conf"\ninclude("none.d/*.conf")\nrule "own" { arch = 9 }\n'
cases=$((cases + 1))
[ "$(sed -n 's/^ *[0-9]*  "\([a-z ]*\)" .*(c.*/\1/p' out | tr '\n' ',')" = \
    'of ten,of more,own,' ] || fail "the order of includes: $(cat out)"
printf 'include "../c"\n' > conf.d/30.conf
refused 'conf.d/30.conf:1:9: conf.d/../c: this file includes itself'
rm conf.d/30.conf
printf 'rule "own" { }\n' > conf.d/40.conf
refused 'c:3:6: there is a rule "own" already, in conf.d/40.conf:1'
rm conf.d/40.conf
bad 'c:1:20: include stands outside of all sections' \
    'rule "a" { include "part" }\n'

# A nothing started or replaced: no interface is even looked at.
cases=$((cases + 1))
echo 'rule "a" { arhc = 7 }' > c
run -c c no-such-interface
[ "$status" -eq 2 ] && ! grep -q no-such-interface err ||
    fail "a bad configuration, live: $status, $(cat err)"

# ---------------------------------------------------------------------------
# Tables of hosts

# host WANTED TEXT: a table that is refused.
host() {
	# shellcheck disable=SC2059
	printf "$2" > hosts
	echo 'hosts-file = "hosts"' > c
	refused "$1"
	echo 'rule "a" { hosts-file = "hosts" }' > c
	refused "$1"
	echo 'rule "a" { arch = 7 not-hosts-file = "hosts" }' > c
	refused "$1"
}

neither='the line begins neither with a MAC address nor with a UUID'
a_file='the boot file name is too long or has a variable that does not exist'
host "hosts:1:1: $neither" 'db7 a.efi\n'
host "hosts:3:1: $neither" '# a\n\n52:54:00:* a.efi\n'
host "hosts:1:1: $neither" '52:54:00 a.efi\n'
host 'hosts:1:26: a machine that is ignored gets nothing' \
    '52:54:00:12:34:56 ignore 10.0.0.1\n'
host "hosts:1:34: the line has more than three words" \
    '52:54:00:12:34:56 a.efi 10.0.0.1 b\n'
host "hosts:1:25: the next-server $an_address" '52:54:00:12:34:56 a.efi boot\n'
host "hosts:1:25: the next-server $an_address" \
    '52:54:00:12:34:56 a.efi 0.0.0.0\n'
host "hosts:1:19: $a_file" '52:54:00:12:34:56 ${host}\n'
host "hosts:1:19: $a_file" "52:54:00:12:34:56 $long\n"
host 'hosts:2:20: a NUL octet, which no text has' \
    '52:54:00:12:34:56 a\n52:54:00:12:34:57 b\000\n52:54:00:12:34:58 c\n'
host 'hosts:1:1: a NUL octet, which no text has' '\000'
host 'hosts:2:1: the host is in the table already' \
    '52:54:00:12:34:56 a\n5254.0012.3456 b\n'
host 'hosts:2:1: the host is in the table already' \
    '00112233-4455-6677-8899-aabbccddeeff a\n00112233445566778899AABBCCDDEEFF b\n'
rm hosts
echo 'hosts-file = "hosts"' > c
refused 'c:1:14: hosts: No such file or directory'
mkdir hosts
refused 'c:1:14: hosts: Is a directory'
rmdir hosts
: > hosts
: > others
bad 'c:1:6: rule "a" has more than one hosts-file' \
    'rule "a" { hosts-file = { "hosts", "others" } }\n'
bad 'c:1:25: hosts-file "" is empty' 'rule "a" { hosts-file = "" }\n'

# 100,000 machines, and each is found.
awk 'BEGIN {
	for (i = 0; i < 100000; i++)
		printf("52:54:%02x:%02x:%02x:%02x\tfiles/%06d.efi\n",
		    i / 16777216, (i / 65536) % 256, (i / 256) % 256,
		    i % 256, i)
}' > hosts
taken 'hosts-file = "hosts"\n'
for i in 0 1 255 256 65535 65536 99999; do
	mac=$(printf '52:54:00:%02x:%02x:%02x' $((i / 65536)) \
	    $((i / 256 % 256)) $((i % 256)))
	run -c c --explain "mac=$mac arch=7"
	shows "rule=\"hosts-file\" form=binl bootfile-name=\"$(
	    printf 'files/%06d.efi' "$i")\""
done
run -c c --explain 'mac=52:54:00:01:86:a0 arch=7'	# number 100,000
shows 'rule="x64-uefi"'
echo '52:54:00:00:00:07 again.efi' >> hosts
refused 'hosts:100001:1: the host is in the table already'

# ---------------------------------------------------------------------------
# Warnings

never='can never match:'
takes='stands before it and takes all that it would'
warned "c:2:6: rule \"b\" $never \"a\" $takes" \
    'rule "a" { arch = "uefi" }\nrule "b" { arch = 7 mac = "52:54:00:*" }\n'
warned "c:2:6: rule \"b\" $never \"a\" $takes" \
    'rule "a" { ignore = true }\nrule "b" { arch = 7 }\n'
warned "c:2:6: rule \"b\" $never \"a\" $takes" \
    'rule "a" { relay = "10.0.0.0/8" }\nrule "b" { relay = "10.2.0.0/16" }\n'
warned "c:2:6: rule \"b\" $never \"a\" $takes" \
    'rule "a" { client = pxe not-arch = 7 }\nrule "b" { client = pxe not-arch = { 7, 9 } }\n'
taken 'rule "a" { client = pxe not-arch = { 7, 9 } }\nrule "b" { client = pxe not-arch = 7 }\n'
taken 'rule "a" { arch = 7 }\nrule "b" { arch = "uefi" }\n'
taken 'rule "a" { arch = { 7, 9 } }\nrule "b" { mac = "52:54:00:*" }\n'
taken 'rule "a" { arch = 0 }\nrule "b" { client = pxe not-arch = 0 }\n'
# Of the clients without PXEClient it takes what no other rule does.
taken 'rule "a" { arch = 22 }\nrule "b" { arch = 22 form = "plain" }\n'
for key in circuit-id remote-id; do
	for form in default binl paired menu redirect auto; do
		item=
		[ "$form" != menu ] || item='item "x" { bootfile-name = "x" }'
		warned 'c:1:6: rule "a" matches option 82, which requests on port 4011 do not have: it needs a form without them, such as direct, or a twin with client-network' \
		    "rule \"a\" { $key = \"x\" form = \"$form\" $item }\n"
	done
	for form in direct ipxe http plain rpi; do
		taken "rule \"a\" { $key = \"x\" form = \"$form\" }\n"
	done
	taken "rule \"a\" { arch = 7 not-$key = \"x\" }\n"
	taken "rule \"a\" { $key = \"x\" ignore = true }\n"
done

# Each check of checks.c: a rule that it is for, and one that it is not for.

# iPXE that is given iPXE
again='gives iPXE to iPXE, which starts it again and again: put a rule with client = "ipxe" and its script before it'
warned "c:1:6: rule \"a\" $again" \
    'rule "a" { arch = 0 bootfile-name = "undionly.kpxe" }\n'
warned "c:2:6: rule \"a\" $again" \
    'rule "s" { client = ipxe arch = 0 bootfile-name = "a.ipxe" }\nrule "a" { arch = { 0, 7 } bootfile-name = "x\\\\snponly.efi" }\n'
warned "c:1:1: bootfile-name $again" 'bootfile-name = "ipxe.efi"\n'
script='rule "s" { client = ipxe bootfile-name = "http://10.0.0.1/a.ipxe" }\n'
taken "${script}bootfile-name = ipxe.efi\n"
taken 'rule "s" { user-class = iPXE ignore = true }\nrule "a" { arch = 0 bootfile-name = "undionly.kpxe" }\n'
taken 'rule "s" { client = ipxe ipxe-feature = http bootfile-name = "a.ipxe" }\nrule "a" { arch = uefi bootfile-name = "${arch}/ipxe.efi" }\n'
taken 'rule "s" { client = ipxe arch = uefi bootfile-name = "a.ipxe" }\nrule "t" { client = ipxe arch = bios bootfile-name = "b.ipxe" }\nrule "a" { vlan = 7 bootfile-name = "ipxe.efi" }\n'
taken 'rule "a" { client = pxe not-client = ipxe bootfile-name = "ipxe.efi" }\n'
taken 'rule "a" { arch = 0 bootfile-name = "ipxe.efi" }\n'
taken 'rule "a" { arch = 0 bootfile-name = "boot.ipxe" }\n'

# A URL for those that fetch by TFTP alone
url='gives a URL to clients that fetch by TFTP alone: limit it to those that understand one, such as client = { "ipxe", "http" }'
warned "c:1:6: rule \"a\" $url" \
    'rule "a" { arch = 7 bootfile-name = "https://10.0.0.1/x" }\n'
warned "c:1:1: bootfile-name $url" 'bootfile-name = "http://10.0.0.1/x"\n'
for client in 'client = ipxe' 'client = { http, ipxe }' 'client = http' \
    'user-class = iPXE' 'ipxe-feature = http' 'vendor-class = HTTPClient' \
    'arch = x64-uefi-http'; do
	taken "rule \"a\" { $client bootfile-name = \"http://10.0.0.1/x\" }\n"
done
taken 'rule "b" { client = pxe arch = { bios, uefi } }\nrule "a" { bootfile-name = "http://10.0.0.1/x" }\n'

# tftp:// and blanks for HTTP Boot
warned 'c:1:6: rule "a" gives HTTP Boot clients a tftp:// URL: they take http:// and https:// alone' \
    'rule "a" { client = http bootfile-name = "tftp://10.0.0.1/x" }\n'
warned 'c:1:6: rule "a" gives HTTP Boot clients a name with a blank in it: in a URL that is %20' \
    'rule "a" { vlan = 7 bootfile-name = "a b" }\n'
taken 'rule "a" { client = ipxe bootfile-name = "tftp://10.0.0.1/a b" }\n'
taken 'rule "a" { arch = x86-bios bootfile-name = "a b" }\n'

# The form http for those that boot by PXE
warned 'c:1:6: rule "a" has the form http, but clients of arch x64-uefi boot by PXE: those of HTTP Boot have names that end in -http' \
    'rule "a" { arch = { "x64-uefi-http", "x64-uefi" } form = "http" }\n'
taken 'rule "a" { arch = { "x64-uefi-http", 19 } form = "http" }\n'

# Conditions that exclude each other
warned 'c:1:6: rule "a" can never match: arch and not-arch exclude each other' \
    'rule "a" { arch = 7 not-arch = uefi }\n'
warned 'c:1:6: rule "a" can never match: mac and not-mac exclude each other' \
    'rule "a" { mac = { "52:54:00:12:34:56", "52:54:00:13:*" } not-mac = "52:54:00" }\n'
warned 'c:1:6: rule "a" can never match: client and vendor-class exclude each other' \
    'rule "a" { client = http vendor-class = { "PXEClient", "U-Boot" } }\n'
warned 'c:1:6: rule "a" can never match: client and vendor-class exclude each other' \
    'rule "a" { client = pxe vendor-class = "HTTP" }\n'
taken 'accept-vendor-class = "HW-Client"\nrule "a" { client = pxe vendor-class = "HW" }\n'
taken 'rule "a" { client = http vendor-class = "HTTPClient:Arch:00016" }\n'
taken 'rule "a" { arch = uefi not-arch = 7 }\n'
taken 'rule "a" { mac = { "52:54:00:*", "00:11:22:*" } not-mac = "52:54:00:*" }\n'

# The form plain wants to know who it is for.
plain='has the form plain and no condition that says who it is for: every machine that asks for an address would get an OFFER; give it one, such as vendor-class = "U-Boot"'
for condition in 'not-vlan = "5"' 'client = other' \
    'client = other not-mac = 52:54:00' ''; do
	bad "c:1:6: rule \"a\" $plain" "rule \"a\" { $condition form = \"plain\" }\n"
done
taken 'rule "a" { vlan = 5 not-mac = 52:54:00 form = plain }\n'

# not- conditions alone
warned 'c:1:6: rule "a" has not- conditions alone: it matches all others, and those that do not say what is asked for' \
    'rule "a" { not-vlan = 5 not-mac = 52:54:00 }\n'

# A menu of the local disk alone
warned 'c:1:6: rule "a" has a menu of the local disk alone, whose list of servers is empty: some firmware drops such an OFFER; form = "local" is for machines that boot from their disk' \
    'rule "a" { arch = 0 form = menu item "Local disk" { } }\n'

# The local disk, and yet a file
for answer in 'bootfile-name = a' 'http-root = "http://10.0.0.1/"' \
    'next-server = 10.0.0.1' 'next-server = "10.${vlan}.0.1"'; do
	warned "c:1:6: rule \"a\" has the form local and a ${answer%% *}, which no client is given: it boots from its own disk" \
	    "rule \"a\" { vlan = 5 form = local $answer }\n"
done

# Problems come in the order of their places, whoever finds them: checks of
# rules, keys, grammar; included files after the one that has them
mkdir order
printf 'rule "a" { arch = 7 }\nrule "b" { arch = toaster }\ninclude "order/part"\nx y\nrule "c" { vlan = 9999 }\nrule "c" { }\n' > c
printf 'rule "d" { mac = no }\n' > order/part
cases=$((cases + 1))
run -t -c c
places=$(sed -n 's/^pxeproxyd: \([a-z/]*:[0-9]*\):.*/\1/p' err | tr '\n' ' ')
[ "$status" -eq 2 ] && [ "$places" = 'c:2 c:4 c:5 c:6 order/part:1 ' ] ||
    fail "order: $status $places $(cat err)"
cases=$((cases + 1))
printf 'rule "a" { arch = 7 }\nrule "b" { arch = 7 }\nbootfile-name = "http://x/a.efi"\nrule "c" { not-arch = 7 }\n' > c
run -t -c c
places=$(sed -n 's/^pxeproxyd: \([a-z/]*:[0-9]*\):.*/\1/p' err | tr '\n' ' ')
[ "$status" -eq 0 ] && [ "$places" = 'c:1 c:2 c:4 c:4 ' ] ||
    fail "order of warnings: $status $places $(cat err)"

# So many rules that not all are compared are told of
seq 1 3100 | sed 's/.*/rule "&" { user-class = "iPXE" ipxe-feature = http min-secs = & vlan = "&-&" client = ipxe bootfile-name = "&" }/; s/vlan = "[0-9]*-/vlan = "1-/' > c
cases=$((cases + 1))
run -t -c c
[ "$status" -eq 0 ] && is_one_problem 'there are so many rules that not each was compared with all before it: some may never match without a word; a hosts-file holds a line for each machine' ||
    fail "so many rules: $status $(head -c 600 err)"

# Rules that can never match, by values of all kinds; and some that can.
for pair in 'mac=52:54:00:*/mac=52:54:00:12:34:56' 'mac=*/mac=52:54:00' \
    'vlan=7/vlan=7' 'interface=eth0/interface=eth0' \
    'relay=10.0.0.0%8/relay=10.7.0.0%16' 'relay=0.0.0.0%0/relay=10.7.0.1' \
    'client-network=10.0.0.0%8/client-network=10.0.0.0%9' \
    'user-class=abc/user-class=abc' 'vendor-class=PXE/vendor-class=PXEClient' \
    'uuid=00112233-4455-6677-8899-aabbccddeeff/uuid=33221100-5544-7766-8899-aabbccddeeff' \
    'arch=uefi/arch=7'; do
	wide=$(printf '%s' "${pair%%/*}" | sed 's/%/\//; s/=/ = /')
	narrow=$(printf '%s' "${pair#*/}" | sed 's/%/\//; s/=/ = /')
	printf 'rule "a" { %s }\nrule "x" { vlan = 99 }\nrule "b" { %s arch = 9 }\n' \
	    "$wide" "$narrow" | sed 's/arch = 7 arch = 9/arch = 7/' > c
	cases=$((cases + 1))
	run -t -c c
	[ "$status" -eq 0 ] && is_one_problem "c:3:6: rule \"b\" $never \"a\" $takes" ||
	    fail "$pair: $(cat err)"
	[ "$wide" != "$narrow" ] || continue
	cases=$((cases + 1))
	printf 'rule "a" { %s }\nrule "b" { %s }\n' "$narrow" "$wide" > c
	run -t -c c
	case $pair in
	uuid*) continue ;;
	esac
	[ "$status" -eq 0 ] && [ ! -s err ] || fail "$pair, turned: $(cat err)"
done

# ---------------------------------------------------------------------------
# Sites and sets

cat > c <<'EOT'
next-server = 10.0.0.2
http-root = "http://10.0.0.2/boot"
option = { "209 top", "210 top" }
site "north" {
	relay = "10.7.0.0/16"
	next-server = 10.7.0.10
	http-root = "https://10.7.0.10:8080/efi/"
	option = { "209 north", "211 north" }
}
site "tagged" { vlan = { 7, 8 } next-server = "10.${vlan}.0.10" }
rule "own" { mac = 00:00:00 next-server = 10.0.0.99 http-root = "http://a/" option = "209 own" bootfile-name = "/x.efi" }
rule "UEFI" { arch = uefi bootfile-name = "x.efi" }
EOT
run -t -c c
cases=$((cases + 1))
[ "$status" -eq 0 ] && [ ! -s err ] || fail "sites: $(cat err)"
shows 'site "north"  relay 10.7.0.0/16 -> next-server 10.7.0.10 http-root "https://10.7.0.10:8080/efi/", option 209 "north", option 211 "north"  (c:4)'
shows 'site "tagged"  vlan 7 or 8 -> next-server "10.${vlan}.0.10"  (c:10)'
shows 'next-server that of the site, else 10.0.0.2 (c:1)'
shows 'http-root "http://10.0.0.2/boot" (c:2)'
shows 'option 209 "top" (c:3)'
shows 'option 210 "top" (c:3)'

# Where each value comes from.
run -c c --address 10.1.0.2 --explain 'arch=7 relay=10.7.0.1'
shows '  bootfile-name "x.efi": rule "UEFI" (c:12)'
shows '  next-server 10.7.0.10: site "north" (c:4)'
shows '  form binl: built-in, that of such clients'
shows '  option 209 "north": site "north" (c:4)'
shows '  option 210 "top": top (c:3)'
run -c c --address 10.1.0.2 --explain 'arch=16 client=http mac=00:00:00:00:00:01 vlan=7'
shows '  next-server 10.0.0.99: rule "own" (c:11)'
shows '  http-root "http://a/": rule "own" (c:11)'
shows '  option 209 "own": rule "own" (c:11)'
run -c c --address 10.1.0.2 --explain 'arch=0'
shows '  bootfile-name "pxelinux.0": built-in, the usual one of x86-bios'
shows '  next-server 10.0.0.2: top (c:1)'
run -c c --next-server 10.0.0.3 --bootfile-name y --explain 'client=http arch=20'
shows '  bootfile-name "http://10.0.0.2/boot/y": top (--bootfile-name)'
shows '  next-server 10.0.0.3: top (--next-server)'
shows '  http-root "http://10.0.0.2/boot": top (c:2)'
run --address 10.1.0.2 --explain 'client=http arch=16'
shows '  next-server 10.1.0.2: built-in, our own address'
shows '  http-root "http://${next-server}/": built-in, from the next-server'

# A table of hosts is looked for beside the file that names it.
mkdir -p beside/tables
printf '# one\n52:54:00:00:00:01 one.0\n52:54:00:00:00:02\n' > beside/tables/hosts
printf 'include "tables/more.conf"\n' > beside/c
printf 'rule "listed" { hosts-file = "hosts" bootfile-name = "all.0" }\n' > beside/tables/more.conf
cases=$((cases + 1))
run -c beside/c --explain 'mac=52:54:00:00:00:01 arch=0'
[ "$status" -eq 0 ] && [ ! -s err ] || fail "hosts beside: $(cat err)"
shows '  bootfile-name "one.0": hosts-file (beside/tables/hosts:2)'
run -c "$dir/beside/c" --explain 'mac=52:54:00:00:00:02 arch=0'
shows '  bootfile-name "all.0": rule "listed" ('


cat > clients <<'EOT'
# what a rule leaves open: from the site, then from the top
arch=7 relay=10.7.0.1          => offer rule=UEFI site=north next-server=10.7.0.10 bootfile-name=x.efi
arch=7 ip=10.7.0.91            => ack site=north next-server=10.7.0.10
arch=7 vlan=8                  => offer site=tagged next-server=10.8.0.10
arch=7 vlan=9                  => offer next-server=10.0.0.2
arch=16 client=http relay=10.7.0.1 => bootfile-name=https://10.7.0.10:8080/efi/x.efi form=http
arch=16 client=http vlan=7     => bootfile-name=http://10.0.0.2/boot/x.efi
arch=16 client=http mac=00:00:00:00:00:01 relay=10.7.0.1 => bootfile-name='http://a/x.efi' next-server=10.0.0.99
EOT
cases=$((cases + 1))
run check -c c clients
[ "$status" -eq 0 ] && [ ! -s err ] && [ "$(cat out)" = '7 clients, 0 differ' ] ||
    fail "check: $status, $(cat out err)"

bad 'c:1:24: http-root "ftp://a/" begins neither with http:// nor with https://' \
    'site "a" { http-root = "ftp://a/" }\n'
bad 'c:1:12: the key bootfile-name stands outside of all sections, not in a site' \
    'site "a" { bootfile-name = "x" }\n'
bad 'c:2:6: there is a site "a" already, in c:1' 'site "a" { }\nsite "a" { }\n'

cat > c <<'EOT'
set "pi" { mac = { "b8:27:eb:*", "@newer" } vlan = 7 }
set "newer" { mac = "dc:a6:32:*" mac += "e4:5f:01:*" }
rule "Pi" { mac = { "@pi", "28:cd:c1:*" } vlan = "@pi" bootfile-name = "pi.efi" }
rule "no Pi" { arch = 7 not-mac = "@pi" bootfile-name = "no.efi" }
EOT
cat > clients <<'EOT'
mac=b8:27:eb:00:00:01 vlan=7 => rule=Pi
mac=e4:5f:01:00:00:01 vlan=7 => rule=Pi
mac=28:cd:c1:00:00:01 vlan=7 => rule=Pi
mac=28:cd:c1:00:00:01 arch=7 => rule="no Pi"
mac=e4:5f:01:00:00:01 arch=7 => rule=x64-uefi
EOT
cases=$((cases + 1))
run check -c c clients
[ "$status" -eq 0 ] && [ ! -s err ] || fail "sets: $status, $(cat out err)"
bad 'c:2:18: there is no set "pie": did you mean "pi"?' \
    'set "pi" { mac = 00:00:00 }\nrule "a" { mac = "@pie" }\n'
bad 'c:2:19: the set "pi" has no vlan' \
    'set "pi" { mac = 00:00:00 }\nrule "a" { vlan = "@pi" }\n'
bad 'c:1:5: the set "pi" is empty' 'set "pi" { }\n'
bad 'c:1:12: the key not-mac stands in a rule, not in a set' \
    'set "pi" { not-mac = 00:00:00 }\n'
bad 'c:2:8: mac "x" is not a MAC address, such as 52:54:00:12:34:56 or 52:54:00:*' \
    'set "pi" {\n	mac = "x" }\nrule "a" { mac = "@pi" }\nrule "b" { mac = "@pi" }\n'
cases=$((cases + 1))
printf 'set "a" { mac = "@b" }\nset "b" { mac = { "@a", "00:00:00" } }\n' > c
run -t -c c
[ "$status" -eq 2 ] && grep -q ': the set "[ab]" is a part of itself$' err ||
    fail "a set that is a part of itself: $(cat err)"

# ---------------------------------------------------------------------------
# A configuration's own tests

printf 'rule "x64" { arch = 7 bootfile-name = "BOOTX64.EFI" }\n' > c
cat > clients <<'EOT'
  # a comment, and an empty line

arch=7    =>    bootfile-name=shimx64.efi form=direct
arch=7 => offer bootfile-name="BOOTX64.EFI"   # as it is
vendor-class=MSFT => form=binl
EOT
cat > wanted <<'EOT'
clients:3
 arch=7
-bootfile-name=shimx64.efi
+bootfile-name=BOOTX64.EFI
-form=direct
+form=binl
clients:5
 vendor-class=MSFT
-form=binl
+no form: the vendor class (option 60) begins neither with PXEClient nor with HTTPClient, nor with what the configuration accepts
3 clients, 2 differ
EOT
cases=$((cases + 1))
run check -c c clients
[ "$status" -eq 1 ] && [ ! -s err ] && cmp -s wanted out ||
    fail "check: $status, $(cat out err)"

# wrong WANTED LINE: a line of CLIENTS that is none.
wrong() {
	cases=$((cases + 1))
	printf 'arch=7 => offer\n%s\n' "$2" > clients
	run check -c c clients
	[ "$status" -eq 2 ] && [ "$(cat err)" = "pxeproxyd: clients:2: $1" ] ||
	    fail "check, $2: $status, $(cat err)"
}
gets='is nothing that a client gets: behind => stand a verdict, bootfile-name=, next-server=, form=, rule= or site='
wrong 'there is no => between a client and what it must get' 'arch=7'
wrong 'nothing stands behind =>' 'arch=7 =>'
wrong 'nothing stands behind =>' 'arch=7 => # offer'
wrong "verdict=offre $gets" 'arch=7 => offre'
wrong "colour=red $gets" 'arch=7 => colour=red'
wrong "form=fast $gets" 'arch=7 => form=fast'
wrong "next-server=boot $gets" 'arch=7 => next-server=boot'
for arguments in 'check' 'check a b' 'check nowhere'; do
	cases=$((cases + 1))
	# shellcheck disable=SC2086 # they are several
	run $arguments
	[ "$status" -eq 2 ] && [ -s err ] || fail "$arguments: $status"
done
cases=$((cases + 1))
echo 'arhc = 7' > c
run check -c c clients
[ "$status" -eq 2 ] && [ ! -s out ] || fail "check, a bad file: $status"

# Tables that say who may, and who may not.
cat > hosts <<'EOT'
52:54:00:00:00:01
52:54:00:00:00:02 ignore
52:54:00:00:00:03 own.efi
52:54:00:00:00:04 own.efi 10.0.0.9	# with a server
EOT
printf 'rule "staff" { hosts-file = "hosts" bootfile-name = "staff.efi" }\nrule "no others" { ignore = true }\n' > c
cat > clients <<'EOT'
arch=7 mac=52:54:00:00:00:01 => bootfile-name=staff.efi
arch=7 mac=52:54:00:00:00:02 => ignored rule=staff
arch=7 mac=52:54:00:00:00:03 => bootfile-name=own.efi
arch=7 mac=52:54:00:00:00:04 => bootfile-name=own.efi next-server=10.0.0.9
arch=7 mac=52:54:00:00:00:05 => ignored rule="no others"
EOT
cases=$((cases + 1))
run check -c c clients
[ "$status" -eq 0 ] && [ ! -s err ] || fail "tables: $status, $(cat out err)"

# ---------------------------------------------------------------------------
# What is taken, and how -t shows it

taken ''
shows '  1 to 22  built in: iPXE, HTTP Boot, each architecture'
shows 'next-server our own'
shows 'client-rate 20 a second'
shows 'total-rate 20000 a second'
shows 'ring-size 32768K'
shows 'observe true'
run -t -t -c c
shows '"x64-uefi"'
shows '"any other"'
taken 'client-rate = 0\n'
shows 'client-rate no limit'
taken "bootfile-name = 'a/\${mac}'\n"
shows 'bootfile-name "a/${mac}" (c:1)'
run -t -t -c c --bootfile-name b.0 --next-server 10.0.0.9
shows 'bootfile-name "b.0" (--bootfile-name)'
shows 'next-server 10.0.0.9 (--next-server)'
# Nothing is cut.
longest=$(printf '%0254d' 0)
taken "rule \"a\" { mac = { $(for i in $(seq 10 99); do
    printf '52:54:00:00:00:%s, ' "$i"; done) } bootfile-name = $longest }\n"
shows "52:54:00:00:00:10 or 52:54:00:00:00:11"
shows " or 52:54:00:00:00:99 -> bootfile-name \"$longest\", next-server"
taken 'bootfile-name = "a/${mac}"\n'		# not the environment's
shows '"a/${mac}"'
# Backslashes: two in double quotes, one in single ones.
taken 'bootfile-name = "SMSBoot\\\\x64\\\\wdsnbp.com"\n'
shows "bootfile-name 'SMSBoot\\x64\\wdsnbp.com' (c:1)"
taken "bootfile-name = 'SMSBoot\\\\x64\\\\wdsnbp.com'\n"
shows "bootfile-name 'SMSBoot\\x64\\wdsnbp.com' (c:1)"
taken 'rule a { client = ipxe bootfile-name = "a \\"b\\" \\\\c" }\n'
shows "'a \"b\" \\c'"
taken 'rule a { client = ipxe bootfile-name = "a\047 \\"b" }\n'
shows "\"a' \\\"b\""
# Numbers are decimal, or hexadecimal after 0x.
taken 'rule "a" { vlan = "0100" arch = 010 delay = 010 min-secs = 0x10 }\n'
shows 'arch 010, vlan 0100'
shows 'min-secs 16, delay 10 ms'
run -c c --explain 'vlan=100 arch=10 secs=20'
shows 'rule="a"'
# The environment, by its name.
PXEPROXYD_TEST=part taken 'bootfile-name = "x/${env:PXEPROXYD_TEST}.efi"\n'
shows '"x/part.efi"'
PXEPROXYD_TEST='a\x' taken 'bootfile-name = "x/${env:PXEPROXYD_TEST}.efi"\n'
shows "'x/a\\x.efi'"
# Words without quotes, comments of all kinds, and the mark of UTF-8.
taken '\357\273\277next-server = 10.0.0.1 # a\nrule b{client=ipxe arch={7,9,}mac=52:54:00:* bootfile-name=http://x/y//z}/* * */// c'
shows '"http://x/y//z"'
shows 'client ipxe, arch 7 or 9, mac 52:54:00:*'
taken '"next-server"="10.0.0.1"rule\n"b"\n{\n}\r\n'
taken 'rule "a" { arch += 7 arch += { 9, 10 } ignore = YES }\n'
shows 'arch 7 or 9 or 10'
taken 'ring-size = 64M promiscuous = off observe = no
interface "eth0" { address = 10.0.0.1 promiscuous = true }\n'
shows 'observe false'
bad 'c:1:13: ring-size "1000" is not from 1M to 1G' 'ring-size = 1000\n'
bad 'c:1:13: ring-size "2T" is not a number of octets, such as 32M' \
    'ring-size = 2T\n'
bad 'c:1:20: the key delay stands in a rule, not in an interface' \
    'interface "eth0" { delay = 1 }\n'
bad "c:1:11: interface \"$(printf '%100s' '' | tr ' ' x)\" does not have 1 to 127 octets" \
    "interface \"$(printf '%128s' '' | tr ' ' x)\" { }\n"
bad 'c:1:11: interface "a b" is no name of an interface' 'interface "a b" { }\n'
bad 'c:2:11: there is an interface "a" already, in c:1' \
    'interface "a" { }\ninterface "a" { }\n'
taken 'rule "a" { arch = 7 arch += 9 }\n'
shows 'arch 7 or 9'
taken 'rule "a" { arch = 7 not-vlan = { 0, 10 } }\n'
shows 'not vlan 0 or 10'
taken 'rule "a" { option = { "209 a", "66 address 10.0.0.1" } delay = 100 min-secs = 4 }\n'
shows 'option 209 "a", option 66 hex 0a000001, min-secs 4, delay 100 ms'
taken 'rule "a" { next-server = "10.1${vlan:-7}.0.1" }\n'
taken 'rule "a" { next-server = "${relay:-10.0.0.1}" }\n'
taken 'rule "a" { next-server = "10.${vlan}.0.1" }\n'
shows 'next-server "10.${vlan}.0.1"'
taken 'rule "a" { form = "menu" item "x" { bootfile-name = "y" } item "z" { } }\n'
shows 'that of the item, prompt "Press F8 for the boot menu", timeout 0, item "x" "y", item "z" local disk'
for form in default binl direct ipxe paired http plain rpi redirect auto; do
	taken "rule \"a\" { mac = 52:54:00 form = \"$form\" }\n"
	shows "form $form"
done

# ---------------------------------------------------------------------------
# --explain

# explain WORDS: of the configuration c.
explain() {
	run -c c --address 10.1.0.2 --explain "$1"
	[ "$status" -eq 0 ] && [ ! -s err ] ||
	    fail "--explain '$1': exit status $status, $(cat err)"
}

taken 'rule "rack 7" { mac = "52:54:00:07:*" ignore = true }
rule "iPXE" { client = "ipxe" ipxe-feature = "http" bootfile-name = "http://10.1.0.2/b.ipxe" }
rule "VLAN" { vlan = 10 interface = "eth1" bootfile-name = "v/pxelinux.0" form = "direct" }
rule "relay" { relay = "10.7.0.0/16" bootfile-name = "r/shimx64.efi" }
rule "late" { uuid = "00112233-4455-6677-8899-aabbccddeeff" min-secs = 4 }
'
explain 'mac=52:54:00:07:00:01 arch=7'
shows ' DISCOVER x64-uefi ignored rule="rack 7"'
shows '  1 "rack 7": yes'
shows '  no answer: the rule says to ignore this client'
explain 'client=ipxe arch=0 ipxe-feature=http'
shows '  1 "rack 7": no, mac 52:54:00:07:*'
shows '  2 "iPXE": yes'
shows 'form=ipxe bootfile-name="http://10.1.0.2/b.ipxe"'
shows '  a script of iPXE says itself what comes next'
explain 'client=ipxe arch=0 ipxe-feature=efi'
shows '  2 "iPXE": no, ipxe-feature http'
explain 'arch=0 vlan=10 interface=eth1 uuid=00112233445566778899aabbccddeeff'
shows 'vlan=10'
shows '    v/pxelinux.cfg/00112233-4455-6677-8899-aabbccddeeff'
shows '    v/pxelinux.cfg/01-52-54-00-12-34-56'
shows '    v/pxelinux.cfg/HEX-ADDRESS'
shows '    v/pxelinux.cfg/default'
explain 'arch=0 vlan=10 interface=eth0'
shows '  3 "VLAN": no, interface eth1'
explain 'arch=7 relay=10.7.0.1 ip=10.7.0.91'
shows ' DISCOVER x64-uefi offer rule="relay"'
shows ' REQUEST x64-uefi ack rule="relay"'
shows 'to=10.7.0.1:67'
shows 'to=10.7.0.91:4011'
shows '    r/grubx64.efi'
shows '    grub.cfg-01-52-54-00-12-34-56'
shows '    grub.cfg-0A07005B'
shows '    grub.cfg-0A07005'
explain 'arch=7 uuid=00112233445566778899aabbccddeeff secs=3'
shows 'too-soon rule="late"'
explain 'arch=7 uuid=00112233445566778899aabbccddeeff secs=4'
shows 'offer rule="late"'
explain 'arch=7 uuid=33221100-5544-7766-8899-aabbccddeeff secs=4'
shows 'offer rule="late"'
printf 'rule "x" { request-option = "250 text rack 7" client-id = "hex:0001*" vendor-class = "PXEClient, ours" bootfile-name = a }\n' > c
explain 'arch=7 request-option="250 text rack 7" client-id=hex:000107 vendor-class="PXEClient, ours"'
shows 'offer rule="x"'
explain "arch=7 request-option='250 text rack' client-id=hex:000107"
shows '  1 "x": no, vendor-class'
for words in "mac=52: is not" 'arch="7: has no closing quote' \
    'request-option=250: does not begin' \
    'request-option="250 text a*": ends with *' \
    'request-option="60 text a": is an option that the client has by itself' \
    'client-id=hex:0: is not hexadecimal' 'circuit-id=a*: ends with *' \
    "hostname=$(printf '%300s' '' | tr ' ' a): a word has more than 255" \
    'x=y: is not one of mac, arch'; do
	cases=$((cases + 1))
	run -c c --explain "${words%%: *}"
	[ "$status" -eq 2 ] && [ "$(wc -l < err)" -eq 1 ] &&
	    grep -qF -- "${words#*: }" err || fail "$words: $status $(cat err)"
done
explain 'client=http arch=16'
shows 'form=http bootfile-name="http://10.1.0.2/BOOTX64.EFI"'
explain 'vendor-class=MSFT arch=7'
shows '  no rule is asked: the vendor class (option 60) begins neither'

for words in 'mac=52' 'arch=toaster' 'uuid=1' 'client=other' 'secs=x' \
    'secs=65536' 'vlan=4095' 'relay=x' 'ip=0.0.0.0' 'circuit-id=hex:0' \
    'ipxe-feature=HTTP' 'colour=red' 'arch' 'mac'; do
	cases=$((cases + 1))
	run --explain "$words"
	[ "$status" -eq 2 ] && [ ! -s out ] &&
	    grep -qF -- "--explain: $words" err ||
	    fail "--explain $words: $status, $(cat err)"
done

# Where memory is short, that is one line, however little it is: it must not
# crash, since a reload keeps what was running.  Sanitizers need all there is.

# starved KILOBYTES WORDS...: run with so much memory.
starved() {
	status=0
	(
		# shellcheck disable=SC3045 # where it is undefined, nothing starts
		ulimit -v "$1"
		shift
		"$program" "$@"
	) > out 2> err < /dev/null || status=$?
}

if [ -z "${PXEPROXYD_INSTRUMENTED:-}" ]; then
	printf 'include("part")\n' > c
	printf 'next-server = "10.1.0.2"\n' > part
	awk 'BEGIN {
		print "allow-relay = { \"10.0.0.0/8\" }"
		for (i = 0; i < 100; i++)
			printf("rule \"r%d\" { vlan = %d mac = { \"52:54:00:*\"," \
			    " \"02:00:00:*\" } option = { \"209 text a\"," \
			    " \"210 hex 0102\" } }\n", i, i + 1)
		printf("rule \"last\" { arch = { 0")
		for (i = 0; i < 2000; i++)
			printf(", 0")
		print " } form = menu item \"x\" { bootfile-name = \"y\" } }"
	}' >> c
	kilobytes=1000 refusals=0
	starved $kilobytes -V
	while [ "$status" -ne 0 ] && [ $kilobytes -lt 1000000 ]; do
		kilobytes=$((kilobytes + 500))
		starved $kilobytes -V
	done
	status=2
	while [ "$status" -eq 2 ] && [ $kilobytes -lt 2000000 ]; do
		cases=$((cases + 1))
		starved $kilobytes -t -c c
		kilobytes=$((kilobytes + 10))
		[ "$status" -eq 0 ] && break
		refusals=$((refusals + 1))
		[ "$status" -eq 2 ] && [ "$(wc -l < err)" -eq 1 ] &&
		    grep -q ': Cannot allocate memory$' err ||
		    fail "with $kilobytes KB: $status, $(head -n 3 err)"
	done
	[ "$status" -eq 0 ] && [ $refusals -gt 10 ] ||
	    fail "$refusals refusals for want of memory, then $status"
fi

echo "config: $cases cases, $failed wrong"
[ "$failed" -eq 0 ]
