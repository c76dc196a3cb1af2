#!/usr/bin/python3
"""Boot real firmware in networks that are broken, and ask for the cause.

    broken.py                          all of them
    broken.py --list                   their names: CLIENT/FAULT
    broken.py 'ovmf-x64/*' snooping    some: globs, clients, faults
    broken.py --part ci                the part for continuous integration
    broken.py --save-pcaps DIR         renew the small captures of the tree

Each case is a machine (QEMU with real firmware, or the test client where
Debian has no such firmware) in a network with one fault, and two captures of
the same boot:

    near.pcap    at the port of our host, as a switch that learns shows it
    cable.pcap   on the machine's cable, as a mirror port shows it

A case has passed when `pxeproxyd diagnose` names the fault from each, first
and with nothing besides; where nothing can be seen near us, it must not guess.

Each case leaves captures, logs and result.json in OUT/CLIENT/FAULT.  Exit
status 0: none failed; 1: some failed; 77: all were skipped.
"""

import contextlib
import os
import struct
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "net")]

import faulty
import firmware
from firmware import FILES, POOL, PXE_MARK, first_of, grub_image
from lab import (LabError, PYTHON, datagram, dhcp, mac_of, program, read_pcap,
                 write_pcap)
from runner import (Runner, causes, exit_status, findings, head_of_line,
                    is_named, listed, parser)

PXECLIENT = os.path.join(os.path.dirname(HERE), "net", "pxeclient.py")
CLIENT_MAC = "52:54:00:00:00:07"
ABSENT = "10.0.0.99"                # nobody has it
US = "10.0.0.2"


# ----------------------------------------------------------------------------
# Machines

class Machine:
    """Who boots: firmware in QEMU, or the test client with these words."""

    def __init__(self, name, start, files, *, config="", http=False,
                 mac=CLIENT_MAC):
        self.name = name
        self.start = start          # (lab) -> argv and card; or words
        self.files = files          # (root, address): write the boot files
        self.config = config        # more of the configuration
        self.http = http            # it needs an HTTP server too
        self.mac = mac


def same_as(name):
    """A client of firmware.py."""
    client = firmware.machine(name)
    return Machine(name, client.machine, client.files, config=client.config,
                   http=client.http, mac=client.mac or CLIENT_MAC)


