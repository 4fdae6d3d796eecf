/*---
kernel: histogram
form: own::Histogram
types: {A0: i32, Y0: i32}
attrs: {bins: any}
shapes: {A0: [N], Y0: [B, NBINS]}
when: NBINS == bins
params: {data: A0, partial: Y0, n: N, bins: bins}
grid: [B]
threads: 64
shared: 4 * bins
writes: {Y0: "[x, 0..NBINS]"}
wins: true
---*/
// Counts of a block's share, by atomic operations on integers in shared memory.
__global__ void histogram(const int *data, int *partial, int n, int bins)
{
    extern __shared__ int counts[];
    const int per_block = (n + gridDim.x - 1) / gridDim.x;
    const int begin = blockIdx.x * per_block;
    const int end = min(begin + per_block, n);

    for (int b = threadIdx.x; b < bins; b += blockDim.x)
        counts[b] = 0;
    __syncthreads();
    for (int i = begin + threadIdx.x; i < end; i += blockDim.x) {
        int v = data[i];
        if (v < 0 || v >= bins)
            continue;
        atomicAdd(&counts[v], 1);
    }
    __syncthreads();
    for (int b = threadIdx.x; b < bins; b += blockDim.x)
        partial[blockIdx.x * bins + b] = counts[b];
}
