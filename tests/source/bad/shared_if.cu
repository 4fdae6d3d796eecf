/*---
kernel: shared_if
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
shared_if(const float *X, float *Y)
{
	if (X[0] > 0.0f)
		__shared__ float part[4];
	Y[threadIdx.x] = X[threadIdx.x];
}
