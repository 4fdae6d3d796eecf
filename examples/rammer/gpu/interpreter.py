"""Runs a graph of synthetic.py's in PyTorch: the oracle of emitted programs (in
float64), and what they are timed beside (in float32).

An operator is a function of its tensors, its constant integers and its
attributes, made once; a run goes through a flat list of calls.  What is not
known here is an error, never a guess.
"""

import json

import torch
import torch.nn.functional as F

ONES = 0xFFFFFFFFFFFFFFFF


def signed(n):
    """A 64-bit pattern as torch's int64 holds it."""
    n &= ONES
    return n - (1 << 64) if n >> 63 else n


def shifted(z, bits):
    """A logical shift to the right of int64."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def generated(seed, scale, count):
    """The constant {seed, scale} of tamp-graph(5), as float32."""
    z = torch.arange(1, count + 1, dtype=torch.int64)
    z = z * signed(0x9E3779B97F4A7C15) + seed
    z = (z ^ shifted(z, 30)) * signed(0xBF58476D1CE4E5B9)
    z = (z ^ shifted(z, 27)) * signed(0x94D049BB133111EB)
    z = z ^ shifted(z, 31)
    odd = (2 * shifted(z, 40) + 1 - (1 << 24)).to(torch.float64)
    return (odd * 2.0 ** -24 * scale).to(torch.float32)


def constant(t):
    """The tensor of a constant, or None."""
    dtype = {"f32": torch.float32, "i64": torch.int64}.get(t["type"])
    shape = t["shape"]
    count = 1
    for n in shape:
        count *= n
    if "random" in t:
        r = t["random"]
        return generated(r["seed"], r["scale"], count).reshape(shape)
    if "fill" in t:
        return torch.full(shape, t["fill"][0], dtype=dtype)
    for key in ("value", "ivalue"):
        if key in t:
            return torch.tensor(t[key], dtype=dtype).reshape(shape)
    return None


# --- operators: f(operands, **attributes) gives a function of tensors ----------
#
# An operand that is a constant of integers is given as a list, any other as
# None: it is a tensor, given at each run in the same order.

def elementwise(f):
    return lambda operands: f


def clip(operands):
    if len(operands) != 3:
        raise ValueError("Clip without both limits")
    return lambda x, low, high: torch.minimum(torch.maximum(x, low), high)


def concat(operands, axis):
    return lambda *xs: torch.cat(xs, axis)


def padding(pads):
    """ONNX's begins and ends as F.pad's pairs, last dimension first."""
    n = len(pads) // 2
    return [pads[i + side] for i in reversed(range(n)) for side in (0, n)]


def symmetric(pads):
    n = len(pads) // 2
    return pads[:n] == pads[n:]


def conv(operands, group=1, kernel_shape=None, pads=(0, 0, 0, 0),
         strides=(1, 1), dilations=(1, 1)):
    pads = list(pads)
    rest = {"stride": tuple(strides), "dilation": tuple(dilations),
            "groups": group}
    if symmetric(pads):
        return lambda x, w, b=None: F.conv2d(x, w, b, padding=tuple(pads[:2]),
                                             **rest)
    around = padding(pads)
    return lambda x, w, b=None: F.conv2d(F.pad(x, around), w, b, **rest)


def average_pool(operands, kernel_shape, pads=(0, 0, 0, 0), strides=(1, 1)):
    pads, k, s = list(pads), tuple(kernel_shape), tuple(strides)
    if symmetric(pads):
        return lambda x: F.avg_pool2d(x, k, s, tuple(pads[:2]),
                                      count_include_pad=False)
    around = padding(pads)

    def pool(x):
        inside = F.avg_pool2d(F.pad(torch.ones_like(x[:1, :1]), around), k, s)
        return F.avg_pool2d(F.pad(x, around), k, s) / inside
    return pool


def max_pool(operands, kernel_shape, pads=(0, 0, 0, 0), strides=(1, 1)):
    pads, k, s = list(pads), tuple(kernel_shape), tuple(strides)
    if symmetric(pads):
        return lambda x: F.max_pool2d(x, k, s, tuple(pads[:2]))
    around = padding(pads)
    return lambda x: F.max_pool2d(F.pad(x, around, value=float("-inf")), k, s)


def batch_norm(operands, epsilon=1e-5):
    return lambda x, scale, bias, mean, var: F.batch_norm(
        x, mean, var, scale, bias, False, 0.0, epsilon)


def pad(operands):
    if len(operands) > 2:
        raise ValueError("Pad with a value")
    around = padding(operands[1])
    return lambda x: F.pad(x, around)


def reduce_mean(operands, keepdims=1):
    axes = operands[1]
    return lambda x: x.mean(axes, keepdim=bool(keepdims))


def reshape(operands):
    if 0 in operands[1]:
        raise ValueError("Reshape that copies a dimension")
    return lambda x: x.reshape(operands[1])


def slices(operands):
    _, starts, ends, axes = operands[:4]
    steps = operands[4] if len(operands) > 4 else [1] * len(starts)
    if min(axes) < 0 or min(steps) < 1:
        raise ValueError("Slice with negative axes or steps")
    at = [slice(None)] * (max(axes) + 1)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        at[axis] = slice(start, end, step)
    return lambda x: x[tuple(at)]


def split(operands, axis=0, outputs=1):
    if len(operands) > 1:
        return lambda x: torch.split(x, operands[1], axis)
    return lambda x: torch.split(x, x.shape[axis] // outputs, axis)


def squeeze(operands):
    axes = sorted(operands[1], reverse=True)
    if axes[-1] < 0:
        raise ValueError("Squeeze with negative axes")

    def squeezed(x):
        for axis in axes:
            x = x.squeeze(axis)
        return x
    return squeezed


def transpose(operands, perm):
    return lambda x: x.permute(perm)


OPERATORS = {
    "Add": elementwise(torch.add), "Mul": elementwise(torch.mul),
    "MatMul": elementwise(torch.matmul), "Relu": elementwise(torch.relu),
    "Sigmoid": elementwise(torch.sigmoid), "Tanh": elementwise(torch.tanh),
    "AveragePool": average_pool, "BatchNormalization": batch_norm,
    "Clip": clip, "Concat": concat, "Conv": conv, "MaxPool": max_pool,
    "Pad": pad, "ReduceMean": reduce_mean, "Reshape": reshape,
    "Slice": slices, "Split": split, "Squeeze": squeeze,
    "Transpose": transpose,
}


# --- graphs ---------------------------------------------------------------------

class Graph(torch.nn.Module):
    """A graph with one input and one output, called as a function."""

    def __init__(self, path, dtype, device):
        super().__init__()
        with open(path, encoding="utf-8") as f:
            graph = json.load(f)
        (self.input,), (self.output,) = graph["inputs"], graph["outputs"]
        tensors = {t["name"]: t for t in graph["tensors"]}
        self.input_shape = tensors[self.input]["shape"]
        self.output_shape = tensors[self.output]["shape"]
        self.place = {name: i for i, name in enumerate(tensors)}
        self.known, integers = {}, {}
        for name, t in tensors.items():
            c = constant(t)
            if c is not None and c.dtype == torch.int64:
                integers[name] = c.reshape(-1).tolist()
            elif c is not None:
                self.known[self.place[name]] = c.to(device, dtype)
        self.calls = [self.call(node, integers) for node in graph["nodes"]]

    def call(self, node, integers):
        """(function, places of its tensors, places of what it makes)"""
        attrs = dict(node.get("attrs", {}))
        if node["op"] == "Split":
            attrs["outputs"] = len(node["out"])
            attrs.pop("num_outputs", None)
        f = OPERATORS[node["op"]]([integers.get(i) for i in node["in"]],
                                  **attrs)
        return (f, [self.place[i] for i in node["in"] if i not in integers],
                [self.place[o] for o in node["out"]])

    def forward(self, x):
        at = dict(self.known)
        at[self.place[self.input]] = x
        for f, ins, outs in self.calls:
            made = f(*[at[i] for i in ins])
            if len(outs) == 1 and not isinstance(made, (tuple, list)):
                at[outs[0]] = made
            else:
                at.update(zip(outs, made))
        return at[self.place[self.output]]
