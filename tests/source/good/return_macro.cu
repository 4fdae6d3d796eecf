/*---
kernel: return_macro
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
#define STOP_IF(c) do { if (c) return; } while (0)

__global__ void
return_macro(const float *X, float *Y)
{
	STOP_IF(threadIdx.x > 3);
	Y[threadIdx.x] = X[threadIdx.x];
}
