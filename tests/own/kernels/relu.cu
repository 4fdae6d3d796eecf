/*---
kernel: relu
form: own::Relu
types: {A0: f32, Y0: f32}
shapes: {A0: ["*D"], Y0: ["*D"]}
params: {n: Y0_elems}
grid: ["min(4, cdiv(Y0_elems, 64))"]
threads: 64
wins: true
---*/
// A grid-stride loop: every block makes a part of everything.
extern "C" __global__ void relu(const float *A0, float *Y0, size_t n)
{
    const size_t stride = (size_t)gridDim.x * blockDim.x;

    for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) {
        const float v = A0[i];
        Y0[i] = v > 0.0f ? v : 0.0f;
    }
}
