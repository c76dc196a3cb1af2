#!/usr/bin/python3
"""Boot real firmware through pxeproxyd, in networks made for the purpose.

    firmware.py                        the whole matrix
    firmware.py --list                 its cases: CLIENT/NETWORK
    firmware.py 'ovmf-x64/*' relay     some of it: globs, clients, networks
    firmware.py --part ci              the part for continuous integration
    firmware.py --fetch                get the GRUB modules that Debian has
                                       no package of for this architecture
    firmware.py --save-pcaps DIR       renew the small captures of the tree

A case is a client (QEMU with real firmware) in a network (namespaces with a
real address server that knows nothing of PXE, a real TFTP server, a real
pxeproxyd).  It has passed when the boot file was fetched whole and runs,
which shows in its next request: pxelinux.0 asks for pxelinux.cfg/..., GRUB
for grub.cfg-01-..., an iPXE script for a file that only the script names.
Besides, no ICMP error may come from the responder, it must end cleanly, and
the capture of the boot, replayed, must give the answers that were on the
wire, octet for octet; and `pxeproxyd diagnose` finds nothing in it, nor in one
from our own port of the switch.

A few cases show what no responder can mend (LIMITS in the source): they have
passed when the client fails in the way that is known, and fail if it boots.

Each case leaves capture, logs and result.json in OUT/CLIENT/NETWORK.  Exit
status 0: none failed; 1: some failed; 77: all were skipped.
"""

import contextlib
import copy
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "net"))

from faulty import start_line
from lab import (LabError, LabSkip, LabTimeout, PcapReader, TftpWatch,
                 command, datagram, dhcp, find_pxeproxyd, mac_of, program,
                 read_dhcp, read_pcap, write_pcap)
from octets import mac_text
from runner import (Runner, causes, exit_status, findings, head_of_line,
                    is_named, listed, parser)

FILES = "10.0.0.3"                  # the TFTP and HTTP server, if apart
UUID = "00112233-4455-6677-8899-aabbccddeeff"
# The same as firmware sends it: SMBIOS has the first three groups with their
# octets swapped.
UUID_SENT = "33221100-5544-7766-8899-aabbccddeeff"


# ----------------------------------------------------------------------------
# GRUB modules that come as packages of another architecture

GRUB_PACKAGES = {"arm64-efi": ("grub-efi-arm64-bin", "arm64"),
                 "arm-efi": ("grub-efi-arm-bin", "armhf"),
                 "i386-efi": ("grub-efi-ia32-bin", None)}


def cache_directory():
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or "/var/cache",
                        "pxeproxyd-tests")


def grub_modules(platform):
    """The directory with GRUB's modules for this platform, or None."""
    for top in ("/usr/lib/grub",
                os.path.join(cache_directory(), "usr/lib/grub")):
        path = os.path.join(top, platform)
        if os.path.exists(os.path.join(path, "moddep.lst")):
            return path
    return None


def fetch():
    """Get the packages with the missing modules and unpack them into the
    cache.  apt-get works on lists of its own here: the machine's list of
    architectures and packages stays as it is."""
    cache = cache_directory()
    missing = {p: v for p, v in GRUB_PACKAGES.items() if not grub_modules(p)}
    if not missing:
        print("GRUB modules: all there")
        return
    os.makedirs(cache, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        for name in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(work, name))
        native = command("dpkg", "--print-architecture").strip()
        options = [f"Dir::State::lists={work}/lists",
                   f"Dir::Cache={work}/cache", "APT::Sandbox::User=root",
                   "APT::Architectures::=" + native,
                   "APT::Architectures::=arm64",
                   "APT::Architectures::=armhf", "Acquire::Languages=none"]
        release = {}
        with open("/etc/os-release", encoding="utf-8") as f:
            for line in f:
                key, _, value = line.strip().partition("=")
                release[key] = value.strip('"')
        if release.get("ID") == "ubuntu" and native != "arm64":
            # Ubuntu keeps other architectures on another server.
            sources = os.path.join(work, "sources.list")
            here = release["VERSION_CODENAME"]
            keys = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
            with open(sources, "w", encoding="utf-8") as f:
                for suite in (here, here + "-updates"):
                    f.write("deb [arch=arm64,armhf "
                            f"signed-by={keys}] http://ports"
                            f".ubuntu.com/ubuntu-ports {suite} main universe"
                            f"\ndeb [arch={native} signed-by={keys}] http://"
                            f"archive.ubuntu.com/ubuntu {suite} main universe"
                            "\n")
            options += ["Dir::Etc::sourcelist=" + sources,
                        "Dir::Etc::sourceparts=-"]
        apt = ["apt-get", "-qq"]
        for option in options:
            apt += ["-o", option]
        print("apt-get update, with lists of its own")
        if subprocess.run([*apt, "update"], check=False,
                          timeout=600).returncode != 0:
            print("it had errors; trying with what there is")
        for platform, (package, arch) in missing.items():
            wanted = package + (":" + arch if arch else "")
            print("apt-get download", wanted)
            done = subprocess.run([*apt, "download", wanted], cwd=work,
                                  check=False, timeout=600)
            if done.returncode != 0:
                print(f"no {wanted}: the cases that need it are skipped")
                continue
            for name in os.listdir(work):
                if name.startswith(package + "_"):
                    command("dpkg-deb", "-x", os.path.join(work, name), cache)
            if not grub_modules(platform):
                raise LabError(f"{package} brought no {platform} modules")
    print("GRUB modules are in", cache)


def grub_image(platform, prefix, path):
    """A GRUB image that looks for its grub.cfg under prefix."""
    modules = grub_modules(platform)
    if modules is None:
        raise LabSkip(f"no GRUB modules for {platform}: firmware.py --fetch")
    command(program("grub-mkimage", "grub-common"), "-O", platform,
            "-d", modules, "-p", prefix, "-o", path,
            "normal", "efinet", "net", "tftp", "http", "configfile", "echo",
            "sleep", timeout=120)
    os.chmod(path, 0o644)


def other_release():
    """Where the firmware of another release was unpacked (--root), or ""."""
    return os.environ.get("PXEPROXYD_FIRMWARE_ROOT", "")


def first_of(package, *paths):
    """The first of these files that exists."""
    for path in [other_release() + path for path in paths] + list(paths):
        if os.path.exists(path):
            return path
    raise LabSkip(f"{paths[0]} is missing (package {package})")


# ----------------------------------------------------------------------------
# Clients

class Client:
    """A machine with its firmware, the files it boots, and the signs that
    it has booted."""

    def __init__(self, name, arch, machine, files, stages, running, *,
                 config="", timeout=300, http=False, mac=None,
                 answered=True, hosts="", check=None):
        self.name = name
        self.arch = arch
        self.machine = machine      # (lab) -> argv and the card's device
        self.files = files          # (root, address): write the boot files
        self.stages = stages        # names that must be fetched whole
        self.running = running      # the request that shows that it runs
        self.config = config        # rules for pxeproxyd; FILES is replaced
        self.timeout = timeout
        self.http = http            # it needs an HTTP server too
        self.mac = mac              # where the firmware makes up its own
        self.answered = answered    # False: it is not ours to answer
        self.hosts = hosts          # the text of its hosts-file
        self.check = check          # (asked, said): fails if not as it should

    def variant(self, name, **changes):
        """The same machine under another policy."""
        other = copy.copy(self)
        other.name = name
        for key, value in changes.items():
            setattr(other, key, value)
        return other


def uboot(lab):
    """U-Boot for 64-bit ARM."""
    code = first_of("u-boot-qemu", "/usr/lib/u-boot/qemu_arm64/u-boot.bin")
    return [program("qemu-system-aarch64", "qemu-system-arm"),
            "-machine", "virt", "-cpu", "cortex-a57", *common(lab, 256),
            "-bios", code], "virtio-net-pci,romfile="


def uboot_riscv(lab):
    """U-Boot for 64-bit RISC-V, in the place of the machine's firmware."""
    code = first_of("u-boot-qemu", "/usr/lib/u-boot/qemu-riscv64/u-boot.bin")
    return [program("qemu-system-riscv64", "qemu-system-misc"),
            "-machine", "virt", *common(lab, 256), "-bios", code], \
        "virtio-net-pci,romfile="


