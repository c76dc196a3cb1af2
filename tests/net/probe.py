#!/usr/bin/python3
"""pxeproxyd probe: networks that work and that do not, seen from a port.

    probe.py [CASE...]          run the cases (all of them)
    probe.py --list             name them

In network namespaces of its own, as live.py.  One line a case and a closing
count.  Exit status: 0 all passed, 1 not, 77 something could not be run.
Root is needed.

    probe.py spoil INTERFACE   (inside) answer DISCOVERs with damaged OFFERs
    probe.py stray INTERFACE   (inside) with OFFERs of another VLAN
"""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

import live
from lab import (Lab, PYTHON, command, find_pxeproxyd, read_dhcp,
                 read_pcap)
from live import expect
from octets import checksum

HERE = os.path.dirname(os.path.abspath(__file__))
POOL, US, FILES = "10.0.0.1", "10.0.0.2", "10.0.0.3"
SIZE = 1048504
FILES_OF = {"x64-uefi": "BOOTX64.EFI", "x86-bios": "pxelinux.0",
            "arm64-uefi": "BOOTAA64.EFI", "ipxe": "pxelinux.0",
            "ipxe-uefi": "BOOTX64.EFI"}
# Sanitizers and coverage need system calls that the filter would forbid.
FILTERED = not os.environ.get("PXEPROXYD_INSTRUMENTED")


class Done:
    """A probe that has ended."""

    def __init__(self, status, out, errors, seconds):
        self.status, self.seconds = status, seconds
        self.out, self.errors = out, [line for line in errors.splitlines()
                                      if FILTERED or "going on without the "
                                      "seccomp filter" not in line]
        self.text = "".join(line + "\n" for line in self.errors) + out

    @property
    def last(self):
        return (self.out.splitlines() or [""])[-1]


def probe(host, *arguments, timeout=90, before=(), interface="eth0"):
    """Run one to its end."""
    start = time.monotonic()
    done = subprocess.run(
        host.inside([*before, find_pxeproxyd(), "probe", *arguments,
                     interface]), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
        encoding="utf-8", errors="replace")
    return Done(done.returncode, done.stdout, done.stderr,
                time.monotonic() - start)


def boots(done, last):
    expect(done.status == 0 and done.last == last,
           f"status {done.status}, not 0 and \"{last}\":\n{done.text}")


def does_not(done, last, *findings):
    """It says so with this last line, and with these findings."""
    expect(done.status == 1 and last in done.last,
           f"status {done.status}, not 1 and \"{last}\":\n{done.text}")
    for name in findings:
        expect(re.search(rf"^  {name} \(", done.text, re.M),
               f"no finding {name}:\n{done.text}")


class Office:
    """A link with a pool's host, ours, one with files, and a free port."""

    def __init__(self, lab):
        self.lab = lab
        self.link = lab.link()
        self.pool = lab.host("pool", POOL + "/24", self.link)
        self.us = lab.host("us", US + "/24", self.link)
        self.files = lab.host("files", FILES + "/24", self.link)
        self.port = lab.host("port", None, self.link)
        self.root = os.path.join(lab.dir, "tftp")
        os.mkdir(self.root)
        os.chmod(self.root, 0o755)
        for name in set(FILES_OF.values()):
            path = os.path.join(self.root, name)
            with open(path, "wb") as f:
                f.write(bytes(SIZE))
            os.chmod(path, 0o644)

    def dhcpd(self, **more):
        return self.lab.isc_dhcpd(self.pool, "10.0.0.0/24", "10.0.0.100",
                                  "10.0.0.150", **more)

    def pxeproxyd(self, *more):
        return self.lab.pxeproxyd(self.us, "--next-server", FILES, *more,
                                  "eth0")


def impostor(lab, kind, name="port"):
    """One of SERVERS at 10.0.0.9, and the free port of the same link."""
    link = lab.link()
    server = lab.host("server", "10.0.0.9/24", link)
    port = lab.host(name, None, link)
    process = server.start(kind, PYTHON, os.path.abspath(__file__), kind,
                           "eth0")
    lab.wait_log(process, "^here")
    return process, port


