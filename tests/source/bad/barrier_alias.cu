/*---
kernel: barrier_alias
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
barrier_alias(const float *X, float *Y)
{
	auto meet = __syncthreads;

	if (threadIdx.x > 3)
		return;
	meet();
	Y[threadIdx.x] = X[threadIdx.x];
}
