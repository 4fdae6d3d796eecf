/*---
kernel: scan_hillis
form: Scan
types: {X: f32, Y: f32}
attrs: {op: sum, exclusive: 0, reverse: 0}
shapes: {X: [O, R, 1], Y: [O, R, 1]}
when: R <= 128
params: {in: X, out: Y, n: R}
grid: [O]
threads: R
shared: 2 * R * 4
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0..R, 0]"}
wins: true
---*/
// Running sums after Hillis and Steele, between two buffers.
__global__ void scan_hillis(const float *in, float *out, int n)
{
    extern __shared__ float temp[];
    int thid = threadIdx.x, pout = 0, pin = 1;

    temp[thid] = in[blockIdx.x * n + thid];
    __syncthreads();
    for (int offset = 1; offset < n; offset *= 2) {
        pout = 1 - pout;
        pin = 1 - pout;
        if (thid >= offset)
            temp[pout * n + thid] = temp[pin * n + thid] + temp[pin * n + thid - offset];
        else
            temp[pout * n + thid] = temp[pin * n + thid];
        __syncthreads();
    }
    out[blockIdx.x * n + thid] = temp[pout * n + thid];
}
