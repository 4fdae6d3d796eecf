"""Collects the nodes, weights, inputs and outputs of an ONNX model.

Every method that adds a node returns the name of what the node makes.  All
random weights come from one stream, so a model is a function of its seed.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13


class Builder:
    def __init__(self, name, seed):
        self.name = name
        self.nodes, self.constants, self.inputs, self.outputs = [], [], [], []
        self.shared = {}
        self.random = np.random.RandomState(seed)
        self.params = 0

    # --- values -----------------------------------------------------------

    def input(self, name, shape):
        self.inputs.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, value, name, shape):
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def const(self, array, name=None):
        name = name or f"const{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def ints(self, *values):
        """A constant list of int64; equal ones are one constant."""
        if values not in self.shared:
            self.shared[values] = self.const(
                np.array(values, np.int64),
                "ints_" + "_".join(str(v).replace("-", "m") for v in values))
        return self.shared[values]

    def weight(self, *shape, std):
        """Normally distributed parameters."""
        self.params += int(np.prod(shape))
        return self.const((self.random.standard_normal(shape) * std)
                          .astype(np.float32), f"w{len(self.constants)}")

    # --- nodes ------------------------------------------------------------

    def op(self, kind, *ins, outs=1, **attrs):
        n = len(self.nodes)
        made = [f"{kind.lower()}{n}" + (f".{i}" if outs > 1 else "")
                for i in range(outs)]
        self.nodes.append(helper.make_node(kind, ins, made, **attrs))
        return made[0] if outs == 1 else made

    def split(self, x, parts, axis):
        return self.op("Split", x, outs=parts, axis=axis)

    def conv(self, x, cin, cout, k, stride=1, pads=0, group=1, bias=False,
             gain=2.0):
        """Convolution with square or [h, w] kernel; gain/fan is the variance
        of its weights."""
        kh, kw = (k, k) if isinstance(k, int) else k
        sh, sw = (stride, stride) if isinstance(stride, int) else stride
        pads = [pads] * 4 if isinstance(pads, int) else list(pads)
        fan = cin // group * kh * kw
        args = [x, self.weight(cout, cin // group, kh, kw,
                               std=np.sqrt(gain / fan))]
        if bias:
            args.append(self.weight(cout, std=0.1))
        return self.op("Conv", *args, kernel_shape=[kh, kw], strides=[sh, sw],
                       pads=pads, group=group)

    def batchnorm(self, x, channels, gain=1.0):
        """Statistics as training leaves them: about mean 0, variance 1."""
        r = self.random
        self.params += 4 * channels
        near = [gain * r.uniform(0.8, 1.2, channels),
                r.standard_normal(channels) * 0.1,
                r.standard_normal(channels) * 0.1,
                r.uniform(0.8, 1.2, channels)]
        names = [self.const(a.astype(np.float32), f"bn{len(self.constants)}")
                 for a in near]
        return self.op("BatchNormalization", x, *names, epsilon=1e-3)

    def relu(self, x):
        return self.op("Relu", x)

    def dense(self, x, k, n, bias=True, gain=1.0):
        """x [rows, k] times a k x n weight."""
        y = self.op("MatMul", x, self.weight(k, n, std=np.sqrt(gain / k)))
        if bias:
            y = self.op("Add", y, self.weight(n, std=0.1))
        return y

    # --- the model --------------------------------------------------------

    def model(self):
        graph = helper.make_graph(self.nodes, self.name, self.inputs,
                                  self.outputs, self.constants)
        model = helper.make_model(
            graph, producer_name="tamp examples/rammer",
            opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = 7
        return model