def ovmf_secure(lab):
    """EDK2 with Secure Boot on, and Microsoft's keys."""
    code = first_of("ovmf", "/usr/share/OVMF/OVMF_CODE_4M.ms.fd")
    variables = first_of("ovmf", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd")
    return [program("qemu-system-x86_64", "qemu-system-x86"),
            "-machine", "q35,smm=on,graphics=off",
            *firmware.common(lab, 256),
            "-global", "driver=cfi.pflash01,property=secure,value=on",
            *firmware.flash(lab, code, variables),
            "-device", "virtio-rng-pci"], "virtio-net-pci,romfile="


def ovmf_ipv6(lab):
    """EDK2 that has PXE over IPv6 alone."""
    return firmware.ovmf(
        lab, "-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=no")


def small_efi_files(root, _address):
    """An EFI program that is no more than GRUB's core."""
    grub_image("x86_64-efi", "/grub", os.path.join(root, "BOOTX64.EFI"))


MACHINES = {m.name: m for m in [
    *(same_as(name) for name in (
        "bios-ipxe", "bios-script", "bios-undionly", "ovmf-x64", "ovmf-http",
        "ovmf-shim", "ovmf-grub", "ovmf-rom", "uboot-arm64",
        "ovmf-snponly")),
    Machine("ovmf-secure", ovmf_secure, small_efi_files),
    Machine("ovmf-ipv6", ovmf_ipv6, small_efi_files),
    # Boot ROMs that are not iPXE, which Debian does not have.
    Machine("rom", ["--arch", "0"], firmware.pxelinux_files),
]}


# ----------------------------------------------------------------------------
# Networks

class Site:
    """What a case runs in."""

    def __init__(self, lab, case):
        self.lab = lab
        self.case = case
        self.machine = MACHINES[case.client]
        self.root = os.path.join(lab.dir, "root")
        self.near = self.cable = None   # captures
        self.config = None
        self.on_look = None             # called with the cable's messages
        self.access = None              # the link of the machine
        self.links = {}
        self.hosts = {}
        self.before = None              # called before the machine starts
        os.makedirs(self.root, exist_ok=True)

    def faulty(self, name, to, rules):
        """A link that is joined to another one by a line with faults."""
        link = self.lab.link(name)
        faulty.start_line(self.lab, name, link, to, rules)
        return link

    def captures(self):
        return ("near", self.near), ("cable", self.cable)

    def place(self, to, access, faults):
        """Where the machine, and what is between it and the rest."""
        self.access = self.faulty("access", to, faults) if faults else access
        self.cable = self.lab.capture(self.access, "cable.pcap")

    def files(self, host, change=None, servers=True):
        """The boot files, after a change, and their servers."""
        self.machine.files(self.root, FILES)
        if change:
            change(self.root, FILES)
        if servers:
            self.lab.file_servers(host, self.root, self.machine.http)

    def proxy(self, host, address, next_server):
        """pxeproxyd on a host whose last port is the one near us."""
        text = self.case.how.get("config", self.machine.config)
        head = self.case.how.get("head", "")
        text = f'next-server = "{next_server}"\n{head}' + text.replace(
            "FILES", FILES)
        self.config = self.lab.file("pxeproxyd.conf", text)
        self.near = self.lab.capture(self.links["near"], "near.pcap")
        return self.lab.pxeproxyd(host, "-c", self.config,
                                  *self.case.how.get("live", ()), "eth0")


def lan(site, *, pool="dhcpd", extra="", more="", faults=(), pool_faults=(),
        proxy_faults=(), files_faults=(), next_server=FILES, files=None, servers=True,
        ours=US, after=None, **_):
    """One switch.

    extra, more: what the pool says besides; faults, pool_faults, proxy_faults
    and files_faults: on the cables of the machine, the address server, our
    host and the TFTP server; files(root, address): what becomes of the boot files;
    servers: False: no TFTP or HTTP server runs; after(site, link): what is
    there besides."""
    lab = site.lab
    link = lab.link("lan", advertise=True)
    near = joined(lab, "near", link)
    site.links = {"lan": link, "near": near}
    site.place(link, joined(lab, "access", link) if not faults else None,
               list(faults))
    proxy = lab.host("proxy", ours + "/24", site.faulty(
        "host", near, list(proxy_faults)) if proxy_faults else near)
    place = site.faulty("pool", link, list(pool_faults)) if pool_faults \
        else link
    address_server = lab.host("switch", "10.0.0.1/24", place)
    place = site.faulty("files", link, list(files_faults)) if files_faults \
        else link
    server = lab.host("files", FILES + "/24", place)
    site.hosts = {"pool": address_server, "files": server, "proxy": proxy}
    if pool == "dhcpd":
        lab.isc_dhcpd(address_server, *POOL, extra=extra, more=more)
    elif pool:
        pool(site, address_server)
    site.files(server, files, servers)
    site.proxy(proxy, ours, next_server)
    if after:
        after(site, link)


def joined(lab, name, to):
    """A link of its own, joined to another one by a plain cable."""
    link = lab.link(name)
    one, other = link.port("cab"), to.port("cab")
    lab.ip("-n", lab.switch_ns, "link", "add", one, "type", "veth", "peer",
           "name", other)
    lab.ip("-n", lab.switch_ns, "link", "set", one, "master", link.name, "up")
    lab.ip("-n", lab.switch_ns, "link", "set", other, "master", to.name, "up")
    return link


def relayed(site, *, relay="all", next_server=FILES, files=None, faults=(),
            servers_faults=(), extra="option routers 10.0.1.254;", **_):
    """The machine is behind a relay.  relay: "all": it sends to the address
    server and to us; "pool": to the address server only; "bare": it strips
    option 60."""
    lab = site.lab
    clients = lab.link("lan", advertise=True)
    servers = lab.link("servers")
    near = joined(lab, "near", servers)
    site.links = {"near": near}
    site.place(clients, joined(lab, "access", clients), list(faults))
    router = lab.host("router", "10.0.1.254/24", clients)
    router.join(servers, "10.0.0.254/24")
    router.forward()
    pool = lab.host("switch", "10.0.0.1/24", servers)
    proxy = lab.host("proxy", US + "/24", near)
    server = lab.host("files", FILES + "/24", servers)
    for host in (pool, proxy, server):
        host.route("10.0.1.0/24", "via", "10.0.0.254")
    lab.isc_dhcpd(pool, "10.0.1.0/24", "10.0.1.100", "10.0.1.150",
                  extra=extra,
                  more="subnet 10.0.0.0 netmask 255.255.255.0 { }")
    site.files(server, files)
    site.case.how.setdefault("live", ("--hold-port-67",))
    site.proxy(proxy, US, next_server)
    if relay == "bare":
        process = router.start("relay", PYTHON, faulty.__file__, "relay", "eth0",
                               "eth1", router.address, pool.address,
                               proxy.address)
        lab.wait_log(process, r"^relaying")
    else:
        lab.dhcrelay(router, "eth0", "eth1", pool.address,
                     *([proxy.address] if relay == "all" else []))


def trunked(site, *, pool="dhcpd", extra="", faults=(), next_server=FILES,
            files=None, servers=True, **_):
    """The machine's frames reach us with a VLAN tag."""
    lab = site.lab
    access = lab.link("lan", advertise=True)
    tagged = lab.link("trunk")
    site.links = {"near": tagged}
    site.place(access, joined(lab, "access", access) if not faults else None,
               list(faults))
    address_server = lab.host("switch", "10.0.0.1/24", access)
    server = lab.host("files", FILES + "/24", access)
    proxy = lab.host("proxy", US + "/24", tagged)
    lab.trunk(access, tagged, 7, proxy)
    if pool:
        lab.isc_dhcpd(address_server, *POOL, extra=extra)
    site.files(server, files, servers)
    site.proxy(proxy, US, next_server)


# -- what is broken

def no_pool(_site, _host):
    """The address server's host is there, and no server on it."""


def full_pool(site, host):
    """One address, and another machine has it."""
    site.lab.isc_dhcpd(host, POOL[0], "10.0.0.100", "10.0.0.100")
    other_machine(site)


def denying_pool(site, host):
    """The machine is denied its address; another one is served."""
    site.lab.isc_dhcpd(host, *POOL, more=f"""\
host denied {{ hardware ethernet {site.machine.mac}; deny booting; }}
""")
    other_machine(site)


def other_machine(site):
    """Another machine, that boots before; the test client."""
    def boot(site, link):
        host = site.lab.host("other", None, link, mac="52:54:00:00:00:70")
        host.run(PYTHON, PXECLIENT, "--interface", "eth0", "--timeout", "40",
                 timeout=60, check=False)
    site.before = boot


def refusing_pool(site, host):
    """It offers an address; by the time of the REQUEST another server, of
    other addresses, has taken its place."""
    first = site.lab.isc_dhcpd(host, *POOL)
    changed = []

    def change(messages):
        if not changed and any(m.type == "OFFER" for m in messages):
            changed.append(True)
            first.stop()
            site.lab.dnsmasq(host, "10.0.0.200", "10.0.0.210")
    site.on_look = change


def second_pool(site, link):
    """Another address server, of another network."""
    host = site.lab.host("astray", "192.168.9.1/24", link)
    site.lab.isc_dhcpd(host, "192.168.9.0/24", "192.168.9.10",
                       "192.168.9.20", name="astray")


def thief(site, link):
    """Another host with our address, which looks for its neighbours."""
    host = site.lab.host("thief", US + "/24", link, mac="02:00:0a:00:00:77")
    look_for(host, "10.0.0.1")


def look_for(host, address):
    """Have the host ask for an address by ARP."""
    host.run(PYTHON, "-c", "import socket; socket.socket(socket.AF_INET, "
             f"socket.SOCK_DGRAM).sendto(b'', ('{address}', 9))")


def neighbours(site, _link):
    """There is ARP on the link, so that its absence says something."""
    look_for(site.hosts["pool"], FILES)


def rival(site, link):
    """dnsmasq as ProxyDHCP server, with a file that is not there."""
    host = site.lab.host("rival", "10.0.0.4/24", link)
    site.lab.dnsmasq(host, None, None, extra=f"""\
dhcp-range=10.0.0.0,proxy
pxe-service=X86-64_EFI,"boot",other.efi,{FILES}
pxe-service=x86PC,"boot",other,{FILES}
""", name="rival")


def copy(site, link):
    """A second copy of us, with another configuration."""
    host = site.lab.host("copy", "10.0.0.4/24", link)
    conf = site.lab.file("copy.conf", f"""\
next-server = "{FILES}"
bootfile-name = "old/boot.efi"
""")
    site.lab.pxeproxyd(host, "-c", conf, "eth0", name="copy")


def second_address(site, _link):
    """The TFTP server has another address as well."""
    site.lab.ip("-n", site.hosts["files"].ns, "address", "add",
                "10.0.0.33/24", "dev", "eth0")


def names(site, _link):
    """A name server that knows no name."""
    site.lab.start("dns", site.hosts["pool"].inside([
        program("dnsmasq", "dnsmasq-base"), "-k", "--conf-file=/dev/null",
        "--no-resolv", "--no-hosts", "--user=root", "--interface=eth0",
        "--pid-file=" + site.lab.dir + "/dns.pid"]))


def remove(*gone):
    def change(root, _address):
        for name in gone:
            os.unlink(os.path.join(root, name))
    return change


def rename(old, new):
    def change(root, _address):
        os.rename(os.path.join(root, old), os.path.join(root, new))
    return change


def replace(name, source):
    """A file that is another one in truth: the first octets of it."""
    def change(root, _address):
        with open(source, "rb") as f:
            octets = f.read(20000)
        with open(os.path.join(root, name), "wb") as f:
            f.write(octets)
        os.chmod(os.path.join(root, name), 0o644)
    return change


def other_program(machine):
    """A small program for another processor: the heads of a PE image."""
    def change(root, _address):
        optional = struct.pack("<HBBIIIII", 0x20b, 2, 0, 512, 0, 0, 0x200,
                               0x200) + struct.pack(
            "<QIIHHHHHHIIIIHH", 0x400000, 0x200, 0x200, 0, 0, 0, 0, 0, 0, 0,
            0x400, 0x200, 0, 10, 0) + bytes(32) + struct.pack("<II", 0, 6) \
            + bytes(48)
        head = b"MZ".ljust(0x3c, b"\0") + struct.pack("<I", 0x40) \
            + b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0,
                                      len(optional), 0x206) + optional
        head += b".text\0\0\0" + struct.pack("<IIIIIIHHI", 512, 0x200, 512,
                                             0x200, 0, 0, 0, 0, 0x60000020)
        path = os.path.join(root, "BOOTX64.EFI")
        with open(path, "wb") as f:
            # It returns 0, on x86.
            f.write(head.ljust(0x200, b"\0")
                    + b"\x31\xc0\xc3".ljust(512, b"\0"))
        os.chmod(path, 0o644)
    return change