def flash(lab, code, variables):
    """Firmware in two flash chips; the second is the machine's own copy."""
    copy = os.path.join(lab.dir, "vars.fd")
    shutil.copy(variables, copy)
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,unit=1,file={copy}"]


def common(lab, memory):
    # Where QEMU looks for the machine's BIOS and the cards' ROMs itself.
    places = []
    if other_release():
        for directory in ("seabios", "qemu"):
            places += ["-L", other_release() + "/usr/share/" + directory]
    return [*places, "-accel", "tcg", "-m", str(memory), "-nodefaults",
            "-no-user-config",
            "-display", "none", "-monitor", "none", "-uuid", UUID,
            "-serial", f"file:{lab.dir}/console.log"]


def bios(lab):
    """SeaBIOS; the card's ROM is iPXE, as QEMU gives it by default."""
    first_of("ipxe-qemu", "/usr/lib/ipxe/qemu/efi-virtio.rom",
             "/usr/share/qemu/efi-virtio.rom")
    return [program("qemu-system-x86_64", "qemu-system-x86"),
            "-machine", "pc,graphics=off", *common(lab, 128)], \
        "virtio-net-pci"


def lkrn(lab):
    """A stand-in for a PXE ROM of another make, which Debian does not have:
    iPXE, started from a file, with a user class that is not iPXE's."""
    argv, device = bios(lab)
    script = lab.file("labrom.ipxe",
                      "#!ipxe\nset user-class LABROM\nautoboot\n")
    return [*argv, "-kernel", first_of("ipxe", "/usr/lib/ipxe/ipxe.lkrn"),
            "-initrd", script], device


def ovmf(lab, *more):
    """EDK2 for x86-64 with its own driver for the card."""
    code = first_of("ovmf", "/usr/share/OVMF/OVMF_CODE_4M.fd",
                    "/usr/share/OVMF/OVMF_CODE.fd")
    return [program("qemu-system-x86_64", "qemu-system-x86"),
            "-machine", "pc,graphics=off", *common(lab, 256),
            *flash(lab, code, code.replace("_CODE", "_VARS")),
            "-device", "virtio-rng-pci", *more], "virtio-net-pci,romfile="


def ovmf_http(lab):
    """The same, told to leave out PXE, so that it boots by HTTP."""
    more = []
    for version in (4, 6):
        more += ["-fw_cfg", f"name=opt/org.tianocore/IPv{version}PXESupport,"
                 "string=no"]
    return ovmf(lab, *more)


def ovmf_ia32(lab):
    """EDK2 for 32-bit x86; Debian's needs a machine with SMM."""
    code = first_of("ovmf-ia32", "/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd")
    variables = first_of("ovmf-ia32", "/usr/share/OVMF/OVMF32_VARS_4M.fd")
    return [program("qemu-system-x86_64", "qemu-system-x86"),
            "-machine", "q35,smm=on,graphics=off", *common(lab, 256),
            "-global", "driver=cfi.pflash01,property=secure,value=on",
            *flash(lab, code, variables),
            "-device", "virtio-rng-pci"], "virtio-net-pci,romfile="


def ovmf_rom(lab):
    """EDK2 for x86-64 and the card's ROM, iPXE, as QEMU gives it by default:
    the ROM boots, and not EDK2's own PXE."""
    first_of("ipxe-qemu", "/usr/lib/ipxe/qemu/efi-virtio.rom",
             "/usr/share/qemu/efi-virtio.rom")
    return ovmf(lab)[0], "virtio-net-pci"


def aavmf(lab):
    """EDK2 for 64-bit ARM."""
    code = first_of("qemu-efi-aarch64",
                    "/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd",
                    "/usr/share/AAVMF/AAVMF_CODE.fd")
    variables = first_of("qemu-efi-aarch64", "/usr/share/AAVMF/AAVMF_VARS.fd")
    return [program("qemu-system-aarch64", "qemu-system-arm"),
            "-machine", "virt", "-cpu", "cortex-a57", *common(lab, 512),
            *flash(lab, code, variables),
            "-device", "virtio-rng-pci"], "virtio-net-pci,romfile="


def aavmf32(lab):
    """EDK2 for 32-bit ARM."""
    code = first_of("qemu-efi-arm", "/usr/share/AAVMF/AAVMF32_CODE.fd")
    variables = first_of("qemu-efi-arm", "/usr/share/AAVMF/AAVMF32_VARS.fd")
    return [program("qemu-system-arm", "qemu-system-arm"),
            "-machine", "virt,highmem=off", "-cpu", "cortex-a15",
            *common(lab, 512), *flash(lab, code, variables),
            "-device", "virtio-rng-pci"], "virtio-net-pci,romfile="


def install(source, root, name=None):
    path = os.path.join(root, name or os.path.basename(source))
    shutil.copy(source, path)
    os.chmod(path, 0o644)


def pxelinux_files(root, _address):
    install(first_of("pxelinux", "/usr/lib/PXELINUX/pxelinux.0"), root)
    install(first_of("syslinux-common",
                     "/usr/lib/syslinux/modules/bios/ldlinux.c32"), root)
    directory = os.path.join(root, "pxelinux.cfg")
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o755)
    default = os.path.join(directory, "default")
    with open(default, "w", encoding="ascii") as f:
        f.write("PROMPT 1\nTIMEOUT 0\n")       # it waits for ever
    os.chmod(default, 0o644)


def grub_files(platform, name):
    """GRUB that knows its server."""
    def write(root, address):
        grub_image(platform, f"(tftp,{address})/grub",
                   os.path.join(root, name))
    return write


def plain_grub_files(root, _address):
    """GRUB as distributions build it: its server is that of the lease."""
    grub_image("x86_64-efi", "/grub", os.path.join(root, "BOOTX64.EFI"))


def ipxe_files(*names):
    """iPXE itself and a script; what the script asks for is named nowhere
    else."""
    def write(root, address):
        for name in names:
            install(first_of("ipxe", "/usr/lib/ipxe/" + name), root)
        path = os.path.join(root, "boot.ipxe")
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!ipxe\n"
                    f"imgfetch http://{address}/script-runs || echo no file\n"
                    ":stay\nsleep 10\ngoto stay\n")
        os.chmod(path, 0o644)
    return write


def uboot_files(processor, memory):
    """A script for U-Boot (its legacy image format: a header of 64 octets
    with two CRCs, then the lengths of the parts, then the text)."""
    text = (f"tftpboot {memory:#x} script-runs\n"
            "while true; do sleep 10; done\n").encode()
    data = struct.pack(">II", len(text), 0) + text
    linux, script, plain = 5, 6, 0

    def header(crc):
        return struct.pack(">7I4B32s", 0x27051956, crc, 0, len(data), 0, 0,
                           zlib.crc32(data), linux, processor, script, plain,
                           b"boot")

    def write(root, _address):
        path = os.path.join(root, "boot.scr.uimg")
        with open(path, "wb") as f:
            f.write(header(zlib.crc32(header(0))) + data)
        os.chmod(path, 0o644)
    return write


def shim_files(root, address):
    """shim, and GRUB as its second stage."""
    install(first_of("shim-unsigned", "/usr/lib/shim/shimx64.efi"), root,
            "BOOTX64.EFI")
    grub_image("x86_64-efi", f"(tftp,{address})/grub",
               os.path.join(root, "grubx64.efi"))


def renamed(write, name, other):
    """The same files, one of them under another name."""
    def write_renamed(root, address):
        write(root, address)
        os.rename(os.path.join(root, name), os.path.join(root, other))
    return write_renamed


# What a started boot file asks for next.
PXELINUX_RUNS = r"^/?pxelinux\.cfg/"
GRUB_RUNS = r"^/?grub/grub\.cfg-01-"
ANY_GRUB_RUNS = r"/?grub/grub\.cfg"
SCRIPT_RUNS = r"^script-runs$"

IPXE_SCRIPT = """\
rule "iPXE runs: its script" {
	user-class = "iPXE"
	bootfile-name = "http://FILES/boot.ipxe"
}
"""

