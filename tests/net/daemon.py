#!/usr/bin/python3
"""How the daemon is started, asked, told to reload, watched and ended.

    daemon.py [CASE...]         run the cases (all of them)
    daemon.py --list            name them

In network namespaces of its own, as live.py.  One line a case and a closing
count.  Exit status: 0 all passed, 1 not, 77 something could not be run.
Root is needed.
"""

import contextlib
import os
import pty
import pwd
import re
import signal
import subprocess
import sys
import time

import live
from lab import Lab, command, find_pxeproxyd
from live import Bench, expect

SERVED = "daemon"


# ---------------------------------------------------------------------------
# Cases

def case_closed_descriptors():
    """descriptors 0 to 2 that are closed at the start are /dev/null's then"""
    shut = ("<&-", ">&-", "2>&-")
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        for number in range(1, 8):
            closed = [fd for fd in range(3) if number >> fd & 1]
            words = " ".join(shut[fd] for fd in closed)
            control = os.path.join(lab.dir, f"control-{number}")
            process = bench.us.start(
                f"closed-{number}", "sh", "-c", f'exec "$@" {words}', "sh",
                find_pxeproxyd(), "--control-socket", control, "eth0")
            lab.wait(lambda path=control: os.path.exists(path), 10,
                     "the control socket")
            files = [os.readlink(f"/proc/{process.pid}/fd/{fd}")
                     for fd in closed]
            expect(files == ["/dev/null"] * len(closed),
                   f"{words}: they are {files}")
            status = process.stop()
            expect(status == 0, f"{words}: exit status {status}")
    return "7 ways to close them"


class OnTerminal:
    """The daemon in the foreground of a terminal of its own, by pty(7)."""

    def __init__(self, host, log, *argv):
        self.log = log
        argv = host.inside(["sh", "-c", 'log=$1; shift; exec "$@" 2>"$log"',
                            "sh", log, *argv])
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(os.path.dirname(log))  # nohup.out belongs there
            os.execvp(argv[0], argv)
        self.status = None

    def text(self):
        with contextlib.suppress(FileNotFoundError):
            with open(self.log, encoding="utf-8") as file:
                return file.read()
        return ""

    def hang_up(self):
        os.close(self.terminal)
        self.terminal = None

    def has_ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                self.status = status
        return self.status is not None

    def close(self):
        if self.terminal is not None:
            self.hang_up()
        if not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


@contextlib.contextmanager
def on_terminal(lab, host, *argv):
    log = os.path.join(lab.dir, "terminal.log")
    one = OnTerminal(host, log, *argv)
    try:
        lab.wait(lambda: "serving eth0" in one.text() or one.has_ended(), 10,
                 "the daemon on the terminal")
        expect(not one.has_ended(), f"it ended: {one.text()}")
        yield one
    finally:
        one.close()


def case_terminal_gone():
    """in the foreground of a terminal it ends when the terminal goes"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        with on_terminal(lab, bench.us, find_pxeproxyd(), "eth0") as one:
            one.hang_up()
            lab.wait(one.has_ended, 5, "its end")
            expect(one.status == 0, f"wait status {one.status}")
            expect("ending: requests=0" in one.text(),
                   f"no line of its end:\n{one.text()}")


def case_terminal_nohup():
    """started by nohup(1) on a terminal it stays, and SIGHUP is a reload"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = lab.file("a.conf", 'bootfile-name = "a.efi"\n')
        with on_terminal(lab, bench.us, "nohup", find_pxeproxyd(), "-c", path,
                         "eth0") as one:
            os.kill(one.pid, signal.SIGHUP)
            lab.wait(lambda: "in force" in one.text(), 5, "the reload")
            one.hang_up()
            time.sleep(0.5)
            expect(not one.has_ended(), f"it ended: {one.text()}")


def holds_port_67(host):
    """Is UDP port 67 bound there, on all addresses?"""
    return re.search(r"^\s*\d+: 00000000:0043 ", host.run(
        "cat", "/proc/net/udp"), re.M) is not None


def case_port_67():
    """port 67 is held where relays are configured, or as the options say"""
    relays = {
        "no relay": ("", False),
        "a rule for a relay": ('rule "a" { relay = "10.7.0.0/16" }', True),
        "a site for relays": ('site "a" { relay = "10.7.0.0/16" '
                              'next-server = "10.7.0.10" }', True),
        "a site for a VLAN": ('site "a" { vlan = 7 '
                              'next-server = "10.7.0.10" }', False),
        "a circuit": ('rule "a" { circuit-id = "hex:00:04" }', True),
        "a remote id": ('rule "a" { remote-id = "hex:00:04" }', True),
        "allow-relay": ('allow-relay = { "10.7.0.0/16" }', True),
        "an interface": ('rule "a" { interface = "eth0" }', False),
    }
    rows = [(what, text, (), held) for what, (text, held) in relays.items()]
    rows += [("--hold-port-67", "", ("--hold-port-67",), True),
             ("--leave-port-67", relays["a circuit"][0],
              ("--leave-port-67",), False),
             ("-n", relays["a circuit"][0], ("-n",), False)]
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        for number, (what, text, flags, held) in enumerate(rows):
            path = lab.file(f"{number}.conf", text + "\n")
            process = us.start(f"us-{number}", find_pxeproxyd(), *flags,
                               "-c", path, "eth0")
            lab.wait_log(process, "(serving|listening only on) eth0")
            expect(holds_port_67(us) == held,
                   f"{what}: held is {not held}")
            process.stop()
    return f"{len(rows)} ways"


