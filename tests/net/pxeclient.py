#!/usr/bin/python3
"""A PXE client that really asks: the stand-in for firmware in quick tests.

It runs in the current network namespace on one interface and does what the
network boot code of a real machine does, in the same order, from the same
ports and with the same strictness:

  DISCOVER (broadcast)  ->  the address server and the boot server both OFFER
  REQUEST  (broadcast)  ->  ACK of the address server
  REQUEST to port 4011  ->  ACK of the boot server, where firmware asks there
  TFTP or HTTP          ->  the boot file, whole

Four kinds of firmware are imitated:

  UEFI       (--arch 6 and above) EDK2's PXE driver, the root of nearly all
             UEFI firmware
  BIOS ROM   (--arch 0) the rules of Intel's boot ROMs
  iPXE       (--ipxe)
  HTTP Boot  (--http) EDK2's HTTP Boot driver

Each step is one line: seconds since the start, who -> who, what.  An answer
that firmware would drop without a word is dropped here too, with the reason.
Exit status: 0 when the boot file has arrived whole, 1 with a reason
otherwise, 2 for a wrong command line.
"""

import argparse
import hashlib
import http.client
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
import urllib.parse

from octets import checksum, udp_checksum

MAGIC = b"\x63\x82\x53\x63"
HEADER = 240                    # BOOTP header and the cookie
MAX_MESSAGE = 1472              # EDK2 drops a longer DHCP message
MAX_OFFERS = 16                 # EDK2 keeps no more
MAX_FILE = 512 << 20

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = 1, 2, 3, 4, 5, 6
TYPE_NAMES = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE",
              5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}

# What EDK2 demands of the length of an option (least, most, multiple of).
# One option that breaks its rule costs the whole message.
OPTION_LENGTHS = {
    1: (4, 4, 4), 3: (4, 252, 4), 6: (4, 252, 4), 12: (1, 255, 1),
    13: (2, 2, 1), 15: (1, 255, 1), 28: (4, 4, 4), 43: (1, 1 << 16, 1),
    50: (4, 4, 4), 51: (4, 4, 4), 52: (1, 1, 1), 53: (1, 1, 1),
    54: (4, 4, 4), 55: (1, 255, 1), 56: (1, 255, 1), 57: (2, 2, 1),
    58: (4, 4, 4), 59: (4, 4, 4), 60: (1, 255, 1), 61: (2, 255, 1),
    66: (1, 255, 1), 67: (1, 255, 1), 121: (5, 1 << 16, 1),
}

# The parameter request lists (option 55) of EDK2 and of an Intel boot ROM.
LIST_EDK2 = bytes([1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41,
                   42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97,
                   128, 129, 130, 131, 132, 133, 134, 135])
LIST_ROM = bytes([1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28,
                  40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67,
                  128, 129, 130, 131, 132, 133, 134, 135])
LIST_IPXE = bytes([1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129,
                   130, 131, 132, 133, 134, 135, 175, 203])

# iPXE's option 175: which features it was built with.
IPXE_FEATURES = bytes([0xb1, 5, 1, 0x1a, 0xf4, 0x10, 0x00,
                       0x13, 1, 1, 0x14, 1, 1, 0x15, 1, 1, 0x18, 1, 1,
                       0x27, 1, 1, 0xeb, 3, 1, 0, 0])


class Failed(Exception):
    """The boot failed; the text is the reason."""


class Dropped(Exception):
    """Firmware throws this message away; the text is the reason."""


# ---------------------------------------------------------------------------
# DHCP messages

def parse_area(area, into):
    """Walk one area of options.  It must be well formed and end with 255."""
    at = 0
    while at < len(area):
        code = area[at]
        if code == 255:
            return
        if code == 0:
            at += 1
            continue
        if at + 1 >= len(area) or at + 2 + area[at + 1] > len(area):
            raise Dropped(f"option {code} runs past the end of the options")
        value = area[at + 2:at + 2 + area[at + 1]]
        # An option may come in pieces (RFC 3396): they are joined.
        into[code] = into.get(code, b"") + value
        at += 2 + len(value)
    raise Dropped("the options do not end with 255")


def parse_options(payload):
    options = {}
    parse_area(payload[HEADER:], options)
    overload = options.get(52, b"\0")[0]
    if overload & 1:
        parse_area(payload[108:236], options)
    if overload & 2:
        parse_area(payload[44:108], options)
    for code, value in options.items():
        least, most, unit = OPTION_LENGTHS.get(code, (0, 1 << 16, 1))
        if not least <= len(value) <= most or len(value) % unit:
            raise Dropped(f"option {code} has {len(value)} octets")
    if 53 in options and not 1 <= options[53][0] <= 9:
        raise Dropped(f"option 53 is {options[53][0]}")
    if 52 in options and not 1 <= overload <= 3:
        raise Dropped(f"option 52 is {overload}")
    return options


def parse_vendor(value):
    """The sub-options of option 43; what comes after 255 is not read."""
    found, at = {}, 0
    while at < len(value) and value[at] != 255:
        if value[at] == 0:
            at += 1
            continue
        if at + 1 >= len(value) or at + 2 + value[at + 1] > len(value):
            break
        found[value[at]] = value[at + 2:at + 2 + value[at + 1]]
        at += 2 + value[at + 1]
    return found


def text_of(octets):
    """A string as firmware reads it: up to the first NUL."""
    return octets.split(b"\0", 1)[0].decode("latin-1")


def shown(text):
    """The same, safe to print."""
    return "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in text)


class Message:
    """One DHCP message from a server."""

    def __init__(self, payload, source="0.0.0.0", port=0):
        if len(payload) < HEADER:
            raise Dropped(f"only {len(payload)} octets long")
        (self.op, self.htype, self.hlen, self.hops, self.xid, self.secs,
         self.flags) = struct.unpack("!BBBBIHH", payload[:12])
        self.ciaddr, self.yiaddr, self.siaddr, self.giaddr = (
            socket.inet_ntoa(payload[at:at + 4]) for at in (12, 16, 20, 24))
        self.chaddr = payload[28:44]
        self.sname = payload[44:108]
        self.file = payload[108:236]
        self.length = len(payload)
        self.source, self.port = source, port
        if payload[236:240] != MAGIC:
            raise Dropped("no DHCP cookie")
        self.options = parse_options(payload)
        self.kind = None

    @property
    def type(self):
        return self.options[53][0] if 53 in self.options else 0

    @property
    def server(self):
        """Option 54, or None."""
        value = self.options.get(54)
        return socket.inet_ntoa(value) if value else None

    @property
    def vendor(self):
        """Option 43 taken apart."""
        return parse_vendor(self.options.get(43, b""))

    @property
    def control(self):
        """PXE discovery control bits (option 43, sub-option 6)."""
        return self.vendor.get(6, b"\0")[0] if self.vendor.get(6) else 0

    @property
    def is_proxy(self):
        return self.yiaddr == "0.0.0.0"

    @property
    def boot_file(self):
        """Option 67, else the header's field unless option 52 has it."""
        if 67 in self.options:
            return text_of(self.options[67])
        if self.options.get(52, b"\0")[0] & 1:
            return ""
        return text_of(self.file)

    def is_class(self, word):
        return self.options.get(60, b"").startswith(word)

    def name(self):
        return TYPE_NAMES.get(self.type, f"message type {self.type}")

    def describe(self):
        parts = []
        if self.type == OFFER:
            parts.append("no address" if self.is_proxy
                         else f"address {self.yiaddr}")
        elif not self.is_proxy:
            parts.append(f"address {self.yiaddr}")
        if 60 in self.options:
            parts.append(shown(text_of(self.options[60])))
        if self.siaddr != "0.0.0.0":
            parts.append(f"next-server {self.siaddr}")
        parts.append(f'file "{shown(self.boot_file)}"' if self.boot_file
                     else "no boot file")
        if 43 in self.options:
            parts.append(f"option 43 {self.options[43].hex()}")
        return ", ".join(parts)


