#!/usr/bin/python3
"""The Debian package as a service of a real systemd.

    service.py PACKAGE.deb

A systemd of its own is started, with namespaces of its own, on a copy of this
system's files that is thrown away; "make check-systemd" builds the package
and calls this.  One line a step, and one that counts them.  Exit status: 0 all
is well, 1 not, 77 it cannot be done here.  Root is needed.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "net"))

from lab import Lab, LabError, LabSkip, program
from live import Bench, Failed, asked_4011, expect, request, send

# As the first process of its namespaces: make the root, be systemd.
BOOT = r"""
set -eu
lab=$1 deb=$2
root=$lab/root
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$lab/upper"
mkdir "$lab/upper/files" "$lab/upper/work"
layers="lowerdir=/,upperdir=$lab/upper/files,workdir=$lab/upper/work"
mount -t overlay -o "$layers" none "$root"
mkdir -p "$root/old"
: >"$root/etc/machine-id"
cp "$deb" "$root/pxeproxyd.deb"
cat >"$root/etc/systemd/system/lab.target" <<EOF
[Unit]
Requires=systemd-journald.service
After=systemd-journald.service
EOF
# None of this system's services; and shorter times than the unit's.
rm -rf "$root"/etc/systemd/system/*.wants
mkdir "$root/etc/systemd/system/pxeproxyd.service.d"
cat >"$root/etc/systemd/system/pxeproxyd.service.d/lab.conf" <<EOF
[Service]
WatchdogSec=4
RestartSec=1
EOF
mount -t proc none "$root/proc"
mount -t sysfs -o ro none "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 none "$root/run"
mount -t tmpfs none "$root/tmp"
mount -t tmpfs -o mode=755 none "$root/dev"
for node in null zero full random urandom tty; do
	: >"$root/dev/$node"
	mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue" "$root/dev/hugepages"
mount -t devpts -o newinstance,ptmxmode=0666 none "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0 1 2; do
	ln -s "/proc/self/fd/$number" "$root/dev/std$number"
done
cd "$root"
pivot_root . old
umount -l /old
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=lab.target --log-target=journal \
    --show-status=no
"""

# A control group of our own, below the one that we are in, is its root.
GROUP = r"""
set -eu
groups=$1 name=$2
shift 2
mount --make-rprivate /
mount -t cgroup2 none "$groups"
own=$groups$(sed -n 's/^0:://p' /proc/self/cgroup)/$name
mkdir -p "$own"
echo $$ >"$own/cgroup.procs"
exec "$@"
"""

TIDY = r"""
mount --make-rprivate /
mount -t cgroup2 none "$1"
find "$1" -depth -type d -path "*/$2*" -exec rmdir {} +
"""


class Machine:
    """The systemd, and what is asked of it."""

    def __init__(self, lab, host, deb):
        self.lab = lab
        self.host = host
        self.group = f"pxeservice{os.getpid()}"
        self.groups = self.make("groups")
        self.make("upper")
        self.make("root")
        boot = lab.file("boot.sh", BOOT)
        self.process = host.start(
            "systemd", "unshare", "--mount", "sh", "-c", GROUP, "sh",
            self.groups, self.group, "unshare", "--mount", "--pid", "--fork",
            "--kill-child", "--uts", "--ipc", "--cgroup", "sh", boot, lab.dir,
            deb)
        self.process.may_end = True
        self.first = None

    def make(self, name):
        path = os.path.join(self.lab.dir, name)
        os.mkdir(path)
        return path

    def start(self):
        """Until systemd answers; a skip where it cannot be had."""
        def answers():
            if not self.process.alive():
                raise LabSkip(f"no systemd here: {self.process.tail(5)}")
            self.first = self.find_first()
            return self.first and self.run(
                "systemctl", "is-active", "lab.target",
                check=False).strip() == "active"
        self.lab.wait(answers, 60, "systemd that answers", 0.3)

    def find_first(self):
        """The process that is 1 in there."""
        done = subprocess.run(["pgrep", "-P", str(self.process.pid)],
                              stdout=subprocess.PIPE, encoding="ascii")
        return done.stdout.split()[0] if done.stdout.split() else None

    def run(self, *argv, check=True, stdin=None):
        done = subprocess.run(
            ["nsenter", "-t", self.first, "--all", "--root", "--wd=/", *argv],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90,
            input=stdin, encoding="utf-8", errors="replace")
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(argv)}: {done.returncode}: "
                         f"{done.stdout}\n{self.journal()}")
        return done.stdout

    def write(self, path, text):
        self.run("sh", "-c", 'cat >"$1"', "sh", path, stdin=text)

    def show(self, name):
        return self.run("systemctl", "show", "-P", name,
                        "pxeproxyd.service").strip()

    def wait_show(self, name, pattern):
        self.lab.wait(lambda: re.fullmatch(pattern, self.show(name)), 60,
                      f"{name} {pattern}, but {self.show(name)}", 0.3)

    def journal(self, *more):
        return self.run("journalctl", "-u", "pxeproxyd.service", "-o", "cat",
                        "--no-pager", *more, check=False)

    def warnings(self):
        """Of the daemon itself, and what is worse."""
        return self.journal("-p", "warning", "-t", "pxeproxyd")

    def tidy(self):
        subprocess.run(["unshare", "--mount", "sh", "-c", TIDY, "sh",
                        self.groups, self.group], timeout=30, check=False,
                       stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def machine(lab, host, deb):
    here = Machine(lab, host, deb)
    try:
        here.start()
        yield here
    finally:
        here.process.stop(signal.SIGKILL)
        time.sleep(0.5)
        here.tidy()


class Steps:
    """What was shown so far."""
    passed = 0


def step(text):
    print(f"ok   {text}", flush=True)
    Steps.passed += 1


def tell(failed, skipped):
    print(f"{Steps.passed} passed, {failed} failed, {skipped} skipped")


def files_of(packets):
    return [packet.payload[108:236].rstrip(b"\0").decode()
            for packet in packets]


def check_start(here, bench):
    here.run("dpkg", "-i", "/pxeproxyd.deb")
    expect(here.show("ActiveState") == "inactive", "it started by itself")
    here.write("/etc/default/pxeproxyd",
               'PXEPROXYD_ARGS="-c /etc/pxeproxyd.conf eth0"\n')
    here.write("/etc/pxeproxyd.conf", 'bootfile-name = "one"\n')
    here.run("systemctl", "start", "pxeproxyd")
    expect(here.show("ActiveState") == "active" and
           here.show("StatusText") == "no client answered yet",
           f"{here.show('ActiveState')}: {here.show('StatusText')}")
    status = here.run("cat", f"/proc/{here.show('MainPID')}/status")
    user = int(re.search(r"^Uid:\s+(\d+)", status, re.M)[1])
    # sysusers.d has made it; where it has not, the unit makes a dynamic one.
    name = here.run("id", "-un", str(user)).strip()
    expect(name == "pxeproxyd", f"the user is {name} ({user})")
    for table in ("passwd", "group"):
        expect(re.search("^pxeproxyd:", here.run("cat", f"/etc/{table}"),
                         re.M), f"the package made no entry in {table}")
    for line in (r"CapEff:\s+0000000000002000", r"NoNewPrivs:\s+1",
                 r"Seccomp:\s+2"):
        expect(re.search(line, status), f"not {line}: {status}")
    missing = re.findall("going on without (.*)", here.journal())
    expect(missing == ["an empty capability bounding set: Operation not "
                       "permitted"], f"going on without {missing}")
    expect(here.warnings() == "", f"warnings: {here.warnings()}")
    expect(re.search(r"^serving eth0 as ", here.journal(), re.M),
           f"a name, a time or a priority in a line: {here.journal()}")
    send(bench, [request(), asked_4011()])
    files = files_of(bench.request_from_us(2, "at the start"))
    expect(files == ["one", "one"], files)
    here.wait_show("StatusText", "2 requests answered, the last of "
                   "52:54:00:12:34:56 on eth0")
    expect(" serves eth0 (10.0.0.2): 1 machine in the last hour, 0 with a "
           "problem\n" in here.run("pxeproxyd", "status"), "no status")
    step("installed, started when it was ready, answers, has a status, as a "
         "user of its own")


def check_exposure(here):
    """What systemd makes of the unit: 0 is closed, 10 is open."""
    here.run("systemd-analyze", "security", "--offline=yes",
             "--threshold=16", "/lib/systemd/system/pxeproxyd.service")
    step("systemd-analyze security: 1.6 at most")


def check_reload(here, bench):
    here.write("/etc/pxeproxyd.conf", 'bootfile-name = "two"\n')
    here.run("systemctl", "reload", "pxeproxyd")
    here.lab.wait(lambda: "in force" in here.journal(), 30, "the reload")
    here.write("/etc/pxeproxyd.conf", "nonsense\n")
    # systemctl fails, and the old configuration stays in force.
    tried = here.run("sh", "-c", "systemctl reload pxeproxyd; echo status=$?")
    expect("status=1" in tried, f"a reload of a broken file: {tried}")
    here.wait_show("StatusText", ".*wrong, and not in force")
    expect("pxeproxyd.conf:1:1: " in here.warnings() and
           "the configuration stays as it was" in here.warnings(),
           here.warnings())
    expect(here.journal().count("pxeproxyd.conf:1:1: ") == 1,
           f"the journal has the mistake twice: {here.journal()}")
    expect(here.show("ActiveState") == "active", here.show("ActiveState"))
    send(bench, [request()])
    files = files_of(bench.request_from_us(3, "after the reloads"))
    expect(files[2:] == ["two"], files)
    here.write("/etc/pxeproxyd.conf", 'bootfile-name = "two"\n')
    here.run("systemctl", "reload", "pxeproxyd")
    here.wait_show("StatusText", ".* on eth0")
    step("reloads, and tells of a mistake in the file")


def check_watchdog(here, bench):
    hung = here.show("MainPID")
    here.run("kill", "-STOP", hung)
    here.wait_show("NRestarts", "1")
    here.wait_show("ActiveState", "active")
    expect(here.show("MainPID") != hung, "it is the same process")
    send(bench, [request()])
    files = files_of(bench.request_from_us(4, "after the hang"))
    expect(files[3:] == ["two"], files)
    step("is killed when it hangs, and started again")


def check_end(here):
    here.run("systemctl", "stop", "pxeproxyd")
    expect(here.show("ActiveState") == "inactive" and
           here.show("Result") == "success" and
           here.show("ExecMainStatus") == "0",
           f"{here.show('Result')}, {here.show('ExecMainStatus')}")
    expect(re.search(r"^ending: requests=1 offer=1 ",
                     here.journal(), re.M), here.journal())
    here.run("dpkg", "--purge", "pxeproxyd")
    expect(here.show("LoadState") == "not-found" or not here.run(
        "sh", "-c", "ls /lib/systemd/system/pxeproxyd.service 2>&-",
        check=False), "the unit is still there")
    step("stops cleanly, and is removed")


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        for tool, package in (("nsenter", "util-linux"), ("dpkg", "dpkg"),
                              ("pgrep", "procps")):
            program(tool, package)
        if not os.path.exists("/lib/systemd/systemd"):
            raise LabSkip("systemd is not installed")
        with Lab(name="pxeservice") as lab:
            bench = Bench(lab)
            with machine(lab, bench.us, os.path.abspath(sys.argv[1])) as here:
                check_start(here, bench)
                check_exposure(here)
                check_reload(here, bench)
                check_watchdog(here, bench)
                check_end(here)
    except LabSkip as why:
        print(f"SKIP {why}")
        tell(0, 1)
        return 77
    except (Failed, LabError, subprocess.SubprocessError) as why:
        print(f"FAIL {why}")
        tell(1, 0)
        return 1
    tell(0, 0)
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
