#!/usr/bin/python3
"""pxeproxyd on hosts as people have them: interfaces that are down, that come
late, that move; and hundreds that are none of ours.

    interfaces.py [CASE...]     run the cases (all of them)
    interfaces.py --list        name them

One line a case and a closing count.  Exit status: 0 all passed, 1 not,
77 nothing could be run.  Root is needed; all of it happens in network
namespaces that are made for it.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import live
from lab import Lab, find_pxeproxyd, program
from live import expect, mac_octets, request, the_log
from trust import INSTRUMENTED, ask_status, macs, open_dir, said, there

NAME = "pxeface"
ALL = 3                         # ETH_P_ALL


class Wires:
    """Us, and as many links as are wanted, each with a client at its end."""

    def __init__(self, lab):
        self.lab = lab
        self.us = lab.host("us")
        self.far = lab.host("far")
        self.ends = {}
        self.control = os.path.join(open_dir(lab), "control")

    def ip(self, line):
        self.lab.ip("-n", self.us.ns, *line.split())

    def wire(self, name, address=None, up=True):
        """An interface of ours; its client's end is always up."""
        self.lab.ip("link", "add", name, "netns", self.us.ns, "type", "veth",
                    "peer", "name", name, "netns", self.far.ns)
        self.lab.ip("-n", self.far.ns, "link", "set", name, "up")
        if address:
            self.ip(f"address add {address} dev {name}")
        if up:
            self.ip(f"link set {name} up")
        self.listen(name)

    def listen(self, name):
        def end():
            ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                socket.htons(ALL))
            ear.bind((name, ALL))
            return ear
        self.ends[name] = there(self.far, end)

    def mac(self, name):
        text = self.us.run("cat", f"/sys/class/net/{name}/address")
        return text.strip()

    def start(self, *arguments, name="us", binary=None):
        return self.us.start(name, binary or find_pxeproxyd(),
                             "--control-socket", self.control, *arguments)

    def serve(self, *arguments, **more):
        """Start, and wait until what waits for nothing is served."""
        process = self.start(*arguments, **more)
        self.lab.wait(lambda: self.tells() or not process.alive(), 30,
                      "the start")
        return process

    def tells(self):
        """Does it answer who asks for its status, and so is at work?"""
        with contextlib.suppress(ValueError):
            return self.status()
        return None

    def status(self):
        """As JSON: that an interface is not served is an exit status, too."""
        return json.loads(ask_status(self.control, "--json")[1])

    def stop(self, process):
        process.stop()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.control)

    def ask(self, name, mac="52:54:00:12:34:56", patience=2.0, frame=None):
        """The answers to a client: (address, MAC address, frame) of each.

        One that has been answered waits a little longer, for a second one."""
        end = self.ends[name]
        drain(end)
        end.send(frame or request(mac=mac))
        until, found = time.monotonic() + patience, []
        while (left := until - time.monotonic()) > 0:
            end.settimeout(left)
            try:
                got, where = end.recvfrom(65536)
            except socket.timeout:
                break
            if where[2] == socket.PACKET_OUTGOING or not is_answer(got, mac):
                continue
            found.append((socket.inet_ntoa(got[26:30]),
                          got[6:12].hex(":"), got))
            until = min(until, time.monotonic() + 0.3)
        return found

    def answered(self, name, address, times=1, **more):
        found = self.ask(name, **more)
        expect(len(found) == times, f"{name}: {len(found)} answers, not "
               f"{times}")
        for source, mac, _ in found:
            expect(source == address and mac == self.mac(name),
                   f"{name}: answered as {source} ({mac}), not as {address} "
                   f"({self.mac(name)})")

    def silent(self, name, **more):
        found = self.ask(name, patience=1.0, **more)
        expect(not found, f"{name}: {len(found)} answers, not one")

    def is_served(self, process, name, times=1):
        self.lab.wait(lambda: process.text().count(f"serving {name} as") >=
                      times or not process.alive(), 20,
                      f"{name} to be served {times} times")
        expect(process.alive(), f"it ended:\n{process.tail()}")