def option(code, value):
    return bytes([code, len(value)]) + value


# ---------------------------------------------------------------------------
# The wire

class Wire:
    """Raw frames on one interface: how firmware talks without an address."""

    SOL_PACKET, PACKET_AUXDATA = 263, 8
    CSUM_NOT_READY, VLAN_VALID = 0x08, 0x10

    def __init__(self, interface, mac):
        self.mac = mac
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                    socket.htons(0x0800))
        self.socket.setsockopt(self.SOL_PACKET, self.PACKET_AUXDATA, 1)
        self.socket.bind((interface, 0x0800))

    def broadcast(self, payload):
        """One UDP datagram, 0.0.0.0:68 -> 255.255.255.255:67."""
        none, every = b"\0" * 4, b"\xff" * 4
        udp = struct.pack("!HHHH", 68, 67, 8 + len(payload), 0) + payload
        summed = udp_checksum(none, every, udp) or 0xffff
        udp = udp[:6] + struct.pack("!H", summed) + udp[8:]
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp),
                           random.randrange(65536), 0, 64, 17, 0, none, every)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self.socket.send(b"\xff" * 6 + self.mac + b"\x08\x00" + head + udp)

    def receive(self, seconds):
        """(payload, source, source port, to everyone?) for the next datagram
        to our port 68; None when there was none, or no good one."""
        if not select.select([self.socket], [], [], max(0, seconds))[0]:
            return None
        frame, extra, _, where = self.socket.recvmsg(65536, 256)
        status, tag = 0, 0
        for level, kind, data in extra:
            if (level, kind) == (self.SOL_PACKET, self.PACKET_AUXDATA):
                status = struct.unpack("=I", data[:4])[0]
                tag = struct.unpack("=H", data[16:18])[0]
        if where[2] == socket.PACKET_OUTGOING:
            return None
        if status & self.VLAN_VALID and tag & 0xfff:
            return None                 # firmware without a VLAN set up
        if frame[:6] not in (self.mac, b"\xff" * 6):
            return None
        ip = frame[14:]
        if len(ip) < 28 or ip[0] >> 4 != 4 or ip[9] != 17:
            return None
        size = (ip[0] & 15) * 4
        total, _, fragment = struct.unpack("!HHH", ip[2:8])
        if size < 20 or total < size + 8 or total > len(ip):
            return None
        if fragment & 0x3fff or checksum(ip[:size]):
            return None
        udp = ip[size:total]
        source_port, port, length, summed = struct.unpack("!HHHH", udp[:8])
        if port != 68 or not 8 <= length <= len(udp):
            return None
        source, target = ip[12:16], ip[16:20]
        # A frame from this same machine may leave its checksum to hardware
        # that never sees it; the kernel says so.
        if summed and not status & self.CSUM_NOT_READY:
            if udp_checksum(source, target, udp[:length]):
                return None
        return (udp[8:length], socket.inet_ntoa(source), source_port,
                target == b"\xff" * 4)


class Interface:
    """The interface, put back as it was found."""

    def __init__(self, name, mac):
        self.name = name
        with open(f"/sys/class/net/{name}/address", encoding="ascii") as file:
            self.before = file.read().strip()
        self.mac = mac or self.before
        self.address = None
        if self.mac != self.before:
            self.ip("link", "set", "dev", name, "address", self.mac)
        self.ip("link", "set", "dev", name, "up")
        self.wait_for_carrier()

    def ip(self, *words, check=True):
        done = subprocess.run(["ip", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              check=False)
        if check and done.returncode:
            raise Failed(f"ip {' '.join(words)}: {done.stdout.strip()}")

    def wait_for_carrier(self):
        for _ in range(50):
            try:
                with open(f"/sys/class/net/{self.name}/carrier",
                          encoding="ascii") as file:
                    if file.read().strip() == "1":
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise Failed(f"{self.name} has no carrier")

    def configure(self, lease):
        """Put the leased address on the interface."""
        mask = lease.options.get(1, b"\xff\xff\xff\0")
        prefix = bin(int.from_bytes(mask, "big")).count("1")
        self.address = f"{lease.yiaddr}/{prefix}"
        self.ip("addr", "replace", self.address, "dev", self.name)
        routers = lease.options.get(3)
        if routers:
            self.ip("route", "replace", "default", "via",
                    socket.inet_ntoa(routers[:4]), "dev", self.name)

    def restore(self):
        if self.address:
            self.ip("addr", "del", self.address, "dev", self.name,
                    check=False)
        if self.mac != self.before:
            self.ip("link", "set", "dev", self.name, "address", self.before,
                    check=False)


# ---------------------------------------------------------------------------
# TFTP (RFC 1350, options RFC 2347 to 2349) and HTTP

class Tftp:
    """One file from one TFTP server."""

    PATIENCE, TRIES = 1.0, 6

    def __init__(self, client, server, name):
        self.client, self.server, self.name = client, server, name
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IP, 11, 1)    # IP_RECVERR
        self.socket.bind((client.lease.yiaddr, 0))

    def exchange(self, packet, target, wanted):
        """Send until one of the wanted answers comes back: (octets, from)."""
        for _ in range(self.TRIES):
            self.client.check_time()
            self.socket.sendto(packet, target)
            end = time.monotonic() + self.PATIENCE
            while True:
                left = end - time.monotonic()
                if left <= 0 or not select.select([self.socket], [], [],
                                                  left)[0]:
                    break
                try:
                    data, source = self.socket.recvfrom(65536)
                except OSError as error:
                    raise Failed(f"TFTP server {self.server}: "
                                 f"{error.strerror}") from error
                if source[0] != self.server or len(data) < 4:
                    continue
                if target[1] != 69 and source[1] != target[1]:
                    continue            # another transfer's port
                kind, block = struct.unpack("!HH", data[:4])
                if kind == 5:
                    raise TftpError(block, text_of(data[4:]))
                if wanted(kind, block):
                    return data, source
        raise Failed(f"TFTP server {self.server} does not answer")

    def request(self, options):
        words = [self.name.encode("latin-1"), b"octet"]
        for key, value in options.items():
            words += [key.encode(), str(value).encode()]
        packet = struct.pack("!H", 1) + b"\0".join(words) + b"\0"
        asked = " ".join(f"{k}={v}" for k, v in options.items())
        self.client.say("client", f"{self.server}:69",
                        f'TFTP read "{shown(self.name)}" {asked}')
        data, source = self.exchange(
            packet, (self.server, 69),
            lambda kind, block: kind == 6 or (kind, block) == (3, 1))
        granted = {}
        if data[1] == 6:
            words = data[2:].split(b"\0")[:-1]
            for key, value in zip(words[::2], words[1::2]):
                granted[key.decode("latin-1").lower()] = int(value)
            answer = " ".join(f"{k}={v}" for k, v in granted.items())
            self.client.say(self.server, "client", f"TFTP options {answer}")
        return data, source, granted

    def size(self):
        """Ask for the size alone and hang up, as firmware does; None when
        the server does not tell."""
        try:
            _, source, granted = self.request({"tsize": 0})
        except TftpError as error:
            if error.code == 8:
                return None
            raise
        self.socket.sendto(struct.pack("!HH", 5, 8) + b"only the size\0",
                           source)
        return granted.get("tsize")

    def fetch(self, options):
        """The file, and the number of blocks that it took."""
        try:
            data, source, granted = self.request(options)
        except TftpError as error:
            if error.code != 8:
                raise
            data, source, granted = self.request({})
        size, chunks, length, block = granted.get("blksize", 512), [], 0, 0
        if data[1] == 6:
            data = self.acknowledge(0, source)
        while True:
            block += 1
            chunk = data[4:]
            chunks.append(chunk)
            length += len(chunk)
            if length > MAX_FILE:
                raise Failed(f"the boot file is over {MAX_FILE} octets")
            if len(chunk) < size:
                self.socket.sendto(struct.pack("!HH", 4, block & 0xffff),
                                   source)
                break
            data = self.acknowledge(block, source)
        told = granted.get("tsize")
        if told not in (None, 0, length):
            raise Failed(f"TFTP: {told} octets announced, {length} came")
        return b"".join(chunks), block

    def acknowledge(self, block, source):
        following = block + 1 & 0xffff
        data, _ = self.exchange(
            struct.pack("!HH", 4, block & 0xffff), source,
            lambda kind, number: (kind, number) == (3, following))
        return data


