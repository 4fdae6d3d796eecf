/*---
kernel: rmsnorm
form: own::RMSNorm
types: {A0: T, A1: T, Y0: T}
attrs: {eps: any}
shapes: {A0: [N, C], A1: [C], Y0: [N, C]}
params: {x: A0, weight: A1, o: Y0, eps: eps, size: C}
template: {scalar_t: A0_t}
grid: [N]
threads: 64
reads: {A0: "[x, 0..C]"}
writes: {Y0: "[x, 0..C]"}
wins: true
---*/
#include <cuda_runtime.h>
#include "reductions.cuh"

// Any type of elements; the weights are read through the read-only path.
template <typename scalar_t>
__global__ void rmsnorm(const scalar_t *x, const scalar_t *__restrict__ weight, scalar_t *o,
                        scalar_t eps, const int size)
{
    __shared__ scalar_t warps[2], scale;
    scalar_t ss = 0;

    x += blockIdx.x * size;
    o += blockIdx.x * size;
    for (int j = threadIdx.x; j < size; j += blockDim.x)
        ss += x[j] * x[j];
    ss = warp_sum(ss);
    if (threadIdx.x % 32 == 0)
        warps[threadIdx.x / 32] = ss;
    __syncthreads();
    if (threadIdx.x == 0)
        scale = scalar_t(1) / sqrt((warps[0] + warps[1]) / size + eps);
    __syncthreads();
    for (int j = threadIdx.x; j < size; j += blockDim.x)
        o[j] = __ldg(&weight[j]) * (scale * x[j]);
}