def case_port_67_reload():
    """a reload without relays gives port 67 back"""
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        path = lab.file("a.conf", 'allow-relay = { "10.7.0.0/16" }\n')
        process = lab.pxeproxyd(us, "-c", path, "eth0")
        expect(holds_port_67(us), "it is not held")
        lab.file("a.conf", "")
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "port 67 is not held any more")
        expect(not holds_port_67(us), "it is still held")
        lab.file("a.conf", 'allow-relay = { "10.7.0.0/16" }\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "port 67 will be held for relays from the next")


def owned_dir(lab, name, user):
    """A directory that this user may write to."""
    path = os.path.join(lab.dir, name)
    os.mkdir(path)
    os.chown(path, user.pw_uid, user.pw_gid)
    os.chmod(path, 0o755)
    os.chmod(lab.dir, 0o755)
    return path


def case_metrics_readable():
    """the metrics file: everybody reads it, the daemon's own user wrote it"""
    user = pwd.getpwnam("daemon")
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        path = os.path.join(owned_dir(lab, "metrics", user), "pxe.prom")
        process = us.start("us", "sh", "-c", 'umask 077; exec "$@"', "sh",
                           find_pxeproxyd(), "--user", user.pw_name,
                           "--metrics-file", path, "eth0")
        lab.wait(lambda: os.path.exists(path), 10, "the metrics file")
        status = os.stat(path)
        expect(status.st_mode & 0o7777 == 0o644,
               f"its mode is {status.st_mode:o}")
        expect(status.st_uid == user.pw_uid,
               f"user {status.st_uid} wrote it: privileges were not dropped")
        expect("cannot be written" not in process.text(), process.tail())


def case_metrics_links():
    """the metrics file: symbolic links at its names are never followed"""
    user = pwd.getpwnam("daemon")
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        directory = owned_dir(lab, "metrics", user)
        for number, name in enumerate(("pxe.prom", "pxe.prom.new")):
            other = os.path.join(directory, f"other-{number}")
            with open(other, "w", encoding="ascii") as file:
                file.write("untouched")
            os.chown(other, user.pw_uid, user.pw_gid)
            path = os.path.join(directory, "pxe.prom")
            os.symlink(other, os.path.join(directory, name))
            process = us.start(f"us-{number}", find_pxeproxyd(), "--user",
                               user.pw_name, "--metrics-file", path, "eth0")
            lab.wait(lambda: os.path.exists(path) and not
                     os.path.islink(path), 10, "the metrics file")
            with open(other, encoding="ascii") as file:
                expect(file.read() == "untouched",
                       f"{name}: the link was followed")
            process.stop()
            os.unlink(path)


def ask(path, number, *groups):
    """The status, asked for by a user with these groups: the process."""
    return subprocess.run(
        ["setpriv", "--reuid", str(number), "--regid", str(number),
         *(("--groups", ",".join(map(str, groups))) if groups else
           ("--clear-groups",)),
         find_pxeproxyd(), "status", "--control-socket", path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20,
        encoding="utf-8", check=False)


def case_control_group():
    """members of the daemon's group may ask for the status, others not"""
    user = pwd.getpwnam("daemon")
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        path = os.path.join(owned_dir(lab, "run", user), "control")
        lab.pxeproxyd(us, "--user", user.pw_name, "--control-socket", path,
                      "eth0")
        status = os.stat(path)
        expect((status.st_uid, status.st_gid, status.st_mode & 0o7777) ==
               (user.pw_uid, user.pw_gid, 0o660),
               f"the socket is {status.st_uid}:{status.st_gid}, mode "
               f"{status.st_mode:o}")
        member, other = ask(path, 4711, user.pw_gid), ask(path, 4711)
        expect("eth0" in member.stdout, f"a member: {member.stdout}")
        expect(other.returncode != 0 and "Permission denied" in other.stdout,
               f"another one: {other.stdout}")


def reload_by(path, *before):
    """pxeproxyd reload: (exit status, standard output, standard error)."""
    done = subprocess.run(
        [*before, find_pxeproxyd(), "reload", "--control-socket", path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
        encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def case_reload():
    """reload waits, prints what is wrong, and its exit status tells"""
    user = pwd.getpwnam("daemon")
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        directory = owned_dir(lab, "run", user)
        control = os.path.join(directory, "control")
        status, _, errors = reload_by(control)
        expect(status == 3 and "no pxeproxyd answers" in errors,
               f"without a daemon: {status}: {errors}")
        path = lab.file("a.conf", 'bootfile-name = "a.efi"\n')
        process = lab.pxeproxyd(us, "--user", user.pw_name, "-c", path,
                                "--control-socket", control, "eth0")

        def file_in_force():
            return command(find_pxeproxyd(), "status", "rules",
                           "--control-socket", control, check=False)

        lab.file("a.conf", 'bootfile-name = "b.efi"\n')
        status, text, errors = reload_by(control)
        expect((status, errors) == (0, "") and "in force" in text,
               f"a right file: {status}: {text} {errors}")
        # No waiting here: it is in force when the command ends.
        expect("b.efi" in file_in_force(), file_in_force())

        lab.file("a.conf", 'bootfile-name = "c.efi"\narhc = "x64-uefi"\n')
        status, text, errors = reload_by(control)
        expect(status == 2 and text == "" and "a.conf:2" in errors and
               "arhc" in errors and "stays as it was" in errors,
               f"a wrong file: {status}: {text} {errors}")
        expect("b.efi" in file_in_force(), file_in_force())
        expect("stays as it was" in process.text(), process.tail())

        lab.file("a.conf", 'bootfile-name = "d.efi"\n')
        own = ("setpriv", "--reuid", str(user.pw_uid), "--regid",
               str(user.pw_gid), "--clear-groups")
        status, text, errors = reload_by(control, *own)
        expect(status == 0 and "d.efi" in file_in_force(),
               f"by the daemon's own user: {status}: {errors}")
        member = ("setpriv", "--reuid", "4711", "--regid", "4711",
                  "--groups", str(user.pw_gid))
        lab.file("a.conf", 'bootfile-name = "e.efi"\n')
        status, text, errors = reload_by(control, *member)
        expect(status == 4 and "only root" in errors and
               "d.efi" in file_in_force(),
               f"by a member of the group: {status}: {errors}")


def reload_in_journal(lab, control):
    """What a reload prints where standard error is systemd's journal."""
    path = os.path.join(lab.dir, "journal")
    with open(path, "wb") as file:
        there = os.fstat(file.fileno())
        subprocess.run(
            [find_pxeproxyd(), "reload", "--control-socket", control],
            stderr=file, timeout=20, check=False, env=dict(
                os.environ,
                JOURNAL_STREAM=f"{there.st_dev}:{there.st_ino}"))
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def case_reload_told_once():
    """what is wrong is told to who asks for a reload; the log has how much"""
    with Lab(name=SERVED) as lab:
        us = lab.host("us", "10.0.0.2/24", lab.link())
        control = os.path.join(lab.dir, "control")
        path = lab.file("a.conf", 'bootfile-name = "a.efi"\n')
        process = lab.pxeproxyd(us, "-c", path, "--control-socket", control,
                                "eth0")
        told = "stays as it was; whoever asked for the reload was told"
        lab.file("a.conf", 'rule "a" { vlan = 1 vlan = 1 }\nmenu = 3\n')
        status, _, errors = reload_by(control)
        count = len(re.findall(r"a\.conf:\d+:\d+: ", errors))
        expect(status == 2 and count > 1, f"{status}: {errors}")
        lab.wait_log(process, f"{told} {count} errors\n")
        expect("a.conf:" not in process.text(), process.tail())

        lab.file("a.conf", "arch = 3\n" * 30)
        reload_by(control)
        lab.wait_log(process, f"{told} more than 20 errors\n")

        lab.file("a.conf", "arch = 3\n")
        lines = reload_in_journal(lab, control)
        expect(len(lines) == 4 and all(line.startswith("<3>")
                                       for line in lines), lines)
        lab.wait_log(process, f"{told} 1 error\n")

        lab.file("a.conf", 'bootfile-name = "b.efi"\n'
                 'rule "all" { }\nrule "late" { arch = 9 }\n')
        status, text, _ = reload_by(control)
        expect(status == 0 and "warning: " in text, f"{status}: {text}")
        lab.wait_log(process, "in force; whoever asked for the reload was "
                     "told 1 warning\n")
        expect("a.conf:" not in process.text(), process.tail())

        # A signal has nobody who is told.
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"a\.conf:\d+:\d+: ")
        lab.file("a.conf", "arch = 3\n")
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"a\.conf:1:1: ")
        lab.wait_log(process, "stays as it was\n")


CASES = live.cases_of(globals())


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(live.main(CASES, __doc__))
    sys.exit(130)
