/*---
kernel: index_pointer
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
static __device__ int place(int i) { return blockIdx.x * 64 + i; }

__global__ void
index_pointer(const float *X, float *Y)
{
	int (*f)(int) = place;

	Y[f(threadIdx.x)] = X[f(threadIdx.x)];
}
