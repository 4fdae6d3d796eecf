#!/usr/bin/env python3
"""Takes the weights out of an imported graph, so that it travels light.

    synthetic.py GRAPH.yaml -o OUT.yaml -j OUT.json

Each constant that lies in the weights file becomes a generated one ("random",
see tamp-graph(5)) of the same size, or, if it is all positive (the variances of
a BatchNormalization), a constant of its mean.  OUT.json is OUT.yaml for those
who have no reader of YAML: {"inputs", "outputs", "tensors", "nodes"} as there.
"""

import argparse
import json
import os
import re
import struct

import numpy as np
import yaml

DATA = re.compile(r"^(- \{name: (?:.*), type: f32, .*)data: (.*)\}$")


def read_weights(path):
    """Arrays of a safetensors file by their keys."""
    with open(path, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        head = json.loads(f.read(size))
    body = np.memmap(path, np.uint8, "r", 8 + size)
    return {k: body[slice(*v["data_offsets"])].view(np.float32)
            for k, v in head.items() if k != "__metadata__"
            and v["dtype"] == "F32"}


def instead(array, seed):
    """The field that stands for an array's values."""
    if array.size and array.min() > 0:
        return "fill: [%r]" % float(array.mean(dtype=np.float64))
    rms = float(np.sqrt(np.square(array, dtype=np.float64).mean()))
    return "random: {seed: %d, scale: %.6f}" % (seed, rms * np.sqrt(3))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("graph")
    p.add_argument("-o", dest="yaml", required=True)
    p.add_argument("-j", dest="json", required=True)
    a = p.parse_args()
    with open(a.graph, encoding="utf-8") as f:
        text = f.read()
    name = re.search(r"^weights: (.*)$", text, re.MULTILINE)
    weights = read_weights(os.path.join(os.path.dirname(a.graph),
                                        yaml.safe_load(name[1])))
    lines = []
    for line in text.split("\n"):
        if line.startswith("weights: "):
            continue
        if m := DATA.match(line):
            line = m[1] + instead(weights[yaml.safe_load(m[2])],
                                  len(lines)) + "}"
        lines.append(line)
    text = "\n".join(lines)
    graph = yaml.load(text, yaml.CSafeLoader)
    if left := [t["name"] for t in graph["tensors"] if "data" in t]:
        raise SystemExit(f"{a.graph}: only f32 can be generated: {left[0]}")
    with open(a.json, "w", encoding="ascii") as f:
        json.dump({k: graph[k] for k in
                   ("inputs", "outputs", "tensors", "nodes")}, f)
    with open(a.yaml, "w", encoding="utf-8") as f:  # last: it is Make's target
        f.write(text)


if __name__ == "__main__":
    main()
