#!/usr/bin/python3
"""pxeproxyd with several workers: each client is answered once, by one.

    workers.py [CASE...]        run the cases (all of them)
    workers.py --list           name them

In network namespaces of its own, as live.py.  One line a case and a closing
count.  Exit status: 0 all passed, 1 not, 77 something could not be run.
Root is needed.
"""

import collections
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

import live
import trust
from lab import Lab, PYTHON, datagram, find_pxeproxyd
from live import Bench, Failed, expect, outcome, request, send, the_log
from privs import default_user, expect_dropped
from trust import ip, open_dir, read_metrics, said, status_json

NAME = "pxework"


def start(lab, bench, workers, *more):
    """The daemon with so many workers; its control socket."""
    control = os.path.join(open_dir(lab), "control")
    process = lab.pxeproxyd(bench.us, "--workers", str(workers),
                            "--control-socket", control, *more, "eth0")
    return process, control


def with_ip_options(frame):
    """The same packet, with eight octets of IPv4 options (NOPs)."""
    head = bytearray(frame[14:34])
    head[0] = 0x47
    head[2:4] = (int.from_bytes(head[2:4], "big") + 8).to_bytes(2, "big")
    head += b"\1" * 8
    head[10:12] = b"\0\0"
    head[10:12] = live.checksum(bytes(head)).to_bytes(2, "big")
    return frame[:14] + bytes(head) + frame[34:]


def tagged(*types):
    return lambda bench, mac: request(
        mac=mac, tags=[(kind, 5) for kind in types])


def relayed(bench, mac):
    return request(mac=mac, source="10.9.0.1", source_port=67,
                   destination=bench.us.address, giaddr="10.9.0.1",
                   to=bench.us.mac, source_mac="02:00:0a:09:00:01")


KINDS = {
    "untagged": lambda bench, mac: request(mac=mac),
    "one tag": tagged(0x8100),
    "a service tag": tagged(0x88a8),
    "two tags": tagged(0x88a8, 0x8100),
    "twice the same tag": tagged(0x8100, 0x8100),
    "IP options": lambda bench, mac: with_ip_options(request(mac=mac)),
    "IP options and two tags": lambda bench, mac: request(
        mac=mac)[:12] + b"\x88\xa8\0\7\x81\0\0\5" + with_ip_options(
            request(mac=mac))[12:],
    "relayed": relayed,
}


def clients(bench, number, kind="untagged"):
    """So many new clients of a kind: the frame of each by its MAC address."""
    made = [f"52:54:99:{bench.made + i >> 16:02x}:"
            f"{bench.made + i >> 8 & 255:02x}:{bench.made + i & 255:02x}"
            for i in range(number)]
    bench.made += number
    return {mac: KINDS[kind](bench, mac) for mac in made}


def bench_of(lab):
    bench = Bench(lab)
    bench.made = 0
    return bench