def script(text):
    """iPXE's script says this."""
    def change(root, _address):
        path = os.path.join(root, "boot.ipxe")
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!ipxe\n" + text + "\n")
        os.chmod(path, 0o644)
    return change


# What is broken.
WHAT = {
    "no-address-server": "no address server",
    "no-address-server-trunk": "no address server; a tagged trunk",
    "pool-denies": "the address server denies the machine, and serves others",
    "pool-full": "the pool is full",
    "nak": "the address server refuses what it offered",
    "no-ack": "the address server's ACKs are lost",
    "two-pools": "a second address server, of another network",
    "snooping": "our OFFERs are dropped (DHCP snooping)",
    "snooping-trunk": "the same; a tagged trunk",
    "acks-4011-lost": "our ACKs from port 4011 are dropped",
    "requests-4011-lost": "requests to our port 4011 are dropped",
    "other-network": "we are in another network, and there is no gateway",
    "our-address-taken": "another host has our address",
    "offer-late": "our host takes 4 s to answer",
    "offer-slow-line": "our OFFER takes 6 s to the machine",
    "spanning-tree": "the port forwards nothing for 50 s",
    "relay-pool-only": "the relay knows the address server only",
    "relay-strips-60": "the relay strips option 60",
    "pool-pxeclient": "the pool says PXEClient",
    "pool-option-43": "the pool has PXE options in option 43",
    "pool-67": "the pool's OFFER ends with option 67, and comes first",
    "snooping-pool-file": "our OFFERs are dropped, and the pool has a file",
    "pool-next-server": "the pool has a wrong next-server",
    "pool-file": "the pool has a wrong file and next-server",
    "rival": "dnsmasq as ProxyDHCP server comes first, with a file that is"
             " not there",
    "second-copy": "another pxeproxyd comes first, with a file that is not"
                   " there",
    "pool-http": "the pool offers HTTP Boot, with a file that is not there",
    "ignored": "a rule ignores the machine",
    "not-allowed": "the relay's network is not allowed",
    "ipxe-loop": "iPXE is given iPXE",
    "bios-file": "a UEFI machine is given pxelinux.0",
    "uefi-file": "a BIOS is given an EFI program",
    "url": "a ROM is given a URL",
    "next-server-absent": "nobody has the next-server's address",
    "next-server-absent-trunk": "the same; a tagged trunk",
    "next-server-far": "the next-server is in another network, and there is"
                       " no gateway",
    "gateway-absent": "nobody has the gateway's address",
    "no-tftp": "the next-server has no TFTP server",
    "tftp-dropped": "requests to port 69 are dropped",
    "tftp-elsewhere": "the TFTP server answers from another address",
    "tftp-nowhere": "the TFTP server answers from an address that nobody"
                    " has (address translation)",
    "tftp-answers-lost": "the TFTP server's answers are dropped",
    "large-blocks": "frames above 1,200 octets are lost",
    "file-missing": "the file is not there",
    "file-missing-relay": "the file is not there; behind a relay",
    "wrong-case": "the file's name has other case",
    "http-404": "the file is not there",
    "http-refused": "nothing listens on port 80",
    "http-dropped": "TCP is dropped",
    "no-name-server": "a URL with a name, and the pool gives no name server",
    "name-unknown": "a URL with a name that the name server does not know",
    "other-processor": "the program is for another processor",
    "unsigned": "Secure Boot, and the program is not signed",
    "no-grub": "shim's grubx64.efi is not there",
    "no-server": "GRUB takes its server from the lease, which names none",
    "no-server-named": "the same; the file's name says that it is GRUB",
    "no-grub-config": "GRUB finds no configuration",
    "no-ldlinux": "PXELINUX finds no ldlinux.c32",
    "no-pxelinux-config": "PXELINUX finds no configuration",
    "script-host-absent": "iPXE's script names a host that is not there",
    "no-proxy": "U-Boot takes no notice of ProxyDHCP",
    "ipv6-only": "the firmware has PXE over IPv6 alone",
}

