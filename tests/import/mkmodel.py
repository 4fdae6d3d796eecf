#!/usr/bin/python3
"""Writes ONNX models for tests, good and bad ones, with its own writer of
protocol buffers (no package is needed, and it can write what none would).

    mkmodel.py DIR          every model below, as DIR/NAME.onnx
    mkmodel.py DIR NAME...  only these
"""
import os
import struct
import sys

# --- protocol buffers ---------------------------------------------------------


def varint(x):
    x &= (1 << 64) - 1
    out = bytearray()
    while x >= 0x80:
        out.append(x & 0x7F | 0x80)
        x >>= 7
    out.append(x)
    return bytes(out)


def num(field, x):
    return varint(field << 3) + varint(x)


def sub(field, body):
    body = body.encode() if isinstance(body, str) else body
    return varint(field << 3 | 2) + varint(len(body)) + body


def f32(field, x):
    return varint(field << 3 | 5) + struct.pack("<f", x)


# --- ONNX ---------------------------------------------------------------------

FLOAT, UINT8, INT32, INT64, STRING, BOOL, FLOAT16 = 1, 2, 6, 7, 8, 9, 10


def tensor(name, dims, floats=None, raw=None, ints=None, type=FLOAT, extra=b""):
    b = b"".join(num(1, d) for d in dims) + num(2, type)
    if floats is not None:
        b += sub(4, struct.pack("<%df" % len(floats), *floats))
    if ints is not None:
        b += sub(7, b"".join(varint(i) for i in ints))
    if name is not None:
        b += sub(8, name)
    if raw is not None:
        b += sub(9, raw)
    return b + extra


def external(location, offset=None, length=None):
    pairs = [("location", location)]
    if offset is not None:
        pairs.append(("offset", str(offset)))
    if length is not None:
        pairs.append(("length", str(length)))
    b = b"".join(sub(13, sub(1, k) + sub(2, v)) for k, v in pairs)
    return b + num(14, 1)


def dim(d):
    if d is None:
        return sub(1, b"")
    return sub(1, num(1, d) if isinstance(d, int) else sub(2, d))


def info(name, dims, type=FLOAT):
    t = num(1, type)
    if dims is not None:
        t += sub(2, b"".join(dim(d) for d in dims))
    return sub(1, name) + sub(2, sub(1, t))


def attr(name, i=None, f=None, s=None, ints=None, t=None, g=None):
    b = sub(1, name)
    if i is not None:
        b += num(3, i) + num(20, 2)
    if f is not None:
        b += f32(2, f) + num(20, 1)
    if s is not None:
        b += sub(4, s) + num(20, 3)
    if ints is not None:
        b += b"".join(num(8, x) for x in ints) + num(20, 7)
    if t is not None:
        b += sub(5, t) + num(20, 4)
    if g is not None:
        b += sub(6, g) + num(20, 5)
    return b


def node(op, ins, outs, name="", attrs=(), domain=None):
    b = b"".join(sub(1, x) for x in ins) + b"".join(sub(2, x) for x in outs)
    b += sub(3, name) if name else b""
    b += sub(4, op) + b"".join(sub(5, a) for a in attrs)
    return b + (sub(7, domain) if domain is not None else b"")


def graph(nodes, ins, outs, inits=(), name="g"):
    return (b"".join(sub(1, n) for n in nodes) + sub(2, name)
            + b"".join(sub(5, t) for t in inits)
            + b"".join(sub(11, i) for i in ins)
            + b"".join(sub(12, o) for o in outs))


def opset(version, domain=""):
    return sub(8, sub(1, domain) + num(2, version))


def model(g, version=17, extra=b""):
    return num(1, 8) + opset(version) + sub(7, g) + extra


# --- the models -----------------------------------------------------------------

MODELS = {}


def case(f):
    MODELS[f.__name__] = f
    return f


X = info("x", [1, 4])
Y = info("y", [1, 3])
W = [0.25 * (i % 5 - 2) for i in range(12)]
GEMM = [node("Gemm", ["x", "w", "b"], ["h"], "fc"), node("Relu", ["h"], ["y"])]


