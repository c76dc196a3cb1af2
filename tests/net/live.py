#!/usr/bin/python3
"""pxeproxyd on live interfaces, in network namespaces of its own.

    live.py [CASE...]           run the cases (all of them)
    live.py --list              name them

One line a case and a closing count.  Exit status: 0 all passed, 1 not,
77 nothing could be run.  Root is needed.

    live.py play INTERFACE FILE   (inside) put the frames of a capture on an
                                  interface, not those of --but-not MAC
"""

import argparse
import concurrent.futures
import contextlib
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time

import lab as lab_module
from lab import (Lab, LabError, LabSkip, PYTHON, datagram,
                 find_pxeproxyd, read_pcap, write_pcap)
from octets import checksum, udp_checksum
from pxeclient import option

HERE = os.path.dirname(os.path.abspath(__file__))
PCAPS = os.path.join(HERE, "..", "..", "pcaps")
CLIENT = os.path.join(HERE, "pxeclient.py")

OURS = "10.0.0.2"
OUR_MAC = lab_module.mac_of(OURS)
CLIENT_MAC = "52:54:00:12:34:56"
EVERYONE = "ff:ff:ff:ff:ff:ff"


class Failed(Exception):
    """What is tested does not do what it should."""


def expect(truth, message):
    if not truth:
        raise Failed(message)


# ---------------------------------------------------------------------------
# Frames

def mac_octets(text):
    return bytes.fromhex(text.replace(":", ""))


def request(*, arch=7, kind=1, source="0.0.0.0", destination="255.255.255.255",
            source_port=68, port=67, giaddr="0.0.0.0", to=EVERYONE,
            mac=CLIENT_MAC, source_mac=None, tags=(), more=b"",
            xid=0x5eed0001):
    """A PXE client's request, as a whole frame."""
    ciaddr = source if port == 4011 else "0.0.0.0"
    flags = 0 if port == 4011 else 0x8000
    message = struct.pack("!BBBBIHH", 1, 1, 6, 0, xid, 0, flags)
    message += b"".join(socket.inet_aton(a) for a in
                        (ciaddr, "0.0.0.0", "0.0.0.0", giaddr))
    message += mac_octets(mac).ljust(16, b"\0") + bytes(192)
    message += b"\x63\x82\x53\x63" + option(53, bytes([kind]))
    message += option(57, b"\x05\xc0") + option(93, struct.pack("!H", arch))
    message += option(94, b"\x01\x03\x00") + option(97, b"\0" + b"U" * 16)
    message += option(60, b"PXEClient:Arch:%05d:UNDI:003000" % arch)
    message += more + b"\xff"
    ends = socket.inet_aton(source), socket.inet_aton(destination)
    udp = struct.pack("!HHHH", source_port, port, 8 + len(message), 0)
    udp = udp[:6] + struct.pack("!H", udp_checksum(*ends, udp + message))
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(message), 1, 0, 64,
                       17, 0, *ends)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    shim = b"".join(struct.pack("!HH", *tag) for tag in tags)
    return (mac_octets(to) + mac_octets(source_mac or mac) + shim +
            b"\x08\x00" + head + udp + message)


def play(interface, path, but_not):
    """Runs inside a namespace: put a capture's frames on the interface."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    wire.bind((interface, 0))
    for _, frame in read_pcap(path):
        if frame[6:12] != mac_octets(but_not):
            wire.send(frame)
            time.sleep(0.005)       # one at a time, so that order is kept


def send(bench, frames):
    """Have the client's host put frames on the link."""
    path = os.path.join(bench.lab.dir, "send.pcap")
    write_pcap(path, [(0.0, frame) for frame in frames])
    bench.client.run(PYTHON, os.path.abspath(__file__), "play", "eth0", path)


# ---------------------------------------------------------------------------
# The bench: one link, us, and a host to play clients and relays