def case_every_client():
    """each client boots behind a pool and pxeproxyd, as it is told"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = office.dhcpd()
        lab.tftpd(office.files, office.root)
        lab.httpd(office.files, office.root)
        ours = office.pxeproxyd()
        done = probe(office.port, "--all", "--lease", "--json")
        expect(done.status == 0, done.text)
        probes = json.loads(done.out)["probes"]
        expect([p["client"] for p in probes] == [
            "x64-uefi", "x86-bios", "arm64-uefi", "x64-uefi-http", "ipxe",
            "ipxe-uefi"], done.text)
        for p in probes:
            url = "http://10.0.0.3/BOOTX64.EFI"
            name = FILES_OF.get(p["client"], url)
            expect(p["boots"] and p["file"] == name and p["size"] == SIZE and
                   p["next_server"] == FILES and not p["findings"], p)
            place = "" if name == url else " from 10.0.0.3"
            expect(p["result"] == f"{p['title']} on this port would boot "
                   f"{name} (1,048,504 octets){place}", p["result"])
            expect([o["server"] for o in p["offers"]].count(US) == 1, p)
        # Who asks on port 4011 is what the choice says, and no one else.
        asked = [p["client"] for p in probes if "asks" in p["choice"]]
        expect(asked == ["x64-uefi", "arm64-uefi"], asked)
        told = [p["client"] for p in probes
                if any(s["event"] == "ask-4011" for s in p["ladder"])]
        expect(told == asked, told)
        # All that was taken is given back, to whom it was taken from.
        text = pool.text()
        expect(text.count("DHCPACK") == text.count("DHCPRELEASE") == 6,
               pool.tail(40))
        expect(len(re.findall(r"DHCPRELEASE of 10\.0\.0\.1\d\d .*\(found\)",
                              text)) == 6, pool.tail(40))
        said = [line for line in ours.text().splitlines()
                if not re.search(r" (offer|ack) rule=", line)]
        expect(all(re.search("there is no user|serving|without the seccomp",
                                 line)
                   for line in said), "\n".join(said))


def case_offers_only():
    """without --lease nothing is asked for, and the OFFERs are shown"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = office.dhcpd(extra='next-server 10.0.0.9; '
                            'filename "other.efi";')
        office.pxeproxyd()
        done = probe(office.port)
        boots(done, "an x64 UEFI machine on this port would boot BOOTX64.EFI, "
              "if 10.0.0.2 says so on port 4011 too")
        for line in (
                "  OFFER of 10.0.0.1 (02:00:0a:00:00:01), ",
                "    next-server  10.0.0.9", '    file         "other.efi"',
                "  OFFER of 10.0.0.2 (02:00:0a:00:00:02), ",
                "    address      none", '    option 60    "PXEClient"',
                "  takes the address of 10.0.0.1 and the boot of 10.0.0.2: a "
                "boot server's OFFER goes before a file that the address "
                "server names",
                "  asks next: 10.0.0.2 on port 4011 (with --lease)"):
            expect(line in done.text, f"no \"{line}\":\n{done.text}")
        expect(4 <= done.seconds < 6, f"{done.seconds} s")
        expect("DHCPREQUEST" not in pool.text(), pool.tail())
        # A BIOS waits for a boot server that says what to do at once.
        done = probe(office.port, "--client", "x86-bios")
        boots(done, "an x86 machine with a BIOS on this port would boot "
              "pxelinux.0 from 10.0.0.3")
        expect("option 43    6=8 (take the file of the OFFER), "
               '10 (prompt, 0 s) "PXE"' in done.text, done.text)
        # iPXE leaves as soon as it has both.
        done = probe(office.port, "--client", "ipxe")
        boots(done, "iPXE on an x86 machine with a BIOS on this port would "
              "boot pxelinux.0 from 10.0.0.3")
        expect(done.seconds < 1, f"{done.seconds} s")


def case_nobody():
    """no server at all: three DISCOVERs, and the finding"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        path = os.path.join(lab.dir, "frames.pcap")
        done = probe(office.port, "-w", path)
        does_not(done, "not boot: nobody answers", "no-address-server")
        expect(15 < done.seconds < 18, f"{done.seconds} s")
        sent = read_dhcp(path)
        expect([m.secs for m in sent] == [0, 4, 12], sent)
        done = probe(office.port, "--client", "ipxe", "--wait", "2")
        does_not(done, "not boot: nobody answers")
        expect(2 <= done.seconds < 3, f"{done.seconds} s")


def case_pool_alone():
    """a pool and no boot server: no file, or the pool's own"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = office.dhcpd()
        done = probe(office.port)
        does_not(done, "there is an address, but no boot server",
                 "no-boot-offer")
        pool.stop()
        office.dhcpd(extra=f'next-server {FILES}; filename "BOOTX64.EFI";',
                     name="dhcpd2")
        lab.tftpd(office.files, office.root)
        done = probe(office.port, "--lease")
        boots(done, "an x64 UEFI machine on this port would boot BOOTX64.EFI "
              "(1,048,504 octets) from 10.0.0.3")
        expect("takes the OFFER of 10.0.0.1 alone" in done.text, done.text)


