/*---
kernel: histogram
form: example::Histogram
types: {A0: i64, Y0: i32}
shapes: {A0: [N], Y0: [BINS]}
when: BINS <= 1024
params: {values: A0, counts: Y0, n: N, bins: BINS}
grid: [1]
threads: 64
---*/
__global__ void histogram(const int64_t *values, int *counts, int n, int bins)
{
	__shared__ int part[1024];

	for (int b = threadIdx.x; b < bins; b += blockDim.x)
		part[b] = 0;
	__syncthreads();
	for (int i = threadIdx.x; i < n; i += blockDim.x)
		if (values[i] >= 0 && values[i] < bins)
			atomicAdd(&part[values[i]], 1);
	__syncthreads();
	for (int b = threadIdx.x; b < bins; b += blockDim.x)
		counts[b] = part[b];
}
