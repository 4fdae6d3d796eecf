/*---
kernel: early_return
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void
early_return(const float *X, float *Y)
{
	__shared__ float part[64];

	if (threadIdx.x > 10)
		return;
	part[threadIdx.x] = X[threadIdx.x];
	__syncthreads();
	Y[threadIdx.x] = part[10 - threadIdx.x];
}