@case
def mlp():
    """Raw and typed constants, a node without a name."""
    return model(graph(GEMM, [X], [Y],
                       [tensor("w", [4, 3], raw=struct.pack("<12f", *W)),
                        tensor("b", [3], floats=[0.5, 0, -1])]))


@case
def symbolic():
    return model(graph(GEMM, [info("x", ["batch", 4])], [info("y", ["batch", 3])],
                       [tensor("w", [4, 3], floats=W),
                        tensor("b", [3], floats=[0.5, 0, -1])]))


@case
def unbound():
    """A named dimension in two inputs, one without a name, no rank at all."""
    return model(graph(
        [node("Add", ["x", "z"], ["a"]), node("Add", ["a", "q"], ["b"]),
         node("Add", ["b", "r"], ["y"])],
        [info("x", ["batch", 4]), info("z", ["batch", 4]),
         info("q", [None, 4]), info("r", None)], [info("y", None)]))


@case
def optional_input():
    """An initializer that is listed as an input too is a constant."""
    return model(graph(GEMM, [X, info("w", [4, 3]), info("b", [3])], [Y],
                       [tensor("w", [4, 3], floats=W),
                        tensor("b", [3], floats=[0.5, 0, -1])]))


@case
def constants():
    """Every form of Constant, folded away through Reshape and Concat."""
    return model(graph(
        [node("Constant", [], ["k"], attrs=[attr("value_int", i=2)]),
         node("Constant", [], ["ks"], attrs=[attr("value_ints", ints=[2, 2])]),
         node("Constant", [], ["f"], attrs=[attr("value_float", f=0.5)]),
         node("Constant", [], ["t"],
              attrs=[attr("value", t=tensor(None, [2, 2], floats=[1, 2, 3, 4]))]),
         node("Reshape", ["x", "ks"], ["r"]),
         node("Mul", ["r", "f"], ["m"]), node("Add", ["m", "t"], ["y"])],
        [X], [info("y", [2, 2])]))


def bn(op, shape, w, out_shape, attrs=(), bias=()):
    c = out_shape[1]
    v = [[0.5 + 0.25 * i for i in range(c)], [1.0 - i for i in range(c)],
         [0.1 * i for i in range(c)], [1.0 + i for i in range(c)]]
    n = 1
    for d in w:
        n *= d
    return model(graph(
        [node(op, ["x", "w"] + [b for b, _ in bias], ["h"], attrs=attrs),
         node("BatchNormalization", ["h", "s", "B", "m", "v"], ["y"], "bn",
              [attr("epsilon", f=0.01)])],
        [info("x", shape)], [info("y", out_shape)],
        [tensor("w", w, floats=[0.1 * (i % 7 - 3) for i in range(n)])]
        + [tensor(b, [len(x)], floats=x) for b, x in bias]
        + [tensor(k, [c], floats=x) for k, x in zip("sBmv", v)]))


@case
def bn_conv():
    return bn("Conv", [1, 2, 4, 4], [3, 2, 3, 3], [1, 3, 2, 2],
              bias=[("cb", [1.0, 2.0, 3.0])])


@case
def bn_gemm():
    return bn("Gemm", [2, 4], [3, 4], [2, 3],
              [attr("transB", i=1), attr("beta", f=2.0)],
              bias=[("cb", [1.0, 2.0, 3.0])])


@case
def bn_matmul():
    return bn("MatMul", [2, 4], [4, 3], [2, 3])


@case
def identity():
    """Names of outputs stay, equal nodes become one, an unread one goes."""
    return model(graph(
        [node("Identity", ["x"], ["i"]), node("Relu", ["i"], ["a"]),
         node("Relu", ["x"], ["b"]), node("Neg", ["x"], ["dead"]),
         node("Add", ["a", "b"], ["s"]), node("Identity", ["s"], ["y"]),
         node("Dropout", ["x"], ["z"]), node("Exp", ["s"], ["e"])],
        [X], [info("y", [1, 4]), info("z", [1, 4]), info("e", [1, 4])]))


