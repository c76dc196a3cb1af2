#!/usr/bin/python3
"""A savefile of more than 2 GiB, which a file position of 31 bits cannot hold.

Between the frames of a pcapng savefile are blocks to step over, most of them a
hole in the file: it takes no room on the disk.  The frames behind them must be
answered as those of the savefile without the blocks, from a file as from
standard input, and it must be known for the file that answers may not go into.
$PXEPROXYD is the program.
"""

import os
import struct
import subprocess
import sys
import tempfile

TESTS = os.environ.get("srcdir") or os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))
SMALL = os.path.join(TESTS, "..", "pcaps", "formats", "format-pcapng.pcap")
PROGRAM = os.environ.get("PXEPROXYD", "../src/pxeproxyd")
SIZE = (1 << 31) + (1 << 20)
HOLE = 15 << 20                 # libpcap takes no block of more than 16 MiB
PACKET, UNKNOWN = 6, 0x0000f00d


def blocks(octets):
    """The blocks of a little-endian pcapng savefile: type and octets."""
    at = 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        yield kind, octets[at:at + length]
        at += length


def write_large(path, octets):
    """The last packet is behind all of the holes."""
    parts = list(blocks(octets))
    last = max(i for i, (kind, _) in enumerate(parts) if kind == PACKET)
    with open(path, "wb") as file:
        for i, (_, part) in enumerate(parts):
            while i == last and file.tell() < SIZE:
                file.write(struct.pack("<II", UNKNOWN, HOLE))
                file.seek(HOLE - 12, os.SEEK_CUR)
                file.write(struct.pack("<I", HOLE))
            file.write(part)


def replay(path, *arguments):
    with open(path, "rb") as file:
        done = subprocess.run([PROGRAM, *arguments], stdin=file,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    wrong = 0
    want = replay(SMALL, "-r", SMALL)
    if want[0] != 0 or " offer " not in want[1]:
        print("large: %s: exit status %d: %s" % (SMALL, want[0], want[2]))
        return 1
    with open(SMALL, "rb") as file:
        octets = file.read()
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "large.pcapng")
        write_large(path, octets)
        size = os.path.getsize(path)
        for name in (path, "-"):
            got = replay(path, "-r", name)
            if got != want:
                print("large: -r %s: exit status %d, and not the lines of the "
                      "small one:\n%s%s" % (name, *got))
                wrong += 1
        status, _, messages = replay(path, "-r", path, "-w", path)
        if status != 1 or "is being read" not in messages:
            print("large: its answers into itself: exit status %d: %s" % (
                status, messages))
            wrong += 1
        if os.path.getsize(path) != size:
            print("large: there is less of it now")
            wrong += 1
    print("large: %d octets, %d wrong" % (size, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
