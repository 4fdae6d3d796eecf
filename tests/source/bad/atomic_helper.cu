/*---
kernel: atomic_helper
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
typedef float real;
static __device__ void sum(real *to, float v) { atomicAdd(to, v); }

__global__ void
atomic_helper(const float *X, float *Y)
{
	sum(Y, X[threadIdx.x]);
}
