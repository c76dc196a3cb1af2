#!/usr/bin/python3
"""Faults of a network: a line that loses or delays frames, and others.

    faulty.py line ONE OTHER RULES     join two interfaces
    faulty.py relay DOWN UP ADDRESS SERVERS...
                                       a DHCP relay that strips option 60

RULES is a list in JSON; the first rule that fits decides what becomes of a
frame, and one that none fits passes.  A rule names what it fits:

    way       "up" (from ONE to OTHER) or "down"
    source, destination    addresses of IPv4
    from, to  ports of UDP or TCP
    protocol  of IPv4, a number
    type      of a DHCP message, option 53
    arp       true: an ARP reply for the address "source"
    mac       the frame's source
    above     octets: the frame is longer

and what is done: nothing (it is lost), "delay": SECONDS, "first": SECONDS (it
is lost only so long after ONE's first frame), or "becomes": ADDRESS (the
source is another one).
"""

import collections
import json
import os
import select
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "net"))

from lab import PYTHON
from octets import checksum, ip_text, mac_text

COOKIE = b"\x63\x82\x53\x63"
END, PAD = 255, 0


def start_line(lab, name, one, other, rules):
    """Join two links of the lab by a line with these rules."""
    process = lab.start("line-" + name, [
        "ip", "netns", "exec", lab.switch_ns, PYTHON,
        os.path.abspath(__file__), "line", lab.cable(one), lab.cable(other),
        json.dumps(rules)])
    lab.wait_log(process, r"^joined")


def describe(frame):
    """What a rule can ask of a frame."""
    seen = {"mac": mac_text(frame[6:12])}
    if frame[12:14] == b"\x08\x06":
        if frame[20:22] == b"\0\2":
            seen.update(arp=True, source=ip_text(frame[28:32]))
    elif frame[12:14] == b"\x08\x00":
        at = 14 + (frame[14] & 15) * 4
        seen.update(source=ip_text(frame[26:30]), protocol=frame[23],
                    destination=ip_text(frame[30:34]))
        # Of a fragment only the first has ports.
        if frame[23] in (6, 17) and not int.from_bytes(frame[20:22], "big") \
                & 0x1fff:
            seen["from"], seen["to"] = struct.unpack_from(">HH", frame, at)
        where = frame.find(COOKIE + b"\x35\x01")
        if where > 0:
            seen["type"] = frame[where + 6]
    return seen


def fits(rule, seen, way, size):
    for key, wanted in rule.items():
        if key == "above":
            if size <= wanted:
                return False
        elif key == "way":
            if way != wanted:
                return False
        elif key in ("delay", "first", "becomes"):
            continue
        elif seen.get(key) != wanted:
            return False
    return True


def from_other(frame, address):
    """The same UDP datagram from another address."""
    at = 14 + (frame[14] & 15) * 4
    head = frame[14:24] + b"\0\0" + socket.inet_aton(address) + frame[30:at]
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return frame[:14] + head + frame[at:at + 6] + b"\0\0" + frame[at + 8:]


def line(one, other, rules):
    """Pass frames between two interfaces, but for the rules."""
    rules = json.loads(rules)
    ends = []
    for name in (one, other):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                            socket.htons(3))
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        end.bind((name, 3))
        ends.append(end)
    print("joined", one, "and", other, flush=True)
    waiting = collections.deque()
    began = None

    def take(end, frame):
        nonlocal began
        way = "up" if end is ends[0] else "down"
        if way == "up" and began is None:
            began = time.monotonic()
        out = ends[end is ends[0]]
        seen = describe(frame)
        for rule in rules:
            if not fits(rule, seen, way, len(frame)):
                continue
            if "delay" in rule:
                waiting.append((time.monotonic() + rule["delay"], out, frame))
            elif "becomes" in rule:
                out.send(from_other(frame, rule["becomes"]))
            elif "first" in rule and began is not None \
                    and time.monotonic() - began > rule["first"]:
                continue
            return
        out.send(frame)

    while True:
        patience = None
        if waiting:
            patience = max(0, waiting[0][0] - time.monotonic())
        for end in select.select(ends, [], [], patience)[0]:
            frame, sender = end.recvfrom(65536)
            if sender[2] != socket.PACKET_OUTGOING:
                take(end, frame)
        while waiting and waiting[0][0] <= time.monotonic():
            _, out, frame = waiting.popleft()
            out.send(frame)


def without(message, code):
    """A DHCP message without one option."""
    at, kept = 240, message[:240]
    while at < len(message) and message[at] != END:
        size = 1 if message[at] == PAD else 2 + message[at + 1]
        if message[at] != code:
            kept += message[at:at + size]
        at += size
    return kept + bytes([END])


def relay(down, up, address, *servers):
    """Carry DHCP between clients and servers, without option 60."""
    to_clients = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to_clients.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    to_clients.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    to_clients.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                          down.encode() + b"\0")
    to_clients.bind(("", 67))
    to_servers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to_servers.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    to_servers.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                          up.encode() + b"\0")
    to_servers.bind(("", 67))
    print("relaying for", address, flush=True)
    giaddr = socket.inet_aton(address)
    while True:
        for end in select.select([to_clients, to_servers], [], [])[0]:
            message = end.recv(65536)
            if len(message) < 240:
                continue
            if message[0] == 1 and end is to_clients:
                message = message[:3] + bytes([message[3] + 1]) \
                    + message[4:24] + giaddr + message[28:]
                for server in servers:
                    to_servers.sendto(without(message, 60), (server, 67))
            elif message[0] == 2:
                to_clients.sendto(message, ("255.255.255.255", 68))


def main(arguments):
    if arguments[:1] == ["line"] and len(arguments) == 4:
        line(*arguments[1:])
    elif arguments[:1] == ["relay"] and len(arguments) >= 5:
        relay(*arguments[1:])
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
