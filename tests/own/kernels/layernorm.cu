/*---
kernel: layernorm
form: Norm
types: {X: f32, Y: f32}
shapes: {X: [N, C, R], Y: [N, C, R]}
params: {inp: X, out: Y, n: N * C, width: R, eps: epsilon}
grid: ["cdiv(N * C, 2)"]
threads: 64
reads: {X: "[2*R*x..2*R*(x+1)]"}
writes: {Y: "[2*R*x..min(2*R*(x+1), Y_elems)]"}
wins: true
---*/
#include "reductions.cuh"

// So that a scale and a bias behind it can be fused into what it stores.
#ifndef STORE
#define STORE(to, i, v) ((to)[i] = (v))
#endif

// A warp a row: mean, then variance, then the results.
__global__ void layernorm(const float *__restrict__ inp, float *__restrict__ out,
                          int n, int width, float eps)
{
    int lane = threadIdx.x % 32;
    int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    const bool here = row < n;
    if (!here)
        row = n - 1; /* so that whole warps stay */
    const float *x = inp + row * width;
    float sum = 0.0f;
    for (int i = lane; i < width; i += 32)
        sum += x[i];
    const float mean = warp_sum(sum) / width;
    sum = 0.0f;
    for (int i = lane; i < width; i += 32)
        sum += (x[i] - mean) * (x[i] - mean);
    const float rstd = rsqrtf(warp_sum(sum) / width + eps);
    for (int i = lane; here && i < width; i += 32)
        STORE(out, row * width + i, (x[i] - mean) * rstd);
}
