"""Addresses as text, and the checksum of IPv4 and UDP, for all that read
frames or make them by hand."""

import struct


def mac_text(octets):
    return ":".join(f"{o:02x}" for o in octets)


def ip_text(octets):
    return ".".join(str(o) for o in octets)


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp_checksum(source, target, datagram):
    pseudo = source + target + struct.pack("!BBH", 0, 17, len(datagram))
    return checksum(pseudo + datagram)
