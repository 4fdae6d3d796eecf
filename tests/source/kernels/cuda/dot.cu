/*---
kernel: dot
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: "[1, 1, K]", B: "[1, K, N]", Y: "[1, 1, N]"}
tune: {TN: [4, 8]}
when: "N % TN == 0"
grid: ["N / TN"]
threads: "TN + 1, 8"
shared: "4 * TN"
reads: {B: "[0, 0..K, TN*x..TN*(x+1)]"}
writes: {Y: "[0, 0, TN*x..TN*(x+1)]"}
---*/
/* Everything that makes a kernel hard to turn: a block of two dimensions whose
 * last column has nothing to do and returns before the barriers, static and
 * extern shared arrays, a helper, a constant and a macro. */
#define ROW threadIdx.y

__device__ const float one[] = { 1.0f };

__device__ float
times(const float *__restrict__ b, float a)
{
	return __ldg(b) * a * one[0];
}

extern "C" __global__ void __launch_bounds__(256)
dot(const A_t *__restrict__ A, const B_t *__restrict__ B, Y_t *Y)
{
	__shared__ float part[8][TN];
	__shared__ float scale[1];
	extern __shared__ float sums[];
	const int n = blockIdx.x * blockDim.x - blockIdx.x + threadIdx.x;
	float acc = 0.0f;

	if (threadIdx.x == 0 && ROW == 0)
		scale[0] = 1.0f;
	if (threadIdx.x >= TN)
		return;
	for (int k = ROW; k < K; k += 8)
		acc += times(B + k * N + n, LOAD(A, k));
	part[ROW][threadIdx.x] = acc;
	__syncthreads();
	if (ROW == 0) {
		acc = 0.0f;
		for (int r = 0; r < 8; r++)
			acc += part[r][threadIdx.x];
		sums[threadIdx.x] = acc * scale[0];
	}
	__syncthreads();
	if (ROW == 1)
		STORE(Y, n, sums[threadIdx.x]);
}
