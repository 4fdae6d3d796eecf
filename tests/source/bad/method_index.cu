/*---
kernel: method_index
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
struct place { __device__ int x() { return blockIdx.x; } };

__global__ void
method_index(const float *X, float *Y)
{
	Y[threadIdx.x] = place().x();
}