@case
def function():
    """A function of the model's own, called twice, with an attribute."""
    f = (sub(1, "scaled") + sub(4, "a") + sub(5, "out") + sub(6, "alpha")
         + sub(7, node("Relu", ["a"], ["t"]))
         + sub(7, node("LeakyRelu", ["t"], ["out"],
                       attrs=[sub(1, "alpha") + sub(21, "alpha") + num(20, 1)]))
         + sub(9, sub(1, "") + num(2, 17)) + sub(10, "own"))
    return model(graph(
        [node("scaled", ["x"], ["h"], attrs=[attr("alpha", f=0.25)], domain="own"),
         node("scaled", ["h"], ["y"], attrs=[attr("alpha", f=0.5)], domain="own")],
        [X], [info("y", [1, 4])]), extra=opset(1, "own") + sub(25, f))


def histogram(declared):
    """An operator of another domain between two that are known; what it makes
    is declared or not."""
    return model(graph(
        [node("Abs", ["x"], ["h"]),
         node("Histogram", ["h"], ["n", "edges"], "count", domain="com.acme",
              attrs=[attr("bins", i=5), attr("low", f=0.5), attr("how", s="wide")]),
         node("Neg", ["n"], ["y"])],
        [X], [info("y", None, INT32), info("edges", [6])])
        + (sub(13, info("n", [1, 5], INT32)) if declared else b""),
        extra=opset(3, "com.acme"))


@case
def custom():
    return histogram(True)


@case
def custom_undeclared():
    return histogram(False)


@case
def recursive():
    f = (sub(1, "again") + sub(4, "a") + sub(5, "out")
         + sub(7, node("again", ["a"], ["out"], domain="own"))
         + sub(9, sub(1, "") + num(2, 17)) + sub(10, "own"))
    return model(graph([node("again", ["x"], ["y"], domain="own")], [X],
                       [info("y", [1, 4])]), extra=sub(25, f))


@case
def constant_output():
    return model(graph([node("Constant", [], ["y"],
                             attrs=[attr("value_ints", ints=[7, 8])])],
                       [], [info("y", [2], INT64)]))


@case
def odd_outputs():
    """Outputs that are an input, an initializer whose value a node needs, or
    there twice."""
    y = info("y", [4, 1])
    return model(graph([node("Reshape", ["x", "to"], ["y"])], [X],
                       [X, y, info("to", [2], INT64), y, info("to", [2], INT64), X],
                       [tensor("to", [2], ints=[4, 1], type=INT64)]))


@case
def external_data():
    return model(graph(GEMM, [X], [Y],
                       [tensor("w", [4, 3], extra=external("ext.bin", 4, 48)),
                        tensor("b", [3], floats=[0.5, 0, -1])]))


def external_at(location, **more):
    return model(graph(GEMM, [X], [Y],
                       [tensor("w", [4, 3], extra=external(location, **more)),
                        tensor("b", [3], floats=[0.5, 0, -1])]))


@case
def external_missing():
    return external_at("nowhere.bin")


@case
def external_outside():
    return external_at("../secret.bin")


@case
def external_absolute():
    return external_at("/etc/passwd")


@case
def external_link():
    return external_at("link.bin")


@case
def external_short():
    return external_at("ext.bin", offset=1000)


@case
def truncated():
    return mlp()[:-20]


@case
def truncated_data():
    """Cut inside the elements of the first tensor."""
    m = mlp()
    return m[:m.index(struct.pack("<12f", *W)) + 7]


@case
def deep():
    """A hundred thousand graphs, each in an attribute of the one around."""
    b, pieces = b"", []
    n = 0
    for _ in range(33334):
        for field in (6, 5, 1):   # g of attribute, attribute of node, node
            head = varint(field << 3 | 2) + varint(n)
            pieces.append(head)
            n += len(head)
    b = b"".join(reversed(pieces))
    return num(1, 8) + opset(17) + sub(7, b)


