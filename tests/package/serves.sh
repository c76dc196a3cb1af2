#!/bin/bash
# serves.sh - does the program of a package serve, and end well?
#
#   serves.sh ROOT SETTINGS LOG
#
# ROOT is the directory in which the package is installed.  SETTINGS is its file
# with the arguments of the service: they are set to the interface lab0, and
# that is made in a network namespace of its own.  What the program says is in
# LOG, and is shown where it fails.

set -eu

root=${1:?} settings=${2:?} log=${3:?}

echo 'PXEPROXYD_ARGS="lab0"' >"$settings"
# shellcheck source=/dev/null
. "$settings"
# shellcheck disable=SC2016	# for the inner shell
timeout 60 unshare -n sh -euc '
	ip link add lab0 type veth peer name lab1
	ip address add 10.0.0.2/24 dev lab0
	ip link set lab0 up
	ip link set lab1 up
	"$1" $2 2>"$3" & pid=$!
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		! grep -q "serving lab0 as 10.0.0.2" "$3" || break
		sleep 1
	done
	kill $pid
	wait $pid
	grep -q "serving lab0 as 10.0.0.2" "$3"
' sh "$root/usr/sbin/pxeproxyd" "$PXEPROXYD_ARGS" "$log" ||
    { cat "$log" >&2; echo "serves: it did not serve" >&2; exit 1; }