# Rules of a line: see faulty.py.
OUR_OFFERS = [{"way": "down", "source": US, "from": 67}]
OUR_ACKS = [{"way": "down", "source": US, "from": 4011}]
TO_4011 = [{"way": "up", "to": 4011}]
POOL_ACKS = [{"way": "up", "from": 67, "type": 5}]
OUR_OFFERS_LATE = [{"way": "down", "source": US, "from": 67, "delay": 6}]
FIRST_SECONDS = [{"way": "down", "first": 50}, {"way": "up", "first": 50}]
TFTP_DROPPED = [{"way": "down", "protocol": 17, "to": 69}]
TFTP_ELSEWHERE = [{"way": "up", "source": FILES, "protocol": 17,
                   "becomes": "10.0.0.33"}]
TFTP_ANSWERS = [{"way": "down", "source": FILES, "protocol": 17}]
LARGE_LOST = [{"way": "down", "protocol": 17, "above": 1200}]
THEIR_ARP_ALONE = [{"way": "down", "arp": True, "mac": mac_of(US)}]
HTTP_DROPPED = [{"way": "down", "protocol": 6}]

NO_OTHER_RULES = "rule \"all\" { "


class Case:
    """A machine, a fault, and what must be named first near us and on the
    cable, or None: nothing may be named there; also: what else may be."""

    def __init__(self, client, fault, near, cable, build=lan, *,
                 patience=110, hold=3, also=(), **how):
        self.client, self.fault = client, fault
        self.wanted = {"near": near, "cable": cable}
        self.also = also
        self.build = build
        self.patience = patience
        self.hold = hold            # seconds after all is named as it should
        self.how = how

    @property
    def name(self):
        return f"{self.client}/{self.fault}"

    def us(self):
        """The options of diagnose that say who we are."""
        ours = self.how.get("ours", US)
        return ["--address", ours, "--mac", mac_of(ours)]

    def is_right(self, place, names_found):
        """Is this what must be named there?"""
        wanted = self.wanted[place]
        if wanted is None:
            return names_found == []
        return bool(names_found) and names_found[0] == wanted and \
            set(names_found[1:]) <= set(self.also)


def both(client, fault, found, build=lan, **how):
    """The same is named from both places."""
    return Case(client, fault, found, found, build, **how)


