#!/usr/bin/env python3
"""Gathers what contest.py found of several models.

    report.py -o DIR DEVICE.yaml RESULT.json ...

Writes DIR/report.md for people to read and DIR/results.json with everything.
Fails where a program was not right.
"""

import argparse
import json
import os
import re
import statistics
import sys

PEERS = ("eager", "cuda graph", "compile", "compile, reduce-overhead")
MEASURED = re.compile(r"^(\w+): (\S+) +# measured$", re.MULTILINE)


def ratio(theirs, ours):
    """Medians of what took turns: how many times as long theirs takes."""
    r = [t / o for t, o in zip(theirs["turns_us"], ours["turns_us"])]
    return f"{statistics.median(r):.2f} ({min(r):.2f} .. {max(r):.2f})"


def beside(result, peer):
    """A peer's time, and over the best of ours."""
    about = result["peers"].get(peer, {"failed": "not run"})
    if "failed" in about:
        return "-"
    if "compile" in about:
        theirs, ours = about["compile"], about["tamp"]
    else:
        theirs = result["times"][peer]
        ours = result["times"]["tamp " + result["best"]]
    return (f"{theirs['median_us']:.1f} / {theirs['row_us']:.1f}, "
            f"R {ratio(theirs, ours)}")


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |"
                     for line in lines) + "\n"


def comparison(results):
    rows = []
    for r in results:
        best = r.get("best")
        if not best:
            rows.append([r["model"], "not timed" if "failed" in r else
                         "none is right", "-"] + ["-"] * len(PEERS))
            continue
        ours = r["times"]["tamp " + best]
        rows.append([r["model"], best,
                     f"{ours['median_us']:.1f} / {ours['row_us']:.1f}"] +
                    [beside(r, p) for p in PEERS])
    return table(["model", "best plan", "tamp"] +
                 [f"PyTorch, {p}" for p in PEERS], rows)


def plans(results):
    names = sorted({p for r in results for p in r.get("programs", {})})
    rows = [[r["model"]] + [
        f"{r['times']['tamp ' + n]['median_us']:.1f}"
        if "tamp " + n in r.get("times", {}) else "-" for n in names]
        for r in results]
    return table(["model"] + names, rows)


def correctness(results):
    rows = []
    for r in results:
        good = [p for p in r.get("programs", {}).values() if "error" in p]
        rows.append([r["model"], f"{len(good)} of {len(r.get('programs', []))}",
                     f"{max(p['error'] for p in good):.1e}" if good else "-",
                     min((p["replays"] for p in good), default="-"),
                     f"{r['reference']['moved']:.0%}"
                     if "reference" in r else "-"])
    return table(["model", "plans that are right", "largest error",
                  "replays of the same bits",
                  "the second input moves the output by"], rows)


def failures(results):
    lines = []
    for r in results:
        if "failed" in r:
            lines.append(f"- {r['model']}: {r['failed']}")
        for kind in ("programs", "peers"):
            lines += [f"- {r['model']}, {name}: {p['failed']}"
                      for name, p in r.get(kind, {}).items() if "failed" in p]
    return "\n".join(lines) or "None."


def report(device, results):
    some = next((r for r in results if "torch" in r), {})
    return f"""# The paper's six models on {some.get("gpu", "no GPU")}

Against PyTorch {some.get("torch", "?")} in float32 (no TF32), batch 1. Times are
medians in us of one run, from its start until its end is seen, and behind the
stroke of one among many in a row; R is PyTorch's over tamp's, of one run, the
median over turns in one process (smallest .. largest). PyTorch runs the graph as
tamp imported it, one operator after another: recurrent layers are unrolled.

{comparison(results)}
## Right

Errors are over the largest magnitude of a float64 reference; at most 1.0e-03
is right.

{correctness(results)}
## Every plan, us

{plans(results)}
## What the device costs

{table(["what", "measured"], MEASURED.findall(device))}
## What failed

{failures(results)}
"""


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("device")
    p.add_argument("results", nargs="+")
    a = p.parse_args()
    results = []
    for path in a.results:
        with open(path, encoding="ascii") as f:
            results.append(json.load(f))
    with open(a.device, encoding="utf-8") as f:
        text = report(f.read(), results)
    with open(os.path.join(a.out, "report.md"), "w", encoding="utf-8") as f:
        f.write(text)
    with open(os.path.join(a.out, "results.json"), "w",
              encoding="ascii") as f:
        json.dump(results, f, indent=1)
    return 1 if any("failed" in r or any("failed" in p for p in
                                         r["programs"].values())
                    for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
