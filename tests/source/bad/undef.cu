/*---
kernel: undef
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
#undef __syncthreads

__global__ void
undef(const float *X, float *Y)
{
	Y[threadIdx.x] = X[threadIdx.x];
}
