/*---
kernel: constant_empty
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__constant__ float filter[9];

__global__ void
constant_empty(const float *X, float *Y)
{
	Y[threadIdx.x] = X[threadIdx.x] * filter[0];
}
