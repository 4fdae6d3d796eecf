/*---
kernel: cut_name
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
cut_name(const float *X, float *Y)
{
	if (threadIdx.x >= 40)
		return;
	__sync\
threads();
	Y[threadIdx.x] = X[threadIdx.x];
}