class Bench:
    def __init__(self, lab, address=OURS, mac=None, prefix=24):
        self.lab = lab
        self.link = lab.link()
        self.us = lab.host("us", f"{address}/{prefix}", self.link, mac)
        self.client = lab.host("client", None, self.link)
        # Nothing of the client's own: it has no address, and is silent.
        self.capture = lab.capture(self.link, "link.pcap")

    def seen(self):
        """All frames so far; tcpdump hands them on once a second."""
        time.sleep(1.5)
        return [frame for _, frame in read_pcap(self.capture.path)]

    def answers(self):
        """The frames from our MAC address that are DHCP."""
        found = []
        for frame in self.seen():
            packet = datagram(0.0, frame)
            if packet and packet.source_mac == self.us.mac and \
                    packet.source_port in (67, 4011):
                found.append(frame)
        return found

    def icmp(self):
        """ICMP messages that left our host."""
        return [frame for frame in self.seen()
                if frame[6:12] == mac_octets(self.us.mac) and
                frame[12:14] == b"\x08\x00" and frame[23] == 1]

    def request_from_us(self, count, what):
        answers = self.answers()
        expect(len(answers) == count,
               f"{what}: {len(answers)} answers instead of {count}")
        return [datagram(0.0, frame) for frame in answers]


def the_log(process, pattern):
    expect(re.search(pattern, process.text(), re.M),
           f"the log has no /{pattern}/:\n{process.tail()}")


# ---------------------------------------------------------------------------
# Cases

def replay_list():
    """(name, flags) of each capture that is kept as a test."""
    with open(os.path.join(HERE, "..", "replay", "replay.list"), encoding="utf-8") as f:
        for line in f:
            words = shlex.split(line, comments=True)
            if words:
                yield words[0], words[1:]


def flag(flags, name, default):
    return flags[flags.index(name) + 1] if name in flags else default


def without(flags, *names):
    """The flags, but for these and their values."""
    left, rest = [], iter(flags)
    for word in rest:
        if word in names:
            next(rest)
        else:
            left.append(word)
    return left


def playable(path):
    """Are these frames that an Ethernet interface can send?"""
    try:
        frames = read_pcap(path)
    except LabError:
        return False                # pcapng: replay.sh reads it
    with open(path, "rb") as f:
        if struct.unpack("=20xI", f.read(24))[0] not in (1, 0x01000000):
            return False            # cooked
    return all(14 <= len(frame) <= 1514 for _, frame in frames) and \
        not any(is_for_a_namesake(when, frame) for when, frame in frames)


def is_for_a_namesake(when, frame):
    """Is it for another host that has our address, so that a switch, or a
    bridge, does not bring it to us?"""
    packet = datagram(when, frame)
    return bool(packet and packet.destination == OURS and
                not frame[0] & 1 and frame[0:6] != mac_octets(OUR_MAC))


def replayed(lab, name, flags):
    """The answers that a replay gives."""
    offline = os.path.join(lab.dir, name.replace("/", "-") + ".answers")
    subprocess.run([find_pxeproxyd(), "-q", "-r",
                    os.path.join(PCAPS, name + ".pcap"), "-w", offline,
                    *flags], stdout=subprocess.DEVNULL, check=True,
                   timeout=60)
    return [frame for _, frame in read_pcap(offline)]


def delays(flags):
    """Has the configuration answers that wait?  Others overtake them."""
    path = flag(flags, "-c", os.devnull)
    with open(path, encoding="utf-8") as f:
        return re.search(r"\bdelay\s*=", f.read()) is not None


