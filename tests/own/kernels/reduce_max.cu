/*---
kernel: reduce_max
form: Reduce
types: {X: f32, Y: f32}
attrs: {op: max}
shapes: {X: [O, R, 1], Y: [O, 1]}
params: {in: X, out: Y, n: R}
grid: [O]
threads: 96
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0]"}
wins: true
---*/
static __device__ float warpMax(float v)
{
    for (int d = 16; d; d >>= 1)
        v = max(v, __shfl_down_sync(0xffffffffu, v, d));
    return v;
}

// Its shared array is the helper's own.
static __device__ float blockMax(float v)
{
    static __shared__ float part[32];
    const int lane = threadIdx.x & 31, wid = threadIdx.x >> 5;

    v = warpMax(v);
    if (lane == 0)
        part[wid] = v;
    __syncthreads();
    v = threadIdx.x < blockDim.x / 32 ? part[lane] : -INFINITY;
    if (wid == 0)
        v = warpMax(v);
    return v;
}

__global__ void reduce_max(const float *in, float *out, int n)
{
    float v = -INFINITY;

    for (int i = threadIdx.x; i < n; i += blockDim.x)
        v = max(v, in[blockIdx.x * n + i]);
    v = blockMax(v);
    if (threadIdx.x == 0)
        out[blockIdx.x] = v;
}