def peel(frame):
    """The BOOTP message of an answer behind however many tags; its chaddr."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    at += 2
    at += 4 * (frame[at] & 15) + 8
    return ":".join(f"{octet:02x}" for octet in frame[at + 28:at + 34])


def answered(bench):
    """How often each client was answered."""
    count = collections.Counter()
    for frame in bench.seen():
        if frame[6:12] == live.mac_octets(bench.us.mac):
            count[peel(frame)] += 1
    return count


def each_once(bench, asked, times=1):
    """Each of these was answered so often, and nobody else was."""
    count = answered(bench)
    wrong = {mac: count[mac] for mac in asked if count[mac] != times}
    expect(not wrong, f"{len(wrong)} of {len(asked)} clients were not "
           f"answered {times} times: {dict(list(wrong.items())[:5])}")


def all_took_part(rows, workers, answers, what):
    expect(len(rows) == workers, f"{what}: {len(rows)} workers: {rows}")
    expect(len({row["process"] for row in rows}) == workers, rows)
    expect(all(row["answering"] for row in rows), rows)
    expect(sum(row["answers"] for row in rows) == answers, f"{what}: {rows}")
    # A worker's share may be small, but hardly a fifth of a fair one.
    expect(all(row["answers"] > answers / workers / 5 for row in rows),
           f"{what}: somebody had little to do: {rows}")


def since(rows, before):
    """What the workers did since then."""
    return [dict(row, answers=row["answers"] - old["answers"])
            for row, old in zip(rows, before)]


def each_kind(lab, workers):
    bench = bench_of(lab)
    process, control = start(lab, bench, workers, "-q")
    asked, each = {}, 60
    rows = status_json(control)["workers"]
    for kind in KINDS:
        some = clients(bench, each, kind)
        send(bench, list(some.values()))
        each_once(bench, some)
        before, rows = rows, status_json(control)["workers"]
        all_took_part(since(rows, before), workers, each, kind)
        asked.update(some)
    # Again: a client meets the same worker, who knows it.
    send(bench, list(asked.values()))
    each_once(bench, asked, 2)
    status = status_json(control)
    all_took_part(status["workers"], workers, 2 * len(asked), "all")
    expect(status["requests"]["offer"] == 2 * len(asked), status["requests"])
    link = status["interfaces"][0]
    expect(link["answers"] == link["frames"] == 2 * len(asked), link)
    seen = status["clients"]
    expect(len(seen) == 256 and all(one["requests"] == 2 for one in seen) and
           seen == sorted(seen, key=lambda one: one["when"], reverse=True),
           "the table of clients is not of those that came last")
    expect(process.stop() == 0, "it did not end well")
    the_log(process, rf"ending: requests={2 * len(asked)} "
            rf"offer={2 * len(asked)} dropped=0 send-errors=0$")
    return str([row["answers"] for row in status["workers"]])


def case_two():
    """two workers: each client is answered once, whatever its frames are"""
    with Lab(name=NAME) as lab:
        return each_kind(lab, 2)


def case_four():
    """four workers: the same"""
    with Lab(name=NAME) as lab:
        return each_kind(lab, 4)


def case_equals_replay():
    """captures are answered by three workers as in replay"""
    return live.case_live_equals_replay(("--workers", "3"))


def pids(control):
    return [row["process"] for row in status_json(control)["workers"]]


def case_privileges():
    """each worker has dropped what the first has, and has its filter"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, control = start(lab, bench, 3)
        workers = pids(control)
        expect(workers[0] == process.pid, f"{workers}, not {process.pid}")
        for pid in workers:
            expect_dropped(pid, *default_user())
            held = [os.readlink(f"/proc/{pid}/fd/{fd}")
                    for fd in os.listdir(f"/proc/{pid}/fd")]
            expect(pid == process.pid or len(held) < 10,
                   f"a worker holds what is not its own: {held}")
        said(process, "going on as nobody",
             process.text().count("there is no user pxeproxyd"))


def case_reload():
    """SIGHUP reaches all workers, and an error changes none of them"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        path = lab.file("a.conf", 'bootfile-name = "one"\n')
        process, control = start(lab, bench, 4, "-q", "-c", path)

        def files():
            before = len(bench.answers())
            send(bench, list(clients(bench, 80).values()))
            return {datagram(0.0, frame).payload[108:236].rstrip(b"\0")
                    for frame in bench.answers()[before:]}

        expect(files() == {b"one"}, "before the reload")
        lab.file("a.conf", 'bootfile-name = "two"\nrule "new" { }\n')
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "is read again and in force")
        time.sleep(0.5)
        found = files()
        expect(found == {b"two"}, f"after the reload: {found}")
        lab.file("a.conf", "nonsense\n")
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "stays as it was")
        found = files()
        expect(found == {b"two"}, f"after the error: {found}")
        said(process, "stays as it was", 1)
        status = status_json(control)
        all_took_part(status["workers"], 4, 240, "in all")
        expect(status["rules"][0]["name"] == "new", status["rules"][0])
        expect(status["rules"][0]["requests"] +
               sum(rule["requests"] for rule in status["rules"][1:]) == 160,
               "the rules' numbers since the reload")
        process.kill(signal.SIGUSR1)
        lab.wait_log(process, r"counters: verdicts: offer=240$")


def case_reload_loses_nothing():
    """requests during reloads are all answered, each once"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        path = lab.file("a.conf", "")
        process, control = start(lab, bench, 3, "-q", "-c", path)
        sender = bench.client.start("sender", PYTHON, trust.__file__,
                                    "flood", "eth0", "3000", "0.001")
        sender.may_end = True
        trust.reload_in_flood(lab, process, sender)
        count = answered(bench)
        expect(len(count) == 3000 and set(count.values()) == {1},
               f"{len(count)} clients of 3000, {set(count.values())} times")


