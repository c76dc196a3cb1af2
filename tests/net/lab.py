#!/usr/bin/python3
"""A network on a table: namespaces for hosts, bridges for links, real servers.

Everything happens in network namespaces that the lab makes for itself and
takes away again; no interface of the machine is touched.  Root is needed.

    from lab import Lab, read_dhcp

    with Lab() as lab:
        link = lab.link()                             # a switch
        pool = lab.host("switch", "10.0.0.1/24", link)
        proxy = lab.host("proxy", "10.0.0.2/24", link)
        files = lab.host("files", "10.0.0.3/24", link)
        capture = lab.capture(link, "boot.pcap")
        lab.isc_dhcpd(pool, "10.0.0.0/24", "10.0.0.100", "10.0.0.150")
        lab.tftpd(files, "/srv/tftp")
        lab.pxeproxyd(proxy, "eth0", "--next-server", "10.0.0.3")
        client = lab.host("client", None, link)       # no address as yet
        client.run("/usr/bin/python3", "pxeclient.py", "eth0", timeout=30)
        capture.stop()
        for message in read_dhcp(capture.path):
            print(message)

What to know:

  lab.host()    gives a namespace with an interface eth0; host.join() adds
                eth1 and so on.  MAC addresses follow from the address:
                10.0.0.2 has 02:00:0a:00:00:02.
  host.run()    runs a command in the host to its end and gives its output;
  host.start()  starts one that stays, with NAME.log in lab.dir.
  lab.wait()    waits, never for ever, and fails at once when a server died.
  lab.qemu()    starts a virtual machine with a network card on a link.

On leaving the block, for whatever reason (SIGTERM, SIGINT and SIGHUP too),
processes are ended by their pid and namespaces and temporary files go.
A log file stays only when the lab was given a directory: Lab("out/case").

Run as a program this file is one of the lab's small servers: an HTTP server,
a sender of router advertisements, a switch with a trunk.
"""

import contextlib
import ctypes
import fcntl
import functools
import http.server
import ipaddress
import itertools
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from octets import checksum, ip_text, mac_text

PYTHON = "/usr/bin/python3"
HERE = os.path.dirname(os.path.abspath(__file__))


class LabError(Exception):
    """Something in the lab, not in what is tested, went wrong."""


class LabTimeout(LabError):
    """A bounded wait ran out."""


class LabSkip(Exception):
    """This machine lacks something that the test needs."""