def drain(end):
    end.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            end.recv(65536)


def is_answer(frame, mac):
    at = 14
    while frame[at - 2:at] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    return frame[at - 2:at] == b"\x08\x00" and frame[at + 9] == 17 and \
        frame[at + 20:at + 22] in (b"\0\x43", b"\x0f\xab") and \
        frame[at + 28] == 2 and frame[at + 56:at + 62] == mac_octets(mac)


@contextlib.contextmanager
def wires():
    with Lab(name=NAME) as lab:
        yield Wires(lab)


# ---------------------------------------------------------------------------
# What is not there yet, or not ready

def case_waits_for_what_is_not_ready():
    """down, without address, or not there: a warning each, served later"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        w.wire("e1", "10.0.1.1/24", up=False)
        w.wire("e2")
        process = w.serve("e0", "e1", "e2", "e3")
        said(process, "e1: it is down; waiting for it", 1)
        said(process, "e2: it has no IPv4 address", 1)
        said(process, "e3: no such interface; waiting for it", 1)
        lacks = [(link["index"] if "index" in link else None, link.get("why"))
                 for link in w.status()["interfaces"]]
        expect([why for _, why in lacks] ==
               [None, "it is down", "it has no IPv4 address to answer from; "
                "give it one, or name one with --address",
                "no such interface"] and
               all(index for index, _ in lacks[:3]) and lacks[3][0] is None,
               f"the status: {lacks}")
        w.answered("e0", "10.0.0.1")
        w.silent("e1")
        w.silent("e2")
        w.ip("link set e1 up")
        w.is_served(process, "e1")
        w.answered("e1", "10.0.1.1")
        w.ip("address add 10.0.2.1/24 dev e2")
        w.is_served(process, "e2")
        w.answered("e2", "10.0.2.1")
        w.wire("e3", "10.0.3.1/24")
        w.is_served(process, "e3")
        w.answered("e3", "10.0.3.1")
        said(process, "waiting for it", 3)


def case_waits_though_none_is_ready():
    """all that exists is down: it waits, and does not end"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24", up=False)
        process = w.serve("e0", "e7")
        time.sleep(1)
        expect(process.alive(), f"it ended:\n{process.tail()}")
        w.ip("link set e0 up")
        w.is_served(process, "e0")
        w.answered("e0", "10.0.0.1")


def case_ends_where_none_can_come():
    """exit status 1: none exists, or with --require-all none is ready"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24", up=False)
        w.wire("e1", "10.0.1.1/24")
        for arguments, text in ((["e7", "e8"], "e7: no such interface"),
                                (["--require-all", "e0", "e7"],
                                 "no interface is ready"),
                                (["--require-all", "e7"],
                                 "no such interface")):
            status, lines = live.outcome(w.us, *arguments)
            expect(status == 1 and text in "\n".join(lines),
                   f"{arguments}: status {status}, {lines}")
        process = w.serve("--require-all", "e0", "e1")
        w.answered("e1", "10.0.1.1")
        expect(process.alive(), "it ended")


# ---------------------------------------------------------------------------
# Names that move

def case_swapped_names():
    """two interfaces that swap names: each link has its own address"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        w.wire("e1", "10.0.1.1/24")
        process = w.serve("e0", "e1")
        for line in ("link set e0 down", "link set e1 down",
                     "link set e0 name away", "link set e1 name e0",
                     "link set away name e1", "link set e0 up",
                     "link set e1 up"):
            w.ip(line)
        w.is_served(process, "e0", 2)
        w.is_served(process, "e1", 2)
        # The clients' ends kept their names.
        for end, name, address in (("e1", "e0", "10.0.1.1"),
                                   ("e0", "e1", "10.0.0.1")):
            found = w.ask(end)
            expect(len(found) == 1, f"{end}: {len(found)} answers")
            source, mac, _ = found[0]
            expect(source == address and mac == w.mac(name),
                   f"behind {end}: answered as {source} ({mac}), not as "
                   f"{address} ({w.mac(name)})")