@case
def cyclic():
    return model(graph([node("Add", ["x", "c"], ["a"], "first"),
                        node("Relu", ["a"], ["b"], "second"),
                        node("Neg", ["b"], ["c"], "third"),
                        node("Relu", ["c"], ["y"])], [X], [info("y", [1, 4])]))


@case
def twice():
    return model(graph([node("Relu", ["x"], ["y"], "one"),
                        node("Neg", ["x"], ["y"], "two")], [X], [info("y", [1, 4])]))


@case
def unmade():
    return model(graph([node("Add", ["x", "ghost"], ["y"], "sum")], [X],
                       [info("y", [1, 4])]))


@case
def unmade_output():
    return model(graph([node("Relu", ["x"], ["h"])], [X], [info("y", [1, 4])]))


@case
def unknown_operator():
    return model(graph([node("Relu", ["x"], ["h"]),
                        node("Frobnicate", ["h"], ["i"], "odd"),
                        node("Frobnicate", ["i"], ["j"]),
                        node("Gelu", ["j"], ["y"], domain="com.acme")], [X],
                       [info("y", [1, 4])]))


@case
def loop():
    body = graph([node("Identity", ["c"], ["d"]), node("Relu", ["x"], ["t"])],
                 [info("i", [], INT64), info("c", [], BOOL)],
                 [info("d", [], BOOL), info("t", [1, 4])])
    return model(graph([node("Loop", ["n", "c"], ["y"], "repeat",
                             [attr("body", g=body)])],
                       [X, info("n", [], INT64), info("c", [], BOOL)],
                       [info("y", [1, 4])]))


V = [1, 4]
FLAG = info("c", [], BOOL)


def branch(nodes, *outs, inits=(), ins=()):
    """A branch of an If; every output is of shape V unless it says otherwise."""
    return graph(nodes, list(ins), [info(o, V) if isinstance(o, str) else o
                                    for o in outs], inits)


def choice(cond, outs, yes, no, name="choice"):
    return node("If", [cond], outs, name, [attr("then_branch", g=yes),
                                           attr("else_branch", g=no)])


RELU = branch([node("Relu", ["x"], ["t"])], "t")
NEG = branch([node("Neg", ["x"], ["t"])], "t")


@case
def if_names():
    """Both branches call what they make t, and the graph has a u after them; a
    branch sees what is around it.  Results that no node of the branch makes:
    an initializer, a constant, a tensor from outside, one that is not asked
    for."""
    first = branch([node("Relu", ["x"], ["t"]), node("Add", ["t", "w"], ["u"])],
                   "u", "w", "x", "t",
                   inits=[tensor("w", V, floats=[1, 2, 3, 4])])
    five = tensor("five", V, floats=[5, 6, 7, 8])
    second = branch([node("Neg", ["x"], ["t"]), node("Add", ["t", "h"], ["k"]),
                     node("Constant", [], ["w"], attrs=[attr("value", t=five)])],
                    "k", "w", "h", "t")
    return model(graph([node("Abs", ["x"], ["h"]),
                        choice("c", ["y", "z", "v", ""], first, second),
                        node("Exp", ["y"], ["u"])],
                       [X, FLAG], [info(o, V) for o in ("u", "z", "v")]))


@case
def if_nested():
    """One If in a branch of another, in a function that is called twice; inside
    a branch an If of the same condition is none."""
    inner = choice("d", ["r"], RELU, NEG, "inner")
    again = choice("c", ["s"], branch([node("Exp", ["r"], ["e"])], "e"),
                   branch([node("Abs", ["r"], ["e"])], "e"), "again")
    body = [choice("c", ["o"], branch([inner, again], "s"), RELU, "outer")]
    f = (sub(1, "pick") + b"".join(sub(4, i) for i in ("x", "c", "d"))
         + sub(5, "o") + b"".join(sub(7, n) for n in body)
         + sub(9, sub(1, "") + num(2, 17)) + sub(10, "local"))
    g = graph([node("pick", ["x", "c", "d"], ["h"], "one", domain="local"),
               node("pick", ["h", "c", "d"], ["y"], "two", domain="local")],
              [X, info("c", [1], BOOL), info("d", [], BOOL)], [info("y", V)])
    return model(g, extra=sub(25, f) + opset(1, "local"))


