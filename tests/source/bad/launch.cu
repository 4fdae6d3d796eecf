/*---
kernel: launch
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void other(const float *X, float *Y);

__global__ void
launch(const float *X, float *Y)
{
	other<<<1, 32>>>(X, Y);
}