def none_lost(before, after, number):
    """From the first client of a flood that was answered, each was, once."""
    often = [after[mac] - before[mac] for mac in trust.macs(number)]
    expect(1 in often, "nobody of the flood was answered")
    first = often.index(1)
    wrong = {i: n for i, n in enumerate(often) if n != (i >= first)}
    expect(not wrong, f"answered from {first} on, but: {wrong}")


def case_start_in_a_storm():
    """started while requests come: from the first answer on, one for each"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        sender = bench.client.start("sender", PYTHON, trust.__file__,
                                    "flood", "eth0", "6000", "0.0005")
        sender.may_end = True
        lab.wait(lambda: os.path.getsize(bench.capture.path) > 50000, 30,
                 "the first requests")
        process, control = start(lab, bench, 4, "-q")
        sender.popen.wait(60)
        count = answered(bench)
        none_lost(collections.Counter(), count, 6000)
        rows = status_json(control)["workers"]
        all_took_part(rows, 4, sum(count.values()), "in the storm")
        expect(sum(count.values()) < 6000, "it came before the storm")
        return f"{6000 - sum(count.values())} came before it was ready"


def case_stop_in_a_storm():
    """SIGTERM while requests come: the last numbers are those of the wire"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, _ = start(lab, bench, 4, "-q")
        sender = bench.client.start("sender", PYTHON, trust.__file__,
                                    "flood", "eth0", "10000000", "0.0001")
        sender.may_end = True
        time.sleep(1)
        expect(process.stop() == 0, "it did not end well")
        sender.stop()
        bench.capture.stop()
        number = sum(answered(bench).values())
        expect(number > 100, f"only {number} answers")
        the_log(process, rf"ending: requests={number} offer={number} ")