@case
def if_constant():
    """A shape decides: the other branch would not fit.  So does an initializer,
    of an If that the graph's output comes from."""
    four = tensor("value", [], ints=[4], type=INT64)
    fits = branch([node("Add", ["x", "w"], ["t"])], "t")
    not_so = branch([node("MatMul", ["x", "w"], ["t"])], info("t", [1, 1]))
    return model(graph([node("Shape", ["x"], ["s"]),
                        node("Gather", ["s", "one"], ["n"],
                             attrs=[attr("axis", i=0)]),
                        node("Constant", [], ["f"], attrs=[attr("value", t=four)]),
                        node("Equal", ["n", "f"], ["b"]),
                        choice("b", ["h"], fits, not_so),
                        choice("never", ["y"], RELU,
                               branch([node("Neg", ["h"], ["t"])], "t"))],
                       [X], [info("y", V)],
                       [tensor("w", V, floats=[1, 2, 3, 4]),
                        tensor("one", [], ints=[1], type=INT64),
                        tensor("never", [], raw=b"\0", type=BOOL)]))


@case
def if_merged():
    """Two Ifs by conditions that are the same once computed: the second may read
    what the first has chosen, and equal nodes of a branch are one."""
    both = branch([node("Relu", ["x"], ["t"]), node("Relu", ["x"], ["u"]),
                   node("Add", ["t", "u"], ["v"])], "v")
    return model(graph([node("Not", ["c"], ["a"]), node("Not", ["c"], ["b"]),
                        choice("a", ["h"], both, NEG),
                        choice("b", ["y"], branch([node("Exp", ["h"], ["t"])], "t"),
                               branch([node("Relu", ["x"], ["t"])], "t"))],
                       [X, FLAG], [info("y", V)]))


def bad_choice(yes=RELU, no=NEG, cond=FLAG, outs=("y",)):
    return model(graph([choice("c", list(outs), yes, no)], [X, cond],
                       [info("y", None)]))


@case
def if_shapes():
    wide = branch([node("Concat", ["x", "x"], ["t"], attrs=[attr("axis", i=0)])],
                  info("t", [2, 4]))
    return bad_choice(no=wide)


@case
def if_types():
    return bad_choice(no=branch([node("Cast", ["x"], ["t"],
                                      attrs=[attr("to", i=INT32)])],
                                info("t", V, INT32)))


@case
def if_not_bool():
    return bad_choice(cond=info("c", [], INT32))


@case
def if_many_flags():
    return bad_choice(cond=info("c", [2], BOOL))


@case
def if_no_else():
    return model(graph([node("If", ["c"], ["y"], "choice",
                             [attr("then_branch", g=RELU)])], [X, FLAG],
                       [info("y", V)]))


@case
def if_inputs():
    return bad_choice(no=branch([node("Neg", ["i"], ["t"])], "t",
                                ins=[info("i", V)]))


@case
def if_outputs():
    return bad_choice(outs=("y", "z"))


@case
def if_twice():
    return bad_choice(yes=branch([node("Relu", ["x"], ["t"], "one"),
                                  node("Neg", ["x"], ["t"], "two")], "t"))


@case
def if_unmade():
    return bad_choice(no=branch([node("Neg", ["ghost"], ["t"], "lost")], "t"))


@case
def if_inside():
    """What a branch makes is nobody else's: neither the other's, nor the graph's
    around it."""
    return bad_choice(yes=branch([node("Relu", ["x"], ["mine"])], "mine"),
                      no=branch([node("Neg", ["mine"], ["t"], "thief")], "t"))


