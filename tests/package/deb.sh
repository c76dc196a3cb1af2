#!/bin/bash
# deb.sh - the package installs, runs, and goes without a trace.
#
#   deb.sh PACKAGE.deb
#
# In a root directory of its own: dpkg has its database there and its scripts
# run without a chroot, and the program runs from there in a network namespace.
# The machine's own directories are read-only for as long as this takes, in a
# mount namespace, so that nothing of it can end up there.  "make check-deb"
# builds the package and calls this.

set -eu -o pipefail

deb=$(readlink -f "${1:?}")
skip() { echo "SKIP: $*"; exit 77; }
fail() { echo "deb: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || skip "not root"
for tool in dpkg dpkg-deb lintian unshare; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done

if [ "${2-}" != inside ]; then
	exec unshare -m --propagation private "$0" "$deb" inside
fi
for own in /etc /usr /var /boot /opt /root /home /srv; do
	if [ ! -d $own ] || [ -L $own ]; then continue; fi
	mount --bind $own $own
	mount -o remount,bind,ro $own
done
! touch /etc/pxeproxyd.deb /var/lib/pxeproxyd.deb 2>/dev/null ||
    fail "the machine's directories can be written to"

root=$(mktemp -d -p /tmp)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$root"/{var/lib/dpkg/info,var/lib/dpkg/updates,etc/systemd,run,tmp}
: >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"
# Scripts run here as they would on a machine without systemd running.
dpkg_here() {
	dpkg --root="$root" --force-depends --force-script-chrootless \
	    --log=/dev/null "$@" >"$root/tmp/said" 2>&1 ||
	    { cat "$root/tmp/said" >&2; fail "dpkg $*"; }
}
list() { (cd "$root" && find . -path ./var/lib/dpkg -prune -o -path ./tmp \
    -prune -o \( -type f -o -type l \) -print | sort); }

before=$(list)
dpkg_here --install "$deb"
[ "$(dpkg-query --admindir="$root/var/lib/dpkg" -W \
    -f '${db:Status-Status}' pxeproxyd)" = installed ] ||
    fail "it is not installed"
for file in usr/sbin/pxeproxyd etc/default/pxeproxyd \
    usr/share/bash-completion/completions/pxeproxyd \
    usr/share/man/man8/pxeproxyd.8.gz \
    usr/share/man/man5/pxeproxyd.conf.5.gz \
    usr/share/man/man7/pxeproxyd-network.7.gz \
    usr/share/man/man7/pxeproxyd-protocol.7.gz \
    usr/share/man/man7/pxeproxyd-troubleshooting.7.gz; do
	[ -f "$root/$file" ] || fail "there is no /$file"
done
unit=$(find "$root" -name pxeproxyd.service -type f)
[ -n "$unit" ] || fail "there is no unit"
grep -q '^ExecStart=/usr/sbin/pxeproxyd ' "$unit" ||
    fail "the unit starts something else"
[ -z "$(find "$root/etc/systemd" -name 'pxeproxyd*')" ] ||
    fail "it is enabled, with no interface named"

# It starts with what the defaults file says, and ends.
"$(dirname "$0")/serves.sh" "$root" "$root/etc/default/pxeproxyd" \
    "$root/tmp/log" || fail "it did not run"

dpkg_here --remove pxeproxyd
[ -f "$root/etc/default/pxeproxyd" ] || fail "remove took the configuration"
dpkg_here --purge pxeproxyd
after=$(list)
[ "$before" = "$after" ] || fail "left behind: $after"
echo "deb: installs, serves, and goes without a trace"
