"""The kernels of tests/own/kernels: what each is given, how it is launched as
an ordinary kernel, and what numpy makes of the same input.

op, attrs the node's operator, ONNX's or of the domain own, and its attributes
ins       an array of each input
out       dtype and shape of the output
grid, block, call   the launch, and the call's arguments: i0 ... are the
          inputs, o0 the output; template: its arguments
dynamic   the declaration that stands for extern __shared__
consts    constant inputs after the others, as YAML of graph/1
ref       the output from the inputs, by numpy in double precision
atol      relative and absolute tolerance of the comparison with it; without
          it: equal
"""
import numpy as np

rng = np.random.default_rng(20)


def floats(*shape):
    return rng.uniform(-2, 2, shape).astype(np.float32)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def conv(x, w):
    n, c, h, v = x.shape
    p = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    y = np.zeros((n, len(w), h, v))
    for i in range(3):
        for j in range(3):
            y += np.einsum("nchw,mc->nmhw", p[:, :, i:i + h, j:j + v], w[:, :, i, j])
    return y


def heat(u):
    p = np.pad(u, 1, "edge")
    return u + 0.125 * (p[1:-1, :-2] + p[1:-1, 2:] + p[:-2, 1:-1] + p[2:, 1:-1] - 4 * u)


def window(x, radius):
    p = np.pad(x, radius)
    return sum(p[k:k + len(x)] for k in range(2 * radius + 1))


def blur(x):
    p = np.pad(x, ((0, 0), (2, 2)), "edge")
    return sum(t * p[:, k:k + x.shape[1]] for k, t in enumerate((.0625, .25, .375, .25, .0625)))


def smooth(x):
    p, ones = np.pad(x, 1), np.pad(np.ones_like(x), 1)
    cut = [(i, j, k) for i in range(3) for j in range(3) for k in range(3)]
    at = lambda a, i, j, k: a[i:i + x.shape[0], j:j + x.shape[1], k:k + x.shape[2]]
    return sum(at(p, *c) for c in cut) / sum(at(ones, *c) for c in cut)


def collatz(x):
    def steps(v):
        k = 0
        while v > 1 and k < 200:
            v, k = (3 * v + 1 if v % 2 else v // 2), k + 1
        return k if v >= 1 else -1
    return np.array([steps(int(v)) for v in x], np.int32)


def attention(q, k, v):
    return softmax(q * 0.25 @ k.T) @ v


def normed(x, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


def product(a, b):
    c = (a[:, 0] + 1j * a[:, 1]) * (b[:, 0] + 1j * b[:, 1])
    return np.stack([c.real, c.imag], -1)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3)))


