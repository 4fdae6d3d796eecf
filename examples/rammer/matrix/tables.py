#!/usr/bin/env python3
"""Writes a matrix's results as Markdown.

    tables.py -o tables.md results.yaml

First what is concluded, over all models; then every point of every model.
"""

import argparse
import os
import statistics

from results import Results, geomean, ratio, spearman, title


def table(head, rows):
    """Numbers, in all columns but the first, to the right."""
    if not rows:
        return []
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)] + rows
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines] + [""]


def number(us):
    return f"{us:.1f}"


def times(v):
    return "" if v is None else f"{v:.3f}"


# --- conclusions -------------------------------------------------------------------

def noise(r):
    """What a program is worth beside itself: the bound for all that follows."""
    if not r.measured:
        return ["Nothing was measured: all figures are predictions.", ""]
    rows = []
    for o in r.others:
        if o["name"] != "again":
            continue
        policy, select, sync = o["of"].split(".")
        of = r.one(model=o["model"], size=o["size"], policy=policy,
                   select=select, sync=sync)
        each = [a / b for a, b in zip(o["rounds_us"], of["rounds_us"])]
        rows.append([title(o["model"], o["size"]), o["of"],
                     times(statistics.median(each)), times(min(each)),
                     times(max(each))])
    return ["## Noise", "",
            "One program beside itself, in two processes, in the same turns: the "
            "ratio of its times by round. A difference between two points that "
            "is no larger says nothing.", ""] + table(
                ["model", "program", "median", "least", "most"], rows)


def prediction(r):
    """How well what is predicted orders and meets what is measured."""
    if not r.measured:
        return []
    rows, lines = [], []
    for m, s in r.cases():
        points = r.select(model=m, size=s)
        apart = [p for p in points if "same_as" not in p]
        said = [p["predicted_us"] for p in apart]
        seen = [p["median_us"] for p in apart]
        off = [abs(a / b - 1) for a, b in zip(said, seen)]
        chosen = min(points, key=lambda p: p["predicted_us"])
        best = min(points, key=lambda p: p["median_us"])
        behind = 100 * (ratio(chosen, best) - 1)
        rows.append([title(m, s), len(apart), times(spearman(said, seen)),
                     f"{100 * statistics.median(off):.1f} %"])
        lines.append(f"- {title(m, s)}: predicted best ({chosen['name']}) is "
                     f"within {max(behind, 0):.1f} % of measured best "
                     f"({best['name']})")
    return ["## Prediction against measurement", ""] + table(
        ["model", "programs", "Spearman", "median error"], rows) + lines + [""]


def against_search(r):
    """Every other policy's best over the search's best."""
    others = [p for p in r.values("policy") if p != "search"]
    rows, all_of = [], {p: [] for p in others}
    for m, s in r.cases():
        found = r.best(model=m, size=s, policy="search")
        if not found:
            continue
        got = {p: ratio(r.best(model=m, size=s, policy=p), found)
               for p in others}
        for p in others:
            all_of[p].append(got[p])
        rows.append([title(m, s)] + [times(got[p]) for p in others])
    if not rows:
        return []
    rows.append(["geomean"] + [times(geomean(all_of[p])) for p in others])
    return ["## Search", "",
            "The best of each policy, its time over that of the best that the "
            "search found.", ""] + table(["model"] + others, rows)


def over_sequential(r):
    """list with counters beside one rOperator after the other, by batch."""
    rows = []
    for s in r.values("size"):
        got = []
        for m in r.values("model"):
            slow = r.best(model=m, size=s, policy="sequential", sync="barrier")
            quick = r.best(model=m, size=s, policy="list", sync="counter")
            if slow and quick:
                got.append(ratio(slow, quick))
        if got:
            rows.append([s, len(got), times(geomean(got)), times(min(got)),
                         times(max(got))])
    if not rows:
        return []
    return ["## List scheduling with counters over sequential", "",
            "The time of sequential with barriers over that of list with "
            "counters, the best rKernels of each.", ""] + table(
                ["size", "models", "geomean", "least", "most"], rows)


def barriers(r):
    rows = []
    for p in r.values("policy"):
        got = []
        for m, s in r.cases():
            pair = [r.best(model=m, size=s, policy=p, sync=k)
                    for k in ("barrier", "counter")]
            if all(pair):
                got.append(ratio(*pair))
        if got:
            rows.append([p, len(got), times(geomean(got)), times(min(got)),
                         times(max(got))])
    if not rows:
        return []
    return ["## Barriers over counters", "",
            "Time with barriers over time with counters, the best rKernels of "
            "each.", ""] + table(["policy", "models", "geomean", "least", "most"],
                                 rows)


def peers(r):
    rows, got = [], []
    for m, s in r.cases():
        other = r.other(m, s, "onnxruntime")
        if other:
            best = r.best(model=m, size=s)
            got.append(ratio(other | {"us": other["median_us"]}, best))
            rows.append([title(m, s), number(other["median_us"]), number(best["us"]),
                         times(got[-1]), best["name"]])
    if not rows:
        return []
    rows.append(["geomean", "", "", times(geomean(got)), ""])
    return ["## ONNX Runtime", ""] + table(
        ["model", "ONNX Runtime, us", "tamp, us", "ratio", "point"], rows)


# --- points --------------------------------------------------------------------------

def points(r):
    lines = ["## Points", "",
             f"Shares are of the time of the vEUs used, of {r.veus}, in %, " +
             ("of a recorded run." if r.measured else "of the prediction."), ""]
    head = ["point", "predicted, us"]
    if r.measured:
        head += ["measured, us", "predicted / measured"]
    head += list(r.points[0]["spent"]) + ["vEUs", "rTasks", "launches", "barriers", "waits"]
    for m, s in r.cases():
        rows = []
        for p in r.select(model=m, size=s):
            row = [p["name"], number(p["predicted_us"])]
            if r.measured:
                row += [number(p["median_us"]),
                        times(p["predicted_us"] / p["median_us"])]
            row += [f"{v:.1f}" for v in p["spent"].values()]
            row += [p[k] for k in ("veus", "rtasks", "launches", "barriers",
                                   "waits")]
            rows.append(row)
        lines += [f"### {title(m, s)}", ""] + table(head, rows)
    return lines


SECTIONS = [noise, prediction, peers, over_sequential, against_search, barriers,
            points]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("results")
    a = p.parse_args()
    r = Results(a.results)
    lines = [f"# The matrix on {r.device}", "",
             f"Points: {len(r.points)}; models by sizes: {len(r.cases())}; "
             f"{r.kind()}; `--fuse {r.fuse}`, rKernels' times {r.costs}" +
             (f", search with `{r.search}`" if r.select(policy="search") else "")
             + ". Made by `make matrix`.", ""]
    for section in SECTIONS:
        lines += section(r)
    with open(a.out + ".tmp", "w", encoding="ascii") as f:
        f.write("\n".join(lines).rstrip("\n") + "\n")
    os.replace(a.out + ".tmp", a.out)


if __name__ == "__main__":
    main()