MENU = """\
rule "BIOS: a menu" {
	arch = "x86-bios"
	form = "menu"
	prompt = "Press F8 for the menu"
	timeout = 3
	item "PXELINUX" { bootfile-name = "pxelinux.0" }
	item "nothing of this server" { bootfile-name = "none.0" }
	item "Local disk" { }
}
"""


# What a policy must show besides the boot.  asked: the messages of the
# clients; said: ours; both in order.

def never_asks_4011(asked, _said):
    """All was in the OFFER."""
    if any(m.datagram.destination_port == 4011 for m in asked):
        raise LabError("the client asked port 4011")


def takes_the_first_item(asked, said):
    """The menu's time-out runs, and the client asks for its first item."""
    offers = [m for m in said if m.type == "OFFER"]
    acks = [m for m in said if m.type == "ACK"]
    questions = [m for m in asked if m.type == "REQUEST"
                 and 71 in suboptions(m)]
    if not offers or any(form(m) != "menu" for m in offers):
        raise LabError("our OFFER has no menu")
    if not questions or not acks:
        raise LabError("no item of the menu was asked for")
    for m in [*questions, *acks]:
        if suboptions(m)[71][:2] != b"\x80\x00":
            raise LabError(f"not the first item: {m}")
    waited = questions[0].time - offers[0].time
    if waited < 3:
        raise LabError(f"the client chose after {waited:.1f} s, before the "
                       "time-out of 3 s")


def no_offer(_asked, said):
    """Redirected: the address server's OFFER leads to our port 4011."""
    kinds = {m.type for m in said}
    if kinds != {"ACK"}:
        raise LabError(f"we said {', '.join(sorted(kinds)) or 'nothing'}, "
                       "not ACKs alone")


def offers_late(asked, said):
    """Each OFFER waits for half a second at least."""
    for offer in (m for m in said if m.type == "OFFER"):
        question = max(m.time for m in asked if m.type == "DISCOVER"
                       and m.xid == offer.xid and m.time < offer.time)
        if offer.time - question < 0.5:
            raise LabError(f"an OFFER after {offer.time - question:.3f} s")


def both_forms(asked, said):
    """binl in the first and the third round, direct in the second."""
    forms = [form(m) for m in said if m.type == "OFFER"]
    if forms[:2] != ["binl", "direct"]:
        raise LabError("our OFFERs had the forms " + ", ".join(forms))
    never_asks_4011(asked, said)


CLIENTS = [
    Client("bios-ipxe", 0, bios, pxelinux_files, ["pxelinux.0"],
           PXELINUX_RUNS),
    Client("bios-script", 0, bios, ipxe_files(), ["boot.ipxe"], SCRIPT_RUNS,
           config=IPXE_SCRIPT, http=True),
    Client("bios-undionly", 0, lkrn, ipxe_files("undionly.kpxe"),
           ["undionly.kpxe", "boot.ipxe"], SCRIPT_RUNS, http=True,
           config=IPXE_SCRIPT + """\
rule "BIOS" { arch = "x86-bios"  bootfile-name = "undionly.kpxe" }
"""),
    Client("ovmf-x64", 7, ovmf, grub_files("x86_64-efi", "BOOTX64.EFI"),
           ["BOOTX64.EFI"], GRUB_RUNS),
    Client("ovmf-snponly", 7, ovmf, ipxe_files("snponly.efi"),
           ["snponly.efi", "boot.ipxe"], SCRIPT_RUNS, http=True,
           config=IPXE_SCRIPT.replace('user-class = "iPXE"',
                                      'client = "ipxe"') + """\
rule "UEFI" { arch = "x64-uefi"  bootfile-name = "snponly.efi" }
"""),
    Client("ovmf-paired", 7, ovmf, grub_files("x86_64-efi", "BOOTX64.EFI"),
           ["BOOTX64.EFI"], GRUB_RUNS, config="""\
rule "UEFI" { arch = "x64-uefi"  bootfile-name = "BOOTX64.EFI"
	form = "paired" }
""", check=never_asks_4011),
    Client("ovmf-http", 16, ovmf_http,
           grub_files("x86_64-efi", "BOOTX64.EFI"), ["BOOTX64.EFI"],
           GRUB_RUNS, http=True),
    Client("ovmf-ia32", 6, ovmf_ia32,
           grub_files("i386-efi", "BOOTIA32.EFI"), ["BOOTIA32.EFI"],
           GRUB_RUNS),
    Client("aavmf-arm64", 11, aavmf, grub_files("arm64-efi", "BOOTAA64.EFI"),
           ["BOOTAA64.EFI"], GRUB_RUNS, timeout=400),
    Client("ovmf-rom", 7, ovmf_rom, grub_files("x86_64-efi", "BOOTX64.EFI"),
           ["BOOTX64.EFI"], GRUB_RUNS),
    Client("ovmf-rom-script", 7, ovmf_rom, ipxe_files(), ["boot.ipxe"],
           SCRIPT_RUNS, http=True, config=IPXE_SCRIPT),
    Client("aavmf-arm", 10, aavmf32, grub_files("arm-efi", "BOOTARM.EFI"),
           ["BOOTARM.EFI"], GRUB_RUNS, timeout=400),
    # U-Boot as Debian builds it knows nothing of ProxyDHCP: it boots from
    # the next-server of the pool, and we do not stand in its way.
    Client("uboot-arm64", 22, uboot, uboot_files(22, 0x41000000),
           ["boot.scr.uimg"], SCRIPT_RUNS, mac="52:52:52:52:52:52",
           answered=False),
    Client("uboot-riscv64", None, uboot_riscv, uboot_files(26, 0x81000000),
           ["boot.scr.uimg"], SCRIPT_RUNS, mac="52:52:52:52:52:52",
           answered=False),
    # Without Secure Boot, which OVMF's variables here do not have on.
    Client("ovmf-shim", 7, ovmf, shim_files, ["BOOTX64.EFI", "grubx64.efi"],
           GRUB_RUNS),
    Client("ovmf-grub", 7, ovmf, plain_grub_files, ["BOOTX64.EFI"],
           ANY_GRUB_RUNS),
]


def machine(name):
    return next(client for client in CLIENTS if client.name == name)


# The same machines under other policies.
CLIENTS += [
    machine("bios-ipxe").variant("bios-menu", config=MENU,
                                 check=takes_the_first_item),
    machine("bios-ipxe").variant("bios-auto", config="""\
rule "all" { form = "auto" }
"""),
    machine("bios-ipxe").variant("bios-delay", check=offers_late, config="""\
rule "all" { delay = 500 }
"""),
    machine("bios-ipxe").variant(
        "bios-hosts", config="""\
hosts-file = "HOSTS"
bootfile-name = "none.0"
""", hosts="52:54:00:00:00:07 machine7.0\n",
        files=renamed(pxelinux_files, "pxelinux.0", "machine7.0"),
        stages=["machine7.0"]),
    # The prompt of EDK2 ends with the time-out too.
    machine("ovmf-x64").variant(
        "ovmf-menu", check=takes_the_first_item,
        config=MENU.replace("x86-bios", "x64-uefi")
        .replace("BIOS", "UEFI").replace("PXELINUX", "GRUB")
        .replace("pxelinux.0", "BOOTX64.EFI")),
    machine("ovmf-x64").variant("ovmf-auto", config="""\
rule "all" { form = "auto" }
"""),
    machine("ovmf-x64").variant("ovmf-rounds", check=both_forms, config="""\
rule "all" { form = "auto" }
"""),
    machine("ovmf-x64").variant("ovmf-delay", check=offers_late, config="""\
rule "all" { delay = 500 }
"""),
    machine("ovmf-x64").variant("ovmf-redirect", check=no_offer, config="""\
rule "all" { form = "redirect" }
"""),
    machine("ovmf-x64").variant(
        "ovmf-hosts", config="""\
hosts-file = "HOSTS"
bootfile-name = "none.efi"
""", hosts=UUID_SENT + " machine7.efi\n",
        files=renamed(grub_files("x86_64-efi", "BOOTX64.EFI"), "BOOTX64.EFI",
                      "machine7.efi"),
        stages=["machine7.efi"]),
]


# ----------------------------------------------------------------------------
# Networks

