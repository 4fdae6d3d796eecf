#!/usr/bin/env python3
"""The six models of the Rammer paper (OSDI 2020, table 2), random weights.

    models.py NAME [--batch N] [--tiny] [--count] -o MODEL.onnx

NAME.onnx is written with NAME.in0.npy and NAME.in1.npy beside it: two
different inputs.  --tiny makes the small variant of the same structure that
tests use; --count prints what the model consists of.  Needs onnx and numpy.
"""

import argparse
import os

import numpy as np
import onnx

from builder import Builder

# --- recurrent models -----------------------------------------------------
#
# The scale of the recurrent weights decides what a comparison is worth: with
# little more the recurrence is chaotic, and the last bits of the input come out
# a thousand times larger; with little less the output forgets the input.


def gates(b, c, i, j, f, o):
    """The rest of an LSTM cell, from its four sums: (c', h')."""
    forget = b.op("Sigmoid", b.op("Add", f, b.one))
    kept = b.op("Mul", c, forget)
    new = b.op("Mul", b.op("Sigmoid", i), b.op("Tanh", j))
    c = b.op("Add", kept, new)
    return c, b.op("Mul", b.op("Tanh", c), b.op("Sigmoid", o))


def cell_concat(b, x, c, h, w, bias):
    """A cell with one product: [x, h] times w, split into i, j, f, o."""
    both = b.op("Concat", x, h, axis=1)
    sums = b.op("Add", b.op("MatMul", both, w), bias)
    return gates(b, c, *b.split(sums, 4, axis=1))


def cell_separate(b, x, c, h, weights):
    """A cell with eight products, four of the input and four of the state."""
    sums = [b.op("Add", b.op("Add", b.op("MatMul", x, wx),
                             b.op("MatMul", h, wh)), bias)
            for wx, wh, bias in weights]
    return gates(b, c, *sums)


def steps_of(b, x, steps):
    """The slices of x [steps, n, k], each [n, k]."""
    parts = b.split(x, steps, axis=0)
    return [b.op("Squeeze", p, b.ints(0)) for p in parts]


def recurrent(b, rows):
    b.one = b.const(np.float32(1.0), "forget_bias")
    b.zero = lambda k: b.const(np.zeros((rows, k), np.float32), f"zero{k}")


def lstm(n, tiny):
    layers, steps, hidden = (3, 5, 16) if tiny else (10, 100, 256)
    b = Builder("lstm", 1)
    recurrent(b, n)
    xs = steps_of(b, b.input("x", [steps, n, hidden]), steps)
    zero = b.zero(hidden)
    for _ in range(layers):
        std = 1.2 / np.sqrt(hidden)
        weights = [(b.weight(hidden, hidden, std=std),
                    b.weight(hidden, hidden, std=std),
                    b.weight(hidden, std=0.1)) for _ in range(4)]
        c = h = zero
        for t, x in enumerate(xs):
            c, h = cell_separate(b, x, c, h, weights)
            xs[t] = h
    b.output(h, "y", [n, hidden])
    return b, [steps, n, hidden]


def seq2seq(n, tiny):
    hidden = 16 if tiny else 128
    enc, enc_steps = (2, 5) if tiny else (8, 100)
    dec, dec_steps = (2, 3) if tiny else (4, 30)
    b = Builder("seq2seq", 2)
    recurrent(b, n)
    xs = steps_of(b, b.input("x", [enc_steps, n, hidden]), enc_steps)
    zero = b.zero(hidden)

    def weights():
        return (b.weight(2 * hidden, 4 * hidden,
                         std=1.3 / np.sqrt(hidden)),
                b.weight(4 * hidden, std=0.1))

    for _ in range(enc):
        w, bias = weights()
        c = h = zero
        for t, x in enumerate(xs):
            c, h = cell_concat(b, x, c, h, w, bias)
            xs[t] = h
    layers = [weights() for _ in range(dec)]
    state = [(zero, zero)] * dec
    x = c
    for _ in range(dec_steps):
        for k, (w, bias) in enumerate(layers):
            c, h = cell_concat(b, x, *state[k], w, bias)
            state[k] = (c, h)
            x = h
    b.output(x, "y", [n, hidden])
    return b, [enc_steps, n, hidden]


