/*---
kernel: atomic_cast
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
atomic_cast(const float *X, float *Y)
{
	__shared__ int part[2];

	atomicAdd(reinterpret_cast<float *>(part), X[threadIdx.x]);
	atomicAdd((float *)part, X[threadIdx.x]);
	atomicMax((int *)Y, 3);
}