class Responder:
    """A running pxeproxyd on one of its links."""

    def __init__(self, address, mac, arguments, process, capture, near):
        self.address = address
        self.mac = mac
        self.arguments = arguments  # all but the interfaces
        self.process = process
        self.capture = capture      # where its conversation is seen
        self.near = near            # what its own port of the switch shows
        self.killed = False


class Network:
    """What a case runs in: filled in by one of the functions below."""

    def __init__(self, lab, client):
        self.lab = lab
        self.client = client
        self.machines = []          # for each machine the links of its cards
        self.responders = []
        self.captures = {}          # by link
        self.root = os.path.join(lab.dir, "root")
        self.on_look = None         # called with each look at the capture
        self.silent = []            # responders that must not answer
        self.timeout = client.timeout
        os.makedirs(self.root, exist_ok=True)

    def link(self, name):
        link = self.lab.link(name, advertise=True)
        self.captures[link] = self.lab.capture(
            link, ("boot" if not self.captures else name) + ".pcap")
        return link

    def host(self, name, address, link):
        return self.lab.host(name, address + "/24", link)

    def files(self, host):
        """The boot files and their servers."""
        self.client.files(self.root, host.address)
        self.lab.file_servers(host, self.root, self.client.http)

    def proxy(self, host, places, next_server=FILES, name="pxeproxyd",
              config=None, live=()):
        """pxeproxyd on the links; places: (link, address) for eth0 ...;
        live: options that mean nothing to a replay."""
        arguments = []
        if next_server:
            arguments += ["--next-server", next_server]
        text = config or self.client.config
        if text:
            text = text.replace("FILES", next_server or host.address)
            if self.client.hosts:
                text = text.replace("HOSTS", self.lab.file(
                    name + ".hosts", self.client.hosts))
            arguments += ["-c", self.lab.file(name + ".conf", text)]
        near = [self.lab.capture(link, f"near-{name}{n or ''}.pcap",
                                 host.ports[n])
                for n, (link, _) in enumerate(places)]
        process = self.lab.pxeproxyd(
            host, *arguments, *live, *host.interfaces[:len(places)], name=name)
        for n, (link, address) in enumerate(places):
            self.responders.append(Responder(
                address, mac_of(address), arguments, process,
                self.captures[link], near[n]))
        return process


POOL = ("10.0.0.0/24", "10.0.0.100", "10.0.0.150")

# dhcpd sends option 60 only where it is told to.
PXE_MARK = """
	option vendor-class-identifier "PXEClient";
	option dhcp-parameter-request-list =
		concat(option dhcp-parameter-request-list, 3c);
"""


def address_server(net, kind, host, extra=""):
    """The server that gives addresses and knows nothing of PXE."""
    if kind == "dhcpd":
        net.lab.isc_dhcpd(host, *POOL, extra=extra)
    elif kind == "kea":
        net.lab.kea(host, *POOL)
    else:
        net.lab.dnsmasq(host, *POOL[1:])


def lan(net, server="dhcpd", extra="", together=False, next_server=FILES):
    """One switch.  server: which address server; extra: what its pool says
    besides; together: it runs on our host; next_server None: so does the
    TFTP server, and nothing is configured."""
    link = net.link("lan")
    net.machines = [[link]]
    proxy = net.host("proxy", "10.0.0.2", link)
    pool = proxy if together else net.host("switch", "10.0.0.1", link)
    files = net.host("files", FILES, link) if next_server else proxy
    extra = extra.replace("FILES", files.address)
    address_server(net, server, pool,
                   extra.replace("BOOTFILE", net.client.stages[0]))
    net.files(files)
    net.proxy(proxy, [(link, proxy.address)], next_server)


def relay(net):
    """The client is behind a relay that sends what it asks to the address
    server and to us, with option 82."""
    lan_link = net.link("lan")
    servers = net.link("servers")
    net.machines = [[lan_link]]
    router = net.host("router", "10.0.1.254", lan_link)
    router.join(servers, "10.0.0.254/24")
    router.forward()
    pool = net.host("switch", "10.0.0.1", servers)
    proxy = net.host("proxy", "10.0.0.2", servers)
    files = net.host("files", FILES, servers)
    for host in (pool, proxy, files):
        host.route("10.0.1.0/24", "via", "10.0.0.254")
    net.lab.isc_dhcpd(pool, "10.0.1.0/24", "10.0.1.100", "10.0.1.150",
                      extra="option routers 10.0.1.254;",
                      more="subnet 10.0.0.0 netmask 255.255.255.0 { }")
    net.files(files)
    # A relay is told that port 67 is unreachable where nobody holds it.
    net.proxy(proxy, [(servers, proxy.address)], live=["--hold-port-67"])
    net.lab.dhcrelay(router, "eth0", "eth1", pool.address, proxy.address)


def two_links(net):
    """We serve two links, and a client boots on each; the TFTP server is on
    our host, so the next-server differs from link to link."""
    first, second = net.link("lan"), net.link("lan2")
    net.machines = [[first], [second]]
    proxy = net.host("proxy", "10.0.0.2", first)
    proxy.join(second, "10.0.1.2/24")
    for n, link in enumerate((first, second)):
        pool = net.host(f"switch{n}", f"10.0.{n}.1", link)
        net.lab.isc_dhcpd(pool, f"10.0.{n}.0/24", f"10.0.{n}.100",
                          f"10.0.{n}.150", name=f"dhcpd{n}")
    net.files(proxy)
    net.proxy(proxy, [(first, "10.0.0.2"), (second, "10.0.1.2")], None)


def three_cards(net):
    """The machine has three cards and only the last is on the boot
    network.  UEFI tries PXE and HTTP, IPv4 and IPv6, on each in turn."""
    lan(net)
    dead = [net.lab.link("dead1", advertise=True),
            net.lab.link("dead2", advertise=True)]
    net.machines = [[*dead, *net.machines[0]]]
    net.timeout = 1500


def second_responder(net):
    """Beside us another ProxyDHCP server, dnsmasq, gives the same files."""
    lan(net)
    link = net.machines[0][0]
    other = net.host("dnsmasq", "10.0.0.4", link)
    words = {0: "x86PC", 6: "IA32_EFI", 7: "X86-64_EFI", 11: "ARM64_EFI"}
    name = net.client.stages[0]
    net.lab.dnsmasq(other, None, None, extra=f"""\
dhcp-range=10.0.0.0,proxy
pxe-service={words[net.client.arch]},"boot",{name},{FILES}
""" if net.client.arch else f"""\
dhcp-range=10.0.0.0,proxy
pxe-service=x86PC,"boot",{name.rpartition('.')[0]},{FILES}
""")


def failover(net):
    """Two of ours; the one that the client heard first is killed as soon
    as it has made its offer."""
    lan(net)
    link = net.machines[0][0]
    spare = net.host("spare", "10.0.0.5", link)
    net.proxy(spare, [(link, spare.address)], name="spare")

    def kill(messages):
        for m in messages:
            for r in net.responders:
                if m.type == "OFFER" and m.datagram.source_mac == r.mac \
                        and not any(x.killed for x in net.responders):
                    r.killed = True
                    r.process.stop(signal.SIGKILL)
    net.on_look = kill


def standby(net, primary):
    """A second one of ours answers only clients that have asked in vain.
    primary: does the first one answer, or is it dead?"""
    lan(net)
    link = net.machines[0][0]
    spare = net.host("spare", "10.0.0.5", link)
    net.proxy(spare, [(link, spare.address)], name="spare",
              config='rule "standby" { min-secs = 4 }\n')
    first, second = net.responders
    if primary:
        net.silent.append(second)
    else:
        first.killed = True
        first.process.stop(signal.SIGKILL)


def trunk(net):
    """The client's frames reach us with a VLAN tag, and so go back.  A
    small switch in Python stands between the access ports and the trunk;
    it answers ARP for us, as our VLAN interface would."""
    access = net.link("lan")
    tagged = net.link("trunk")
    net.machines = [[access]]
    pool = net.host("switch", "10.0.0.1", access)
    files = net.host("files", FILES, access)
    proxy = net.host("proxy", "10.0.0.2", tagged)
    net.lab.trunk(access, tagged, 7, proxy)
    net.lab.isc_dhcpd(pool, *POOL)
    net.files(files)
    net.proxy(proxy, [(tagged, proxy.address)])


