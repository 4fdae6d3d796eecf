/*---
kernel: break_macro
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
#define STOP_IF(c) if (c) break

__global__ void
break_macro(const float *X, float *Y)
{
	for (int i = 0; i < 4; i++) {
		STOP_IF(threadIdx.x > 3);
		__syncthreads();
	}
	Y[threadIdx.x] = X[threadIdx.x];
}