# ----------------------------------------------------------------------------
# Processes

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    """Before exec: should the lab be killed outright, so is this process."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Process:
    """A process that stays, with a log file; ended by its pid."""

    def __init__(self, name, argv, log, env=None):
        self.name = name
        self.argv = argv
        self.log = log
        self.may_end = False        # True: its end is no failure of the lab
        with open(log, "wb") as out:
            self.popen = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=env, start_new_session=True, preexec_fn=_die_with_parent)
        self.pid = self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def kill(self, number):
        if self.alive():
            self.popen.send_signal(number)

    def stop(self, number=signal.SIGTERM, patience=5):
        """End it and what it forked; give its exit status."""
        self.may_end = True
        self.kill(number)
        try:
            self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            pass
        # It leads a process group of its own, so this reaches its children
        # (in.tftpd has one for each transfer) and nobody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(patience)
        return self.popen.returncode

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def tail(self, lines=15):
        return "\n".join(self.text().splitlines()[-lines:])


def command(*argv, timeout=30, check=True, stdin=None):
    """Run a command to its end and give its output (both streams)."""
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, input=stdin,
                              stderr=subprocess.STDOUT, timeout=timeout,
                              encoding="utf-8", errors="replace")
    except FileNotFoundError as problem:
        raise LabSkip(f"{argv[0]} is not installed") from problem
    except subprocess.TimeoutExpired as problem:
        raise LabTimeout(f"{' '.join(argv)}: no end in {timeout} s") \
            from problem
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(argv)}: exit status {done.returncode}: "
                       f"{done.stdout.strip()}")
    return done.stdout


def program(name, package):
    """The path of a program, or a skip that names the package."""
    path = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:"
                        "/usr/sbin:/usr/bin:/sbin:/bin")
    if path is None:
        raise LabSkip(f"{name} is not installed (package {package})")
    return path


def find_pxeproxyd():
    """The daemon under test: $PXEPROXYD, or that of the build tree."""
    given = os.environ.get("PXEPROXYD")
    if given:
        if not os.access(given, os.X_OK):
            raise LabError(f"PXEPROXYD={given}: not an executable file")
        return os.path.abspath(given)
    for place in (".", "..", os.path.join(HERE, "..", "..")):
        path = os.path.abspath(os.path.join(place, "src", "pxeproxyd"))
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise LabSkip("no pxeproxyd: build it first, or set PXEPROXYD")


# ----------------------------------------------------------------------------
# The lab

class Link:
    """A switch: a bridge in the lab's switch namespace."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.ns = lab.switch_ns
        lab.ip("-n", self.ns, "link", "add", name, "type", "bridge",
               "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        lab.ip("-n", self.ns, "link", "set", name, "up")

    def port(self, kind):
        """A new port of the switch; gives the name for its interface."""
        return f"{kind}{next(self.lab.counter)}"

    def tap(self):
        """A port for a virtual machine; gives the interface's name."""
        name = self.port("tap")
        self.lab.ip("-n", self.ns, "tuntap", "add", name, "mode", "tap")
        self.lab.ip("-n", self.ns, "link", "set", name, "master", self.name,
                    "up")
        return name


class Host:
    """A computer: a network namespace."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.ns = lab.namespace(name)
        self.interfaces = []
        self.ports = []             # of the switches, for each interface
        self.address = None         # of eth0, as text without the prefix
        self.mac = None             # of eth0

    def join(self, link, address=None, mac=None):
        """Plug one more interface into a link; gives its name (eth1 ...)."""
        name = f"eth{len(self.interfaces)}"
        port = link.port("port")
        plain = address.split("/")[0] if address else None
        if mac is None and plain:
            mac = mac_of(plain)
        self.lab.ip("link", "add", port, "netns", link.ns, "type", "veth",
                    "peer", "name", name, *(["address", mac] if mac else []),
                    "netns", self.ns)
        self.lab.ip("-n", link.ns, "link", "set", port, "master", link.name,
                    "up")
        # The other end computes UDP checksums itself, so that a capture
        # shows what a cable would.
        self.run(PYTHON, os.path.abspath(__file__), "no-offload", name)
        if address:
            self.lab.ip("-n", self.ns, "address", "add", address, "dev", name)
        self.lab.ip("-n", self.ns, "link", "set", name, "up")
        if mac is None:
            shown = json.loads(self.lab.ip("-n", self.ns, "-j", "link",
                                           "show", name))
            mac = shown[0]["address"]
        if not self.interfaces:
            self.address, self.mac = plain, mac
        self.interfaces.append(name)
        self.ports.append(port)
        return name

    def inside(self, argv):
        return ["ip", "netns", "exec", self.ns, *argv]

    def run(self, *argv, timeout=30, check=True):
        """Run a command here to its end; gives its output."""
        return command(*self.inside(argv), timeout=timeout, check=check)

    def start(self, name, *argv, env=None):
        """Start a process that stays; its output goes to NAME.log."""
        return self.lab.start(name, self.inside(argv), env)

    def forward(self):
        """Be a router."""
        self.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")

    def route(self, *words):
        self.lab.ip("-n", self.ns, "route", "add", *words)


class Capture:
    """tcpdump on a link or on a host's interface, to a file."""

    def __init__(self, lab, place, path, interface=None):
        self.lab = lab
        self.path = path
        if interface is None:
            interface = place.name if isinstance(place, Link) else "eth0"
        tcpdump = program("tcpdump", "tcpdump")
        name = "tcpdump-" + os.path.basename(path)
        self.process = lab.start(
            name, ["ip", "netns", "exec", place.ns, tcpdump, "-i", interface,
                   "-U", "-n", "-s", "0", "-B", "16384", "-Z", "root",
                   "-w", path])
        lab.wait_log(self.process, r"listening on")

    def stop(self):
        """Write out what is still on its way, then end."""
        if self.process.alive():
            # tcpdump hands on what it has caught once a second, and what it
            # has not handed on when it ends is lost.
            time.sleep(1.5)
            self.process.stop(signal.SIGINT)
        lost = re.search(r"(\d+) packets dropped by kernel",
                         self.process.text())
        if lost and int(lost.group(1)):
            raise LabError(f"{self.path}: tcpdump lost {lost.group(1)}")


class Lab:
    """See the top of this file."""

    def __init__(self, directory=None, name="pxe", out=None):
        self.prefix = f"{name}{os.getpid()}"
        self.given = directory
        self.out = out or sys.stderr
        self.counter = itertools.count(1)
        self.namespaces = []
        self.processes = []
        self.handlers = {}
        self.dir = None
        self.switch_ns = None

    # -- beginning and end

    def __enter__(self):
        if os.geteuid() != 0:
            raise LabSkip("network namespaces need root")
        program("ip", "iproute2")
        if threading.current_thread() is threading.main_thread():
            for number in self.SIGNALS:
                self.handlers[number] = signal.signal(number, self._interrupt)
        try:
            if self.given:
                self.dir = os.path.abspath(self.given)
                os.makedirs(self.dir, exist_ok=True)
            else:
                self.dir = tempfile.mkdtemp(prefix="pxelab.")
                os.chmod(self.dir, 0o755)
            self._sweep()
            self.switch_ns = self.namespace("switches")
        except BaseException:
            self._clean()
            raise
        return self

    def __exit__(self, kind, problem, trace):
        self._clean()

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    @staticmethod
    def _interrupt(number, _frame):
        # One is enough: a second one must not cut the cleaning short.
        for each in Lab.SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    def _clean(self):
        """End processes, remove namespaces and files; never stop half way."""
        main = threading.current_thread() is threading.main_thread()
        if main:
            for number in self.SIGNALS:
                signal.signal(number, signal.SIG_IGN)
        for process in reversed(self.processes):
            with contextlib.suppress(Exception):
                process.stop()
        for ns in reversed(self.namespaces):
            with contextlib.suppress(Exception):
                for pid in command("ip", "netns", "pids", ns).split():
                    os.kill(int(pid), signal.SIGKILL)
            with contextlib.suppress(Exception):
                command("ip", "netns", "delete", ns)
        self.namespaces.clear()
        self.processes.clear()
        if self.dir and not self.given:
            shutil.rmtree(self.dir, ignore_errors=True)
        if main:
            for number, handler in self.handlers.items():
                signal.signal(number, handler)

    def _sweep(self):
        """Remove the namespaces of a lab that was killed outright."""
        try:
            names = os.listdir("/run/netns")
        except FileNotFoundError:
            return
        stem = re.escape(self.prefix.rstrip("0123456789"))
        for name in names:
            left = re.fullmatch(stem + r"(\d+)-.*", name)
            if left and not os.path.exists(f"/proc/{left.group(1)}"):
                command("ip", "netns", "delete", name, check=False)

    # -- building

    def ip(self, *words):
        return command("ip", *words)

    def namespace(self, name):
        ns = f"{self.prefix}-{name}"
        self.namespaces.append(ns)
        self.ip("netns", "add", ns)
        # Only IPv4 is wanted of the hosts, and a quiet link.
        command("ip", "netns", "exec", ns, "sh", "-c",
                "f=/proc/sys/net/ipv6/conf; for i in all default; do"
                " [ ! -e $f/$i ] || echo 1 >$f/$i/disable_ipv6; done")
        self.ip("-n", ns, "link", "set", "lo", "up")
        return ns

    def link(self, name=None, advertise=False):
        """A switch.  advertise: a router advertisement each second, without
        prefixes; iPXE waits 16 s for one before it loads anything."""
        link = Link(self, name or f"br{next(self.counter)}")
        if advertise:
            self.start("ra-" + link.name,
                       ["ip", "netns", "exec", link.ns, PYTHON,
                        os.path.abspath(__file__), "ra", link.name])
        return link

    def host(self, name, address=None, link=None, mac=None):
        """A host; with a link, plugged into it as eth0."""
        host = Host(self, name)
        if link is not None:
            host.join(link, address, mac)
        return host

    def capture(self, place, path, interface=None):
        """Capture on a link or a host (eth0); path is under lab.dir."""
        return Capture(self, place, os.path.join(self.dir, path), interface)

    def start(self, name, argv, env=None):
        log = os.path.join(self.dir, name + ".log")
        process = Process(name, argv, log, env)
        self.processes.append(process)
        return process

    def file(self, name, text):
        """Write a small file into lab.dir; gives its path."""
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o644)
        return path

    # -- waiting

    def wait(self, ready, seconds, what, every=0.1):
        """Until ready() is true: give what it gave.  A server that died or
        the end of the time is an error that says what was waited for."""
        end = time.monotonic() + seconds
        while True:
            value = ready()
            if value:
                return value
            for process in self.processes:
                if not process.may_end and not process.alive():
                    raise LabError(
                        f"{process.name} ended with status "
                        f"{process.popen.returncode} while waiting for "
                        f"{what}:\n{process.tail()}")
            if time.monotonic() > end:
                raise LabTimeout(f"no {what} in {seconds} s")
            time.sleep(every)

    def wait_log(self, process, pattern, seconds=30):
        """Until a line of the process's log matches; gives the match."""
        try:
            return self.wait(lambda: re.search(pattern, process.text(), re.M),
                             seconds, f"/{pattern}/ in the log of "
                             f"{process.name}", 0.05)
        except LabTimeout as problem:
            raise LabTimeout(f"{problem}:\n{process.tail()}") from problem

    # -- servers

    def _own_copy(self, path):
        """AppArmor ties some servers to files under /etc and /var by the
        path of the program; a copy of the program is free of that."""
        try:
            with open("/sys/module/apparmor/parameters/enabled",
                      encoding="ascii") as f:
                confined = f.read().startswith("Y")
        except OSError:
            confined = False
        if not confined:
            return path
        copy = os.path.join(self.dir, os.path.basename(path))
        shutil.copy(path, copy)
        return copy

    def isc_dhcpd(self, host, subnet, first, last, *, interface="eth0",
                  extra="", more="", name="dhcpd"):
        """ISC dhcpd with one pool.  extra: statements for the subnet, such
        as 'next-server 10.0.0.3; filename "x";'; more: for the top."""
        net = ipaddress.ip_network(subnet)
        leases = self.file(name + ".leases", "")
        conf = self.file(name + ".conf", f"""\
authoritative;
ping-check false;
default-lease-time 600;
max-lease-time 3600;
{more}
subnet {net.network_address} netmask {net.netmask} {{
	range {first} {last};
	{extra}
}}
""")
        pid = os.path.join(self.dir, name + ".pid")
        binary = self._own_copy(program("dhcpd", "isc-dhcp-server"))
        process = host.start(name, binary, "-4", "-f", "-d", "-cf", conf,
                             "-lf", leases, "-pf", pid, *interface.split())
        self.wait_log(process, r"^Server starting service")
        return process

    def kea(self, host, subnet, first, last, *, interface="eth0", extra=None,
            name="kea"):
        """Kea with one pool.  extra: more keys for the subnet."""
        conf = self.file(name + ".json", json.dumps({"Dhcp4": {
            "interfaces-config": {"interfaces": [interface]},
            "lease-database": {"type": "memfile", "persist": False},
            "valid-lifetime": 600,
            "subnet4": [{"subnet": subnet, "id": 1, "interface": interface,
                         "pools": [{"pool": f"{first} - {last}"}],
                         **(extra or {})}],
            "loggers": [{"name": "kea-dhcp4", "severity": "INFO",
                         "output_options": [{"output": "stdout",
                                             "flush": True}]}],
        }}, indent=2))
        binary = self._own_copy(program("kea-dhcp4", "kea-dhcp4-server"))
        env = dict(os.environ, KEA_LOCKFILE_DIR=self.dir,
                   KEA_PIDFILE_DIR=self.dir)
        process = host.start(name, binary, "-c", conf, env=env)
        self.wait_log(process, r"DHCP4_STARTED")
        return process

    def dnsmasq(self, host, first, last, *, interface="eth0", extra="",
                name="dnsmasq"):
        """dnsmasq as address server, without PXE.  extra: more lines of
        configuration.  first None: no pool (extra says all)."""
        pool = f"dhcp-range={first},{last},1h" if first else ""
        conf = self.file(name + ".conf", f"""\
port=0
interface={interface}
except-interface=lo
log-dhcp
no-ping
dhcp-authoritative
dhcp-leasefile={self.dir}/{name}.leases
user=root
{pool}
{extra}
""")
        process = host.start(name, self._own_copy(
            program("dnsmasq", "dnsmasq-base")), "-k", "-C", conf,
            "--log-facility=-", "--pid-file=" + self.dir + f"/{name}.pid")
        self.wait_log(process, r"DHCP.*(range|proxy)|started")
        time.sleep(0.2)
        return process

    def tftpd(self, host, root, name="tftpd"):
        """tftpd-hpa.  It logs to syslog only: ask the capture what it
        sent (tftp_transfers)."""
        binary = program("in.tftpd", "tftpd-hpa")
        process = host.start(name, binary, "-L", "-4", "-vvv", "-u", "root",
                             "--secure", "--address", "0.0.0.0:69", root)
        self.wait(lambda: udp_bound(host, 69), 10, "TFTP server on port 69")
        return process

    def httpd(self, host, root, name="httpd"):
        """An HTTP server on port 80; one line of log for each file that
        was sent to its end: 'sent 1234 octets of /name to 10.0.0.100'."""
        process = host.start(name, PYTHON, os.path.abspath(__file__),
                             "httpd", root)
        self.wait_log(process, r"^serving")
        return process

    def file_servers(self, host, root, http=False):
        """The servers of boot files: TFTP, and HTTP where it is wanted."""
        self.tftpd(host, root)
        if http:
            self.httpd(host, root)

    def dhcrelay(self, host, down, up, *servers, name="dhcrelay"):
        """ISC dhcrelay between interfaces, adding option 82."""
        binary = program("dhcrelay", "isc-dhcp-relay")
        process = host.start(name, binary, "-4", "-d", "--no-pid", "-a",
                             "-id", down, "-iu", up, *servers)
        self.wait_log(process, r"Sending on\s+Socket/fallback|Sending on.*"
                      + re.escape(up))
        return process

    def pxeproxyd(self, host, *arguments, binary=None, name="pxeproxyd"):
        """The daemon under test; back when each interface is served."""
        binary = binary or find_pxeproxyd()
        process = host.start(name, binary, *arguments)
        for interface in arguments:
            if re.fullmatch(r"eth\d", interface):
                self.wait_log(process, rf"serving {interface} as")
        return process

    def trunk(self, access, tagged, vid, host, name="trunk"):
        """Join two links: what comes from the access link leaves on the
        other with a VLAN tag, and the other way round.  The host on the
        tagged link is answered for in ARP, for kernels without 802.1Q."""
        process = self.start(name, ["ip", "netns", "exec", self.switch_ns,
                                    PYTHON, os.path.abspath(__file__),
                                    "trunk", f"{self.cable(access)},"
                                    f"{self.cable(tagged)},{vid},"
                                    f"{host.address},{host.mac}"])
        self.wait_log(process, r"^joined")
        return process

    def cable(self, link):
        """A cable plugged into a link; gives the name of its loose end, in
        the switch namespace."""
        port, end = link.port("port"), link.port("end")
        self.ip("-n", self.switch_ns, "link", "add", port, "type", "veth",
                "peer", "name", end)
        self.ip("-n", self.switch_ns, "link", "set", port, "master",
                link.name, "up")
        self.ip("-n", self.switch_ns, "link", "set", end, "promisc", "on",
                "up")
        return end

    def qemu(self, argv, *cards, name="qemu"):
        """A virtual machine.  argv: all but the network; each card is
        (link, MAC, device), device as for -device, such as
        'virtio-net-pci,romfile='."""
        net = []
        for n, (link, mac, device) in enumerate(cards, 1):
            net += ["-netdev", f"tap,id=net{n},ifname={link.tap()},"
                    "script=no,downscript=no",
                    "-device",
                    f"{device},netdev=net{n},mac={mac},bootindex={n}"]
        process = self.start(name, ["ip", "netns", "exec", self.switch_ns,
                                    *argv, *net])
        return process


