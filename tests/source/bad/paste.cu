/*---
kernel: paste
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
#define CAT(a, b) a##b

__global__ void
paste(const float *X, float *Y)
{
	if (threadIdx.x >= 40)
		return;
	CAT(__sync, threads)();
	Y[threadIdx.x] = X[threadIdx.x];
}
