#!/usr/bin/python3
"""pxeproxyd as a daemon to rely on: reload, faults, limits, counters.

    trust.py [CASE...]          run the cases (all of them)
    trust.py --list             name them

One line a case and a closing count.  Exit status: 0 all passed, 1 not,
77 nothing could be run.  Root is needed; all of it happens in network
namespaces that are made for it.
"""

import contextlib
import ctypes
import datetime
import errno
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import live
from lab import (Lab, LabError, LabSkip, PYTHON, datagram,
                 find_pxeproxyd, udp_bound)
from live import (Bench, Failed, asked_4011, expect, request, send, the_log)

HERE = os.path.dirname(os.path.abspath(__file__))
SERVED = "pxetrust"
INSTRUMENTED = os.environ.get("PXEPROXYD_INSTRUMENTED")


def files_of(bench):
    """The boot files of the answers so far, in their order."""
    return [datagram(0.0, frame).payload[108:236].rstrip(b"\0").decode()
            for frame in bench.answers()]


def macs(number, first=0):
    """Addresses of different clients."""
    for i in range(first, first + number):
        yield "52:54:00:%02x:%02x:%02x" % (i >> 16, i >> 8 & 255, i & 255)


def open_dir(lab):
    """A directory where the daemon may write as whatever user it becomes."""
    path = os.path.join(lab.dir, "run")
    os.mkdir(path)
    os.chmod(path, 0o777)
    return path


def said(process, pattern, times):
    """The log has the text so often, and no more."""
    found = process.text().count(pattern)
    expect(found == times, f"{found} times \"{pattern}\" in the log, not "
           f"{times}:\n{process.tail(30)}")


class Faults:
    """What seldom happens, happens to the daemon: see faults.c."""

    def __init__(self, lab):
        self.library = os.path.join(os.path.dirname(find_pxeproxyd()), "..",
                                    "tests", "faults.so")
        if not os.path.exists(self.library):
            raise LabSkip("no faults.so: make it in the build's tests")
        self.path = os.path.join(lab.dir, "faults")
        self.error = self.sends = self.step = self.stamps = self.builds = 0
        with open(self.path, "wb") as f:
            f.write(self.octets() + bytes(8))
        os.chmod(self.path, 0o666)

    def octets(self):
        return struct.pack("=iiqqq", self.error, self.sends, self.step,
                           self.stamps, self.builds)

    def sending(self, error, times):
        """The next calls fail so; -1: all of them."""
        self.error, self.sends = error, times
        self.write()

    def building(self, times):
        """The next frames libnet does not make."""
        self.builds = times
        self.write()

    def clock(self, step, stamps=None):
        """The clock is so many seconds ahead; frames may be of before."""
        self.step = step
        self.stamps = step if stamps is None else stamps
        self.write()

    def write(self):
        with open(self.path, "r+b") as f:       # as it is: it is mapped
            f.write(self.octets())

    def read(self):
        with open(self.path, "rb") as f:
            return struct.unpack("=iiqqqq", f.read())

    def left(self):
        """So many calls are still to fail."""
        return self.read()[1]

    def last(self):
        """The last second that the daemon's clock can show."""
        return self.read()[5]

    def start(self, lab, host, *arguments):
        env = dict(os.environ, FAULTS=self.path, LD_PRELOAD=self.library,
                   ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") +
                   ":verify_asan_link_order=0")
        process = host.start("pxeproxyd", find_pxeproxyd(), *arguments,
                             env=env)
        lab.wait_log(process, "serving eth0 as")
        return process


# ---------------------------------------------------------------------------
# Reload

def case_reload():
    """SIGHUP: what the file says by then is in force"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = lab.file("a.conf", 'bootfile-name = "one"\n')
        process = lab.pxeproxyd(bench.us, "-c", path, "eth0")
        send(bench, [request()])
        lab.file("a.conf", 'rule "new" { arch = 7 bootfile-name = "two" '
                 'form = "direct" }\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "a.conf is read again and in force")
        send(bench, [request(), request(arch=9)])
        files = files_of(bench)
        expect(files == ["one", "two", "BOOTX64.EFI"], f"the answers: {files}")


def case_reload_of_errors():
    """SIGHUP: any error is told with file and line, and changes nothing"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        hosts = lab.file("hosts", "52:54:00:12:34:56 host-file\n")
        sound = f'hosts-file = "{hosts}"\nbootfile-name = "one"\n'
        path = lab.file("a.conf", sound)
        process = lab.pxeproxyd(bench.us, "-c", path, "eth0")
        lab.file("a.conf", sound + 'rule "x" {\n\tarch = "toaster"\n}\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"a\.conf:4:9: arch \"toaster\"")
        lab.file("a.conf", 'bootfile-name = "half"\nrule "x" {\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"a\.conf:\d+:\d+: this section does not end")
        lab.file("a.conf", sound.replace("one", "two"))
        lab.file("hosts", "52:54:00:12:34:56 new-file\nnonsense\n")
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"hosts:2:1: ")
        os.unlink(path)
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"a\.conf: No such file")
        lab.wait(lambda: process.text().count("stays as it was") == 4, 10,
                 "the fourth error")
        send(bench, [request(), request(mac="52:54:00:00:00:01")])
        files = files_of(bench)
        expect(files == ["host-file", "one"], f"the answers: {files}")


