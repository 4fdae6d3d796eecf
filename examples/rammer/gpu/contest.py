#!/usr/bin/env python3
"""Checks the programs of one model against PyTorch, and times them beside it.

    contest.py GRAPH.json -o RESULT.json [option ...] PROGRAM ...

Right is what differs from the float64 reference by at most 1e-3 of its largest
magnitude, for two inputs that move it by at least 100 times that, and gives the
same bits at every replay.  Timed are all programs that are right, and PyTorch
in float32 eagerly, as a CUDA graph and compiled (--cap: seconds for that, in a
process of its own).  They take turns, round after round; a time is that of one
run from its start until its end is seen, or, in a row, that of many over their
number.  RESULT.json has everything; a failure
is told there and does not end the others.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
import traceback

import torch

from interpreter import Graph
from program import Program

TOLERANCE = 1e-3


def sample(shape, seed):
    """Noise over a smooth pattern, of order 1: two seeds differ on the large
    scale too."""
    r = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, generator=r, dtype=torch.float64)
    for axis, d in enumerate(shape):
        turns, phase = torch.rand(2, generator=r, dtype=torch.float64).tolist()
        wave = torch.sin(torch.linspace(0, 2 + 7 * turns, d,
                                        dtype=torch.float64) + 6 * phase)
        x += wave.reshape([-1 if a == axis else 1
                           for a in range(len(shape))])
    return (x / (1 + len(shape) / 2) ** 0.5).to(torch.float32)


def finish(device):
    if device == "cuda":
        torch.cuda.synchronize()


# --- right? ---------------------------------------------------------------------

def reference(path, device):
    """Two inputs and their outputs in float64."""
    graph = Graph(path, torch.float64, device)
    xs = [sample(graph.input_shape, seed).to(device) for seed in (1, 2)]
    ys = [graph(x.double()).reshape(graph.output_shape) for x in xs]
    top = ys[0].abs().max().item()
    moved = (ys[1] - ys[0]).abs().max().item()
    rms = ys[0].square().mean().sqrt().item()
    if not 0.01 < rms < 10 or moved < 100 * TOLERANCE * top:
        raise SystemExit(f"{path}: outputs of rms {rms:.3g}, moved by "
                         f"{moved / top:.2g}, are not fit for a comparison")
    return xs, ys, {"rms": rms, "largest": top, "moved": moved / top}


def check(program, xs, ys, replays):
    """The largest error over the largest magnitude, of two inputs."""
    top = ys[0].abs().max()
    y, again = program.output(), program.output()
    errors = []
    for x, want in zip(xs, ys):
        program.run(x, y)
        error = ((y.double() - want.reshape(y.shape)).abs().max() / top).item()
        errors.append(error if error == error else float("inf"))
    for _ in range(replays):
        again.fill_(float("nan"))
        program.run(xs[1], again)
        if not torch.equal(y, again):
            raise AssertionError("a replay gave other bits")
    if max(errors) > TOLERANCE:
        raise AssertionError(f"differs from float64 by {max(errors):.3g} of "
                             "the largest magnitude")
    return max(errors)


# --- how fast? ------------------------------------------------------------------

def alone(f, device):
    """The time of one run, us: from its start until its end is seen."""
    start = time.perf_counter()
    f()
    finish(device)
    return (time.perf_counter() - start) * 1e6


def in_a_row(f, device, n):
    """The same of n runs of which only the last one's end is waited for."""
    start = time.perf_counter()
    for _ in range(n):
        f()
    finish(device)
    return (time.perf_counter() - start) * 1e6 / n


def take_turns(contestants, device, rounds, turn_us):
    """{name: statistics} of functions.  A turn is 3 runs or more alone, up to
    turn_us, and as many in a row; a run before warms up."""
    times = {name: {"alone": [], "row": []} for name in contestants}
    runs = {}
    for name, f in contestants.items():
        alone(f, device)
        runs[name] = 3 + min(200, int(turn_us / alone(f, device)))
    for _ in range(rounds):
        for name, f in contestants.items():
            n = runs[name]
            f()
            finish(device)
            times[name]["alone"].append([alone(f, device) for _ in range(n)])
            times[name]["row"].append(in_a_row(f, device, n))
    return {name: summary(t["alone"], t["row"]) for name, t in times.items()}


