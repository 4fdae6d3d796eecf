/*---
kernel: continue_barrier
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
continue_barrier(const float *X, float *Y)
{
	__shared__ float part[128];

	for (int i = 0; i < 1; i++) {
		if (threadIdx.x >= 40)
			continue;
		part[threadIdx.x] = X[threadIdx.x];
		__syncthreads();
		Y[threadIdx.x] = part[39 - threadIdx.x];
	}
}
