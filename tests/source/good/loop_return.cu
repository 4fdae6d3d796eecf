/*---
kernel: loop_return
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* The return comes after the barrier, but the loop leads back to it. */
__global__ void
loop_return(const float *X, float *Y)
{
	for (;;) {
		__syncthreads();
		if (X[threadIdx.x] > 3.0f)
			return;
		Y[threadIdx.x] += 1.0f;
	}
}
