#!/usr/bin/python3
"""The captures in pcaps/ that no machine sent, and the seeds for fuzzing.

    craft_pcaps.py            are the files in the tree the ones made here?
    craft_pcaps.py --write    make them
    craft_pcaps.py --list     name them, with what each shows

A crafted capture is named for what is wrong with it (hostile-...), or for
what is special about it.  Each frame is a sound one, bent in one place.  The
seeds in tests/fuzz/corpus are the frames of all captures, each once.
"""

import hashlib
import os
import struct
import sys

TESTS = os.environ.get("srcdir") or os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))
PCAPS = os.path.join(TESTS, "..", "pcaps")
CORPUS = os.path.join(TESTS, "fuzz", "corpus")

# Who is who.  The responder's are what "pxeproxyd -r" has by default.
OUR_ADDRESS, OUR_MAC = "192.0.2.1", "02:00:00:00:00:01"
CLIENT_ADDRESS, CLIENT_MAC = "192.0.2.50", "52:54:00:12:34:56"
SERVER_ADDRESS, SERVER_MAC = "192.0.2.254", "02:00:00:00:00:fe"
RELAY_ADDRESS, RELAY_MAC = "198.51.100.1", "00:0f:e2:00:00:01"
NOBODY, EVERYBODY = "0.0.0.0", "255.255.255.255"
ALL = "ff:ff:ff:ff:ff:ff"

START = 1767225600          # 2026-01-01 00:00:00 UTC
LEAP_DAY = 3981312000       # 2096-02-29
NO_LEAP_DAY = 4107542400    # 2100-03-01, the day after 2100-02-28


# ---------------------------------------------------------------------------
# Octets

def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address(text):
    return bytes(int(part) for part in text.split("."))


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def option(code, value):
    if isinstance(value, str):
        value = value.encode()
    return bytes([code, len(value)]) + value


def options(*parts, end=b"\xff"):
    return b"".join(parts) + end


DISCOVER, OFFER, REQUEST = (option(53, bytes([n])) for n in (1, 2, 3))
ACK, INFORM = option(53, b"\5"), option(53, b"\10")
UUID = option(97, b"\0" + bytes(range(0x10, 0x20)))
PXE = option(60, "PXEClient")
UEFI = [option(57, b"\5\xc0"), option(55, bytes([1, 3, 43, 54, 60, 66, 67, 97])),
        UUID, option(94, b"\1\3\x10"), option(93, b"\0\7"),
        option(60, "PXEClient:Arch:00007:UNDI:003016")]
BIOS = [option(55, bytes([1, 2, 3, 6, 13, 15, 43, 54, 60, 66, 67])),
        option(57, b"\4\xec"), UUID, option(93, b"\0\0"),
        option(94, b"\1\2\1"), option(60, "PXEClient:Arch:00000:UNDI:002001")]
IPXE = [option(57, b"\5\xc0"), option(93, b"\0\0"), option(94, b"\1\2\1"),
        option(60, "PXEClient:Arch:00000:UNDI:002001"),
        option(77, "iPXE"), UUID,
        option(175, bytes.fromhex("b105011af41000")
               + bytes.fromhex("130101 180101 110101"))]


def http_client(arch):
    """What UEFI says of itself where it boots from HTTP."""
    return [option(57, b"\5\xc0"), UUID, option(94, b"\1\3\1"),
            option(93, struct.pack(">H", arch)),
            option(60, f"HTTPClient:Arch:{arch:05}:UNDI:003001")]


HTTP = http_client(16)


def dhcp(opts, op=1, htype=1, hlen=6, xid=0x11223344, secs=0, flags=0x8000,
         ciaddr=NOBODY, yiaddr=NOBODY, siaddr=NOBODY, giaddr=NOBODY,
         hops=0, chaddr=CLIENT_MAC, sname=b"", file=b"",
         cookie=b"\x63\x82\x53\x63"):
    return (struct.pack("!BBBBIHH", op, htype, hlen, hops, xid, secs, flags)
            + address(ciaddr) + address(yiaddr) + address(siaddr)
            + address(giaddr) + mac(chaddr).ljust(16, b"\0")
            + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + cookie + opts)


def udp(payload, source, destination, sport, dport, length=None):
    if length is None:
        length = 8 + len(payload)
    head = struct.pack("!HHH", sport, dport, length)
    pseudo = (address(source) + address(destination)
              + struct.pack("!BBH", 0, 17, 8 + len(payload)))
    total = checksum(pseudo + head + b"\0\0" + payload) or 0xffff
    return head + struct.pack("!H", total) + payload


def ipv4(payload, source, destination, protocol=17, ihl=None, total=None,
         fragment=0, ip_options=b""):
    if ihl is None:
        ihl = 5 + len(ip_options) // 4
    if total is None:
        total = 20 + len(ip_options) + len(payload)
    head = struct.pack("!BBHHHBBH", 0x40 | ihl, 0, total, 0x1234, fragment,
                       64, protocol, 0) + address(source) + address(destination)
    head += ip_options
    total = checksum(head)
    return head[:10] + struct.pack("!H", total) + head[12:] + payload