class TftpError(Failed):
    """The server's own word."""

    def __init__(self, code, text):
        super().__init__(f"TFTP error {code}: {shown(text)}")
        self.code = code


def fetch_tftp(client, server, name):
    start = client.clock()
    if client.tftp_asks_size:
        first = Tftp(client, server, name)
        size = first.size()
        first.socket.close()
    else:
        size = None
    transfer = Tftp(client, server, name)
    data, blocks = transfer.fetch(client.tftp_options)
    transfer.socket.close()
    if size not in (None, len(data)):
        raise Failed(f"TFTP: {size} octets announced, {len(data)} came")
    seconds = client.clock() - start
    client.say(server, "client", f"TFTP data, {len(data)} octets in "
               f"{blocks} blocks, {seconds:.2f} s")
    return data


def fetch_http(client, url):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http":
        raise Failed(f"{parts.scheme}:// is beyond this client: {shown(url)}")
    try:
        socket.inet_aton(parts.hostname or "")
    except OSError:
        raise Failed(f"no name service here for {shown(url)}") from None
    where = f"{parts.hostname}:{parts.port or 80}"
    path = parts.path or "/"
    if parts.query:
        path += "?" + parts.query
    sizes = []
    try:
        for method in client.http_methods:
            client.check_time()
            client.say("client", where, f"HTTP {method} {shown(path)}")
            link = http.client.HTTPConnection(
                parts.hostname, parts.port or 80, timeout=10,
                source_address=(client.lease.yiaddr, 0))
            link.request(method, path)
            answer = link.getresponse()
            data = answer.read(MAX_FILE + 1)
            if answer.status != 200:
                raise Failed(f"HTTP {answer.status} {answer.reason}")
            if answer.length not in (None, 0) and method != "HEAD":
                raise Failed(f"HTTP: {answer.length} octets did not come")
            told = answer.getheader("Content-Length")
            sizes.append(int(told) if told else None)
            link.close()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"HTTP server {where}: {error}") from error
    for told in sizes:
        if told not in (None, len(data)):
            raise Failed(f"HTTP: {told} octets announced, {len(data)} came")
    client.say(where, "client", f"HTTP 200, {len(data)} octets")
    return data


# ---------------------------------------------------------------------------
# The four kinds of firmware

class Choice:
    """What came of the OFFERs: whose address to take; the packet that holds
    the boot file, or the boot servers to ask on port 4011 in this order."""

    def __init__(self, lease, boot=None, ask=()):
        self.lease, self.boot, self.ask = lease, boot, list(ask)