def case_interface_returns():
    """an interface that is made again is shared again, without a double"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, control = start(lab, bench, 3, "-q")
        for turn in range(2):
            bench.lab.ip("-n", bench.us.ns, "link", "delete", "eth0")
            lab.wait(lambda: process.text().count("waiting for it") ==
                     2 * turn + 1, 20, "the loss")
            bench.us.interfaces.clear()
            # Requests come all the time while it is opened again.
            before = answered(bench)
            sender = bench.client.start(f"sender{turn}", PYTHON,
                                        trust.__file__, "flood", "eth0",
                                        "2500", "0.001")
            sender.may_end = True
            bench.us.join(bench.link, live.OURS + "/24")
            lab.wait(lambda: process.text().count("serving eth0") ==
                     2 * turn + 2, 20, "the return")
            sender.popen.wait(60)
            none_lost(before, answered(bench), 2500)
            some = clients(bench, 100, "relayed")
            rows = status_json(control)["workers"]
            send(bench, list(some.values()))
            each_once(bench, some)
            all_took_part(since(status_json(control)["workers"], rows), 3,
                          100, "after the return")
            # Down and up: another way to lose it.
            ip(bench, "link", "set", "eth0", "down")
            lab.wait(lambda: process.text().count("waiting for it") ==
                     2 * turn + 2, 20, "the second loss")
            ip(bench, "link", "set", "eth0", "up")
            lab.wait(lambda: process.text().count("serving eth0") ==
                     2 * turn + 3, 20, "the second return")
            some = clients(bench, 100)
            rows = status_json(control)["workers"]
            send(bench, list(some.values()))
            each_once(bench, some)
            all_took_part(since(status_json(control)["workers"], rows), 3,
                          100, "after down and up")


def case_addresses():
    """an address that changes, goes and comes is followed by all workers"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, _ = start(lab, bench, 3, "-q")

        def sources(number):
            before = len(bench.answers())
            send(bench, list(clients(bench, number).values()))
            found = [datagram(0.0, frame).source
                     for frame in bench.answers()[before:]]
            expect(len(found) in (0, number), f"{len(found)} of {number}")
            return set(found)

        bench.us.mac = "02:00:00:aa:bb:cc"
        ip(bench, "link", "set", "eth0", "address", bench.us.mac)
        lab.wait_log(process, r"serving eth0 as .*02:00:00:aa:bb:cc")
        time.sleep(0.5)
        found = sources(60)
        expect(found == {"10.0.0.2"}, f"with another MAC address: {found}")
        ip(bench, "address", "add", "10.0.0.7/24", "dev", "eth0")
        ip(bench, "address", "delete", "10.0.0.2/24", "dev", "eth0")
        ip(bench, "address", "replace", "10.0.0.7/24", "dev", "eth0")
        lab.wait_log(process, r"serving eth0 as 10\.0\.0\.7")
        time.sleep(0.5)
        found = sources(60)
        expect(found == {"10.0.0.7"}, f"after the change: {found}")
        # The first one went, and took the second one with it.
        losses = process.text().count("it has no IPv4 address")
        ip(bench, "address", "flush", "dev", "eth0")
        lab.wait(lambda: process.text().count("it has no IPv4 address") >
                 losses, 10, "the loss")
        time.sleep(0.5)
        expect(sources(60) == set(), "without an address")
        ip(bench, "address", "add", "10.0.0.8/24", "dev", "eth0")
        lab.wait_log(process, r"serving eth0 as 10\.0\.0\.8")
        time.sleep(0.5)
        found = sources(60)
        expect(found == {"10.0.0.8"}, f"with one again: {found}")
        said(process, "it has no IPv4 address", losses + 1)


def is_running(pid):
    with contextlib.suppress(FileNotFoundError):
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


def case_killed():
    """a worker that is killed ends the service, with a message"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, control = start(lab, bench, 4)
        process.may_end = True
        workers = pids(control)
        os.kill(workers[2], signal.SIGKILL)
        status = process.popen.wait(20)
        expect(status == 1, f"exit status {status}")
        said(process, f"worker 2 (process {workers[2]}) was ended by "
             "signal 9", 1)
        expect(not any(is_running(pid) for pid in workers),
               "a worker is left behind")


def case_first_killed():
    """when the first one is killed, the others end"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, control = start(lab, bench, 4)
        process.may_end = True
        workers = pids(control)
        process.kill(signal.SIGKILL)
        lab.wait(lambda: not any(is_running(pid) for pid in workers), 20,
                 "the others' end")


def case_signals_to_others():
    """signals for the daemon are the first worker's: others ignore them"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, control = start(lab, bench, 3)
        for pid in pids(control)[1:]:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                           signal.SIGUSR1):
                os.kill(pid, number)
        some = clients(bench, 60)
        send(bench, list(some.values()))
        each_once(bench, some)
        all_took_part(status_json(control)["workers"], 3, 60, "after them")
        expect("read again" not in process.text(), "a worker reloaded")
        expect(process.stop() == 0, "it did not end well")


def case_silent():
    """a worker that does not answer is told of once, and no sum is less"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process, control = start(lab, bench, 2, "-q")
        some = clients(bench, 60)
        send(bench, list(some.values()))
        each_once(bench, some)
        rows = status_json(control)["workers"]
        os.kill(rows[1]["process"], signal.SIGSTOP)
        try:
            for _ in range(5):
                status = status_json(control)
                expect([row["answering"] for row in status["workers"]] ==
                       [True, False], status["workers"])
                expect(status["requests"]["offer"] == 60 and
                       len(status["clients"]) == 60, status["requests"])
        finally:
            os.kill(rows[1]["process"], signal.SIGCONT)
        lab.wait_log(process, "worker 1 .* answers again")
        said(process, "does not answer: its last numbers stand", 1)
        all_took_part(status_json(control)["workers"], 2, 60, "afterwards")