def histogram(x, blocks, bins):
    share = -(-len(x) // blocks)
    parts = [x[i * share:(i + 1) * share] for i in range(blocks)]
    return np.stack([np.bincount(p[(p >= 0) & (p < bins)], minlength=bins) for p in parts])


def half_blend(a, b):
    h = np.float16
    return (h(a) * h(0.75) + h(b)).astype(np.float32)


def pool(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max((3, 5))


def sums(x):
    return np.array([x[i:i + 256].sum() for i in range(0, len(x), 256)])


f32, f64, i32, i64 = np.float32, np.float64, np.int32, np.int64
big = floats(3, 3)
big[0, 1] = np.inf

CASES = {
    "saxpy": dict(op="own::Saxpy", attrs="{alpha: -1.5}", ins=[floats(1000), floats(1000)],
                  out=(f32, (1000,)), grid=(8,), block=(128,),
                  call="1000, -1.5f, i0, i1, o0", ref=lambda x, y: -1.5 * x + y, atol=1e-6),
    "mat_add": dict(op="own::MatAdd", ins=[floats(19, 37), floats(19, 37)],
                    out=(f32, (19, 37)), grid=(3, 3), block=(16, 8),
                    call="i0, i1, o0, 19, 37", ref=np.add, atol=1e-6),
    "relu": dict(op="own::Relu", ins=[floats(7, 61)], out=(f32, (7, 61)), grid=(4,),
                 block=(64,), call="i0, o0, 427", ref=lambda x: np.maximum(x, 0)),
    "gelu_vec4": dict(op="own::Gelu", ins=[floats(9, 60)], out=(f32, (9, 60)), grid=(3,),
                      block=(64,), call="i0, o0, 135", ref=gelu, atol=1e-6),
    "transpose": dict(op="Transpose", attrs="{perm: [1, 0]}", ins=[floats(37, 21)],
                      out=(f32, (21, 37)), grid=(2, 3), block=(16, 4),
                      call="i0, o0, 21, 37", ref=np.transpose),
    "matmul_tiled": dict(op="MatMul", ins=[floats(21, 30), floats(30, 25)],
                         out=(f32, (21, 25)), grid=(4, 3), block=(8, 8),
                         template="float, 8", call="i0, i1, o0, 21, 30, 25", ref=np.matmul,
                         atol=1e-4),
    "softmax_online": dict(op="Softmax", attrs="{axis: 1}", ins=[floats(7, 50)],
                           out=(f32, (7, 50)), grid=(4,), block=(64,),
                           call="i0, o0, 7, 50", ref=softmax, atol=1e-6),
    "softmax_block": dict(op="Softmax", attrs="{axis: 1}", ins=[floats(5, 300)],
                          out=(f32, (5, 300)), grid=(5,), block=(128,),
                          call="i0, o0, 300", dynamic="float buffer[128]", ref=softmax,
                          atol=1e-6),
    "reduce_tree": dict(op="ReduceSum", attrs="{keepdims: 0}", ins=[floats(6, 333)],
                        consts=["type: i64, shape: [1], ivalue: [1]"], out=(f32, (6,)),
                        grid=(6,), block=(64,), template="64", call="i0, o0, 333",
                        ref=lambda x: x.sum(1), atol=1e-4),
    "reduce_max": dict(op="ReduceMax", attrs="{keepdims: 0}", ins=[floats(5, 250)],
                       consts=["type: i64, shape: [1], ivalue: [1]"], out=(f32, (5,)),
                       grid=(5,), block=(96,), call="i0, o0, 250", ref=lambda x: x.max(1)),
    "partial_sums": dict(op="own::PartialSums", ins=[floats(1000)], out=(f32, (4,)),
                         grid=(4,), block=(128,), call="i0, o0, 1000", ref=sums, atol=1e-4),
    "final_sum": dict(op="own::FinalSum", ins=[floats(4)], out=(f32, ()), grid=(1,),
                      block=(32,), call="i0, o0, 4", ref=np.sum, atol=1e-4),
    "scan_hillis": dict(op="CumSum", ins=[floats(3, 100)],
                        consts=["type: i64, shape: [], ivalue: [1]"], out=(f32, (3, 100)),
                        grid=(3,), block=(100,), call="i0, o0, 100",
                        dynamic="float temp[200]", ref=lambda x: x.cumsum(1), atol=1e-4),
    "scan_blelloch": dict(op="CumSum", attrs="{exclusive: 1}", ins=[floats(4, 128)],
                          consts=["type: i64, shape: [], ivalue: [1]"],
                          out=(f32, (4, 128)), grid=(4,), block=(64,), template="128",
                          call="o0, i0", ref=lambda x: x.cumsum(1) - x, atol=1e-4),
    "histogram": dict(op="own::Histogram", attrs="{bins: 20}",
                      ins=[rng.integers(-2, 24, 777).astype(i32)], out=(i32, (5, 20)),
                      grid=(5,), block=(64,), call="i0, o0, 777, 20",
                      dynamic="int counts[20]", ref=lambda x: histogram(x, 5, 20)),
    "stencil_1d": dict(op="own::Stencil", ins=[floats(300)], out=(f32, (300,)), grid=(5,),
                       block=(64,), call="i0, o0, 300", ref=lambda x: window(x, 3), atol=1e-5),
    "heat_2d": dict(op="own::Heat", attrs="{rate: 0.125}", ins=[floats(14, 41)],
                    out=(f32, (14, 41)), grid=(3, 4), block=(16, 4), template="16, 4",
                    call="i0, o0, 14, 41, 0.125f", ref=heat, atol=1e-5),
    "layernorm": dict(op="LayerNormalization", attrs="{axis: -1, epsilon: 1.0e-03}",
                      ins=[floats(7, 45)], consts=["type: f32, shape: [45], fill: [1.0]"],
                      out=(f32, (7, 45)), grid=(4,), block=(64,),
                      call="i0, o0, 7, 45, 1e-3f", ref=lambda x: normed(x, 1e-3), atol=1e-5),
    "rmsnorm": dict(op="own::RMSNorm", attrs="{eps: 1.0e-05}", ins=[floats(6, 90), floats(90)],
                    out=(f32, (6, 90)), grid=(6,), block=(64,), template="float",
                    call="i0, i1, o0, 1e-5f, 90", atol=1e-5,
                    ref=lambda x, w: w * x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-5)),
    "attention": dict(op="own::Attention", ins=[floats(9, 16), floats(20, 16), floats(20, 16)],
                      out=(f32, (9, 16)), grid=(9,), block=(64,),
                      call="i0, i1, i2, o0, 20, 16, 0.25f",
                      dynamic="__align__(16) unsigned char smem_raw[144]", ref=attention,
                      atol=1e-5),
    "gemv": dict(op="own::Gemv", ins=[floats(22, 70), floats(70)], out=(f32, (22,)),
                 grid=(6,), block=(32, 4), call="i0, i1, o0, 22, 70", ref=np.matmul,
                 atol=1e-4),
    "dot_product": dict(op="own::Dot", ins=[floats(500), floats(500)], out=(f32, ()),
                        grid=(1,), block=(128,), call="i0, i1, o0, 500", ref=np.dot,
                        atol=1e-4),
    "blur_1d": dict(op="own::Blur", ins=[floats(4, 75)], out=(f32, (4, 75)), grid=(3, 4),
                    block=(32,), call="i0, o0, 75", ref=blur, atol=1e-5),
    "conv_3x3": dict(op="Conv", attrs="{pads: [1, 1, 1, 1]}",
                     ins=[floats(2, 3, 11, 13), floats(4, 3, 3, 3)],
                     out=(f32, (2, 4, 11, 13)), grid=(4, 4, 2), block=(8, 8),
                     template="3, 3", call="i0, i1, o0, 3, 11, 13", ref=conv, atol=1e-4),
    "maxpool_2x2": dict(op="MaxPool", attrs="{kernel_shape: [2, 2], strides: [2, 2]}",
                        ins=[floats(2, 3, 10, 18)], out=(f32, (2, 3, 5, 9)), grid=(3, 2),
                        block=(8, 8), call="i0, o0, 5, 9", ref=pool),
    "bitonic_sort": dict(op="own::Sort", ins=[rng.integers(-99, 99, (3, 128)).astype(i32)],
                         out=(i32, (3, 128)), grid=(3,), block=(64,), template="int, 128",
                         call="i0, o0", ref=lambda x: np.sort(x, 1)),
    "embedding": dict(op="Gather", ins=[floats(11, 40), np.array([3, -1, 0, 10, 3, -11, 7], i64)],
                      out=(f32, (7, 40)), grid=(7,), block=(32,),
                      call="i0, i1, o0, 11, 40", ref=lambda t, i: t[i]),
    "smooth_3d": dict(op="own::Smooth", ins=[floats(5, 9, 13)], out=(f32, (5, 9, 13)),
                      grid=(2, 3, 3), block=(8, 4, 2), call="i0, o0, 5009013LL", ref=smooth,
                      atol=1e-5),
    "collatz": dict(op="own::Collatz", ins=[np.arange(-3, 87, dtype=i32)], out=(i32, (90,)),
                    grid=(3,), block=(32,), call="i0, o0, 90, 200", ref=collatz),
    "argmax": dict(op="ArgMax", attrs="{axis: 1, keepdims: 0}",
                   ins=[np.round(floats(6, 150) * 4)], out=(i64, (6,)), grid=(6,),
                   block=(64,), call="i0, o0, 150", ref=lambda x: x.argmax(1)),
    "complex_mul": dict(op="own::ComplexMul", ins=[floats(150, 2), floats(150, 2)],
                        out=(f32, (150, 2)), grid=(3,), block=(64,),
                        call="(const float2 *)i0, (const float2 *)i1, (float2 *)o0, 150",
                        ref=product, atol=1e-5),
    "half_blend": dict(op="own::HalfBlend", ins=[floats(130), floats(130)],
                       out=(f32, (130,)), grid=(3,), block=(64,), call="i0, i1, o0, 130",
                       ref=half_blend),
    "logsumexp": dict(op="own::LogSumExp", ins=[big], out=(f32, (3,)), grid=(3,),
                      block=(32,), template="LogAdd", call="i0, o0, 3",
                      ref=lambda x: np.logaddexp.reduce(x, 1), atol=1e-5),
    "unroll_steps": dict(op="own::Polynomial", ins=[floats(100).astype(f64)],
                         out=(f64, (100,)), grid=(2,), block=(64,), template="4",
                         call="i0, o0, 100", atol=1e-12,
                         ref=lambda x: np.polyval([.0625, -.125, .25, -.5, 1], x)),
}