def case_altname():
    """an altname is a name"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        w.ip("link property add dev e0 altname to-the-rack-in-room-7")
        process = w.serve("to-the-rack-in-room-7")
        w.is_served(process, "to-the-rack-in-room-7")
        w.answered("e0", "10.0.0.1")
        the_log(process, "to-the-rack-in-room-7 as .*, which is e0$")
        process.stop()
        process = w.serve("-c", w.lab.file(
            "altname.conf", 'interface "to-the-rack-in-room-7" { }\n'
            'rule "7" { interface = "to-the-rack-in-room-7" }\n'))
        w.is_served(process, "to-the-rack-in-room-7")
        w.ask("e0")
        w.lab.wait_log(process, ' rule="7" ')


def case_renamed():
    """an interface that is renamed is served on, and so is a later e0"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        process = w.serve("e0")
        w.is_served(process, "e0")
        for line in ("link set e0 down", "link set e0 name lan",
                     "link set lan up"):
            w.ip(line)
        w.is_served(process, "e0", 2)
        found = w.ask("e0")
        expect(len(found) == 1 and found[0][0] == "10.0.0.1",
               f"after it was renamed: {found}")
        # Now another one has the name.
        w.lab.ip("-n", w.far.ns, "link", "set", "e0", "name", "lan")
        old = w.ends.pop("e0")
        w.wire("e0", "10.0.9.1/24")
        w.is_served(process, "e0", 3)
        w.answered("e0", "10.0.9.1")
        w.ends["lan"] = old
        w.silent("lan")


def case_made_again():
    """an interface that is removed and made again is served again"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        process = w.serve("e0")
        for turn in range(1, 4):
            w.ip("link delete e0")
            w.lab.wait(lambda: process.text().count("waiting for it") == turn,
                       20, "the loss")
            w.wire("e0", f"10.0.{turn}.1/24")
            w.is_served(process, "e0", turn + 1)
            w.answered("e0", f"10.0.{turn}.1")


def case_twice():
    """one interface under two names is refused"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        w.ip("link property add dev e0 altname first")
        status, lines = live.outcome(w.us, "e0", "e0")
        expect(status == 2 and "e0 is named twice" in lines[-1],
               f"{status}: {lines}")
        status, lines = live.outcome(w.us, "e0", "first")
        expect(status == 1 and "first is the same interface as e0" in
               lines[-1], f"{status}: {lines}")
        # A name that it gets later makes no second answer either.
        process = w.serve("e0", "late")
        w.is_served(process, "e0")
        w.ip("link property add dev e0 altname late")
        w.lab.wait_log(process, "late: still waiting: it is an interface")
        w.answered("e0", "10.0.0.1")


# ---------------------------------------------------------------------------
# Which address

def case_address_with_label():
    """an address with a label is one like any other"""
    with wires() as w:
        w.wire("e0")
        w.ip("address add 10.0.0.1/24 dev e0 label e0:1")
        process = w.serve("e0")
        w.is_served(process, "e0")
        w.answered("e0", "10.0.0.1")


def case_address_that_clients_can_use():
    """169.254.x.y, deprecated or of another scope: never ours by itself"""
    with wires() as w:
        w.wire("e0")
        w.ip("address add 169.254.7.7/16 dev e0")
        w.ip("address add 10.0.1.1/24 dev e0 scope link")
        w.ip("address add 10.0.2.1/24 dev e0 preferred_lft 0 valid_lft 9999")
        process = w.serve("e0")
        w.lab.wait_log(process, r"e0: it has no IPv4 address to answer from "
                       r"but \S+: it")
        w.silent("e0")
        w.ip("address add 10.0.0.1/24 dev e0")
        w.is_served(process, "e0")
        w.answered("e0", "10.0.0.1")
        link = w.status()["interfaces"][0]
        expect(link["address"] == "10.0.0.1", f"status: {link}")


