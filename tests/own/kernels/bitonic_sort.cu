/*---
kernel: bitonic_sort
form: own::Sort
types: {A0: T, Y0: T}
shapes: {A0: [B, N], Y0: [B, N]}
when: N == 128
params: {in: A0, out: Y0}
template: {Key: A0_t, SIZE: N}
grid: [B]
threads: N / 2
reads: {A0: "[x, 0..N]"}
writes: {Y0: "[x, 0..N]"}
wins: true
---*/
template <class T> __device__ inline void order(T &a, T &b, bool up)
{
    if ((a > b) == up) {
        T t = a;
        a = b;
        b = t;
    }
}

// Batches of SIZE keys, each sorted by a block of half as many threads.
template <class Key, int SIZE>
__global__ void bitonic_sort(const Key *in, Key *out)
{
    __shared__ Key keys[SIZE];
    const int base = blockIdx.x * SIZE;

    keys[threadIdx.x] = in[base + threadIdx.x];
    keys[threadIdx.x + SIZE / 2] = in[base + threadIdx.x + SIZE / 2];
    for (unsigned size = 2; size <= SIZE; size <<= 1) {
        const bool up = (threadIdx.x & (size / 2)) == 0 || size == SIZE;
        for (unsigned stride = size / 2; stride > 0; stride >>= 1) {
            __syncthreads();
            const unsigned pos = 2 * threadIdx.x - (threadIdx.x & (stride - 1));
            order(keys[pos], keys[pos + stride], up);
        }
    }
    __syncthreads();
    out[base + threadIdx.x] = keys[threadIdx.x];
    out[base + threadIdx.x + SIZE / 2] = keys[threadIdx.x + SIZE / 2];
}