CASES = [
    # No lease.
    both("ovmf-x64", "no-address-server", "no-address-server", pool=no_pool),
    both("bios-ipxe", "no-address-server", "no-address-server",
         pool=no_pool),
    both("ovmf-http", "no-address-server", "no-address-server",
         pool=no_pool),
    both("ovmf-x64", "no-address-server-trunk", "no-address-server", trunked,
         pool=None),
    both("ovmf-x64", "pool-denies", "pool-silent-for-machine",
         pool=denying_pool),
    both("bios-ipxe", "pool-denies", "pool-silent-for-machine",
         pool=denying_pool),
    both("ovmf-x64", "pool-full", "pool-silent-for-machine", pool=full_pool),
    both("ovmf-x64", "nak", "lease-refused", pool=refusing_pool),
    both("ovmf-x64", "no-ack", "offer-without-ack", pool_faults=POOL_ACKS),
    both("bios-ipxe", "no-ack", "offer-without-ack", pool_faults=POOL_ACKS),
    both("ovmf-x64", "two-pools", "two-address-servers", after=second_pool,
         also=("no-route-to-us",),
         pool_faults=[{"way": "up", "from": 67, "delay": 0.05}]),

    # Our answers do not arrive.
    Case("ovmf-x64", "snooping", "our-offers-lost", "no-boot-offer",
         faults=OUR_OFFERS),
    Case("bios-ipxe", "snooping", "our-offers-lost", "no-boot-offer",
         faults=OUR_OFFERS),
    Case("ovmf-http", "snooping", "our-offers-lost", "no-boot-offer",
         faults=OUR_OFFERS),
    Case("ovmf-x64", "snooping-trunk", "our-offers-lost", "no-boot-offer",
         trunked, faults=OUR_OFFERS),
    Case("ovmf-x64", "acks-4011-lost", "acks-lost", "port-4011-silent",
         faults=OUR_ACKS),
    Case("ovmf-x64", "requests-4011-lost", "request-4011-lost",
         "port-4011-silent", faults=TO_4011),
    both("ovmf-x64", "other-network", "no-route-to-us", ours="10.9.0.2"),
    both("ovmf-x64", "our-address-taken", "our-address-taken", after=thief,
         faults=THEIR_ARP_ALONE),
    both("bios-ipxe", "offer-late", "our-offer-late",
         proxy_faults=[{"way": "up", "from": 67, "delay": 4}]),
    Case("bios-ipxe", "offer-slow-line", "our-offers-lost", "our-offer-late",
         faults=OUR_OFFERS_LATE),

    # Its requests do not arrive.
    # It is certain when HTTP Boot, after PXE by IPv4 and IPv6, is heard.
    Case("ovmf-x64", "spanning-tree", "port-not-forwarding",
         "no-address-server", faults=FIRST_SECONDS, patience=220),
    Case("bios-ipxe", "spanning-tree", None, "no-address-server",
         faults=FIRST_SECONDS),
    Case("ovmf-x64", "relay-pool-only", None, "no-boot-offer", relayed,
         relay="pool"),
    Case("ovmf-x64", "relay-strips-60", "relay-strips-option-60",
         "no-boot-offer", relayed, relay="bare"),

    # Somebody else wins.
    both("ovmf-x64", "pool-pxeclient", "pool-says-pxeclient",
         extra=PXE_MARK),
    both("bios-ipxe", "pool-pxeclient", "pool-says-pxeclient",
         extra=PXE_MARK, faults=[{"way": "down", "source": US, "from": 67,
                                  "delay": 0.3}]),
    both("ovmf-x64", "pool-option-43", "pool-has-pxe-options",
         extra=PXE_MARK + "\noption vendor-encapsulated-options"
         " 06:01:03:08:07:80:00:01:0a:00:00:63:ff;"),
    both("ovmf-x64", "pool-67", "pool-option-67",
         extra='option bootfile-name "WRONG.EFI";',
         faults=[{"way": "down", "source": US, "from": 67, "delay": 0.3}]),
    Case("bios-ipxe", "snooping-pool-file", None, "pool-gives-file",
         faults=OUR_OFFERS, extra=f'next-server {FILES}; filename "wrong.0";'),
    both("ovmf-grub", "pool-next-server", "second-stage-asks-pool",
         extra=f"next-server {ABSENT};"),
    both("ovmf-shim", "pool-file", "second-stage-asks-pool",
         extra=f'next-server {ABSENT}; filename "WRONG.EFI";'),
    both("ovmf-x64", "rival", "rival-proxy", after=rival,
         faults=[{"way": "down", "source": US, "from": 67, "delay": 0.1}]),
    Case("bios-ipxe", "rival", None, "rival-proxy", after=rival,
         faults=[{"way": "down", "source": US, "from": 67, "delay": 0.1}]),
    both("ovmf-x64", "second-copy", "rival-proxy", after=copy,
         faults=[{"way": "down", "source": US, "from": 67, "delay": 0.1}]),
    both("ovmf-http", "pool-http", "pool-offers-http",
         extra='option vendor-class-identifier "HTTPClient"; option '
         'dhcp-parameter-request-list = concat(option '
         'dhcp-parameter-request-list, 3c); '
         f'filename "http://{FILES}/wrong.efi";',
         faults=[{"way": "down", "source": US, "from": 67, "delay": 0.1}]),

    # Policy.
    both("ovmf-x64", "ignored", "ignored-by-rule",
         config='rule "not this one" { mac = "52:54:00:00:00:07"'
         "  ignore = true }\n"),
    both("bios-ipxe", "ignored", "ignored-by-rule",
         config='rule "not this one" { mac = "52:54:00:00:00:07"'
         "  ignore = true }\n"),
    Case("ovmf-x64", "not-allowed", "not-allowed", "no-boot-offer", relayed,
         head='allow-relay = "10.77.0.0/16"\n'),
    both("bios-undionly", "ipxe-loop", "ipxe-given-ipxe",
         config='rule "all" { bootfile-name = "undionly.kpxe" }\n',
         warned=True),
    both("ovmf-x64", "bios-file", "bios-file-for-uefi",
         config='bootfile-name = "pxelinux.0"\n',
         files=lambda root, address: firmware.pxelinux_files(root, address)),
    both("bios-ipxe", "uefi-file", "uefi-file-for-bios",
         config='bootfile-name = "BOOTX64.EFI"\n',
         files=other_program(0x8664)),
    both("rom", "uefi-file", "uefi-file-for-bios",
         config='bootfile-name = "BOOTX64.EFI"\n',
         files=other_program(0x8664)),
    both("ovmf-x64", "url", "url-for-rom", warned=True,
         config=f'bootfile-name = "http://{FILES}/boot.efi"\n'),

    # The file.
    both("ovmf-x64", "next-server-absent", "next-server-absent",
         next_server=ABSENT),
    both("bios-ipxe", "next-server-absent", "next-server-absent",
         next_server=ABSENT),
    both("ovmf-x64", "next-server-absent-trunk", "next-server-absent",
         trunked, next_server=ABSENT),
    both("ovmf-x64", "next-server-far", "next-server-no-route",
         next_server="10.9.0.3"),
    Case("bios-ipxe", "next-server-far", None, "next-server-no-route",
         next_server="10.9.0.3"),
    both("ovmf-x64", "gateway-absent", "gateway-absent",
         next_server="10.9.0.3", extra="option routers 10.0.0.98;"),
    Case("ovmf-x64", "no-tftp", "file-not-taken", "tftp-refused",
         servers=False),
    Case("bios-ipxe", "no-tftp", None, "tftp-refused", servers=False),
    Case("ovmf-x64", "tftp-dropped", "file-server-silent", "tftp-silent",
         files_faults=TFTP_DROPPED),
    Case("bios-ipxe", "tftp-dropped", None, "tftp-silent",
         files_faults=TFTP_DROPPED),
    Case("ovmf-x64", "tftp-elsewhere", "file-server-silent",
         "tftp-other-address", files_faults=TFTP_ELSEWHERE,
         after=second_address),
    both("ovmf-x64", "tftp-nowhere", "tftp-other-address",
         files_faults=TFTP_ELSEWHERE),
    Case("ovmf-x64", "tftp-answers-lost", "file-server-silent",
         "tftp-silent", faults=TFTP_ANSWERS),
    Case("ovmf-x64", "large-blocks", "file-server-silent",
         "large-blocks-lost", faults=LARGE_LOST),
    Case("bios-ipxe", "large-blocks", None, "large-blocks-lost",
         faults=LARGE_LOST),
    Case("ovmf-x64", "file-missing", "file-not-taken", "file-missing",
         files=remove("BOOTX64.EFI")),
    Case("bios-ipxe", "file-missing", None, "file-missing",
         files=remove("pxelinux.0")),
    Case("ovmf-x64", "wrong-case", "file-not-taken", "file-missing",
         config='bootfile-name = "bootx64.efi"\n'),
    Case("ovmf-x64", "file-missing-relay", "file-not-taken", "file-missing",
         relayed, files=remove("BOOTX64.EFI")),
    Case("bios-script", "http-404", None, "http-error",
         files=remove("boot.ipxe")),
    Case("bios-script", "http-refused", None, "http-refused",
         servers=False),
    Case("bios-script", "http-dropped", None, "http-silent",
         files_faults=HTTP_DROPPED),
    Case("ovmf-http", "http-404", "file-not-taken", "http-error",
         files=remove("BOOTX64.EFI")),
    Case("ovmf-http", "http-refused", "file-not-taken", "http-refused",
         servers=False),
    Case("bios-script", "no-name-server", None, "no-name-server",
         config='rule "iPXE" { user-class = "iPXE"  bootfile-name ='
         ' "http://boot.example/boot.ipxe" }\n'),
    both("ovmf-http", "no-name-server", "no-name-server",
         config='rule "HTTP" { client = "http"  bootfile-name ='
         ' "http://boot.example/boot.efi" }\n'),
    Case("bios-script", "name-unknown", None, "name-not-resolved",
         extra="option domain-name-servers 10.0.0.1;", after=names,
         config='rule "iPXE" { user-class = "iPXE"  bootfile-name ='
         ' "http://boot.example/boot.ipxe" }\n'),
    Case("ovmf-x64", "other-processor", "file-not-taken",
         "wrong-architecture", files=other_program(0xaa64)),
    Case("ovmf-secure", "unsigned", "file-not-taken", "file-not-signed",
         files=other_program(0x8664)),

    # The next stage.
    Case("ovmf-shim", "no-grub", "file-not-taken", "shim-no-second-stage",
         files=remove("grubx64.efi")),
    Case("ovmf-grub", "no-server", None, "grub-no-server"),
    Case("ovmf-grub", "no-server-named", None, "grub-no-server",
         config='bootfile-name = "grubx64.efi"\n',
         files=rename("BOOTX64.EFI", "grubx64.efi")),
    Case("ovmf-x64", "no-grub-config", None, "grub-no-config"),
    Case("bios-ipxe", "no-ldlinux", None, "pxelinux-no-ldlinux",
         files=remove("ldlinux.c32")),
    Case("bios-ipxe", "no-pxelinux-config", None, "pxelinux-no-config",
         files=remove("pxelinux.cfg/default")),
    both("bios-script", "script-host-absent", "script-host-absent",
         files=script(f"imgfetch http://{ABSENT}/kernel || echo none\n"
                      ":stay\nsleep 10\ngoto stay")),
    both("uboot-arm64", "no-proxy", "uboot-takes-no-proxy",
         after=neighbours),
    both("ovmf-ipv6", "ipv6-only", "pxe-over-ipv6-only"),
]