def mac_of(address):
    """The MAC address of the host with this address."""
    return mac_text(b"\2\0" + ipaddress.IPv4Address(address).packed)


def udp_bound(host, port):
    """Does anything hold this UDP port in the host?"""
    table = host.run("cat", "/proc/net/udp")
    return any(line.split()[1].endswith(f":{port:04X}")
               for line in table.splitlines()[1:])


# ----------------------------------------------------------------------------
# Reading captures

class PcapReader:
    """A pcap file that may still be growing: (time, frame) each time that
    new() is asked for more."""

    def __init__(self, path):
        self.path = path
        self.offset = 0
        self.order = None
        self.fraction = 1e-6

    def new(self):
        try:
            with open(self.path, "rb") as f:
                f.seek(self.offset)
                data = f.read()
        except FileNotFoundError:
            return
        start, at = self.offset, 0
        if self.order is None:
            if len(data) < 24:
                return
            kinds = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
                     b"\xa1\xb2\xc3\xd4": (">", 1e-6),
                     b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
                     b"\xa1\xb2\x3c\x4d": (">", 1e-9)}
            if data[:4] not in kinds:
                raise LabError(f"{self.path}: not a pcap file")
            self.order, self.fraction = kinds[data[:4]]
            at = self.offset = 24
        while at + 16 <= len(data):
            seconds, part, kept, _ = struct.unpack_from(self.order + "IIII",
                                                        data, at)
            if at + 16 + kept > len(data):
                break
            frame = data[at + 16:at + 16 + kept]
            at += 16 + kept
            self.offset = start + at
            yield seconds + part * self.fraction, frame