class Client:
    """What all kinds share, and what UEFI (EDK2) does."""

    title = "UEFI"
    vendor_class = "PXEClient"
    undi = b"\x01\x03\x00"
    request_list = LIST_EDK2
    flags = 0x8000
    message_size = 1472
    least_length = 0
    tftp_asks_size = True
    tftp_options = {"blksize": 1468}
    http_methods = ("HEAD", "GET")
    rounds = (1, 2, 4, 8)               # times --wait

    def __init__(self, arguments):
        self.arguments = arguments
        self.start = time.monotonic()
        self.deadline = self.start + arguments.timeout
        self.interface = Interface(arguments.interface, arguments.mac)
        self.mac = bytes.fromhex(self.interface.mac.replace(":", ""))
        self.wire = Wire(arguments.interface, self.mac)
        self.xid = self.first_xid()
        self.lease = None
        self.seen = []                  # why offers were of no use

    # -- small things

    def first_xid(self):
        return random.getrandbits(32)

    def clock(self):
        return time.monotonic() - self.start

    def late(self):
        return time.monotonic() >= self.deadline

    def check_time(self):
        if self.late():
            raise Failed(f"not done after {self.arguments.timeout} s")

    def named(self, who):
        address, _, port = who.partition(":")
        if self.lease and address == self.lease.yiaddr:
            address = "client"
        address = self.arguments.names.get(address, address)
        return f"{address}:{port}" if port else address

    def say(self, who, whom, what):
        pair = f"{self.named(who)} -> {self.named(whom)}"
        if not self.arguments.no_time:
            print(f"{self.clock():7.3f}  ", end="")
        print(f"{pair:<30} {what}", flush=True)

    def note(self, what):
        if not self.arguments.no_time:
            print(f"{self.clock():7.3f}  ", end="")
        print(f"{'client':<30} {what}", flush=True)

    def remark(self, what):
        """Something that other firmware stumbles over."""
        if self.arguments.strict:
            raise Failed(what)
        self.note(f"remark: {what}")

    # -- what we send

    def vendor_text(self):
        return (f"{self.vendor_class}:Arch:{self.arguments.arch:05d}:"
                f"UNDI:{self.undi[1]:03d}{self.undi[2]:03d}")

    def identity(self):
        """Options 97, 94, 93 and 60: who is asking."""
        return (option(97, b"\0" + self.arguments.uuid)
                + option(94, self.undi)
                + option(93, struct.pack("!H", self.arguments.arch))
                + option(60, self.vendor_text().encode()))

    def message(self, kind, first=b"", last=b"", ciaddr="0.0.0.0", secs=0,
                flags=None, xid=None, size=None):
        head = struct.pack("!BBBBIHH", 1, 1, 6, 0,
                           self.xid if xid is None else xid, secs,
                           self.flags if flags is None else flags)
        head += socket.inet_aton(ciaddr) + bytes(12)
        head += self.mac + bytes(10 + 64 + 128) + MAGIC
        body = (option(53, bytes([kind])) + first
                + option(57, struct.pack("!H", size or self.message_size))
                + option(55, self.request_list)
                + self.identity() + last + b"\xff")
        return (head + body).ljust(self.least_length, b"\0")

    def say_discover(self):
        self.say("client", "everyone", f"DISCOVER {self.vendor_text()}, "
                 f"architecture {self.arguments.arch}")

    # -- what comes in

    def open(self, payload, source, port):
        """A message for us, or Dropped."""
        if len(payload) < HEADER:
            raise Dropped(f"only {len(payload)} octets long")
        if payload[28:34] != self.mac:
            return None                 # another client's: no word about it
        if len(payload) > MAX_MESSAGE:
            raise Dropped(f"{len(payload)} octets are over {MAX_MESSAGE}")
        answer = Message(payload, source, port)
        if answer.op != 2:
            raise Dropped(f"op is {answer.op}, not 2")
        if answer.hlen > 16 or answer.chaddr[:answer.hlen] != (
                self.mac + bytes(10))[:answer.hlen]:
            raise Dropped("another hardware address")
        if answer.hlen != 6 or answer.htype != 1:
            raise Dropped(f"hardware type {answer.htype}, length "
                          f"{answer.hlen}")
        return answer

    def listen(self, seconds, take):
        """Hand each message to take() until it says True or time is up."""
        end = min(time.monotonic() + seconds, self.deadline)
        while time.monotonic() < end:
            got = self.wire.receive(end - time.monotonic())
            if got is None:
                continue
            payload, source, port, everyone = got
            try:
                answer = self.open(payload, source, port)
                if answer is None:
                    continue
                if answer.xid != self.xid:
                    raise Dropped(f"xid {answer.xid:08x}, not "
                                  f"{self.xid:08x}")
                if self.flags and not everyone:
                    raise Dropped("not broadcast, though asked to be")
                if take(answer):
                    return True
            except Dropped as why:
                self.seen.append(f"{source}: {why}")
                self.say(source, "client", f"dropped: {why}")
        return False

    def classify(self, offer):
        """EDK2's kinds of OFFER; Dropped when it takes no notice of one."""
        if offer.port != 67:
            raise Dropped(f"OFFER from port {offer.port}, not 67")
        if offer.type != OFFER:
            raise Dropped(f"{offer.name()} instead of an OFFER")
        if offer.server in (None, "0.0.0.0"):
            raise Dropped("OFFER without option 54 (server identifier)")
        side = "proxy" if offer.is_proxy else "dhcp"
        if not offer.is_class(b"PXEClient"):
            if offer.is_proxy:
                raise Dropped("OFFER without an address and without option "
                              "60 PXEClient")
            return "dhcp-only"
        vendor = set(offer.vendor)
        if vendor & {6, 7, 8, 9, 10}:
            if offer.is_proxy and self.arguments.old_edk2:
                raise Dropped("OFFER with option 43 sub-options 6 to 10: "
                              "builds of 2010 to 2017 drop it")
            return side + "-pxe10"
        if {1, 2, 3, 4, 5} <= vendor:
            raise Dropped("OFFER with MTFTP sub-options only")
        return side + "-binl"

    MEANINGS = {
        "dhcp-only": "from the address server",
        "dhcp-binl": "an address server that claims port 4011",
        "dhcp-pxe10": "an address server with PXE options",
        "proxy-binl": "a boot server to ask on port 4011",
        "proxy-pxe10": "a boot server with PXE options",
    }

    def keep(self, offers, offer):
        kind = self.classify(offer)
        if len(offers) >= MAX_OFFERS:
            raise Dropped(f"more than {MAX_OFFERS} OFFERs")
        if kind == "proxy-pxe10" and any(o.kind == kind for o in offers):
            raise Dropped("a second OFFER of this kind, the first one counts")
        offer.kind = kind
        offers.append(offer)
        self.say(offer.source, "everyone", f"OFFER {offer.describe()}: "
                 f"{self.MEANINGS[kind]}")
        self.examine(offer)
        return False

    def examine(self, answer):
        """Remarks on a boot server's answer."""
        if not answer.is_proxy:
            return
        if answer.hops:
            self.remark("hops is not 0: a Raspberry Pi's ROM stumbles")
        if 13 in answer.options:
            self.remark("option 13: EDK2 would cut the file to that size")
        if 52 in answer.options:
            self.remark("option 52: shim, GRUB and U-Boot do not know it")
        if answer.length < 300:
            self.remark(f"{answer.length} octets: old ROMs and relays drop "
                        f"what is under 300")
        if answer.boot_file and len(answer.file.rstrip(b"\0")) >= 128:
            self.remark("the file name fills its field: no NUL at the end")
        if answer.options.get(97, b"\0" + self.arguments.uuid) != (
                b"\0" + self.arguments.uuid):
            self.remark("option 97 is not the one that was sent")
        if answer.chaddr != self.mac + bytes(10):
            self.remark("chaddr is not the one that was sent, all 16 octets")
        if 67 in answer.options and answer.options[67][-1:] != b"\0":
            self.remark("option 67 without a NUL: EDK2 overwrites the octet "
                        "after it")
        if answer.options.get(60) not in (None, self.vendor_class.encode()):
            self.remark("option 60 is not just the class")
        lease = {1, 3, 6, 15, 28, 50, 51, 58, 59} & set(answer.options)
        if lease:
            self.remark(f"lease options in a boot server's answer: "
                        f"{sorted(lease)}")

    # -- the steps

    def select(self, offers):
        """EDK2's order: the first line that can be met wins."""
        of = {kind: [o for o in offers if o.kind == kind]
              for kind in self.MEANINGS}
        plain = of["dhcp-only"]
        if of["dhcp-pxe10"]:
            first = of["dhcp-pxe10"][0]
            return Choice(first, boot=first)
        if plain and of["proxy-pxe10"]:
            return Choice(plain[0], boot=of["proxy-pxe10"][0])
        if of["dhcp-binl"]:
            return Choice(of["dhcp-binl"][0], ask=of["dhcp-binl"][:1])
        if plain and of["proxy-binl"]:
            return Choice(plain[0], ask=of["proxy-binl"])
        for offer in plain:
            if offer.boot_file:
                return Choice(offer, boot=offer)
        return None

    def discover(self):
        offers = []
        for turn in self.rounds:
            self.say_discover()
            self.wire.broadcast(self.message(
                DISCOVER, secs=int(self.clock())))
            self.listen(turn * self.arguments.wait,
                        lambda offer: self.keep(offers, offer))
            choice = self.select(offers)
            if choice:
                return choice
            if self.late():
                break
        raise Failed(self.explain(offers))

    def explain(self, offers):
        addresses = [o for o in offers if not o.is_proxy]
        proxies = [o for o in offers if o.is_proxy]
        if addresses and not proxies:
            what = "an address was offered, but no boot file"
        elif proxies and not addresses:
            what = "a boot server answered, but nobody offered an address"
        elif offers:
            what = "the OFFERs do not go together"
        else:
            what = "no OFFER came"
        if self.seen:
            what += "; dropped: " + ", ".join(dict.fromkeys(self.seen))
        return f"PXE-E16: {what}"

    def request(self, offer):
        """Take the lease; returns the ACK."""
        wanted = []

        def take(answer):
            if answer.type not in (ACK, NAK) or answer.port != 67:
                raise Dropped(f"{answer.name()} from port {answer.port}")
            if answer.server != offer.server:
                raise Dropped(f"{answer.name()} of {answer.server}, which "
                              f"was not asked")
            wanted.append(answer)
            return True

        first = option(50, socket.inet_aton(offer.yiaddr)) + option(
            54, socket.inet_aton(offer.server))
        for turn in (1, 2, 4):
            self.say("client", "everyone", f"REQUEST address {offer.yiaddr} "
                     f"from {self.named(offer.server)}")
            # EDK2 puts 65280 in option 57 here.
            self.wire.broadcast(self.message(
                REQUEST, first=first, secs=int(self.clock()),
                size=65280 if type(self) is Client else None))
            if self.listen(turn * 4, take):
                break
        else:
            raise Failed(f"{offer.server} offered {offer.yiaddr} but does "
                         f"not answer the REQUEST")
        answer = wanted[0]
        self.say(answer.source, "client", f"{answer.name()} "
                 f"{answer.describe()}")
        if answer.type == NAK:
            raise Failed(f"{offer.server} refused the REQUEST")
        if answer.yiaddr != offer.yiaddr:
            raise Failed(f"offered {offer.yiaddr}, got {answer.yiaddr}")
        self.lease = answer
        self.interface.configure(answer)
        return answer

    boot_server_ports = (4011, 4011)    # from, to

    def ask_message(self, turn, vendor):
        """The REQUEST to port 4011: EDK2 takes a new xid for it, and swaps
        the octets of secs."""
        return self.message(REQUEST, last=vendor, ciaddr=self.lease.yiaddr,
                            secs=turn << 8, flags=0)

    def ask_patience(self):
        return (1, 2, 3, 4)

    def ask(self, server, vendor=b"", item=None):
        """Ask a boot server on port 4011; its ACK, or None."""
        port, target = self.boot_server_ports
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.setsockopt(socket.IPPROTO_IP, 11, 1)       # IP_RECVERR
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.bind((self.lease.yiaddr, port))
            for turn, seconds in enumerate(self.ask_patience()):
                self.check_time()
                payload = self.ask_message(turn, vendor)
                self.xid = struct.unpack("!I", payload[4:8])[0]
                self.say(f"client:{port}", f"{server}:{target}",
                         "REQUEST boot file"
                         + (f", item {item:04x}" if item is not None else ""))
                try:
                    link.sendto(payload, (server, target))
                except OSError as error:
                    self.note(f"{server}:{target}: {error.strerror}")
                    return None
                answer = self.await_boot_server(link, server, seconds, item)
                if answer == "refused":
                    return None
                if answer:
                    return answer
        self.note(f"{server} does not answer on port {target}")
        return None

    def await_boot_server(self, link, server, seconds, item):
        """Wait the whole time, as firmware does, then take the first."""
        end, first = time.monotonic() + seconds, None
        while time.monotonic() < end:
            if first and self.answers_at_once:
                break
            if not select.select([link], [], [], end - time.monotonic())[0]:
                break
            try:
                payload, (source, port) = link.recvfrom(65536)
            except OSError as error:
                self.note(f"{server}:{self.boot_server_ports[1]}: "
                          f"{error.strerror} (ICMP port unreachable)")
                return "refused"
            try:
                answer = self.open(payload, source, port)
                if answer is None:
                    continue
                if answer.xid != self.xid:
                    raise Dropped(f"xid {answer.xid:08x}, not "
                                  f"{self.xid:08x}")
                self.say(f"{source}:{port}", "client",
                         f"{answer.name()} {answer.describe()}")
                self.check_ack(answer, server, item)
            except Dropped as why:
                self.seen.append(f"{source}:{port}: {why}")
                self.say(f"{source}:{port}", "client", f"dropped: {why}")
                continue
            first = first or answer
        return first

    answers_at_once = False

    def check_ack(self, answer, server, item):
        """What EDK2 demands of the answer from port 4011, and what older
        and other firmware demands on top."""
        if not answer.boot_file and not (
                answer.is_proxy and set(answer.vendor) & {6, 7, 8, 9, 10}):
            raise Dropped("no boot file")
        if answer.type != ACK:
            self.remark(f"{answer.name()} instead of an ACK: EFI 1.x and "
                        f"boot ROMs drop it")
        if answer.server != server:
            self.remark(f"option 54 is {answer.server}, asked was {server}: "
                        f"EFI 1.x and boot ROMs drop it")
        if answer.source != server:
            self.remark(f"came from {answer.source}, asked was {server}: "
                        f"EFI 1.x and boot ROMs drop it")
        if not answer.is_proxy:
            self.remark("yiaddr is not 0: EFI 1.x drops it")
        if answer.port != 4011:
            self.remark(f"came from port {answer.port}: iPXE drops it")
        if answer.siaddr == "0.0.0.0":
            self.remark("no siaddr: iPXE waits for ever")
        if item is None and answer.vendor.get(6):
            self.remark("option 43 sub-option 6: older UEFI looks for a menu")
        if not text_of(answer.file):
            self.remark("no file name in the header: shim, GRUB and U-Boot "
                        "look nowhere else")
        self.examine(answer)

    def menu(self, offer):
        """The PXE menu: take the first item, as a machine without an
        operator does, and ask its boot server (unicast)."""
        vendor = offer.vendor
        if 9 not in vendor or len(vendor[9]) < 3:
            raise Failed("PXE-E21: PXE options without a menu")
        kind, length = struct.unpack("!HB", vendor[9][:3])
        title = shown(text_of(vendor[9][3:3 + length]))
        pause = vendor.get(10, b"\0")[0]
        self.note(f'PXE menu, first item "{title}" ({kind:04x}), '
                  f"{pause} s to choose")
        if kind == 0:
            raise Failed("the first item of the menu is the local disk")
        if pause not in (0, 255):
            time.sleep(min(pause, max(0, self.deadline - time.monotonic())))
        if not offer.control & 2 or not offer.control & 1:
            raise Failed("boot server discovery by multicast or broadcast "
                         "is beyond this client")
        servers, at = vendor.get(8, b""), 0
        while at + 3 <= len(servers):
            this, count = struct.unpack("!HB", servers[at:at + 3])
            if this == kind and count:
                server = socket.inet_ntoa(servers[at + 3:at + 7])
                inner = option(71, struct.pack("!HH", kind, 0)) + b"\xff"
                answer = self.ask(server, option(43, inner), kind)
                if not answer:
                    raise Failed("PXE-E55: the boot server does not answer")
                # Firmware downloads from the address in the list.
                return server, answer.boot_file
            at += 3 + 4 * count
        raise Failed(f"no server for item {kind:04x} in the list")

    def boot_info(self, choice):
        """(server, file) by EDK2's rules."""
        if choice.ask:
            for offer in choice.ask:
                server = offer.siaddr
                if server == "0.0.0.0":
                    server = offer.server
                answer = self.ask(server)
                if answer:
                    return self.from_packet(answer)
            raise Failed("PXE-E16: no boot server answers on port 4011"
                         + ("; dropped: " + ", ".join(self.seen)
                            if self.seen else ""))
        boot = choice.boot
        if boot is choice.lease:
            boot = self.lease
        if boot.is_proxy and self.arguments.always_ask:
            answer = self.ask(boot.server)
            if not answer:
                raise Failed("PXE-E55: the boot server does not answer")
            return self.from_packet(answer)
        if boot.vendor.get(6) and not (boot.control & 8 and boot.boot_file):
            return self.menu(boot)
        return self.from_packet(boot)

    def from_packet(self, packet):
        server = packet.siaddr
        listed = packet.vendor.get(8, b"")
        if packet.control & 8 and len(listed) >= 7:
            server = socket.inet_ntoa(listed[3:7])
        elif server == "0.0.0.0":
            server = packet.server
        if not packet.boot_file:
            raise Failed("PXE-E53: no boot file name received")
        if server is None:
            raise Failed("no next-server and no option 54")
        return server, packet.boot_file

    def fetch(self, server, name):
        return fetch_tftp(self, server, name)

    def boot(self):
        choice = self.discover()
        self.request(choice.lease)
        server, name = self.boot_info(choice)
        return name, self.fetch(server, name)