# The part for continuous integration: what is quick, one of each kind.
CI = """
ovmf-x64/no-address-server bios-ipxe/pool-denies bios-ipxe/no-ack
bios-ipxe/snooping ovmf-x64/other-network ovmf-x64/requests-4011-lost
ovmf-x64/pool-option-43 ovmf-grub/pool-next-server ovmf-x64/second-copy
ovmf-x64/ignored bios-ipxe/next-server-absent
ovmf-x64/next-server-absent-trunk ovmf-x64/no-tftp ovmf-x64/file-missing
bios-script/http-404 bios-ipxe/no-ldlinux
""".split()


# ----------------------------------------------------------------------------
# One case

def diagnose(site, capture):
    """What is found in a capture on the machine under test."""
    return findings(["-c", site.config, *site.case.us()], capture.path,
                    site.machine.mac)


def is_right(site):
    """Do the captures, as far as they are written, show what they must?"""
    with contextlib.suppress(LabError):
        return all(site.case.is_right(place, causes(diagnose(site, capture)))
                   for place, capture in site.captures())
    return False


def start_machine(site):
    if callable(site.machine.start):
        argv, card = site.machine.start(site.lab)
        return site.lab.qemu(argv, (site.access, CLIENT_MAC, card))
    host = site.lab.host("client", None, site.access, mac=CLIENT_MAC)
    process = host.start("client", PYTHON, PXECLIENT, "--interface", "eth0",
                         "--timeout", "120", *site.machine.start)
    process.may_end = True
    return process


def follow(site):
    """Until all is named as it should be, and stays so; or patience ends."""
    case = site.case
    end = time.monotonic() + case.patience
    reader = firmware.PcapReader(site.cable.path)
    messages, since = [], None
    hold = max(case.hold, 0 if case.wanted["near"] else 15)
    while time.monotonic() < end:
        time.sleep(0.3 if site.on_look else 1)
        if site.on_look:
            for item in reader.new():
                message = dhcp(datagram(*item))
                if message:
                    messages.append(message)
            site.on_look(messages)
        if is_right(site):
            since = since or time.monotonic()
            if time.monotonic() - since >= hold:
                break
        else:
            since = None


def blank(name):
    """The result of a case that did not begin."""
    return {"case": name, "state": "failed", "why": "", "near": [],
            "cable": [], "said": [], "took": 0}


