/*---
kernel: reduce_sync
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
reduce_sync(const float *X, float *Y)
{
	if (threadIdx.x > 3)
		return;
	Y[threadIdx.x] = __reduce_or_sync(15u, X[threadIdx.x] > 0.0f);
}
