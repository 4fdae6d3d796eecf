"""An emitted program (model.h) on tensors of PyTorch."""

import ctypes
import os

import torch


class Options(ctypes.Structure):
    """struct model_options"""
    _fields_ = [("separate", ctypes.c_int), ("timeout", ctypes.c_double),
                ("seed", ctypes.c_uint64), ("trace", ctypes.c_int)]


class Failed(Exception):
    """What model_error said."""


class Program:
    """A model with one input and one output of float32."""

    def __init__(self, directory, device, so_name, seed=0):
        path = os.path.join(directory, so_name)
        if not os.path.exists(path):
            raise AssertionError("was not built")
        self.lib = lib = ctypes.CDLL(os.path.abspath(path))
        lib.model_error.restype = ctypes.c_char_p
        lib.model_device.restype = ctypes.c_char_p
        lib.model_run_us.restype = ctypes.c_double
        lib.model_output_shape.restype = ctypes.POINTER(ctypes.c_int64)
        for f in ("model_error", "model_device", "model_run_us", "model_wait",
                  "model_close"):
            getattr(lib, f).argtypes = [ctypes.c_void_p]
        lib.model_run_on.argtypes = [ctypes.c_void_p] * 4
        self.device = device
        self.model = ctypes.c_void_p()
        if lib.model_open_options(os.path.abspath(directory).encode(),
                                  ctypes.byref(Options(seed=seed)),
                                  ctypes.byref(self.model)):
            raise Failed(lib.model_error(None).decode())
        shape = lib.model_output_shape(self.model, 0)
        self.shape = shape[:lib.model_output_rank(self.model, 0)]

    def words(self):
        return self.lib.model_device(self.model).decode()

    def output(self):
        return torch.full(self.shape, float("nan"), dtype=torch.float32,
                          device=self.device)

    def bound(self, x, y):
        """A function that begins y = model(x) in the order of the stream that
        is current now."""
        stream = torch.cuda.current_stream().cuda_stream \
            if self.device == "cuda" else None
        ins = (ctypes.c_void_p * 1)(x.data_ptr())
        outs = (ctypes.c_void_p * 1)(y.data_ptr())

        def begin(keep=(x, y)):  # ins and outs hold but their addresses
            if self.lib.model_run_on(self.model, ins, outs, stream):
                raise Failed(self.lib.model_error(self.model).decode())
        return begin

    def wait(self):
        if self.lib.model_wait(self.model):
            raise Failed(self.lib.model_error(self.model).decode())

    def run(self, x, y):
        self.bound(x, y)()
        self.wait()

    def close(self):
        self.lib.model_close(self.model)
