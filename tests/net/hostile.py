#!/usr/bin/python3
"""pxeproxyd on a link where somebody sends what nobody should.

    hostile.py [CASE...]        run the cases (all of them)
    hostile.py --list           name them
    hostile.py --frames N       so many hostile frames instead of 300,000,
                                however long it takes

One line a case and a closing count.  Exit status: 0 all passed, 1 not,
77 nothing could be run.  Root is needed; all of it happens in network
namespaces that are made for it.  HOSTILE_SECONDS (20) bounds the time that is
spent on sending, HOSTILE_SEED (1) makes other frames.  The frames come from
hostile_load, which is built by "make check".

    hostile.py client INTERFACE   (inside) ask as a client, again and again,
                                  until standard input ends
    hostile.py frames INTERFACE FILE TRIES
                                  (inside) send each frame of a capture until
                                  its xid is answered, so often at most
"""

import collections
import contextlib
import ctypes
import functools
import glob
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time

import live
from lab import Lab, LabError, LabSkip, PYTHON, command, dhcp, datagram, \
    find_pxeproxyd, mac_of, read_pcap, write_pcap
from live import EVERYONE, Failed, OURS, expect, mac_octets, request

HERE = os.path.dirname(os.path.abspath(__file__))
SERVED = "pxehostile"
FRAMES = 300000
EARLY = 10000                   # frames after which memory is looked at first
GROWTH = 64                     # KiB that it may grow by from then on
TABLES = 640                    # KiB of tables of fixed size that fill up: 1,024
                                # machines with their files, and the limits
MACHINES = 8192                 # KiB of boots that are observed, at most
REMEMBERED = 2560               # KiB of who was turned away by total-rate
AT_ONCE = 8000                  # half of what the daemon's ring holds
INSTRUMENTED = bool(os.environ.get("PXEPROXYD_INSTRUMENTED"))
CLIENT_MAC = "52:54:00:fe:00:01"
CLIENT_ADDRESS = "10.0.0.77"

RULES = """
rule "ignored" { mac = "52:54:00:07:*" ignore = true }
rule "script" { user-class = { "script", "iPXE" }
    bootfile-name = "http://10.0.0.2/boot.ipxe" }
rule "rack" { remote-id = "rack7" form = "direct"
    bootfile-name = 'rack/${mac}' }
rule "relay" { relay = "10.9.0.0/16" bootfile-name = 'r/${uuid}' }
rule "VLAN" { vlan = { 10, 100 } next-server = '10.${vlan}.0.1'
    bootfile-name = 'v/${arch}' }
rule "menu" { vendor-class = "PXEClient:Arch:99999" form = "menu"
    item "Installer" { bootfile-name = "pxelinux.0" }
    item "Local disk" { } }
rule "plain" { client = "other" vendor-class = "U-Boot" form = "plain"
    bootfile-name = 'u/${mac-hyphen}.scr' }
"""


# ---------------------------------------------------------------------------
# The client that means well; this runs inside a namespace

QUESTIONS = (
    # arguments of live.request, then type, file and siaddr of the answer
    (dict(arch=7), "OFFER", "BOOTX64.EFI", OURS),
    (dict(arch=0), "OFFER", "pxelinux.0", OURS),
    (dict(arch=11, kind=3, source=CLIENT_ADDRESS, destination=OURS, port=4011,
          source_port=4011, to=mac_of(OURS)), "ACK", "BOOTAA64.EFI", OURS),
)
TRIES = 3
PATIENCE = 5


def the_answer(wire, xid, patience=PATIENCE):
    """The DHCP reply to this request, or None."""
    end = time.monotonic() + patience
    while (left := end - time.monotonic()) > 0:
        if not select.select([wire], [], [], left)[0]:
            break
        message = dhcp(datagram(0.0, wire.recv(2048)))
        if message and message.op == 2 and message.xid == f"{xid:08x}":
            return message
    return None


OUR_XID = 0x600d0000


def hear_ours(wire):
    """Let the kernel sort out what is not an answer to us: the foe's frames
    are flooded to this port too, and Python would lose ours among them."""
    program = b"".join(struct.pack("HBBI", *code) for code in (
        (0x28, 0, 0, 46),               # ldh: xid's first half, in a frame
        (0x15, 0, 3, OUR_XID >> 16),    # without tags or IPv4 options
        (0x30, 0, 0, 42),               # ldb: op
        (0x15, 0, 1, 2),                # BOOTREPLY
        (0x06, 0, 0, 2048),
        (0x06, 0, 0, 0)))
    room = ctypes.create_string_buffer(program)
    wire.setsockopt(socket.SOL_SOCKET, 26,      # SO_ATTACH_FILTER
                    struct.pack("HL", len(program) // 8,
                                ctypes.addressof(room)))


