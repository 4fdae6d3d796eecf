/*---
kernel: mutual_recursion
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__device__ float odd(float x);
__device__ float even(float x) { return x < 1.0f ? x : odd(x - 1.0f); }
__device__ float odd(float x) { return even(x - 1.0f); }

__global__ void
mutual_recursion(const float *X, float *Y)
{
	Y[0] = even(X[0]);
}