def case_watchdog():
    """the watchdog has signs of life from all workers, or none"""
    with Lab(name=NAME) as lab, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        bench = bench_of(lab)
        path = os.path.join(open_dir(lab), "notify")
        manager.bind(path)
        os.chmod(path, 0o777)
        manager.settimeout(20)
        process = bench.us.start(
            "us", find_pxeproxyd(), "--workers", "3", "eth0",
            env=dict(os.environ, NOTIFY_SOCKET=path,
                     WATCHDOG_USEC="400000"))

        def hear(until):
            """What is said up to this; signs of life among it."""
            words = []
            while not words or not words[-1].startswith(until):
                words.append(manager.recv(1000).decode())
            return words

        hear("READY=1")
        hear("WATCHDOG=1")
        with open(f"/proc/{process.pid}/task/{process.pid}/children",
                  encoding="ascii") as f:
            others = [int(word) for word in f.read().split()]
        expect(len(others) == 2, f"{others}")
        os.kill(others[1], signal.SIGSTOP)
        try:
            lab.wait_log(process, "worker 2 .* does not answer")
            manager.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    manager.recv(1000)
            manager.settimeout(20)
            # A line comes with each tick, and signs of life more often.
            words = [word for _ in range(2) for word in hear("STATUS=")]
            expect("WATCHDOG=1" not in words, f"with a dead one: {words}")
        finally:
            os.kill(others[1], signal.SIGCONT)
        hear("WATCHDOG=1")
        expect(process.stop() == 0, "it did not end well")


def case_rates():
    """client-rate holds for each client, total-rate is shared out"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        path = lab.file("a.conf", "client-rate = 1\n")
        process, control = start(lab, bench, 4, "-q", "-c", path)
        some = list(clients(bench, 20).values())
        send(bench, some * 12)
        count = answered(bench)
        # Five at once, another for each second that the sending took.
        expect(len(count) == 20 and all(5 <= n < 12 for n in count.values()),
               f"answers for each client: {count}")
        lab.file("a.conf", "total-rate = 10\n")
        process.kill(signal.SIGHUP)
        lab.wait_log(process, "in force")
        time.sleep(0.5)
        before = sum(answered(bench).values())
        some = clients(bench, 200)
        started = time.monotonic()
        send(bench, list(some.values()))
        seconds = time.monotonic() - started
        got = sum(answered(bench).values()) - before
        # Two seconds' worth at once; a busy machine takes longer to send.
        expect(10 <= got <= 20 + 10 * (seconds + 1), f"{got} answers")
        status = status_json(control)
        expect(status["requests"]["total-rate"] == 200 - got,
               status["requests"])


def case_metrics():
    """the metrics are the sum over all workers"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        path = os.path.join(open_dir(lab), "pxe.prom")
        process = lab.pxeproxyd(bench.us, "-q", "--workers", "3",
                                "--metrics-file", path, "eth0")
        some = clients(bench, 90)
        send(bench, list(some.values()))
        each_once(bench, some)
        key = 'pxeproxyd_requests_total{verdict="offer"}'
        lab.wait(lambda: read_metrics(path)[0][key] == 90, 25,
                 "the second writing")
        send(bench, list(some.values()))
        expect(process.stop() == 0, "it did not end well")
        values, _ = read_metrics(path)
        for name, number in ((key[10:], 180),
                             ('interface_answers_total{interface="eth0"}',
                              180),
                             ("answer_latency_seconds_count", 180)):
            expect(values["pxeproxyd_" + name] == number,
                   f"{name}: {values['pxeproxyd_' + name]}")