class BiosRom(Client):
    """An Intel boot ROM: as EDK2, with these differences.

    The public model of their rules is Intel's own EFI sample code, softened
    where real ROMs are known to be milder: discovery control 8 with a boot
    file is taken although it leaves multicast on.
    """

    title = "BIOS ROM"
    undi = b"\x01\x02\x01"
    request_list = LIST_ROM
    message_size = 1260
    least_length = 548
    tftp_options = {"blksize": 1456}

    def first_xid(self):
        return struct.unpack("!I", self.mac[2:])[0]

    def classify(self, offer):
        if offer.type != OFFER:
            raise Dropped(f"{offer.name()} instead of an OFFER")
        if offer.server in (None, "0.0.0.0"):
            raise Dropped("OFFER without option 54 (server identifier)")
        if offer.chaddr != self.mac + bytes(10):
            raise Dropped("chaddr differs in its 16 octets")
        vendor = offer.vendor
        known = set(vendor) & ({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 71})
        side = "proxy" if offer.is_proxy else "dhcp"
        if not offer.is_class(b"PXEClient") and not known:
            if offer.is_proxy:
                raise Dropped("OFFER without an address and without option "
                              "60 PXEClient")
            return "dhcp-only"
        if not known & {6, 7, 8, 9, 10, 71}:
            return side + "-binl"
        bits, direct = offer.control, offer.control & 8 and offer.boot_file
        if not direct:
            if not bits & 2 and 7 not in vendor:
                raise Dropped("PXE-E76: multicast is on without an address")
            if 8 not in vendor and (bits & 4 or bits & 3 == 3):
                raise Dropped("PXE-E77: no way left to a boot server")
            if 9 not in vendor or 10 not in vendor:
                raise Dropped("PXE-E74: menu or prompt is missing")
        return side + "-pxe10"

    def ask_message(self, turn, vendor):
        return self.message(REQUEST, last=vendor, ciaddr=self.lease.yiaddr,
                            secs=turn, flags=0)

    def check_ack(self, answer, server, item):
        if answer.type != ACK:
            raise Dropped(f"{answer.name()} instead of an ACK")
        if answer.server != server:
            raise Dropped(f"option 54 is {answer.server}, asked was {server}")
        if answer.source != server:
            raise Dropped(f"came from {answer.source}, asked was {server}")
        if item is not None and answer.vendor.get(71, bytes(4))[:2] != (
                struct.pack("!H", item)):
            raise Dropped("option 43 sub-option 71 is not the item asked for")
        super().check_ack(answer, server, item)


