/*---
kernel: gemv_rows
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 1}
shapes: {A: "[AB, 1, K]", B: "[BB, N, K]", Y: "[YB, 1, N]"}
tune: {TN: [8, 32, 128, 512]}
when: "TN == 8 || TN < 2 * N"
grid: ["cdiv(N, TN)", YB]
flops: "2 * K * min(TN, N)"
reads: {A: "[min(y, AB - 1), 0, 0..K]", B: "[min(y, BB - 1), TN*x..TN*(x+1), 0..K]"}
writes: {Y: "[y, 0, TN*x..TN*(x+1)]"}
---*/
/* Dot products of A with TN rows of B, four rows at a time, two vectors of
 * partial sums each. */
void
gemv_rows(const A_t *A, const B_t *B, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum { R = 4, U = 2, FULL = K / (U * VLEN) * (U * VLEN) };
	const float *a = A + (AB == 1 ? 0 : (int64_t)blockIdx.y * K);
	const float *b = B + (BB == 1 ? 0 : (int64_t)blockIdx.y * K * N);
	const int n0 = blockIdx.x * TN, n1 = N - n0 < TN ? N : n0 + TN;

	for (int n = n0; n < n1; n += R) {
		const float *row[R];
		vec acc[R][U];

		for (int r = 0; r < R; r++) {
			row[r] = b + (int64_t)(n + r < n1 ? n + r : n1 - 1) * K;
			for (int u = 0; u < U; u++)
				acc[r][u] = (vec){0};
		}
		for (int k = 0; k < FULL; k += U * VLEN)
			for (int u = 0; u < U; u++) {
				vec x = *(const vec *)(a + k + u * VLEN);

				for (int r = 0; r < R; r++)
					acc[r][u] += x *
						*(const vec *)(row[r] + k + u * VLEN);
			}
		for (int r = 0; r < R && n + r < n1; r++) {
			float lane[VLEN], sum = 0;

			*(vec *)lane = acc[r][0] + acc[r][1];
			for (int w = VLEN / 2; w; w /= 2)
				for (int l = 0; l < w; l++)
					lane[l] += lane[l + w];
			for (int k = FULL; k < K; k++)
				sum += a[k] * row[r][k];
			STORE(Y, (int64_t)blockIdx.y * N + n + r, lane[0] + sum);
		}
	}
}
