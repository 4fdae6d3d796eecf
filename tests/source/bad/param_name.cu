/*---
kernel: param_name
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
params: {in: X, out: Z}
---*/
__global__ void
param_name(const float *in, float *out)
{
	out[0] = in[0];
}
