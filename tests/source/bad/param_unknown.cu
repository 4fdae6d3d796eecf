/*---
kernel: param_unknown
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
params: {n: Q + 1}
---*/
__global__ void
param_unknown(const float *X, float *Y, int n)
{
	Y[n] = X[0];
}