def late(net):
    """We are at the end of a line that takes a while: whatever the address
    server says comes before our answer."""
    near = net.link("lan")
    far = net.link("far")
    net.machines = [[near]]
    pool = net.host("switch", "10.0.0.1", near)
    files = net.host("files", FILES, near)
    proxy = net.host("proxy", "10.0.0.2", far)
    start_line(net.lab, "far", near, far, [{"delay": 0.05}])
    net.lab.isc_dhcpd(pool, *POOL)
    net.files(files)
    net.proxy(proxy, [(far, proxy.address)])


def pool_late(net):
    """The address server comes up when the client has asked once: it takes
    an OFFER of its second round."""
    link = net.link("lan")
    net.machines = [[link]]
    pool = net.host("switch", "10.0.0.1", link)
    files = net.host("files", FILES, link)
    proxy = net.host("proxy", "10.0.0.2", link)
    net.files(files)
    net.proxy(proxy, [(link, proxy.address)])
    started = []

    def start(messages):
        if not started and any(m.type == "OFFER" for m in messages):
            started.append(net.lab.isc_dhcpd(pool, *POOL))
    net.on_look = start


def ping_first(seconds):
    """dhcpd looks whether the address is free before it offers it."""
    return f"ping-check true; ping-timeout {seconds};"


NETWORKS = {
    # TFTP on another host, on ours; other address servers
    "flat": (lan, {}),
    "own-tftp": (lan, {"next_server": None}),
    "kea": (lan, {"server": "kea"}),
    "dnsmasq": (lan, {"server": "dnsmasq"}),
    # the address server on our host, with port 67 in its hands
    "with-dhcpd": (lan, {"together": True}),
    "with-kea": (lan, {"together": True, "server": "kea"}),
    "with-dnsmasq": (lan, {"together": True, "server": "dnsmasq"}),
    # the pool has boot data of its own, in the header or in options
    "pool-right": (lan, {"extra": 'next-server FILES;'
                         ' filename "BOOTFILE";'}),
    "pool-wrong": (lan, {"extra": 'next-server 10.0.0.99;'
                         ' filename "WRONG.EFI";'}),
    # As options 66 and 67, from a server that pings first, as switches do.
    # EDK2 writes a NUL behind option 67; where that was the pool's last
    # option, the offer has lost its end.  EDK2 then takes whichever offer
    # came last, and when that is ours, which has no address, it is stuck.
    # No responder can mend it: such a pool is well only when it is slower
    # (pool-67 is not).
    "pool-options": (lan, {"extra": 'option tftp-server-name "10.0.0.99";'
                           ' option bootfile-name "WRONG.EFI";'
                           ' ping-check true; ping-timeout 1;'}),
    "pool-67": (lan, {"extra": 'option tftp-server-name "10.0.0.99";'
                      ' option bootfile-name "WRONG.EFI";'}),
    "redirect": (lan, {"extra": "next-server 10.0.0.2;" + PXE_MARK}),
    # offers that come late
    "slow-1s": (lan, {"extra": ping_first(1)}),
    "slow-3s": (lan, {"extra": ping_first(3)}),
    "relay": (relay, {}),
    "trunk": (trunk, {}),
    "late": (late, {}),
    "pool-late": (pool_late, {}),
    "two-links": (two_links, {}),
    "three-cards": (three_cards, {}),
    "second-responder": (second_responder, {}),
    "failover": (failover, {}),
    "standby": (standby, {"primary": False}),
    "standby-idle": (standby, {"primary": True}),
}

# Client, network, and "ci" where the case belongs to that part.
CASES = [
    ("bios-ipxe", "flat", "ci"),
    ("ovmf-x64", "flat", "ci"),
    ("aavmf-arm64", "flat", "ci"),
    ("ovmf-ia32", "flat", "ci"),
    ("ovmf-http", "flat", "ci"),
    ("ovmf-rom", "flat", "ci"),
    ("ovmf-rom", "pool-wrong", ""),
    ("ovmf-rom-script", "flat", ""),
    # Not for continuous integration: a package of yet another architecture,
    # and firmware that newer distributions no longer have.
    ("aavmf-arm", "flat", ""),
    ("bios-script", "flat", "ci"),
    ("bios-undionly", "flat", "ci"),
    ("ovmf-snponly", "flat", "ci"),
    ("ovmf-paired", "flat", "ci"),
    ("bios-ipxe", "own-tftp", "ci"),
    ("ovmf-x64", "own-tftp", ""),
    ("aavmf-arm64", "own-tftp", ""),
    ("bios-ipxe", "kea", ""),
    ("ovmf-x64", "kea", "ci"),
    ("bios-ipxe", "dnsmasq", "ci"),
    ("ovmf-x64", "dnsmasq", ""),
    ("bios-ipxe", "with-dhcpd", ""),
    ("ovmf-x64", "with-dhcpd", "ci"),
    ("ovmf-x64", "with-kea", "ci"),
    ("bios-ipxe", "with-kea", ""),
    ("ovmf-x64", "with-dnsmasq", "ci"),
    ("bios-ipxe", "with-dnsmasq", ""),
    ("bios-ipxe", "pool-right", ""),
    ("ovmf-x64", "pool-right", "ci"),
    ("bios-ipxe", "pool-options", "ci"),
    ("ovmf-x64", "pool-options", ""),
    ("bios-ipxe", "pool-wrong", "ci"),
    ("ovmf-x64", "pool-wrong", "ci"),
    ("ovmf-http", "pool-wrong", ""),
    ("bios-undionly", "pool-wrong", ""),
    ("ovmf-x64", "redirect", "ci"),
    ("uboot-arm64", "pool-right", "ci"),
    ("bios-ipxe", "slow-1s", "ci"),
    ("ovmf-x64", "slow-1s", ""),
    ("bios-ipxe", "slow-3s", ""),
    ("ovmf-x64", "slow-3s", "ci"),
    ("ovmf-http", "slow-3s", ""),
    ("bios-ipxe", "relay", "ci"),
    ("ovmf-x64", "relay", "ci"),
    ("ovmf-http", "relay", ""),
    ("aavmf-arm64", "relay", ""),
    ("bios-ipxe", "trunk", "ci"),
    ("ovmf-x64", "trunk", "ci"),
    ("bios-ipxe", "late", "ci"),
    ("ovmf-x64", "late", ""),
    ("bios-ipxe", "two-links", "ci"),
    ("bios-ipxe", "three-cards", "ci"),
    ("ovmf-x64", "three-cards", ""),
    ("bios-ipxe", "second-responder", ""),
    ("ovmf-x64", "second-responder", "ci"),
    ("bios-ipxe", "failover", ""),
    ("ovmf-x64", "failover", "ci"),
    ("aavmf-arm64", "failover", ""),
    # other policies
    ("ovmf-shim", "flat", "ci"),
    ("ovmf-shim", "pool-right", ""),
    ("bios-menu", "flat", "ci"),
    ("bios-menu", "own-tftp", "ci"),
    ("bios-hosts", "flat", "ci"),
    ("ovmf-hosts", "flat", "ci"),
    ("bios-auto", "flat", "ci"),
    ("ovmf-auto", "flat", "ci"),
    ("ovmf-rounds", "pool-late", "ci"),
    ("bios-delay", "flat", "ci"),
    ("ovmf-delay", "flat", "ci"),
    ("ovmf-redirect", "redirect", "ci"),
    ("ovmf-x64", "standby", "ci"),
    ("ovmf-x64", "standby-idle", "ci"),
    ("ovmf-menu", "flat", "ci"),
    ("ovmf-menu", "own-tftp", "ci"),
    # The address server takes the question for an item for a renewal, and
    # what it says comes first.
    ("bios-menu", "late", "ci"),
    ("ovmf-menu", "late", "ci"),
    ("uboot-riscv64", "pool-right", "ci"),
    ("ovmf-grub", "pool-right", "ci"),
    # see LIMITS
    ("ovmf-delay", "pool-67", "ci"),
    ("bios-delay", "redirect", "ci"),
    ("ovmf-grub", "flat", "ci"),
    ("ovmf-shim", "pool-wrong", "ci"),
    ("uboot-arm64", "flat", "ci"),
]