def boot(lab, result):
    """Boot once, and look at what is found."""
    case = next(case for case in CASES if case.name == result["case"])
    site = Site(lab, case)
    case.build(site, **case.how)
    if site.before:
        site.before(site, site.links["lan"])
    machine = start_machine(site)
    try:
        follow(site)
    finally:
        machine.stop(patience=10)
        for _, capture in site.captures():
            capture.stop()
    for place, capture in site.captures():
        told = diagnose(site, capture)
        result[place] = causes(told)
        result["said"] += [f"{place}: {f['finding']} ({f['sureness']}): "
                           f"{f['sentence']}" for f in told]
        if not case.is_right(place, result[place]):
            result["why"] += (f"{place}: found {listed(result[place])}, not "
                              f"{case.wanted[place] or 'nothing'}. ")
    if result["why"]:
        raise LabError(result["why"].strip())


# ----------------------------------------------------------------------------
# Small captures for the tree

class Cutter:
    """Which frames of a capture a diagnosis needs: of files little more than
    the requests and what answers them first, of a broken transfer some
    repetitions."""

    REPEATS = 6                     # of one datagram
    SEGMENTS = 12                   # of one connection
    BLOCKS = 2                      # of a transfer that goes on

    def __init__(self):
        self.count = {}
        self.transfers = set()
        self.last = {}              # the last frame of each transfer

    def often(self, key, most):
        self.count[key] = self.count.get(key, 0) + 1
        return self.count[key] <= most

    def keeps(self, when, frame):
        at = 12
        while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
        kind, data = frame[at:at + 2], frame[at + 2:]
        if kind == b"\x08\x06":
            return self.often(("arp", data), 40)
        if kind == b"\x86\xdd":
            # DHCPv6 alone.
            return data[6] == 17 and data[42:44] in (b"\x02\x22",
                                                     b"\x02\x23")
        if kind != b"\x08\x00":
            return False
        size = (data[0] & 15) * 4
        if data[9] == 6:
            return self.often(("tcp", *sorted([
                data[12:16] + data[size:size + 2],
                data[16:20] + data[size + 2:size + 4]])), self.SEGMENTS)
        if data[9] == 1:
            return data[size] == 3
        packet = datagram(when, frame)
        if packet is None:
            return False            # a fragment
        if {packet.source_port, packet.destination_port} & {67, 68, 4011, 53}:
            return True
        return self.keeps_tftp(packet)

    def keeps_tftp(self, packet):
        here = (packet.source, packet.source_port)
        there = (packet.destination, packet.destination_port)
        if packet.destination_port == 69:
            self.transfers.add(here)
            return True
        if not {here, there} & self.transfers:
            # The source may be another one than was asked.
            if packet.destination_port not in {p for _, p in self.transfers}:
                return False
        if packet.payload[:2] not in (b"\0\3", b"\0\4"):
            return self.often((here, there, packet.payload), self.REPEATS)
        if int.from_bytes(packet.payload[2:4], "big") > self.BLOCKS:
            return False
        return self.often((here, there, packet.payload), self.REPEATS)


def is_carrier(frame):
    """A frame that is kept for its time alone."""
    return frame[12:14] == b"\x86\xdd" and frame[20] == 58


def small(source, destination, everything=False):
    """The small capture; everything: the files as well."""
    cutter, kept, last = Cutter(), [], None
    for when, frame in read_pcap(source):
        if cutter.keeps(when, frame) or (everything and
                                         not is_carrier(frame)):
            kept.append((when, frame))
            last = None
        elif is_carrier(frame):
            last = (when, frame)
    # How long nothing came is part of it.
    if last:
        kept.append(last)
    write_pcap(destination, kept)


PLACES = {"near": "at our port", "cable": "on the machine's cable"}

# Which captures of a case are in pcaps/networks/: each finding once from each
# place, and once more where another firmware shows it otherwise.
SAVED = {
    "ovmf-x64/pool-denies": "cable near",
    "ovmf-x64/acks-4011-lost": "cable near",
    "ovmf-x64/requests-4011-lost": "cable near",
    "ovmf-x64/no-address-server": "cable",
    "bios-ipxe/no-address-server": "cable",
    "ovmf-x64/no-ack": "near",
    "bios-ipxe/no-ack": "cable",
    "ovmf-x64/two-pools": "cable",
    "ovmf-x64/snooping": "cable near",
    "bios-ipxe/snooping": "cable near",
    "ovmf-http/snooping": "cable near",
    "ovmf-x64/other-network": "near",
    "ovmf-x64/relay-strips-60": "near",
    "ovmf-x64/relay-pool-only": "cable near",
    "bios-ipxe/pool-pxeclient": "cable near",
    "ovmf-x64/pool-pxeclient": "near",
    "ovmf-x64/pool-option-43": "cable",
    "ovmf-x64/pool-67": "near",
    "bios-ipxe/snooping-pool-file": "cable near",
    "ovmf-grub/pool-next-server": "cable",
    "ovmf-shim/pool-file": "near",
    "ovmf-x64/rival": "cable near",
    "bios-ipxe/rival": "cable near",
    "ovmf-x64/second-copy": "near",
    "ovmf-http/pool-http": "cable near",
    "ovmf-x64/ignored": "near",
    "bios-ipxe/ignored": "near",
    "ovmf-x64/not-allowed": "near",
    "bios-undionly/ipxe-loop": "cable near",
    "ovmf-x64/bios-file": "cable near",
    "bios-ipxe/uefi-file": "cable near",
    "rom/uefi-file": "cable",
    "ovmf-x64/url": "cable",
    "ovmf-x64/next-server-absent": "cable",
    "bios-ipxe/next-server-absent": "near",
    "ovmf-x64/next-server-absent-trunk": "near",
    "ovmf-x64/next-server-far": "cable",
    "bios-ipxe/next-server-far": "cable near",
    "ovmf-x64/gateway-absent": "near",
    "ovmf-x64/no-tftp": "cable near",
    "bios-ipxe/no-tftp": "cable near",
    "ovmf-x64/tftp-dropped": "cable near",
    "bios-ipxe/tftp-dropped": "cable",
    "ovmf-x64/tftp-elsewhere": "cable near",
    "ovmf-x64/tftp-nowhere": "cable near",
    "ovmf-x64/large-blocks": "cable near",
    "bios-ipxe/large-blocks": "cable",
    "ovmf-x64/file-missing": "cable near",
    "bios-ipxe/file-missing": "cable near",
    "ovmf-x64/wrong-case": "cable",
    "ovmf-x64/file-missing-relay": "cable near",
    "bios-script/http-404": "cable near",
    "bios-script/http-refused": "cable",
    "bios-script/http-dropped": "cable",
    "ovmf-http/http-404": "cable near",
    "ovmf-http/http-refused": "cable",
    "bios-script/no-name-server": "cable near",
    "ovmf-http/no-name-server": "near",
    "bios-script/name-unknown": "cable near",
    "ovmf-x64/other-processor": "cable near",
    "ovmf-secure/unsigned": "cable near",
    "ovmf-shim/no-grub": "cable near",
    "ovmf-grub/no-server-named": "cable",
    "ovmf-x64/no-grub-config": "cable",
    "bios-ipxe/no-ldlinux": "cable",
    "bios-ipxe/no-pxelinux-config": "cable near",
    "bios-script/script-host-absent": "cable near",
    "uboot-arm64/no-proxy": "near",
    "ovmf-ipv6/ipv6-only": "near",
    "ovmf-x64/nak": "cable",
    "ovmf-x64/our-address-taken": "cable near",
    "bios-ipxe/offer-late": "cable near",
    "bios-ipxe/spanning-tree": "cable near",
    "ovmf-x64/spanning-tree": "cable near",
}


