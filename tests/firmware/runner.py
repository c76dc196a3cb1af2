"""What firmware.py and broken.py have in common: their cases, named
CLIENT/OTHER, are chosen and run, each in a process of its own, and what
`pxeproxyd diagnose` finds in their captures is read.

A case leaves its files in OUT/CLIENT/OTHER; its result, a dictionary, is
result.json there, and has at least:

    case    its name
    state   "ok", "failed" or "skipped"
    why     the reason, if it is not ok
    took    seconds
"""

import argparse
import concurrent.futures
import contextlib
import fnmatch
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from lab import Lab, LabError, LabSkip, find_pxeproxyd


def findings(flags, path, mac=None):
    """What `pxeproxyd diagnose` finds in a capture: of one machine, or of
    all."""
    done = subprocess.run(
        [find_pxeproxyd(), "diagnose", "--json", *flags, path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        errors="replace", check=False, timeout=60)
    try:
        told = json.loads(done.stdout)
    except ValueError as problem:
        raise LabError(f"diagnose {path}: {done.stderr.strip()}") from problem
    return [finding for machine in told["machines"]
            if mac in (None, machine["mac"])
            for finding in machine["findings"]]


def causes(found):
    """The names of these findings, in their order; a note is none."""
    return [f["finding"] for f in found if f["sureness"] != "note"]


def listed(found):
    return ", ".join(found or []) or "nothing"


def parser(description, other, out):
    """The options of both programs; other: what a case has beside a client,
    as a word in capitals."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("cases", nargs="*", metavar="CASE",
                      help=f"glob of CLIENT/{other}, or a client, or a "
                      + other.lower())
    made.add_argument("--list", action="store_true",
                      help="say which cases there are")
    made.add_argument("--part", choices=["ci"], help="only this part")
    made.add_argument("--jobs", "-j", type=int, metavar="N",
                      default=os.cpu_count() or 1,
                      help="so many machines at once (default: one for"
                      " each processor)")
    made.add_argument("--out", default=out, metavar="DIR",
                      help="where captures and logs go")
    made.add_argument("--one", metavar="CASE", help=argparse.SUPPRESS)
    return made


def is_named(name, patterns):
    """Is the case one of those that were asked for?"""
    return not patterns or any(p in name.split("/")
                               or fnmatch.fnmatch(name, p) for p in patterns)


class Runner:
    """Runs cases.

    script   the program; with `--one NAME --out OUT` it is to call one()
    blank    (name) -> the result of a case that did not begin
    line_of  (result) -> one line
    explain  (result, directory): print why it failed
    """

    def __init__(self, script, out, blank, line_of, explain):
        self.script = os.path.abspath(script)
        self.out = out
        self.blank = blank
        self.line_of = line_of
        self.explain = explain
        self.children = []

    def one(self, name, boot):
        """The process of one case; boot(lab, result) boots once."""
        result, directory = self.blank(name), os.path.join(self.out, name)
        began = time.monotonic()
        try:
            find_pxeproxyd()
            with Lab(directory, name="fw") as lab:
                boot(lab, result)
            result["state"] = "ok"
        except LabSkip as reason:
            result.update(state="skipped", why=str(reason))
        except LabError as problem:
            result["why"] = str(problem)
        finally:
            shutil.rmtree(os.path.join(directory, "root"), ignore_errors=True)
            for file in os.listdir(directory):
                if file.startswith("vars"):
                    os.unlink(os.path.join(directory, file))
        result["took"] = round(time.monotonic() - began, 1)
        with open(os.path.join(directory, "result.json"), "w",
                  encoding="utf-8") as f:
            json.dump(result, f, indent=1)
        return 0

    def spawn(self, name):
        """Run one case in a process of its own; gives its result."""
        directory = os.path.join(self.out, name)
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        with open(os.path.join(directory, "case.log"), "wb") as log:
            child = subprocess.Popen(
                [sys.executable, self.script, "--one", name, "--out",
                 self.out], stdout=log, stderr=log)
            self.children.append(child)
            child.wait()
        with contextlib.suppress(FileNotFoundError), \
                open(os.path.join(directory, "result.json"),
                     encoding="utf-8") as f:
            return json.load(f)
        return dict(self.blank(name), why="the case's process ended with "
                    f"{child.returncode}")

    def run(self, cases, jobs):
        """Run these cases; gives their results, in the same order."""
        results = []

        def interrupted(number, _frame):
            raise SystemExit(128 + number)

        signal.signal(signal.SIGTERM, interrupted)
        pool = concurrent.futures.ThreadPoolExecutor(max(1, jobs))
        waiting = [pool.submit(self.spawn, name) for name in cases]
        try:
            for done in concurrent.futures.as_completed(waiting):
                result = done.result()
                results.append(result)
                print(self.line_of(result), flush=True)
                if result["state"] == "failed":
                    self.explain(result,
                                 os.path.join(self.out, result["case"]))
        except BaseException:
            for future in waiting:
                future.cancel()
            for child in self.children:
                if child.poll() is None:
                    child.terminate()
            raise
        finally:
            pool.shutdown()
        return sorted(results, key=lambda r: cases.index(r["case"]))


def head_of_line(result, width):
    """How the line of a result begins."""
    word = {"ok": "ok  ", "failed": "FAIL", "skipped": "SKIP"}
    return f"{word[result['state']]} {result['case']:<{width}}"


def exit_status(results):
    """Say how many passed, and give what that means to the caller."""
    count = {state: sum(r["state"] == state for r in results)
             for state in ("ok", "failed", "skipped")}
    print(f"\n{count['ok']} passed, {count['failed']} failed, "
          f"{count['skipped']} skipped")
    if count["failed"]:
        return 1
    return 77 if count["skipped"] == len(results) else 0
