#!/usr/bin/python3
"""Which functions did the frame fuzzer reach?

    fuzz_coverage.py PROGRAM PROFILE...

PROGRAM is fuzz_responder, PROFILE what its runs left (LLVM_PROFILE_FILE).
Prints a line for each function of the modules that octets from the wire get
to: how often it was called, and how much of it was ever run.

Exit status: 0, or 1 where a function was never reached that is not known to
be for the configuration alone, or where one was that is; 77 where LLVM's
tools are not here.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import sys

# The core, and what of the shell sees the octets, or what was made of them.
MODULES = """span frame option dhcp arch pxe hosts match template form policy
    reply responder verdict cooked envelope report explain next_files json
    limiter loglimit clients counters status""".split()

# Functions that no frame gets to, and why: the fuzzers of configuration and
# of tables, and the tests that are named, run them.
ELSEWHERE = {}
for reason, names in {
    "is for a configuration": """
        arch:arch_by_name arch:arch_family_name form:form_by_name
        match:match_client_by_name match:match_feature_by_name
        match:match_client_name template:template_fault
        template:template_variable template:template_has_variables""",
    "compares the rules of a configuration": """
        policy:policy_covers policy:is_implied match:match_covers
        match:is_covered match:covers_client match:covers_arch
        match:covers_mac match:covers_uuid match:covers_prefix
        match:covers_text match:covers_number match:covers_network
        match:covers_interface match:covers_hosts match:covers_range
        match:covers_option""",
    "is for the command line": """
        explain:explain_run explain:explain_step explain:write_message
        explain:write_options explain:write_features explain:write_envelope
        explain:explain_decide explain:ask explain:address_of""",
    "is for the end": """
        envelope:envelope_error envelope:envelope_close
        counters:counters_close limiter:limiter_close
        clients:clients_close""",
    "reads other octets than a frame's, or a text": """
        span:span_host16 span:span_host32 span:span_is_text span:span_find
        span:write_host16 span:write_host32""",
    "knows only the clock": """
        counters:counters_answered counters:counters_settle
        counters:counters_elapsed""",
}.items():
    ELSEWHERE.update(dict.fromkeys(names.split(), reason))

# Reached in some runs and not in others: they need many different clients.
RARE = {"limiter:asks_again", "clients:unlink_from_bucket"}


def tool(name):
    path = shutil.which(name)
    if path is None:
        print(f"SKIP: {name} is not installed (package llvm)")
        sys.exit(77)
    return path


def functions(program, profiles):
    """{(module, function): (calls, regions, regions that were run)}"""
    merged = os.path.abspath("fuzz-coverage.profdata")
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "-o", merged,
                    *profiles], check=True, timeout=120)
    text = subprocess.run([tool("llvm-cov"), "export", "-skip-expansions",
                           "-instr-profile", merged, program], check=True,
                          timeout=120, stdout=subprocess.PIPE).stdout
    os.unlink(merged)
    found = collections.defaultdict(lambda: (0, 0, 0))
    for function in json.loads(text)["data"][0]["functions"]:
        module, _ = os.path.splitext(os.path.basename(
            function["filenames"][0]))
        folder = os.path.dirname(function["filenames"][0])
        if os.path.basename(os.path.dirname(folder)) != "src":
            continue
        # A static function's file stands before its name, behind a colon
        # or, from LLVM 17 on, a semicolon.
        name = re.split("[:;]", function["name"])[-1]
        regions = [r[4] for r in function["regions"] if r[7] == 0]
        calls, total, run = found[module, name]
        # What stands in a header is there once for each that includes it.
        found[module, name] = (calls + function["count"],
                               max(total, len(regions)),
                               max(run, sum(n > 0 for n in regions)))
    return found


def main():
    if len(sys.argv) < 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    found = functions(sys.argv[1], sys.argv[2:])
    wrong = []
    print(f"{'module':<11} {'function':<27} {'calls':>11}  run of it")
    for module in MODULES:
        rows = {name: row for (m, name), row in found.items() if m == module}
        if not rows:
            wrong.append(f"{module}: no function of it is in the program")
        for name, (calls, total, run) in rows.items():
            why = ELSEWHERE.pop(f"{module}:{name}", None)
            share = f"{100 * run // total} %" if calls else why or "NEVER"
            print(f"{module:<11} {name:<27} {calls:>11}  {share}")
            if calls == 0 and why is None and f"{module}:{name}" not in RARE:
                wrong.append(f"{module}: {name}() was never reached")
            if calls > 0 and why is not None:
                wrong.append(f"{module}: {name}() was reached, although it "
                             + why)
    wrong += [f"{name} does not exist" for name in ELSEWHERE]
    reached = sum(calls > 0 for (m, _), (calls, _, _) in found.items()
                  if m in MODULES)
    for fault in wrong:
        print(f"fuzz_coverage: {fault}")
    print(f"fuzz_coverage: {len(MODULES)} modules, {reached} functions "
          f"reached, {len(wrong)} complaints")
    return 1 if wrong else 0


sys.exit(main())