def case_pool_says_pxeclient():
    """a pool that says PXEClient: whom the machine asks then, in vain"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd(extra='option vendor-class-identifier "PXEClient";')
        office.pxeproxyd()
        done = probe(office.port)
        does_not(done, "not boot, unless 10.0.0.1 answers on port 4011: "
                 "--lease asks")
        expect("the address server says PXEClient" in done.text, done.text)
        done = probe(office.port, "--lease")
        does_not(done, "not boot: 10.0.0.1 does not answer on port 4011",
                 "pool-says-pxeclient")


def case_files():
    """a file that is not there, no server of files, no such host"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        ours = office.pxeproxyd()
        done = probe(office.port, "--lease")
        does_not(done, "not boot: nothing listens for TFTP on 10.0.0.3",
                 "tftp-refused")
        done = probe(office.port, "--lease", "--client", "x64-uefi-http")
        does_not(done, "not boot: nothing listens for HTTP on 10.0.0.3",
                 "http-refused")
        lab.tftpd(office.files, office.root)
        lab.httpd(office.files, office.root)
        os.unlink(os.path.join(office.root, "BOOTX64.EFI"))
        done = probe(office.port, "--lease")
        does_not(done, "refuses it: TFTP error 1", "file-missing")
        done = probe(office.port, "--lease", "--client", "x64-uefi-http")
        does_not(done, "answers with HTTP 404", "http-error")
        ours.stop()
        lab.pxeproxyd(office.us, "--next-server", "10.0.0.77", "eth0",
                      name="absent")
        done = probe(office.port, "--lease")
        does_not(done, "10.0.0.77 does not answer ARP", "next-server-absent")


def case_urls():
    """a URL that a probe cannot ask for is no fault, if the rest is right"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = office.dhcpd(extra="option domain-name-servers 10.0.0.3;")
        for url, unasked in (
                ("https://10.0.0.3/a.efi", "asks by TFTP and HTTP alone"),
                ("http://boot.example.org/a.efi", "looks up no names")):
            ours = lab.pxeproxyd(office.us, "--bootfile-name", url, "eth0")
            done = probe(office.port, "--lease", "--client", "x64-uefi-http")
            boots(done, "an x64 UEFI machine with HTTP Boot on this port "
                  f"would boot {url}, which was not asked for: a probe "
                  f"{unasked}")
            ours.stop()
        pool.stop()
        office.dhcpd()                      # and no name server
        ours = lab.pxeproxyd(office.us, "--bootfile-name", url, "eth0")
        done = probe(office.port, "--lease", "--client", "x64-uefi-http")
        does_not(done, "the URL has a name, and the address server names no "
                 "name server", "no-name-server")
        ours.stop()
        lab.pxeproxyd(office.us, "--bootfile-name", "http://10.0.0.3/%zz a",
                      "eth0")
        done = probe(office.port, "--lease", "--client", "x64-uefi-http")
        does_not(done, "octets that must be coded")


def case_address_in_use():
    """another machine has the address that the pool gives"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = office.dhcpd()
        office.pxeproxyd()
        lab.host("thief", "10.0.0.100/24", office.link)
        done = probe(office.port, "--lease")
        does_not(done, "another machine, 02:00:0a:00:00:64, has the address "
                 "10.0.0.100", "address-in-use")
        lab.wait_log(pool, r"DHCPRELEASE of .*\(found\)", 5)


