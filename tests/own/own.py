#!/usr/bin/python3
"""Kernels in the manner of public samples, as ordinary launches and as rTasks.

Each kernel file of tests/own/kernels is compiled as it is and launched as a
grid of blocks under emulation, its blocks in a random order.  The same file is
given to partition by -K, for an operator of a model in which its input comes
from another rOperator and its output goes to one; several such operators share
a model, so that vEUs interleave.  Under both kinds of waits and several seeds
the program must give what the launch gave, bit for bit, and what numpy computes.

    own.py [KERNEL ...]      prints TAP; only the groups with these kernels
    own.py --emit DIR        emits each group's model for an H200 to DIR/0 ...
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases import CASES

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RUNTIME = os.path.join(ROOT, "lib", "runtime")
KERNELS = os.path.join(HERE, "kernels")
A_GROUP = 7                     # kernels of one model
SEEDS = (1, 2, 3)
WORDS = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i64"}
CTYPES = {"float32": "float", "float64": "double", "int32": "int", "int64": "long long"}
# An int64_t is a "long" here, and "long long" is what CUDA's samples write.
CASTS = {"argmax": "(long *)"}


class Failed(Exception):
    pass


def sh(*args, cwd=None):
    p = subprocess.run(args, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.returncode:
        raise Failed(f"{' '.join(args)[:300]}\n{(p.stderr + p.stdout).decode(errors='replace')}")
    return p.stdout.decode()


# --- ordinary launches ---------------------------------------------------------

def plain_source(name, c):
    lines = ['#include "launch.h"', f'#include "{KERNELS}/{name}.cu"']
    if "dynamic" in c:
        lines.append(f"thread_local {c['dynamic']};")
    lines.append("int main(int, char **argv)\n{")
    for i, x in enumerate(c["ins"]):
        t = CTYPES[x.dtype.name]
        lines.append(f"\tconst {t} *i{i} = (const {t} *)plain_read(argv[{i + 2}], {x.nbytes});")
    t, shape = c["out"]
    n = int(np.prod(shape)) * np.dtype(t).itemsize
    t = CTYPES[np.dtype(t).name]
    lines.append(f"\t{t} *o0 = ({t} *)plain_room({n});")
    dim = lambda v: "dim3(" + ", ".join(map(str, v)) + ")"
    template = f"<{c['template']}>" if "template" in c else ""
    call = c["call"].replace("o0", CASTS.get(name, "") + "o0")
    lines.append(f"\tplain_launch({dim(c['grid'])}, {dim(c['block'])}, strtoull(argv[1], NULL, 10),"
                 f" [&] {{ {name}{template}({call}); }});")
    lines.append(f"\tplain_write(argv[{len(c['ins']) + 2}], o0, {n});")
    return "\n".join(lines + ["\treturn 0;", "}", ""])


def objects(work):
    """The emulated runtime; CUDA's headers are launch.h."""
    os.mkdir(f"{work}/cuda")
    for f in ("cuda_runtime.h", "cuda_fp16.h", "math_constants.h"):
        open(f"{work}/cuda/{f}", "w").close()
    for f in ("emu", "emu_threads"):
        sh("g++", "-std=gnu++17", "-O2", "-DTAMP_EMULATE", "-c", "-o", f"{work}/{f}.o",
           f"{RUNTIME}/{f}.cpp")


def build_plain(work, name, c):
    with open(f"{work}/{name}.cpp", "w") as f:
        f.write(plain_source(name, c))
    sh("g++", "-std=gnu++17", "-O2", "-DTAMP_EMULATE", "-w", f"-I{work}/cuda",
       f"-I{RUNTIME}", f"-I{HERE}",
       "-o", f"{work}/{name}", f"{work}/{name}.cpp", f"{work}/emu.o", f"{work}/emu_threads.o")


def run_plain(work, name, c, seed):
    files = [f"{work}/{name}.i{i}" for i in range(len(c["ins"]))]
    t, shape = c["out"]
    for f, x in zip(files, c["ins"]):
        x.tofile(f)
    sh(f"{work}/{name}", str(seed), *files, f"{work}/{name}.o")
    return np.fromfile(f"{work}/{name}.o", t).reshape(shape)


# --- a model -------------------------------------------------------------------

def dims(shape):
    return "[" + ", ".join(map(str, shape)) + "]"


def graph(names):
    """Every input and every output goes through a Neg."""
    ins, outs, tensors, nodes = [], [], [], []
    for name in names:
        c = CASES[name]
        reads = []
        for i, x in enumerate(c["ins"]):
            t = f"type: {WORDS[x.dtype.name]}, shape: {dims(x.shape)}"
            ins.append(f"{name}_i{i}")
            reads.append(f"{name}_n{i}")
            tensors += [f"{{name: {name}_i{i}, {t}}}", f"{{name: {name}_n{i}, {t}}}"]
            nodes.append(f"{{op: Neg, in: [{name}_i{i}], out: [{name}_n{i}]}}")
        for i, k in enumerate(c.get("consts", [])):
            reads.append(f"{name}_k{i}")
            tensors.append(f"{{name: {name}_k{i}, {k}}}")
        attrs = f", attrs: {c['attrs']}" if "attrs" in c else ""
        nodes.append(f"{{op: \"{c['op']}\", in: [{', '.join(reads)}], out: [{name}_y]"
                     f"{attrs}}}")
        t, shape = c["out"]
        t = f"type: {WORDS[np.dtype(t).name]}, shape: {dims(shape)}"
        outs += [f"{name}_y", f"{name}_z"]
        tensors += [f"{{name: {name}_y, {t}}}", f"{{name: {name}_z, {t}}}"]
        nodes.append(f"{{op: Neg, in: [{name}_y], out: [{name}_z]}}")
    lines = ["format: graph/1", "made: {by: tests/own}", "opset: 22",
             f"inputs: [{', '.join(ins)}]", f"outputs: [{', '.join(outs)}]", "tensors:"]
    lines += ["- " + t for t in tensors] + ["nodes:"] + ["- " + n for n in nodes]
    return "\n".join(lines + ["...", ""])


