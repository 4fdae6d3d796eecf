/*---
kernel: dot_product
form: own::Dot
types: {A0: f32, A1: f32, Y0: f32}
shapes: {A0: [N], A1: [N], Y0: []}
params: {a: A0, b: A1, c: Y0, n: N}
grid: [1]
threads: threadsPerBlock
wins: true
---*/
enum { threadsPerBlock = 1 << 7 };

// The classic with a cache in shared memory.
__global__ void dot_product(const float a[], const float b[], float *c, int n)
{
    __shared__ float cache[threadsPerBlock];
    int tid = threadIdx.x;
    int cacheIndex = threadIdx.x;
    float temp = 0;

    while (tid < n) {
        temp += a[tid] * b[tid];
        tid += blockDim.x;
    }
    cache[cacheIndex] = temp;
    __syncthreads();
    int i = blockDim.x / 2;
    while (i != 0) {
        if (cacheIndex < i)
            cache[cacheIndex] += cache[cacheIndex + i];
        __syncthreads();
        i /= 2;
    }
    if (cacheIndex == 0)
        c[0] = cache[0];
}
