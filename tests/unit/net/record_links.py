#!/usr/bin/python3
"""Record what the kernel tells of links and addresses, for check_links.

    record_links.py DIRECTORY

Each scene is played in a network namespace of its own, and becomes a file
NAME.netlink: the datagrams one after another, as a socket got them.  First
come the answers to the two requests of links.c, numbers 1 and 2.  Root is
needed; run it where the expectations in check_links.c are to be made anew.
"""

import os
import socket
import struct
import subprocess
import sys

RTM_GETLINK, RTM_GETADDR = 18, 22
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_DONE = 3
IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS = 29, 8
RTMGRP_LINK, RTMGRP_IPV4_IFADDR = 1, 0x10

# What ip is asked for, before the recording begins and while it runs.
SCENES = {
    "start": ([
        "link add e0 address 02:00:00:00:00:01 type veth peer name e1"
        " address 02:00:00:00:00:02",
        "link set e0 up",
        "link set e1 up",
        "link property add dev e0 altname enp1s0 altname to-the-rack",
        "address add 169.254.7.7/16 dev e0 scope link",
        "address add 10.0.0.1/24 dev e0 label e0:1",
        "address add 10.0.0.2/24 dev e0",
        "address add 10.1.0.1/24 dev e0 preferred_lft 0 valid_lft 1000",
        "address add 10.2.0.1 peer 10.2.0.9/32 dev e1",
    ], []),
    "come-and-go": ([], [
        "link add e0 address 02:00:00:00:00:01 type veth peer name e1"
        " address 02:00:00:00:00:02",
        "link set e0 up",
        "address add 10.0.0.1/24 dev e0",
        "link delete e0",
        "link add e0 address 02:00:00:00:00:03 type veth peer name e1"
        " address 02:00:00:00:00:04",
        "link set e0 up",
        "address add 10.0.0.7/24 dev e0",
    ]),
    "addresses": ([
        "link add e0 address 02:00:00:00:00:01 type veth peer name e1"
        " address 02:00:00:00:00:02",
        "link set e0 up",
        "address add 10.0.0.1/24 dev e0",
    ], [
        "address add 10.0.0.2/24 dev e0",
        "address add 10.0.0.3/24 dev e0",
        "address add 10.9.0.1/16 dev e0",
        "address change 10.0.0.3/24 dev e0 preferred_lft 0 valid_lft 1000",
        "address delete 10.0.0.2/24 dev e0",
        "address delete 10.0.0.1/24 dev e0",
        "address add 10.8.0.1/16 dev e0",
    ]),
    "swap": ([
        "link add e0 address 02:00:00:00:00:01 type veth peer name e1"
        " address 02:00:00:00:00:02",
        "address add 10.0.0.1/24 dev e0",
        "address add 10.1.0.1/24 dev e1",
        "link set e0 up",
        "link set e1 up",
    ], [
        "link set e0 down",
        "link set e1 down",
        "link set e0 name away",
        "link set e1 name e0",
        "link set away name e1",
        "link set e0 up",
        "link set e1 up",
        "link property add dev e1 altname second",
        "link property del dev e1 altname second",
        "link property add dev e1 altname third",
    ]),
    "bridge": ([
        "link add e0 address 02:00:00:00:00:01 type veth peer name e1"
        " address 02:00:00:00:00:02",
        "link add br0 address 02:00:00:00:00:10 type bridge",
    ], [
        "link set e0 master br0",
        "link set e1 master br0",
        "link set br0 up",
        "link set e0 up",
        "link set e1 nomaster",
        "link add link e1 name mv0 address 02:00:00:00:00:11"
        " type macvlan mode bridge",
        "link add link br0 name mv1 address 02:00:00:00:00:12"
        " type macvlan mode bridge",
    ]),
}


def ip(line):
    subprocess.run(["ip", *line.split()], check=True)


def request(kind, number, body):
    return struct.pack("=IHHII", 16 + len(body), kind,
                       NLM_F_REQUEST | NLM_F_DUMP, number, 0) + body


def dump(s, kind, number, body):
    s.send(request(kind, number, body))
    got = b""
    while True:
        datagram = s.recv(65536)
        got += datagram
        if struct.unpack_from("=IH", datagram)[1] == NLMSG_DONE:
            return got


def record(scene, path):
    before, meanwhile = SCENES[scene]
    for line in before:
        ip(line)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       socket.NETLINK_ROUTE) as s:
        s.bind((0, RTMGRP_LINK | RTMGRP_IPV4_IFADDR))
        got = dump(s, RTM_GETLINK, 1, bytes(16) + struct.pack(
            "=HHI", 8, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS))
        got += dump(s, RTM_GETADDR, 2, bytes([socket.AF_INET]) + bytes(7))
        for line in meanwhile:
            ip(line)
        s.settimeout(1)
        try:
            while True:
                got += s.recv(65536)
        except socket.timeout:
            pass
    with open(path, "wb") as f:
        f.write(got)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 2
    for scene in SCENES:
        path = os.path.abspath(os.path.join(arguments[0],
                                            scene + ".netlink"))
        subprocess.run(["unshare", "--net", sys.executable,
                        os.path.abspath(__file__), "--scene", scene, path],
                       check=True)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--scene"]:
        record(sys.argv[2], sys.argv[3])
    else:
        sys.exit(main(sys.argv[1:]))
