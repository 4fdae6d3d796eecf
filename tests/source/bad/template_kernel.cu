/*---
kernel: template_kernel
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
template <int N> __global__ void
template_kernel(const float *X, float *Y)
{
	Y[N] = X[N];
}
