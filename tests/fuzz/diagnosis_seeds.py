#!/usr/bin/env python3
"""diagnosis_seeds.py - seeds for fuzz_diagnosis from captures.

    diagnosis_seeds.py DIRECTORY CAPTURE...

Writes DIRECTORY/NAME for each capture: its first frames, with the time since
the one before each, as fuzz_diagnosis.c reads them; of some live-NAME, as if
they came from an interface, and of some of these as if frames had been lost.
pcap in microseconds, Ethernet.
"""

import pathlib
import struct
import sys

FRAMES = 24
OCTETS = 8192


def frames(path):
    data = path.read_bytes()
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        return
    at = 24
    while at + 16 <= len(data):
        second, micro, kept, _ = struct.unpack_from("<IIII", data, at)
        yield second + micro / 1e6, data[at + 16:at + 16 + kept]
        at += 16 + kept


def seed(path):
    out, last = bytearray(b"\1"), None
    for when, octets in list(frames(path))[:FRAMES]:
        if len(out) + 3 + len(octets) > OCTETS:
            break
        gap = 0 if last is None else min(255, max(0, int(4 * (when - last))))
        out += struct.pack(">BH", gap, len(octets)) + octets
        last = when
    return bytes(out)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(exist_ok=True)
    for i, path in enumerate(sorted(map(pathlib.Path, sys.argv[2:]))):
        octets = seed(path)
        if len(octets) <= 1:
            continue
        (directory / path.stem).write_bytes(octets)
        if i % 6 == 0:
            loss = b"\xff" if i % 18 == 12 else octets[1:2]
            (directory / f"live-{path.stem}").write_bytes(
                b"\3" + loss + octets[2:])


if __name__ == "__main__":
    main()
