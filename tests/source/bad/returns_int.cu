/*---
kernel: returns_int
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ int
returns_int(const float *X, float *Y)
{
	Y[0] = X[0];
	return 1;
}
