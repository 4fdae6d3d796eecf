/*---
kernel: recursion
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__device__ float
down(float x)
{
	return x < 1.0f ? x : down(x - 1.0f);
}

__global__ void
recursion(const float *X, float *Y)
{
	Y[0] = down(X[0]);
}
