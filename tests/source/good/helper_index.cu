/*---
kernel: helper_index
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__device__ float
pick(const float *x)
{
	return x[blockIdx.x];
}

__global__ void
helper_index(const float *X, float *Y)
{
	Y[0] = pick(X);
}