def compare_captures(lab, names, flags, more):
    """Play the captures, one after the other, to one pxeproxyd: it keeps
    nothing in mind.  Gives how many answers came to how many captures."""
    address = flag(flags, "--address", "192.0.2.1")
    mac = flag(flags, "--mac", "02:00:00:00:00:01")
    wanted = [(name, number, frame) for name in names for number, frame
              in enumerate(replayed(lab, name, flags), 1)]
    bench = Bench(lab, address, mac)
    interface = flag(flags, "--interface", "eth0")
    if interface != "eth0":         # rules may name it
        for words in (["down"], ["name", interface]):
            lab.ip("-n", bench.us.ns, "link", "set", "eth0", *words)
        lab.ip("-n", bench.us.ns, "link", "set", interface, "up")
    process = lab.pxeproxyd(bench.us, *without(
        flags, "--address", "--mac", "--interface"), *more, interface)
    lab.wait_log(process, f"serving {interface} as")
    for name in names:
        bench.client.run(PYTHON, os.path.abspath(__file__), "play", "eth0",
                         os.path.join(PCAPS, name + ".pcap"), "--but-not",
                         mac)
    live = bench.answers()
    if delays(flags) or more:
        live.sort()
        wanted.sort(key=lambda answer: answer[2])
    for frame, (name, number, other) in zip(live, wanted):
        expect(frame == other, f"{name}: answer {number} differs:\n"
               f" live   {frame.hex()}\n replay {other.hex()}")
    expect(len(live) == len(wanted), f"{', '.join(names)}: {len(live)} "
           f"answers live, {len(wanted)} in replay\n{process.tail(40)}")
    return len(live), len({name for name, _, _ in wanted})


def compare_group(group):
    """Runs in a process of its own, in a lab of its own."""
    flags, names, more = group
    with Lab(name="pxelive") as lab:
        return compare_captures(lab, names, flags, more)


def case_live_equals_replay(more=()):
    """each Ethernet capture, played over a veth, is answered as in replay"""
    groups = {}
    for name, flags in replay_list():
        if playable(os.path.join(PCAPS, name + ".pcap")):
            groups.setdefault(tuple(flags), []).append(name)
    if more:                        # one policy will do
        groups = dict([max(groups.items(), key=lambda one: len(one[1]))])
    # Names of files among the flags start from the top of the tree.
    os.environ["PXEPROXYD"] = find_pxeproxyd()
    here = os.getcwd()
    os.chdir(os.path.join(HERE, "..", ".."))
    try:
        with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(compare_group, [
                (flags, names, more) for flags, names in groups.items()]))
    finally:
        os.chdir(here)
    answers, captures = map(sum, zip(*found))
    expect(answers > 0, "no capture gave an answer")
    return f"{answers} answers of {captures} captures"


def relayed(**more):
    return request(source="10.0.0.9", destination=OURS, source_port=67,
                   giaddr="10.0.0.9", to=OUR_MAC,
                   source_mac="02:00:0a:00:00:09", **more)


def asked_4011(**more):
    return request(kind=3, source="10.0.0.50", destination=OURS, port=4011,
                   source_port=4011, to=OUR_MAC, **more)


def case_no_icmp():
    """no ICMP port unreachable leaves for unicast to ports 67 and 4011"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        # A way back for the kernel, which would ask for it by ARP.
        for address, mac in (("10.0.0.9", "02:00:0a:00:00:09"),
                             ("10.0.0.50", CLIENT_MAC)):
            lab.ip("-n", bench.us.ns, "neighbour", "add", address, "lladdr",
                   mac, "dev", "eth0", "nud", "permanent")
        # Seen without the guard: else this test could not fail.
        process = lab.pxeproxyd(bench.us, "eth0", name="unguarded")
        send(bench, [relayed()])
        expect(bench.icmp(), "even without a guard there is no ICMP")
        before = len(bench.icmp())
        process.stop()
        lab.pxeproxyd(bench.us, "--hold-port-67", "eth0")
        send(bench, [relayed(), asked_4011()])
        bench.request_from_us(3, "relayed twice, and asked on 4011")
        expect(len(bench.icmp()) == before, "ICMP left our host")


def case_vlan_tags():
    """a frame with one or two tags is answered with those tags"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        lab.pxeproxyd(bench.us, "eth0")
        rows = [((0x8100, 10),), ((0x8100, 0x6014),),
                ((0x88a8, 20), (0x8100, 30)), ((0x8100, 0),), ()]
        send(bench, [request(tags=tags) for tags in rows])
        answers = bench.answers()
        expect(len(answers) == len(rows),
               f"{len(answers)} answers to {len(rows)} requests")
        for tags, frame in zip(rows, answers):
            kept = b"".join(struct.pack("!HH", *tag) for tag in tags
                            if tag[1] & 0xfff)
            expect(frame[12:12 + len(kept) + 2] == kept + b"\x08\x00",
                   f"asked with {tags}, answered with "
                   f"{frame[12:24].hex()}")


