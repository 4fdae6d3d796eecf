#!/usr/bin/env python3
"""Times emitted host programs beside ONNX Runtime on the same model.

    bench.py [--rounds N] [--threads N] MODEL.onnx=PROGRAM[,PROGRAM ...] ...

Each program, and ONNX Runtime, runs in a process of its own; they take turns,
a few runs each, round after round, so that both meet the same machine.  Prints
a line a model: medians in ms and R, ONNX Runtime's over the best program's; how
well the programs' times were predicted (with --tamp DIR, where tamp-schedule is:
PROGRAM.yaml is a program's plan), as the rank correlation of predicted and
measured times and the median error; and "geomean: R (min R MODEL)".  The best
program is chosen by its median over the same rounds.
"""

import argparse
import ctypes
import multiprocessing
import os
import re
import statistics
import subprocess
import time

import numpy as np

from stats import geomean, spearman


def aligned(nbytes):
    """Memory on a 64-byte boundary: used without a copy."""
    raw = np.zeros(nbytes + 64, np.uint8)
    return raw[-raw.ctypes.data % 64:][:nbytes]


def program(directory, x):
    """A function that runs the emitted program once, and returns its output."""
    lib = ctypes.CDLL(os.path.join(directory, "libmodel.so"))
    lib.model_error.restype = ctypes.c_char_p
    lib.model_output_bytes.restype = ctypes.c_size_t
    model = ctypes.c_void_p()
    if lib.model_open(directory.encode(), ctypes.byref(model)):
        raise SystemExit(f"{directory}: {lib.model_error(None).decode()}")
    lib.model_pin(model)
    given = aligned(x.nbytes)
    given[:] = x.reshape(-1).view(np.uint8)
    out = aligned(lib.model_output_bytes(model, 0))
    ins = (ctypes.c_void_p * 1)(given.ctypes.data)
    outs = (ctypes.c_void_p * 1)(out.ctypes.data)

    def run(keep=given):  # ins holds but its address
        if lib.model_run(model, ins, outs):
            raise SystemExit(f"{directory}: {lib.model_error(model).decode()}")
        return out.view(np.float32)
    return run


def peer(path, x, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})[0].reshape(-1)


def worker(pipe, make, args):
    """Answers "n" with the times of n runs, ms; first with one run's output."""
    run = make(*args)
    pipe.send(np.array(run()))
    while (n := pipe.recv()) > 0:
        times = []
        for _ in range(n):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1e3)
        pipe.send(times)


class Turns:
    """A process that runs one contestant when it is told to."""

    def __init__(self, make, *args):
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe()
        self.process = context.Process(target=worker, daemon=True,
                                       args=(end, make, args))
        self.process.start()
        end.close()
        self.output = self.pipe.recv()
        self.times = []

    def turn(self, n):
        self.pipe.send(n)
        times = self.pipe.recv()
        self.times += times[1:]  # the first run after a pause warms up
        return statistics.median(times[1:])

    def close(self):
        self.pipe.send(0)
        self.process.join()


def predicted(tamp, directory):
    """What tamp-schedule says of the program's plan, ms."""
    said = subprocess.run([os.path.join(tamp, "tamp-schedule"), "--check",
                           directory + ".yaml"], capture_output=True, text=True,
                          check=True).stderr
    return float(re.search(r"legal, ([0-9.]+) us predicted", said)[1]) / 1e3


def compare(tamp, programs, measured):
    """Tells how well a model's programs were predicted."""
    said = [predicted(tamp, d) for d in programs]
    errors = [abs(p - m) / m for p, m in zip(said, measured)]
    rank = spearman(said, measured)
    best = measured[said.index(min(said))] / min(measured)
    print(f"{'':16} predicted: rank correlation "
          f"{'none' if rank is None else format(rank, '.2f')}, median error "
          f"{100 * statistics.median(errors):.0f} %, the one predicted best "
          f"takes {best:.2f} of the best, of {len(programs)}", flush=True)


def contest(path, programs, rounds, threads, tamp):
    x = np.load(path.removesuffix(".onnx") + ".in0.npy")
    other = Turns(peer, path, x, threads)
    ours = [Turns(program, d, x) for d in programs]
    for t, d in zip(ours, programs):
        error = np.abs(t.output - other.output).max()
        if not error <= 1e-3 * np.abs(other.output).max():
            raise SystemExit(f"{d}: differs from ONNX Runtime by {error}")
    pairs = [[] for _ in ours]
    for _ in range(rounds):
        theirs = other.turn(6)
        for t, ratios in zip(ours, pairs):
            ratios.append(theirs / t.turn(6))
    best = min(range(len(ours)), key=lambda i: statistics.median(ours[i].times))
    for t in [other] + ours:
        t.close()
    ratio = statistics.median(pairs[best])
    low, high = min(pairs[best]), max(pairs[best])
    print(f"{os.path.basename(path).removesuffix('.onnx'):16} "
          f"onnxruntime {statistics.median(other.times):9.3f} ms   "
          f"tamp {statistics.median(ours[best].times):9.3f} ms   "
          f"R {ratio:5.2f} ({low:.2f} .. {high:.2f})   "
          f"{os.path.basename(programs[best])}", flush=True)
    if tamp:
        compare(tamp, programs, [statistics.median(t.times) for t in ours])
    return ratio


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--tamp")
    p.add_argument("models", nargs="+")
    a = p.parse_args()
    ratios = {}
    for m in a.models:
        path, programs = m.split("=")
        ratios[path] = contest(path, programs.split(","), a.rounds, a.threads,
                               a.tamp)
    worst = min(ratios, key=ratios.get)
    print(f"geomean: {geomean(ratios.values()):.2f} (min {ratios[worst]:.2f} "
          f"{os.path.basename(worst).removesuffix('.onnx')})")


if __name__ == "__main__":
    main()
