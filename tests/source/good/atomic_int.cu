/*---
kernel: atomic_int
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* Integers come to the same in any order. */
__global__ void
atomic_int(const float *X, float *Y)
{
	__shared__ int count[1];

	if (threadIdx.x == 0)
		count[0] = 0;
	__syncthreads();
	atomicAdd(&count[0], X[threadIdx.x] > 0.0f);
	__syncthreads();
	Y[threadIdx.x] = count[0];
}
