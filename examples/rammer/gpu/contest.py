#!/usr/bin/env python3
"""Checks the programs of one model against PyTorch, and times them beside it.

    contest.py GRAPH.json -o RESULT.json [option ...] PROGRAM ...

Right is what differs from the float64 reference by at most 1e-3 of its largest
magnitude, for two inputs that move it by at least 100 times that, and gives the
same bits at every replay.  Timed are all programs that are right, and PyTorch
in float32: eagerly, as a CUDA graph, and compiled in two modes.  They take
turns, round after round; a time is that of one run from its start until its end
is seen, or, in a row, that of many over their number.

Every stage is a process of its own with a limit (--cap seconds; --compile-cap
for the compiler), so that a program that crashes or hangs ends nothing but
itself.  RESULT.json is written anew after each.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import traceback

import torch

from interpreter import Graph
from program import Program

TOLERANCE = 1e-3
MODES = {"compile": "default", "compile, reduce-overhead": "reduce-overhead"}


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


def off_by(y, want):
    """The largest error over the largest magnitude; infinity for a NaN."""
    error = ((y.double().reshape(want.shape) - want).abs().max() /
             want.abs().max()).item()
    return error if error == error else float("inf")


def hold(y, want):
    error = off_by(y, want)
    if error > TOLERANCE:
        raise AssertionError(f"differs from float64 by {error:.3g} of the "
                             "largest magnitude")
    return error


# --- processes ------------------------------------------------------------------

def failure(e):
    return {"failed": f"{type(e).__name__}: {e}".split("\n")[0]}


def begin(pipe, work, args):
    """float32 is float32: the setting is each process's own."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    try:
        with torch.no_grad():
            work(pipe.send, *args)
    except Exception as e:  # pylint: disable=broad-except
        traceback.print_exc()
        pipe.send(failure(e))


def elsewhere(cap, work, *args):
    """What work(say, *args) says in a process of its own; a {"failed"} comes
    last if it does not end well within cap seconds."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=begin, args=(there, work, args))
    process.start()
    there.close()
    end = time.monotonic() + cap
    try:
        while here.poll(max(0, end - time.monotonic())):
            yield here.recv()
        yield {"failed": f"did not end within {cap:g} s"}
    except EOFError:
        process.join()
        if process.exitcode:
            yield {"failed": f"ended with status {process.exitcode}"}
    finally:
        process.kill()
        process.join()


# --- right? ---------------------------------------------------------------------

def reference(say, setup):
    """Two inputs and their outputs in float64, into setup.data."""
    graph = Graph(setup.graph, torch.float64, setup.device)
    xs = [sample(graph.input_shape, seed) for seed in (1, 2)]
    ys = [graph(x.to(setup.device).double()).cpu() for x in xs]
    top = ys[0].abs().max().item()
    moved = (ys[1] - ys[0]).abs().max().item() / top
    rms = ys[0].square().mean().sqrt().item()
    if not 0.01 < rms < 10 or moved < 100 * TOLERANCE:
        raise ValueError(f"outputs of rms {rms:.3g}, moved by {moved:.2g}, are "
                         "not fit for a comparison")
    torch.save((xs, ys), setup.data)
    about = {"reference": {"rms": rms, "largest": top, "moved": moved}}
    if setup.device == "cuda":
        about["gpu"] = torch.cuda.get_device_name()
    say(about)


def given(setup):
    return [[t.to(setup.device) for t in ts] for ts in torch.load(setup.data)]


def right(program, xs, ys, replays):
    y, again = program.output(), program.output()
    errors = []
    for x, want in zip(xs, ys):
        program.run(x, y)
        errors.append(hold(y, want))
    for _ in range(replays):
        again.fill_(float("nan"))
        program.run(xs[1], again)
        if not torch.equal(y, again):
            raise AssertionError("a replay gave other bits")
    return {"error": max(errors), "replays": replays}


def check(say, setup, directories):
    """Says of each what it found; after a failure of the program, and not of
    its numbers alone, the device may be lost, and the rest is left."""
    xs, ys = given(setup)
    for d in directories:
        try:
            program = Program(d, setup.device, setup.so_name)
            say(right(program, xs, ys, setup.replays))
            program.close()
        except AssertionError as e:
            say(failure(e))


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


def take_turns(contestants, setup):
    """{name: statistics} of functions.  A turn is 3 runs or more alone, up to
    turn_us, and as many in a row; a run before warms up."""
    times = {name: {"alone": [], "row": []} for name in contestants}
    runs = {}
    for name, f in contestants.items():
        alone(f, setup.device)
        runs[name] = 3 + min(200, int(setup.turn_us / alone(f, setup.device)))
    for _ in range(setup.rounds):
        for name, f in contestants.items():
            n = runs[name]
            f()
            finish(setup.device)
            times[name]["alone"].append(
                [alone(f, setup.device) for _ in range(n)])
            times[name]["row"].append(in_a_row(f, setup.device, n))
    return {name: summary(t["alone"], t["row"]) for name, t in times.items()}


def summary(turns, row):
    flat = sorted(t for turn in turns for t in turn)
    return {"runs": len(flat), "min_us": flat[0],
            "median_us": statistics.median(flat),
            "p90_us": flat[len(flat) * 9 // 10],
            "turns_us": [statistics.median(t) for t in turns],
            "row_us": statistics.median(row)}


def cuda_graph(f, x):
    """f(x) as one graph, and what it writes; capture wants a few runs on a side
    stream first."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            f(x)
    torch.cuda.current_stream().wait_stream(side)
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g):
        y = f(x)
    return g, y


