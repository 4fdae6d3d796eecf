/*---
kernel: late_return
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* All threads are there at the barrier: it stays what it is. */
__global__ void
late_return(const float *X, float *Y)
{
	__shared__ float part[128];

	for (int i = 0; i < 4; i++) {
		auto f = [&](float x) { return x + i; };

		part[threadIdx.x] = f(X[threadIdx.x]);
		__syncthreads();
	}
	if (threadIdx.x > 3)
		return;
	Y[threadIdx.x] = part[threadIdx.x];
}