class HttpBoot(Client):
    """EDK2's HTTP Boot driver: the URL is in the OFFER, and no port 4011."""

    title = "HTTP Boot"
    vendor_class = "HTTPClient"
    MEANINGS = {
        "dhcp-only": "from the address server",
        "dhcp-http": "an address server with a URL",
        "proxy-http": "a boot server with a URL",
    }

    def classify(self, offer):
        if offer.port != 67:
            raise Dropped(f"OFFER from port {offer.port}, not 67")
        if offer.type != OFFER:
            raise Dropped(f"{offer.name()} instead of an OFFER")
        if offer.server in (None, "0.0.0.0"):
            raise Dropped("OFFER without option 54 (server identifier)")
        if not offer.is_class(b"HTTPClient"):
            if offer.is_proxy:
                raise Dropped("OFFER without an address and without option "
                              "60 HTTPClient")
            return "dhcp-only"
        parts = urllib.parse.urlsplit(offer.boot_file)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Dropped(f'"{shown(offer.boot_file)}" is not a URL')
        return "proxy-http" if offer.is_proxy else "dhcp-http"

    def select(self, offers):
        own = [o for o in offers if o.kind == "dhcp-http"]
        plain = [o for o in offers if o.kind == "dhcp-only"]
        proxy = [o for o in offers if o.kind == "proxy-http"]
        if own:
            return Choice(own[0], boot=own[0])
        if plain and proxy:
            return Choice(plain[0], boot=proxy[0])
        return None

    def boot_info(self, choice):
        return None, choice.boot.boot_file

    def fetch(self, server, name):
        return fetch_http(self, name)