def start_pool(lab, host, kind):
    pool = ("10.0.0.0/24", "10.0.0.100", "10.0.0.150")
    if kind == "dhcpd":
        return lab.isc_dhcpd(host, *pool)
    if kind == "kea":
        return lab.kea(host, *pool)
    return lab.dnsmasq(host, *pool[1:], extra="bind-interfaces")


def boot(lab, host, *arguments):
    """A client that really asks, to the end."""
    out = host.run(PYTHON, CLIENT, "--interface", "eth0", "--mac", host.mac,
                   *arguments, timeout=90)
    expect("has arrived whole" in out, out)
    return out


def served_lab(lab):
    """Link, us, a TFTP server, a client's host."""
    link = lab.link()
    us = lab.host("us", f"{OURS}/24", link)
    files = lab.host("files", "10.0.0.3/24", link)
    root = os.path.join(lab.dir, "tftp")
    os.mkdir(root)
    with open(os.path.join(root, "BOOTX64.EFI"), "wb") as f:
        f.write(os.urandom(70000))
    os.chmod(root, 0o755)
    lab.tftpd(files, root)
    return us, lab.host("client", None, link)


def pool_first(kind):
    with Lab(name="pxelive") as lab:
        us, client = served_lab(lab)
        start_pool(lab, us, kind)
        process = lab.pxeproxyd(us, "--hold-port-67", "--next-server",
                                "10.0.0.3", "eth0")
        boot(lab, client)
        if kind != "kea":           # Kea binds one address, which we leave
            the_log(process, "port 67 is held by another program")


def pool_later(kind, *flags):
    with Lab(name="pxelive") as lab:
        us, client = served_lab(lab)
        lab.pxeproxyd(us, *flags, "--next-server", "10.0.0.3", "eth0")
        start_pool(lab, us, kind)
        boot(lab, client)


def case_beside_dhcpd():
    """an ISC dhcpd of the same host holds port 67"""
    pool_first("dhcpd")


def case_beside_dnsmasq():
    """a dnsmasq of the same host holds port 67"""
    pool_first("dnsmasq")


def case_beside_kea():
    """a Kea of the same host holds port 67"""
    pool_first("kea")


def case_before_dhcpd():
    """an ISC dhcpd of the same host starts after us"""
    pool_later("dhcpd", "--hold-port-67")


def case_before_dnsmasq():
    """a dnsmasq of the same host starts after us"""
    pool_later("dnsmasq", "--hold-port-67")


def case_before_kea():
    """a Kea of the same host starts after us: no relay is configured"""
    pool_later("kea")


def case_later_server_hears():
    """unicast to port 67 reaches a server that came after our guard"""
    listen = ("import socket; s = socket.socket(type=socket.SOCK_DGRAM);"
              "s.setsockopt(1, 2, 1); s.bind(('0.0.0.0', 67));"
              "print('bound', flush=True); print(s.recv(99), flush=True)")
    tell = ("import socket; s = socket.socket(type=socket.SOCK_DGRAM);"
            f"s.sendto(b'renewal', ('{OURS}', 67))")
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        other = lab.host("other", "10.0.0.9/24", bench.link)
        lab.pxeproxyd(bench.us, "--hold-port-67", "eth0")
        server = bench.us.start("later", PYTHON, "-c", listen)
        server.may_end = True
        lab.wait_log(server, "bound")
        other.run(PYTHON, "-c", tell)
        lab.wait_log(server, "renewal")


