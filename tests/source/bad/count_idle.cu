/*---
kernel: count_idle
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void
count_idle(const float *X, float *Y)
{
	int n = __syncthreads_count(X[threadIdx.x] > 0.0f);

	Y[threadIdx.x] = n;
}
