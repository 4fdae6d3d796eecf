#!/usr/bin/python3
"""Holds a folded batch normalization against the unfolded model.

    check_bn.py MODEL_NAME GRAPH.yaml

Evaluates both on random input: the model as mkmodel.py states it, by the
definition of its operators, and the graph that import made of it, from the
YAML and its weights file.  Exits 1 if they differ by more than rounding, or
if a BatchNormalization is left.
"""
import json
import os
import struct
import sys

import numpy as np
import yaml

import mkmodel

SHAPES = {  # of x
    "bn_conv": (1, 2, 4, 4), "bn_gemm": (2, 4), "bn_matmul": (2, 4)}


def conv(x, w, b):
    n, c, h, wd = x.shape
    m, _, kh, kw = w.shape
    y = np.zeros((n, m, h - kh + 1, wd - kw + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            part = x[:, :, i:i + kh, j:j + kw]
            y[:, :, i, j] = np.tensordot(part, w, ([1, 2, 3], [1, 2, 3])) + b
    return y


def expected(name, x):
    """The same numbers as mkmodel.bn."""
    def weight(*dims):
        n = int(np.prod(dims))
        return np.array([0.1 * (i % 7 - 3) for i in range(n)]).reshape(dims)
    cb = np.array([1.0, 2.0, 3.0])
    if name == "bn_conv":
        h = conv(x, weight(3, 2, 3, 3), cb)
    elif name == "bn_gemm":
        h = x @ weight(3, 4).T + 2 * cb
    else:
        h = x @ weight(4, 3)
    c = np.arange(3.0).reshape((1, 3) + (1,) * (h.ndim - 2))
    scale, bias, mean, var = 0.5 + 0.25 * c, 1 - c, 0.1 * c, 1 + c
    return (h - mean) / np.sqrt(var + 0.01) * scale + bias


def load_weights(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    out = {}
    head = json.loads(data[8:8 + n])
    head.pop("__metadata__")
    for key, e in head.items():
        lo, hi = e["data_offsets"]
        assert e["dtype"] == "F32"
        out[key] = np.frombuffer(data[8 + n + lo:8 + n + hi], "<f4").reshape(e["shape"])
    return out


def got(graph, path, x):
    env = {"x": x}
    weights = {}
    if "weights" in graph:
        weights = load_weights(os.path.join(os.path.dirname(path), graph["weights"]))
    for t in graph["tensors"]:
        if "data" in t:
            env[t["name"]] = weights[t["data"]].astype("f8")
        elif "value" in t:
            env[t["name"]] = np.array(t["value"], "f8").reshape(t["shape"])
    for n in graph["nodes"]:
        a = [env[i] for i in n["in"]]
        attrs = n.get("attrs", {})
        if n["op"] == "Conv":
            y = conv(*a)
        elif n["op"] == "Gemm":
            y = a[0] @ (a[1].T if attrs.get("transB") else a[1])
            y = y + attrs.get("beta", 1.0) * a[2]
        elif n["op"] == "MatMul":
            y = a[0] @ a[1]
        elif n["op"] == "Add":
            y = a[0] + a[1]
        else:
            sys.exit("operator %s is left" % n["op"])
        env[n["out"][0]] = y
    return env[graph["outputs"][0]]


def main():
    name, path = sys.argv[1:]
    graph = next(yaml.safe_load_all(open(path)))
    x = np.random.RandomState(1).standard_normal(SHAPES[name])
    want, have = expected(name, x), got(graph, path, x)
    worst = np.abs(want - have).max()
    if not worst < 2e-6:
        sys.exit("%s: the outputs differ by %g" % (name, worst))


if __name__ == "__main__":
    assert set(SHAPES) <= set(mkmodel.MODELS)
    main()