def case_two_interfaces():
    """each interface is answered with its own address and MAC"""
    with Lab(name="pxelive") as lab:
        one = Bench(lab)
        other = lab.link()
        second = one.us.join(other, "10.7.0.2/24")
        far = lab.host("far", None, other)
        capture = lab.capture(other, "other.pcap")   # read after near's wait
        lab.pxeproxyd(one.us, "eth0", second)
        send(one, [request()])
        path = os.path.join(lab.dir, "send.pcap")
        far.run(PYTHON, os.path.abspath(__file__), "play", "eth0", path)
        near = one.request_from_us(1, "first link")[0]
        frames = [datagram(0.0, f) for _, f in read_pcap(capture.path)]
        found = [d for d in frames if d and d.source_port == 67]
        expect(near.source == OURS and near.source_mac == OUR_MAC,
               f"first link: answered as {near.source}")
        expect(len(found) == 1 and found[0].source == "10.7.0.2" and
               found[0].source_mac == lab_module.mac_of("10.7.0.2"),
               "second link: not answered as 10.7.0.2")
        # siaddr of a binl OFFER is our own address on that link.
        expect(found[0].payload[20:24] == socket.inet_aton("10.7.0.2"),
               "second link: siaddr is not ours there")


def case_silence():
    """what is somebody else's to answer is not answered"""
    elsewhere = {"destination": "10.0.0.77", "to": "02:00:00:00:00:77"}
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "-dd", "eth0")
        send(bench, [
            request(kind=3),                            # lease exchange
            request(kind=8), request(kind=7), request(kind=4),
            request(kind=3, source="10.0.0.50", port=4011, **elsewhere),
            request(source="10.0.0.9", giaddr="10.0.0.9", **elsewhere),
            request(kind=3, port=4011, source="10.0.0.50", source_port=9999,
                    destination=OURS, to=OUR_MAC),
            request(arch=99), request(mac=OUR_MAC),
            request(giaddr="127.0.0.1"), request(giaddr=OURS),
        ])
        bench.request_from_us(0, "requests that are not ours")
        the_log(process, r"eth0: 52:54:00:12:34:56 REQUEST x64-uefi "
                r"lease-request: a REQUEST on port 67 is between")
        the_log(process, r"DISCOVER arch-99 arch-unknown rule=\"any other\": ")
        the_log(process, r"bad-giaddr.* giaddr=127\.0\.0\.1")


def case_listen_only():
    """-n says what it would answer and sends nothing"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        process = bench.us.start("us", find_pxeproxyd(), "-n", "eth0")
        lab.wait_log(process, "listening only on eth0 as")
        send(bench, [request(), asked_4011()])
        bench.request_from_us(0, "listen only")
        the_log(process, r"offer rule=.*\(not sent\)$")


def case_live_savefile():
    """-w keeps what was sent"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        path = os.path.join(lab.dir, "sent.pcap")
        lab.pxeproxyd(bench.us, "-w", path, "eth0")
        send(bench, [request(), asked_4011()])
        sent = bench.answers()
        expect(len(sent) == 2, f"{len(sent)} answers instead of 2")
        expect([frame for _, frame in read_pcap(path)] == sent,
               "the savefile is not what was sent")


def ended_by(number):
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        send(bench, [request(), asked_4011(), request(kind=3)])
        bench.request_from_us(2, "before the end")
        status = process.stop(number)
        expect(status == 0, f"exit status {status}")
        the_log(process, r"ending: requests=3 offer=1 ack=1 "
                r"lease-request=1 dropped=0 send-errors=0$")


