#!/usr/bin/env python3
"""Gathers what a matrix's stages left, of all points, into one YAML document.

    gather.py --device D --plan PLAN --fuse F --costs C --dir DIR
              --points FILE --search FILE -o results.yaml

PLAN is one for that device.  FILE of --points has `measured` or `predicted` and
the points' names.  Of each point, DIR has POINT.check, what `tamp schedule
--check -v` said, and, where it was measured, POINT.report.yaml (report/1 of a
recorded run) and MODEL.measured.yaml (measure.py).
"""

import argparse
import math
import os
import re
import sys

import yaml

# What the check says, and the keys under which it is kept: the causes' shares
# of all vEUs' time, in %, as a map of their own.
SAYINGS = [
    (r"legal, ([\d.]+) us predicted on (\d+) vEUs",
     ("predicted_us", "veus")),
    (r"(\d+) rTasks in (\d+) steps: (\d+) launches, (\d+) barriers, (\d+) waits",
     ("rtasks", "steps", "launches", "barriers", "waits")),
]
CAUSES = ("busy", "bandwidth", "dependency", "synchronisation", "imbalance")
SPENT = "of its vEUs' time: " + ", ".join(rf"{c} ([\d.]+) %" for c in CAUSES)
SIZE = re.compile(r"b(\d+)$")


def split(name):
    model, size, policy, select, sync = name.split(".")
    batch = SIZE.match(size)
    return {"model": model, "size": size,
            "batch": int(batch.group(1)) if batch else 1, "policy": policy,
            "select": select, "sync": sync}


def check(path):
    """The prediction, as keys of a point."""
    with open(path, encoding="utf-8") as f:
        said = f.read()
    got = {}
    for pattern, keys in SAYINGS + [(SPENT, CAUSES)]:
        m = re.search(pattern, said)
        if not m:
            sys.exit(f"{path}: not what tamp schedule --check -v says: no match"
                     f" for {pattern}")
        found = {k: float(v) if "." in v else int(v)
                 for k, v in zip(keys, m.groups())}
        got.update({"predicted": found} if keys is CAUSES else found)
    return got


def recorded(path):
    """The account of a recorded run, in % of its vEUs' time.  The list of
    rOperators at the end, long, is not read."""
    with open(path, encoding="utf-8") as f:
        head = re.split(r"^rops:", f.read(), maxsplit=1, flags=re.M)[0]
    account = yaml.safe_load(head.removesuffix("...\n"))["measured"]
    whole = account["veus"] * account["total_us"]
    return {c: round(100 * account[c + "_us"] / whole, 2) for c in CAUSES}


def device_veus(path):
    """How many vEUs the device of a plan has."""
    with open(path, encoding="utf-8") as f:
        m = re.search(r"^format: device/1$.*?^veus: (\d+)", f.read(),
                      flags=re.M | re.S)
    return int(m.group(1))


def line(row):
    return "- " + yaml.safe_dump(row, default_flow_style=True, sort_keys=False,
                                 width=math.inf).rstrip("\n")


def contests(directory, models):
    """MODEL.SIZE -> what measure.py wrote, contestants by name."""
    got = {}
    for m in models:
        with open(f"{directory}/{m}.measured.yaml", encoding="utf-8") as f:
            got[m] = yaml.safe_load(f)
        got[m]["by_name"] = {c["name"]: c for c in got[m]["contestants"]}
    return got


def measured(contest, point):
    c = contest["by_name"][point]
    return {k: c[k] for k in ("same_as", "median_us", "rounds_us") if k in c}


def others(contests_of):
    """Who takes part beside the points: a program again, ONNX Runtime."""
    for m, contest in contests_of.items():
        for name in ("again", "onnxruntime"):
            if name in contest["by_name"]:
                row = {"model": m.split(".")[0], "size": m.split(".")[1],
                       "name": name}
                if name == "again":
                    row["of"] = contest["again_of"]
                yield row | measured(contest, name)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for o in ("device", "plan", "fuse", "costs", "dir", "points", "search"):
        p.add_argument("--" + o, required=True)
    p.add_argument("-o", dest="out", required=True)
    a = p.parse_args()
    with open(a.points, encoding="ascii") as f:
        kind, *names = f.read().split()
    with open(a.search, encoding="ascii") as f:
        search = f.read().strip()
    models = list(dict.fromkeys(".".join(n.split(".")[:2]) for n in names))
    run = contests(a.dir, models) if kind == "measured" else {}
    lines = ["format: rammer-results/1",
             f"device: {a.device}", f"veus: {device_veus(a.plan)}",
             f"fuse: {a.fuse}", f"costs: {a.costs}",
             f'search: "{search}"', "points:"]
    for n in names:
        row = split(n)
        row |= check(f"{a.dir}/{n}.check")
        if run:
            model, point = ".".join(n.split(".")[:2]), n.split(".", 2)[2]
            row |= measured(run[model], point)
            row["recorded"] = recorded(f"{a.dir}/{n}.report.yaml")
        lines.append(line(row))
    if run:
        lines += ["others:"] + [line(r) for r in others(run)]
    with open(a.out + ".tmp", "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n...\n")
    os.replace(a.out + ".tmp", a.out)


if __name__ == "__main__":
    main()
