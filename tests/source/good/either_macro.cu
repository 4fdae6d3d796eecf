/*---
kernel: either_macro
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
#if R > 4
#define MEET() __syncthreads()
#else
#define MEET() ((void)0)
#endif

__global__ void
either_macro(const float *X, float *Y)
{
	if (threadIdx.x > 100)
		return;
	MEET();
	Y[threadIdx.x] = X[threadIdx.x];
}