def case_no_route():
    """the files are in another network, and the pool names no router"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        lab.pxeproxyd(office.us, "--next-server", "10.9.0.3", "eth0")
        does_not(probe(office.port, "--lease"),
                 "the server of the file 10.9.0.3 is in another network",
                 "next-server-no-route")


def case_silent_files():
    """a server of files that says nothing"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        office.pxeproxyd()
        office.files.start("sink", PYTHON, "-c", """if True:
            import socket
            sinks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                     socket.socket()]
            sinks[0].bind(("", 69))
            sinks[1].bind(("", 80))
            sinks[1].listen(9)
            while True:
                with sinks[1].accept()[0] as connection:
                    while connection.recv(999):
                        pass""")
        does_not(probe(office.port, "--lease"),
                 "10.0.0.3 does not answer by TFTP", "tftp-silent")
        does_not(probe(office.port, "--lease", "--client", "x64-uefi-http"),
                 "10.0.0.3 does not answer by HTTP")


def case_option_67():
    """a pool whose OFFER UEFI loses, and a BIOS does not"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd(extra='option bootfile-name "x.efi";')
        office.pxeproxyd()
        does_not(probe(office.port), "this firmware loses the OFFER (see "
                 "pool-option-67 in pxeproxyd-troubleshooting(7))")
        boots(probe(office.port, "--client", "x86-bios"),
              "an x86 machine with a BIOS on this port would boot pxelinux.0 "
              "from 10.0.0.3")


def case_two_boot_servers():
    """two boot servers, and whose file it is"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        lab.tftpd(office.files, office.root)
        office.pxeproxyd()
        other = lab.host("other", "10.0.0.5/24", office.link)
        lab.pxeproxyd(other, "--next-server", FILES, "--bootfile-name",
                      "gone.efi", "eth0", name="other")
        done = probe(office.port, "--lease")
        taken = re.search(r"takes the address of 10\.0\.0\.1 and the boot of "
                          r"(10\.0\.0\.\d):", done.text)
        first = re.search(r"OFFER of (10\.0\.0\.[25]) \(", done.text)
        expect(taken and first and taken.group(1) == first.group(1),
               done.text)
        if taken.group(1) == US:
            boots(done, "an x64 UEFI machine on this port would boot "
                  "BOOTX64.EFI (1,048,504 octets) from 10.0.0.3")
        else:
            does_not(done, "refuses it: TFTP error 1", "file-missing")


def case_kea():
    """beside Kea"""
    beside("kea")


def case_dnsmasq():
    """beside dnsmasq as address server"""
    beside("dnsmasq")


def beside(kind):
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = live.start_pool(lab, office.pool, kind)
        lab.tftpd(office.files, office.root)
        office.pxeproxyd()
        boots(probe(office.port, "--lease"),
              "an x64 UEFI machine on this port would boot BOOTX64.EFI "
              "(1,048,504 octets) from 10.0.0.3")
        lab.wait_log(pool, {"kea": "DHCP4_RELEASE", "dnsmasq":
                            r"DHCPRELEASE\(eth0\) 10\.0\.0\.1"}[kind], 10)


def case_dnsmasq_proxy():
    """dnsmasq as the boot server"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        lab.dnsmasq(office.us, None, None, name="proxy", extra=f"""\
dhcp-range={US},proxy
enable-tftp
tftp-root={office.root}
pxe-service=x86PC,"BIOS",pxelinux
pxe-service=X86-64_EFI,"UEFI",BOOTX64.EFI""")
        # A name without dots gets the layer's number behind it.
        shutil.copy(os.path.join(office.root, "pxelinux.0"),
                    os.path.join(office.root, "pxelinux"))
        boots(probe(office.port, "--lease"),
              "an x64 UEFI machine on this port would boot BOOTX64.EFI "
              "(1,048,504 octets) from 10.0.0.2")
        boots(probe(office.port, "--lease", "--client", "x86-bios"),
              "an x86 machine with a BIOS on this port would boot pxelinux.0 "
              "(1,048,504 octets) from 10.0.0.2")


def case_dnsmasq_full():
    """dnsmasq as address server, boot server and server of files"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        lab.dnsmasq(office.pool, "10.0.0.100", "10.0.0.150", extra=f"""\
