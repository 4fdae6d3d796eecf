/*---
kernel: goto_barrier
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* Threads jump over the barrier: the others must not wait for them. */
__global__ void
goto_barrier(const float *X, float *Y)
{
	__shared__ float part[128];

	if (threadIdx.x >= 40)
		goto out;
	part[threadIdx.x] = X[threadIdx.x];
	__syncthreads();
	Y[threadIdx.x] = part[39 - threadIdx.x];
out:
	;
}
