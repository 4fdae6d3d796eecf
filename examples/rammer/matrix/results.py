"""A matrix's results.yaml, and what tables and figures ask of it."""

import os
import statistics
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from stats import geomean, spearman  # noqa: E402,F401

NAMES = {"lstm": "LSTM", "seq2seq": "Seq2Seq", "deepspeech2": "DeepSpeech2",
         "resnext": "ResNeXt", "nasnet": "NASNet", "alexnet": "AlexNet"}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def unique(values):
    return list(dict.fromkeys(values))


class Results:
    """Points as dicts; `us` is the median measured, or, where nothing was, the
    prediction; `spent` the shares of the time of all vEUs in %."""

    def __init__(self, path):
        with open(path, encoding="ascii") as f:
            doc = yaml.load(f, LOADER)
        if doc["format"] != "rammer-results/1":
            raise SystemExit(f"{path}: {doc['format']}, not rammer-results/1")
        self.device, self.veus = doc["device"], doc["veus"]
        self.costs = doc["costs"]
        self.fuse, self.search = doc["fuse"], doc["search"]
        self.points = doc["points"]
        self.others = doc.get("others", [])
        self.measured = "median_us" in self.points[0]
        for p in self.points:
            p["us"] = p.get("median_us", p["predicted_us"])
            p["spent"] = p.get("recorded", p["predicted"])
            p["name"] = f"{p['policy']}.{p['select']}.{p['sync']}"

    def kind(self):
        return "measured" if self.measured else "predicted"

    def values(self, key):
        """Of that key, in the order of the matrix."""
        return unique(p[key] for p in self.points)

    def cases(self):
        """(model, size) as they come."""
        return unique((p["model"], p["size"]) for p in self.points)

    def select(self, **want):
        return [p for p in self.points
                if all(p[k] == v for k, v in want.items())]

    def best(self, **want):
        """The quickest of those, or None."""
        return min(self.select(**want), key=lambda p: p["us"], default=None)

    def one(self, **want):
        got = self.select(**want)
        return got[0] if got else None

    def other(self, model, size, name):
        for o in self.others:
            if (o["model"], o["size"], o["name"]) == (model, size, name):
                return o
        return None


def ratio(a, b):
    """a's time over b's: of points measured in turns, the median over rounds;
    of predictions, the quotient."""
    if "rounds_us" in a and "rounds_us" in b:
        return statistics.median(x / y for x, y in
                                 zip(a["rounds_us"], b["rounds_us"]))
    return a["us"] / b["us"]


def title(model, size):
    name = NAMES.get(model, model)
    return name if size == "b1" else f"{name} {size}"