def case_listen_only():
    """-n: all workers listen, and none of them sends"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        process = bench.us.start("us", find_pxeproxyd(), "--workers", "3",
                                 "-n", "eth0")
        lab.wait_log(process, "listening only on eth0")
        send(bench, list(clients(bench, 60).values()))
        bench.request_from_us(0, "listening only")
        lab.wait(lambda: process.text().count("(not sent)") == 60, 10,
                 "sixty lines")
        expect(process.stop() == 0, "it did not end well")
        the_log(process, "ending: requests=60 offer=60 ")


def case_log_lines():
    """the workers' lines are whole, however many there are"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        # A pipe is where lines of several processes could be mixed.
        process = bench.us.start(
            "us", "sh", "-c", '"$@" 2>&1 | while read -r line; do '
            'echo "$line"; case $line in *serving*) sleep 3; exec cat ;; '
            "esac; done; exit 0", "sh",
            find_pxeproxyd(), "--workers", "4", "eth0")
        lab.wait_log(process, "serving eth0 as")
        # The reader sleeps, the pipe is full, and lines have to wait.
        sender = bench.client.start("sender", PYTHON, trust.__file__,
                                    "flood", "eth0", "4000", "0")
        sender.may_end = True
        sender.popen.wait(60)
        form = re.compile(
            r"pxeproxyd: eth0: 52:54:00(:[0-9a-f]{2}){3} DISCOVER x64-uefi "
            r'offer rule="x64-uefi" form=binl bootfile-name="BOOTX64.EFI" '
            r"next-server=10\.0\.0\.2 to=255\.255\.255\.255:68")

        def told():
            """The lines that came, and those that were not read in time."""
            lines = [line for line in process.text().splitlines()
                     if "DISCOVER" in line or "bootfile" in line]
            lost = re.findall(r"(\d+) lines of the log were lost",
                              process.text())
            return lines, sum(map(int, lost))

        lab.wait(lambda: len(told()[0]) + told()[1] >= 4000, 30,
                 "all lines")
        lines, lost = told()
        wrong = [line for line in lines if not form.fullmatch(line)]
        expect(len(lines) + lost == 4000 and not wrong,
               f"{len(lines)} lines and {lost} lost, wrong: {wrong[:3]}")


def case_refused():
    """a number out of range, a savefile, an interface that is not there"""
    with Lab(name=NAME) as lab:
        bench = bench_of(lab)
        for words, status, text in (
                (("--workers", "0"), 2, "--workers: 0 is no number from 1"),
                (("--workers", "65"), 2, "--workers: 65 is no number from 1"),
                (("--workers", "two"), 2, "--workers: two is no number"),
                (("--workers", "2x"), 2, "--workers: 2x is no number"),
                (("--workers", "2", "-w", "/tmp/x"), 2, "one worker alone"),
                (("--workers", "2", "--leave-port-67", "nothere"), 1,
                 "nothere: no such interface"),
                (("--workers", "3", "--leave-port-67", "--user",
                  "no-such-user"), 1, "--user: there is no user")):
            found, lines = outcome(bench.us, *words, "eth0")
            expect(found == status and len(lines) == 1 and text in lines[0],
                   f"{words}: {found}: {lines}")
        done = subprocess.run([
            find_pxeproxyd(), "--workers", "2", "-q", "-r", os.path.join(
                live.PCAPS, next(live.replay_list())[0] + ".pcap")],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=30)
        expect(done.returncode == 0, f"with -r: {done.stderr}")


CASES = {name[5:].replace("_", "-"): function
         for name, function in list(globals().items())
         if name.startswith("case_")}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(live.main(CASES, __doc__))
    sys.exit(130)