def read_pcap(path):
    """All (time, frame) of a capture."""
    return list(PcapReader(path).new())


def write_pcap(path, frames):
    """Write (time, frame) pairs as a microsecond Ethernet pcap."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for when, frame in frames:
            micro = round(when * 1e6)
            f.write(struct.pack("<IIII", micro // 1000000, micro % 1000000,
                                len(frame), len(frame)))
            f.write(frame)


class Datagram:
    """A UDP datagram in a frame."""

    def __init__(self, when, frame):
        self.time = when
        self.frame = frame
        self.destination_mac = mac_text(frame[0:6])
        self.source_mac = mac_text(frame[6:12])
        at = 12
        while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
        if frame[at:at + 2] != b"\x08\x00":
            raise ValueError("not IPv4")
        at += 2
        length = (frame[at] & 15) * 4
        fragment = struct.unpack_from(">H", frame, at + 6)[0]
        if frame[at + 9] != 17 or fragment & 0x3fff:
            raise ValueError("not a whole UDP datagram")
        self.source = ip_text(frame[at + 12:at + 16])
        self.destination = ip_text(frame[at + 16:at + 20])
        at += length
        self.source_port, self.destination_port, size = \
            struct.unpack_from(">HHH", frame, at)
        self.payload = frame[at + 8:at + size]


def datagram(when, frame):
    """The UDP datagram in this frame, or None."""
    try:
        return Datagram(when, frame)
    except (ValueError, IndexError, struct.error):
        return None


TYPES = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK",
         6: "NAK", 7: "RELEASE", 8: "INFORM"}


class Dhcp:
    """A DHCP message in a datagram."""

    def __init__(self, packet):
        p = packet.payload
        if len(p) < 240 or p[236:240] != b"\x63\x82\x53\x63":
            raise ValueError("not DHCP")
        self.datagram = packet
        self.time, self.frame = packet.time, packet.frame
        self.op = p[0]
        self.xid = p[4:8].hex()
        self.secs, self.flags = struct.unpack_from(">HH", p, 8)
        self.ciaddr, self.yiaddr = ip_text(p[12:16]), ip_text(p[16:20])
        self.siaddr, self.giaddr = ip_text(p[20:24]), ip_text(p[24:28])
        self.mac = mac_text(p[28:34])
        self.sname = p[44:108].split(b"\0")[0].decode("latin-1")
        self.file = p[108:236].split(b"\0")[0].decode("latin-1")
        self.options = {}
        at = 240
        while at < len(p) and p[at] != 255:
            if p[at] == 0:
                at += 1
                continue
            if at + 1 >= len(p):
                break
            code, size = p[at], p[at + 1]
            value = p[at + 2:at + 2 + size]
            self.options[code] = self.options.get(code, b"") + value
            at += 2 + size
        kind = self.options.get(53, b"\0")
        self.type = TYPES.get(kind[0] if kind else 0, "BOOTP")

    @property
    def vendor_class(self):
        return self.options.get(60, b"").decode("latin-1")

    @property
    def arch(self):
        value = self.options.get(93, b"")
        return struct.unpack(">H", value[:2])[0] if len(value) >= 2 else None

    @property
    def bootfile(self):
        """From the header, else from option 67."""
        return self.file or \
            self.options.get(67, b"").rstrip(b"\0").decode("latin-1")

    def __str__(self):
        d = self.datagram
        parts = [f"{d.source}:{d.source_port} > "
                 f"{d.destination}:{d.destination_port}", self.type, self.mac]
        if self.arch is not None:
            parts.append(f"arch {self.arch}")
        if self.vendor_class:
            parts.append(self.vendor_class)
        for word, value in (("yiaddr", self.yiaddr), ("siaddr", self.siaddr),
                            ("giaddr", self.giaddr)):
            if value != "0.0.0.0":
                parts.append(f"{word} {value}")
        if self.bootfile:
            parts.append(f"file {self.bootfile}")
        if 43 in self.options and self.op == 2:
            parts.append(f"43={self.options[43].hex()}")
        return " ".join(parts)


def dhcp(packet):
    """The DHCP message of a datagram on the ports 67, 68, 4011, or None."""
    if packet is None or not {packet.source_port, packet.destination_port} \
            & {67, 68, 4011}:
        return None
    try:
        return Dhcp(packet)
    except (ValueError, IndexError, struct.error):
        return None


def read_dhcp(path):
    """All DHCP messages of a capture, in order."""
    found = (dhcp(datagram(*item)) for item in read_pcap(path))
    return [message for message in found if message]


class Transfer:
    """A TFTP transfer: one read request and what was sent for it."""

    def __init__(self, request, name):
        self.time = request.time
        self.client = request.source
        self.port = request.source_port
        self.mac = request.source_mac
        self.server = request.destination
        self.name = name
        self.first = None           # time of the first octet
        self.blocks = {}            # number -> octets
        self.block_size = 512
        self.acknowledged = 0
        self.refused = None         # the text of an error

    @property
    def octets(self):
        return sum(self.blocks.values())

    @property
    def complete(self):
        """The last block was short and the client acknowledged it."""
        if not self.blocks:
            return False
        last = max(self.blocks)
        return (self.blocks[last] < self.block_size
                and len(self.blocks) == last and self.acknowledged >= last)


class TftpWatch:
    """Follows the TFTP transfers of a capture, datagram by datagram.
    Block numbers must not go round: no file of 65535 blocks or more."""

    def __init__(self):
        self.transfers = []
        self._open = {}

    def see(self, packet):
        if packet is None or len(packet.payload) < 2:
            return
        op = struct.unpack_from(">H", packet.payload)[0]
        body = packet.payload[2:]
        if packet.destination_port == 69:
            if op == 1:
                name = body.split(b"\0")[0].decode("latin-1")
                transfer = Transfer(packet, name)
                self.transfers.append(transfer)
                self._open[packet.source, packet.source_port] = transfer
            return
        transfer = self._open.get((packet.destination,
                                   packet.destination_port))
        if transfer and packet.source == transfer.server:
            if op == 3 and len(body) >= 2:
                number = struct.unpack_from(">H", body)[0]
                if transfer.first is None:
                    transfer.first = packet.time
                transfer.blocks[number] = len(body) - 2
            elif op == 6:
                words = body.lower().split(b"\0")
                pairs = dict(zip(words[0::2], words[1::2]))
                with contextlib.suppress(ValueError):
                    transfer.block_size = int(pairs.get(b"blksize", b"512"))
            elif op == 5:
                transfer.refused = body[2:].split(b"\0")[0].decode("latin-1")
            return
        transfer = self._open.get((packet.source, packet.source_port))
        if transfer and packet.destination == transfer.server:
            if op == 4 and len(body) >= 2:
                number = struct.unpack_from(">H", body)[0]
                transfer.acknowledged = max(transfer.acknowledged, number)
            elif op == 5:
                transfer.refused = body[2:].split(b"\0")[0].decode("latin-1")


def tftp_transfers(path):
    """All TFTP transfers of a capture."""
    watch = TftpWatch()
    for item in read_pcap(path):
        watch.see(datagram(*item))
    return watch.transfers


# ----------------------------------------------------------------------------
# The small servers

class _FileHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def copyfile(self, source, outputfile):
        super().copyfile(source, outputfile)
        outputfile.flush()
        print(f"sent {source.tell()} octets of {self.path} to "
              f"{self.client_address[0]}", flush=True)

    def log_message(self, format, *args):   # pylint: disable=redefined-builtin
        print(f"{time.time():.3f} {self.client_address[0]} {format % args}",
              flush=True)


def _httpd(root):
    handler = functools.partial(_FileHandler, directory=root)
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 80), handler)
    print("serving", root, flush=True)
    server.serve_forever()


def _advertise(interface):
    """A router advertisement without prefixes (RFC 4861 section 4.2), made
    by hand so that the kernel's IPv6 can stay off."""
    source = ipaddress.IPv6Address("fe80::1").packed
    destination = ipaddress.IPv6Address("ff02::1").packed
    body = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0)
    pseudo = source + destination + struct.pack(">IxxxB", len(body), 58)
    body = body[:2] + struct.pack(">H", checksum(pseudo + body)) + body[4:]
    frame = (bytes.fromhex("333300000001" "020000000fff" "86dd")
             + struct.pack(">IHBB", 6 << 28, len(body), 58, 255)
             + source + destination + body)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((interface, 0))
        while True:
            with contextlib.suppress(OSError):
                link.send(frame)
            time.sleep(1)


