/*---
kernel: plain
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
/* A comment with __shared__, return and blockIdx in it. */
extern "C" __global__ void __launch_bounds__(64)
plain(const float *__restrict__ X, float *__restrict__ Y)
{
	const char text[] = "return; __syncthreads(); blockIdx";
	int i = blockIdx.x * blockDim.x + threadIdx.x;

	Y[i] = __ldg(X + i) + gridDim.x + sizeof(text);	// blockIdx stays here
}
