#!/usr/bin/env python3
"""Draws a matrix's results as the figures of the paper, one SVG each.

    plots.py --paper paper.yaml -o DIR results.yaml

A figure is a function here, named in FIGURES.  Bars are what was measured, or
predicted where nothing was; hollow circles are what the paper has.
"""

import argparse
import os

import yaml

import svg
from results import Results, geomean, ratio, title

BASE, PAPERS = "sequential", "wavefront"   # and what stands for Rammer's


def chart(r, name, unit, groups, series, log=False):
    return svg.Chart(f"{name}, {r.device}, {r.kind()}", unit, groups, series,
                     log)


def place(c, group, series, point):
    """A bar, and, if it was measured, a dash at what had been predicted."""
    if point is None:
        return
    c.values[group, series] = point["us"] / 1e3
    if "median_us" in point:
        c.predicted[group, series] = point["predicted_us"] / 1e3


def singles(r):
    """(model, size) of the least batch there is of each model: the paper's 1."""
    least = {}
    for m, s in r.cases():
        batch = r.one(model=m, size=s)["batch"]
        if m not in least or batch < least[m][0]:
            least[m] = (batch, s)
    return [(m, s) for m, (_, s) in least.items()]


def end_to_end(r, paper):
    """Each policy's best point; ONNX Runtime beside it; the peers of the paper."""
    policies = r.values("policy")
    cases = singles(r)
    other = any(r.other(m, s, "onnxruntime") for m, s in cases)
    peers = ["tensorflow", "xla", "tensorrt", "tvm"]
    c = chart(r, "End to end", "ms", [title(*k) for k in cases],
              policies + (["onnxruntime"] if other else []) + peers, log=True)
    for m, s in cases:
        for p in policies:
            place(c, title(m, s), p, r.best(model=m, size=s, policy=p))
        if o := r.other(m, s, "onnxruntime"):
            c.values[title(m, s), "onnxruntime"] = o["median_us"] / 1e3
        if s == "b1":
            published = dict(paper["end_to_end_ms"].get(m, {}))
            published[PAPERS] = published.pop("rammer", None)
            c.published |= {(title(m, s), k): v for k, v in published.items()
                            if v and k in c.series}
    c.notes = ["the best of each policy; the paper's schedule beside wavefront, "
               "one operator at a time beside sequential"]
    return c


def ablation(r, paper):
    """{sequential, wavefront} by choice of rKernels, every batch there is."""
    selects = r.values("select")
    series = [f"{p}.{s}" for p in (BASE, PAPERS) for s in selects
              if r.select(policy=p)]
    c = chart(r, "Schedules and rKernels apart", "ms",
              [title(*k) for k in r.cases()], series, log=True)
    for m, s in r.cases():
        published = paper["ablation_ms"].get(f"{m}.{s}", {})
        for name in series:
            policy, select = name.split(".")
            place(c, title(m, s), name,
                  r.best(model=m, size=s, policy=policy, select=select))
            v = published.get(name.replace(PAPERS, "rammer"))
            if v:
                c.published[title(m, s), name] = v
    return c


def share(r, published, name, unit, value):
    """One bar a policy: its best point's."""
    cases = singles(r)
    c = chart(r, name, unit, [title(*k) for k in cases], r.values("policy"))
    for m, s in cases:
        for p in c.series:
            point = r.best(model=m, size=s, policy=p)
            if point:
                c.values[title(m, s), p] = value(point)
        if s == "b1":
            for k, v in published.get(m, {}).items():
                at = PAPERS if k == "rammer" else k
                if at in c.series:
                    c.published[title(m, s), at] = v
    return c


def overhead(r, paper):
    """Time of a run in which vEUs wait for signals, barriers and launches."""
    c = share(r, {}, "Overhead of synchronisation", "ms",
              lambda p: p["us"] / 1e3 * p["spent"]["synchronisation"] / 100)
    c.groups.append("mean")
    for p in c.series:
        got = [c.values[g, p] for g in c.groups if (g, p) in c.values]
        if got:
            c.values["mean", p] = sum(got) / len(got)
    for k, v in paper["overhead_mean_ms"].items():
        at = PAPERS if k == "rammer" else k
        if at in c.series:
            c.published["mean", at] = v
    c.notes = ["share of all vEUs' time times the time of a run; the paper's is "
               "the mean time in which nothing is computed"]
    return c


def utilisation(r, paper):
    c = share(r, paper["utilisation_percent"], "Utilisation of vEUs", "% busy",
              lambda p: (p["spent"]["busy"] + p["spent"]["bandwidth"]) *
              p["veus"] / r.veus)
    c.notes = [f"time in rTasks, of that of the device's {r.veus} vEUs; the "
               "paper's is the share of SMs with work"]
    return c


def batch(r, paper):
    """The best of sequential and of all others by batch."""
    series = [BASE, "best of all"]
    cases = [(m, s) for m in r.values("model") for n, s in r.cases() if n == m]
    c = chart(r, "Batches", "ms",
              [title(m, s) if s != "b1" else f"{title(m, s)} b1"
               for m, s in cases], series, log=True)
    for (m, s), group in zip(cases, c.groups):
        place(c, group, BASE, r.best(model=m, size=s, policy=BASE))
        place(c, group, "best of all", r.best(model=m, size=s))
        v = paper["batch_ms"].get(m, {}).get(s)
        if v:
            c.published[group, "best of all"] = v
    return c


def sync(r, paper):
    """A barrier's time over counters', of the best rKernels for each."""
    cases = r.cases()
    c = chart(r, "Barriers beside counters", "ratio",
              [title(*k) for k in cases], r.values("policy"))
    for m, s in cases:
        for p in c.series:
            pair = [r.best(model=m, size=s, policy=p, sync=k)
                    for k in ("barrier", "counter")]
            if all(pair):
                c.values[title(m, s), p] = ratio(*pair)
    c.groups.append("geomean")
    for p in c.series:
        got = [c.values[g, p] for g in c.groups if (g, p) in c.values]
        if got:
            c.values["geomean", p] = geomean(got)
    if PAPERS in c.series:
        c.published["geomean", PAPERS] = paper["sync_ratio"]["mean"]
    c.line = 1.0
    c.notes = ["time with barriers over time with counters; the paper's mean is "
               "of modules of NASBench"]
    return c


FIGURES = {"end-to-end": end_to_end, "ablation": ablation,
           "overhead": overhead, "utilisation": utilisation, "batch": batch,
           "sync": sync}


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--paper", required=True)
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("results")
    a = p.parse_args()
    r = Results(a.results)
    with open(a.paper, encoding="ascii") as f:
        paper = yaml.safe_load(f)
    for name, figure in FIGURES.items():
        path = os.path.join(a.out, name + ".svg")
        svg.draw(figure(r, paper), path + ".tmp")
        os.replace(path + ".tmp", path)


if __name__ == "__main__":
    main()
