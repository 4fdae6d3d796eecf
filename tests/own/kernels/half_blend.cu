/*---
kernel: half_blend
form: own::HalfBlend
types: {A0: f32, A1: f32, Y0: f32}
shapes: {A0: [N], A1: [N], Y0: [N]}
params: {a: A0, b: A1, out: Y0, n: N}
grid: ["cdiv(N, 64)"]
threads: 64
reads: {A0: "[64*x..64*(x+1)]", A1: "[64*x..64*(x+1)]"}
writes: {Y0: "[64*x..64*(x+1)]"}
wins: true
---*/
#include <cuda_fp16.h>

// Half precision inside, floats outside.
__global__ void half_blend(const float *a, const float *b, float *out, int n)
{
    __shared__ half tile[64];
    const int i = blockIdx.x * 64 + threadIdx.x;

    tile[threadIdx.x] = __float2half(i < n ? a[i] : 0.0f);
    __syncthreads();
    if (i < n)
        out[i] = __half2float(__hadd(__hmul(tile[threadIdx.x], __float2half(0.75f)),
                                     __float2half(b[i])));
}