def case_address_that_gets_old():
    """when our address is deprecated, the next one is ours"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        w.ip("address add 10.0.1.1/24 dev e0")
        process = w.serve("e0")
        w.is_served(process, "e0")
        the_log(process, r"serving e0 as 10\.0\.0\.1 \(.*\), of 2 addresses$")
        w.answered("e0", "10.0.0.1")
        w.ip("address change 10.0.0.1/24 dev e0 preferred_lft 0 "
             "valid_lft 9999")
        w.lab.wait_log(process, r"serving e0 as 10\.0\.1\.1")
        w.answered("e0", "10.0.1.1")


# ---------------------------------------------------------------------------
# Interfaces that have to do with one another

def case_bridge_and_its_port():
    """a bridge and its port: a warning that says what will happen"""
    with wires() as w:
        w.wire("e0")
        w.ip("link add br0 type bridge stp_state 0 forward_delay 0")
        w.ip("address add 10.0.0.1/24 dev br0")
        w.ip("address add 10.0.0.2/24 dev e0")
        w.ip("link set br0 up")
        w.ip("link set e0 master br0")
        process = w.serve("br0", "e0")
        w.lab.wait_log(process, r"e0 is a port of br0 \(bridge\), and both "
                       r"are served: .*two answers")
        expect(len(w.ask("e0")) == 2, "the warning is wrong")


def case_bridge_gets_its_port_later():
    """a port that joins its bridge while both are served: the same warning"""
    with wires() as w:
        w.wire("e0")
        w.ip("link add br0 type bridge stp_state 0 forward_delay 0")
        w.ip("address add 10.0.0.1/24 dev br0")
        w.ip("address add 10.0.0.2/24 dev e0")
        w.ip("link set br0 up")
        process = w.serve("br0", "e0")
        w.is_served(process, "e0")
        w.ip("link set e0 master br0")
        told = r"e0 is a port of br0 \(bridge\), and both are served"
        w.lab.wait_log(process, told)
        w.ip("link set e0 nomaster")
        w.ip("link set e0 master br0")
        w.lab.wait(lambda: len(re.findall(told, process.text())) == 2, 10,
                   "the warning when it joins again")


def case_macvlan():
    """a macvlan is served like any other, and the pair is warned of"""
    with wires() as w:
        w.wire("e0")
        w.ip("link add link e0 name mac0 type macvlan mode bridge")
        w.ip("address add 10.0.0.1/24 dev mac0")
        w.ip("link set mac0 up")
        process = w.serve("mac0")
        w.is_served(process, "mac0")
        found = w.ask("e0")
        expect(len(found) == 1 and found[0][0] == "10.0.0.1", f"{found}")
        process.stop()
        w.ip("address add 10.0.0.2/24 dev e0")
        process = w.serve("mac0", "e0", name="both")
        w.lab.wait_log(process, r"e0 is below mac0 \(macvlan\), and both")
        expect(len(w.ask("e0")) == 2, "the warning is wrong")


# ---------------------------------------------------------------------------
# The configuration

def case_interfaces_of_the_configuration():
    """sections name interfaces, addresses, modes; a reload changes them"""
    with wires() as w:
        for i in range(3):
            w.wire(f"e{i}", f"10.0.{i}.1/24")
        w.ip("address add 10.0.0.2/24 dev e0")
        conf = w.lab.file("a.conf", 'ring-size = 8M\n'
                          'interface "e0" { address = "10.0.0.2"\n'
                          'promiscuous = true }\n'
                          'interface "e1" { }\n')
        process = w.serve("-c", conf)
        w.is_served(process, "e1")
        w.answered("e0", "10.0.0.2")
        w.answered("e1", "10.0.1.1")
        w.silent("e2")
        expect((promiscuity(w, "e0"), promiscuity(w, "e1")) == (1, 0),
               "promiscuous mode")
        mib = ring_of(w, process.pid) / (1 << 20)
        expect(abs(mib - 8) < 1, f"{mib:.1f} MiB of rings, not 8")
        w.lab.file("a.conf", 'interface "e0" { }\ninterface "e2" { }\n')
        for turn in range(1, 4):
            process.kill(signal.SIGHUP)
            w.lab.wait(lambda: process.text().count("read again") == turn,
                       20, "the reload")
        w.is_served(process, "e2")
        w.lab.wait(lambda: promiscuity(w, "e0") == 0, 20, "its end")
        w.answered("e0", "10.0.0.1")
        w.answered("e2", "10.0.2.1")
        w.silent("e1")
        said(process, "e1: it is served no more", 1)
        # What the command line names is all that is served.
        w.stop(process)
        w.lab.file("a.conf", 'interface "e1" { address = "10.0.1.9" }\n')
        process = w.serve("-c", conf, "e1", name="named")
        w.is_served(process, "e1")
        w.answered("e1", "10.0.1.9")
        w.silent("e0")
        w.stop(process)
        status, lines = live.outcome(w.us, "-c", w.lab.file("none.conf", ""))
        expect(status == 2 and "no interface is named" in lines[-1],
               f"{status}: {lines}")


# ---------------------------------------------------------------------------
# A good neighbour

def case_tcpdump_sees_answers():
    """tcpdump on the server shows our answers"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        w.serve("e0")
        path = os.path.join(w.lab.dir, "here.pcap")
        capture = w.lab.capture(w.us, path, "e0")
        w.answered("e0", "10.0.0.1")
        capture.stop()
        sent = [frame for _, frame in live.read_pcap(path)
                if is_answer(frame, "52:54:00:12:34:56")]
        expect(len(sent) == 1, f"tcpdump shows {len(sent)} answers")