def client(interface):
    """Ask, be answered, compare, until standard input ends."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    hear_ours(wire)
    wire.bind((interface, 3))           # ETH_P_ALL
    asked = again = 0
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        words, kind, file, siaddr = QUESTIONS[asked % len(QUESTIONS)]
        asked += 1
        for _ in range(TRIES):
            wire.send(request(mac=CLIENT_MAC, xid=OUR_XID + asked, **words))
            answer = the_answer(wire, OUR_XID + asked)
            if answer:
                break
            again += 1
        got = answer and (answer.type, answer.bootfile, answer.siaddr,
                          answer.mac)
        if got != (kind, file, siaddr, CLIENT_MAC):
            print(json.dumps({"asked": asked, "again": again,
                              "fault": f"{words}: {got}"}), flush=True)
            return 1
    print(json.dumps({"asked": asked, "again": again}), flush=True)
    return 0


def ask_all(interface, path, tries):
    """Send requests that are not answered yet, a second apart, as clients
    do; tells how many of them are answered in the end."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    hear_ours(wire)
    wire.bind((interface, 3))           # ETH_P_ALL
    left = {frame[46:50]: frame for _, frame in read_pcap(path)}
    count = len(left)

    def take_until(end):
        while select.select([wire], [], [],
                            max(end - time.monotonic(), 0))[0]:
            left.pop(wire.recv(2048)[46:50], None)
    for _ in range(tries):
        for frame in list(left.values()):
            wire.send(frame)
            take_until(time.monotonic() + 0.001)
        take_until(time.monotonic() + 1)
        if not left:
            break
    print(json.dumps({"asked": count, "answered": count - len(left)}),
          flush=True)
    return 0


# ---------------------------------------------------------------------------
# The bench

