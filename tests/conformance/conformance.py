#!/usr/bin/env python3
"""Runs the ONNX backend node tests through the five tools.

    conformance.py [options] [DIR ...]

DIR holds test folders (model.onnx, test_data_set_0/*.pb); the default is where
Debian's libonnx-testdata puts the node tests.  Each test ends as one of

    passed   every output within rtol 1e-3, atol 1e-7 of the expected
    refused  a tool said what it does not support (exit status 1)
    wrong    accepted, but an output differs
    broken   anything else: a crash, a time-out, a message without a reason

Only the first two are acceptable.  Inputs whose value must be known at compile
time (axes, sizes) are given with --const, as the importer's message asks.
The last line is "conformance: P of N passed"; the exit status is 1 if any test
is wrong or broken, or fewer than --floor pass.
"""

import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

DEBIAN = "/usr/include/onnx/backend/test/data/node"
Result = collections.namedtuple("Result", "name kind reason")


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of a protobuf message: (number, value) pairs."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value, at = data[at:at + 8], at + 8
        elif wire == 2:
            n, at = varint(data, at)
            value, at = data[at:at + n], at + n
        elif wire == 5:
            value, at = data[at:at + 4], at + 4
        else:
            raise ValueError("wire type")
        yield key >> 3, value


def names(model, number):
    """Names of the graph's inputs (11) or outputs (12), in order."""
    graph = next(v for k, v in fields(model) if k == 7)
    return [next(v for f, v in fields(info) if f == 1).decode()
            for k, info in fields(graph) if k == number]


def data_files(folder, prefix, wanted):
    """NAME -> file for those of the wanted names that have one."""
    found = {}
    for i, name in enumerate(wanted):
        path = os.path.join(folder, "test_data_set_0", f"{prefix}_{i}.pb")
        if name and os.path.exists(path):
            found[name] = path
    return found


class Stop(Exception):
    """A test ended before its last step."""


