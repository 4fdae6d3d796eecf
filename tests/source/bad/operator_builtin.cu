/*---
kernel: operator_builtin
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
static __device__ float4 operator*(float4 a, float b) { a.x *= b; return a; }

__global__ void
operator_builtin(const float *X, float *Y)
{
	Y[threadIdx.x] = X[threadIdx.x];
}
