#!/usr/bin/python3
"""A boot to look at: a throw-away lab in network namespaces of its own.

A switch that gives addresses and knows nothing of PXE, pxeproxyd, a TFTP
server, and a client that asks as firmware does: first a probe, which shows the
boot as a ladder, then UEFI, then BIOS.  Their conversation is shown line by line
until the boot file has arrived whole.
No interface of this machine is touched, and nothing is left behind.

Exit status: 0 both clients have got their boot file, 1 something is wrong
(the last lines say what).  $PXEPROXYD names the program to show.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab import (Lab, LabError, LabSkip, PYTHON,    # noqa: E402
                 find_pxeproxyd)

HERE = os.path.dirname(os.path.abspath(__file__))
SWITCH, PROXY, FILES = "10.77.0.1", "10.77.0.2", "10.77.0.3"

PICTURE = f"""\
    {SWITCH}             {PROXY}              {FILES}
   +---------+         +-----------+          +---------+
   | switch  |         | pxeproxyd |          |  files  |
   +---------+         +-----------+          +---------+
  gives addresses,    says which file        sends the file
  knows no PXE        and from where         (TFTP)
        |                   |                     |
  ------+-------------------+---------------------+------  one link
                            |
                       +---------+
                       | client  |  asks as the firmware of a machine does
                       +---------+
"""

# Architecture, what it is, the boot file that pxeproxyd names for it, and
# where packages keep a real one.
CLIENTS = (
    (7, "UEFI machine", "BOOTX64.EFI", (
        "/usr/lib/ipxe/snponly.efi",
        "/usr/lib/ipxe/ipxe.efi",
        "/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi")),
    (0, "BIOS machine", "pxelinux.0", (
        "/usr/lib/PXELINUX/pxelinux.0",
        "/usr/lib/syslinux/pxelinux.0")),
)


class Wrong(Exception):
    """The demonstration failed; the text is the reason."""


def say(text=""):
    print(text, flush=True)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def make_boot_files(root):
    """One boot file for each client; real ones where a package has them."""
    os.mkdir(root)
    for _, what, name, places in CLIENTS:
        path = os.path.join(root, name)
        real = next((p for p in places if os.path.isfile(p)), None)
        if real:
            shutil.copyfile(real, path)
        else:
            real = "made up, for no package with a real one is installed"
            line = f"This stands for {name}, the boot file of a {what}.\n"
            with open(path, "w", encoding="ascii") as file:
                file.write(line * (100000 // len(line)))
        os.chmod(path, 0o644)
        say(f"  {name:<12} {os.path.getsize(path):>8} octets   ({real})")


class Stories:
    """The logs of all, told as they are written."""

    def __init__(self, *tellers):
        self.tellers = list(tellers)        # (process, line -> text or None)
        self.offsets = {}
        self.start = time.monotonic()

    def add(self, process, tell):
        self.tellers.append((process, tell))

    def lines(self, process):
        """What has been written since the last time, whole lines only."""
        with open(process.log, "rb") as file:
            file.seek(self.offsets.get(process, 0))
            data = file.read()
        whole = data[:data.rfind(b"\n") + 1]
        self.offsets[process] = self.offsets.get(process, 0) + len(whole)
        return whole.decode("utf-8", "replace").splitlines()

    def tell(self):
        """Print what is new.  What was written at the same time is put in
        the order of cause and effect: the client's first question, what the
        servers' logs say of it, what the client says then."""
        now, before, logs, after = time.monotonic() - self.start, [], [], []
        for process, tell in self.tellers:
            for line in self.lines(process):
                text = tell(line)
                if text is None:
                    continue
                if process.name != "client":
                    logs.append(f"{'    log of ' + process.name:<30} {text}")
                elif any(SENT.match(line) for line in before):
                    after.append(text)
                else:
                    before.append(text)
        for text in before + logs + after:
            say(f"{now:7.3f}  {text}")


SENT = re.compile(r"client\S* -> ")


def tell_all(line):
    return line


def tell_switch(line):
    found = re.search(r"DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE).*", line)
    return found.group(0).strip() if found else None


class TellFiles:
    """The TFTP server's log.  Firmware asks for the size first and hangs up
    before it fetches the file; the log calls that sent, too."""

    def __init__(self):
        self.hung_up = False

    def __call__(self, line):
        found = re.search(r"sent (\S+) to (\S+)", line)
        if re.search(r"error 8 ", line):
            self.hung_up = True
            return None
        if found:
            name, whom = os.path.basename(found.group(1)), found.group(2)
            if self.hung_up:
                self.hung_up = False
                return f"told {whom} the size of {name}"
            return f"sent {name} to {whom}"
        if re.search(r"error|failed|not found|cannot", line):
            return line
        return None