class Ipxe(Client):
    """iPXE: no waiting, one xid, its own way of choosing."""

    title = "iPXE"
    request_list = LIST_IPXE
    flags = 0
    least_length = 552
    tftp_asks_size = False
    tftp_options = {"blksize": 1432, "tsize": 0}
    http_methods = ("GET",)
    boot_server_ports = (68, 4011)
    answers_at_once = True
    DISCOVER_WAITS = (1, 2, 4, 8, 10, 10)
    PROXY_TIMEOUT = 2

    def __init__(self, arguments):
        super().__init__(arguments)
        self.offer = self.proxy = None
        if arguments.arch == 0:
            self.undi = b"\x01\x02\x01"

    def identity(self):
        return (super().identity() + option(77, b"iPXE")
                + option(61, b"\x01" + self.mac)
                + option(175, IPXE_FEATURES))

    @staticmethod
    def priority(offer):
        value = parse_vendor(offer.options.get(175, b"")).get(1, b"\0")
        return int.from_bytes(value[:1], "big", signed=True)

    @staticmethod
    def pseudo_id(offer):
        """Whom an answer is from: option 54, else siaddr, else the sender."""
        for address in (offer.server, offer.siaddr, offer.source):
            if address not in (None, "0.0.0.0"):
                return address
        return None

    @staticmethod
    def has_boot_info(offer):
        return (offer.siaddr != "0.0.0.0" and offer.boot_file
                or 9 in offer.vendor)

    def take_offer(self, offer):
        used = []
        if (not offer.is_proxy and offer.port == 67
                and offer.type in (0, OFFER) and offer.server
                and (self.offer is None or self.priority(offer)
                     >= self.priority(self.offer))):
            self.offer = offer
            used.append("an address")
        if offer.is_class(b"PXEClient") and self.pseudo_id(offer) and (
                self.proxy is None or self.priority(offer)
                >= self.priority(self.proxy)):
            self.proxy = offer
            used.append("boot data" if self.has_boot_info(offer)
                        else "a boot server to ask on port 4011")
        if not used:
            raise Dropped("neither an address nor option 60 PXEClient")
        self.say(offer.source, "everyone", f"OFFER {offer.describe()}: "
                 + " and ".join(used))
        if offer is self.proxy:
            self.examine(offer)
        return self.ready()

    def no_proxy_wanted(self):
        value = parse_vendor(self.offer.options.get(175, b"")).get(176)
        return bool(value and value[-1])

    def ready(self):
        return bool(self.offer and (
            self.proxy or self.no_proxy_wanted()
            or self.clock() > self.PROXY_TIMEOUT))

    def discover(self):
        for seconds in self.DISCOVER_WAITS:
            self.say_discover()
            self.wire.broadcast(self.message(DISCOVER, secs=4))
            self.listen(seconds, self.take_offer)
            if self.ready():
                if self.no_proxy_wanted():
                    self.proxy = None
                return Choice(self.offer)
            if self.late():
                break
        raise Failed(self.explain([o for o in (self.offer, self.proxy) if o]))

    def ask_message(self, turn, vendor):
        first = option(54, socket.inet_aton(self.pseudo_id(self.proxy)))
        return self.message(REQUEST, first=first, last=vendor,
                            ciaddr=self.lease.yiaddr, secs=4, flags=0)

    def ask_patience(self):
        return (0.25, 0.5, 1, 2)

    def check_ack(self, answer, server, item):
        if answer.port != 4011:
            raise Dropped(f"came from port {answer.port}, not 4011")
        if answer.type not in (OFFER, ACK):
            raise Dropped(f"{answer.name()} instead of an ACK")
        if self.pseudo_id(answer) != self.pseudo_id(self.proxy):
            raise Dropped("from another server than the one asked")
        if not self.has_boot_info(answer):
            raise Dropped("no siaddr with a boot file")
        super().check_ack(answer, server, item)

    def boot_info(self, choice):
        proxy = self.proxy
        if proxy and (not self.has_boot_info(proxy)
                      or self.arguments.always_ask):
            proxy = self.ask(self.pseudo_id(proxy))
        # The address server's block comes first, unless the other one has
        # the higher priority (option 175, sub-option 1).
        blocks = [self.lease] + ([proxy] if proxy else [])
        blocks.sort(key=self.priority, reverse=True)
        if proxy and 9 in proxy.vendor and not (
                proxy.control & 8 and proxy.boot_file):
            if self.arguments.arch != 0:
                raise Failed("a PXE menu: iPXE has none on UEFI")
            return self.menu(proxy)
        for block in blocks:
            name = text_of(block.file) or block.boot_file
            if name:
                if block is self.lease and proxy:
                    self.note("the address server's boot file comes before "
                              "the boot server's")
                return block.siaddr, name
        raise Failed("no boot file: nothing to boot")

    def fetch(self, server, name):
        if "://" not in name:
            if server == "0.0.0.0":
                raise Failed(f'no next-server for "{shown(name)}"')
            return fetch_tftp(self, server, name)
        parts = urllib.parse.urlsplit(name)
        if parts.scheme == "tftp":
            return fetch_tftp(self, parts.hostname,
                              urllib.parse.unquote(parts.path.lstrip("/")))
        return fetch_http(self, name)


# ---------------------------------------------------------------------------
# Is this client as strict as it says?

def sample(kind, yiaddr="0.0.0.0", siaddr="192.0.2.10", name=b"", op=2,
           server=b"\xc0\0\2\x0a", vendor_class=b"PXEClient", more=b"",
           end=b"\xff", xid=7, mac=b"\2\0\0\0\0\1"):
    """A server's message, good but for what the arguments spoil."""
    body = option(53, bytes([kind]))
    body += option(54, server) if server else b""
    body += option(60, vendor_class) if vendor_class else b""
    head = struct.pack("!BBBBIHH", op, 1, 6, 0, xid, 0, 0x8000)
    head += bytes(4) + socket.inet_aton(yiaddr) + socket.inet_aton(siaddr)
    head += bytes(4) + mac + bytes(10 + 64) + name.ljust(128, b"\0") + MAGIC
    return (head + body + more + end).ljust(300, b"\0")


LEASE = {"yiaddr": "192.0.2.99", "vendor_class": None}
DIRECT = option(43, bytes.fromhex("0601080a0400505845ff"))

# What it is, the firmware, the octets, the port that they come from, and the
# kind that the firmware sees in them, or a part of its reason to drop them.
ROWS = (
    ("a lease", Client, sample(2, **LEASE), 67, "dhcp-only"),
    ("a boot server to ask", Client, sample(2), 67, "proxy-binl"),
    ("the direct form", Client, sample(2, name=b"x", more=DIRECT), 67,
     "proxy-pxe10"),
    ("a lease with PXEClient", Client, sample(2, "192.0.2.99"), 67,
     "dhcp-binl"),
    ("no end option", Client, sample(2, end=b"")[:270], 67, "end with 255"),
    ("no option 54", Client, sample(2, server=None), 67, "without option 54"),
    ("option 54 of 3 octets", Client, sample(2, server=b"abc"), 67,
     "option 54 has 3"),
    ("no option 60", Client, sample(2, vendor_class=None), 67, "option 60"),
    ("option 60 in small letters", Client,
     sample(2, vendor_class=b"pxeclient"), 67, "option 60"),
    ("from port 4011", Client, sample(2), 4011, "port 4011"),
    ("an ACK", Client, sample(5), 67, "ACK instead"),
    ("op 1", Client, sample(2, op=1), 67, "op is 1"),
    ("an option past the end", Client, sample(2, more=b"\x43\xff", end=b""),
     67, "past the end"),
    ("overload without an end in the field", Client,
     sample(2, name=b"\0" * 128, more=option(52, b"\1")), 67,
     "end with 255"),
    ("1473 octets", Client, sample(2).ljust(1473, b"\0"), 67, "1473"),
    ("a short header", Client, sample(2)[:239], 67, "only 239"),
    ("BIOS: the direct form", BiosRom, sample(2, name=b"x", more=DIRECT), 67,
     "proxy-pxe10"),
    ("BIOS: to be asked", BiosRom, sample(2), 67, "proxy-binl"),
    ("BIOS: no way to a server", BiosRom,
     sample(2, more=option(43, b"\6\1\3\xff")), 67, "PXE-E77"),
    ("BIOS: multicast left on", BiosRom,
     sample(2, more=option(43, b"\6\1\1\xff")), 67, "PXE-E76"),
    ("BIOS: a list but no menu", BiosRom, sample(2, more=option(
        43, bytes.fromhex("060103 08078000 01c000020a ff"))), 67, "PXE-E74"),
    ("HTTP: a URL", HttpBoot, sample(2, vendor_class=b"HTTPClient",
                                     name=b"http://192.0.2.10/x"), 67,
     "proxy-http"),
    ("HTTP: no URL", HttpBoot, sample(2, vendor_class=b"HTTPClient",
                                      name=b"x"), 67, "not a URL"),
    ("HTTP: PXEClient", HttpBoot, sample(2), 67, "HTTPClient"),
)