def ethernet(payload, to=ALL, source=CLIENT_MAC, tags=(), kind=0x0800):
    tagged = b"".join(struct.pack("!HH", tpid, tci) for tpid, tci in tags)
    return mac(to) + mac(source) + tagged + struct.pack("!H", kind) + payload


# ---------------------------------------------------------------------------
# Messages on their way

IP_KEYS = ("protocol", "ihl", "total", "fragment", "ip_options")
ETHERNET_KEYS = ("to", "source_mac", "tags")


def send(message, source, destination, sport, dport, to, source_mac,
         tags=(), udp_length=None, **ip):
    return ethernet(ipv4(udp(message, source, destination, sport, dport,
                             udp_length), source, destination, **ip),
                    to, source_mac, tags)


def split(changes, **defaults):
    """What of the changes is the message's, and what is its envelope's."""
    envelope = dict(defaults)
    for key in list(changes):
        if (key in envelope or key in IP_KEYS or key in ETHERNET_KEYS
                or key == "udp_length"):
            envelope[key] = changes.pop(key)
    return envelope


def discover(kind=UEFI, opts=None, **changes):
    envelope = split(changes, source=NOBODY, destination=EVERYBODY, sport=68,
                     dport=67, to=ALL, source_mac=CLIENT_MAC)
    if opts is None:
        opts = options(DISCOVER, *kind)
    return send(dhcp(opts, **changes), **envelope)


def lease_offer(**changes):
    envelope = split(changes, source=SERVER_ADDRESS, destination=EVERYBODY,
                     sport=67, dport=68, to=ALL, source_mac=SERVER_MAC)
    message = changes.pop("message", OFFER)
    fields = {"op": 2, "yiaddr": CLIENT_ADDRESS}
    fields.update(changes)
    return send(dhcp(options(message, option(54, address(SERVER_ADDRESS)),
                             option(51, b"\0\0\x0e\x10"),
                             option(1, address("255.255.255.0"))), **fields),
                **envelope)


def lease_request(kind=UEFI, **changes):
    return discover(opts=options(REQUEST, option(54, address(SERVER_ADDRESS)),
                                 option(50, address(CLIENT_ADDRESS)), *kind),
                    **changes)


def ask_4011(kind=UEFI, message=REQUEST, opts=None, **changes):
    envelope = split(changes, source=CLIENT_ADDRESS, destination=OUR_ADDRESS,
                     sport=4011, dport=4011, to=OUR_MAC,
                     source_mac=CLIENT_MAC)
    fields = {"ciaddr": CLIENT_ADDRESS, "xid": 0x55667788, "flags": 0}
    fields.update(changes)
    if opts is None:
        opts = options(message, *kind)
    return send(dhcp(opts, **fields), **envelope)


def relayed(kind=UEFI, more=b"", **changes):
    envelope = split(changes, source=RELAY_ADDRESS, destination=OUR_ADDRESS,
                     sport=67, dport=67, to=OUR_MAC, source_mac=RELAY_MAC)
    fields = {"giaddr": RELAY_ADDRESS, "hops": 1, "flags": 0}
    fields.update(changes)
    return send(dhcp(options(DISCOVER, *kind, more), **fields), **envelope)


CIRCUIT = option(82, option(1, b"\0\4\0\x0a\1\7") + option(2, mac(RELAY_MAC)))


def whole_boot(kind, sport_4011=None):
    """DISCOVER, the lease, and the question on port 4011."""
    frames = [discover(kind), lease_offer(), lease_request(kind),
              lease_offer(message=ACK)]
    if sport_4011 is not None:
        frames.append(ask_4011(kind, sport=sport_4011))
    return frames


def arp():
    return ethernet(struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
                    + mac(CLIENT_MAC) + address(CLIENT_ADDRESS)
                    + bytes(6) + address(OUR_ADDRESS), kind=0x0806)


def tftp():
    return send(b"\0\1pxelinux.0\0octet\0", CLIENT_ADDRESS, OUR_ADDRESS,
                2070, 69, OUR_MAC, CLIENT_MAC)


# ---------------------------------------------------------------------------
# Savefiles

def when(i, nanoseconds=0):
    """The time of frame i: 250 ms after the one before."""
    total = i * 250_000_000 + nanoseconds
    return START + total // 10 ** 9, total % 10 ** 9


def pcap_at(times, frames, linktype=1, magic=0xa1b2c3d4, order="<"):
    """Times in seconds, and below these in what the magic says."""
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype)
    for (seconds, rest), frame in zip(times, frames):
        out += struct.pack(order + "IIII", seconds, rest, len(frame),
                           len(frame)) + frame
    return out


