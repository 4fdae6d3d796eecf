/*---
kernel: softmax_online
form: Softmax
types: {X: f32, Y: f32}
attrs: {log: 0}
shapes: {X: [O, R, 1], Y: [O, R, 1]}
when: R <= 64
params: {in: X, out: Y, N: O, C: R}
grid: ["cdiv(O, 2)"]
threads: 64
reads: {X: "[2*x..2*(x+1), 0..R, 0]"}
writes: {Y: "[2*x..2*(x+1), 0..R, 0]"}
wins: true
---*/
#include <math_constants.h>

struct MaxSum {
    float m, d;
};

__device__ __forceinline__ MaxSum combine(MaxSum a, MaxSum b)
{
    MaxSum big = a.m > b.m ? a : b, small = a.m > b.m ? b : a, r;

    r.m = big.m;
    r.d = small.m == -CUDART_INF_F ? big.d : big.d + small.d * expf(small.m - big.m);
    return r;
}

// A warp a row; maximum and sum in one pass over the row.
__global__ void softmax_online(const float *__restrict__ in, float *__restrict__ out,
                               int N, int C)
{
    const int lane = threadIdx.x % warpSize, row = blockIdx.x * 2 + threadIdx.x / 32;
    const bool here = row < N;
    const float *x = in + (here ? row : 0) * C;
    MaxSum s = {-CUDART_INF_F, 0.0f};

    for (int i = lane; i < C; i += 32)
        s = combine(s, MaxSum{x[i], 1.0f});
    for (int offset = 16; offset > 0; offset /= 2) {
        MaxSum o;
        o.m = __shfl_xor_sync(0xFFFFFFFF, s.m, offset);
        o.d = __shfl_xor_sync(0xFFFFFFFF, s.d, offset);
        s = combine(s, o);
    }
    for (int i = lane; here && i < C; i += 32)
        out[row * C + i] = expf(x[i] - s.m) / s.d;
}
