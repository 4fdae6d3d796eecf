/*---
kernel: reduce_tree
form: Reduce
types: {X: f32, Y: f32}
attrs: {op: sum}
shapes: {X: [O, R, 1], Y: [O, 1]}
params: {g_idata: X, g_odata: Y, n: R}
template: {BLOCK: 64}
grid: [O]
threads: 64
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0]"}
wins: true
---*/
// Sums in a tree; the last warp goes on without barriers of the block.
template <unsigned int BLOCK> __global__ void
reduce_tree(const float *g_idata, float *g_odata, unsigned int n)
{
    static __shared__ float sdata[BLOCK];
    unsigned int tid = threadIdx.x;
    float sum = 0.0f;

    for (unsigned int i = tid; i < n; i += BLOCK)
        sum += g_idata[blockIdx.x * n + i];
    sdata[tid] = sum;
    __syncthreads();
    if (BLOCK >= 64) {
        if (tid < 32)
            sdata[tid] += sdata[tid + 32];
        __syncthreads();
    }
    if (tid < 32) {
        float v = sdata[tid];
#pragma unroll
        for (int offset = warpSize / 2; offset > 0; offset >>= 1)
            v += __shfl_down_sync(0xffffffff, v, offset);
        if (tid == 0)
            g_odata[blockIdx.x] = v;
    }
}
