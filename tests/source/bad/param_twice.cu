/*---
kernel: param_twice
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void
param_twice(const float *X, float Y[][4])
{
	Y[0][threadIdx.x] = X[threadIdx.x];
}