def case_sigterm():
    """SIGTERM ends it cleanly, with a line of counters"""
    ended_by(signal.SIGTERM)


def case_sigint():
    """SIGINT ends it cleanly, with a line of counters"""
    ended_by(signal.SIGINT)


def outcome(host, *arguments):
    """(exit status, lines) of a start that should fail."""
    done = subprocess.run(host.inside([find_pxeproxyd(), *arguments]),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=30,
                          encoding="utf-8")
    return done.returncode, done.stdout.splitlines()


def case_start_errors():
    """what is wrong at the start is one line, and status 1 or 2"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        bad = lab.file("bad.conf", 'next-server = "10.0.0.2"\n'
                       'rule "x" {\n\tarch = "toaster"\n}\n')
        rows = [
            (["eth7"], 1, "eth7: no such interface"),
            (["eth0", "eth0"], 2, "eth0 is named twice"),
            ([], 2, "no interface and no savefile"),
            (["--frob", "eth0"], 2, "--frob is not understood"),
            (["-c"], 2, "-c needs an argument"),
            (["--address", "ten", "eth0"], 2, "ten is not an IPv4 address"),
            (["-r", "x.pcap", "eth0"], 2, "do not go together"),
            (["-c", "/nonexistent", "eth0"], 2, "/nonexistent: No such file"),
            (["-c", bad, "eth0"], 2, bad + ":3:9: arch \"toaster\""),
            (["-r", "/nonexistent"], 1, "/nonexistent: No such file"),
            (["-w", "/nonexistent/x", "eth0"], 1, "/nonexistent/x"),
        ]
        # What is wrong in a file is shown: its line, and a caret below.
        where = {bad + ":3:9: arch \"toaster\"": 3}
        for arguments, wanted, text in rows:
            status, lines = outcome(bench.us, *arguments)
            expect(status == wanted, f"{arguments}: status {status}, not "
                   f"{wanted}: {lines}")
            expect(text in lines[0] and len(lines) == where.get(text, 1),
                   f"{arguments}: {lines}")
        # A user without the capability.
        status, lines = outcome_as_nobody(bench.us, "eth0")
        expect(status == 1 and len(lines) == 1 and "CAP_NET_RAW" in lines[0],
               f"as nobody: {status} {lines}")


def outcome_as_nobody(host, *arguments):
    done = subprocess.run(
        host.inside(["setpriv", "--reuid", "65534", "--clear-groups",
                     "--inh-caps=-all", "--bounding-set=-all",
                     find_pxeproxyd(), *arguments]),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=30, encoding="utf-8")
    return done.returncode, done.stdout.splitlines()


def case_port_held():
    """ports held by another program: a line says what follows, and it runs"""
    hold = ("import socket, time; held = []\n"
            "for port in (67, 4011):\n"
            "    s = socket.socket(type=socket.SOCK_DGRAM)\n"
            "    s.bind(('0.0.0.0', port)); held.append(s)\n"
            "print('held', flush=True); time.sleep(60)")
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        lab.wait_log(bench.us.start("holder", PYTHON, "-c", hold), "held")
        process = lab.pxeproxyd(bench.us, "--hold-port-67", "eth0")
        the_log(process, "port 67 is held by another program: we answer")
        the_log(process, "port 4011 is held by another program: if it")
        send(bench, [request(), asked_4011()])
        bench.request_from_us(2, "with both ports held")


def case_interface_returns():
    """an interface that is removed and made again is served again"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        # Looking at it while it goes is a race, so more than once.
        for turn in range(1, 6):
            lab.ip("-n", bench.us.ns, "link", "delete", "eth0")
            lab.wait(lambda: process.text().count("waiting for it") == turn,
                     20, "the loss")
            bench.us.interfaces.clear()
            bench.us.join(bench.link, "10.0.0.4/24")
            lab.wait(lambda: process.text().count("10.0.0.4") == turn,
                     20, "the return")
        send(bench, [request()])
        expect(bench.request_from_us(1, "after it came back")[0].source ==
               "10.0.0.4", "answered from another address")
        expect(process.text().count("waiting for it") == 5,
               f"said more than once:\n{process.tail()}")
        expect("Ethernet address" not in process.text(),
               f"it has gone, but:\n{process.tail()}")