def pcap(frames, linktype=1, magic=0xa1b2c3d4, order="<", nanoseconds=0):
    per_unit = 1 if magic == 0xa1b23c4d else 1000
    times = [when(i, nanoseconds) for i in range(len(frames))]
    return pcap_at([(seconds, rest // per_unit) for seconds, rest in times],
                   frames, linktype, magic, order)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return (struct.pack("<II", kind, len(body) + 12) + body
            + struct.pack("<I", len(body) + 12))


def pcapng(frames):
    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    # if_name "eth0", if_tsresol 9: nanoseconds.
    out += block(1, struct.pack("<HHI", 1, 0, 262144)
                 + struct.pack("<HH", 2, 4) + b"eth0"
                 + struct.pack("<HHI", 9, 1, 9) + struct.pack("<HH", 0, 0))
    # A name resolution block, which a reader has to step over.
    out += block(4, struct.pack("<HH", 0, 0))
    for i, frame in enumerate(frames):
        seconds, rest = when(i, 123456789)
        stamp = seconds * 10 ** 9 + rest
        out += block(6, struct.pack("<IIIII", 0, stamp >> 32,
                                    stamp & 0xffffffff, len(frame),
                                    len(frame)) + frame)
    return out


def cooked(frame, version):
    """As "tcpdump -i any" on the responder's host sees the frame."""
    to, source, kind = frame[:6], frame[6:12], frame[12:14]
    if to == mac(ALL):
        packet_type = 1
    elif to == mac(OUR_MAC):
        packet_type = 0
    else:
        packet_type = 3
    if version == 1:
        head = struct.pack("!HHH", packet_type, 1, 6) + source + b"\0\0" + kind
    else:
        head = (kind + b"\0\0" + struct.pack("!IHBB", 2, 1, packet_type, 6)
                + source + b"\0\0")
    return head + frame[14:]


def zeros_behind(frame, n):
    return frame + b"\0" * n


LONG = b"x" * 250
BOTH = [discover(), ask_4011()]

NEIGHBOURS = [
    arp(), tftp(),
    discover(opts=options(DISCOVER, option(60, "MSFT 5.0"))),
    ask_4011(destination="192.0.2.2", to="02:00:00:00:00:02"),
    relayed(destination="192.0.2.2", to="02:00:00:00:00:02"),
    discover(opts=options(option(53, b"\7"), PXE)),
    lease_offer(dport=4011, destination=CLIENT_ADDRESS, to=CLIENT_MAC),
    # TFTP data from our own host: not DHCP, and none of our business.
    send(b"\0\3\0\1" + b"data" * 8, OUR_ADDRESS, CLIENT_ADDRESS, 50000, 2070,
         CLIENT_MAC, OUR_MAC)]
STRANGERS = [
    discover(opts=options(DISCOVER, PXE, UUID)),
    discover(opts=options(DISCOVER, PXE, option(93, b"\0\x2a"))),
    discover(opts=options(DISCOVER, PXE, option(93, b"\0\x08")))]

# name: what it shows, the savefile
CAPTURES = {
    "formats/format-nanoseconds.pcap": (
        "pcap with nanoseconds", pcap(BOTH, magic=0xa1b23c4d,
                                      nanoseconds=123456789)),
    "formats/format-big-endian.pcap": (
        "pcap written by a big-endian machine", pcap(BOTH, order=">")),
    "formats/format-pcapng.pcap": (
        "pcapng with nanoseconds and a block to step over", pcapng(BOTH)),
    "formats/format-odd-times.pcap": (
        "the first second of all; microseconds that are a second and more",
        pcap_at([(0, 0), (START, 999999), (START, 1000000),
                 (START, 2147483), (START, 2000001)],
                [discover()] * 5)),
    "formats/format-wide-times.pcap": (
        "more microseconds than nanoseconds fit into 32 bits",
        pcap_at([(START, 2147484), (START, 0x7fffffff)], [discover()] * 2)),
    "formats/format-late-times.pcap": (
        "2038 and later: seconds that need all of their 32 bits",
        pcap_at([(0x7fffffff, 999999), (0x7fffffff, 1000000),
                 (0x80000000, 0), (LEAP_DAY - 1, 1), (LEAP_DAY, 2),
                 (LEAP_DAY + 86400, 3), (NO_LEAP_DAY - 1, 4),
                 (NO_LEAP_DAY, 5), (0xffffffff, 999999)],
                [discover()] * 9)),
    "formats/format-cooked-v1.pcap": (
        "Linux cooked v1 (tcpdump -i any)",
        pcap([cooked(f, 1) for f in BOTH + [lease_offer()]], 113)),
    "formats/format-cooked-v2.pcap": (
        "Linux cooked v2",
        pcap([cooked(f, 2) for f in BOTH + [lease_offer()]], 276)),

    "networks/vlan-tagged.pcap": (
        "802.1Q, VLAN 10, priority 3: the tag comes back",
        pcap([discover(tags=[(0x8100, 0x600a)]),
              ask_4011(tags=[(0x8100, 0x000a)])])),
    "networks/vlan-double.pcap": (
        "802.1ad VLAN 100 and 802.1Q VLAN 10: both tags come back",
        pcap([discover(tags=[(0x88a8, 100), (0x8100, 10)])])),
    "networks/vlan-priority.pcap": (
        "VLAN 0, a priority alone: answered without a tag",
        pcap([discover(tags=[(0x8100, 0xe000)]),
              discover(tags=[(0x8100, 0xe000), (0x8100, 10)])])),

    "networks/relay-option-82.pcap": (
        "a relay with option 82: unicast to giaddr, the option echoed",
        pcap([relayed(more=CIRCUIT), relayed(BIOS, more=CIRCUIT)])),
    "networks/relay-4011.pcap": (
        "the client's question on 4011 comes through a router",
        pcap([ask_4011(source="198.51.100.50", ciaddr="198.51.100.50",
                       source_mac=RELAY_MAC)])),
    "clients/inform-4011.pcap": (
        "an INFORM on 4011", pcap([ask_4011(message=INFORM)])),
    "clients/bios-rom.pcap": (
        "a BIOS ROM (57=1260), from DISCOVER to 4011, from port 68",
        pcap(whole_boot(BIOS, 68))),
    "clients/bios-rom-next-server.pcap": (
        "the same, with a next-server and a file of its own",
        pcap(whole_boot(BIOS, 68))),
    "clients/uefi-http.pcap": (
        "HTTP Boot: option 60 HTTPClient, arch 16",
        pcap(whole_boot(HTTP))),
    "clients/uefi-http-next-server.pcap": (
        "the same, with another next-server in the URL",
        pcap(whole_boot(HTTP))),
    "clients/uefi-http-root.pcap": (
        "HTTP Boot of five architectures, URLs below a directory of ours",
        pcap([discover(http_client(arch)) for arch in (16, 19, 15, 28, 20)])),
    "clients/ipxe-bios.pcap": (
        "iPXE: user class iPXE and option 175", pcap(whole_boot(IPXE))),
    "clients/ipxe-bios-url.pcap": (
        "the same, given a URL", pcap(whole_boot(IPXE))),
    "clients/u-boot.pcap": (
        "U-Boot: its own vendor class, then PXEClient:Arch:00011",
        pcap([discover(opts=options(DISCOVER, option(93, b"\0\x16"),
                                    option(60, "U-Boot.armv8"))),
              discover(opts=options(DISCOVER, option(93, b"\0\x16"),
                                    option(60, "PXEClient:Arch:00022:"
                                               "UNDI:003000"))),
              discover(opts=options(DISCOVER, UUID,
                                    option(60, "PXEClient:Arch:00011:"
                                               "UNDI:003000")))])),
    "clients/arch-none.pcap": (
        "no architecture; one that no registry has; one without a usual file",
        pcap(STRANGERS)),
    "clients/arch-none-file.pcap": (
        "the same, with one file for every client", pcap(STRANGERS)),
    "clients/arch-list.pcap": (
        "several architectures in option 93: the first of the registry",
        pcap([discover(opts=options(DISCOVER, PXE,
                                    option(93, b"\x80\0\0\x09\0\x07")))])),
    "clients/long-options.pcap": (
        "option 60 in two parts (RFC 3396), options in file and sname",
        pcap([discover(opts=options(DISCOVER, option(60, "PXECl"),
                                    option(93, b"\0\7"),
                                    option(60, "ient"))),
              discover(opts=options(option(52, b"\3"), PXE),
                       file=options(DISCOVER),
                       sname=options(option(93, b"\0\x0b")))])),
    "clients/ethernet-padding.pcap": (
        "octets behind the IPv4 packet",
        pcap([zeros_behind(discover(), 18), zeros_behind(ask_4011(), 4)])),
    "clients/ip-options.pcap": (
        "IPv4 options (router alert)",
        pcap([discover(ip_options=b"\x94\x04\0\0")])),
    "networks/not-for-us.pcap": (
        "what else is on a link: ARP, TFTP, other clients, other servers",
        pcap(NEIGHBOURS)),
    "networks/not-for-us-ours.pcap": (
        "the same, with us in the place of the other server",
        pcap(NEIGHBOURS)),

    "hostile/hostile-udp-length-below-header.pcap": (
        "a UDP length of 7, and of 0",
        pcap([discover(udp_length=7), discover(udp_length=0)])),
    "hostile/hostile-udp-length-beyond-packet.pcap": (
        "a UDP length beyond the IPv4 packet, into the padding",
        pcap([zeros_behind(discover(udp_length=8 + 240 + 120), 60),
              discover(udp_length=65535)])),
    "hostile/hostile-ip-header-length.pcap": (
        "IHL 4, and IHL 15 in a packet of 20 octets",
        pcap([discover(ihl=4), discover(ihl=15, total=20)])),
    "hostile/hostile-ip-total-length.pcap": (
        "total length 0, and beyond the frame",
        pcap([discover(total=0), discover(total=19), discover(total=65535)])),
    "hostile/hostile-ip-fragment.pcap": (
        "a first fragment, and a later one that looks like a DISCOVER",
        pcap([discover(fragment=0x2000), discover(fragment=0x0010)])),
    "hostile/hostile-vlan-three-tags.pcap": (
        "three VLAN tags",
        pcap([discover(tags=[(0x88a8, 1), (0x8100, 2), (0x8100, 3)])])),
    "hostile/hostile-vlan-tag-cut.pcap": (
        "a frame that ends in its VLAN tag",
        pcap([discover(tags=[(0x8100, 10)])[:17]])),
    "hostile/hostile-frame-cut.pcap": (
        "cut in the Ethernet, IPv4, UDP and DHCP headers, and in the options",
        pcap([discover()[:n] for n in (13, 20, 40, 100, 281, 300)])),
    "hostile/hostile-hlen-beyond-chaddr.pcap": (
        "hlen 17, and 255", pcap([discover(hlen=17), discover(hlen=255)])),
    "hostile/hostile-bootp-no-cookie.pcap": (
        "BOOTP without DHCP's cookie, and with op 3",
        pcap([discover(cookie=b"\0\0\0\0"), discover(op=3)])),
    "hostile/hostile-option-length-missing.pcap": (
        "option 60 at the very end, without its length",
        pcap([discover(opts=options(DISCOVER, option(93, b"\0\7"),
                                    end=b"\x3c"))])),
    "hostile/hostile-option-value-short.pcap": (
        "option 60 claims 9 octets and has 8",
        pcap([discover(opts=options(DISCOVER, option(93, b"\0\7"),
                                    end=b"\x3c\x09PXEClien"))])),
    "hostile/hostile-option-overload.pcap": (
        "options in file that reach into the cookie",
        pcap([discover(opts=options(DISCOVER, PXE, option(93, b"\0\7"),
                                    option(52, b"\1")),
                       file=b"\x2b\x7f"),
              discover(opts=options(DISCOVER, PXE, option(93, b"\0\7"),
                                    option(52, b"\2")),
                       sname=b"\0" * 63 + b"\x2b")])),
    "hostile/hostile-option-53-twice.pcap": (
        "two message types: joined they are none",
        pcap([discover(opts=options(DISCOVER, REQUEST, *UEFI))])),
    "hostile/hostile-option-43-many-parts.pcap": (
        "option 43 in nine parts of 250 octets",
        pcap([discover(opts=options(DISCOVER, PXE, option(93, b"\0\7"),
                                    *[option(43, LONG)] * 9))])),
    "hostile/hostile-option-82-too-long.pcap": (
        "an option 82 that does not fit into the answer",
        pcap([relayed([PXE, option(93, b"\0\7")],
                      more=option(82, LONG) + option(82, LONG))])),
    "hostile/hostile-option-93-odd.pcap": (
        "an architecture of one octet, of three, of none",
        pcap([discover(opts=options(DISCOVER, PXE, option(93, value)))
              for value in (b"\7", b"\0\7\0", b"")])),
    "hostile/hostile-user-class-short.pcap": (
        "user classes whose counts do not add up: not iPXE",
        pcap([discover(opts=options(DISCOVER, *UEFI, option(77, value)))
              for value in (b"\5iPXE", b"\4iPXE\4ab", b"\4iPXE\1")])),
    "hostile/hostile-text-escapes.pcap": (
        "terminal escapes, a newline and a quote in the vendor class",
        pcap([discover(opts=options(DISCOVER,
                                    option(60, b"PXEClient\x1b[2J\n\"\\\xff"
                                               + b"A" * 200)))])),
    "hostile/hostile-giaddr.pcap": (
        "giaddr broadcast, multicast, loopback, our own",
        pcap([relayed(giaddr=a) for a in (EVERYBODY, "224.0.0.1", "127.0.0.1",
                                          OUR_ADDRESS)])),
    "hostile/hostile-4011-spoofed.pcap": (
        "4011: ciaddr another's, from a group, from net 127, from port 53",
        pcap([ask_4011(ciaddr="192.0.2.99"), ask_4011(ciaddr=NOBODY),
              ask_4011(source="224.0.0.1", ciaddr="224.0.0.1"),
              ask_4011(source="127.0.0.1", ciaddr="127.0.0.1"),
              ask_4011(sport=53), ask_4011(sport=67)])),
    "hostile/hostile-source-mac.pcap": (
        "from the broadcast MAC address, a group's, and our own",
        pcap([discover(source_mac=ALL),
              relayed(source_mac="01:00:5e:00:00:01"),
              discover(source_mac=OUR_MAC)])),
    "hostile/hostile-reply-to-67.pcap": (
        "a reply sent to a server's port, on 67 and on 4011",
        pcap([send(dhcp(options(OFFER, *UEFI), op=2), SERVER_ADDRESS,
                   EVERYBODY, 67, 67, ALL, SERVER_MAC),
              send(dhcp(options(ACK, *UEFI), op=2), SERVER_ADDRESS,
                   OUR_ADDRESS, 4011, 4011, OUR_MAC, SERVER_MAC)])),
}


# ---------------------------------------------------------------------------
# Policies: who is asked about by which rule is in the last octet of the MAC
# address; see pcaps/clients/policy-match.conf and policy-answer.conf.

IPXE_UEFI = [option(57, b"\5\xc0"), option(93, b"\0\7"), option(94, b"\1\3\x10"),
             option(60, "PXEClient:Arch:00007:UNDI:003010"),
             option(77, "iPXE"), UUID, option(175, bytes.fromhex("240101 150101"))]
ARM = [option(57, b"\5\xc0"), UUID, option(94, b"\1\3\1"),
       option(93, b"\0\x0b"), option(60, "PXEClient:Arch:00011:UNDI:003001")]
EBC = [option(57, b"\5\xc0"), UUID, option(94, b"\1\3\1"),
       option(93, b"\0\x09"), option(60, "PXEClient:Arch:00009:UNDI:003001")]
PI = [option(55, bytes([1, 3, 43, 60, 66, 67, 128])), option(93, b"\0\0"),
      option(94, b"\1\2\1"), UUID, option(60, "PXEClient:Arch:00000:UNDI:002001")]
UBOOT = [option(57, b"\2\x40"), option(93, b"\0\x16"),
         option(60, "U-Boot.armv8")]
NO_UUID = [o for o in UEFI if o != UUID]
ELSEWHERE = {"giaddr": "203.0.113.1", "source": "203.0.113.1"}


def by(number, group=0):
    """The changes for a client that comes to the rules of this number."""
    text = "52:54:00:%02x:00:%02x" % (group, number)
    return {"chaddr": text, "source_mac": text}


def remote(text):
    return option(82, option(1, "port 7") + option(2, text))


def chosen(kind, item, layer=0):
    return [*kind, option(43, b"\x47\4" + struct.pack("!HH", item, layer)
                          + b"\xff")]


def matched():
    """Per condition: a client that fulfils it, and one that does not."""
    hosts = [("52:54:00:00:0e:01", UEFI), ("52:54:00:00:0e:02", UEFI),
             ("52:54:00:00:0e:03", NO_UUID)]
    return [
        discover(HTTP, **by(1)), discover(IPXE, **by(1)),
        discover(UEFI, **by(1)),
        discover(BIOS, **by(2)), discover(ARM, **by(2)),
        discover(HTTP, **by(2)), discover(UEFI, **by(2)),
        discover(opts=options(DISCOVER, PXE), **by(2)),
        discover(chaddr="52:54:00:00:03:99"),
        discover(chaddr="52:54:00:00:04:99", tags=[(0x8100, 3)]),
        discover(UEFI, **by(4)), discover(NO_UUID, **by(4)),
        discover(UEFI, **by(5)), discover(EBC, **by(5)),
        discover([*UEFI, option(77, "rack")], **by(6)),
        discover([*UEFI, option(77, b"\4shop\4rack")], **by(6)),
        discover([*UEFI, option(77, "racks")], **by(6)),
        discover(IPXE, **by(7)), discover(IPXE_UEFI, **by(7)),
        relayed(chaddr=by(8)["chaddr"]),
        relayed(chaddr=by(8)["chaddr"], **ELSEWHERE),
        ask_4011(source="198.51.100.50", ciaddr="198.51.100.50",
                 source_mac=RELAY_MAC, chaddr=by(8)["chaddr"]),
        relayed(more=CIRCUIT, chaddr=by(9)["chaddr"]),
        relayed(more=remote("rack 7"), chaddr=by(9)["chaddr"]),
        relayed(more=remote("rack 7"), chaddr=by(10)["chaddr"]),
        relayed(more=CIRCUIT, chaddr=by(10)["chaddr"]),
        discover(tags=[(0x8100, 0x6014)], **by(11)),
        discover(tags=[(0x88a8, 100), (0x8100, 10)], **by(11)),
        discover(tags=[(0x8100, 30)], **by(11)), discover(**by(11)),
        discover(**by(12)),
        ask_4011(**by(13)),
        ask_4011(source="198.51.100.50", ciaddr="198.51.100.50",
                 **by(13)),
        discover(**by(13)),
    ] + [discover(kind, chaddr=text) for text, kind in hosts]


def uuids():
    """A UUID in both orders, another one, and one with its end swapped."""
    kinds = []
    for text in ("10111213-1415-1617-1819-1a1b1c1d1e1f",
                 "13121110-1514-1716-1819-1a1b1c1d1e1f",
                 "20212223-2425-2627-2829-2a2b2c2d2e2f",
                 "23222120-2524-2726-2829-2a2b2c2d2e2f",
                 "10111213-1415-1617-1918-1a1b1c1d1e1f"):
        own = option(97, b"\0" + bytes.fromhex(text.replace("-", "")))
        kinds.append([own if o == UUID else o for o in UEFI])
    return [make(kind, **by(number, 5))
            for number, kind in enumerate(kinds, 1)
            for make in (discover, ask_4011)]


def answered():
    """Per form: the DISCOVER, and the question on 4011; then the rest."""
    frames = []
    for number in range(1, 9):
        frames += [discover(**by(number, 1)), ask_4011(**by(number, 1))]
    frames.append(discover(HTTP, **by(5, 1)))
    frames.append(discover(UBOOT, **by(6, 1)))
    # Not meant for clients without PXEClient.
    frames.append(discover(UBOOT, **by(2, 1)))
    for kind in UEFI, BIOS:
        frames += [discover(kind, secs=secs, **by(9, 1))
                   for secs in (0, 3, 4, 11, 12, 27, 28)]
    frames.append(discover(secs=0x0400, **by(9, 1)))    # octets swapped
    # The menu: by broadcast, with and without the flag; by 4011; what there
    # is not; the local disk; and a REQUEST that is for the address server.
    frames += [
        discover(BIOS, **by(10, 1)),
        discover(opts=options(REQUEST, *chosen(BIOS, 0x8000)),
                 ciaddr=CLIENT_ADDRESS, source=CLIENT_ADDRESS, **by(10, 1)),
        discover(opts=options(REQUEST, *chosen(BIOS, 0x8002)),
                 ciaddr=CLIENT_ADDRESS, source=CLIENT_ADDRESS, flags=0,
                 **by(10, 1)),
        ask_4011(chosen(BIOS, 0x8002), **by(10, 1)),
        ask_4011(BIOS, **by(10, 1)),
        ask_4011(chosen(BIOS, 0x8001), **by(10, 1)),
        ask_4011(chosen(BIOS, 0x8003), **by(10, 1)),
        ask_4011(chosen(BIOS, 0), **by(10, 1)),
        ask_4011(chosen(BIOS, 0x8000, 0x8000), **by(10, 1)),
        discover(opts=options(REQUEST, option(50, address(CLIENT_ADDRESS)),
                              *chosen(BIOS, 0x8000)),
                 ciaddr=CLIENT_ADDRESS, **by(10, 1)),
        # Another form gives no item.
        discover(opts=options(REQUEST, *chosen(BIOS, 0x8000)),
                 ciaddr=CLIENT_ADDRESS, source=CLIENT_ADDRESS, **by(2, 1))]
    frames += [
        discover(tags=[(0x8100, 0x600a)], **by(1, 2)),
        discover(**by(1, 2)),
        discover(NO_UUID, tags=[(0x8100, 10)], **by(1, 2)),
        discover(**by(2, 2)), ask_4011(**by(2, 2)),
        discover(tags=[(0x8100, 2)], **by(3, 2)),
        discover(tags=[(0x8100, 300)], **by(3, 2)),
        discover(**by(3, 2))]
    frames += [
        discover(BIOS, **by(1, 3)), discover(BIOS, **by(2, 3)),
        ask_4011(BIOS, **by(2, 3)), discover(BIOS, **by(3, 3)),
        discover(secs=3, **by(4, 3)), discover(secs=4, **by(4, 3)),
        discover(IPXE, secs=0, **by(4, 3)), ask_4011(**by(4, 3)),
        # default-arch, and accept-vendor-class.
        discover(opts=options(DISCOVER, PXE)),
        discover(opts=options(DISCOVER, option(60, "HW-Client:Arch:00011"))),
        discover(opts=options(DISCOVER, option(60, "HW-Clien")))]
    return frames


# name: what it shows, the savefile
SAMPLES = {
    "clients/policy-match.pcap": (
        "each condition, and its twin", pcap(matched())),
    "clients/policy-match-eth1.pcap": (
        "the same, come in on eth1", pcap([discover(**by(12))])),
    "clients/policy-uuid.pcap": (
        "a UUID in the order of the wire, and as SMBIOS has it",
        pcap(uuids())),
    "clients/policy-answer.pcap": (
        "each form, each variable, long names, options, min-secs",
        pcap(answered())),
    "networks/sample-h3c-pool-beside.pcap": (
        "a switch's pool, with a file of its own, beside us",
        pcap([discover(), lease_offer(siaddr=SERVER_ADDRESS,
                                      file=b"BOOTX64.EFI"),
              lease_request(), lease_offer(message=ACK, siaddr=SERVER_ADDRESS,
                                           file=b"BOOTX64.EFI"),
              ask_4011(), discover(EBC), discover(ARM), discover(BIOS),
              ask_4011(BIOS, sport=68)])),
    "networks/sample-cisco-relay-two-servers.pcap": (
        "two relays, and their clients on port 4011",
        pcap([relayed(more=CIRCUIT), relayed(BIOS, more=CIRCUIT),
              relayed(BIOS, **ELSEWHERE),
              ask_4011(source="198.51.100.50", ciaddr="198.51.100.50",
                       source_mac=RELAY_MAC),
              ask_4011(source="203.0.113.50", ciaddr="203.0.113.50",
                       source_mac=RELAY_MAC),
              discover()])),
    "networks/sample-ipxe-chain.pcap": (
        "BIOS and UEFI start iPXE; iPXE with and without HTTP",
        pcap([discover(BIOS), discover(UEFI), ask_4011(UEFI), discover(ARM),
              discover(IPXE), discover(IPXE_UEFI)])),
    "networks/sample-http-boot.pcap": (
        "HTTP Boot, and PXE beside it",
        pcap([discover(HTTP), discover(UEFI), ask_4011(UEFI),
              discover(BIOS)])),
    "networks/sample-raspberry-pi-rack.pcap": (
        "the ROM of a Raspberry Pi, a BIOS, and U-Boot",
        pcap([discover(PI, chaddr="b8:27:eb:01:02:03", flags=0,
                       xid=0x26f30339),
              discover(PI, chaddr="dc:a6:32:01:02:03", flags=0),
              discover(BIOS), discover(UBOOT),
              discover([option(60, "MSFT 5.0")])])),
    "networks/sample-secure-boot-shim.pcap": (
        "x64, EBC and ARM get shim; VLAN 99 does not; a BIOS nothing",
        pcap([discover(UEFI), ask_4011(UEFI), discover(EBC), discover(ARM),
              discover(UEFI, tags=[(0x8100, 99)]), discover(BIOS)])),
    "networks/sample-wds-like-menu.pcap": (
        "a menu: the OFFER, and each choice on port 4011",
        pcap([discover(BIOS), ask_4011(chosen(BIOS, 0x8000)),
              ask_4011(chosen(BIOS, 0x8001)), ask_4011(chosen(BIOS, 0)),
              discover(UEFI), ask_4011(UEFI), discover(IPXE)])),
    "networks/sample-standby-pair.pcap": (
        "a machine at 0, 4 and 12 seconds; iPXE; port 4011",
        pcap([discover(secs=secs) for secs in (0, 4, 12)]
             + [discover(BIOS, secs=secs) for secs in (0, 4)]
             + [discover(IPXE), ask_4011()])),
}
CAPTURES.update(SAMPLES)


# ---------------------------------------------------------------------------
# Seeds

def frames_of(octets):
    """The packets of a savefile that was made here (or by tcpdump)."""
    magic = octets[:4]
    if magic == b"\x0a\x0d\x0d\x0a":
        at = 0
        while at + 12 <= len(octets):
            kind, length = struct.unpack_from("<II", octets, at)
            if kind == 6:
                n = struct.unpack_from("<I", octets, at + 20)[0]
                yield octets[at + 28:at + 28 + n]
            at += length
        return
    order = ">" if magic in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d") else "<"
    at = 24
    while at + 16 <= len(octets):
        n = struct.unpack_from(order + "I", octets, at + 8)[0]
        yield octets[at + 16:at + 16 + n]
        at += 16 + n


def seeds():
    """Each different frame of the captures, named by what it holds."""
    found = {}
    for name, (_, octets) in CAPTURES.items():
        for i, frame in enumerate(frames_of(octets), 1):
            digest = hashlib.sha1(frame).digest()
            if digest not in [d for _, d in found.values()]:
                seed = "%s-%d" % (
                    os.path.basename(name).rsplit(".", 1)[0], i)
                found[seed] = (frame, digest)
    return {name: frame for name, (frame, _) in found.items()}


# ---------------------------------------------------------------------------

def files():
    made = {os.path.join(PCAPS, name): octets
            for name, (_, octets) in CAPTURES.items()}
    made.update({os.path.join(CORPUS, name): octets
                 for name, octets in seeds().items()})
    return made


def check():
    wrong = 0
    for path, octets in files().items():
        try:
            with open(path, "rb") as file:
                there = file.read()
        except OSError as error:
            print("craft_pcaps: %s" % error, file=sys.stderr)
            wrong += 1
            continue
        if there != octets:
            print("craft_pcaps: %s is not the file that is made here" % path,
                  file=sys.stderr)
            wrong += 1
    print("craft_pcaps: %d files, %d of them not as they are made here"
          % (len(files()), wrong))
    return 1 if wrong else 0


def write():
    os.makedirs(CORPUS, exist_ok=True)
    for path, octets in files().items():
        with open(path, "wb") as file:
            file.write(octets)
    print("craft_pcaps: %d files written" % len(files()))
    return 0


def main():
    if len(sys.argv) == 1:
        return check()
    if sys.argv[1:] == ["--write"]:
        return write()
    if sys.argv[1:] == ["--list"]:
        for name, (what, _) in CAPTURES.items():
            print("%-40s %s" % (name, what))
        return 0
    print(__doc__.strip(), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
