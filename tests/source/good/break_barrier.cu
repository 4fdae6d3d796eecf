/*---
kernel: break_barrier
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* A break over a barrier is a way out like a return. */
__global__ void
break_barrier(const float *X, float *Y)
{
	__shared__ float part[128];

	do {
		if (threadIdx.x >= 40)
			break;
		part[threadIdx.x] = X[threadIdx.x];
		__syncthreads();
		Y[threadIdx.x] = part[39 - threadIdx.x];
	} while (0);
}