def promiscuity(w, name):
    shown = w.us.run("ip", "-d", "link", "show", name)
    return int(re.search(r"promiscuity (\d+)", shown).group(1))


def case_not_promiscuous():
    """no promiscuous mode unless it is asked for; unicast is answered"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        for arguments, times in (([], 0), (["-p"], 0), (["--promiscuous"], 1),
                                 (["--promiscuous", "-p"], 0)):
            process = w.serve(*arguments, "e0")
            w.is_served(process, "e0")
            expect(promiscuity(w, "e0") == times,
                   f"{arguments}: promiscuity {promiscuity(w, 'e0')}")
            ours = dict(destination="10.0.0.1", to=w.mac("e0"))
            for what, frame in (
                    ("port 4011", request(kind=3, port=4011, source_port=4011,
                                          source="10.0.0.50", **ours)),
                    ("relayed", request(giaddr="10.0.5.1", source="10.0.5.1",
                                        source_port=67, **ours)),
                    ("tagged", request(tags=((0x8100, 7),)))):
                found = w.ask("e0", frame=frame)
                expect(len(found) == 1, f"{arguments}, {what}: {len(found)} "
                       "answers")
            w.stop(process)


def case_long_requests():
    """requests of every length are answered, longer than a slot or not"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        process = w.serve("e0")
        w.is_served(process, "e0")
        bare = len(request())
        for tags in ((), ((0x8100, 7),)):
            for length in [*range(736, 760), 1000, 1500]:
                # Options of 255 octets at most, for what there is to fill.
                left, more = length - bare, b""
                while left > 2:
                    n = min(left - 2, 200)
                    more += bytes([224, n]) + bytes(n)
                    left -= n + 2
                more += bytes(left)
                frame = request(more=more, tags=tags)
                # A client asks again, if a busy machine has lost a frame.
                found = w.ask("e0", frame=frame) or w.ask("e0", frame=frame)
                expect(len(found) == 1, f"{len(frame)} octets, {len(tags)} "
                       f"tags: {len(found)} answers")
        for _ in range(300):
            w.ends["e0"].send(request(more=b"\xe0\xc8" + bytes(200) +
                                      b"\xe0\xc8" + bytes(200)))
        time.sleep(0.5)
        w.answered("e0", "10.0.0.1", mac="52:54:00:99:99:99")