def self_test():
    """Rows above; then the order in which EDK2 chooses."""
    wrong = 0

    def judge(what, good, found):
        nonlocal wrong
        wrong += not good
        print(f"{'ok' if good else 'WRONG':<6} {what}: {found}")

    for what, firmware, octets, port, wanted in ROWS:
        client = object.__new__(firmware)
        client.mac = b"\2\0\0\0\0\1"
        client.arguments = argparse.Namespace(old_edk2=False)
        try:
            found = client.classify(client.open(octets, "192.0.2.10", port))
            good = found == wanted
        except Dropped as why:
            found, good = f"dropped, {why}", wanted in str(why)
        judge(what, good, found)

    client = object.__new__(Client)
    for kinds, wanted in (
            ("dhcp-only", None),
            ("proxy-binl", None),
            ("proxy-pxe10 proxy-binl", None),
            ("dhcp-only proxy-binl", "proxy-binl"),
            ("proxy-binl dhcp-only proxy-pxe10", "proxy-pxe10"),
            ("dhcp-only proxy-binl dhcp-binl", "dhcp-binl"),
            ("dhcp-binl dhcp-only proxy-pxe10", "proxy-pxe10"),
            ("dhcp-binl proxy-pxe10", "dhcp-binl")):
        offers = [argparse.Namespace(kind=kind, boot_file="")
                  for kind in kinds.split()]
        choice = client.select(offers)
        found = None
        if choice:
            found = (choice.boot or choice.ask[0]).kind
        judge(f"chosen of {kinds}", found == wanted, found)
    print("all as it should be" if not wrong else f"{wrong} wrong")
    return 1 if wrong else 0


# ---------------------------------------------------------------------------

def parse_arguments():
    parser = argparse.ArgumentParser(
        description="A PXE client that really asks, on one interface of the "
        "current network namespace.",
        epilog="Exit status: 0 the boot file has arrived whole, 1 it has "
        "not (the last line says why), 2 wrong usage.")
    add = parser.add_argument
    add("--interface", metavar="NAME")
    add("--mac", help="hardware address to use; default: the interface's own")
    add("--arch", type=int, help="client architecture, option 93; default 7, "
        "with --http 16")
    add("--uuid", default="5e1f1e55-0000-4000-8000-000000000000",
        help="machine identifier, option 97")
    add("--ipxe", action="store_true", help="be iPXE")
    add("--http", action="store_true", help="be UEFI HTTP Boot")
    add("--old-edk2", action="store_true", help="be a UEFI build of 2010 to "
        "2017, which drops boot servers' OFFERs with PXE options")
    add("--always-ask", action="store_true", help="ask port 4011 even after "
        "an OFFER that names the file, as some boot ROMs do")
    add("--ask-from", type=int, choices=(68, 4011), help="our port when "
        "asking port 4011; default 4011, with --ipxe 68")
    add("--strict", action="store_true", help="fail on what any known "
        "firmware stumbles over, not only on what this one does")
    add("--wait", type=float, default=4.0, metavar="SECONDS",
        help="how long UEFI and boot ROMs collect OFFERs at first; real "
        "ones wait 4 s (default)")
    add("--timeout", type=float, default=60.0, metavar="SECONDS",
        help="give up after this time (default 60)")
    add("--out", metavar="FILE", help="write the boot file here")
    add("--sha256", metavar="HEX", help="what the boot file must be")
    add("--name", action="append", default=[], metavar="ADDRESS=WORD",
        help="show this word for that address")
    add("--no-time", action="store_true", help="no times in the lines")
    add("--self-test", action="store_true", help="ask nobody; see whether "
        "this client drops what firmware drops")
    arguments = parser.parse_args()

    if arguments.self_test:
        return arguments
    if not arguments.interface:
        parser.error("--interface is needed")
    if arguments.arch is None:
        arguments.arch = 16 if arguments.http else 7
    if not 0 <= arguments.arch <= 65535:
        parser.error("--arch must be 0 to 65535")
    if arguments.http and arguments.ipxe:
        parser.error("--http and --ipxe do not go together")
    try:
        arguments.uuid = bytes.fromhex(arguments.uuid.replace("-", ""))
    except ValueError:
        arguments.uuid = b""
    if len(arguments.uuid) != 16:
        parser.error("--uuid must have 32 hexadecimal digits")
    if arguments.mac:
        digits = arguments.mac.replace("-", ":").lower()
        try:
            if len(bytes.fromhex(digits.replace(":", ""))) != 6:
                raise ValueError
        except ValueError:
            parser.error(f"--mac {arguments.mac} is no hardware address")
        arguments.mac = digits
    arguments.names = dict(word.partition("=")[::2]
                           for word in arguments.name)
    if not os.path.exists(f"/sys/class/net/{arguments.interface}"):
        parser.error(f"no interface {arguments.interface}")
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.self_test:
        return self_test()
    if arguments.http:
        kind = HttpBoot
    elif arguments.ipxe:
        kind = Ipxe
    else:
        kind = BiosRom if arguments.arch == 0 else Client
    client = None
    try:
        client = kind(arguments)
        if arguments.ask_from:
            client.boot_server_ports = (arguments.ask_from, 4011)
        client.note(f"{client.title}, architecture {arguments.arch}, "
                    f"{client.interface.mac} on {arguments.interface}")
        name, data = client.boot()
        found = hashlib.sha256(data).hexdigest()
        if arguments.sha256 and found != arguments.sha256.lower():
            raise Failed(f'"{shown(name)}" is not the right file: sha256 '
                         f"{found}")
        if arguments.out:
            with open(arguments.out, "wb") as file:
                file.write(data)
        client.note(f'"{shown(name)}" has arrived whole: {len(data)} octets, '
                    f"sha256 {found[:16]}...")
        return 0
    except (Failed, OSError) as why:
        text = f"FAILED: {why}"
        if client:
            client.note(text)
        else:
            print(text, flush=True)
        return 1
    except KeyboardInterrupt:
        return 1
    finally:
        if client:
            client.interface.restore()


if __name__ == "__main__":
    sys.exit(main())
