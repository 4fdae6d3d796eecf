#!/usr/bin/env python3
"""Makes the small models of the end-to-end tests and what they should answer.

    python3 make_models.py          (needs onnx, onnxruntime, numpy)

Each NAME.onnx comes with its inputs, the outputs that ONNX Runtime computed,
and NAME.args: the arguments with which `tamp run` compares them.  Of a model
that branches there are several such sets, NAME.1.args and so on, one for each
way through it.  Weights are scaled (He) so that outputs are of order 1 and
depend on the input; this is asserted here.
"""

import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")


class Model:
    """Collects nodes; every method returns the name of what it made."""

    def __init__(self, name, seed):
        self.name = name
        self.nodes, self.consts, self.inputs = [], [], []
        self.scope = ""         # before the names of what is made
        self.random = np.random.RandomState(seed)

    def input(self, name, shape, type=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, type, shape))
        return name

    def branch(self, name, make):
        """A graph of what make() adds to self; it returns the results."""
        around = self.nodes, self.consts, self.scope
        self.nodes, self.consts, self.scope = [], [], name + "/"
        infos = [helper.make_tensor_value_info(o, t, s)
                 for o, t, s in make()]
        graph = helper.make_graph(self.nodes, name, [], infos, self.consts)
        self.nodes, self.consts, self.scope = around
        return graph

    def choose(self, cond, yes, no, outs):
        """If cond, what yes() adds to the model, else what no() adds.  outs:
        the name, type and shape of each result."""
        def ends(make):
            return lambda: [(o, t, s) for o, (_, t, s) in zip(make(), outs)]

        self.nodes.append(helper.make_node(
            "If", [cond], [o for o, _, _ in outs],
            then_branch=self.branch(outs[0][0] + ".yes", ends(yes)),
            else_branch=self.branch(outs[0][0] + ".no", ends(no))))
        return [o for o, _, _ in outs]

    def const(self, array):
        name = f"{self.scope}c{len(self.consts)}"
        self.consts.append(numpy_helper.from_array(array, name))
        return name

    def weight(self, *shape, fan):
        scale = np.sqrt(2.0 / fan)
        return self.const((self.random.randn(*shape) * scale)
                          .astype(np.float32))

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def op(self, kind, *ins, outs=1, name=None, **attrs):
        made = [name or f"{self.scope}{kind}:{len(self.nodes)}/{i}"
                for i in range(outs)]
        self.nodes.append(helper.make_node(kind, ins, made, **attrs))
        return made[0] if outs == 1 else made

    def linear(self, x, n, k):
        return self.op("Gemm", x, self.weight(n, k, fan=k),
                       self.weight(n, fan=8), transB=1)

    def conv(self, x, m, c, k, group=1, **attrs):
        fan = c // group * k * k
        return self.op("Conv", x, self.weight(m, c // group, k, k, fan=fan),
                       self.weight(m, fan=8), kernel_shape=[k, k],
                       group=group, **attrs)

    def norm(self, x, c):
        pos = self.const(np.abs(self.random.randn(c)).astype(np.float32) + .5)
        var = self.const(np.abs(self.random.randn(c)).astype(np.float32) + .5)
        return self.op("BatchNormalization", x, pos, self.weight(c, fan=8),
                       self.weight(c, fan=8), var)

    def save(self, *outs, ways=None):
        """ways: of a model that branches, the inputs for each way through."""
        infos = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None)
                 for o in outs]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, infos,
                                  self.consts)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)],
            producer_name="tests/e2e/make_models.py")
        model.ir_version = 8
        model = onnx.shape_inference.infer_shapes(model)
        onnx.checker.check_model(model)
        path = os.path.join(HERE, self.name + ".onnx")
        onnx.save(model, path)
        session = onnxruntime.InferenceSession(path)
        for i, feed in enumerate(ways or [self.feed(3)]):
            self.expect(session, outs, feed, f".{i}" if ways else "")

    def feed(self, seed, **given):
        """Inputs drawn at random, but for those that are given."""
        random = np.random.RandomState(seed)
        return {i.name: given[i.name] if i.name in given else
                random.randn(*[d.dim_value for d in
                               i.type.tensor_type.shape.dim])
                .astype(np.float32) for i in self.inputs}

    def moved(self, feed):
        """Another input that takes the same way."""
        return {k: np.roll(v, 7, -1) * np.float32(1.5) if v.dtype == np.float32
                else v for k, v in feed.items()}

    def expect(self, session, outs, feed, way):
        other = self.moved(feed) if way else self.feed(4)
        got, moved = session.run(None, feed), session.run(None, other)
        for name, a, b in zip(outs, got, moved):
            rms = np.sqrt(np.mean(a.astype(np.float64) ** 2))
            assert 0.01 < rms < 30, (self.name, name, rms)
            assert np.abs(a - b).max() > 0.1 * np.abs(a).max(), self.name
        for i, (name, a) in enumerate(feed.items()):
            np.save(os.path.join(HERE, f"{self.name}{way}.in{i}.npy"), a)
        for i, a in enumerate(got):
            np.save(os.path.join(HERE, f"{self.name}{way}.out{i}.npy"), a)
        with open(os.path.join(HERE, f"{self.name}{way}.args"), "w") as f:
            f.writelines(f"--input\n{name}={self.name}{way}.in{i}.npy\n"
                         for i, name in enumerate(feed))
            f.writelines(f"--expect\n{name}={self.name}{way}.out{i}.npy\n"
                         for i, name in enumerate(outs))