@case
def if_outside():
    return model(graph([choice("c", ["h"], RELU, NEG),
                        node("Add", ["h", "t"], ["y"], "thief")], [X, FLAG],
                       [info("y", V)]))


@case
def if_cycle():
    """What decides follows from what is decided."""
    flag = branch([node("Cast", ["x"], ["s"], attrs=[attr("to", i=BOOL)])],
                  info("s", V, BOOL))
    return model(graph([choice("b", ["t"], flag, flag),
                        node("Not", ["t"], ["b"], "back")], [X],
                       [info("t", V, BOOL)]))


@case
def if_sequence():
    return bad_choice(no=branch([node("SequenceConstruct", ["x"], ["t"])],
                                sub(1, "t") + sub(2, sub(4, b""))))


@case
def if_unknown():
    return bad_choice(no=branch([node("Frobnicate", ["x"], ["t"], "odd")], "t"))


@case
def mismatch():
    return model(graph([node("MatMul", ["x", "w"], ["y"], "product")], [X],
                       [info("y", [1, 3])], [tensor("w", [3, 4], floats=W)]))


def rnn(op, attrs, r_shape):
    w = [tensor("w", [1, r_shape[1], 4], floats=[0.5] * 4 * r_shape[1]),
         tensor("r", r_shape, floats=[0.5] * r_shape[1] * r_shape[2])]
    return model(graph([node(op, ["x", "w", "r"], ["y"], "cell", attrs)],
                       [info("x", [3, 1, 4])], [info("y", None)], w))


@case
def rnn_shape():
    """Two gates' recurrent weights where an LSTM has four."""
    return rnn("LSTM", [attr("hidden_size", i=2)], [1, 4, 2])


@case
def rnn_hidden():
    return rnn("RNN", [attr("hidden_size", i=3)], [1, 2, 2])


@case
def rnn_direction():
    return rnn("RNN", [attr("direction", s="sideways")], [1, 2, 2])


@case
def rnn_unknown_attribute():
    return rnn("GRU", [attr("input_forget", i=1)], [1, 6, 2])


@case
def declared():
    """What the model says of its output is not what comes out."""
    return model(graph([node("Relu", ["x"], ["y"], "r")], [X], [info("y", [1, 5])]))


@case
def huge():
    return model(graph([node("Relu", ["x"], ["y"])],
                       [info("x", [1 << 20, 1 << 20])],
                       [info("y", [1 << 20, 1 << 20])]))


@case
def huge_constant():
    return model(graph([node("Add", ["x", "w"], ["y"])], [X], [info("y", None)],
                       [tensor("w", [1 << 20, 1 << 20], floats=[1.0])]))


@case
def huge_inside():
    """Only a node's output is too large."""
    return model(graph([node("Add", ["x", "z"], ["a"], "outer"),
                        node("ReduceSum", ["a"], ["y"])],
                       [info("x", [1 << 20, 1]), info("z", [1, 1 << 20])],
                       [info("y", [1, 1])]))


@case
def half():
    return model(graph(GEMM, [X], [Y],
                       [tensor("w", [4, 3], raw=bytes(24), type=FLOAT16),
                        tensor("b", [3], floats=[0.5, 0, -1])]))


@case
def short_data():
    return model(graph(GEMM, [X], [Y],
                       [tensor("w", [4, 3], raw=bytes(44)),
                        tensor("b", [3], floats=[1.0, 2.0])]))


@case
def names():
    """Names that are not UTF-8, or are YAML's words and syntax."""
    odd = [b"caf\xe9", "13", "on", "a: b", "- [x]", "\"quoted\\\"", "tab\there",
           "\u20ac/\u540d"]
    x = b"\xff\xfe in"
    nodes, prev = [], x
    for o in odd:
        nodes.append(node("Relu", [prev], [o], b"same"))
        prev = o
    return model(graph(nodes, [info(x, [1, 4])], [info(odd[-1], [1, 4])],
                       name=b"\x80model"))