def case_reload_of_included_errors():
    """SIGHUP: errors in included files, again and again, leave nothing"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        part = lab.file("part.conf", 'bootfile-name = "one"\n')
        path = lab.file("a.conf", f'include("{part}")\n'
                        'rule "x" { arch = 9 bootfile-name = "nine" }\n')
        process = lab.pxeproxyd(bench.us, "-c", path, "eth0")
        before = os.listdir(f"/proc/{process.pid}/fd")
        # Another rule of that name: an error only where it is included.
        wrong = ('rule "x" {\n\tarch = "toaster"\n}\n', "rule 'y' {\n",
                 'rule "x" { }\n rule "x" { }\n')
        told = 0
        for i in range(15):
            lab.file("part.conf", wrong[i % len(wrong)])
            process.kill(signal.SIGHUP)
            lab.wait(lambda: process.text().count("stays as it was") == i + 1,
                     10, f"error {i + 1}")
            now = process.text().count("part.conf:")
            expect(now > told, f"error {i + 1} is not told")
            told = now
        lab.file("part.conf", 'bootfile-name = "two"\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "a.conf is read again and in force")
        send(bench, [request(), request(arch=9)])
        files = files_of(bench)
        expect(files == ["two", "nine"], f"the answers: {files}")
        after = os.listdir(f"/proc/{process.pid}/fd")
        expect(len(after) == len(before), f"descriptors: {before}, {after}")


def case_reload_of_patterns():
    """SIGHUP: include "conf.d/*.conf" finds what is new by then, and confined"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = lab.file("a.conf", 'include "conf.d/*.conf"\n')
        os.chmod(lab.dir, 0o755)
        process = lab.pxeproxyd(bench.us, "--user", "nobody", "-c", path,
                                "eth0")
        parts = os.path.join(lab.dir, "conf.d")
        os.mkdir(parts, 0o755)
        for number, (name, text, wanted) in enumerate((
                ("b.conf", 'rule "b" { bootfile-name = "b" }\n', "b"),
                ("a.conf", 'rule "a" { bootfile-name = "a" }\n', "a"),
                ("0.txt", "not a configuration {", "a"),
                ("a.conf", None, "b"))):
            if text is None:
                os.unlink(os.path.join(parts, name))
            else:
                lab.file(os.path.join("conf.d", name), text)
            process.kill(signal.SIGHUP)
            lab.wait(lambda: process.text().count("in force") == number + 1,
                     10, f"reload {number + 1}")
            send(bench, [request()])
            expect(files_of(bench)[-1] == wanted,
                   f"after {name}: {files_of(bench)}")


def case_reload_of_unreadable():
    """SIGHUP: a file that only root may read by then is told of, no more"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = lab.file("a.conf", 'bootfile-name = "one"\n')
        process = lab.pxeproxyd(bench.us, "--user", "nobody", "-c", path,
                                "eth0")
        lab.file("a.conf", 'bootfile-name = "two"\n')
        os.chmod(path, 0o600)
        process.kill(signal.SIGHUP)
        lab.wait_log(process, r"a\.conf: Permission denied")
        lab.wait_log(process, "the configuration stays as it was")
        send(bench, [request()])
        os.chmod(path, 0o644)
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "a.conf is read again and in force")
        send(bench, [request()])
        files = files_of(bench)
        expect(files == ["one", "two"], f"the answers: {files}")


def many_hosts(count, name):
    return "".join(f"{mac} {name}\n" for mac in macs(count))


def reload_in_flood(lab, process, sender):
    """Six reloads while requests come, until both are over."""
    for _ in range(6):
        time.sleep(0.3)
        process.kill(signal.SIGHUP)
    sender.popen.wait(60)
    lab.wait(lambda: process.text().count("in force") == 6, 30,
             "six reloads")


def case_reload_loses_nothing():
    """requests during reloads of 100,000 hosts are all answered"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        hosts = lab.file("hosts", many_hosts(100000, "old"))
        path = lab.file("a.conf", f'hosts-file = "{hosts}"\n')
        process = lab.pxeproxyd(bench.us, "-q", "-c", path, "eth0")
        lab.file("hosts", many_hosts(100000, "new"))
        sender = bench.client.start("sender", PYTHON,
                                    os.path.abspath(__file__), "flood",
                                    "eth0", "4000", "0.001")
        sender.may_end = True
        lab.wait(lambda: os.path.getsize(bench.capture.path) > 50000, 30,
                 "the first requests")
        reload_in_flood(lab, process, sender)
        files = files_of(bench)
        expect(len(files) == 4000, f"{len(files)} answers to 4000 requests")
        turn = files.index("new")
        expect(files == ["old"] * turn + ["new"] * (4000 - turn),
               "the old file was given after the new one")
        expect(0 < turn < 4000, f"the turn came at {turn}")
        return f"the turn came with request {turn} of 4000"


def memory_in_use(process):
    """Octets of address space."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[0]) * os.sysconf("SC_PAGESIZE")


def case_reload_without_memory():
    """SIGHUP: where memory is short, what was in force goes on"""
    if INSTRUMENTED:
        return "not with sanitizers, which need all the address space"
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        hosts = lab.file("hosts", many_hosts(100, "old"))
        path = lab.file("a.conf", f'hosts-file = "{hosts}"\n')
        process = lab.pxeproxyd(bench.us, "--user", "", "-c", path,
                                "eth0")
        lab.file("hosts", many_hosts(100000, "new"))
        # prlimit(2) is for a process of the same user.
        # Too little for the configuration itself, then for its table.
        lab.file("a.conf", f'hosts-file = "{hosts}"\n' + "".join(
            f'rule "{i}" {{ vlan = {i} bootfile-name = "f{i}" }}\n'
            for i in range(1, 4000)))
        for number, more in enumerate((0, 1 << 20), 1):
            resource.prlimit(process.pid, resource.RLIMIT_AS,
                             (memory_in_use(process) + more,
                              resource.RLIM_INFINITY))
            process.kill(signal.SIGHUP)
            lab.wait(lambda: process.text().count("stays as it was") ==
                     number, 30, "word of the failed reload")
            send(bench, [request(mac=mac) for mac in macs(3)])
        said(process, "Cannot allocate memory", 2)
        resource.prlimit(process.pid, resource.RLIMIT_AS,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        lab.file("a.conf", f'hosts-file = "{hosts}"\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "a.conf is read again and in force")
        send(bench, [request(mac=mac) for mac in macs(3)])
        files = files_of(bench)
        expect(files == ["old"] * 6 + ["new"] * 3, f"the answers: {files}")


def case_signal_in_a_storm():
    """SIGTERM ends it while requests come without a pause"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "-q", "eth0")
        sender = bench.client.start("sender", PYTHON,
                                    os.path.abspath(__file__), "flood",
                                    "eth0", "10000000", "0")
        time.sleep(1)
        status = process.stop(signal.SIGTERM)
        expect(status == 0, f"exit status {status}")
        expect(sender.alive(), "the storm was over")
        sender.stop()


# ---------------------------------------------------------------------------
# Faults

def ip(bench, *words):
    bench.lab.ip("-n", bench.us.ns, *words)


def case_address_changed():
    """an address that changes on a live interface is answered from"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        ip(bench, "address", "add", "10.0.0.7/24", "dev", "eth0")
        ip(bench, "address", "delete", "10.0.0.2/24", "dev", "eth0")
        ip(bench, "address", "replace", "10.0.0.7/24", "dev", "eth0")
        lab.wait_log(process, r"serving eth0 as 10\.0\.0\.7")
        send(bench, [request()])
        answer = bench.request_from_us(1, "after the change")[0]
        expect(answer.source == "10.0.0.7", f"from {answer.source}")
        expect(answer.payload[20:24] == bytes([10, 0, 0, 7]),
               "siaddr is the old address")


def case_mac_changed():
    """a MAC address that changes on a live interface is answered from"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        bench.us.mac = "02:00:00:aa:bb:cc"
        ip(bench, "link", "set", "eth0", "address", bench.us.mac)
        lab.wait_log(process, r"serving eth0 as .*02:00:00:aa:bb:cc")
        send(bench, [request()])
        bench.request_from_us(1, "after the change")


def case_address_gone_and_back():
    """without an address it says so once, and goes on when it has one"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        ip(bench, "address", "flush", "dev", "eth0")
        lab.wait_log(process, "eth0: it has no IPv4 address")
        send(bench, [request(mac=mac) for mac in macs(5)])
        time.sleep(2.5)
        bench.request_from_us(0, "without an address")
        ip(bench, "address", "add", "10.0.0.7/24", "dev", "eth0")
        lab.wait_log(process, r"serving eth0 as 10\.0\.0\.7")
        send(bench, [request()])
        bench.request_from_us(1, "with one again")
        said(process, "it has no IPv4 address", 1)


def case_second_address():
    """an address that is added later is ours on port 4011 too"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "-d", "eth0")
        later = dict(kind=3, source="10.0.0.50", destination="10.0.0.8",
                     port=4011, source_port=4011, to=bench.us.mac)
        send(bench, [request(**later)])
        lab.wait_log(process, "not-for-us")
        ip(bench, "address", "add", "10.0.0.8/24", "dev", "eth0")
        time.sleep(1)
        send(bench, [request(**later)])
        answer = bench.request_from_us(1, "to the second address")[0]
        expect(answer.source == "10.0.0.8", f"from {answer.source}")


def case_address_by_option():
    """a link without IPv4 address is served with --address"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        ip(bench, "address", "flush", "dev", "eth0")
        lab.pxeproxyd(bench.us, "--address", "10.0.0.77", "eth0")
        send(bench, [request()])
        answer = bench.request_from_us(1, "by option")[0]
        expect(answer.source == "10.0.0.77", f"from {answer.source}")


def case_disk_full():
    """a savefile and metrics on a full disk: said once, all are answered"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        small = os.path.join(lab.dir, "small")
        os.mkdir(small)
        # A mount namespace of its own, so that nothing is left mounted.
        process = bench.us.start(
            "us", "unshare", "-m", "sh", "-c",
            'mount -t tmpfs -o size=64k,mode=777 none "$1" && shift && '
            'exec "$@"', "sh", small, find_pxeproxyd(), "-q", "-w", small + "/sent.pcap",
            "--metrics-file", small + "/pxe.prom", "eth0")
        lab.wait_log(process, "serving eth0 as")
        send(bench, [request(mac=mac) for mac in macs(300)])
        bench.request_from_us(300, "with a full disk")
        said(process, "the savefile cannot be written: No space left", 1)
        lab.wait_log(process, "pxe.prom cannot be written: No space left", 30)
        send(bench, [request()])
        bench.request_from_us(301, "after the disk was full")
        status = process.stop()
        expect(status == 1, f"exit status {status}")
        said(process, "pxe.prom cannot be written", 1)


def there(host, function, *arguments):
    """What the function gives when it is called in the host."""
    found = []

    def call():             # a thread's namespace is its own
        with open(f"/run/netns/{host.ns}", "rb") as ns:
            if ctypes.CDLL(None).setns(ns.fileno(), 0x40000000) == 0:
                with contextlib.suppress(OSError):
                    found.append(function(*arguments))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if not found:
        raise LabSkip(f"{function.__name__}: not possible here")
    return found[0]


def open_tap(name):
    """The other end of a network card of that name."""
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, 0x400454ca,                        # TUNSETIFF, a tap
                struct.pack("16sH22x", name.encode(), 0x1002))
    return tap


def tells_when_full(name):
    """Is it an error to send to a queue that is full?  It depends on the
    kernel."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    wire.bind((name, 0))
    wire.setsockopt(263, 20, 1)                         # PACKET_QDISC_BYPASS
    for _ in range(1000):
        try:
            wire.send(b"\xff" * 64)
        except OSError:
            return True
    return False


def take_all(tap):
    """The DHCP answers that wait on a tap."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            frame = os.read(tap, 2000)
            packet = datagram(0.0, frame)
            if packet and packet.source_port == 67:
                found.append(frame)
    return found


def case_full_queue():
    """a network card whose queue is full: said once, counted, and it goes on"""
    with Lab(name=SERVED) as lab:
        us = lab.host("us")
        tap = there(us, open_tap, "eth0")
        lab.ip("-n", us.ns, "link", "set", "eth0", "txqueuelen", "16", "up")
        lab.ip("-n", us.ns, "address", "add", "10.0.0.2/24", "dev", "eth0")
        if not there(us, tells_when_full, "eth0"):
            return "this kernel tells nobody; see errors-of-sending"
        path = os.path.join(open_dir(lab), "control")
        process = lab.pxeproxyd(us, "--bypass-queue", "--control-socket", path,
                                "eth0")

        def answers(number):
            lab.wait(lambda: status_json(path)["interfaces"][0]["answers"] ==
                     number, 30, f"{number} answers")
            return status_json(path)["interfaces"][0]["send_errors"]

        take_all(tap)
        for mac in macs(200):               # nobody reads
            os.write(tap, request(mac=mac))
        lost = answers(200)
        came = len(take_all(tap))
        expect(came + lost == 200 and 0 < came <= 16,
               f"{came} answers came, {lost} are counted as lost")
        said(process, "cannot send on eth0: No buffer space available", 1)
        for number in range(1, 41):         # somebody reads
            os.write(tap, request())
            expect(answers(200 + number) == lost and len(take_all(tap)) == 1,
                   "there is room, and yet one was lost")
            if "eth0: answers are sent again" in process.text():
                break
            time.sleep(1)
        the_log(process, "eth0: answers are sent again")
        said(process, "cannot send", 1)
        process.stop()
        the_log(process, f"ending: requests={200 + number} .*"
                f"send-errors={lost}$")
        os.close(tap)
        return f"{came} of 200 answers had room"


def case_full_ring():
    """requests that come while it stands still: the lost ones are counted"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        bench.capture.process.stop()
        path = os.path.join(open_dir(lab), "control")
        process = lab.pxeproxyd(bench.us, "-q", "--control-socket", path,
                                "eth0")
        process.kill(signal.SIGSTOP)
        bench.client.run(PYTHON, os.path.abspath(__file__), "flood", "eth0",
                         "60000", "0", timeout=120)
        process.kill(signal.SIGCONT)

        def is_over():
            link = status_json(path)["interfaces"][0]
            return link["frames"] + link["dropped"] >= 60000 and link
        link = lab.wait(is_over, 60, "the rest of the requests")
        expect(link["dropped"] > 0, "nothing was dropped: no test")
        lab.wait_log(process, r"eth0: \d+ frames came faster than they were "
                     "read, and were dropped")
        send(bench, [request()])
        lab.wait(lambda: status_json(path)["machines"][0]["mac"] ==
                 "52:54:00:12:34:56", 30, "an answer after the storm")
        said(process, "came faster", 1)
        return f"{link['dropped']} of 60000 dropped"


def case_errors_of_sending():
    """errors of sending: the short ones are waited for, the long ones told"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        faults = Faults(lab)
        process = faults.start(lab, bench.us, "eth0")
        sent = lost = 0
        for error in (errno.ENOBUFS, errno.EAGAIN):
            faults.sending(error, 10)       # over before we give up
            send(bench, [request()])
            sent += 1
            bench.request_from_us(sent, f"after a short {error}")
            expect(faults.left() == 0, "it was not sent again")
        said(process, "cannot send", 0)
        for error in (errno.ENOBUFS, errno.EAGAIN, errno.ENETDOWN,
                      errno.EPERM):
            faults.sending(error, -1)
            send(bench, [request()] * 3 + [request(arch=99)] * 3)
            lost += 3
            bench.request_from_us(sent, f"during error {error}")
            faults.sending(0, 0)
            send(bench, [request()] * 3)
            sent += 3
            bench.request_from_us(sent, f"after error {error}")
        said(process, "cannot send", 1)
        process.stop()
        the_log(process, f"send-errors={lost}$")


def case_errors_of_building():
    """answers that libnet does not make: said once, counted, and it goes on"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        faults = Faults(lab)
        process = faults.start(lab, bench.us, "eth0")
        faults.building(3)
        send(bench, [request()] * 5)
        bench.request_from_us(2, "after three that were not made")
        said(process, "cannot send", 1)
        process.stop()
        the_log(process, "ending: requests=5 offer=5 dropped=0 send-errors=3$")


def case_delayed_answers_lost():
    """answers that wait when their interface or all ends count as not sent"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = os.path.join(open_dir(lab), "control")
        conf = lab.file("a.conf", 'rule "late" { delay = 3000 }\n')
        process = lab.pxeproxyd(bench.us, "-c", conf, "--control-socket",
                                path, "eth0")

        def link(number):
            return lab.wait(lambda: (one := status_json(path)["interfaces"][0])
                            ["answers"] == number and one, 30,
                            f"{number} answers")
        send(bench, [request(mac=mac) for mac in macs(3)])
        expect(link(3)["send_errors"] == 0, "errors before there were any")
        ip(bench, "link", "set", "eth0", "down")
        lab.wait_log(process, "waiting for it to come back")
        expect(link(3)["send_errors"] == 3, f"{link(3)}")
        ip(bench, "link", "set", "eth0", "up")
        lab.wait(lambda: process.text().count("serving eth0 as") == 2, 30,
                 "the interface")
        send(bench, [request(mac=mac) for mac in macs(2)])
        link(5)
        process.stop()
        the_log(process, "ending: requests=5 offer=5 dropped=0 send-errors=5$")
        expect(not bench.answers(), "one was sent after all")


def case_clock_steps():
    """the clock is set ahead and back: answers, times and rates as ever"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        faults = Faults(lab)
        run = open_dir(lab)
        path, metrics = (os.path.join(run, name) for name in
                         ("control", "pxe.prom"))
        conf = lab.file("a.conf", 'client-rate = 5\n'
                        'rule "late" { arch = 9 delay = 300 }\n')
        process = faults.start(lab, bench.us, "-c", conf, "--control-socket",
                               path, "--metrics-file", metrics, "eth0")
        sent = before = 0
        ahead = min(1 << 31, faults.last() - int(time.time()) - 86400)
        for step in (7200, -86400, 0, ahead, -(1 << 30)):
            # One that was captured before, then others.
            faults.clock(step, before)
            send(bench, [request(mac="52:54:00:77:77:77")])
            time.sleep(0.5)
            faults.clock(step)
            send(bench, [request(mac=mac) for mac in macs(20, sent)] +
                 [request(arch=9)])
            sent += 22
            bench.request_from_us(sent, f"after a step to {step} s")
            how = status_json(path)
            started = seconds_of(how["started"])
            expect(0 <= how["uptime"] < 3600 and
                   0 <= time.time() + step - started < 3600,
                   f"after a step to {step} s: up {how['uptime']} s, since "
                   f"{how['started']}")
            before = step
        faults.clock(3600)
        send(bench, [request()])        # not for an hour's worth of rate
        send(bench, [request(mac="52:54:00:99:99:99")] * 60)
        answers = len(bench.answers()) - sent
        expect(26 <= answers < 61, f"{answers} answers to 61 requests")
        process.stop()
        values, _ = read_metrics(metrics)
        name = "pxeproxyd_answer_latency_seconds"
        expect(values[name + "_sum"] < 60, f"{values[name + '_sum']} s in "
               f"{values[name + '_count']} answers")
        said(process, "cannot", 0)


def case_other_interface():
    """an interface that takes nothing does not hold up another one"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        tap = there(bench.us, open_tap, "eth1")
        lab.ip("-n", bench.us.ns, "link", "set", "eth1", "txqueuelen", "2",
               "up")
        lab.ip("-n", bench.us.ns, "address", "add", "10.0.1.2/24", "dev",
               "eth1")
        process = lab.pxeproxyd(bench.us, "-q", "eth0", "eth1")
        for mac in macs(300):
            os.write(tap, request(mac=mac))
        send(bench, [request(mac=mac) for mac in macs(300)])
        bench.request_from_us(300, "beside a full queue")
        os.close(tap)
        lab.wait_log(process, "eth1: .*waiting for it to come back")
        send(bench, [request()])
        bench.request_from_us(301, "after the other one went away")


def case_log_full():
    """a log on a full disk, or that nobody reads: all are answered"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = bench.us.start("us", "sh", "-c", 'exec "$0" -d eth0 '
                                 "2>/dev/full", find_pxeproxyd())
        path = os.path.join(lab.dir, "pipe")
        lab.wait(lambda: guards(bench), 30, "the daemon")
        send(bench, [request(mac=mac) for mac in macs(100)])
        bench.request_from_us(100, "with a log on a full disk")
        expect(process.stop() == 0, "the exit status")

        os.mkfifo(path)
        pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        process = bench.us.start("us", "sh", "-c", 'exec "$0" -d eth0 2>"$1"',
                                 find_pxeproxyd(), path)
        lab.wait(lambda: guards(bench), 30, "the daemon")
        send(bench, [request(mac=mac) for mac in macs(1500)])
        bench.request_from_us(1600, "with a log that nobody reads")
        text = b""
        for _ in range(100):                    # somebody reads
            with contextlib.suppress(BlockingIOError):
                text += os.read(pipe, 1 << 20)
            if b"were lost" in text:
                break
            send(bench, [request()])
        lines = text.decode().splitlines()
        lost = sum(int(found[1]) for line in lines if (found := re.fullmatch(
            r"pxeproxyd: (\d+) lines of the log were lost: .*", line)))
        kept = sum(" DISCOVER x64-uefi offer " in line for line in lines)
        expect(lost > 0 and lost + kept >= 1500 and all(
            line.startswith("pxeproxyd: ") for line in lines),
            f"{lost} lines lost, {kept} kept")
        expect(process.stop() == 0, "the exit status")
        expect(b"pxeproxyd: ending: requests=" in os.read(pipe, 1 << 20),
               "the last line is missing")
        os.close(pipe)
        return f"{kept} lines kept, {lost} told as lost"


# The arguments: a directory to be /dev, the socket in it, what is to be run.
DEV_OF_ITS_OWN = """
set -eu
dev=$1
shift
mount --make-rprivate /
for node in null urandom; do
	: >"$dev/$node"
	mount --bind "/dev/$node" "$dev/$node"
done
mount --rbind "$dev" /dev
exec "$@"
"""


class SystemLog:
    """What reads /dev/log."""

    def __init__(self, lab):
        self.dev = os.path.join(lab.dir, "dev")
        os.mkdir(self.dev)
        self.path = os.path.join(self.dev, "log")
        self.lines = []
        self.open()

    def open(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)

    def close(self):
        self.socket.close()
        os.unlink(self.path)

    def read(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.lines.append(self.socket.recv(
                    8192, socket.MSG_DONTWAIT).decode())
        return self.lines

    def wait(self, lab, pattern):
        lab.wait(lambda: any(re.search(pattern, line)
                             for line in self.read()), 30,
                 f"{pattern} in the system's log")

    def command(self, *argv):
        return ["unshare", "--mount", "sh", "-c", DEV_OF_ITS_OWN, "sh",
                self.dev, *argv]


def case_syslog():
    """--syslog: lines come as they should, and nobody waits for a reader"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        log = SystemLog(lab)
        process = bench.us.start("us", *log.command(
            find_pxeproxyd(), "--syslog", "eth0"))
        log.wait(lab, "serving eth0 as")
        send(bench, [request()])
        log.wait(lab, r"^<30>[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d "
                 rf"pxeproxyd\[{process.pid}\]: .* DISCOVER .* offer ")
        send(bench, [request(mac=mac) for mac in macs(1500)])
        bench.request_from_us(1501, "with a log that nobody reads")
        log.read()
        send(bench, [request()])
        log.wait(lab, "lines of the log were lost")
        lost = sum(int(found[1]) for line in log.lines if
                   (found := re.search(r": (\d+) lines of the log were lost:",
                                       line)))
        kept = sum(" offer " in line for line in log.read())
        expect(lost > 0 and lost + kept == 1502,
               f"{lost} lines lost, {kept} kept")
        log.close()                         # the reader is started again
        send(bench, [request()])
        bench.request_from_us(1503, "without a reader")
        log.open()
        send(bench, [request(mac="52:54:00:00:00:99")])
        log.wait(lab, "52:54:00:00:00:99 DISCOVER")
        expect(process.stop() == 0, "the exit status")
        log.wait(lab, "ending: requests=1504 ")
        replay = subprocess.run(
            log.command(find_pxeproxyd(), "--syslog", "-r", "-"),
            input=b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(8) + b"\0\0\4\0\1\0"
            b"\0\0cut short", stdout=subprocess.PIPE, timeout=30,
            check=False)
        expect(replay.returncode == 1, f"exit status {replay.returncode}")
        log.wait(lab, r"^<27>.*: -: after frame 0: truncated dump file")
        return f"{kept} lines kept, {lost} told as lost"


def guards(bench):
    """Does anybody hold port 4011 there?"""
    return udp_bound(bench.us, 4011)


# ---------------------------------------------------------------------------
# Counters

def read_metrics(path):
    """{"name{labels}": number}, and {name: type}; strict about the form."""
    values, kinds, described = {}, {}, set()
    with open(path, encoding="utf-8") as f:
        text = f.read()
    expect(text.endswith("\n"), "the metrics end inside a line")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            described.add(line.split()[2])
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            expect(name in described and name not in kinds, f"{line}: twice, "
                   "or without HELP")
            kinds[name] = kind
            continue
        found = re.fullmatch(r'([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",'
                             r'?)+\})? (\d+(?:\.\d+)?)', line)
        expect(found, f"not of the form: {line}")
        name = re.sub("_(bucket|sum|count)$", "", found[1])
        if name not in kinds:
            name = found[1]
        expect(name in kinds, f"{line}: without TYPE")
        key = found[1] + (found[2] or "")
        expect(key not in values, f"{key} twice")
        values[key] = float(found[3])
    return values, kinds


def lint_metrics(path):
    """promtool's opinion, where it is here."""
    tool = shutil.which("promtool") or shutil.which(
        os.environ.get("PROMTOOL", ""))
    if not tool:
        return "promtool is not here, own check only"
    with open(path, "rb") as f:
        done = subprocess.run([tool, "check", "metrics"], stdin=f, timeout=60,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8")
    expect(done.returncode == 0 and not done.stdout.strip(),
           f"promtool: {done.stdout}")
    return "promtool has nothing to say"


def case_metrics_file():
    """--metrics-file: the right numbers, in the right form, as time goes"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = os.path.join(open_dir(lab), "pxe.prom")
        conf = lab.file("a.conf", 'rule "quote \\" and \\\\" { mac = '
                        '"52:54:00:00:00:01" ignore = true }\n')
        process = lab.pxeproxyd(bench.us, "-c", conf, "--metrics-file", path,
                                "eth0")
        lab.wait(lambda: os.path.exists(path), 10, "the file at the start")
        expect(read_metrics(path)[0]['pxeproxyd_requests_total{verdict='
                                     '"offer"}'] == 0, "offers at the start")
        send(bench, [request(), request(arch=0), asked_4011(),
                     request(mac="52:54:00:00:00:01"), request(arch=99)])
        lab.wait(lambda: read_metrics(path)[0].get(
            'pxeproxyd_requests_total{verdict="ignored"}') == 1, 25,
            "the second writing")
        verdict = lint_metrics(path)
        values, kinds = read_metrics(path)
        expect(not [name for name in values if "index" in name],
               "the index of an interface is no count")
        for name, number in (
                ('requests_total{verdict="offer"}', 2),
                ('requests_total{verdict="ack"}', 1),
                ('requests_total{verdict="arch-unknown"}', 1),
                ('requests_total{verdict="frame-short"}', 0),
                ('architecture_requests_total{architecture="x64-uefi"}', 3),
                ('architecture_requests_total{architecture="x86-bios"}', 1),
                ('architecture_requests_total{architecture="unknown"}', 1),
                ('answered_requests_total{form="binl"}', 2),
                ('answered_requests_total{form="direct"}', 1),
                ('rule_requests_total{number="1",rule="quote \\" and '
                 '\\\\"}', 1),
                ('interface_frames_total{interface="eth0"}', 5),
                ('interface_answers_total{interface="eth0"}', 3),
                ('interface_dropped_total{interface="eth0"}', 0),
                ('interface_send_errors_total{interface="eth0"}', 0),
                ('interface_served{interface="eth0"}', 1),
                ('answer_latency_seconds_count', 3),
                ('answer_latency_seconds_bucket{le="+Inf"}', 3)):
            expect(values.get("pxeproxyd_" + name) == number,
                   f"{name}: {values.get('pxeproxyd_' + name)}, "
                   f"not {number}")
        expect(all(name.endswith("_total") for name, kind in kinds.items()
                   if kind == "counter"), "a counter is not named _total")
        expect(abs(values["pxeproxyd_start_time_seconds"] - time.time()) <
               300, "the time of the start")
        send(bench, [request()])
        process.stop()
        expect(read_metrics(path)[0]['pxeproxyd_requests_total{verdict='
                                     '"offer"}'] == 3, "not written at the "
               "end")
        expect(os.listdir(os.path.dirname(path)) == ["pxe.prom"],
               "the temporary file is still there")
        return verdict


def case_counters_by_signal():
    """SIGUSR1: the counters in the log, and it goes on"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        send(bench, [request(), asked_4011(), request(arch=0)])
        process.kill(signal.SIGUSR1)
        for line in (r"counters: verdicts: offer=2 ack=1$",
                     r"counters: architectures: x86-bios=1 x64-uefi=2$",
                     r"counters: forms: binl=2 direct=1$",
                     r'counters: rule "x64-uefi" \(built-in\): 2$',
                     r"counters: latency up to: \S+ms=\d",
                     r"counters: eth0: frames=3 answers=3 dropped=0 "
                     r"send-errors=0$"):
            lab.wait_log(process, line)
        send(bench, [request()])
        bench.request_from_us(4, "after the signal")
        process.stop()
        expect(process.tail(1).endswith("ending: requests=4 offer=3 ack=1 "
                                        "dropped=0 send-errors=0"),
               f"the last line: {process.tail(1)}")


# ---------------------------------------------------------------------------
# Status

def ask_status(path, *words):
    done = subprocess.run([find_pxeproxyd(), "status", "--control-socket",
                           path, *words], stdout=subprocess.PIPE, timeout=30,
                          stderr=subprocess.STDOUT, encoding="utf-8")
    return done.returncode, done.stdout


def seconds_of(text):
    """A time of the JSON."""
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()


def status_json(path):
    status, text = ask_status(path, "--json")
    # 1: something is wrong, and "wrong" has it.
    expect(status in (0, 1) and text.count("\n") == 1, f"{status}: {text}")
    return json.loads(text)


def case_status():
    """status: version, interfaces, counters, policy and the last clients"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = os.path.join(open_dir(lab), "control")
        conf = lab.file("a.conf", 'rule "caf\xe9 \\"x\\"" { mac = '
                        '"52:54:00:00:00:01" ignore = true }\n'
                        'rule "late" { not-vlan = 7 arch = { 99, 98 } '
                        'bootfile-name = "l" next-server = "10.0.0.3" '
                        'form = "direct" min-secs = 4 delay = 100 }\n'
                        'allow-relay = "10.9.0.0/16"\n')
        lab.pxeproxyd(bench.us, "-c", conf, "--control-socket", path, "eth0")
        mode = os.stat(path).st_mode
        expect(mode & 0o7777 == 0o660, f"the socket has mode {mode:o}")
        send(bench, [request(mac=mac) for mac in macs(300, 1000)])
        send(bench, [request(mac="52:54:00:00:00:01"), request(arch=99),
                     request(mac="52:54:00:00:00:02", arch=0), request(),
                     asked_4011()])
        said_json = status_json(path)
        index = there(bench.us, socket.if_nametoindex, "eth0")
        expect(said_json["interfaces"] == [
            {"name": "eth0", "index": index, "served": True, "address": "10.0.0.2",
             "mac": bench.us.mac, "frames": 305, "answers": 303,
             "dropped": 0, "send_errors": 0}], said_json["interfaces"])
        expect(said_json["requests"]["offer"] == 302 and
               said_json["requests"]["all"] == 305, said_json["requests"])
        expect(said_json["rules"][0]["requests"] == 1 and
               '"x"' in said_json["rules"][0]["name"] and
               said_json["rules"][0]["ignore"] is True and
               said_json["rules"][0]["matches"] == ["mac 52:54:00:00:00:01"],
               said_json["rules"][0])
        expect(said_json["rules"][1] == {
            "name": "late", "origin": f"{conf}:2", "requests": 1, "ignore": False,
            "matches": ["arch 99 or 98", "not vlan 7"], "form": "direct",
            "bootfile_name": "l", "next_server": "10.0.0.3", "min_secs": 4,
            "delay": 100}, said_json["rules"][1])
        builtin = {rule["name"]: rule for rule in said_json["rules"]}
        expect(builtin["x64-uefi"]["bootfile_name"] is None and
               builtin["x64-uefi"]["matches"] == ["arch x64-uefi"] and
               builtin["x64-uefi"]["requests"] == 302, builtin["x64-uefi"])
        expect(said_json["allow_relay"] == ["10.9.0.0/16"] and
               said_json["allow_client"] == [], "the networks")
        version = subprocess.run([find_pxeproxyd(), "-V"], encoding="ascii",
                                 stdout=subprocess.PIPE).stdout.split()[1]
        expect(said_json["version"] == version and
               0 <= said_json["uptime"] < 600 and
               said_json["configuration"] == conf and
               said_json["listen_only"] is False and
               said_json["schema"] == 1 and said_json["wrong"] == [] and
               said_json["last_hour"] == {"machines": 303, "more": False,
                                          "problems": 0},
               {k: v for k, v in said_json.items() if k != "machines"})
        expect(said_json["architectures"]["x64-uefi"] == 303 and
               said_json["architectures"]["x86-bios"] == 1 and
               said_json["architectures"]["unknown"] == 1 and
               said_json["forms"]["direct"] == 1 and
               said_json["forms"]["binl"] == 302, said_json["forms"])
        expect(sum(row["answers"] for row in said_json["latency"]) == 303,
               said_json["latency"])
        for name in "started", "read":
            when = seconds_of(said_json[name])
            expect(abs(when - time.time()) < 600, f"{name}: {when}")
        expect("not-pxe" not in said_json["requests"] and
               "plain" not in said_json["forms"] and
               all(row["answers"] > 0 for row in said_json["latency"]),
               "a counter that is 0")
        clients = said_json["machines"]
        expect(len(clients) == 303, f"{len(clients)} machines")
        last = clients[0]
        expect(last["mac"] == "52:54:00:12:34:56" and
               last["progress"] == "asked-4011" and
               last["bootfile_name"] == "BOOTX64.EFI" and
               last["next_server"] == "10.0.0.2" and last["requests"] == 3 and
               last["architecture"] == "x64-uefi" and
               last["uuid"] == "55555555-5555-5555-5555-555555555555" and
               last["interface"] == "eth0" and
               last["form"] == "binl" and last["verdict"] == "ack" and
               re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                            last["when"]), last)
        expect([c["progress"] for c in clients[:3]] ==
               ["asked-4011", "offered", "refused"], clients[:3])
        expect(clients[1]["form"] == "direct", clients[1])
        expect(clients[2]["verdict"] == "ignored", clients[2])
        status, text = ask_status(path)
        expect(status == 0, text)
        lines = text.splitlines()
        expect(lines[0] == f"pxeproxyd {version} serves eth0 (10.0.0.2): "
               "303 machines in the last hour, 0 with a problem", lines[0])
        expect(lines[1].split() == ["WHEN", "MAC", "ARCHITECTURE", "HOW",
                                    "FAR", "FILE", "PROBLEM"], lines[1])
        starts = [lines[1].index(title) for title in
                  ("WHEN", "MAC", "ARCHITECTURE", "HOW FAR", "FILE",
                   "PROBLEM")]
        table = [[line[a:b].strip() for a, b in
                  zip(starts, starts[1:] + [None])] for line in lines[2:]]
        expect(table[0][1:] == ["52:54:00:12:34:56", "x64-uefi",
                                "got its file on port 4011", "BOOTX64.EFI",
                                "-"], table[0])
        expect(table[1][1:] == ["52:54:00:00:00:02", "x86-bios",
                                "got an OFFER", "pxelinux.0", "-"], table[1])
        expect(table[2][1:] == ["52:54:00:00:00:01", "x64-uefi",
                                "no answer so far", "-", "-"], table[2])
        expect(len(table) == 303, f"{len(table)} lines")
        for view, words in (
                ("rules", ["configuration: \"" + conf, "allow-relay 10.9",
                           '         1    1  \'caf\xe9 "x"\'', "-> nothing"]),
                ("interfaces", ["INTERFACE", "10.0.0.2", "SEND-ERRORS"]),
                ("counters", ["requests: 305\n", "offer", "x64-uefi\n",
                              "direct\n", "up to "])):
            status, text = ask_status(path, view)
            expect(status == 0, f"{view}: {status}")
            for word in words:
                expect(word in text, f"no \"{word}\" in:\n{text[:2000]}")
        expect("not-pxe" not in text and " 0  " not in text,
               f"a counter that is 0: {text}")
        for words in (["nonsense"], ["rules", "rules"], ["--json", "rules"]):
            status, text = ask_status(path, *words)
            expect(status == 2, f"{words}: {status}: {text}")


def paths_of(value, path=""):
    """The members of JSON, such as interfaces[].name."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from paths_of(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path + "[]" if not value or not isinstance(value[0], dict) \
            else path
        for member in value:
            yield from paths_of(member, path + "[]")
    else:
        yield path


def case_status_is_documented():
    """the JSON of a status has the members that pxeproxyd(8) says it has"""
    with open(os.path.join(HERE, "../../src/man/pxeproxyd.8"),
              encoding="ascii") as f:
        text = f.read()
    wanted = set()
    for title in "Status", "Observed boots":
        page = re.search(rf"\n\.Ss {title}\n(.*?)\n\.Ss", text, re.S)[1]
        wanted |= set(re.findall(r"^\.It Va (\S+)$", page, re.M))
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = os.path.join(open_dir(lab), "control")
        conf = lab.file("a.conf", 'rule "a" { arch = 9 bootfile-name = "a" }\n'
                        'allow-relay = "10.9.0.0/16"\n'
                        'allow-client = "10.0.0.0/8"\n')
        process = lab.pxeproxyd(bench.us, "-c", conf, "--control-socket",
                                path, "eth0", "absent")
        send(bench, [request(), request(mac="52:54:00:00:00:01", arch=9999)])
        bench.request_from_us(1, "beside a refusal")
        lab.file("a.conf", "nonsense\n")
        process.kill(signal.SIGHUP)
        lab.wait(lambda: ask_status(path)[0] == 1, 20, "a broken reload")
        lab.wait(lambda: status_json(path)["findings"]["all"] > 0, 20,
                 "a finding on who is refused")
        found = set()
        for name in paths_of(json.loads(ask_status(path, "--json")[1])):
            first, _, last = name.partition(".")
            if last != "all" and first in ("requests", "architectures",
                                           "forms", "findings"):
                name = first + "." + {"requests": "VERDICT", "forms": "FORM",
                                      "architectures": "ARCHITECTURE",
                                      "findings": "FINDING"}[first]
            found.add(name)
        # A list of objects is named by their members.
        found -= {name for name in ("interfaces", "latency", "rules",
                                    "machines", "machines[].findings")
                  if name not in wanted}
        expect(found == wanted, f"not in the page: {sorted(found - wanted)}; "
               f"not in the program: {sorted(wanted - found)}")


def case_status_exit():
    """status tells a monitoring system what is wrong, by its exit status"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = os.path.join(open_dir(lab), "control")
        conf = lab.file("a.conf", "next-server = 10.0.0.3\n")
        process = lab.pxeproxyd(bench.us, "-c", conf, "--control-socket",
                                path, "eth0")

        def becomes(wanted, fault, words):
            lab.wait(lambda: ask_status(path)[0] == wanted, 20,
                     f"exit status {wanted}")
            status, text = ask_status(path, "--json")
            expect(status == wanted and json.loads(text)["wrong"] ==
                   ([fault] if fault else []), text)
            text = ask_status(path)[1]
            expect(("\nwrong: " + words in text) if fault else
                   "wrong: " not in text, text)

        becomes(0, None, "")
        lab.file("a.conf", "nonsense\n")
        process.kill(signal.SIGHUP)
        becomes(1, "reload-failed", "the configuration file has an error")
        lab.file("a.conf", "next-server = 10.0.0.3\n")
        process.kill(signal.SIGHUP)
        becomes(0, None, "")
        lab.ip("-n", bench.us.ns, "address", "flush", "dev", "eth0")
        becomes(1, "not-served", "an interface is not served")
        expect("serves no interface" in ask_status(path)[1], "it is served")
        lab.ip("-n", bench.us.ns, "address", "add", "10.0.0.2/24", "dev",
               "eth0")
        becomes(0, None, "")
        # A machine that asks for what there is not is no fault of ours.
        send(bench, [request(arch=99)])
        lab.wait(lambda: "arch-unknown" in ask_status(path)[1] or
                 "in no registry" in ask_status(path)[1], 20, "the machine")
        expect(ask_status(path)[0] == 0 and ": 1 machine in the last hour, "
               "1 with a problem\n" in ask_status(path)[1],
               ask_status(path)[1])
        watch = subprocess.Popen(
            [find_pxeproxyd(), "status", "--watch", "--control-socket", path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8")
        for _ in range(2):                      # twice, without a terminal
            line = watch.stdout.readline()
            while "1 machine in" not in line:
                expect(line != "", "--watch ended")
                line = watch.stdout.readline()
        process.stop()
        expect(watch.wait(20) == 3, f"--watch ended with {watch.returncode}")
        watch.stdout.close()
        status, text = ask_status(path)
        expect(status == 3 and "no pxeproxyd answers" in text,
               f"{status}: {text}")


def case_control_socket():
    """the control socket: a dead one is replaced, a live one is not"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        other = lab.host("other", "10.0.0.9/24", bench.link)
        path = os.path.join(open_dir(lab), "control")
        status, text = ask_status(path)
        expect(status == 3 and text.count("\n") == 1, f"{status}: {text}")
        process = lab.pxeproxyd(bench.us, "--control-socket", path, "eth0")
        again = subprocess.run(other.inside([
            find_pxeproxyd(), "--control-socket", path, "eth0"]), timeout=30,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        expect(again.returncode == 1 and b"in use" in again.stdout,
               again.stdout)
        status_json(path)
        process.may_end = True
        process.kill(signal.SIGKILL)
        process.popen.wait(10)
        expect(os.path.exists(path), "no dead socket to replace")
        process = lab.pxeproxyd(bench.us, "--control-socket", path, "eth0",
                                name="second")
        status_json(path)
        process.stop()
        expect(not os.path.exists(path), "the socket is left behind")
        plain = lab.file("plain", "precious")
        status = subprocess.run(bench.us.inside([
            find_pxeproxyd(), "--control-socket", plain, "eth0"]), timeout=30,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        with open(plain, encoding="ascii") as f:
            expect(status == 1 and f.read() == "precious",
                   "a file that is no socket was replaced")


def case_control_peers():
    """peers that are slow, silent, many or rude hold nobody up"""
    def knock(path):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(20)
        for _ in range(1000):
            with contextlib.suppress(BlockingIOError):  # a queue of eight
                peer.connect(path)
                return peer
            time.sleep(0.01)
        raise Failed("nobody lets us in")

    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        path = os.path.join(open_dir(lab), "control")
        process = lab.pxeproxyd(bench.us, "-q", "--control-socket", path,
                                "eth0")
        send(bench, [request(mac=mac) for mac in macs(256)])
        silent = [knock(path) for _ in range(6)]
        slow = [knock(path) for _ in range(6)]
        for peer in slow:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            with contextlib.suppress(OSError):
                peer.send(b"json\n")
        for _ in range(200):                            # rude: ask and go
            peer = knock(path)
            peer.send(b"json\n")
            peer.close()
        for _ in range(50):
            peer = knock(path)
            with contextlib.suppress(OSError):
                peer.send(os.urandom(4000))
            peer.close()
        expect(len(status_json(path)["machines"]) == 256, "not all of them")
        send(bench, [request()])
        bench.request_from_us(257, "with slow peers")
        spent = cpu_seconds(process)
        time.sleep(2)
        expect(cpu_seconds(process) - spent < 0.5, "it spins")
        for peer in silent + slow:
            peer.close()


def cpu_seconds(process):
    """What the daemon itself has used."""
    with open(f"/proc/{daemon_pid(process)}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def daemon_pid(process):
    """"ip netns exec" becomes what it runs, so it is the same process."""
    return process.pid


class Manager:
    """The service manager's end: what it is told, and when."""

    def __init__(self, lab):
        self.path = os.path.join(lab.dir, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.heard = []                 # (when, message)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                text = self.socket.recv(4096).decode()
                self.heard.append((time.monotonic(), text))

    def said(self):
        return [text for _, text in self.heard]

    def gap(self):
        """The longest time without a sign of life."""
        times = [when for when, text in self.heard if text == "WATCHDOG=1"]
        return max(b - a for a, b in zip(times, times[1:]))


def case_service_manager():
    """systemd is told: ready, status, signs of life, reloading, stopping"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        manager = Manager(lab)
        path = lab.file("a.conf", 'bootfile-name = "one"\n')
        env = dict(os.environ, NOTIFY_SOCKET=manager.path,
                   WATCHDOG_USEC="4000000")
        process = bench.us.start("us", find_pxeproxyd(), "-q", "-c", path,
                                 "eth0", env=env)

        def heard(text, since=0):
            return lab.wait(lambda: [said for said in manager.said()[since:]
                                     if re.fullmatch(text, said)], 60, text)

        heard("READY=1")
        expect(manager.said()[:2] == ["READY=1",
                                      "STATUS=no client answered yet"],
               manager.said())
        send(bench, [request(), asked_4011()])
        heard("STATUS=2 requests answered, the last of 52:54:00:12:34:56 "
              "on eth0")
        # Busy, and then with nothing to do.
        bench.client.run(PYTHON, os.path.abspath(__file__), "flood", "eth0",
                         "100000", "0", timeout=120)
        lab.wait(lambda: manager.said().count("WATCHDOG=1") > 6, 60,
                 "the seventh sign of life")
        expect(manager.gap() < 4, f"{manager.gap()} s without a sign of life")
        for text, more in (('bootfile-name = "two"\n', ""),
                           ("nonsense\n", "; the configuration in the file "
                            "is wrong, and not in force"),
                           ('bootfile-name = "two"\n', "")):
            lab.file("a.conf", text)
            since, now = len(manager.said()), time.monotonic_ns() // 1000
            process.kill(signal.SIGHUP)
            heard("STATUS=[0-9]+ requests .* on eth0" + re.escape(more),
                  since)
            told = [said for said in manager.said()[since:]
                    if said != "WATCHDOG=1"]
            found = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)",
                                 told[0])
            expect(found and now <= int(found[1]) <=
                   time.monotonic_ns() // 1000 and told[1] == "READY=1", told)
        process.stop()
        heard("STOPPING=1")
        manager.socket.close()
        return f"at most {manager.gap():.1f} of 4 s without a sign of life"


# ---------------------------------------------------------------------------
# The log

def case_log_as_json():
    """--log-format json: each line is an object, with the same events"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        conf = lab.file("a.conf", 'rule "a \\"quote\\"" { arch = 0 '
                        'bootfile-name = "a b\\\\c" }\n')
        process = bench.us.start("us", find_pxeproxyd(), "--log-format",
                                 "json", "-c", conf, "eth0")
        lab.wait_log(process, "serving eth0 as")
        send(bench, [request(arch=0), asked_4011(), request(arch=99),
                     request(giaddr="127.0.0.1"), request(tags=((0x8100,
                                                                 5),))])
        bench.request_from_us(3, "before the end")
        process.stop()
        lines = [json.loads(line) for line in process.text().splitlines()]
        expect(all({"time", "level", "event"} <= set(line) for line in lines),
               f"without time, level or event: {lines}")
        events = [line for line in lines if line["event"] == "request"]
        expect([(e["verdict"], e["architecture"], e["message"])
                for e in events] ==
               [("offer", "x86-bios", "DISCOVER"),
                ("ack", "x64-uefi", "REQUEST"),
                ("arch-unknown", "arch-99", "DISCOVER"),
                ("bad-giaddr", "x64-uefi", "DISCOVER"),
                ("offer", "x64-uefi", "DISCOVER")], events)
        expect(events[0]["rule"] == 'a "quote"' and
               events[0]["bootfile_name"] == "a b\\c" and
               events[0]["form"] == "direct" and events[0]["sent"] is True and
               events[0]["next_server"] == "10.0.0.2" and
               events[0]["client"] == "52:54:00:12:34:56" and
               events[0]["interface"] == "eth0", events[0])
        expect(events[1]["to"] == "10.0.0.50" and
               events[1]["to_port"] == 4011, events[1])
        expect("registry" in events[2]["reason"], events[2])
        expect(events[3]["giaddr"] == "127.0.0.1", events[3])
        expect(events[4]["vlans"] == [5], events[4])
        expect(lines[-1]["event"] == "message" and
               lines[-1]["text"].startswith("ending: requests=5"), lines[-1])


def case_faults_as_json():
    """--log-format json: faults, counters and what was left out, too"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        faults = Faults(lab)
        path = lab.file("a.conf", 'bootfile-name = "one"\n')
        process = faults.start(lab, bench.us, "--log-format", "json", "-c",
                               path, "eth0")
        send(bench, [request()] * 40)
        faults.sending(errno.ENOBUFS, -1)
        send(bench, [request(mac=mac) for mac in macs(3)])
        faults.sending(0, 0)
        lab.file("a.conf", 'rule "\\"" {\n\tarch = "t\xe9"\n}\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "stays as it was")
        process.kill(signal.SIGUSR1)
        lab.wait_log(process, "counters: eth0")
        ip(bench, "link", "set", "eth0", "down")
        lab.wait_log(process, "waiting for it to come back")
        ip(bench, "link", "set", "eth0", "up")
        lab.wait_log(process, '"event":"left-out"')
        process.stop()
        lines = [json.loads(line) for line in process.text().splitlines()]
        left = [line for line in lines if line["event"] == "left-out"]
        expect(len(left) == 1 and left[0]["client"] == "52:54:00:12:34:56" and
               left[0]["verdict"] == "offer" and left[0]["lines"] == 35, left)
        texts = {line["text"]: line["level"] for line in lines
                 if line["event"] == "message"}
        for level, pattern in (
                ("error", "cannot send on eth0: No buffer space available"),
                ("error", r".*a\.conf:2:9: arch .* is neither an architecture "
                 ".*"),
                ("error", "the configuration stays as it was"),
                ("warning", "eth0: .*; waiting for it to come back"),
                ("info", "counters: eth0: .* send-errors=3"),
                ("info", "serving eth0 as .*")):
            expect([True for text, its in texts.items() if its == level and
                    re.fullmatch(pattern, text)], f"no {level} {pattern}: "
                   f"{texts}")


def case_log_is_bounded():
    """a client that asks on and on has few lines, and a count of the rest"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        send(bench, [request()] * 40 + [request(mac="52:54:00:00:00:01")])
        bench.request_from_us(41, "all are answered")
        said(process, "52:54:00:12:34:56 DISCOVER x64-uefi offer", 5)
        said(process, "52:54:00:00:00:01 DISCOVER x64-uefi offer", 1)
        lab.wait_log(process, "52:54:00:12:34:56: 35 more lines of offer "
                     "were left out$", 30)


def said_to(path, reader, stream=None):
    """What "pxeproxyd -t" says of this configuration, and to whom."""
    env = {name: value for name, value in os.environ.items()
           if name != "JOURNAL_STREAM"}
    if reader == "terminal":
        ours, theirs = os.openpty()
    else:
        ours, theirs = os.pipe()
    if reader == "journal":
        stat = os.fstat(theirs)
        env["JOURNAL_STREAM"] = f"{stat.st_dev}:{stat.st_ino}"
    if stream is not None:
        env["JOURNAL_STREAM"] = stream
    try:
        subprocess.run([find_pxeproxyd(), "-t", "-c", path], env=env,
                       stdout=subprocess.DEVNULL, stderr=theirs, timeout=30)
        return os.read(ours, 65536).decode().splitlines()
    finally:
        os.close(ours)
        os.close(theirs)


def case_log_readers():
    """what stands before a line is for its reader: journal, terminal, file"""
    with Lab(name=SERVED) as lab:
        wrong = lab.file("wrong.conf", "nonsense\n")
        never = lab.file("never.conf", 'rule "a" { bootfile-name = "a" }\n'
                         'rule "b" { bootfile-name = "b" }\n')
        now = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z pxeproxyd: "
        for reader, stream, error, warning in (
                ("journal", None, "<3>", "<4>"),
                ("pipe", None, "pxeproxyd: ", "pxeproxyd: "),
                # It was our journal's, but standard error was sent elsewhere.
                ("pipe", "1:2", "pxeproxyd: ", "pxeproxyd: "),
                ("pipe", "nonsense", "pxeproxyd: ", "pxeproxyd: "),
                ("terminal", None, now, now)):
            for path, before in ((wrong, error), (never, warning)):
                lines = said_to(path, reader, stream)
                expect(lines and re.match(before + "(?!pxeproxyd|<)",
                                          lines[0]),
                       f"{reader}, {stream}: {lines}")


# ---------------------------------------------------------------------------
# Limits

def case_rates():
    """client-rate and total-rate bound the answers, not the requests"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        conf = lab.file("a.conf", "client-rate = 1\n")
        process = lab.pxeproxyd(bench.us, "-c", conf, "eth0")
        send(bench, [request()] * 40 + [request(mac="52:54:00:00:00:01")])
        answers = len(bench.answers())
        # Five at once, another for each second that the sending took, and
        # the other client's.
        expect(6 <= answers <= 16, f"{answers} answers")
        the_log(process, "client-rate rule=.*: the client has had more")
        the_log(process, "52:54:00:00:00:01 DISCOVER x64-uefi offer")
        lab.file("a.conf", "total-rate = 1\n")
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "in force")
        send(bench, [request(mac=mac) for mac in macs(40)])
        expect(len(bench.answers()) - answers < 30, "total-rate does nothing")
        the_log(process, "total-rate rule=.*: all clients have had more")


def case_allowed_networks():
    """allow-relay and allow-client name who may be answered"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        conf = lab.file("a.conf", 'allow-relay = { "10.9.0.0/16" }\n'
                        'allow-client = { "10.0.0.0/26", "10.8.0.0/16" }\n')
        process = lab.pxeproxyd(bench.us, "-c", conf, "eth0")

        def relayed(address):
            return request(source=address, destination=bench.us.address,
                           source_port=67, giaddr=address, to=bench.us.mac,
                           source_mac="02:00:0a:00:00:09")

        def asked(address):
            return request(kind=3, source=address, port=4011,
                           source_port=4011, destination=bench.us.address,
                           to=bench.us.mac)

        send(bench, [relayed("10.9.1.1"), relayed("10.7.0.1"),
                     asked("10.0.0.63"), asked("10.0.0.64"),
                     asked("10.8.3.4"), request()])
        found = [packet.destination for packet in
                 bench.request_from_us(4, "of six requests")]
        expect(found == ["10.9.1.1", "10.0.0.63", "10.8.3.4",
                         "255.255.255.255"], found)
        the_log(process, r"relay-not-allowed .*giaddr=10\.7\.0\.1: the relay")
        the_log(process, r"client-not-allowed .*ciaddr=10\.0\.0\.64: the cl")


def case_two_of_us():
    """two of us on a link, and all answers sent again: nobody answers them"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        other = lab.host("other", "10.0.0.9/24", bench.link)
        ones = [lab.pxeproxyd(bench.us, "-dd", "eth0"),
                lab.pxeproxyd(other, "-dd", "eth0", name="other")]
        send(bench, [request(), request(arch=0)])
        frames = [frame for frame in bench.seen()
                  if (packet := datagram(0.0, frame)) and
                  packet.source_port == 67]
        expect(len(frames) == 4, f"{len(frames)} answers of two servers")
        send(bench, frames * 20)                # as they were sent
        echoed = [frame[:6] + b"\x52\x54\x00\x00\x00\x01" + frame[12:]
                  for frame in frames]          # from a third machine
        send(bench, echoed * 20)
        count = sum(1 for frame in bench.seen()
                    if frame not in frames and frame not in echoed and
                    (packet := datagram(0.0, frame)) and
                    packet.source_port in (67, 4011))
        expect(count == 0, f"{count} answers to answers")
        for process in ones:
            process.stop()
            the_log(process, r"ending: requests=2 offer=2 ")


def written_to(process):
    """KiB that the process has written to, without the capture ring."""
    total, is_ring = 0, False
    with open(f"/proc/{process.pid}/smaps", encoding="ascii") as f:
        for line in f:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                is_ring = "socket:[" in line
            elif line.startswith("Private_Dirty:") and not is_ring:
                total += int(line.split()[1])
    return total


@contextlib.contextmanager
def no_quarantine():
    """AddressSanitizer keeps what is freed for a while: here it must not."""
    before = os.environ.get("ASAN_OPTIONS")
    os.environ["ASAN_OPTIONS"] = ":".join(filter(None, (
        before, "quarantine_size_mb=0", "thread_local_quarantine_size_kb=0")))
    try:
        yield
    finally:
        if before is None:
            del os.environ["ASAN_OPTIONS"]
        else:
            os.environ["ASAN_OPTIONS"] = before


def case_memory():
    """memory after a second storm of 200,000 is what it was after the first:
    tables of fixed size are written to when they are needed"""
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        with no_quarantine():
            process = lab.pxeproxyd(bench.us, "-q", "eth0")

        def storm(number):
            bench.client.run(PYTHON, os.path.abspath(__file__), "flood",
                             "eth0", str(number), "0", timeout=120)
            time.sleep(1)
            return written_to(process)

        few, many = storm(200000), storm(200000)
        expect(many - few < 512, f"{few} KiB, then {many} KiB")
        return f"{few} KiB, then {many} KiB"


def case_memory_of_reloads():
    """a large table that is read again and again needs the room of one"""
    if INSTRUMENTED:
        return "not with sanitizers, which keep what is freed for a while"
    with Lab(name=SERVED) as lab:
        bench = Bench(lab)
        hosts = lab.file("hosts", many_hosts(100, "file"))
        path = lab.file("a.conf", f'hosts-file = "{hosts}"\n')
        process = lab.pxeproxyd(bench.us, "-q", "-c", path, "eth0")
        few = written_to(process)
        lab.file("hosts", many_hosts(100000, "file"))
        sizes = []
        for number in range(1, 6):
            process.kill(signal.SIGHUP)
            lab.wait(lambda: process.text().count("in force") == number, 30,
                     "the reload")
            sizes.append(written_to(process))
        text = f"{few} KiB, then {', '.join(map(str, sizes))} KiB"
        expect(sizes[-1] - sizes[0] < (sizes[0] - few) / 4, text)
        return text


# ---------------------------------------------------------------------------

def flood(interface, number, pause):
    """Runs inside a namespace: so many requests, each of another client."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    wire.bind((interface, 0))
    frame = bytearray(request())
    # The UDP checksum does not hold for the other addresses: leave it out.
    frame[40:42] = b"\0\0"
    for i in range(number):
        mac = b"\x52\x54\x00" + struct.pack("!I", i % 100000)[1:]
        frame[6:12] = frame[70:76] = mac
        with contextlib.suppress(BlockingIOError, OSError):
            wire.send(frame)
        if pause:
            time.sleep(pause)


CASES = live.cases_of(globals())


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "flood":
        flood(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
        return 0
    return live.main(CASES, __doc__)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