def ring_of(w, pid):
    """The octets of the rings that the process has mapped."""
    total = 0
    with open(f"/proc/{pid}/smaps", encoding="ascii") as f:
        mapped = False
        for line in f:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                mapped = "socket:" in line
            elif mapped and line.startswith("Size:"):
                total += int(line.split()[1]) * 1024
    return total


def case_one_budget_for_rings():
    """all rings together: 32 MiB, or 1 MiB each; a frame costs its length;
    an eighth is the observer's"""
    with wires() as w:
        names = [f"e{i}" for i in range(40)]
        for i, name in enumerate(names):
            w.wire(name, f"10.0.{i}.1/24")
        for some, wanted in ((1, 32), (4, 32), (40, 40)):
            process = w.serve(*names[:some])
            w.is_served(process, names[some - 1])
            mib = ring_of(w, process.pid) / (1 << 20)
            # Each of two rings is rounded up to whole blocks.
            expect(abs(mib - wanted) < 1 + some / 20,
                   f"{some} interfaces: {mib:.1f} MiB "
                   f"of rings, not {wanted}")
            if some == 40:
                # As many as 7/8 MiB have room for, while nobody reads.
                process.kill(signal.SIGSTOP)
                for mac in macs(1100):
                    w.ends["e39"].send(request(mac=mac))
                process.kill(signal.SIGCONT)
                w.lab.wait(lambda: w.status()["interfaces"][39]
                           ["answers"] >= 1100, 20, "1100 answers")
            w.stop(process)


def case_opened_at_once():
    """sixteen interfaces are opened at once, by threads: all are served"""
    with wires() as w:
        names = [f"e{i}" for i in range(16)]
        for i, name in enumerate(names):
            w.wire(name, f"10.0.{i}.1/24")
        process = w.serve(*names)
        for i, name in enumerate(names):
            w.is_served(process, name)
            w.answered(name, f"10.0.{i}.1")
        # ThreadSanitizer, where it is built in, says what it found then.
        status = process.stop()
        expect(status == 0, f"exit status {status}:\n{process.text()}")


# ---------------------------------------------------------------------------
# What an interface costs while it is away

