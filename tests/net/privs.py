#!/usr/bin/python3
"""What the daemon gives up once all is open, and that it works without it.

    privs.py [CASE...]          run the cases (all of them)
    privs.py --list             name them

In network namespaces of its own, as live.py.  One line a case and a closing
count.  Exit status: 0 all passed, 1 not, 77 something could not be run.
Root is needed.

    privs.py inside PROGRAM [ARGUMENT...]   (inside) serve one end of a veth
                                            in a user namespace
"""

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import live
from lab import Lab, LabSkip, PYTHON, find_pxeproxyd, read_pcap
from live import Bench, Failed, expect, outcome, request, send, the_log

# Sanitizers and coverage need system calls that the filter would forbid.
FILTERED = not os.environ.get("PXEPROXYD_INSTRUMENTED")
CAP_NET_BIND_SERVICE, CAP_NET_RAW = 10, 13
NET_RAW = 1 << CAP_NET_RAW
NET_BIND_SERVICE = 1 << 10


def default_user():
    """(uid, gid) that it becomes without --user."""
    for name in ("pxeproxyd", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    raise LabSkip("there is neither a user pxeproxyd nor nobody")


class Status:
    """What the kernel says of a process."""

    def __init__(self, pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            self.line = dict(line.rstrip("\n").split(":", 1) for line in f)

    def ids(self, name):
        return {int(word) for word in self.line[name].split()}

    def bits(self, name):
        return int(self.line[name], 16)

    def number(self, name):
        return int(self.line[name])


def expect_dropped(pid, uid, gid, *, caps=NET_RAW, bounding=0, groups=frozenset()):
    status = Status(pid)
    expect(status.ids("Uid") == {uid}, f"Uid: {status.line['Uid']}")
    expect(status.ids("Gid") == {gid}, f"Gid: {status.line['Gid']}")
    if groups is not None:
        expect(status.ids("Groups") == set(groups),
               f"Groups: {status.line['Groups']}")
    for name, wanted in (("CapInh", 0), ("CapPrm", caps), ("CapEff", caps),
                         ("CapBnd", bounding), ("CapAmb", 0)):
        expect(status.bits(name) == wanted,
               f"{name}: {status.bits(name):#x}, not {wanted:#x}")
    expect(status.number("NoNewPrivs") == 1, "NoNewPrivs is not set")
    expect(status.number("Seccomp") == (2 if FILTERED else 0),
           f"Seccomp: {status.line['Seccomp']}")


def expect_lines(process):
    """What could not be had is said; what could is not."""
    missing = re.findall(r"going on without (.*):", process.text())
    wanted = [] if FILTERED else ["the seccomp filter"]
    expect(missing == wanted, f"going on without: {missing}")


def start(lab, host, *arguments, before=()):
    """The daemon, behind a command that prepares its privileges."""
    process = host.start("us", *before, find_pxeproxyd(), *arguments, "eth0")
    lab.wait_log(process, "serving eth0 as")
    return process


def answered(bench, what):
    send(bench, [request()])
    return bench.request_from_us(1, what)


# ---------------------------------------------------------------------------
# Cases

def case_as_root():
    """root with groups and capabilities to spare: all of it goes"""
    caps = "+net_raw,+net_admin,+setuid"
    before = ("setpriv", "--groups", "4,24", "--inh-caps", caps,
              "--ambient-caps", caps)
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        control = bench.us.start("control", *before, "sleep", "60")
        time.sleep(0.5)
        status = Status(control.pid)
        expect(status.bits("CapAmb") and status.bits("CapInh") and
               status.ids("Groups"), "the control has nothing to lose")
        process = start(lab, bench.us, before=before)
        expect_dropped(process.pid, *default_user())
        expect_lines(process)
        answered(bench, "after the drop")
        with contextlib.suppress(KeyError):
            pwd.getpwnam("pxeproxyd")
            return
        the_log(process, "there is no user pxeproxyd: going on as nobody$")


def case_named_user():
    """--user NAME is who it becomes"""
    daemon = pwd.getpwnam("daemon")
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        process = start(lab, bench.us, "--user", "daemon")
        expect_dropped(process.pid, daemon.pw_uid, daemon.pw_gid)
        expect("there is no user" not in process.text(), process.tail())
        answered(bench, "as daemon")


def case_unknown_user():
    """an unknown --user ends it, with one line"""
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        status, lines = outcome(bench.us, "--user", "no-such-user",
                                "eth0")
        expect(status == 1 and len(lines) == 1 and
               "--user: there is no user no-such-user" in lines[0],
               f"{status}: {lines}")


def case_kept_user():
    """--user '' keeps user and groups, and gives up all the rest"""
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        process = start(lab, bench.us, "--user", "",
                        before=("setpriv", "--groups", "4,24"))
        expect_dropped(process.pid, 0, 0, groups={4, 24})
        expect_lines(process)
        answered(bench, "still root by name")


def case_as_service():
    """started as a user with ambient capabilities, as by systemd"""
    both = "+net_raw,+net_bind_service"
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        process = start(lab, bench.us, "--hold-port-67", before=(
            "setpriv", "--reuid", "1", "--regid", "1", "--clear-groups",
            "--bounding-set", "-all," + both, "--inh-caps", "-all," + both,
            "--ambient-caps", "-all," + both, "--no-new-privs"))
        the_log(process, "holding port 67")
        # CAP_SETPCAP would be needed to empty the bounding set.
        expect_dropped(process.pid, 1, 1,
                       bounding=NET_RAW | 1 << CAP_NET_BIND_SERVICE)
        the_log(process, "going on without an empty capability bounding set")
        answered(bench, "as a service")


def case_not_root_named_user():
    """who is not root cannot become another: it ends, with a line"""
    both = "+net_raw,+net_bind_service"
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        done = subprocess.run(
            bench.us.inside(["setpriv", "--reuid", "1", "--regid", "1",
                             "--clear-groups", "--inh-caps", both,
                             "--ambient-caps", both, find_pxeproxyd(),
                             "--user", "nobody", "eth0"]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=30, encoding="utf-8")
        expect(done.returncode == 1 and
               "--user: cannot become nobody: " in done.stdout,
               f"{done.returncode}: {done.stdout}")


def case_interface_returns():
    """after the drop an interface that was lost is opened again"""
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        path = os.path.join(lab.dir, "sent.pcap")
        conf = lab.file("late.conf", 'rule "late" { arch = "x64-uefi" '
                        'bootfile-name = "late.efi" delay = 300 }\n')
        process = start(lab, bench.us, "-c", conf, "-w", path)
        lab.ip("-n", bench.us.ns, "link", "delete", "eth0")
        lab.wait_log(process, "waiting for it to come back")
        bench.us.interfaces.clear()
        bench.us.join(bench.link, live.OURS + "/24")
        lab.wait_log(process, r"(?s)serving eth0.*serving eth0")
        expect_dropped(process.pid, *default_user())
        answered(bench, "after it came back, late")
        expect(len(read_pcap(path)) == 1,
               "the savefile does not have what was sent")
        expect(process.stop() == 0, "it did not end well")


def case_syslog():
    """after the drop it still logs to syslog"""
    with Lab(name="pxeprivs") as lab:
        bench = Bench(lab)
        process = bench.us.start("us", find_pxeproxyd(), "--syslog", "eth0")
        time.sleep(2)
        expect_dropped(process.pid, *default_user())
        answered(bench, "with syslog")
        expect(process.stop() == 0, "it did not end well")


def case_replay():
    """a replay by root keeps nothing, and reads to the end"""
    path = os.path.join(live.PCAPS, next(live.replay_list())[0] + ".pcap")
    with open(path, "rb") as f:
        octets = f.read()
    with subprocess.Popen([find_pxeproxyd(), "-r", "-"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as replay:
        # The file header, and then it waits for a frame.
        replay.stdin.write(octets[:24])
        replay.stdin.flush()
        until = time.monotonic() + 20
        while time.monotonic() < until and \
                Status(replay.pid).number("NoNewPrivs") == 0:
            time.sleep(0.1)
        time.sleep(0.5)
        try:
            expect_dropped(replay.pid, *default_user(), caps=0)
        finally:
            text = replay.communicate(octets[24:], timeout=30)[0].decode()
    expect(replay.returncode == 0 and " frames, " in text,
           f"{replay.returncode}: {text}")
    expect("going on" not in text, text)


def user_namespace(*argv, bound=0):
    """The output of a daemon in an unprivileged user namespace."""
    script = os.path.abspath(__file__)
    stranger = ["setpriv", "--reuid", "65534", "--regid", "65534",
                "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    reads = subprocess.run([*stranger, "test", "-r", script, "-a", "-x",
                            find_pxeproxyd()], check=False)
    if reads.returncode != 0:
        stranger = []               # a tree that is for its owner alone
    done = subprocess.run([*stranger, "unshare", "-rn", PYTHON, script,
                           "inside", str(bound), *argv],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60,
                          encoding="utf-8", cwd="/", check=False)
    if "unshare failed" in done.stdout:
        raise LabSkip("no user namespaces here: " + done.stdout.strip())
    expect(done.returncode == 0, done.stdout)
    return done.stdout


def case_user_namespace():
    """in an unprivileged user namespace --user '' serves"""
    text = user_namespace(find_pxeproxyd(), "--user", "")
    expect("going on without a user" not in text, text)


def case_user_namespace_default():
    """there, without --user, a line says that there is no other user"""
    text = user_namespace(find_pxeproxyd())
    expect("going on without a user of our own" in text, text)


def libraries(program):
    """The shared objects that it is loaded with, its interpreter too."""
    text = subprocess.run(["ldd", program], check=True,
                          stdout=subprocess.PIPE, encoding="utf-8").stdout
    return re.findall(r"(/\S+) \(0x", text)


def container(top, *programs):
    """A root file system that has these programs and nothing else."""
    os.chmod(top, 0o755)
    for program in programs:
        for path in (program, *libraries(program)):
            to = os.path.join(top, "bin", os.path.basename(program)) \
                if path == program else top + path
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(path, to)


def case_container():
    """as the root of a container that has two capabilities and no user"""
    if not FILTERED:
        return "not with sanitizers, which want files of the system"
    with tempfile.TemporaryDirectory() as top:
        container(top, find_pxeproxyd(), shutil.which("setpriv"))
        os.mkdir(os.path.join(top, "etc"))
        with open(os.path.join(top, "etc", "pxeproxyd.conf"), "w",
                  encoding="utf-8") as file:
            file.write('bootfile-name = "grubx64.efi"\n')
        text = user_namespace(
            "unshare", "--root", top, "/bin/setpriv", "--inh-caps=-all",
            "--bounding-set=-all,+net_raw,+net_bind_service",
            "/bin/pxeproxyd", "--user", "", "-c", "/etc/pxeproxyd.conf",
            bound=NET_RAW | NET_BIND_SERVICE)
        expect('bootfile-name="grubx64.efi"' in text and
               "going on without a user" not in text, text)
    return None


def inside(bound, argv):
    """Runs in a user namespace: serve one end of a veth, ask on the other.
    The capability bounding set may stay as bound says."""
    for words in ("link add us type veth peer name client",
                  f"address add {live.OURS}/24 dev us",
                  "link set us up", "link set client up"):
        subprocess.run(["ip", *words.split()], check=True)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind(("client", 3))
    with subprocess.Popen([*argv, "us"], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, encoding="utf-8") as us:
        for line in us.stderr:
            print(line, end="", flush=True)
            if "serving us as" in line:
                break
        else:
            return 1
        wire.settimeout(1)
        wire.send(request())
        got = False
        for _ in range(20):
            with contextlib.suppress(socket.timeout):
                frame = wire.recv(2000)
                got = got or frame[23:24] == b"\x11" and \
                    frame[34:36] == b"\x00\x43"
            if got:
                break
        status = Status(us.pid)
        us.terminate()
        print(us.stderr.read(), end="")
    problems = [name for name, wrong in (
        ("no answer", not got),
        ("NoNewPrivs", status.number("NoNewPrivs") != 1),
        ("Seccomp", status.number("Seccomp") != (2 if FILTERED else 0)),
        ("CapPrm", status.bits("CapPrm") != NET_RAW),
        ("CapBnd", status.bits("CapBnd") not in (0, bound)),
        ("exit status", us.returncode != 0)) if wrong]
    print("problems:", problems or "none")
    return 1 if problems else 0


# ---------------------------------------------------------------------------

CASES = live.cases_of(globals())


if __name__ == "__main__":
    if sys.argv[1:2] == ["inside"]:
        sys.exit(inside(int(sys.argv[2]), sys.argv[3:]))
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(live.main(CASES, __doc__))
    sys.exit(130)