enable-tftp
tftp-root={office.root}
dhcp-match=set:bios,option:client-arch,0
dhcp-boot=tag:bios,pxelinux.0
dhcp-boot=tag:!bios,BOOTX64.EFI""")
        boots(probe(office.port, "--lease"),
              "an x64 UEFI machine on this port would boot BOOTX64.EFI "
              "(1,048,504 octets) from 10.0.0.1")
        # A BIOS waits 12 s for a boot server first.
        done = probe(office.port, "--client", "x86-bios")
        boots(done, "an x86 machine with a BIOS on this port would boot "
              "pxelinux.0 from 10.0.0.1")
        expect(12 <= done.seconds < 14, f"{done.seconds} s")


def behind_a_relay(lab, kind=Office):
    """Two links and a router; the servers are on the first, the port on the
    second."""
    office = kind(lab)
    far = lab.link()
    router = lab.host("router", "10.0.0.254/24", office.link)
    router.join(far, "10.7.0.1/24")
    router.forward()
    for host in (office.pool, office.us, office.files):
        host.route("default", "via", "10.0.0.254")
    port = lab.host("far", None, far)
    office.dhcpd(more="subnet 10.7.0.0 netmask 255.255.255.0 {\n"
                 "range 10.7.0.100 10.7.0.150;\n"
                 "option routers 10.7.0.1;\n}\n")
    lab.tftpd(office.files, office.root)
    return office, router, port


def case_relay():
    """behind a relay, down to the file"""
    with Lab(name="pxeprobe") as lab:
        office, router, port = behind_a_relay(lab)
        office.pxeproxyd("--hold-port-67")
        relay = lab.dhcrelay(router, "eth1", "eth0", POOL, US)
        boots(probe(port, "--lease"),
              "an x64 UEFI machine on this port would boot BOOTX64.EFI "
              "(1,048,504 octets) from 10.0.0.3")
        relay.stop()
        # The relay does not know of us.
        lab.dhcrelay(router, "eth1", "eth0", POOL, name="relay2")
        does_not(probe(port), "no boot server", "no-boot-offer")


def case_as_relay():
    """asks as a relay does, near the server and behind a router"""
    with Lab(name="pxeprobe") as lab:
        office, _, port = behind_a_relay(lab)
        ours = office.pxeproxyd("--hold-port-67")
        near = lab.host("near", "10.0.0.20/24", office.link)
        capture = lab.capture(office.link, "relay.pcap")
        done = probe(near, "--relay", "10.0.0.20", "--server", US, "--wait",
                     "1")
        does_not(done, "there is a boot server, but nobody gives an address")
        expect("OFFER of 10.0.0.2" in done.text, done.text)
        expect("giaddr" not in ours.text() and "to=10.0.0.20:67" in
               ours.text(), ours.tail())
        done = probe(near, "--relay", "10.0.0.20", "--server", POOL, "--wait",
                     "1")
        expect("OFFER of 10.0.0.1" in done.text, done.text)
        capture.stop()
        expect(not icmp(capture.path), "the host says that port 67 is closed")
        lab.ip("-n", port.ns, "address", "add", "10.7.0.20/24", "dev", "eth0")
        port.route("default", "via", "10.7.0.1")
        done = probe(port, "--relay", "10.7.0.20", "--server", US, "--wait",
                     "1", "--client", "arch=arm64-uefi circuit-id=port7")
        expect('file         "BOOTAA64.EFI"' in done.text, done.text)
        expect("OFFER of 10.0.0.2 (02:00:0a:07:00:01)" in done.text,
               done.text)
        done = probe(near, "--relay", "10.0.0.20", "--server", "10.0.0.78",
                     "--wait", "1")
        does_not(done, "--server does not answer ARP")


def icmp(path):
    """The ICMP errors of a capture."""
    return [frame for _, frame in read_pcap(path)
            if frame[12:14] == b"\x08\x00" and frame[23] == 1 and
            frame[34] == 3]


def case_trunk():
    """on a trunk, with the tag, and what has another tag does not count"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        office.pxeproxyd()
        trunk = lab.link()
        port = lab.host("trunk", "10.0.0.50/24", trunk)
        lab.trunk(office.link, trunk, 7, port)
        done = probe(port, "--client", "vlan=7")
        boots(done, "an x64 UEFI machine on this port would boot BOOTX64.EFI, "
              "if 10.0.0.2 says so on port 4011 too")
        expect("(02:00:0a:00:00:02, VLAN 7)" in done.text, done.text)
        # OFFERs with a tag come to a port without one, or with another.
        _, port = impostor(lab, "stray", "port2")
        done = probe(port, "--wait", "1")
        does_not(done, "all OFFERs have another VLAN tag")
        expect(done.text.count("(02:00:0a:00:00:09, VLAN 9)") == 2 and
               done.text.count("not looked at: it has another VLAN tag than "
                               "the DISCOVER") == 2, done.text)


