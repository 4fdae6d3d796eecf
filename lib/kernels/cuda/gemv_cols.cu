/*---
kernel: gemv_cols
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: "[AB, 1, K]", B: "[BB, K, N]", Y: "[YB, 1, N]"}
tune: {TN: [32, 64, 128]}
when: "A_elems + B_elems + Y_elems <= 1073741824 && (TN == 32 || TN < 2 * N)"
grid: ["cdiv(N, TN)", YB]
threads: "256"
registers: 40
flops: "2 * K * TN"
reads: {A: "[min(y, AB - 1), 0, 0..K]", B: "[min(y, BB - 1), 0..K, TN*x..TN*(x+1)]"}
writes: {Y: "[y, 0, TN*x..TN*(x+1)]"}
---*/
/* A row vector times a matrix, TN columns.  Warp w takes rows w, w + 8, ...
 * of B, four of them in flight at a time, 32 neighbouring columns a load; the
 * eight partial sums are added in the order of the warps. */
extern "C" __global__ void
gemv_cols(const A_t *A, const B_t *B, Y_t *Y)
{
	enum { C = TN / 32, U = 8 / C > 2 ? 8 / C : 2 };
	__shared__ float part[8][TN];
	const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const int n0 = blockIdx.x * TN + lane;
	const int a0 = AB == 1 ? 0 : blockIdx.y * K;
	const int b0 = BB == 1 ? 0 : blockIdx.y * (K * N);
	float acc[C];

#pragma unroll
	for (int c = 0; c < C; c++)
		acc[c] = 0.0f;
	for (int k0 = warp; k0 < K; k0 += 8 * U) {
		float a[U], b[U][C];

#pragma unroll
		for (int u = 0; u < U; u++) {
			int k = k0 + 8 * u;

			a[u] = 0.0f;
			if (k < K)
				a[u] = LOAD(A, a0 + k);
#pragma unroll
			for (int c = 0; c < C; c++) {
				b[u][c] = 0.0f;
				if (k < K && n0 + 32 * c < N)
					b[u][c] = LOAD(B, b0 + k * N + n0 + 32 * c);
			}
		}
#pragma unroll
		for (int u = 0; u < U; u++)
#pragma unroll
			for (int c = 0; c < C; c++)
				acc[c] += a[u] * b[u][c];
	}
#pragma unroll
	for (int c = 0; c < C; c++)
		part[warp][lane + 32 * c] = acc[c];
	__syncthreads();
	if (threadIdx.x < TN) {
		const int n = blockIdx.x * TN + threadIdx.x;
		float sum = part[0][threadIdx.x];

#pragma unroll
		for (int w = 1; w < 8; w++)
			sum += part[w][threadIdx.x];
		if (n < N)
			STORE(Y, (int)blockIdx.y * N + n, sum);
	}
}