def deepspeech2(n, tiny):
    height, width, channels = (44, 27, 4) if tiny else (300, 171, 32)
    layers, hidden, letters = (2, 16, 5) if tiny else (7, 256, 29)
    b = Builder("deepspeech2", 3)
    recurrent(b, n)
    x = b.input("x", [n, height, width, 1])
    x = b.op("Transpose", x, perm=[0, 3, 1, 2])
    h1, w1 = (height + 40 - 41) // 2 + 1, (width + 10 - 11) // 2 + 1
    h2, w2 = (h1 + 20 - 21) // 2 + 1, w1 + 10 - 11 + 1
    six = [b.const(np.float32(0.0), "zero"), b.const(np.float32(6.0), "six")]
    for cin, k, stride, pad in ((1, (41, 11), (2, 2), (20, 5)),
                                (channels, (21, 11), (2, 1), (10, 5))):
        x = b.conv(x, cin, channels, k, stride, pads=pad + pad)
        x = b.batchnorm(b.op("Clip", x, *six), channels)
    features = w2 * channels
    x = b.op("Transpose", x, perm=[0, 2, 3, 1])
    x = b.op("Reshape", x, b.ints(n, h2, features))
    parts = b.split(x, h2, axis=1)
    xs = [b.op("Squeeze", p, b.ints(1)) for p in parts]
    zero = b.zero(hidden)
    for layer in range(layers):
        k = (features if layer == 0 else hidden) + hidden
        w = b.weight(k, 4 * hidden, std=1.4 / np.sqrt(hidden) if layer
                     else 2.0 / np.sqrt(k))
        bias = b.weight(4 * hidden, std=0.1)
        c = h = zero
        for t, x in enumerate(xs):
            c, h = cell_concat(b, x, c, h, w, bias)
            xs[t] = h
    x = b.op("Concat", *xs, axis=0)
    x = b.op("Reshape", b.batchnorm(x, hidden), b.ints(h2 * n, hidden))
    b.output(b.dense(x, hidden, letters, gain=4.0), "y", [h2 * n, letters])
    return b, [n, height, width, 1]


# --- convolutional models -------------------------------------------------


def alexnet(n, tiny):
    size = 67 if tiny else 227
    convs = ((8, 11, 4, 0), (12, 5, 1, 2), (16, 3, 1, 1), (16, 3, 1, 1),
             (12, 3, 1, 1)) if tiny else (
            (64, 11, 4, 0), (192, 5, 1, 2), (384, 3, 1, 1), (384, 3, 1, 1),
            (256, 3, 1, 1))
    dense = (32, 32, 10) if tiny else (4096, 4096, 1000)
    b = Builder("alexnet", 4)
    shape = [n, 3, size, size]
    x, c = b.input("x", shape), 3
    for i, (cout, k, stride, pad) in enumerate(convs):
        x = b.relu(b.conv(x, c, cout, k, stride, pad, bias=True))
        size, c = (size + 2 * pad - k) // stride + 1, cout
        if i in (0, 1, 4):
            x = b.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
            size = (size - 3) // 2 + 1
    k = c * size * size
    x = b.op("Reshape", x, b.ints(n, k))
    for i, wide in enumerate(dense):
        x = b.dense(x, k, wide, gain=2.0)
        if i < len(dense) - 1:
            x = b.relu(x)
        k = wide
    b.output(x, "y", [n, dense[-1]])
    return b, shape



def resnext(n, tiny):
    size, stem = (8, 16) if tiny else (32, 64)
    blocks, branches, width = (2, 4, 16) if tiny else (9, 16, 64)
    b = Builder("resnext", 5)
    x = b.input("x", [n, 3, size, size])
    x = b.relu(b.batchnorm(b.conv(x, 3, stem, 3, 1, 1), stem))
    c = stem
    for stage in range(3):
        out = stem << stage
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            ys = []
            for _ in range(branches):
                y = b.conv(x, c, width, 1, stride)
                y = b.relu(b.batchnorm(y, width))
                y = b.conv(y, width, width, 3, 1, 1)
                ys.append(b.relu(b.batchnorm(y, width)))
            y = b.op("Concat", *ys, axis=1)
            y = b.batchnorm(b.conv(y, branches * width, out, 1), out, 0.3)
            if stride == 2:
                x = b.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
                half = (out - c) // 2
                x = b.op("Pad", x, b.ints(0, half, 0, 0, 0, half, 0, 0))
            x = b.relu(b.op("Add", x, y))
            c = out
    x = b.op("ReduceMean", x, axes=[2, 3], keepdims=0)
    b.output(b.dense(x, c, 10, bias=False, gain=1.0), "y", [n, 10])
    return b, [n, 3, size, size]