def _trunk(arguments):
    """Pass frames between an access link and a trunk."""
    access, tagged, vid, address, mac = arguments.split(",")
    tag = b"\x81\x00" + struct.pack(">H", int(vid))
    address = ipaddress.IPv4Address(address).packed
    mac = bytes.fromhex(mac.replace(":", ""))
    sol_packet, auxdata = 263, 8
    ends = []
    for name in (access, tagged):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                            socket.htons(3))
        end.setsockopt(sol_packet, auxdata, 1)
        end.bind((name, 3))
        ends.append(end)
    print("joined", access, "and", tagged, "as VLAN", vid, flush=True)
    while True:
        for end in select.select(ends, [], [])[0]:
            frame, extra, _, sender = end.recvmsg(65536, 256)
            if sender[2] == socket.PACKET_OUTGOING:
                continue
            # The kernel takes the tag off and tells it apart; bit 4 of the
            # status says that there was one.
            seen = None
            for level, kind, data in extra:
                if (level, kind) == (sol_packet, auxdata):
                    status, _, _, _, _, tci = struct.unpack_from("IIIHHH",
                                                                 data)
                    seen = tci & 0xfff if status & 0x10 else None
            if end is ends[1]:
                if seen == int(vid):
                    ends[0].send(frame)
            elif frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1" \
                    and frame[38:42] == address:
                end.send(frame[6:12] + mac + frame[12:20] + b"\0\2" + mac
                         + address + frame[22:32])
            elif seen is None:
                ends[1].send(frame[:12] + tag + frame[12:])


def _no_offload(interface):
    """ethtool -K INTERFACE tx off, for machines without ethtool."""
    siocethtool, ethtool_stxcsum = 0x8946, 0x17
    value = ctypes.create_string_buffer(struct.pack("II", ethtool_stxcsum, 0))
    request = struct.pack("16sP", interface.encode(),
                          ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, siocethtool, request + bytes(16))


def main(arguments):
    servers = {"httpd": _httpd, "ra": _advertise, "trunk": _trunk,
               "no-offload": _no_offload}
    if len(arguments) != 2 or arguments[0] not in servers:
        print(__doc__)
        return 2
    try:
        servers[arguments[0]](arguments[1])
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
