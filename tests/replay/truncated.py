#!/usr/bin/python3
"""Savefiles that end too early, at every few octets.

    truncated.py [FILE]...      (default: one of each format in pcaps/)

What could be read must be answered, with the same lines as of the whole
savefile; then comes a message and the exit status 1.  Where the cut falls
between two records nothing is missing, and the status is 0.  $PXEPROXYD is
the program.
"""

import os
import struct
import subprocess
import sys
import tempfile

TESTS = os.environ.get("srcdir") or os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))
PCAPS = os.path.join(TESTS, "..", "pcaps")
PROGRAM = os.environ.get("PXEPROXYD", "../src/pxeproxyd")
FILES = ["clients/bios-rom.pcap", "formats/format-pcapng.pcap",
         "formats/format-cooked-v2.pcap", "formats/format-big-endian.pcap"]
CUTS = 60                       # of each file, at most


def ends(octets):
    """The offsets at which a savefile may end, and the packets until there."""
    if octets[:4] == b"\x0a\x0d\x0d\x0a":
        at, packets, found = 0, 0, {}
        while at < len(octets):
            kind, length = struct.unpack_from("<II", octets, at)
            at += length
            packets += kind == 6
            found[at] = packets
        return found
    order = ">" if octets[:1] == b"\xa1" else "<"
    at, packets, found = 24, 0, {24: 0}
    while at < len(octets):
        at += 16 + struct.unpack_from(order + "I", octets, at + 8)[0]
        packets += 1
        found[at] = packets
    return found


def replay(octets, path):
    with open(path, "wb") as file:
        file.write(octets)
    done = subprocess.run([PROGRAM, "-r", path], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    lines = [line for line in done.stdout.decode().splitlines()
             if line[:6].strip().isdigit() and "T" in line[7:18]]
    return done.returncode, lines, done.stderr.decode()


def lengths(octets, boundaries):
    """Where to cut: around each boundary, and every few octets."""
    chosen = {0, 1, 4, 23}
    for end in boundaries:
        chosen.update((end - 1, end, end + 1, end + 15, end + 17))
    step = len(octets) // max(CUTS - len(chosen), 8) + 1
    chosen.update(range(0, len(octets), step))
    return sorted(n for n in chosen if 0 <= n < len(octets))


def check(name, n, octets, boundaries, whole, path):
    """None, or what is wrong with the savefile cut to n octets."""
    status, lines, messages = replay(octets[:n], path)
    between = n in boundaries and n > 0
    packets = max([boundaries[end] for end in boundaries if end <= n] or [0])
    if status not in (0, 1) or "Sanitizer" in messages:
        return "exit status %d: %s" % (status, messages)
    # A pcapng that ends before it describes an interface is no savefile.
    if status == 0 and not between:
        return "exit status 0, though it is cut"
    if status == 1 and between and packets > 0:
        return "exit status 1, though no record is cut: " + messages
    if status == 1 and len(messages.splitlines()) != 1:
        return "not one line of a message: %r" % messages
    known = [line for line in whole if int(line[:6]) <= packets]
    if lines != known:
        return "%d lines for the frames before the cut, not %d" % (
            len(lines), len(known))
    return None


def main():
    paths = sys.argv[1:] or [os.path.join(PCAPS, name) for name in FILES]
    cuts = wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        scratch = os.path.join(directory, "cut.pcap")
        for path in paths:
            name = os.path.basename(path)
            with open(path, "rb") as file:
                octets = file.read()
            boundaries = ends(octets)
            status, whole, messages = replay(octets, scratch)
            if status != 0 or not whole:
                print("truncated: %s, whole: exit status %d, %d lines: %s" % (
                    name, status, len(whole), messages))
                wrong += 1
                continue
            for n in lengths(octets, boundaries):
                cuts += 1
                fault = check(name, n, octets, boundaries, whole, scratch)
                if fault is not None:
                    print("truncated: %s cut to %d of %d octets: %s" % (
                        name, n, len(octets), fault))
                    wrong += 1
    print("truncated: %d savefiles, %d cuts, %d wrong" % (
        len(paths), cuts, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
