/*---
kernel: shared_helper
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__device__ float
twice(float x)
{
	__shared__ float part[64];

	part[threadIdx.x] = x;
	return 2.0f * part[threadIdx.x];
}

__global__ void
shared_helper(const float *X, float *Y)
{
	Y[threadIdx.x] = twice(X[threadIdx.x]);
}
