/*---
kernel: block_3d
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "4, 4, 8"
---*/
__global__ void
block_3d(const float *X, float *Y)
{
	int i = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;

	Y[i] = X[i];
}