def boot(lab, host, stories, arch, what, name, original):
    """One client, from its first question to the last octet."""
    say()
    say(f"--- A {what} (architecture {arch})")
    say()
    copy = os.path.join(lab.dir, "fetched")
    names = (f"{SWITCH}=switch", f"{PROXY}=pxeproxyd", f"{FILES}=files")
    stories.start = time.monotonic()
    process = host.start(
        "client", PYTHON, os.path.join(HERE, "pxeclient.py"),
        "--interface", "eth0", "--mac", f"52:54:00:00:00:{arch:02x}",
        "--arch", str(arch), "--strict", "--no-time", "--timeout", "40",
        "--out", copy,
        *(word for pair in names for word in ("--name", pair)))
    process.may_end = True
    stories.add(process, tell_all)
    end = time.monotonic() + 90
    while process.alive():
        stories.tell()
        for server in lab.processes:
            if not server.may_end and not server.alive():
                raise Wrong(f"{server.name} ended: {server.tail(3)}")
        if time.monotonic() > end:
            raise Wrong(f"The {what}: the client did not end in time")
        time.sleep(0.002)
    time.sleep(0.2)                     # the servers' last words
    stories.tell()
    stories.tellers.pop()
    if process.popen.returncode != 0:
        last = process.tail(1)
        raise Wrong(f"The {what} did not get its boot file: "
                    f"{last.partition('FAILED: ')[2] or last}")
    if f'"{name}" has arrived whole' not in process.text():
        raise Wrong(f"The {what} has got another file than {name}")
    if digest(copy) != digest(original):
        raise Wrong(f"{name} as it arrived differs from the original")
    say()
    say(f"The {what} has got {name}: {os.path.getsize(copy)} octets, the same "
        f"as the original.")


def ask(host, binary):
    """What a machine on the client's port would get, before it is there."""
    say()
    say("On the host \"client\": pxeproxyd probe --lease eth0")
    say()
    done = subprocess.run(
        host.inside([binary, "probe", "--lease", "eth0"]),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60,
        stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    for line in done.stdout.splitlines():
        say(f"  {line}".rstrip())
    if done.returncode != 0:
        raise Wrong("The probe says that a machine would not boot")


def show(lab):
    binary = find_pxeproxyd()
    say("The lab, all in network namespaces made for this run:")
    say()
    say(PICTURE)
    say("On the host \"files\":")
    root = os.path.join(lab.dir, "tftp")
    make_boot_files(root)

    link = lab.link()
    switch = lab.host("switch", SWITCH + "/24", link)
    proxy = lab.host("pxeproxyd", PROXY + "/24", link)
    files = lab.host("files", FILES + "/24", link)
    client = lab.host("client", None, link)
    pool = lab.dnsmasq(switch, "10.77.0.100", "10.77.0.199", name="switch")
    tftp = lab.dnsmasq(files, None, None, name="files",
                       extra=f"enable-tftp\ntftp-root={root}")
    say()
    say(f"On the host \"pxeproxyd\": pxeproxyd --next-server {FILES} eth0")
    ours = lab.pxeproxyd(proxy, "--next-server", FILES, "eth0",
                         binary=binary)
    for line in ours.text().splitlines():
        say(f"         {line}")
    ask(client, binary)
    say()
    say("Now two machines boot.  Seconds since the client was switched on; who -> "
        "who, and what;")
    say("indented, what the servers' own logs say.")

    stories = Stories((pool, tell_switch), (ours, tell_all),
                      (tftp, TellFiles()))
    for process, _ in stories.tellers:
        stories.lines(process)          # the start is told already
    for arch, what, name, _ in CLIENTS:
        boot(lab, client, stories, arch, what, name,
             os.path.join(root, name))

    status = ours.stop()
    say()
    say("pxeproxyd's last words:")
    for line in stories.lines(ours):
        say(f"         {line}")
    if status != 0:
        raise Wrong(f"pxeproxyd ended with status {status}")


def main():
    try:
        with Lab(name="demo") as lab:
            try:
                show(lab)
            except (Wrong, LabError) as problem:
                say()
                say(f"WRONG: {problem}")
                for process in lab.processes:
                    if process.name != "client":
                        say(f"--- the end of the log of {process.name}:")
                        say(process.tail(8))
                return 1
    except LabSkip as problem:
        say(f"WRONG: {problem}")
        return 1
    except LabError as problem:
        say(f"WRONG: the lab cannot be made here: {problem}")
        return 1
    except KeyboardInterrupt:
        say("Broken off.")
        return 1
    say()
    say("Done: both machines have got their boot file, and the lab is gone "
        "again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
