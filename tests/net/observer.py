#!/usr/bin/python3
"""The observer: what a running pxeproxyd tells of boots that fail, and that
it tells nothing of those that do not.

    observer.py [CASE...]       run the cases (all of them)
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
import socket
import subprocess
import sys
import time

import live
from lab import Lab, PYTHON, command, find_pxeproxyd, mac_of
from live import CLIENT, EVERYONE, expect, mac_octets, request
from probe import FILES, FILTERED, Office, POOL, US

MAC = mac_of("10.0.0.77")
SLOW = 40                       # seconds until a finding must be told


class Desk(Office):
    """An office with a machine's port, and our daemon that logs JSON."""

    def __init__(self, lab, *arguments, config=""):
        super().__init__(lab)
        self.machine = lab.host("machine", None, self.link, MAC)
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

    def ask(self, *question):
        done = subprocess.run(
            self.us.inside([find_pxeproxyd(), "status", "--control-socket",
                            self.socket, *question]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=20, encoding="utf-8")
        return done.stdout

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
        desk.fails(timeout=40)
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


CASES = {name[5:].replace("_", "-"): function
         for name, function in list(globals().items())
         if name.startswith("case_")}

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(live.main(CASES, __doc__))
    sys.exit(130)
