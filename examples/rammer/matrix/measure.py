#!/usr/bin/env python3
"""Times all programs of one model in turns, so that all meet the same machine.

    measure.py --model M --dir DIR --data OUT -o FILE.yaml POINT ...

POINT's program is DIR/M.POINT; the model's input and what it must answer are
OUT/M.in0.npy, .out0.npy and .atol.  In each round every program runs a few
times, the next round beginning with another one.  With --peer, ONNX Runtime
takes part with OUT/M.onnx.  One program takes part twice, as `again`: what
differs between the two is noise.

Programs that are the same to the byte are run once: a choice that makes no
difference leaves the program as it was.  The file has, per point, the medians of
its turns, round by round, in us.
"""

import argparse
import glob
import hashlib
import os
import statistics
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from bench import Turns, peer, program  # noqa: E402


def digest(directory):
    """Of what makes a program what it is, beside the model's own weights."""
    h = hashlib.sha256()
    names = [os.path.join(directory, "plan.bin")]
    for pattern in ("*.c", "*.h", "*.mk"):
        names += sorted(glob.glob(os.path.join(directory, pattern)))
    for name in names:
        with open(name, "rb") as f:
            data = f.read()
        h.update(f"{os.path.basename(name)} {len(data)}\n".encode() + data)
    return h.hexdigest()


def distinct(a):
    """The first point of each program, and for every point which that is."""
    first, same = {}, {}
    for point in a.points:
        key = digest(f"{a.dir}/{a.model}.{point}")
        same[point] = first.setdefault(key, point)
    return list(first.values()), same


def enter(a, names):
    """Contestants by name, all of whom answer what is expected."""
    stem = f"{a.data}/{a.model}"
    x, want = np.load(stem + ".in0.npy"), np.load(stem + ".out0.npy")
    with open(stem + ".atol", encoding="ascii") as f:
        atol = float(f.read())
    made = {n: Turns(program, f"{a.dir}/{a.model}.{n}", x) for n in names}
    made["again"] = Turns(program, f"{a.dir}/{a.model}.{names[0]}", x)
    if a.peer:
        made["onnxruntime"] = Turns(peer, stem + ".onnx", x, a.threads)
    for name, t in made.items():
        error = np.abs(t.output - want.reshape(-1)).max()
        if not error <= atol:
            raise SystemExit(f"{a.model}.{name}: differs by {error} from what "
                             "is expected")
    return made


def runs_a_turn(t, seconds):
    """As many as take so long, 3 to 50; the first of them is not counted."""
    return max(3, min(50, 1 + round(seconds * 1e3 / t.turn(3))))


def contest(made, a):
    """The medians of each turn, ms, by contestant and round."""
    names = list(made)
    count = {n: runs_a_turn(made[n], a.turn) for n in names}
    rounds = {n: [] for n in names}
    for t in made.values():
        t.times.clear()
    for r in range(a.rounds):
        at = r * 7 % len(names)
        for n in names[at:] + names[:at]:
            rounds[n].append(made[n].turn(count[n]))
    return rounds


def text(a, rounds, made, same):
    lines = ["format: rammer-measured/1", f"model: {a.model}",
             f"threads: {a.threads}", f"again_of: {a.points[0]}",
             "contestants:"]
    shown = [(p, same[p]) for p in a.points]
    shown += [(n, n) for n in ("again", "onnxruntime") if n in made]
    for name, of in shown:
        us = ", ".join(f"{ms * 1e3:.3f}" for ms in rounds[of])
        also = f"same_as: {of}, " if of != name else ""
        lines.append(f"- {{name: {name}, {also}runs: {len(made[of].times)}, "
                     f"median_us: "
                     f"{statistics.median(made[of].times) * 1e3:.3f}, "
                     f"rounds_us: [{us}]}}")
    return "\n".join(lines) + "\n...\n"


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--model", required=True)
    p.add_argument("--dir", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--turn", type=float, default=0.3, metavar="SECONDS")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--peer", action="store_true")
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("points", nargs="+")
    a = p.parse_args()
    names, same = distinct(a)
    made = enter(a, names)
    rounds = contest(made, a)
    with open(a.out + ".tmp", "w", encoding="ascii") as f:
        f.write(text(a, rounds, made, same))
    os.replace(a.out + ".tmp", a.out)
    noise = [n / o for n, o in zip(rounds["again"], rounds[names[0]])]
    print(f"{a.model}: {len(names)} programs; {names[0]} beside itself: "
          f"{statistics.median(noise):.3f} ({min(noise):.3f} .. "
          f"{max(noise):.3f})", flush=True)
    for t in made.values():
        t.close()


if __name__ == "__main__":
    main()