# Where a client cannot boot for a reason that no responder can mend, the case
# shows just that, and fails should the client boot: then the documentation
# is to be changed.  Each has a sign that things went the way that is known.

def first_stage_is_whole(watcher):
    return watcher.whole(watcher.client.stages[0])


def has_a_lease(watcher):
    return any(m.type == "ACK" for m in watcher.messages)


def asks_again_for_the_lease(watcher):
    questions = [m for m in watcher.messages if m.type == "REQUEST"
                 and m.mac == watcher.mac]
    return len(questions) > 1 and all(m.datagram.destination_port == 67
                                      for m in questions)


def asks_4011_of_the_pool(watcher):
    pools = {m.datagram.source for m in watcher.messages
             if m.type == "OFFER" and m.yiaddr != "0.0.0.0"}
    return any(m.datagram.destination_port == 4011
               and m.datagram.destination in pools for m in watcher.messages)


LIMITS = {
    ("ovmf-delay", "pool-67"): (
        asks_again_for_the_lease,
        "EDK2 spoils an offer whose last option is 67, and where ours comes "
        "after it asks us for the address", "pool-option-67"),
    ("bios-delay", "redirect"): (
        asks_4011_of_the_pool,
        "iPXE asks port 4011 of a pool that says PXEClient",
        "pool-says-pxeclient"),
    ("ovmf-grub", "flat"): (
        first_stage_is_whole,
        "GRUB takes its server from the lease, which names none",
        "grub-no-server"),
    ("ovmf-shim", "pool-wrong"): (
        first_stage_is_whole,
        "shim takes its server from a lease that names a file",
        "second-stage-asks-pool"),
    ("uboot-arm64", "flat"): (
        has_a_lease,
        "U-Boot without ProxyDHCP takes its server from the lease",
        "uboot-takes-no-proxy"),
}
LIMIT_LASTS = 20                    # seconds without a boot, from the sign on


# ----------------------------------------------------------------------------
# One case

class Watcher:
    """Follows one machine on the capture of its link and says how far its
    boot has come."""

    def __init__(self, net, link, mac):
        self.net = net
        self.client = net.client
        self.mac = mac
        self.reader = PcapReader(net.captures[link].path)
        self.tftp = TftpWatch()
        self.messages = []
        self.http = []              # (name, octets if sent whole, else None)
        self.first_http = {}        # name -> time of its first octet
        self._asked_http = {}
        self.http_log = os.path.join(net.lab.dir, "httpd.log")

    def look(self):
        for when, frame in self.reader.new():
            packet = datagram(when, frame)
            if packet is None:
                self._see_http(when, frame)
                continue
            message = dhcp(packet)
            if message:
                self.messages.append(message)
            else:
                self.tftp.see(packet)
        if os.path.exists(self.http_log):
            self._read_http_log()

    def _see_http(self, when, frame):
        """The time of a GET, and of the first octets that answer it."""
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            return
        at = 14 + (frame[14] & 15) * 4
        end = 14 + int.from_bytes(frame[16:18], "big")
        payload = frame[at + (frame[at + 12] >> 4) * 4:end]
        ports = frame[at:at + 4]
        if not payload:
            return
        asked = re.match(rb"GET /?(\S*) HTTP", payload)
        if asked:
            name = asked.group(1).decode("latin-1")
            self._asked_http[ports[2:4] + ports[0:2]] = name
        elif ports in self._asked_http:
            self.first_http.setdefault(self._asked_http.pop(ports), when)

    def _read_http_log(self):
        self.http = []
        with open(self.http_log, encoding="utf-8", errors="replace") as f:
            for line in f:
                sent = re.match(r"sent (\d+) octets of /(\S*)", line)
                asked = re.search(r'"GET /(\S*) ', line)
                if sent:
                    self.http.append((sent.group(2), int(sent.group(1))))
                elif asked:
                    self.http.append((asked.group(1), None))

    def whole(self, name):
        """Was this file fetched whole?"""
        size = os.path.getsize(os.path.join(self.net.root, name))
        return any(t.name.lstrip("/") == name and t.complete
                   and t.octets == size and t.mac == self.mac
                   for t in self.tftp.transfers) or (name, size) in self.http

    def runs(self):
        """The request that shows that the last stage runs, or None."""
        asked = [t.name for t in self.tftp.transfers]
        asked += [name for name, _ in self.http]
        for name in asked:
            if re.search(self.client.running, name):
                return name
        return None

    def booted(self):
        self.look()
        if all(self.whole(name) for name in self.client.stages):
            return self.runs()
        return None

    # -- what the report says

    def discover(self):
        """The machine's first question."""
        for m in self.messages:
            if m.type == "DISCOVER" and m.mac == self.mac \
                    and m.vendor_class.startswith(
                        ("PXEClient", "HTTPClient", "U-Boot")):
                return m
        return None

    def seconds(self):
        """From the first DISCOVER to the first octet of the boot file."""
        asked, name = self.discover(), self.client.stages[0]
        first = [t.first for t in self.tftp.transfers
                 if t.first and t.name.lstrip("/") == name]
        if name in self.first_http:
            first.append(self.first_http[name])
        return min(first) - asked.time if asked and first else None

    def leases(self):
        """What the address server offered."""
        return [f"{m.yiaddr} next-server {m.siaddr} file {m.bootfile or '-'}"
                for m in self.messages if m.type == "OFFER"
                and m.mac == self.mac and m.yiaddr != "0.0.0.0"]


def ours(responder):
    """The messages of a responder in its capture, in order."""
    return [m for m in read_dhcp(responder.capture.path)
            if m.datagram.source_mac == responder.mac and m.op == 2
            and m.datagram.source_port in (67, 4011)
            and m.yiaddr == "0.0.0.0"]


def icmp_errors(responder):
    """ICMP errors that came from the responder's host."""
    found = []
    for _, frame in read_pcap(responder.capture.path):
        if mac_text(frame[6:12]) != responder.mac:
            continue
        while frame[12:14] in (b"\x81\x00", b"\x88\xa8"):
            frame = frame[:12] + frame[16:]
        if frame[12:14] == b"\x08\x00" and frame[23] == 1 \
                and frame[34] == 3:
            found.append(f"type 3 code {frame[35]}")
    return found


def suboptions(message):
    """The sub-options of option 43, by number."""
    data, found, at = message.options.get(43, b""), {}, 0
    while at + 1 < len(data) and data[at] != 255:
        size = data[at + 1]
        found[data[at]] = data[at + 2:at + 2 + size]
        at += 2 + size
    return found


def form(message):
    """Which form of answer this is, as seen on the wire."""
    if message.vendor_class.startswith("HTTPClient"):
        return "http"
    if 175 in message.options:
        return "ipxe"
    inside = suboptions(message)
    if 71 in inside:
        return "item"
    if 9 in inside:
        return "menu"
    return "direct" if inside else "binl"


def unique(items):
    return list(dict.fromkeys(items))


def replay(lab, responder, name):
    """Replay the capture with the same configuration: the answers must be
    the frames that were on the wire.  Gives their number."""
    answers = os.path.join(lab.dir, name + "-answers.pcap")
    capture = responder.capture.path
    text = command(find_pxeproxyd(), "-r", capture, "-w", answers,
                   "--address", responder.address, "--mac", responder.mac,
                   *responder.arguments, timeout=60)
    lab.file(name + ".txt", text)
    wire = [m.frame for m in ours(responder)]
    again = [frame for _, frame in read_pcap(answers)]
    if responder.killed:
        again = again[:len(wire)]
    for n, (a, b) in enumerate(zip(wire, again), 1):
        if a != b:
            raise LabError(f"replay differs from the wire in answer {n}:"
                           f"\nwire   {a.hex()}\nreplay {b.hex()}")
    if len(wire) != len(again):
        raise LabError(f"{len(wire)} answers on the wire, {len(again)} in "
                       "the replay")
    return len(wire)