def call(args, seconds):
    try:
        done = subprocess.run(args, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Stop("broken", f"{os.path.basename(args[0])}: time-out")
    return done.returncode, done.stderr.decode(errors="replace")


def reason(text):
    """The first error of a diagnostic, without its place."""
    for line in text.splitlines():
        found = re.search(r"error: (.*)", line)
        if found:
            return found.group(1)
    return ""


def stage(args, seconds=60):
    status, text = call(args, seconds)
    if status == 0:
        return
    why = reason(text)
    tool = os.path.basename(args[0])
    if status == 1 and why:
        raise Stop("refused", f"{tool}: {why}")
    raise Stop("broken", f"{tool}: status {status}: {text.strip()[-300:]}")


def import_model(o, model, inputs, graph):
    """Imports, fixing inputs as the messages ask; the names fixed."""
    fixed = []
    while True:
        args = [o.bin + "/tamp-import", "-o", graph, model]
        for name in fixed:
            args += ["--const", f"{name}={inputs[name]}"]
        status, text = call(args, 60)
        asked = [n for n in re.findall(r"--const '?([^\s='\"]+)=", text)
                 if n in inputs and n not in fixed]
        if status == 0 or not asked:
            if status:
                stage(args)
            return fixed
        fixed += sorted(set(asked))


def run_test(o, folder, work):
    model = os.path.join(folder, "model.onnx")
    with open(model, "rb") as f:
        content = f.read()
    inputs = data_files(folder, "input", names(content, 11))
    outputs = data_files(folder, "output", names(content, 12))
    graph, tasks, plan, build = (os.path.join(work, n) for n in
                                 ("graph.yaml", "tasks.yaml", "plan.yaml",
                                  "build"))
    fixed = import_model(o, model, inputs, graph)
    stage([o.bin + "/tamp-partition", "-d", o.device, "-o", tasks, graph])
    stage([o.bin + "/tamp-schedule", "-p", o.policy, "--sync", o.sync,
           "-o", plan, tasks])
    stage([o.bin + "/tamp-emit", "-o", build, plan])
    args = [o.bin + "/tamp-run", "-n", "1", "--rtol", "1e-3", "--atol", "1e-7"]
    if o.emulate is not None:
        args.append(f"--emulate={o.emulate}")
    for name, path in inputs.items():
        if name not in fixed:
            args += ["--input", f"{name}={path}"]
    for name, path in outputs.items():
        args += ["--expect", f"{name}={path}"]
    status, text = call(args + [build], 300)
    if status == 0:
        return
    kind = "wrong" if status == 1 and "differ" in text else "broken"
    raise Stop(kind, f"tamp-run: status {status}: {text.strip()[-400:]}")


def one(o, folder):
    name = os.path.basename(folder)
    work = tempfile.mkdtemp(prefix="conf-", dir=o.work)
    try:
        run_test(o, folder, work)
        result = Result(name, "passed", "")
    except Stop as stop:
        result = Result(name, *stop.args)
    if not o.keep:
        shutil.rmtree(work, ignore_errors=True)
    return result


def table(results):
    kinds = collections.Counter(r.kind for r in results)
    reasons = collections.defaultdict(list)
    for r in results:
        if r.kind == "refused":
            text = re.sub(r"'[^']*'", "'...'", r.reason)
            reasons[text].append(r.name)
    for text, found in sorted(reasons.items(), key=lambda x: (-len(x[1]), x)):
        print(f"{len(found):5}  refused  {text}   ({found[0]})")
    for r in results:
        if r.kind in ("wrong", "broken"):
            print(f"       {r.kind:8} {r.name}: {r.reason}")
    for kind in ("passed", "refused", "wrong", "broken"):
        print(f"{kinds[kind]:5}  {kind}")
    return kinds


def tap(results):
    for i, r in enumerate(results, 1):
        ok = "ok" if r.kind == "passed" else "not ok"
        print(f"{ok} {i} - {r.name}")
        if r.reason:
            print("# " + r.reason.replace("\n", "\n# "))
    print(f"1..{len(results)}")


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--bin", default="build/bin", help="where the tools lie")
    p.add_argument("--device", default="host")
    p.add_argument("--policy", default="wavefront")
    p.add_argument("--sync", default="counter")
    p.add_argument("--emulate", metavar="SEED", help="run under emulation")
    p.add_argument("--filter", default="", help="regular expression")
    p.add_argument("--every", type=int, default=1, help="each Nth test only")
    p.add_argument("--only", metavar="FILE", help="names of tests to run")
    p.add_argument("--passed", metavar="FILE", help="write passed names here")
    p.add_argument("--tap", action="store_true",
                   help="a TAP line a test; each must pass")
    p.add_argument("--floor", type=int, default=0, help="least that must pass")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--work", default=None, help="folder for what is made")
    p.add_argument("--keep", action="store_true", help="leave it there")
    p.add_argument("dirs", nargs="*", default=[DEBIAN])
    return p.parse_args()


def main():
    o = options()
    o.bin = os.path.abspath(o.bin)
    if o.work:
        os.makedirs(o.work, exist_ok=True)
    folders = sorted(os.path.join(d, n) for d in o.dirs
                     for n in os.listdir(d)
                     if os.path.exists(os.path.join(d, n, "model.onnx")))
    folders = [f for f in folders
               if re.search(o.filter, os.path.basename(f))]
    if o.only:
        with open(o.only) as f:
            wanted = set(f.read().split())
        folders = [f for f in folders if os.path.basename(f) in wanted]
    folders = folders[::o.every]
    if not folders:
        sys.exit("conformance: no test folders found in " + ", ".join(o.dirs))
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        results = list(pool.map(lambda f: one(o, f), folders))
    if o.tap:
        tap(results)
        sys.exit(any(r.kind != "passed" for r in results))
    kinds = table(results)
    if o.passed:
        with open(o.passed, "w") as f:
            f.writelines(r.name + "\n" for r in results if r.kind == "passed")
    print(f"conformance: {kinds['passed']} of {len(results)} passed")
    bad = kinds["wrong"] + kinds["broken"]
    sys.exit(1 if bad or kinds["passed"] < o.floor else 0)


if __name__ == "__main__":
    main()