def case_same_interface():
    """beside a daemon that serves the interface: it cannot hear the probe"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        path = os.path.join(lab.dir, "control")
        office.pxeproxyd("--control-socket", path)
        done = probe(office.us, "--wait", "1", "--control-socket", path)
        expect(done.errors == [
            "pxeproxyd: probe: the pxeproxyd of this host serves eth0, and "
            "does not hear what this host itself sends: probe from another "
            "one"] and done.status == 1, done.text)
        # Another host's interface is another one, of whatever name.
        done = probe(office.port, "--wait", "1", "--control-socket", path)
        expect(not done.errors and done.status == 0, done.text)


def case_savefile():
    """the savefile has what was sent and heard, and diagnose says the same"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        lab.tftpd(office.files, office.root)
        office.pxeproxyd()
        path = os.path.join(lab.dir, "frames.pcap")
        done = probe(office.port, "--lease", "-w", path, "--mac",
                     "52:54:00:12:34:56")
        expect(done.status == 0, done.text)
        kinds = [m.type for m in read_dhcp(path)]
        expect(sorted(kinds[1:3]) == ["OFFER", "OFFER"] and
               kinds[3:] == ["REQUEST", "ACK", "REQUEST", "ACK", "RELEASE"],
               kinds)
        said = command(find_pxeproxyd(), "diagnose", path)
        ladder = re.compile(r"^ +\d+\.\d{3} .*$", re.M)
        expect(ladder.findall(said) == ladder.findall(done.text),
               said + done.text)
        expect("52:54:00:12:34:56, x64-uefi: boots" in said, said)
        # Its checksums are right, on the wire and not only for us.
        for _, frame in read_pcap(path):
            if frame[12:14] == b"\x08\x00":
                expect(checksum(frame[14:34]) == 0, frame.hex())


def case_mac():
    """whose MAC address it has"""
    with Lab(name="pxeprobe") as lab:
        link = lab.link()
        for name, own, wanted in (("own", "00:16:3e:00:00:01",
                                   "02:16:3e:00:00:01"),
                                  ("local", "52:54:00:00:00:02",
                                   "56:54:00:00:00:02")):
            host = lab.host(name, None, link, mac=own)
            done = probe(host, "--wait", "1")
            expect(f", {wanted}, on eth0" in done.text, done.text)
        done = probe(host, "--wait", "1", "--mac", "52:54:00:99:99:99")
        expect(", 52:54:00:99:99:99, on eth0" in done.text, done.text)
        done = probe(host, "--wait", "1", "--client",
                     "mac=52:54:00:99:99:98")
        expect(", 52:54:00:99:99:98, on eth0" in done.text, done.text)