class Orders:
    """A program inside a host that is given lines and answers with JSON."""

    def __init__(self, host, *argv):
        self.popen = subprocess.Popen(
            host.inside(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            encoding="utf-8", start_new_session=True)

    def answer(self, patience=120):
        if not select.select([self.popen.stdout], [], [], patience)[0]:
            raise LabError(f"{self.popen.args}: no answer")
        line = self.popen.stdout.readline()
        if not line:
            raise LabError(f"{self.popen.args}: it ended")
        return json.loads(line)

    def say(self, order):
        self.popen.stdin.write(order + "\n")
        self.popen.stdin.flush()
        return self.answer()

    def end(self):
        with contextlib.suppress(OSError):
            self.popen.stdin.close()
        try:
            self.popen.wait(30)
        finally:
            if self.popen.poll() is None:
                self.popen.kill()
                self.popen.wait(5)


def find_load():
    for place in (".", os.path.join(os.path.dirname(find_pxeproxyd()),
                                    "..", "tests")):
        path = os.path.abspath(os.path.join(place, "hostile_load"))
        if os.access(path, os.X_OK):
            return path
    raise LabSkip("no hostile_load: \"make check\" builds it")


class Bench:
    """One link: us, somebody hostile, and a client that means well."""

    def __init__(self, lab, config, *arguments, seeds=None):
        self.lab = lab
        self.link = lab.link()
        self.us = lab.host("us", OURS + "/24", self.link)
        self.foe = lab.host("foe", None, self.link)
        self.plain_switch(self.ports()[-1])
        self.friend = lab.host("friend", None, self.link)
        run = os.path.join(lab.dir, "run")
        os.mkdir(run)
        os.chmod(run, 0o777)
        self.control = os.path.join(run, "control")
        hosts = lab.file("hosts", "52:54:00:12:34:58 host/${mac}\n"
                         "10111213-1415-1617-1819-1a1b1c1d1e1f u 10.0.0.3\n")
        self.config = lab.file("hostile.conf", config + RULES +
                               f'hosts-file = "{hosts}"\n')
        self.process = lab.pxeproxyd(
            self.us, "-c", self.config, "--control-socket", self.control,
            *arguments, "eth0")
        seeds = seeds or glob.glob(os.path.join(HERE, "..", "fuzz", "corpus", "*")) + \
            glob.glob(os.path.join(HERE, "..", "..", "pcaps", "*", "*.pcap"))
        self.load = Orders(self.foe, find_load(), "eth0", self.us.mac,
                           os.environ.get("HOSTILE_SEED", "1"),
                           *sorted(seeds))
        self.load.answer()
        self.never = 0              # frames that pass the filter but do not
                                    # get to us: a switch has its own mind

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.load.end()

    def ports(self):
        """Of the switch, in the order in which they were plugged in."""
        shown = json.loads(self.lab.ip("-n", self.link.ns, "-j", "link",
                                       "show", "master", self.link.name))
        return [port["ifname"] for port in
                sorted(shown, key=lambda port: port["ifindex"])]

    def plain_switch(self, port):
        """Everything is forwarded: what is for an address that the foe has
        used too, as by a switch whose table is full; and where the kernel's
        firewall looks into bridges, what it would take offence at."""
        ip = self.lab.ip
        ip("-n", self.link.ns, "link", "set", port, "type", "bridge_slave",
           "learning", "off")
        command("ip", "netns", "exec", self.link.ns, "sh", "-c",
                "for f in /proc/sys/net/bridge/bridge-nf-call-*; do"
                " [ ! -e $f ] || echo 0 >$f; done")

    def numbers(self):
        """The daemon's own, of its one interface."""
        return self.status()["interfaces"][0]

    def status(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(self.control)
            s.sendall(b"json\n")
            text = b"".join(iter(lambda: s.recv(65536), b""))
        # The first line is the exit status of "pxeproxyd status".
        return json.loads(text.split(b"\n", 1)[1])

    def send(self, order, count):
        """Have frames sent, and wait until the daemon has had them."""
        said = self.load.say(f"{order} {count}")
        before, still = 0, 0
        while True:
            numbers = self.numbers()
            here = numbers["frames"] + numbers["dropped"]
            if here >= said["passed"] - self.never:
                break
            # The friend's requests are frames too, but few.
            still = still + 1 if here < before + 20 else 0
            before = here
            if still == 20:
                self.never = said["passed"] - here
                break
            time.sleep(0.001 if still == 0 else 0.05)
        return self.load.say("look"), numbers

    def ask(self, requests, tries):
        """The friend sends them; how many are answered."""
        path = os.path.join(self.lab.dir, "asked.pcap")
        write_pcap(path, [(0.0, frame) for frame in requests])
        friend = Orders(self.friend, PYTHON, os.path.abspath(__file__),
                        "frames", "eth0", path, str(tries))
        said = friend.answer()
        friend.end()
        expect(said["asked"] == len(requests), f"not as many: {said}")
        return said["answered"]

    def denied(self):
        """Requests that the limits have turned away."""
        requests = self.status()["requests"]
        return sum(requests.get(name, 0)
                   for name in ("client-rate", "total-rate"))

    def settle(self):
        """Nobody asks any more: soon nobody is answered either."""
        before = None
        for _ in range(60):
            said = self.load.say("look")
            if before and said["answers"] == before["answers"]:
                return said
            before = said
            time.sleep(0.5)
        raise Failed("answers without an end")

    def memory(self):
        """KiB of the daemon that are its own: without the ring, which
        belongs to the kernel, and what it has of libraries."""
        total, ring = 0, False
        with open(f"/proc/{self.process.pid}/smaps", encoding="ascii") as f:
            for line in f:
                words = line.split()
                if re.fullmatch(r"[0-9a-f]+-[0-9a-f]+", words[0]):
                    ring = len(words) > 5 and words[5].startswith("socket:")
                elif words[0] == "Rss:" and not ring:
                    total += int(words[1])
        return total

    def end(self):
        """The daemon ends as it should, and said nothing else."""
        status = self.process.stop(signal.SIGTERM, 60)
        text = self.process.text()
        expect(not re.search("Sanitizer|runtime error", text), text[-5000:])
        expect(status == 0, f"exit status {status}: {self.process.tail()}")
        return text


# ---------------------------------------------------------------------------
# Cases

def case_same_as_replay():
    """hostile frames get the answers that a replay of them gives"""
    with Lab(name=SERVED) as lab, \
            Bench(lab, "") as bench:
        sent = os.path.join(lab.dir, "sent.pcap")
        answers = os.path.join(lab.dir, "answers.pcap")
        capture = lab.capture(bench.link, "link.pcap")
        bench.load.say("save " + sent)
        for _ in range(5):
            said, numbers = bench.send("mix", 2000)
            time.sleep(2)           # the limits let more of them through
        bench.load.say("save")
        bench.settle()
        denied = bench.denied()
        capture.stop()
        bench.end()
        expect(numbers["dropped"] == 0, "the daemon's ring was full")
        subprocess.run(
            [find_pxeproxyd(), "-q", "-r", sent, "-w", answers, "-c",
             bench.config, "--address", OURS, "--mac", bench.us.mac,
             "--interface", "eth0"], check=True, timeout=120,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wire = collections.Counter(
            frame for _, frame in read_pcap(capture.path)
            if frame[6:12] == mac_octets(bench.us.mac) and
            frame[12:14] != b"\x08\x06" and dhcp(datagram(0.0, frame)))
        offline = collections.Counter(f for _, f in read_pcap(answers))
        missing = offline - wire
        expect(not wire - offline and sum(missing.values()) == denied,
               "live, and not in the replay: "
               f"{[f.hex() for f in wire - offline][:2]}; in the replay "
               f"alone: {sum(missing.values())}, and {denied} were denied: "
               f"{[f.hex() for f in missing][:2]}")
        expect(sum(wire.values()) > 1000, f"only {sum(wire.values())}")
        return (f"{sum(wire.values())} answers to {said['sent']} frames, "
                f"octet for octet, and {denied} denied by the limits")


def flood(bench, frames, order, seconds):
    """Send; gives the last numbers of both sides, and the memory after the
    first frames and after all."""
    end = time.monotonic() + seconds
    early = None
    said, numbers = {"sent": 0}, {"frames": 0}
    while numbers["frames"] < frames and time.monotonic() < end:
        left = (EARLY if early is None else frames) - numbers["frames"]
        said, numbers = bench.send(order, min(AT_ONCE, left))
        expect(bench.process.alive(), bench.process.tail())
        if early is None and numbers["frames"] >= EARLY:
            early = bench.memory()
    return said, numbers, early, bench.memory()


def case_flood(frames=FRAMES, seconds=None):
    """a client is served as ever, and memory stays as it is"""
    if seconds is None:
        seconds = float(os.environ.get("HOSTILE_SECONDS", "20"))
    with Lab(name=SERVED) as lab, \
            Bench(lab, "", "--log-format", "json") as bench:
        friend = Orders(bench.friend, PYTHON, os.path.abspath(__file__),
                        "client", "eth0")
        start = time.monotonic()
        said, numbers, early, late = flood(bench, frames, "pass", seconds)
        took = time.monotonic() - start
        friend.popen.stdin.close()
        well = friend.answer()
        friend.end()
        after = bench.settle()
        overloaded = bench.status()["requests"].get("total-rate", 0) > 0
        lines = [json.loads(line) for line in bench.end().splitlines()]
        expect("fault" not in well, f"the client: {well}")
        expect(well["asked"] >= 3, f"the client asked {well['asked']} times")
        expect(well["again"] == 0 or numbers["dropped"],
               f"the client had to ask again: {well}")
        expect(numbers["frames"] >= 2 * EARLY,
               f"only {numbers['frames']} frames got there")
        expect(after["wrong"] == 0, f"{after['wrong']} answers are wrong, "
               f"such as by {after['fault']}")
        expect(after["answers"] + after["missed"] <=
               after["passed"] + well["asked"] + well["again"],
               f"more answers than requests: {after}")
        expect(after["answers"] > numbers["frames"] / 100,
               f"hardly an answer: {after}")
        expect(after["answer_octets"] <= 1.6 * after["passed_octets"],
               f"more octets than were sent: {after}")
        expect(len(lines) > 2, "the log is empty")
        if not INSTRUMENTED:
            growth = GROWTH + TABLES + MACHINES + \
                (REMEMBERED if overloaded else 0)
            expect(late <= early + growth, f"{early} KiB after {EARLY} "
                   f"frames, {late} KiB after {numbers['frames']}")
    return (f"{numbers['frames']} frames in {took:.0f} s, "
            f"{numbers['dropped']} dropped, {said['answers']} answers of "
            f"{said['largest']} octets at most; {well['asked']} requests of "
            f"the client answered, {well['again']} asked again; memory "
            f"{early} KiB after {EARLY} frames, {late} KiB at the end")


def case_noise():
    """frames of all kinds on the link, most for nobody, harm nothing"""
    with Lab(name=SERVED) as lab, Bench(lab, "", "-dd") as bench:
        for _ in range(5):
            said, numbers = bench.send("mix", 2000)
        text = bench.end()
        expect(numbers["frames"] > 0 and said["wrong"] == 0, f"{said}")
        bad = [line for line in text.splitlines()
               if not re.fullmatch(r"[ -~]+", line)]
        expect(not bad, f"not printable: {bad[:3]}")
        return (f"{said['sent']} frames, {numbers['frames']} passed the "
                f"filter, {len(text.splitlines())} lines of log")


def through(relay, router, **words):
    """A request that a relay sends us, through a router or by itself."""
    return request(source=relay, giaddr=relay, destination=OURS,
                   source_port=67, to=mac_of(OURS), source_mac=router,
                   **words)


def beside_once(flood, order, asked, tries):
    """Requests, and how many of them are answered, beside a flood that goes
    on for 8 s; and frames that the daemon had no room for."""
    with Lab(name=SERVED) as lab:
        seed = os.path.join(lab.dir, "flood.frame")
        with open(seed, "wb") as f:
            f.write(flood)
        with Bench(lab, "", "-q", seeds=[seed]) as bench:
            start = time.monotonic()
            bench.load.popen.stdin.write(order + "\n")
            bench.load.popen.stdin.flush()
            time.sleep(3)               # what was saved up is used up
            answered = bench.ask(asked, tries)
            took = time.monotonic() - start
            expect(took < 8, f"the flood was over before: {took} s")
            bench.load.answer()
            numbers, denied = bench.numbers(), bench.denied()
            bench.end()
    told = (f"{answered} of {len(asked)} machines answered, beside "
            f"{numbers['frames']} frames, {numbers['dropped']} dropped, "
            f"{denied} denied")
    expect(denied > 0, told)
    return answered, numbers["dropped"], told


def beside(*arguments, tries):
    """The same; once more where the machine is too busy to hear all."""
    for _ in range(3):
        answered, dropped, told = beside_once(*arguments, tries)
        if answered == len(arguments[-1]):
            return told
        expect(dropped > 0, told)
    raise Failed(told)


def case_spoofed_address():
    """a routed host that knows a machine's address cannot use up its share"""
    victim = "52:54:00:12:34:56"
    return beside(
        through("10.66.0.1", mac_of("10.0.0.1"), mac=victim),
        "same 16000 2000",
        [request(mac=victim, xid=OUR_XID + i) for i in range(20)], tries=1)


def infiniband(number):
    """Behind a relay: no hardware address, but a client identifier."""
    frame = bytearray(through(
        "10.7.0.1", mac_of("10.0.0.1"), xid=OUR_XID + number,
        mac="00:00:00:00:00:00", more=b"\x3d\x13\xff" + struct.pack(
            "!IQHI", 0x27, 0x0002, 0xc903, number)))
    frame[43:45] = b"\x20\x00"         # htype 32, hlen 0 (RFC 4390)
    frame[40:42] = b"\0\0"             # no UDP checksum
    return bytes(frame)


def case_infiniband():
    """500 InfiniBand machines at once are all answered"""
    with Lab(name=SERVED) as lab, Bench(lab, "") as bench:
        asked = [infiniband(number) for number in range(500)]
        answered = bench.ask(asked, 1)
        bench.end()
        expect(answered == 500, f"{answered} of 500 were answered")


def case_random_addresses():
    """60,000 random addresses a second: 40 machines are served beside them"""
    return beside(
        request(xid=1), "made 480000 60000",
        [request(mac=f"52:54:00:40:00:{i:02x}", xid=OUR_XID + i)
         for i in range(40)], tries=3)


def case_random_behind_relay():
    """as many through one relay: those of another one get their answers"""
    router = mac_of("10.0.0.1")
    return beside(
        through("10.66.0.1", router, xid=1), "made 480000 60000",
        [through("10.7.0.1", router, mac=f"52:54:00:40:00:{i:02x}",
                 xid=OUR_XID + i) for i in range(40)], tries=1)


CASES = live.cases_of(globals())


def main():
    if sys.argv[1:2] == ["client"]:
        return client(sys.argv[2])
    if sys.argv[1:2] == ["frames"]:
        return ask_all(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    cases = CASES
    if sys.argv[1:2] == ["--frames"]:
        frames = int(sys.argv.pop(2))
        sys.argv.pop(1)
        cases = {"flood": functools.partial(case_flood, frames,
                                            frames / 1000 + 60)}
    return live.main(cases, __doc__)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
