#!/usr/bin/python3
"""What vEUs read that others wrote, from a plan's regions alone.

    crossing.py PLAN

Prints a line for each rOperator that has steps: its name, the most rTasks that a
vEU has, and for each tensor that it reads and some rOperator before it wrote, the
elements that vEUs read of it which another one wrote (each counted once a vEU).  For
graphs of which tensors have no views, and no other layout than NCHW16c.
"""

import re
import sys

import yaml


def documents(path):
    with open(path, encoding="utf-8") as f:
        return {d["format"].split("/")[0]: d for d in yaml.safe_load_all(f)}


def stored(arg):
    n = arg["shape"]
    if arg.get("layout") is None:
        return n
    assert arg["layout"] == "NCHW16c", arg["layout"]
    return [n[0], -(-n[1] // 16), n[2], n[3], 16]


def value(text, task):
    return eval(text.replace("/", "//"), {"min": min, "max": max}, task)


def split(text):
    """At commas outside of parentheses."""
    return re.split(r",\s*(?![^()]*\))", text)


def elements(region, shape, task):
    """Numbers, row-major, of what a region holds."""
    sides = [side.split("..") for side in split(region.strip("[]"))]
    sides = [(value(s[0], task), value(s[1], task) if len(s) > 1
              else value(s[0], task) + 1) for s in sides]
    if len(sides) == 1 and len(shape) > 1:
        size = 1
        for n in shape:
            size *= n
        return set(range(max(sides[0][0], 0), min(sides[0][1], size)))
    at = {0}
    for (lo, hi), n in zip(sides, shape):
        lo, hi = max(lo, 0), min(hi, n)
        at = {k * n + i for k in at for i in range(lo, hi)}
    return at


def touched(cls, kernel, arg, task):
    """What an rTask reads or writes of an argument."""
    host = next(a for a in cls["args"] if a["arg"] == arg.get("on", arg["arg"]))
    where = {**kernel.get("reads", {}), **kernel.get("writes", {})}
    region = where.get(host["arg"])
    if "on" in arg and stored(arg) != stored(host):
        region = None
    if region is None:
        shape = stored(arg)
        region = "[" + ", ".join(f"0..{n}" for n in shape) + "]"
    grid = kernel["grid"] + [1, 1]
    place = {"x": task % grid[0], "y": task // grid[0] % grid[1],
             "z": task // grid[0] // grid[1]}
    return elements(region, stored(arg), place)


def main():
    docs = documents(sys.argv[1])
    classes = {c["class"]: c for c in docs["tasks"]["classes"]}
    rops = {r["run"]: r for r in docs["tasks"]["rops"]}
    use = {k["run"]: k["use"] for k in docs["schedule"]["kernels"]}
    veu_of = {}                 # run: {rTask: vEU}
    for s in docs["schedule"]["steps"]:
        if "run" not in s:
            continue
        lo, hi = map(int, s["tasks"].split(".."))
        first, last = map(int, s["veus"].split(".."))
        for t in range(lo, hi + 1):
            veu_of.setdefault(s["run"], {})[t] = \
                first + (t - lo) % (last - first + 1)
    wrote = {}                  # tensor: {element: vEU}
    for run, rop in rops.items():
        if rop.get("init"):
            continue
        cls = classes[rop["class"]]
        kernel = next(k for k in cls["kernels"] if k["use"] == use[run])
        said, new = [], []
        for arg, tensor in zip(cls["args"], rop["args"]):
            of = wrote.get(tensor, {})
            if arg.get("out"):
                new.append((arg, tensor))
                continue
            if not of:
                continue
            seen = {(veu, e) for t, veu in veu_of[run].items()
                    for e in touched(cls, kernel, arg, t)}
            said.append(f"{tensor}:"
                        f"{sum(of.get(e, veu) != veu for veu, e in seen)}")
        for arg, tensor in new:
            of = wrote.setdefault(tensor, {})
            for t, veu in veu_of[run].items():
                of.update(dict.fromkeys(touched(cls, kernel, arg, t), veu))
        veus = list(veu_of[run].values())
        print(run, max(veus.count(v) for v in veus), *said)


main()