def save(case, out, directory):
    """Write the small captures of a case, and print their lines for
    replay.list and diagnose.list."""
    place = os.path.join(out, case.name)
    if case.name not in SAVED or \
            not os.path.exists(os.path.join(place, "result.json")):
        return
    with open(os.path.join(place, "pxeproxyd.conf"), encoding="utf-8") as f:
        text = f.read()
    for where in SAVED.get(case.name, "").split():
        name = f"networks/broken-{case.fault}-{case.client}"
        name += "-near" if where == "near" else ""
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        flags = case.us()
        if case.how.get("warned"):
            pass                    # the tests read the program's words
        elif text.count("\n") == 1:
            flags = ["--next-server", text.split('"')[1], *flags]
        else:
            with open(path + ".conf", "w", encoding="utf-8") as f:
                f.write(text)
            flags = ["-c", path + ".conf", *flags]
        source = os.path.join(place, where + ".pcap")
        small(source, path + ".pcap")
        whole = causes(findings(flags, source))
        cut = causes(findings(flags, path + ".pcap"))
        if not case.is_right(where, whole):
            print(f"{source} shows {listed(whole)}: boot it again",
                  file=sys.stderr)
            os.unlink(path + ".pcap")
            continue
        if whole != cut:
            small(source, path + ".pcap", True)
            cut = causes(findings(flags, path + ".pcap"))
        if whole != cut:
            raise LabError(f"{name}: {whole} in the whole, {cut} in the "
                           "small capture")
        shown = " ".join(f.replace(directory, "pcaps") for f in flags)
        print("README.md: |", f"`{os.path.basename(name)}.pcap` | "
              f"`{case.name}`, {PLACES[where]} | {WHAT[case.fault]} | "
              f"{cut[0] if cut else 'nothing to be seen'} |")
        print("replay.list:", name, shown)
        if cut:
            print("diagnose.list:", name, cut[0], shown)
        else:
            print("diagnose.list:", name, "-", shown)


# ----------------------------------------------------------------------------
# The run

def line_of(result):
    text = head_of_line(result, 34)
    if result["state"] == "ok":
        return (f"{text} near: {', '.join(result['near']) or '-'} | cable: "
                f"{', '.join(result['cable']) or '-'} | "
                f"{result['took']:.0f} s")
    return f"{text} {result['why']}"


def write_table(cases, out):
    """The table of tests/README.md: what is named first in the captures of the
    last run."""
    print("| what is broken | client | named near us | named on the machine's"
          " cable |\n|---|---|---|---|")
    for case in cases:
        place = os.path.join(out, case.name)
        if not os.path.exists(os.path.join(place, "result.json")):
            continue
        flags = ["-c", os.path.join(place, "pxeproxyd.conf"), *case.us()]
        named = []
        for where in ("near", "cable"):
            found = causes(findings(flags,
                                    os.path.join(place, where + ".pcap")))
            if not case.is_right(where, found):
                print(f"{case.name}: {where} shows {listed(found)}",
                      file=sys.stderr)
            named.append(found[0] if found else "–")
        print(f"| {WHAT[case.fault]} (`{case.fault}`) | {case.client} | "
              + " | ".join(named) + " |")


def chosen(patterns, part):
    """The cases that these patterns name, in the order of the table."""
    return [case for case in CASES if (part != "ci" or case.name in CI)
            and is_named(case.name, patterns)]


def explain(result, _directory):
    """What was said where a case failed."""
    for said in result["said"]:
        print("     " + said)


def main():
    arguments = parser("Boot real firmware in networks that are broken.",
                       "FAULT", "firmware.out/broken")
    arguments.add_argument("--save-pcaps", metavar="DIR",
                           help="write the small captures of the cases in"
                           " --out there, and boot nothing")
    arguments.add_argument("--table", action="store_true",
                           help="write the table of tests/README.md, from the"
                           " results in --out")
    options = arguments.parse_args()
    out = os.path.abspath(options.out)
    runner = Runner(__file__, out, blank, line_of, explain)
    if options.one:
        return runner.one(options.one, boot)
    cases = chosen(options.cases, options.part)
    if options.list:
        for case in cases:
            print(case.name)
        return 0
    if not cases:
        print("broken.py: no case has such a name", file=sys.stderr)
        return 2
    if options.table:
        write_table(cases, out)
        return 0
    if options.save_pcaps:
        for case in cases:
            save(case, out, os.path.abspath(options.save_pcaps))
        return 0
    firmware.versions()
    return exit_status(runner.run([case.name for case in cases],
                                  options.jobs))


if __name__ == "__main__":
    sys.exit(main())