class Nasnet:
    """NASNet-A; a state is (value, channels, height = width)."""

    def __init__(self, b):
        self.b = b

    def same(self, k, stride, size):
        """Padding as TensorFlow's SAME: (pads, new size)."""
        out = -(-size // stride)
        total = max((out - 1) * stride + k - size, 0)
        a, z = total // 2, total - total // 2
        return [a, a, z, z], out

    def conv1(self, state, filters, relu=True, gain=2.0):
        x, c, size = state
        x = self.b.relu(x) if relu else x
        x = self.b.conv(x, c, filters, 1, gain=gain if relu else 1.0)
        return self.b.batchnorm(x, filters, 0.85), filters, size

    def separable(self, state, k, stride, filters):
        x, c, size = state
        for cout in (filters, filters):
            pads, size = self.same(k, stride, size)
            x = self.b.conv(self.b.relu(x), c, c, k, stride, pads, group=c,
                            gain=2.0)
            x = self.b.conv(x, c, cout, 1, gain=1.0)
            x, c, stride = self.b.batchnorm(x, cout, 0.85), cout, 1
        return x, c, size

    def pool(self, kind, state, stride, filters):
        x, c, size = state
        pads, size = self.same(3, stride, size)
        x = self.b.op(kind, x, kernel_shape=[3, 3], strides=[stride] * 2,
                      pads=pads)
        if c != filters:
            return self.conv1((x, c, size), filters, relu=False)
        return x, c, size

    def apply(self, what, state, stride, filters):
        kind, k = what
        if kind == "sep":
            return self.separable(state, k, stride, filters)
        if kind == "avg":
            return self.pool("AveragePool", state, stride, filters)
        if kind == "max":
            return self.pool("MaxPool", state, stride, filters)
        return state if state[1] == filters else self.conv1(state, filters)

    def factorised(self, state, filters):
        """Two 1x1 convolutions of every second position, one shifted."""
        b, (x, c, size) = self.b, state
        x = b.relu(x)
        moved = b.op("Pad", x, b.ints(0, 0, 0, 0, 0, 0, 1, 1))
        moved = b.op("Slice", moved, b.ints(1, 1),
                     b.ints(size + 1, size + 1), b.ints(2, 3))
        paths = []
        for part in (x, moved):
            part = b.op("AveragePool", part, kernel_shape=[1, 1],
                        strides=[2, 2])
            paths.append(b.conv(part, c, filters // 2, 1))
        x = b.batchnorm(b.op("Concat", *paths, axis=1), filters)
        return x, filters, (size + 1) // 2

    def fit(self, previous, current, filters):
        if previous is None:
            return current
        if previous[2] != current[2]:
            return self.factorised(previous, filters)
        if previous[1] != filters:
            return self.conv1(previous, filters)
        return previous

    def cell(self, pairs, unused, current, previous, filters, stride):
        states = [self.conv1(current, filters),
                  self.fit(previous, current, filters)]
        for (one, i), (two, j) in pairs:
            x = self.apply(one, states[i], stride if i < 2 else 1, filters)
            y = self.apply(two, states[j], stride if j < 2 else 1, filters)
            states.append((self.b.op("Add", x[0], y[0]), filters, x[2]))
        ends = [s if s[1] == filters else self.conv1(s, filters, relu=False)
                for s in (states[i] for i in unused)]
        x = self.b.op("Concat", *[s[0] for s in ends], axis=1)
        return x, filters * len(ends), ends[0][2]


SEP3, SEP5, SEP7 = ("sep", 3), ("sep", 5), ("sep", 7)
AVG, MAX, ID = ("avg", 3), ("max", 3), ("id", 0)
NORMAL = (((SEP5, 0), (SEP3, 1)), ((SEP5, 1), (SEP3, 1)), ((AVG, 0), (ID, 1)),
          ((AVG, 1), (AVG, 1)), ((SEP3, 0), (ID, 0)))
REDUCE = (((SEP5, 0), (SEP7, 1)), ((MAX, 0), (SEP7, 1)), ((AVG, 0), (SEP5, 1)),
          ((ID, 3), (AVG, 2)), ((SEP3, 2), (MAX, 0)))


def nasnet(n, tiny):
    size, cells, filters = (8, 3, 8) if tiny else (32, 18, 32)
    b = Builder("nasnet", 6)
    net = Nasnet(b)
    x = b.input("x", [n, 3, size, size])
    stem = b.batchnorm(b.conv(x, 3, 3 * filters, 3, 1, 1), 3 * filters)
    outputs = [None, (stem, 3 * filters, size)]
    for cell in range(cells):
        if cell in (cells // 3, 2 * cells // 3):
            filters *= 2
            outputs.append(net.cell(REDUCE, (3, 4, 5, 6), outputs[-1],
                                    outputs[-2], filters, 2))
        outputs.append(net.cell(NORMAL, (1, 2, 3, 4, 5, 6), outputs[-1],
                                outputs[-2], filters, 1))
    x, c, _ = outputs[-1]
    x = b.op("ReduceMean", b.relu(x), axes=[2, 3], keepdims=0)
    b.output(b.dense(x, c, 10), "y", [n, 10])
    return b, [n, 3, size, size]


MODELS = {f.__name__: f for f in
          (lstm, seq2seq, deepspeech2, resnext, nasnet, alexnet)}

# What the paper and the models' authors say of batch 1, at full size:
# operators of a kind, millions of parameters.
FACTS = {
    "lstm": ({"MatMul": 8000}, 5.25),
    "seq2seq": ({"MatMul": 920}, 1.58),
    "deepspeech2": ({"MatMul": 526, "Conv": 2}, 6.49),
    "resnext": ({"Conv": 892}, 24.0),
    "nasnet": ({"Conv": 446, "BatchNormalization": 244, "AveragePool": 62},
               3.4),
    "alexnet": ({"Conv": 5, "MatMul": 3}, 61.8),
}


def picture(shape, seed):
    """A random input whose values are of order 1 and which differs from
    another seed's on the large scale too: noise over a smooth pattern."""
    r = np.random.RandomState(seed)
    x = r.standard_normal(shape)
    for axis, d in enumerate(shape):
        wave = np.sin(np.linspace(0, r.uniform(2, 9), d) + r.uniform(0, 6))
        x += wave.reshape([-1 if a == axis else 1
                           for a in range(len(shape))])
    return (x / np.sqrt(1 + 0.5 * len(shape))).astype(np.float32)


def count(b):
    kinds = {}
    for node in b.nodes:
        kinds[node.op_type] = kinds.get(node.op_type, 0) + 1
    return kinds


def check_facts(name, b):
    """Counts and parameters, as they must be at full size."""
    kinds, params = count(b), b.params / 1e6
    want, millions = FACTS[name]
    for kind, n in want.items():
        if kinds.get(kind) != n:
            raise SystemExit(f"{name}: {kinds.get(kind)} {kind}, not {n}")
    if abs(params / millions - 1) > 0.02:
        raise SystemExit(f"{name}: {params:.3f} M parameters, not {millions}")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("name", choices=sorted(MODELS))
    p.add_argument("--batch", type=int, default=1)
    p.add_argument("--tiny", action="store_true")
    p.add_argument("--count", action="store_true")
    p.add_argument("-o", dest="out", required=True)
    a = p.parse_args()
    b, shape = MODELS[a.name](a.batch, a.tiny)
    if not a.tiny:
        check_facts(a.name, b)
    if a.count:
        print(f"{a.name}: {len(b.nodes)} nodes, {b.params / 1e6:.2f} M "
              f"parameters", dict(sorted(count(b).items())))
    stem = os.path.splitext(a.out)[0]
    for seed in (0, 1):
        np.save(f"{stem}.in{seed}.npy", picture(shape, seed))
    onnx.save(b.model(), a.out + ".tmp")
    os.replace(a.out + ".tmp", a.out)


if __name__ == "__main__":
    main()
