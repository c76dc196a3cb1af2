#!/bin/bash
# rpm.sh - the RPM package says what it should, installs, and runs.
#
#   rpm.sh PACKAGE.rpm
#
# It is judged by rpmlint and installed into a directory of its own, without
# its scripts: these need a system around them, and are only looked at.  The
# program is run from there in a network namespace, with the arguments of its
# file in /etc/sysconfig.  "make check-rpm" builds the package and calls this.

set -eu -o pipefail

rpm=$(readlink -f "${1:?}")
srcdir=$(cd "$(dirname "$0")/../../src/dist/rpm" && pwd)
skip() { echo "SKIP: $*"; exit 77; }
fail() { echo "rpm: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || skip "not root"
for tool in rpm rpmlint unshare; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done

said=$(rpmlint -c "$srcdir/rpmlint.toml" "$rpm" 2>&1) ||
    fail "rpmlint: $said"
grep -q ' 0 errors, 0 warnings' <<<"$said" || fail "rpmlint: $said"

root=$(mktemp -d -p /tmp)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
rpm --root "$root" --dbpath /var/lib/rpm -i --nodeps --noscripts "$rpm" ||
    fail "it cannot be installed"
for file in usr/sbin/pxeproxyd etc/sysconfig/pxeproxyd \
    usr/lib/systemd/system/pxeproxyd.service \
    usr/lib/sysusers.d/pxeproxyd.conf \
    usr/share/bash-completion/completions/pxeproxyd \
    'usr/share/man/man8/pxeproxyd.8*' \
    'usr/share/man/man5/pxeproxyd.conf.5*'; do
	compgen -G "$root/$file" >/dev/null || fail "there is no /$file"
done
grep -qx 'EnvironmentFile=/etc/sysconfig/pxeproxyd' \
    "$root/usr/lib/systemd/system/pxeproxyd.service" ||
    fail "the unit has its arguments from elsewhere"
scripts=$(rpm -qp --scripts "$rpm")
grep -q 'systemd-sysusers pxeproxyd.conf' <<<"$scripts" ||
    fail "nobody makes its user"
rpm -qp --configfiles "$rpm" | grep -qx /etc/sysconfig/pxeproxyd ||
    fail "an update would overwrite /etc/sysconfig/pxeproxyd"

"$(dirname "$0")/serves.sh" "$root" "$root/etc/sysconfig/pxeproxyd" \
    "$root/log" || fail "it did not run"
echo "rpm: clean under rpmlint, installs, and serves"