def plan(work, names, sync, device="emu"):
    """Emits the model; every kernel must be the one that was asked for."""
    with open(f"{work}/graph.yaml", "w") as f:
        f.write(graph(names))
    sh("tamp-partition", "-d", device, "-K", KERNELS, "-o", f"{work}/tasks.yaml",
       f"{work}/graph.yaml")
    sh("tamp-schedule", "-p", "wavefront", "--sync", sync, "-o", f"{work}/plan.yaml",
       f"{work}/tasks.yaml")
    with open(f"{work}/plan.yaml") as f:
        text = f.read().partition("steps:")[0]
    for name in names:
        if f"use: {name}" not in text and f'use: "{name}' not in text:
            raise Failed(f"{name} is not used:\n{text}")
    sh("tamp-emit", "-K", KERNELS, "-o", f"{work}/build", f"{work}/plan.yaml")


def run_model(work, names, seed):
    args = []
    for name in names:
        for i, x in enumerate(CASES[name]["ins"]):
            np.save(f"{work}/{name}_i{i}.npy", -x)
            args += ["--input", f"{name}_i{i}={work}/{name}_i{i}.npy"]
    sh("tamp-run", f"--emulate={seed}", "--output", f"{work}/out", *args, f"{work}/build")


# --- checks --------------------------------------------------------------------

def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def right(name, c, got):
    want = c["ref"](*[x.astype(np.float64) if x.dtype == np.float32 and c.get("atol") else x
                      for x in c["ins"]])
    tol = c.get("atol", 0)
    if not np.allclose(got, want, rtol=tol, atol=tol):
        raise Failed(f"{name}: numpy has {want}\nthe kernel {got}")
    if np.unique(got).size < 2 and got.size > 1:
        raise Failed(f"{name}: a result that is all the same")


def check(work, name, c, got):
    y = np.load(f"{work}/out/{name}_y.npy")
    z = np.load(f"{work}/out/{name}_z.npy")
    if not same(y, got):
        bad = np.flatnonzero(y.ravel() != got.ravel())
        raise Failed(f"{name}: as rTasks {y}\nas a launch {got}\nat {bad[:10]}")
    if not same(z, -y):
        raise Failed(f"{name}: what was read of it is another value: {z}")


class Tap:
    n = failed = 0

    def report(self, what, f, *args):
        self.n += 1
        try:
            result = f(*args)
            print(f"ok {self.n} - {what}", flush=True)
            return result
        except Failed as e:
            self.failed += 1
            print(f"not ok {self.n} - {what}")
            print("\n".join("# " + l for l in str(e).splitlines()[:25]), flush=True)
            return None


def launches(work, name, c):
    build_plain(work, name, c)
    got = run_plain(work, name, c, 1)
    for seed in SEEDS[1:]:
        if not same(got, run_plain(work, name, c, seed)):
            raise Failed(f"{name}: the order of blocks changes the result")
    right(name, c, got)
    return got


def test_group(tap, work, names):
    os.mkdir(work)
    objects(work)
    got = {n: tap.report(f"{n}: a launch gives what numpy gives", launches, work, n, CASES[n])
           for n in names}
    for sync in ("counter", "barrier"):
        what = f"waits by {sync}"
        try:
            plan(work, names, sync)
        except Failed as e:
            tap.report(f"{', '.join(names)}: a program, {what}", fail, e)
            continue
        for seed in SEEDS:
            try:
                run_model(work, names, seed)
            except Failed as e:
                tap.report(f"{', '.join(names)}: a run, {what}", fail, e)
                continue
            for n in names:
                if got[n] is not None:
                    tap.report(f"{n}: rTasks give what the launch gave, {what}, seed {seed}",
                               check, work, n, CASES[n], got[n])


def fail(e):
    raise e


def emit(to, groups):
    for i, g in enumerate(groups):
        os.makedirs(f"{to}/{i}")
        plan(f"{to}/{i}", g, "counter", "h200")


def main():
    tap, names = Tap(), list(CASES)
    files = sorted(f[:-3] for f in os.listdir(KERNELS) if f.endswith(".cu"))
    groups = [names[i:i + A_GROUP] for i in range(0, len(names), A_GROUP)]
    if sys.argv[1:2] == ["--emit"]:
        return emit(sys.argv[2], groups)
    if files != sorted(names):
        tap.report("every kernel has a case", fail, Failed(str(set(files) ^ set(names))))
    with tempfile.TemporaryDirectory() as work:
        for i, g in enumerate(groups):
            if len(sys.argv) == 1 or set(g) & set(sys.argv[1:]):
                test_group(tap, f"{work}/{i}", g)
    print(f"1..{tap.n}")
    return tap.failed > 0


sys.exit(main())
