#!/usr/bin/python3
"""The observer: what a running pxeproxyd tells of boots that fail, and that
it tells nothing of those that do not.

    observer.py [CASE...]       run the cases (all of them, some at a time)
    observer.py --list          name them

In network namespaces of its own, as live.py.  One line a case and a closing
count.  Exit status: 0 all passed, 1 not, 77 something could not be run.
Root is needed.

    observer.py flood INTERFACE SECONDS   (inside) ARP requests without end
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import live
from lab import Lab, PYTHON, find_pxeproxyd, mac_of, write_pcap
from live import CLIENT, EVERYONE, expect, mac_octets, request
from probe import FILES, Office, POOL, US, behind_a_relay

MAC = mac_of("10.0.0.77")
SLOW = 40                       # seconds until a finding must be told


class Desk(Office):
    """An office with a machine's port, and our daemon that logs JSON."""

    def __init__(self, lab, *arguments, config=""):
        super().__init__(lab)
        self.machine = self.port
        self.socket = os.path.join(lab.dir, "control")
        self.config = lab.file("pxeproxyd.conf", config)
        os.mkdir(os.path.join(lab.dir, "written"))
        os.chmod(os.path.join(lab.dir, "written"), 0o777)
        self.metrics = os.path.join(lab.dir, "written", "metrics")
        self.arguments = arguments

    def serve(self, *more, on=None):
        """Start it; what it says of boots is in findings()."""
        self.ours = (on or self.us).start(
            "observed", find_pxeproxyd(), "-c", self.config, "--log-format",
            "json", "--control-socket", self.socket, "--metrics-file",
            self.metrics, *self.arguments, *more, "eth0")
        self.lab.wait_log(self.ours, "serving eth0")
        return self.ours

    def boot(self, *arguments, timeout=60):
        """A machine boots, or not; the last line of what it says."""
        done = subprocess.run(
            self.machine.inside([PYTHON, CLIENT, "--interface", "eth0",
                                 "--mac", MAC,
                                 "--timeout", str(timeout), *arguments]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=timeout + 30,
            encoding="utf-8")
        return done.stdout

    def boots(self, *arguments):
        said = self.boot(*arguments)
        expect("has arrived whole" in said, said)

    def fails(self, *arguments, timeout=60):
        said = self.boot(*arguments, timeout=timeout)
        expect("FAILED" in said, said)

    def events(self, kind="finding"):
        found = []
        for line in self.ours.text().splitlines():
            if line.startswith("{"):
                event = json.loads(line)
                if event.get("event") == kind:
                    found.append(event)
        return found

    def findings(self):
        return [event["finding"] for event in self.events()]

    def finds(self, name, seconds=SLOW):
        """It is told, once, and of our machine; the event."""
        self.lab.wait(lambda: name in self.findings() or
                      not self.ours.alive(), seconds,
                      f"finding {name}; so far {self.findings()}")
        of_it = [e for e in self.events() if e["finding"] == name]
        expect(len(of_it) == 1 and of_it[0]["client"] == MAC, of_it)
        return of_it[0]

    def status(self, *question):
        """pxeproxyd status: its exit status and text."""
        done = subprocess.run(
            self.us.inside([find_pxeproxyd(), "status", "--control-socket",
                            self.socket, *question]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=20, encoding="utf-8")
        return done.returncode, done.stdout

    def quiet(self, seconds=5):
        """Nothing is told, and nothing will be."""
        time.sleep(seconds)
        expect(self.findings() == [], self.ours.tail(20))


def case_boots():
    """boots that succeed: nothing is told, whoever has the files"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        lab.tftpd(desk.files, desk.root)
        lab.httpd(desk.files, desk.root)
        ours = desk.serve("--next-server", FILES)
        desk.boots()
        desk.boots("--arch", "0")
        desk.boots("--ipxe", "--arch", "0")
        desk.boots("--http")
        ours.stop()
        lab.tftpd(desk.us, desk.root, name="own-tftpd")
        lab.httpd(desk.us, desk.root, name="own-httpd")
        desk.serve("--next-server", US)
        desk.boots()
        desk.boots("--arch", "0")
        desk.boots("--http")
        desk.quiet(35)


def case_no_pool():
    """no address server: told once a boot, with a remedy; then it is there"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        lab.tftpd(desk.files, desk.root)
        desk.serve("--next-server", FILES)
        desk.fails(timeout=20)
        event = desk.finds("no-address-server")
        expect(event["sureness"] == "certain" and "address" in
               event["sentence"] and event["remedy"] and
               event["level"] == "warning", event)
        desk.dhcpd()
        desk.boots()
        time.sleep(35)
        expect(desk.findings() == ["no-address-server"], desk.findings())


def case_pool_says_pxeclient():
    """the pool says PXEClient, and does not answer on port 4011"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd(extra='option vendor-class-identifier "PXEClient";')
        desk.serve("--next-server", FILES)
        # A BIOS: a UEFI machine is heard to give up, and this client is not.
        desk.fails("--arch", "0", timeout=40)
        event = desk.finds("pool-says-pxeclient")
        expect(POOL in event["sentence"], event)


def case_files():
    """the server of files: absent, deaf, on our host, without the file"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        ours = desk.serve("--next-server", "10.0.0.77")
        desk.fails(timeout=30)
        event = desk.finds("next-server-absent")
        expect("10.0.0.77" in event["sentence"], event)
        ours.stop()
        ours = desk.serve("--next-server", US)
        desk.fails(timeout=30)
        desk.finds("tftp-refused")
        ours.stop()
        lab.tftpd(desk.us, desk.root)
        desk.serve("--next-server", US, "--bootfile-name", "bootx64.efi")
        desk.fails(timeout=30)
        event = desk.finds("file-missing")
        expect("bootx64.efi" in event["sentence"], event)


def case_status():
    """pxeproxyd status, of all machines and of one, and the metrics"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        lab.tftpd(desk.us, desk.root)
        desk.serve("--next-server", US, "--bootfile-name", "missing.efi")
        answer, text = desk.status(MAC)
        expect(answer == 4 and "nothing is known of this machine" in text,
               f"before it asked: {answer}: {text}")
        desk.fails(timeout=30)
        desk.finds("file-missing")
        answer, text = desk.status()
        expect(answer == 0 and "1 machine in the last hour, 1 with a problem"
               in text, f"{answer}: {text}")
        line = [line for line in text.splitlines() if MAC in line][0]
        expect(re.search("it asks for its file +missing.efi +"
                         r"file-missing \(certain\)$", line), text)
        for word in MAC, MAC.replace(":", "-").upper(), MAC.replace(":", ""):
            answer, text = desk.status(word)
            expect(answer == 1 and f"{MAC}: does not boot\n" in text and
                   "TFTP error 1: missing.efi" in text and
                   "\n  file-missing (certain)\n" in text and
                   re.search(r"\n    at 5\.\d{3}, 5\.\d{3} s; see ", text),
                   f"{word}: {answer}: {text}")
        answer, text = desk.status("--json", MAC)
        machine = json.loads(text)
        finding = machine["findings"][0]
        expect(answer == 1 and machine["known"] and
               machine["boot"] == "fetching" and
               finding["finding"] == "file-missing" and
               machine["ladder"][-1]["event"] == "tftp-error", text)
        began = machine["ladder"][0]["time"]
        expect(abs(began - time.time()) < 120 and
               abs(machine["ladder"][-1]["time"] - began -
                   finding["times"][-1]) < 0.002, text)
        counted = ('pxeproxyd_findings_total{finding="file-missing"} 1\n',
                   'pxeproxyd_findings_total{finding="no-address-server"} 0',
                   'pxeproxyd_machines{progress="fetching"} 1\n')

        def metrics():
            with open(desk.metrics, encoding="utf-8") as f:
                return f.read()

        lab.wait(lambda: all(line in metrics() for line in counted), 20,
                 "metrics of it")


def case_http():
    """HTTP Boot from our host: no server, no file"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        ours = desk.serve("--next-server", US)
        desk.fails("--http", timeout=30)
        desk.finds("http-refused")
        ours.stop()
        lab.httpd(desk.us, desk.root)
        desk.serve("--next-server", US, "--bootfile-name",
                   f"http://{US}/absent.efi")
        desk.fails("--http", timeout=30)
        desk.finds("http-error")


def case_policy():
    """what our own rules refuse, and the rule that does so"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab, config='rule "spare" { mac = "' + MAC +
                    '" ignore = true }\n')
        desk.dhcpd()
        desk.serve("--next-server", US)
        desk.fails(timeout=30)
        event = desk.finds("ignored-by-rule")
        expect("spare" in event["sentence"], event)


def case_relay():
    """behind a relay: a boot, one without a file, one without the relay"""
    with Lab(name="pxeobs") as lab:
        desk, router, desk.machine = behind_a_relay(lab, Desk)
        relay = lab.dhcrelay(router, "eth1", "eth0", POOL, US)
        desk.serve("--next-server", FILES, "--hold-port-67")
        desk.boots()
        time.sleep(10)
        expect(desk.findings() == [], desk.findings())
        ours = desk.ours
        ours.stop()
        ours = desk.serve("--next-server", US, "--hold-port-67")
        desk.fails(timeout=30)
        desk.finds("tftp-refused")
        relay.stop()


def case_trunk():
    """frames with a VLAN tag, ours too"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        trunk = lab.link()
        us = lab.host("trunk", "10.0.0.4/24", trunk)
        lab.trunk(desk.link, trunk, 7, us)
        desk.dhcpd()
        lab.tftpd(desk.files, desk.root)
        desk.serve("--next-server", FILES, on=us)
        desk.boots()
        time.sleep(8)
        expect(desk.findings() == [], desk.findings())
        desk.ours.stop()
        desk.serve("--next-server", "10.0.0.99", on=us)
        desk.fails(timeout=30)
        desk.finds("next-server-absent")


def case_past_the_queue():
    """what bypasses the queue, so that no capture shows it, is known"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        lab.tftpd(desk.files, desk.root)
        desk.serve("--next-server", FILES, "--bypass-queue")
        desk.boots()
        desk.quiet(35)


def case_listen_only():
    """who only listens is not there: boots by another ProxyDHCP server"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        pool = desk.dhcpd()
        lab.tftpd(desk.files, desk.root)
        other = lab.host("other", "10.0.0.8/24", desk.link)
        lab.pxeproxyd(other, "--next-server", FILES, "eth0")
        desk.ours = desk.us.start(
            "listener", find_pxeproxyd(), "-n", "--log-format", "json",
            "eth0")
        lab.wait_log(desk.ours, "listening only")
        desk.boots()
        desk.quiet(35)
        pool.stop()
        desk.fails(timeout=20)
        desk.finds("pool-silent-for-machine")


def packet_sockets(host):
    return len(host.run("cat", "/proc/net/packet").splitlines()) - 1


def case_off_and_on():
    """observe = false, and a reload that changes it"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab, config="observe = false\n")
        desk.dhcpd()
        desk.serve("--next-server", US)
        without = packet_sockets(desk.us)
        desk.fails(timeout=20)
        time.sleep(8)
        expect(desk.findings() == [], desk.findings())
        with open(desk.config, "w", encoding="utf-8") as f:
            f.write("observe = true\n")
        for times in (1, 2):            # the second one changes nothing
            desk.ours.kill(signal.SIGHUP)
            lab.wait(lambda n=times: desk.ours.text().count(
                "read again and in force") == n, 10, "the reload")
        lab.wait(lambda: packet_sockets(desk.us) == without + 1, 10,
                 "the observer's socket")
        desk.fails(timeout=20)
        desk.finds("tftp-refused")
        with open(desk.config, "w", encoding="utf-8") as f:
            f.write("observe = false\n")
        desk.ours.kill(signal.SIGHUP)
        lab.wait(lambda: packet_sockets(desk.us) == without, 10,
                 "the observer to go")


def case_interface_returns():
    """an interface that goes away and comes back is observed again"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        desk.serve("--next-server", US)
        sockets = packet_sockets(desk.us)
        desk.us.run("ip", "link", "set", "eth0", "down")
        lab.wait_log(desk.ours, "waiting for it to come back")
        desk.us.run("ip", "link", "set", "eth0", "up")
        lab.wait(lambda: packet_sockets(desk.us) == sockets, 10,
                 "the sockets to be there again")
        desk.fails(timeout=20)
        desk.finds("tftp-refused")


def case_addresses_change():
    """an address that our host gets or loses while it serves"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        lab.tftpd(desk.us, desk.root)
        desk.serve("--next-server", "10.0.0.55")

        def change(what):
            lab.ip("-n", desk.us.ns, "address", what, "10.0.0.55/24", "dev",
                   "eth0")
            desk.machine.run("ip", "neighbour", "flush", "all")

        def whose():
            """The column of the ladder in which that address is."""
            _, text = desk.status("--json", MAC)
            return {step["to"] for step in json.loads(text)["ladder"]
                    if "who has 10.0.0.55?" in step["text"]}

        change("add")
        desk.boots()
        expect(whose() == {"us"}, whose())
        change("delete")
        desk.fails(timeout=20)
        expect(whose() == {"others"}, whose())


def flood(interface, seconds):
    """Runs inside a namespace: ARP requests without end."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    wire.bind((interface, 0))
    frame = mac_octets(EVERYONE) + mac_octets("02:00:00:00:00:09") + \
        b"\x08\x06\0\1\x08\0\6\4\0\1" + \
        mac_octets("02:00:00:00:00:09") + bytes([10, 0, 0, 9]) + bytes(6) + \
        bytes([10, 0, 0, 200]) + bytes(18)
    end = time.monotonic() + seconds
    print("floods", flush=True)
    while time.monotonic() < end:
        for _ in range(1000):
            wire.send(frame)


def case_flood():
    """frames that come too fast: it says so, and tells nothing false"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        lab.tftpd(desk.files, desk.root)
        desk.serve("--next-server", FILES)
        other = lab.host("other", "10.0.0.9/24", desk.link)
        flooding = other.start("flood", PYTHON, os.path.abspath(__file__),
                               "flood", "eth0", "60")
        lab.wait_log(flooding, "floods")
        desk.boots()
        lab.wait_log(desk.ours, "came too fast to be observed", 20)
        flooding.stop()
        expect(len(re.findall("came too fast to be observed",
                              desk.ours.text())) <= 4, desk.ours.tail())
        # It is judged again as soon as that is over.
        desk.ours.stop()
        desk.serve("--next-server", "10.0.0.99")
        desk.fails(timeout=30)
        desk.finds("next-server-absent")


def case_many_machines():
    """more machines than are remembered: bounded, and still of use"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.serve("--next-server", "10.0.0.99")
        frames = [(0.0, request(mac=f"52:54:00:{i >> 8:02x}:{i & 255:02x}:07",
                                xid=i)) for i in range(9000)]
        path = os.path.join(lab.dir, "many.pcap")
        write_pcap(path, frames)
        desk.machine.run(PYTHON, live.__file__, "play", "eth0", path,
                         timeout=120)
        desk.dhcpd()
        desk.fails(timeout=40)
        desk.finds("next-server-absent", 60)
        expect(len(desk.events()) < 5000, len(desk.events()))


def case_limits():
    """a machine that the limits keep from us is told of, and not another"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab, config="client-rate = 1\n")
        desk.dhcpd()
        lab.tftpd(desk.files, desk.root)
        desk.serve("--next-server", FILES)
        path = os.path.join(lab.dir, "again.pcap")
        write_pcap(path, [(0.0, request(mac=MAC, xid=i)) for i in range(40)])
        desk.machine.run(PYTHON, live.__file__, "play", "eth0", path)
        desk.finds("rate-limited")
        expect(desk.findings() == ["rate-limited"], desk.findings())


def case_twice():
    """a boot that fails twice is told twice"""
    with Lab(name="pxeobs") as lab:
        desk = Desk(lab)
        desk.dhcpd()
        desk.serve("--next-server", US)
        desk.fails(timeout=30)
        desk.finds("tftp-refused")
        desk.fails(timeout=30)
        lab.wait(lambda: desk.findings() == 2 * ["tftp-refused"], SLOW,
                 f"the second one; so far {desk.findings()}")


CASES = live.cases_of(globals())

AT_ONCE = 8                     # cases: they wait nearly all the time


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        if len(sys.argv) > 3 and sys.argv[1] == "flood":
            sys.exit(flood(sys.argv[2], float(sys.argv[3])))
        sys.exit(live.main(CASES, __doc__, AT_ONCE))
    sys.exit(130)
