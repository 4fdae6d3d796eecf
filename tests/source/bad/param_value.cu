/*---
kernel: param_value
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void
param_value(const float *X, float *Y, int n)
{
	Y[n] = X[0];
}