def found(responder, capture):
    """The names of what `pxeproxyd diagnose` finds in a capture."""
    return causes(findings(["--address", responder.address, "--mac",
                            responder.mac, *responder.arguments],
                           capture.path))


def diagnose(responder, finding):
    """A boot that succeeds has no finding, neither near us nor on the
    link; one that cannot has that finding on the link."""
    seen = found(responder, responder.capture)
    if finding and seen[:1] != [finding]:
        raise LabError(f"diagnose names {listed(seen)}, not {finding}")
    if finding:
        return
    for capture in (responder.capture, responder.near):
        seen = found(responder, capture)
        if seen:
            raise LabError(f"it boots, and diagnose names {listed(seen)} "
                           f"in {os.path.basename(capture.path)}")


def blank(name):
    """The result of a case that did not begin."""
    return {"case": name, "state": "failed", "why": "", "asked": "",
            "answered": [], "pool": [], "seconds": None, "running": "",
            "replayed": None, "limit": "", "responders": [], "took": 0}


def boot(lab, result):
    """Build the network, start the machines, watch, check."""
    client, network = result["case"].split("/")
    net = Network(lab, machine(client))
    build, options = NETWORKS[network]
    build(net, **options)
    watchers, machines, number = [], [], 7
    for n, links in enumerate(net.machines):
        argv, device = net.client.machine(lab)
        if n:
            # Each machine has its own console (and UUID).
            argv = [word.replace("console.log", f"console{n}.log")
                    .replace(UUID, UUID[:-1] + str(n)) for word in argv]
        cards = []
        for link in links:
            cards.append((link, f"52:54:00:00:00:{number:02x}", device))
            number += 1
        watchers.append(Watcher(net, links[-1],
                                net.client.mac or cards[-1][1]))
        machines.append(lab.qemu(argv, *cards, name=f"qemu{n or ''}"))

    def all_booted():
        states = [w.booted() for w in watchers]
        if net.on_look:
            net.on_look(watchers[0].messages)
        return all(states) and states[0]

    sign, limit, finding = LIMITS.get((net.client.name, network),
                                      (None, "", ""))
    trouble = None
    try:
        if sign:
            lab.wait(lambda: all_booted() or sign(watchers[0]), net.timeout,
                     "sign of what is known", 0.3)
            with contextlib.suppress(LabTimeout):
                result["running"] = lab.wait(all_booted, LIMIT_LASTS, "boot")
                raise LabError("it boots, which it could not: see LIMITS")
            result["limit"] = limit
        else:
            result["running"] = lab.wait(all_booted, net.timeout,
                                         "running boot file", 0.3)
    except LabError as problem:
        trouble = problem
    for qemu in machines:
        qemu.stop(patience=10)
    for capture in [*net.captures.values(),
                    *(r.near for r in net.responders)]:
        capture.stop()
    status = {r.process.name: (r.process, r.process.stop(signal.SIGTERM))
              for r in net.responders if not r.killed}
    for watcher in watchers:
        watcher.look()
    asked = [w.discover() for w in watchers]
    result["asked"] = "; ".join(unique(
        f"arch {m.arch} {m.vendor_class}" for m in asked if m))
    said = sorted((m for r in net.responders for m in ours(r)),
                  key=lambda m: m.time)
    result["responders"] = [
        {"address": r.address, "mac": r.mac, "arguments": r.arguments,
         "capture": os.path.basename(r.capture.path)}
        for r in net.responders if not r.killed and r not in net.silent]
    result["answered"] = unique(
        f"{m.type} {form(m)} {m.bootfile or '-'} from {m.siaddr}"
        for m in said)
    result["pool"] = unique(x for w in watchers for x in w.leases())
    times = [w.seconds() for w in watchers]
    result["seconds"] = max(times) if None not in times else None
    if trouble:
        raise trouble
    for m in asked:
        if m is None or m.arch != net.client.arch:
            raise LabError(f"asked as architecture {m and m.arch}, not "
                           f"{net.client.arch}")
    for responder in net.responders:
        if not responder.killed:
            errors = icmp_errors(responder)
            if errors:
                raise LabError("ICMP errors from the responder's host: "
                               + ", ".join(errors))
    for process, code in status.values():
        if code != 0:
            raise LabError(f"{process.name} ended with status {code}:\n"
                           f"{process.tail()}")
    for responder in net.silent:
        if ours(responder):
            raise LabError(f"{responder.process.name} answered, and was not "
                           "to")
    if net.client.check:
        net.client.check([m for w in watchers for m in w.messages
                          if m.op == 1], said)
    counts = [replay(lab, r, f"replay{n or ''}")
              for n, r in enumerate(net.responders)]
    if not limit and bool(sum(counts)) != net.client.answered:
        raise LabError(f"{sum(counts)} answers of ours to this client")
    result["replayed"] = sum(counts)
    for responder in net.responders:
        if not responder.killed:
            diagnose(responder, finding)


# ----------------------------------------------------------------------------
# The run

def line_of(result):
    """One line for a case."""
    text = head_of_line(result, 28)
    if result["state"] == "skipped":
        return f"{text} {result['why']}"
    seconds = result["seconds"]
    parts = ["booted" if result["running"] else "not booted",
             *(["as is known: " + result["limit"]] if result["limit"] else []),
             result["asked"] or "never asked",
             "; ".join(result["answered"]) or "no answer from us",
             "pool: " + ("; ".join(result["pool"]) or "no offer"),
             f"{seconds:.1f} s" if seconds is not None else "- s"]
    if result["replayed"]:
        parts.append(f"replay equal ({result['replayed']} answers)")
    return f"{text} " + " | ".join(parts)


def explain(result, directory):
    """Enough to see why a case failed."""
    print(f"---- {result['case']}: {result['why']}")
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name.endswith(".log") and not name.startswith(("tcpdump", "ra-")):
            with open(path, encoding="utf-8", errors="replace") as f:
                lines = re.sub(r"\x1b\[[0-9;?=]*[A-Za-z]", "",
                               f.read()).splitlines()
            print(f"-- {name}, last lines")
            print("\n".join("   " + s[:160] for s in lines[-12:]))
    capture = os.path.join(directory, "boot.pcap")
    if os.path.exists(capture):
        print("-- boot.pcap, DHCP and what TFTP was asked")
        with contextlib.suppress(LabError, LabSkip):
            text = command("tshark", "-n", "-r", capture, "-Y",
                           "dhcp or icmp or tftp.opcode==1 or tftp.opcode==5"
                           " or http.request", check=False)
            lines = [s for s in text.splitlines() if "Running as" not in s]
            print("\n".join("   " + s[:160] for s in lines[-40:]))
    print(f"---- all of it is in {directory}")


def table(results):
    print()
    head = ("case", "result", "asked", "we answered", "first octet", "took")
    rows = [head]
    for r in results:
        first = r["seconds"]
        rows.append((r["case"], "limit" if r["limit"] else r["state"],
                     r["asked"][:40],
                     "; ".join(r["answered"])[:60],
                     f"{first:.1f} s" if first is not None else "-",
                     f"{r['took']:.0f} s"))
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    for row in rows:
        print("  ".join(f"{cell:<{w}}" for cell, w in
                        zip(row, widths)).rstrip())
    times = {r["case"]: r["seconds"] for r in results if r["running"]}
    binl, paired = times.get("ovmf-x64/flat"), times.get("ovmf-paired/flat")
    if binl and paired:
        print(f"\nOVMF, first octet: form binl {binl:.1f} s, form paired "
              f"{paired:.1f} s (port 4011 was not asked)")


def chosen(patterns, part):
    """The cases that these patterns name, in the order of the table."""
    return [f"{client}/{network}" for client, network, parts in CASES
            if (not part or part in parts.split())
            and is_named(f"{client}/{network}", patterns)]


# ----------------------------------------------------------------------------
# Small captures for the tree