TYPED = [  # name, ONNX type, field of typed data, struct's letter, elements
    ("f32", 1, 4, "f", [0.5, -2.0, 3.0]),
    ("f64", 11, 10, "d", [0.1, -1e300, 3.0]),
    ("i64", 7, 7, "q", [1, -2, 1 << 62]),
    ("i32", 6, 5, "i", [1, -2, 1 << 30]),
    ("i16", 5, 5, "h", [1, -2, 32767]),
    ("i8", 3, 5, "b", [1, -128, 127]),
    ("u64", 13, 11, "Q", [1, 2, 1 << 62]),
    ("u32", 12, 11, "I", [1, 2, 0xFFFFFFFF]),
    ("u16", 4, 5, "H", [1, 2, 0xFFFF]),
    ("u8", 2, 5, "B", [1, 2, 255]),
    ("bool", 9, 5, "?", [1, 0, 1]),
]


@case
def types():
    """Every element type: packed, one by one, raw (misaligned or not)."""
    inits, infos = [], []
    for name, type, field, letter, v in TYPED:
        if letter in "fd":
            one = [struct.pack("<" + letter, x) for x in v]
            tag = varint(field << 3 | (5 if letter == "f" else 1))
        else:
            one, tag = [varint(x) for x in v], varint(field << 3)
        forms = {"packed": sub(field, b"".join(one)),
                 "single": b"".join(tag + x for x in one),
                 "raw": sub(9, struct.pack("<3" + letter, *v))}
        for form, data in forms.items():
            inits.append(tensor(name + form, [3], type=type, extra=data))
            infos.append(info(name + form + "_out", [3], type))
    return model(graph([node("Identity", [n + f], [n + f + "_out"])
                        for n, *_ in TYPED for f in ("packed", "single", "raw")],
                       [], infos, inits))


@case
def small_types():
    """300 is no int8."""
    return model(graph([node("Identity", ["w"], ["y"])], [], [info("y", [1], 3)],
                       [tensor("w", [1], type=3, extra=sub(5, varint(300)))]))


@case
def odd_weights():
    """A large constant with a name that is not UTF-8."""
    return model(graph([node("MatMul", ["x", b"w\xff\"\\"], ["y"])], [X], [Y],
                       [tensor(b"w\xff\"\\", [4, 3], floats=W)]))


@case
def nul():
    return model(graph([node("Relu", ["x\0z"], ["y"])], [info("x\0z", [1, 4])],
                       [info("y", [1, 4])]))


@case
def old():
    return model(graph([node("Relu", ["x"], ["y"])], [X], [info("y", [1, 4])]), 6)


@case
def future():
    return model(graph([node("Relu", ["x"], ["y"])], [X], [info("y", [1, 4])]), 99)


@case
def sequence():
    seq = sub(1, "x") + sub(2, sub(4, sub(1, b"")))
    return model(graph([node("Relu", ["x"], ["y"])], [seq], [info("y", [1, 4])]))


@case
def axes():
    """An input that must be a constant: --const gives it."""
    return model(graph([node("ReduceSum", ["x", "axes"], ["y"], "sum")],
                       [info("x", [2, 3]), info("axes", [1], INT64)],
                       [info("y", None)], ), 13)


@case
def big():
    """Two megabytes of weights that are not all equal."""
    w = b"".join(struct.pack("<f", (i * 2654435761 % 1000) / 1000) for i in range(1 << 19))
    return model(graph([node("MatMul", ["x", "w"], ["y"])], [info("x", [1, 512])],
                       [info("y", [1, 1024])], [tensor("w", [512, 1024], raw=w)]))


@case
def no_graph():
    return num(1, 8) + opset(17)


@case
def many():
    """Messages by the million in few bytes: refused before unpacking."""
    return num(1, 8) + opset(17) + sub(7, b"\x0a\x00" * 9000000)


def main():
    out, want = sys.argv[1], sys.argv[2:] or sorted(MODELS)
    for name in want:
        with open(os.path.join(out, name + ".onnx"), "wb") as f:
            f.write(MODELS[name]())


if __name__ == "__main__":
    main()
