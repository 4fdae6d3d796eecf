/*---
kernel: lambda_barrier
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* The lambda meets others after the return, though it stands before it. */
__global__ void
lambda_barrier(const float *X, float *Y)
{
	auto meet = [&]() { __syncthreads(); };

	if (threadIdx.x > 100)
		return;
	meet();
	Y[threadIdx.x] = X[threadIdx.x];
}