# Each client and each network once: file, case, which of its captures.
SAVED = [
    ("firmware/bios-ipxe", "bios-ipxe/flat", "boot"),
    ("firmware/bios-script", "bios-script/flat", "boot"),
    ("firmware/bios-undionly", "bios-undionly/flat", "boot"),
    ("firmware/ovmf-x64", "ovmf-x64/flat", "boot"),
    ("firmware/ovmf-snponly", "ovmf-snponly/flat", "boot"),
    ("firmware/ovmf-rom", "ovmf-rom/flat", "boot"),
    ("firmware/ovmf-rom-script", "ovmf-rom-script/flat", "boot"),
    ("firmware/ovmf-shim", "ovmf-shim/flat", "boot"),
    ("firmware/ovmf-paired", "ovmf-paired/flat", "boot"),
    ("firmware/ovmf-http", "ovmf-http/flat", "boot"),
    ("firmware/ovmf-ia32", "ovmf-ia32/flat", "boot"),
    ("firmware/aavmf-arm64", "aavmf-arm64/flat", "boot"),
    ("firmware/aavmf-arm", "aavmf-arm/flat", "boot"),
    ("firmware/uboot-arm64", "uboot-arm64/pool-right", "boot"),
    ("firmware/uboot-riscv64", "uboot-riscv64/pool-right", "boot"),
    ("firmware/bios-menu", "bios-menu/own-tftp", "boot"),
    ("firmware/bios-menu-broadcast", "bios-menu/flat", "boot"),
    ("firmware/ovmf-menu", "ovmf-menu/own-tftp", "boot"),
    ("firmware/bios-hosts", "bios-hosts/flat", "boot"),
    ("firmware/ovmf-hosts", "ovmf-hosts/flat", "boot"),
    ("firmware/ovmf-rounds", "ovmf-rounds/pool-late", "boot"),
    ("firmware/ovmf-redirect", "ovmf-redirect/redirect", "boot"),
    ("networks/net-own-tftp", "bios-ipxe/own-tftp", "boot"),
    ("networks/net-kea", "ovmf-x64/kea", "boot"),
    ("networks/net-dnsmasq", "bios-ipxe/dnsmasq", "boot"),
    ("networks/net-with-dhcpd", "ovmf-x64/with-dhcpd", "boot"),
    ("networks/net-with-kea", "ovmf-x64/with-kea", "boot"),
    ("networks/net-with-dnsmasq", "ovmf-x64/with-dnsmasq", "boot"),
    ("networks/net-pool-right", "ovmf-x64/pool-right", "boot"),
    ("networks/net-pool-wrong", "bios-ipxe/pool-wrong", "boot"),
    ("networks/net-pool-options", "bios-ipxe/pool-options", "boot"),
    ("networks/net-redirect", "ovmf-x64/redirect", "boot"),
    ("networks/net-slow-1s", "bios-ipxe/slow-1s", "boot"),
    ("networks/net-slow-3s", "ovmf-x64/slow-3s", "boot"),
    ("networks/net-relay", "ovmf-x64/relay", "servers"),
    ("networks/net-trunk", "ovmf-x64/trunk", "trunk"),
    ("networks/net-late", "ovmf-menu/late", "far"),
    ("networks/net-two-links", "bios-ipxe/two-links", "lan2"),
    ("networks/net-three-cards", "bios-ipxe/three-cards", "boot"),
    ("networks/net-second-responder", "ovmf-x64/second-responder", "boot"),
    ("networks/net-failover", "ovmf-x64/failover", "boot"),
    ("networks/net-standby", "ovmf-x64/standby", "boot"),
    # The cases that no responder can mend.
    ("networks/edk2-option-67", "ovmf-delay/pool-67", "boot"),
    ("networks/ipxe-pool-pxeclient", "bios-delay/redirect", "boot"),
    ("networks/grub-lease-server", "ovmf-grub/flat", "boot"),
    ("networks/shim-lease-server", "ovmf-shim/pool-wrong", "boot"),
    ("networks/uboot-no-proxy", "uboot-arm64/flat", "boot"),
]


def small(source, destination, with_arp=False):
    """Keep DHCP, and of TFTP the requests and the first answer to each."""
    kept, waiting = [], set()
    for when, frame in read_pcap(source):
        packet = datagram(when, frame)
        if packet is None:
            if with_arp and frame[12:14] == b"\x08\x06":
                kept.append((when, frame))
            continue
        if dhcp(packet):
            kept.append((when, frame))
        elif packet.destination_port == 69:
            kept.append((when, frame))
            waiting.add((packet.source, packet.source_port))
        elif (packet.destination, packet.destination_port) in waiting:
            kept.append((when, frame))
            waiting.discard((packet.destination, packet.destination_port))
    write_pcap(destination, kept)
    return len(kept)


def save_pcaps(out, directory, results):
    """Write the small capture of each boot that went as it should, with its
    configuration; print its line for replay.list."""
    os.makedirs(directory, exist_ok=True)
    well = {r["case"]: r for r in results if r["state"] == "ok"}
    for name, case, which in SAVED:
        if case not in well:
            continue
        os.makedirs(os.path.join(directory, os.path.dirname(name)),
                    exist_ok=True)
        # Whom a client looks for in vain is seen in ARP alone.
        count = small(os.path.join(out, case, which + ".pcap"),
                      os.path.join(directory, name + ".pcap"),
                      tuple(case.split("/")) in LIMITS)
        if not count:
            raise LabError(f"{case}: nothing in {which}.pcap")
        us = next(r for r in well[case]["responders"]
                  if r["capture"] == which + ".pcap")
        flags = us["arguments"] + ["--address", us["address"],
                                   "--mac", us["mac"]]
        if "-c" in flags:
            at = flags.index("-c") + 1
            with open(flags[at], encoding="utf-8") as f:
                text = f.read()
            hosts = re.search(r'^hosts-file = "(.*)"', text, re.M)
            if hosts:
                kept = f"pcaps/{name}.hosts"
                shutil.copy(hosts.group(1), os.path.join(directory,
                                                         name + ".hosts"))
                text = text.replace(hosts.group(1), kept)
            with open(os.path.join(directory, name + ".conf"), "w",
                      encoding="utf-8") as f:
                f.write(text)
            flags[at] = f"pcaps/{name}.conf"
        print(name, *flags)


def versions():
    """The firmware and servers of this machine, by package."""
    names = ["seabios", "ipxe-qemu", "ipxe", "ovmf", "ovmf-ia32",
             "qemu-efi-aarch64", "u-boot-qemu", "shim-unsigned",
             "qemu-system-x86",
             "isc-dhcp-server", "kea-dhcp4-server", "dnsmasq-base",
             "tftpd-hpa", "pxelinux", "grub-common"]
    with contextlib.suppress(LabError, LabSkip):
        text = command("dpkg-query", "-W", "-f", "${Package} ${Version}\n",
                       *names, check=False)
        print("with " + ", ".join(line for line in text.splitlines()
                                  if re.fullmatch(r"\S+ \S+", line)))


def main():
    arguments = parser("Boot real firmware through pxeproxyd.", "NETWORK",
                       "firmware.out")
    arguments.add_argument("--fetch", action="store_true",
                           help="get missing GRUB modules")
    arguments.add_argument("--save-pcaps", metavar="DIR",
                           help="afterwards write the small captures there")
    arguments.add_argument("--root", default="", metavar="DIR",
                           help="take firmware and boot programs from packages"
                           " of another release, unpacked there"
                           " (dpkg-deb -x)")
    options = arguments.parse_args()
    if options.root:
        os.environ["PXEPROXYD_FIRMWARE_ROOT"] = os.path.abspath(options.root)
    out = os.path.abspath(options.out)
    if options.fetch:
        try:
            fetch()
        except (LabError, LabSkip) as problem:
            print(f"firmware.py: {problem}", file=sys.stderr)
            return 1
        return 0
    runner = Runner(__file__, out, blank, line_of, explain)
    if options.one:
        return runner.one(options.one, boot)
    cases = chosen(options.cases, options.part)
    if options.list:
        for case in cases:
            print(case)
        return 0
    if not cases:
        print("firmware.py: no case has such a name", file=sys.stderr)
        return 2
    versions()
    try:
        results = runner.run(cases, options.jobs)
    except KeyboardInterrupt:
        print("firmware.py: interrupted", file=sys.stderr)
        return 130
    table(results)
    if options.save_pcaps:
        print()
        save_pcaps(out, options.save_pcaps, results)
    return exit_status(results)


if __name__ == "__main__":
    sys.exit(main())