def summary(turns, row):
    flat = sorted(t for turn in turns for t in turn)
    return {"runs": len(flat), "min_us": flat[0],
            "median_us": statistics.median(flat),
            "p90_us": flat[len(flat) * 9 // 10],
            "turns_us": [statistics.median(t) for t in turns],
            "row_us": statistics.median(row)}


def cuda_graph(f, x):
    """f(x) as one graph: capture wants a few runs on a side stream first."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            f(x)
    torch.cuda.current_stream().wait_stream(side)
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g):
        f(x)
    return g.replay


def compiled(path, device, rounds, turn_us, program, pipe):
    """In a process of its own: compile's statistics, beside the program's."""
    with torch.no_grad():
        torch.set_float32_matmul_precision("highest")
        graph = Graph(path, torch.float32, device)
        x = sample(graph.input_shape, 1).to(device)
        start = time.perf_counter()
        f = torch.compile(graph)
        f(x)
        finish(device)
        took = time.perf_counter() - start
        ours = Program(program, device)
        y = ours.output()
        stats = take_turns(
            {"compile": lambda: f(x), "tamp": ours.bound(x, y)},
            device, rounds, turn_us)
        ours.wait()
    pipe.send({"compile_s": took, **stats})


def within(cap, *args):
    """compiled(*args) in another process, or why there is nothing."""
    if not hasattr(torch, "compile"):
        return {"failed": f"PyTorch {torch.__version__} has no torch.compile"}
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=compiled, args=(*args, there))
    process.start()
    there.close()
    try:
        if not here.poll(cap):
            return {"failed": f"not compiled within {cap} s"}
        return here.recv()
    except EOFError:
        return {"failed": "the compiler failed"}
    finally:
        process.kill()
        process.join()


# --- the whole --------------------------------------------------------------------

def tell(name, what):
    print(f"{name}: {what}", file=sys.stderr, flush=True)


def attempt(result, name, f):
    """f's result under name; a failure in its place."""
    try:
        result[name] = f()
    except Exception as e:  # pylint: disable=broad-except
        result[name] = {"failed": f"{type(e).__name__}: {e}".split("\n")[0]}
        traceback.print_exc()
    return result[name]


def contest(a, device):
    name = os.path.basename(a.graph).removesuffix(".json")
    xs, ys, about = reference(a.graph, device)
    result = {"model": name, "device": device, "reference": about,
              "torch": torch.__version__, "programs": {}, "peers": {}}
    if device == "cuda":
        result["gpu"] = torch.cuda.get_device_name()
    ready, opened = {}, []
    for directory in a.programs:
        plan = os.path.basename(directory).removeprefix(name + ".")

        def right(directory=directory, plan=plan):
            program = Program(directory, device)
            error = check(program, xs, ys, a.replays)
            ready["tamp " + plan] = program.bound(xs[0], program.output())
            opened.append(program)
            return {"error": error, "replays": a.replays}
        got = attempt(result["programs"], plan, right)
        tell(f"{name}, {plan}", got.get("failed") or
             f"error {got['error']:.1e}, {a.replays} replays equal")
    graph = Graph(a.graph, torch.float32, device)
    error = ((graph(xs[0]).reshape(ys[0].shape) - ys[0]).abs().max() /
             ys[0].abs().max()).item()
    result["peers"]["eager"] = {"error": error}
    ready["eager"] = lambda: graph(xs[0])
    if device == "cuda":
        def captured():
            ready["cuda graph"] = cuda_graph(graph, xs[0])
            return {}
        attempt(result["peers"], "cuda graph", captured)
    else:
        result["peers"]["cuda graph"] = {"failed": "no GPU"}
    result["times"] = take_turns(ready, device, a.rounds, a.turn_us)
    for program in opened:
        program.wait()  # a run that gave up says so here
    ours = [n for n in ready if n.startswith("tamp ")]
    if ours:
        best = min(ours, key=lambda n: result["times"][n]["median_us"])
        result["best"] = best.removeprefix("tamp ")
        directory, = (d for d in a.programs
                      if d.endswith("." + result["best"]))
        attempt(result["peers"], "compile", lambda: within(
            a.cap, a.graph, device, a.rounds, a.turn_us, directory))
    return result


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("graph")
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("--replays", type=int, default=1000)
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--turn-us", type=float, default=30e3)
    p.add_argument("--cap", type=float, default=60)
    p.add_argument("programs", nargs="+")
    a = p.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    with torch.no_grad():
        result = contest(a, device)
    with open(a.out, "w", encoding="ascii") as f:
        json.dump(result, f, indent=1)
    return 1 if any("failed" in p for p in result["programs"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