def captured(graph, x, want, device):
    if device != "cuda":
        return None, {"failed": "no GPU"}
    try:
        g, y = cuda_graph(graph, x)
        g.replay()
        return g.replay, {"error": hold(y, want)}
    except Exception as e:  # pylint: disable=broad-except
        return None, failure(e)


def race(say, setup, directories):
    """The programs beside PyTorch, eagerly and as a CUDA graph."""
    xs, ys = given(setup)
    graph = Graph(setup.graph, torch.float32, setup.device)
    ready, programs = {}, []
    for d in directories:
        programs.append(Program(d, setup.device, setup.so_name))
        ready["tamp " + setup.plan(d)] = \
            programs[-1].bound(xs[0], programs[-1].output())
    peers = {"eager": {"error": hold(graph(xs[0]), ys[0])}}
    ready["eager"] = lambda: graph(xs[0])
    replay, peers["cuda graph"] = captured(graph, xs[0], ys[0], setup.device)
    if replay:
        ready["cuda graph"] = replay
    times = take_turns(ready, setup)
    for program in programs:
        program.wait()  # a run that gave up says so here
    say({"peers": peers, "times": times})


def compiled(say, setup, directory, mode):
    """torch.compile beside the program."""
    xs, ys = given(setup)
    graph = Graph(setup.graph, torch.float32, setup.device)
    start = time.perf_counter()
    f = torch.compile(graph, mode=mode)
    error = hold(f(xs[0]), ys[0])
    took = time.perf_counter() - start
    program = Program(directory, setup.device, setup.so_name)
    times = take_turns({"compile": lambda: f(xs[0]),
                        "tamp": program.bound(xs[0], program.output())}, setup)
    program.wait()
    say({"error": error, "compile_s": took, **times})


# --- the whole --------------------------------------------------------------------

class Contest:
    def __init__(self, a, setup):
        self.a, self.setup = a, setup
        self.result = {"model": setup.name, "device": setup.device,
                       "torch": torch.__version__, "programs": {}, "peers": {}}

    def note(self, what):
        """Keeps what a stage said; RESULT.json is never half written."""
        self.result.update(what)
        with open(self.a.out + ".part", "w", encoding="ascii") as f:
            json.dump(self.result, f, indent=1)
        os.replace(self.a.out + ".part", self.a.out)

    def stage(self, cap, work, *args):
        """The last that was said."""
        last = {"failed": "said nothing"}
        for last in elsewhere(cap, work, self.setup, *args):
            pass
        return last

    def check_all(self):
        rest = list(self.a.programs)
        while rest:
            looked = 0
            for found in elsewhere(self.a.cap, check, self.setup, rest):
                if looked == len(rest):
                    break  # it fell when all was said
                plan = self.setup.plan(rest[looked])
                self.result["programs"][plan] = found
                print(f"{self.setup.name}, {plan}:", found.get("failed") or
                      f"error {found['error']:.1e}, {found['replays']} "
                      "replays equal", file=sys.stderr, flush=True)
                looked += 1
            rest = rest[max(looked, 1):]
        self.note({})

    def run(self):
        self.note(self.stage(self.a.cap, reference))
        if "failed" in self.result:
            return
        self.check_all()
        good = [d for d in self.a.programs if "error" in
                self.result["programs"].get(self.setup.plan(d), {})]
        found = self.stage(self.a.cap, race, good)
        self.note(found)
        if "failed" in found or not good:
            return
        best = min(good, key=lambda d: found["times"][
            "tamp " + self.setup.plan(d)]["median_us"])
        self.note({"best": self.setup.plan(best)})
        for name, mode in MODES.items():
            self.result["peers"][name] = \
                self.stage(self.a.compile_cap, compiled, best, mode) \
                if hasattr(torch, "compile") else \
                {"failed": f"PyTorch {torch.__version__} has none"}
            self.note({})


class Setup:
    """What every stage needs to know."""

    def __init__(self, a, data):
        self.graph, self.data = a.graph, data
        self.device, self.so_name = a.device, a.so_name
        self.replays, self.rounds, self.turn_us = \
            a.replays, a.rounds, a.turn_us
        self.name = os.path.basename(a.graph).removesuffix(".json")

    def plan(self, directory):
        return os.path.basename(directory).removeprefix(self.name + ".")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("graph")
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    p.add_argument("--library", dest="so_name", default="libmodel.so")
    p.add_argument("--replays", type=int, default=1000)
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--turn-us", type=float, default=30e3)
    p.add_argument("--cap", type=float, default=120)
    p.add_argument("--compile-cap", type=float, default=60)
    p.add_argument("programs", nargs="+")
    a = p.parse_args()
    if a.device == "cuda" and not torch.cuda.is_available():
        print("contest.py: PyTorch sees no GPU", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as work:
        contest = Contest(a, Setup(a, os.path.join(work, "data")))
        contest.run()
    wrong = [r for r in (contest.result, *contest.result["programs"].values())
             if "failed" in r]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
