/*---
kernel: gemv_panels
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: "[AB, 1, K]", B: "[BB, K, N]", Y: "[YB, 1, N]"}
layout: {B: BKNk32n}
tune: {TN: [32, 64, 128, 256, 512]}
when: "TN == 32 || TN < 2 * N"
grid: ["cdiv(N, TN)", YB]
flops: "2 * K * min(TN, N)"
reads: {A: "[min(y, AB - 1), 0, 0..K]", B: "[min(y, BB - 1), 0, TN/32*x..TN/32*(x+1), 0..K, 0..32]"}
writes: {Y: "[y, 0, TN*x..TN*(x+1)]"}
---*/
/* A row vector times a matrix that is stored in panels of 32 columns, each in one
 * piece: rows that lie a power of two apart would take each other's place in a
 * cache, and here they can stay for the next vector.  As many rows at a time as
 * there are registers for partial sums. */
void
gemv_panels(const A_t *A, const B_t *B, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum {
		NV = 32 / VLEN,
		ROWS = VLEN < 16 ? VLEN / 4 : 8,	/* 8 or 16 sums */
		FULL = K / ROWS * ROWS
	};
	const float *a = A + (AB == 1 ? 0 : (int64_t)blockIdx.y * K);
	const float *b = B + (BB == 1 ? 0 : (int64_t)blockIdx.y * K * N);
	const int64_t y0 = (int64_t)blockIdx.y * N;
	const int n0 = blockIdx.x * TN, n1 = N - n0 < TN ? N : n0 + TN;

	for (int n = n0; n < n1; n += 32) {
		const float *panel = b + (int64_t)n * K;
		vec acc[ROWS][NV] = {0};
		float out[32];

		for (int k = 0; k < FULL; k += ROWS)
			for (int u = 0; u < ROWS; u++)
				for (int v = 0; v < NV; v++)
					acc[u][v] += a[k + u] * *(const vec *)
						(panel + (int64_t)(k + u) * 32 + v * VLEN);
		for (int k = FULL; k < K; k++)
			for (int v = 0; v < NV; v++)
				acc[0][v] += a[k] * *(const vec *)
					(panel + (int64_t)k * 32 + v * VLEN);
		for (int v = 0; v < NV; v++) {
			vec sum = acc[0][v];

			for (int u = 1; u < ROWS; u++)
				sum += acc[u][v];
			*(vec *)(out + v * VLEN) = sum;
		}
		for (int j = 0; j < 32; j++)
			STORE(Y, y0 + n + j, out[j]);
	}
}