def case_interface_down_and_up():
    """an interface that goes down and up again is served again"""
    with Lab(name="pxelive") as lab:
        bench = Bench(lab)
        process = lab.pxeproxyd(bench.us, "eth0")
        lab.ip("-n", bench.us.ns, "link", "set", "eth0", "down")
        time.sleep(1.5)
        lab.ip("-n", bench.us.ns, "link", "set", "eth0", "up")
        time.sleep(2.5)
        send(bench, [request()])
        bench.request_from_us(1, "after it came up")
        expect(process.alive(), "it ended")


def case_clients_boot():
    """UEFI, BIOS, iPXE and old EDK2 clients get their file"""
    with Lab(name="pxelive") as lab:
        us, client = served_lab(lab)
        start_pool(lab, us, "dnsmasq")
        lab.pxeproxyd(us, "--next-server", "10.0.0.3", "--bootfile-name",
                      "BOOTX64.EFI", "eth0")
        for kind in ([], ["--arch", "0"], ["--ipxe"], ["--old-edk2"],
                     ["--arch", "0", "--always-ask", "--ask-from", "68"]):
            boot(lab, client, "--strict", *kind)


# ---------------------------------------------------------------------------

AT_ONCE = 4                     # of cases, and of groups of captures: they
                                # wait nearly all the time


def cases_of(names):
    """The functions of a test that are called case_..., by their names."""
    return {name[5:].replace("_", "-"): function
            for name, function in names.items() if name.startswith("case_")}


CASES = cases_of(globals())


def run(function):
    """One of 'ok', 'FAIL' and 'SKIP', and what there is to say."""
    try:
        return "ok", function() or function.__doc__
    except LabSkip as why:
        return "SKIP", str(why)
    except (Failed, LabError, subprocess.SubprocessError) as why:
        return "FAIL", str(why)


def run_alone(name):
    done = subprocess.run([sys.executable, os.path.abspath(sys.argv[0]), name],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8",
                          check=False)
    print("\n".join(done.stdout.splitlines()[:-1]), flush=True)
    return done.returncode


def run_all(cases, at_once):
    """Each case in a process and a lab of its own, several at a time."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(run_alone, cases))
    passed, skipped = results.count(0), results.count(77)
    return conclude(passed, len(results) - passed - skipped, skipped)


def conclude(passed, failed, skipped):
    """Say so, and give the exit status."""
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 77 if skipped else 0


def main(cases, text, at_once=1):
    """Run the cases that the command line names; also for tests like this.
    If all are to run: so many at a time, where that is more than one."""
    if len(sys.argv) > 1 and sys.argv[1] == "play":
        parser = argparse.ArgumentParser()
        parser.add_argument("play")
        parser.add_argument("interface")
        parser.add_argument("path")
        parser.add_argument("--but-not", default="00:00:00:00:00:00")
        given = parser.parse_args()
        play(given.interface, given.path, given.but_not)
        return 0
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("case", nargs="*", help="default: all")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    if given.list:
        for name, function in cases.items():
            print(f"{name:24} {function.__doc__}")
        return 0
    if not given.case and at_once > 1:
        return run_all(cases, at_once)
    count = {"ok": 0, "FAIL": 0, "SKIP": 0}
    for name in given.case or cases:
        if name not in cases:
            parser.error(f"no case {name}")
        result, text = run(cases[name])
        count[result] += 1
        print(f"{result:4} {name}: {text}", flush=True)
    return conclude(count["ok"], count["FAIL"], count["SKIP"])


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(CASES, __doc__, AT_ONCE))
    sys.exit(130)