def case_stopped():
    """a signal ends it, and the address is given back"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        pool = office.dhcpd()
        office.pxeproxyd()                  # but no server of files
        lab.ip("-n", office.files.ns, "link", "set", "eth0", "down")
        process = office.port.start("probe", find_pxeproxyd(), "probe",
                                    "--lease", "eth0")
        process.may_end = True
        lab.wait_log(pool, "DHCPACK", 20)
        time.sleep(1.5)
        process.kill(signal.SIGTERM)
        lab.wait_log(pool, r"DHCPRELEASE of .*\(found\)", 5)
        lab.wait(lambda: not process.alive(), 5, "end of the probe")
        expect(process.popen.returncode == 2 and
               "the probe was stopped" in process.text(), process.text())


def case_no_ack():
    """an address that was asked for is given back, even without an ACK"""
    with Lab(name="pxeprobe") as lab:
        process, port = impostor(lab, "mute")
        done = probe(port, "--lease")
        does_not(done, "10.0.0.9 does not answer the REQUEST")
        lab.wait_log(process, "^type 7$")
        expect(process.text().split("type ")[1:] ==
               ["1\n", "3\n", "3\n", "3\n", "7\n"], process.text())


def case_bad_input():
    """what is wrong is one line, and the status says so"""
    with Lab(name="pxeprobe") as lab:
        link = lab.link()
        host = lab.host("host", None, link)
        host.join(link)
        lab.ip("-n", host.ns, "link", "set", "eth1", "down")
        rows = [
            ([], "eth9", 2, r"probe: eth9: no such interface"),
            ([], "eth1", 2, r"probe: eth1: the interface is down"),
            ([], "lo", 2, r"probe: lo: it is no Ethernet interface"),
            (["--client", "x65"], "eth0", 2, r"--client: x65 is none of"),
            (["--client", "arch=x65"], "eth0", 2, r"--client: arch=x65 is "),
            (["--client", "ip=10.0.0.5"], "eth0", 2, r"--client: ip, relay"),
            (["--wait", "121"], "eth0", 2, r"--wait: 121 is not a number of "),
            (["--wait", "1x"], "eth0", 2, r"--wait: 1x is not a number of "),
            (["--all", "--client", "ipxe"], "eth0", 2, r"do not go together"),
            (["--relay", "10.0.0.1"], "eth0", 2, r"go together"),
            (["--relay", "10.0.0.1", "--server", "10.0.0.2", "--lease"],
             "eth0", 2, r"--relay and --lease do not go together"),
            (["--relay", "10.0.0.1", "--server", "10.9.0.2"], "eth0", 2,
             r"no router on the interface"),
            (["--mac", "01:00:5e:00:00:01"], "eth0", 2, r"of one machine"),
            (["-w", "/nowhere/x.pcap", "--wait", "1"], "eth0", 2,
             r"probe: /nowhere/x.pcap: No such file"),
            (["--user", "nobody-here", "--wait", "1"], "eth0", 2,
             r"--user: there is no user nobody-here"),
        ]
        for arguments, interface, status, pattern in rows:
            done = probe(host, *arguments, interface=interface)
            expect(done.status == status and len(done.errors) == 1 and
                   re.search(pattern, done.errors[0]),
                   f"{arguments} {interface}: status {done.status}\n"
                   f"{done.text}")
        done = probe(host, before=("setpriv", "--reuid", "65534", "--regid",
                                   "65534", "--clear-groups"))
        expect(done.status == 2 and "CAP_NET_RAW is needed" in done.text and
               done.text.count("\n") == 1, done.text)
        # Without an interface, and with two.
        for words in ([], ["eth0", "eth1"]):
            done = subprocess.run([find_pxeproxyd(), "probe", *words],
                                  stdout=subprocess.PIPE, timeout=10,
                                  stderr=subprocess.STDOUT, encoding="utf-8")
            expect(done.returncode == 2 and "probe takes one interface" in
                   done.stdout, done.stdout)


def case_privileges():
    """it has none while it asks; CAP_NET_RAW alone is enough to begin"""
    with Lab(name="pxeprobe") as lab:
        office = Office(lab)
        office.dhcpd()
        office.pxeproxyd()
        process = office.port.start("probe", find_pxeproxyd(), "probe",
                                    "--wait", "3", "eth0")
        process.may_end = True
        time.sleep(1)
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as f:
            status = dict(line.rstrip("\n").split(":\t", 1)
                          for line in f if ":\t" in line)
        expect("0" not in status["Uid"].split(), status["Uid"])
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"):
            expect(int(status[name], 16) == 0, f"{name} {status[name]}")
        expect(status["NoNewPrivs"] == "1", status["NoNewPrivs"])
        if FILTERED:
            expect(status["Seccomp"] == "2", status["Seccomp"])
        lab.wait(lambda: not process.alive(), 10, "end of the probe")
        expect(process.popen.returncode == 0, process.text())
        done = probe(office.port, before=(
            "setpriv", "--reuid", "65534", "--regid", "65534",
            "--clear-groups", "--inh-caps", "+net_raw", "--ambient-caps",
            "+net_raw"))
        expect(done.status == 0, done.text)


@contextlib.contextmanager
def discovers(interface):
    """A packet socket, and the frames to port 67 that come in there."""
    def hear(link):
        while True:
            frame = link.recv(2048)
            if frame[23:24] == b"\x11" and frame[36:38] == b"\0\x43":
                yield frame

    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                       socket.htons(3)) as link:
        link.bind((interface, 3))
        print("here", flush=True)
        yield link, hear(link)


def nonsense(interface):
    """Damaged OFFERs for each DISCOVER: cut, changed, with odd options."""
    dice = random.Random(7)
    with discovers(interface) as (link, heard):
        for frame in heard:
            for _ in range(400):
                link.send(spoilt(frame, dice))


def framed(message, tag=b""):
    """A broadcast of 10.0.0.9 from port 67, perhaps with a VLAN tag."""
    udp = struct.pack(">HHHH", 67, 68, 8 + len(message), 0)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(message), 0, 0, 64,
                     17, 0, bytes([10, 0, 0, 9]), b"\xff" * 4)
    # A bridge may drop what has a wrong checksum here.
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\xff" * 6 + b"\x02\0\x0a\0\0\x09" + tag + b"\x08\0" + ip + \
        udp + message


def offer(frame, lease, options, next_server=bytes(4)):
    """A whole OFFER of 10.0.0.9 to the DISCOVER in the frame."""
    return b"\2" + frame[43:58] + lease + next_server + bytes(4) + \
        frame[70:282] + b"\x35\1\2" + options + \
        b"\x36\4\x0a\0\0\x09\xff"


def mute(interface):
    """A whole OFFER for each DISCOVER, and nothing for a REQUEST; it prints
    the type of each message."""
    with discovers(interface) as (link, heard):
        for frame in heard:
            kind = frame[frame.index(b"\x63\x82\x53\x63") + 6]
            print("type", kind, flush=True)
            if kind == 1:
                link.send(framed(offer(
                    frame, bytes([10, 0, 0, 99]), b"\x43\x05a.efi",
                    bytes([10, 0, 0, 9]))))


def astray(interface):
    """Sound OFFERs for each DISCOVER, with the tag of another VLAN."""
    with discovers(interface) as (link, heard):
        for frame in heard:
            for lease, kind in ((bytes([10, 0, 0, 99]), b""),
                                (bytes(4), b"\x3c\x09PXEClient")):
                link.send(framed(offer(frame, lease, kind),
                                 b"\x81\0\0\x09"))


def spoilt(frame, dice):
    """An OFFER to the DISCOVER in the frame, or what is left of one."""
    head = bytearray(frame[42:282])
    head[0] = 2
    head[16:20] = dice.choice([bytes(4), bytes([10, 0, 0, 99])])
    head[20:24] = dice.choice([bytes(4), bytes([10, 0, 0, 9])])
    head[108:236] = bytes(dice.choice(b"\0ab/%\\\xff\n") for _ in range(128))
    body = b"\x35\1\2\x36\4\x0a\0\0\x09" + dice.choice(
        [b"\x3c\x09PXEClient", b"\x3c\x0aHTTPClient", b""])
    for _ in range(dice.randrange(4)):
        size = dice.randrange(24)
        body += bytes([dice.choice([43, 43, 66, 67, 175, 82, 52]), size])
        body += bytes(dice.choice([dice.randrange(256), 8, 9, 6, 4])
                      for _ in range(size))
    message = bytes(head) + body + b"\xff"
    if dice.random() < 0.3:
        at = dice.randrange(len(message))
        message = message[:at] + bytes([dice.randrange(256)]) + \
            message[at + 1:]
    whole = framed(message)
    return whole[:dice.randrange(60, len(whole))] \
        if dice.random() < 0.2 else whole


def case_nonsense():
    """a server that answers nonsense is shown, and does no harm"""
    with Lab(name="pxeprobe") as lab:
        _, port = impostor(lab, "spoil")
        for client in ("x64-uefi", "x86-bios", "x64-uefi-http", "ipxe"):
            for more in ([], ["--json"], ["--lease", "--json"]):
                done = probe(port, "--client", client, "--wait", "1", *more)
                expect(done.status in (0, 1), f"{client} {more}: status "
                       f"{done.status}\n{done.text[-2000:]}")
                if more:
                    json.loads(done.out)
                else:
                    expect(done.text.count("OFFER of") >= 16 and
                           " on this port would " in done.last, done.text)
                    expect(all(" " <= c <= "~" or c == "\n"
                               for c in done.out), done.text)


SERVERS = {"spoil": nonsense, "mute": mute, "stray": astray}

CASES = live.cases_of(globals())

AT_ONCE = 6                     # cases: they wait nearly all the time

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        if len(sys.argv) > 1 and sys.argv[1] in SERVERS:
            sys.exit(SERVERS[sys.argv[1]](sys.argv[2]))
        sys.exit(live.main(CASES, __doc__, AT_ONCE))
    sys.exit(130)
