#!/bin/bash
# other-debian.sh - does it build, pass its tests and become a package on
# another release of Debian: with its C library, compiler and libpcap?
#
#   other-debian.sh SUITE TARBALL
#
# SUITE is such as trixie or sid; TARBALL is made by "make dist".  The release
# is installed into a directory by debootstrap, from the mirror that apt uses
# here.  OTHER_DEBIAN=DIRECTORY keeps it there, and is quicker the next time;
# else it is in /var/tmp and goes at the end.  Warnings are errors; the tests
# are all of "make check", in namespaces of its own.  OTHER_DEBIAN_SECONDS
# (3600) bounds the time that each step takes.  "make check-debian SUITE=sid"
# calls this.  Exit status: 0 all is well, 1 not, 77 it cannot be done here.

# shellcheck disable=SC2016	# much here is for other programs to expand

set -eu -o pipefail

suite=${1:?} tarball=$(readlink -f "${2:?}")
seconds=${OTHER_DEBIAN_SECONDS:-3600}

skip() { echo "SKIP: $*"; exit 77; }
say() { echo "other-debian: $suite: $*"; }

[ "$(id -u)" -eq 0 ] || skip "not root"
for tool in debootstrap unshare pivot_root apt-get; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done

# What "make check" and "make deb" use; what a release lacks is left out.
packages="build-essential gcc libc6-dev make autoconf automake pkgconf|pkg-config
	libpcap-dev libnet1-dev libcap-ng-dev libseccomp-dev
	check iproute2 python3 tcpdump tshark procps gzip man-db mandoc
	strace dpkg-dev debhelper fakeroot lintian dnsmasq-base
	isc-dhcp-server isc-dhcp-relay kea-dhcp4-server tftpd-hpa bash-completion"

if [ -n "${OTHER_DEBIAN-}" ]; then
	mkdir -p "$OTHER_DEBIAN"
	root=$(readlink -f "$OTHER_DEBIAN")
else
	root=$(mktemp -d -p /var/tmp)
	trap 'rm -rf --one-file-system "$root"' EXIT
	trap 'exit 1' HUP INT TERM
fi

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' |
    head -n 1)
if [ ! -e "$root/etc/debian_version" ]; then
	say "debootstrap"
	timeout "$seconds" debootstrap --variant=minbase "$suite" "$root" \
	    ${mirror:+"$mirror"} >"$root.log" 2>&1 ||
	    { tail -n 20 "$root.log"; rm -f "$root.log"; exit 1; }
	rm -f "$root.log"
fi
# No service starts.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

# inside COMMAND: in the directory, with mounts and processes of its own.  It
# is the root of its mount namespace, not a chroot, since the tests make
# namespaces themselves.
inside() {
	timeout "$seconds" unshare --mount --pid --fork --kill-child sh -euc '
		mount --bind "$1" "$1"
		mount -t proc none "$1/proc"
		mount --rbind /dev "$1/dev"
		mount -t sysfs none "$1/sys"
		mount -t tmpfs none "$1/run"
		mount -t tmpfs none "$1/tmp"
		cd "$1"
		shift
		pivot_root . mnt
		umount -l /mnt
		exec env -i HOME=/root LC_ALL=C.UTF-8 \
		    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		    DEBIAN_FRONTEND=noninteractive sh -euc "$@"
	' sh "$root" "$@"
}

say "packages"
inside '
	# A mirror may lag behind; the signatures are checked all the same.
	apt-get -q -o Acquire::Check-Valid-Until=false update
	wanted=
	for word in $1; do
		for name in $(echo "$word" | tr "|" " "); do
			if apt-cache policy "$name" |
			    grep -q "^  Candidate: [^(]"; then
				wanted="$wanted $name"
				continue 2
			fi
		done
		echo "other-debian: there is no $word"
	done
	apt-get -q -y install --no-install-recommends $wanted
' sh "$packages" >"$root/packages.log" 2>&1 ||
    { tail -n 30 "$root/packages.log"; exit 1; }
grep '^other-debian:' "$root/packages.log" || true

rm -rf "$root/build"
mkdir "$root/build"
cp "$tarball" "$root/build"
say "configure --enable-werror, make, make check, make deb"
status=0
inside '
	cd /build
	tar -xzf *.tar.gz
	cd */
	gcc --version | head -n 1
	ldd --version 2>&1 | head -n 1
	./configure --enable-werror
	make -j "$(nproc)"
	make check || { cat tests/test-suite.log; exit 1; }
	make deb
' sh >"$root/build.log" 2>&1 || status=$?
grep -E '^(gcc|ldd|PASS|FAIL|SKIP|ERROR|# [A-Z]+:|E:|W:)|error:|warning:' \
    "$root/build.log" || true
if [ $status -ne 0 ]; then
	tail -n 60 "$root/build.log"
	say "FAILED"
	exit 1
fi
say "builds, passes its tests, and makes a package"