def mlp():
    m = Model("mlp", 1)
    x = m.input("x", [3, 37])
    h = m.op("Relu", m.linear(x, 64, 37))
    h = m.op("Tanh", m.linear(h, 48, 64))
    m.save(m.op("Softmax", m.linear(h, 11, 48), axis=-1))


def branches():
    """Independent branches joined by Concat, as in an inception module."""
    m = Model("branches", 2)
    x = m.input("x", [1, 16, 13, 11])
    a = m.op("Relu", m.conv(x, 16, 16, 1))
    b = m.op("Relu", m.conv(x, 32, 16, 3, pads=[1] * 4))
    c = m.op("Relu", m.conv(x, 16, 16, 5, pads=[2] * 4))
    d = m.op("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4)
    d = m.conv(d, 16, 16, 1)
    y = m.op("Concat", a, b, c, d, axis=1)
    y = m.op("GlobalAveragePool", m.conv(y, 24, 80, 3, strides=[2, 2]))
    m.save(m.op("Flatten", y))


def residual():
    m = Model("residual", 3)
    x = m.input("x", [2, 3, 17, 19])
    h = m.op("Relu", m.norm(m.conv(x, 32, 3, 3, pads=[1] * 4,
                                   strides=[2, 2]), 32))
    for _ in range(2):
        r = m.op("Relu", m.norm(m.conv(h, 32, 32, 3, pads=[1] * 4), 32))
        r = m.norm(m.conv(r, 32, 32, 3, pads=[1] * 4), 32)
        h = m.op("Relu", m.op("Add", r, h))
    h = m.op("AveragePool", h, kernel_shape=[3, 3], strides=[2, 2],
             pads=[0, 1, 1, 0], ceil_mode=0)
    m.save(m.op("ReduceMean", h, axes=[2, 3], keepdims=0))


def separable():
    """Depthwise convolutions, hard-swish, squeeze and excitation."""
    m = Model("separable", 4)
    x = m.input("x", [1, 8, 15, 15])
    h = m.op("HardSwish", m.norm(m.conv(x, 24, 8, 1), 24))
    h = m.op("HardSwish", m.norm(m.conv(h, 24, 24, 5, group=24,
                                        pads=[2] * 4, strides=[2, 2]), 24))
    s = m.op("GlobalAveragePool", h)
    s = m.op("Relu", m.conv(s, 8, 24, 1))
    s = m.op("HardSigmoid", m.conv(s, 24, 8, 1), alpha=1 / 6.)
    h = m.conv(m.op("Mul", h, s), 16, 24, 1)
    h = m.op("Clip", h, m.const(np.float32(-3)), m.const(np.float32(3)))
    m.save(m.op("Reshape", h, m.ints(1, 16, -1)))


def attention():
    """One transformer block: layer norm, attention of four heads, GELU."""
    m = Model("attention", 5)
    t, d, heads = 9, 32, 4
    x = m.input("x", [1, t, d])
    n = m.op("LayerNormalization", x, m.weight(d, fan=2), m.weight(d, fan=8))
    qkv = m.op("MatMul", n, m.weight(d, 3 * d, fan=d))
    parts = m.op("Split", qkv, m.ints(d, d, d), outs=3, axis=2)
    q, k, v = (m.op("Transpose",
                    m.op("Reshape", p, m.ints(1, t, heads, d // heads)),
                    perm=[0, 2, 1, 3]) for p in parts)
    s = m.op("MatMul", q, m.op("Transpose", k, perm=[0, 1, 3, 2]))
    s = m.op("Softmax", m.op("Div", s, m.const(np.float32(np.sqrt(8)))))
    o = m.op("Transpose", m.op("MatMul", s, v), perm=[0, 2, 1, 3])
    o = m.op("MatMul", m.op("Reshape", o, m.ints(1, t, d)),
             m.weight(d, d, fan=d))
    x = m.op("Add", x, o)
    h = m.op("MatMul", x, m.weight(d, 64, fan=d))
    h = m.op("Mul", m.op("Mul", h, m.const(np.float32(.5))),
             m.op("Add", m.op("Erf", m.op("Div", h,
                                          m.const(np.float32(np.sqrt(2))))),
                  m.const(np.float32(1))))
    m.save(m.op("Add", x, m.op("MatMul", h, m.weight(64, d, fan=64))))


def two_heads():
    """Two inputs, two outputs, shapes computed in the graph."""
    m = Model("two_heads", 6)
    x, y = m.input("x", [2, 5, 7]), m.input("onnx::y.1", [2, 7])
    size = m.op("Shape", x)
    rows = m.op("Gather", size, m.const(np.int64(1)), axis=0)
    wide = m.op("Expand", m.op("Unsqueeze", y, m.ints(1)),
                m.op("Concat", m.ints(2), m.op("Unsqueeze", rows, m.ints(0)),
                     m.ints(7), axis=0))
    z = m.op("Where", m.op("Greater", x, wide), x,
             m.op("Mul", wide, m.const(np.float32(.25))))
    top = m.op("Pad", m.op("Slice", z, m.ints(1), m.ints(5), m.ints(1),
                           m.ints(2)),
               m.ints(0, 1, 0, 0, 0, 2), m.const(np.float32(.5)))
    low = m.op("ReduceMax", m.op("Transpose", z, perm=[2, 0, 1]),
               axes=[1], keepdims=0)
    m.save(m.op("Identity", top, name="a/top:0"),
           m.op("Sub", low, m.op("ReduceSum", y, m.ints(0, 1), keepdims=1),
                name="13"))


def conv1d():
    """Convolutions and pools over one dimension, wide enough for blocks."""
    m = Model("conv1d", 7)

    def conv(x, o, c, k, group=1, **attrs):
        return m.op("Conv", x, m.weight(o, c // group, k, fan=c // group * k),
                    m.weight(o, fan=8), group=group, **attrs)

    x = m.input("x", [1, 3, 100])
    h = m.op("Relu", conv(x, 16, 3, 9, pads=[4, 4], strides=[2]))
    h = m.op("MaxPool", h, kernel_shape=[3], strides=[1], pads=[1, 1])
    h = m.op("Relu", conv(h, 32, 16, 5, pads=[2, 2]))
    h = m.op("Add", h, conv(h, 32, 32, 3, group=32, pads=[1, 1]))
    m.save(m.op("ReduceMean", conv(h, 32, 32, 1), axes=[2], keepdims=0))


def recurrent():
    """What LSTM, GRU and RNN can be told beyond their defaults."""
    m = Model("recurrent", 8)
    steps, n, k, h = 5, 3, 7, 6
    x = m.input("x", [steps, n, k])

    def cells(kind, x, k, gates, d, state=False, lens="", peep=False, outs=3,
              **attrs):
        ins = [x, m.weight(d, gates * h, k, fan=k / 6),
               m.weight(d, gates * h, h, fan=h),
               m.weight(d, 2 * gates * h, fan=8), lens]
        if state:
            ins.append(m.weight(d, n, h, fan=2))
        if state and kind == "LSTM":
            ins.append(m.weight(d, n, h, fan=2))
        if peep:
            ins += [""] * (7 - len(ins)) + [m.weight(d, 3 * h, fan=8)]
        return m.op(kind, *ins, outs=outs, hidden_size=h, **attrs)

    def joined(y, d):
        y = m.op("Transpose", y, perm=[0, 2, 1, 3])
        return m.op("Reshape", y, m.ints(steps, n, d * h))

    lens = m.const(np.array([5, 2, 4], np.int32))
    y, _, c = cells("LSTM", x, k, 4, 2, state=True, peep=True, clip=0.7,
                    direction="bidirectional")
    z, zh, _ = cells("LSTM", joined(y, 2), 2 * h, 4, 1, lens=lens,
                     direction="reverse",
                     activations=["HardSigmoid", "Softsign", "Tanh"],
                     activation_alpha=[0.3], activation_beta=[0.4])
    g, gh = cells("GRU", joined(z, 1), h, 3, 2, outs=2, lens=lens, state=True,
                  direction="bidirectional", linear_before_reset=1)
    f, fh = cells("GRU", joined(g, 2), 2 * h, 3, 1, outs=2, clip=1.5,
                  activations=["Sigmoid", "ScaledTanh"],
                  activation_alpha=[1.5], activation_beta=[0.6])
    r, rh = cells("RNN", joined(f, 1), h, 1, 2, outs=2, lens=lens,
                  direction="bidirectional",
                  activations=["LeakyRelu", "Affine"],
                  activation_alpha=[0.2, 0.4], activation_beta=[0.1])
    m.save(c, zh, gh, fh, rh, r)


def choices():
    """Ifs: an input decides, of one dimension, and what is computed; one in a
    branch of another, whose branches have several operators side by side, and
    one after it that is decided by the same input."""
    m = Model("choices", 9)
    f32 = TensorProto.FLOAT
    x = m.input("x", [3, 40])
    deep = m.input("deep", [1], TensorProto.BOOL)
    h = m.op("Relu", m.linear(x, 48, 40))
    warm = m.op("Greater", m.op("ReduceMean", x, keepdims=0),
                m.const(np.float32(0)), name="warm")

    def two_sides():
        a = m.op("Tanh", m.linear(h, 24, 48))
        b = m.op("Sigmoid", m.linear(h, 24, 48))
        return [m.op("Mul", a, m.linear(b, 24, 24))]

    def one_side():
        return [m.op("Relu", m.linear(h, 24, 48))]

    def many():
        top, = m.choose("warm", two_sides, one_side,
                        [("top", f32, [3, 24])])
        low = m.op("Softmax", m.linear(h, 16, 48), axis=-1)
        y = m.op("Concat", top, low, axis=1)
        return [m.linear(y, 32, 40), m.op("ReduceMax", top, axes=[1],
                                          keepdims=1)]

    def few():
        return [m.linear(x, 32, 40), m.op("ReduceMean", x, axes=[1],
                                          keepdims=1)]

    y, z = m.choose(deep, many, few, [("y", f32, [3, 32]), ("z", f32, [3, 1])])
    last, = m.choose(deep, lambda: [m.op("Add", y, z)],
                     lambda: [m.op("Identity", y)], [("last", f32, [3, 32])])
    w = m.op("Sub", m.linear(last, 10, 32), z, name="w")
    flags = [np.array([True]), np.array([False])]
    up, down = np.float32(.3), np.float32(-.3)
    m.save(w, z, last, ways=[
        m.feed(3, deep=d, x=m.feed(3, deep=d)["x"] + s)
        for d in flags for s in (up, down)])


def routes():
    """Images by one of two ways: convolutions side by side, whose results are
    concatenated, or a recurrent layer over the rows."""
    m = Model("routes", 10)
    x = m.input("x", [1, 3, 16, 12])
    wide = m.input("wide", [], TensorProto.BOOL)
    h = m.op("Relu", m.conv(x, 32, 3, 3, pads=[1] * 4))

    def convolutions():
        a = m.op("Relu", m.conv(h, 16, 32, 1))
        b = m.op("Relu", m.norm(m.conv(h, 32, 32, 3, pads=[1] * 4), 32))
        c = m.op("MaxPool", h, kernel_shape=[3, 3], strides=[1, 1],
                 pads=[1] * 4)
        c = m.conv(c, 16, 32, 1)
        y = m.op("Concat", a, b, c, axis=1)
        return [m.conv(y, 16, 64, 3, pads=[1] * 4)]

    def rows():
        k = m.op("Transpose", x, perm=[2, 0, 1, 3])
        k = m.op("Reshape", k, m.ints(16, 1, 36))
        y, _, _ = m.op("LSTM", k, m.weight(1, 4 * 16, 36, fan=36),
                       m.weight(1, 4 * 16, 16, fan=16), outs=3,
                       hidden_size=16)
        y = m.op("MatMul", m.op("Reshape", y, m.ints(16, 16)),
                 m.weight(16, 192, fan=8))
        y = m.op("Reshape", y, m.ints(1, 16, 16, 12))
        return [m.op("Add", y, m.op("ReduceMean", h, axes=[1], keepdims=1))]

    y, = m.choose(wide, convolutions, rows,
                  [("y", TensorProto.FLOAT, [1, 16, 16, 12])])
    y = m.op("GlobalAveragePool", m.op("Relu", m.conv(y, 24, 16, 3)))
    m.save(m.op("Flatten", y), ways=[m.feed(3, wide=np.array(b))
                                     for b in (True, False)])


if __name__ == "__main__":
    os.makedirs(HERE, exist_ok=True)
    for make in (mlp, branches, residual, separable, attention, two_heads,
                 conv1d, recurrent, choices, routes):
        make()
