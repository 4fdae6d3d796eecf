/*---
kernel: method_barrier
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
struct meeting { __device__ void all() { __syncthreads(); } };

__global__ void
method_barrier(const float *X, float *Y)
{
	meeting m;

	if (threadIdx.x > 3)
		return;
	m.all();
	Y[threadIdx.x] = X[threadIdx.x];
}
