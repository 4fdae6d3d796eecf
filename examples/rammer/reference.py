#!/usr/bin/env python3
"""What ONNX Runtime answers: the expected outputs of a model made by models.py.

    reference.py MODEL.onnx

Beside MODEL.onnx, which lies there with MODEL.in0.npy and MODEL.in1.npy:
MODEL.out0.npy, MODEL.out1.npy and MODEL.atol, the largest error allowed, 1e-3
of the largest magnitude.  Fails if the outputs are out of scale, or if the
second input does not move them by 100 times that error.
"""

import sys

import numpy as np
import onnxruntime


def main():
    stem = sys.argv[1].removesuffix(".onnx")
    session = onnxruntime.InferenceSession(
        stem + ".onnx", providers=["CPUExecutionProvider"])
    outs = [session.run(None, {"x": np.load(f"{stem}.in{i}.npy")})[0]
            for i in (0, 1)]
    rms = np.sqrt(np.mean(outs[0].astype(np.float64) ** 2))
    top = np.abs(outs[0]).max()
    moved = np.abs(outs[1] - outs[0]).max()
    print(f"{stem.split('/')[-1]}: rms {rms:.3g}, largest {top:.3g}, the "
          f"second input moves it by {moved / top:.0%}")
    if not 0.01 < rms < 10 or moved < 0.1 * top:
        raise SystemExit(f"{stem}: outputs are not fit for a comparison")
    with open(stem + ".atol", "w", encoding="ascii") as f:
        f.write(f"{1e-3 * top:.6g}\n")
    for i in (1, 0):  # out0 last: it is Make's target
        np.save(f"{stem}.out{i}.npy", outs[i])


if __name__ == "__main__":
    main()
