#!/usr/bin/env python3
"""Trains the digits model and writes everything beside this file.

    python3 train.py            (needs python3-torch, python3-sklearn, onnxruntime)

The data is the UCI set of handwritten digits that scikit-learn carries: 1797
images of 8x8 pixels, values 0 to 16.  A fifth, drawn by a fixed seed, is held
back and never trained on.  Written:

    digits.onnx     a small convolutional net, input x [1,1,8,8], output [1,10]
    images.u8       the held-back images, 64 bytes each
    labels.u8       their digits, one byte each
    expected.f32    ONNX Runtime's outputs for them, 10 little-endian floats each
    image.npy, logits.npy   the first of them, as `tamp run` takes it
"""

import os

import numpy as np
import onnxruntime
import torch
from sklearn.datasets import load_digits
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
HELD_BACK = 360
EPOCHS = 60


def net():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def train(model, x, y):
    torch.manual_seed(1)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    steps = EPOCHS * (len(x) // 64)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
    model.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for k in range(len(x) // 64):
            pick = order[64 * k:64 * (k + 1)]
            loss = nn.functional.cross_entropy(model(x[pick]), y[pick])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
    model.eval()


def main():
    data = load_digits()
    order = np.random.RandomState(7).permutation(len(data.target))
    held, rest = order[:HELD_BACK], order[HELD_BACK:]
    pixels = data.images.reshape(-1, 1, 8, 8)
    x = torch.tensor(pixels[rest] / 16.0, dtype=torch.float32)
    y = torch.tensor(data.target[rest])

    torch.manual_seed(0)
    model = net()
    train(model, x, y)

    path = os.path.join(HERE, "digits.onnx")
    torch.onnx.export(model, torch.zeros(1, 1, 8, 8), path, opset_version=13,
                      training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False,
                      input_names=["x"], output_names=["logits"])
    session = onnxruntime.InferenceSession(path)
    images = (pixels[held] / 16.0).astype(np.float32)
    out = np.concatenate([session.run(None, {"x": i[None]})[0]
                          for i in images])

    pixels[held].astype(np.uint8).tofile(os.path.join(HERE, "images.u8"))
    data.target[held].astype(np.uint8).tofile(os.path.join(HERE, "labels.u8"))
    out.astype("<f4").tofile(os.path.join(HERE, "expected.f32"))
    np.save(os.path.join(HERE, "image.npy"), images[:1])
    np.save(os.path.join(HERE, "logits.npy"), out[:1])
    right = (out.argmax(1) == data.target[held]).sum()
    print(f"{right} of {HELD_BACK} held-back images right")


if __name__ == "__main__":
    main()
