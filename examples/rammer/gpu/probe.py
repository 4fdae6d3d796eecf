#!/usr/bin/env python3
"""Measures what a device's synchronisation and memory cost emitted programs.

    probe.py --tools BIN --base DEVICE [--steps N] [--emulate] --work DIR
             -o DEVICE.yaml

Everything is measured by plans of small rTasks through the tools themselves, so
a figure is what a schedule pays: a chain of N rTasks on one vEU, the same with
each on the other vEU than the one before (a counter each), with a barrier after
each, and with a launch for each; the cost is the difference over N.
Bandwidths are those that vectors times matrices draw: of a matrix far larger
than the caches by all vEUs and by one, and of one that stays in the last cache.
DEVICE.yaml is the file DEVICE with these in the place of its own, and the name,
the architecture and the number of SMs that PyTorch tells of the GPU; limits and
peak rates stay.
"""

import argparse
import os
import re
import subprocess
import sys

RUNS = 200


def tool(a, name, *args, given=None):
    done = subprocess.run([os.path.join(a.tools, "tamp-" + name), *args],
                          input=given, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"tamp {name}: {done.stderr}")
    return done.stdout


# --- graphs: y1 = f(x), y2 = f(y1) ... ------------------------------------------

def graph(shape, node, constants=()):
    """node(i): operator and its second operand if there is one."""
    def text(n):
        names = ["x"] + [f"y{i}" for i in range(1, n + 1)]
        lines = ["---", "format: graph/1", "made: {by: probe.py}", "opset: 22",
                 "inputs: [x]", f"outputs: [{names[-1]}]", "tensors:"]
        lines += [f"- {{name: {v}, type: f32, shape: {shape}}}"
                  for v in names]
        lines += [f"- {{name: {v}, type: f32, shape: {s}, fill: [0.001]}}"
                  for v, s in constants]
        lines += ["nodes:"]
        lines += [f"- {{op: {node[0]}, in: [{', '.join((v,) + node[1:])}], "
                  f"out: [{w}]}}" for v, w in zip(names, names[1:])]
        return "\n".join(lines + ["...", ""])
    return text


def small():
    return graph([32], ("Relu",))


def product(size):
    return graph([1, size], ("MatMul", "w"), [("w", [size, size])])


# --- schedules ------------------------------------------------------------------

class Plan:
    """A chain through partition; its parts for schedules that we write."""

    def __init__(self, a, veus, text):
        self.tasks = tool(a, "partition", "-d", a.base, "--fuse", "none",
                          given=text)
        made = tool(a, "schedule", "-p", "sequential", "--only",
                    given=self.tasks)
        self.head = made[:made.index("steps:")] + "steps:\n"
        launch, = re.findall(r"^- launch: (\{.*\})$", made, re.MULTILINE)
        launch = re.sub(r", registers: \d+", "", launch)
        self.launch = re.sub(r"width: \d+", f"width: {veus}", launch)
        self.runs = re.findall(r"^- \{run: (y\d+), tasks: (0\.\.\d+)", made,
                               re.MULTILINE)

    def schedule(self, veus, between="", after=False):
        """Step i runs on veus(i)."""
        lines = [f"- launch: {self.launch}"]
        for i, (run, tasks) in enumerate(self.runs):
            first, last = veus(i)
            wait = f", after: [{{run: {self.runs[i - 1][0]}}}]" \
                if after and i else ""
            if between and i:
                lines.append(between)
            lines.append(f"- {{run: {run}, tasks: {tasks}, "
                         f"veus: {first}..{last}{wait}}}")
        return self.head + "\n".join(lines) + "\n...\n" + self.tasks


def microseconds(a, name, plan):
    directory = os.path.join(a.work, name)
    tool(a, "emit", "-o", directory, given=plan)
    how = ["--emulate=1", "-n", "3"] if a.emulate else ["-n", str(RUNS)]
    report = tool(a, "run", *how, directory)
    return float(re.search(r"median_us: ([0-9.]+)", report)[1])