def kernel_lines(name):
    """What the kernel has logged of an interface; its log may be cut off at
    the front, but not so soon."""
    done = subprocess.run(["dmesg"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return len(re.findall(rb"\b%b: (?:entered|left) promiscuous|device %b "
                          % (name.encode(), name.encode()), done.stdout))


def calls_of(path, pattern):
    with open(path, encoding="utf-8", errors="replace") as f:
        return len(re.findall(pattern, f.read(), re.M))


def case_away_for_20_seconds():
    """no open, no dump, no line of the kernel's log while one is away"""
    strace = program("strace", "strace")
    with wires() as w:
        # A name of its own, since all namespaces share the kernel's log.
        away = f"away{os.getpid() % 100000}"
        w.wire("e0", "10.0.0.1/24")
        w.wire(away, "10.0.1.1/24")
        w.wire("other")
        trace = os.path.join(w.lab.dir, "trace")
        process = w.us.start("us", strace, "-f", "-qq", "-o", trace, "-e",
                             "trace=socket,setsockopt,sendto", "--user=root",
                             find_pxeproxyd(), "--user", "", "e0", away)
        w.is_served(process, away)
        opens = r"\bsocket\(AF_PACKET"
        dumps = r"RTM_GET|nlmsg_type=RTM_GET"
        expect(calls_of(trace, opens) >= 2 and calls_of(trace, dumps) == 2,
               "the trace shows no opens and dumps at the start: "
               f"{calls_of(trace, opens)}, {calls_of(trace, dumps)}")
        w.ip(f"link set {away} down")
        w.lab.wait_log(process, f"{away}: it is down")
        before = (calls_of(trace, opens), calls_of(trace, dumps),
                  kernel_lines(away), promiscuity(w, away))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            w.answered("e0", "10.0.0.1")
            w.ip("link set other down")
            w.ip("link set other up")
            time.sleep(0.5)
        after = (calls_of(trace, opens), calls_of(trace, dumps),
                 kernel_lines(away), promiscuity(w, away))
        expect(before == after, "opens, dumps, lines of the kernel's log, "
               f"promiscuity: {before}, then {after}")
        w.ip(f"link set {away} up")
        w.is_served(process, away, 2)
        w.answered(away, "10.0.1.1")


def case_among_strangers():
    """a change of 200 links that are not ours costs next to nothing"""
    with wires() as w:
        for i in range(8):
            w.wire(f"e{i}", f"10.0.{i}.1/24")
        batch = "".join(f"link add s{i} type veth peer name t{i}\n"
                        f"address add 10.9.{i}.1/24 dev s{i}\n"
                        for i in range(100))
        path = w.lab.file("batch", batch)
        w.us.run("ip", "-batch", path, timeout=120)
        process = w.serve(*[f"e{i}" for i in range(8)])
        w.is_served(process, "e7")
        flap = w.lab.file("flap", "link set s7 up\nlink set s7 down\n" * 500)
        before = cpu_of(process.pid)
        w.us.run("ip", "-batch", flap, timeout=120)
        w.answered("e3", "10.0.3.1")
        # Two system calls and a look-up each; a dump of all is 100 times it.
        each = (cpu_of(process.pid) - before) / 1000
        expect(each < 300e-6 or INSTRUMENTED, f"{each * 1e6:.0f} us of our "
               "time for each change of a stranger")


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return int(re.search(r"Private_Dirty: +(\d+)", f.read()).group(1))


def case_a_thousand_times():
    """one that appears and vanishes a thousand times leaves nothing"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        process = w.serve("-q", "e0", "e1")
        w.is_served(process, "e0")
        turn = ("link add e1 type veth peer name f1\n"
                "address add 10.0.1.1/24 dev e1\n"
                "link set e1 up\nlink delete e1\n")
        path = w.lab.file("turns", turn * 250)
        counts = []
        for _ in range(4):
            w.us.run("ip", "-batch", path, timeout=300)
            w.answered("e0", "10.0.0.1")
            w.lab.wait(lambda: len(os.listdir(f"/proc/{process.pid}/fd")) ==
                       (counts[0][0] if counts else
                        len(os.listdir(f"/proc/{process.pid}/fd"))), 20,
                       "the descriptors to be as many as before")
            counts.append((len(os.listdir(f"/proc/{process.pid}/fd")),
                           memory_of(process.pid)))
        fds, memory = zip(*counts)
        expect(len(set(fds)) == 1, f"descriptors: {fds}")
        expect(memory[-1] - memory[0] < 256 or INSTRUMENTED,
               f"KiB of its own after 250, 500 ... times: {memory}")
        w.wire("e1", "10.0.1.1/24")
        w.lab.wait(lambda: len(w.ask("e1")) == 1, 20, "e1 to be served")


def case_messages_lost():
    """when the kernel drops messages, all is read again, and it is right"""
    with wires() as w:
        w.wire("e0", "10.0.0.1/24")
        process = w.serve("e0", "e1")
        w.is_served(process, "e0")
        process.kill(signal.SIGSTOP)
        storm = ("link set p0 up\nlink set p0 down\n" * 2000)
        w.ip("link add p0 type veth peer name p1")
        w.us.run("ip", "-batch", w.lab.file("storm", storm), timeout=300)
        w.wire("e1", "10.0.1.1/24")
        w.ip("address add 10.0.7.1/24 dev e0")
        w.ip("address delete 10.0.0.1/24 dev e0")
        process.kill(signal.SIGCONT)
        w.is_served(process, "e1")
        w.lab.wait_log(process, r"serving e0 as 10\.0\.7\.1")
        w.answered("e0", "10.0.7.1")
        w.answered("e1", "10.0.1.1")


# ---------------------------------------------------------------------------

CASES = live.cases_of(globals())

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(live.main(CASES, __doc__))
    sys.exit(130)
