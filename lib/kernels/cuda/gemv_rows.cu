/*---
kernel: gemv_rows
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 1}
shapes: {A: "[AB, 1, K]", B: "[BB, N, K]", Y: "[YB, 1, N]"}
tune: {TN: [8, 16, 64]}
when: "A_elems + B_elems + Y_elems <= 1073741824 && (TN == 8 || TN < 2 * N)"
grid: ["cdiv(N, TN)", YB]
threads: "256"
registers: 40
flops: "2 * K * TN"
reads: {A: "[min(y, AB - 1), 0, 0..K]", B: "[min(y, BB - 1), TN*x..TN*(x+1), 0..K]"}
writes: {Y: "[y, 0, TN*x..TN*(x+1)]"}
---*/
/* Dot products of A with TN rows of B: a warp a row, lanes along k with eight
 * loads in flight, then a butterfly over the lanes. */
extern "C" __global__ void
gemv_rows(const A_t *A, const B_t *B, Y_t *Y)
{
	enum { U = 8 };
	const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const int a0 = AB == 1 ? 0 : blockIdx.y * K;
	const int b0 = BB == 1 ? 0 : blockIdx.y * (K * N);

	for (int i = warp; i < TN; i += 8) {
		const int n = blockIdx.x * TN + i;
		float sum = 0.0f;

		for (int k0 = lane; k0 < K; k0 += 32 * U) {
			float a[U], b[U];

#pragma unroll
			for (int u = 0; u < U; u++) {
				int k = k0 + 32 * u;

				a[u] = b[u] = 0.0f;
				if (k < K && n < N) {
					a[u] = LOAD(A, a0 + k);
					b[u] = LOAD(B, b0 + n * K + k);
				}
			}
#pragma unroll
			for (int u = 0; u < U; u++)
				sum += a[u] * b[u];
		}
#pragma unroll
		for (int d = 16; d > 0; d /= 2)
			sum += __shfl_xor_sync(0xffffffffu, sum, d);
		if (lane == 0 && n < N)
			STORE(Y, (int)blockIdx.y * N + n, sum);
	}
}