# --- what is measured -------------------------------------------------------------

def costs(a, veus):
    n = a.steps
    plan = Plan(a, veus, small()(n))
    one = plan.schedule(lambda i: (0, 0))
    hop = plan.schedule(lambda i: (i % 2, i % 2), after=True)
    barrier = plan.schedule(lambda i: (0, 0), "- barrier: {}")
    launch = plan.schedule(lambda i: (0, 0), f"- launch: {plan.launch}")
    short = Plan(a, veus, small()(1)).schedule(lambda i: (0, 0))
    t = {name: microseconds(a, name, p) for name, p in
         (("one", one), ("hop", hop), ("barrier", barrier),
          ("launch", launch), ("short", short))}
    task = (t["one"] - t["short"]) / (n - 1)
    return t["short"], {
            "task_us": task,
            "counter_us": (t["hop"] - t["one"]) / (n - 1),
            "barrier_us": (t["barrier"] - t["one"]) / (n - 1),
            "launch_us": (t["launch"] - t["one"]) / (n - 1)}


def bandwidths(a, veus, run_us, barrier_us):
    far, near = (512, 256) if a.emulate else (8192, 2048)
    one = Plan(a, veus, product(far)(1))
    chain = Plan(a, veus, product(near)(a.steps))
    short = Plan(a, veus, product(near)(1))
    all_veus = (0, veus - 1)
    t = {"far": microseconds(a, "far", one.schedule(lambda i: all_veus)),
         "alone": microseconds(a, "alone", one.schedule(lambda i: (0, 0))),
         "near": microseconds(a, "near", chain.schedule(
             lambda i: all_veus, "- barrier: {}")),
         "once": microseconds(a, "once", short.schedule(lambda i: all_veus))}
    step = (t["near"] - t["once"]) / (a.steps - 1) - barrier_us
    us = {"memory_gbps": t["far"] - run_us, "unit_gbps": t["alone"] - run_us,
          "l2_gbps": step}
    size = {"l2_gbps": near}
    return {key: 4e-3 * size.get(key, far) ** 2 / max(us[key], 0.01)
            for key in us}


def gpu():
    """What the device file says of this GPU."""
    import torch
    if not torch.cuda.is_available():
        print("probe.py: PyTorch sees no GPU", file=sys.stderr)
        sys.exit(77)
    found = torch.cuda.get_device_properties(0)
    name = re.sub(r"[^a-z0-9]+", "_", found.name.lower()).strip("_")
    return {"name": name, "arch": f"sm_{found.major}{found.minor}",
            "units": found.multi_processor_count,
            "veus": 2 * found.multi_processor_count}


def replace(text, fields):
    """Other values in a device file, and what was said of the old ones goes."""
    for key, value in fields.items():
        text, n = re.subn(rf"^{key}: .*$", f"{key}: {value}", text,
                          flags=re.MULTILINE)
        if n != 1:
            raise SystemExit(f"the device file has no {key}")
    return text


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--tools", required=True)
    p.add_argument("--base", required=True)
    p.add_argument("--steps", type=int, default=100)
    p.add_argument("--emulate", action="store_true")
    p.add_argument("--work", required=True)
    p.add_argument("-o", dest="out", required=True)
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    with open(a.base, encoding="utf-8") as f:
        text = f.read()
    if not a.emulate:
        text = replace(text, gpu())
        a.base = os.path.join(a.work, "base.yaml")
        with open(a.base, "w", encoding="utf-8") as f:
            f.write(text)
    veus = int(re.search(r"^veus: (\d+)", text, re.MULTILINE)[1])
    run_us, found = costs(a, veus)
    found |= bandwidths(a, veus, run_us, found["barrier_us"])
    print(f"a run of one rTask: {run_us:.2f} us")
    for key, value in found.items():
        print(f"{key}: {value:.3f}")
    text = replace(text, {k: f"{max(v, 0.01):.3f}      # measured"
                          for k, v in found.items()})
    with open(a.out, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
