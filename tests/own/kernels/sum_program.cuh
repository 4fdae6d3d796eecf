// A program of two kernels and a host's part: final_sum.cu and partial_sums.cu
// are the heads of its kernels.
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CUDA_CHECK(call)                                                      \
    do {                                                                      \
        if ((call) != cudaSuccess) {                                          \
            fprintf(stderr, "%s:%d: failed\n", __FILE__, __LINE__);           \
            exit(EXIT_FAILURE);                                               \
        }                                                                     \
    } while (0)

constexpr int THREADS = 128, ITEMS = 2;

// One number for each block, in an order that does not change.
__global__ void partial_sums(const float *in, float *partial, int n)
{
    __shared__ float s[THREADS];
    const int base = blockIdx.x * THREADS * ITEMS + threadIdx.x;
    float v = 0.0f;

    for (int k = 0; k < ITEMS; k++)
        if (base + k * THREADS < n)
            v += in[base + k * THREADS];
    s[threadIdx.x] = v;
    __syncthreads();
    for (int step = 1; step < THREADS; step *= 2) {
        int i = 2 * step * threadIdx.x;
        if (i + step < THREADS)
            s[i] += s[i + step];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        partial[blockIdx.x] = s[0];
}

// One thread adds them up, in order.
__global__ void final_sum(const float *partial, float *out, int blocks)
{
    float sum = 0.0f;

    if (blockIdx.x != 0 || threadIdx.x != 0)
        return;
    for (int i = 0; i < blocks; i++)
        sum += partial[i];
    *out = sum;
}

#ifdef WITH_MAIN
int main()
{
    const int n = 1000, blocks = (n + THREADS * ITEMS - 1) / (THREADS * ITEMS);
    std::vector<float> host(n, 1.0f);
    float *in, *partial, *out, sum;

    CUDA_CHECK(cudaMalloc(&in, n * sizeof(float)));
    CUDA_CHECK(cudaMalloc(&partial, blocks * sizeof(float)));
    CUDA_CHECK(cudaMalloc(&out, sizeof(float)));
    CUDA_CHECK(cudaMemcpy(in, host.data(), n * sizeof(float), cudaMemcpyHostToDevice));
    partial_sums<<<blocks, THREADS>>>(in, partial, n);
    final_sum<<<1, 32>>>(partial, out, blocks);
    CUDA_CHECK(cudaMemcpy(&sum, out, sizeof(float), cudaMemcpyDeviceToHost));
    printf("%f\n", sum);
    return sum != n;
}
#endif
