/*---
kernel: gemv_cols
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: "[AB, 1, K]", B: "[BB, K, N]", Y: "[YB, 1, N]"}
tune: {TN: [64, 128, 256, 512]}
when: "TN == 64 || TN < 2 * N"
grid: ["cdiv(N, TN)", YB]
flops: "2 * K * min(TN, N)"
reads: {A: "[min(y, AB - 1), 0, 0..K]", B: "[min(y, BB - 1), 0..K, TN*x..TN*(x+1)]"}
writes: {Y: "[y, 0, TN*x..TN*(x+1)]"}
---*/
/* A row vector times a matrix: TN columns, as many at a time as registers hold,
 * so that of each row of B as much as can be is read in one go: what comes from
 * the outer caches comes in twice the time where it is read 64 columns at a time.
 * Few columns take two rows at a time.  A matrix that comes from memory is read KC
 * rows at a time over the whole tile, so that a row's page is met once. */
void
gemv_cols(const A_t *A, const B_t *B, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum {
		ROOM = VLEN < 16 ? 8 : 16,		/* vectors in registers */
		NV = TN < ROOM * VLEN ? TN / VLEN : ROOM,
		ROWS = 2 * NV > ROOM ? 1 : 2,
		KC = (int64_t)K * N * 4 <= 1 << 21 ? K : 8,
		PN = NV * VLEN,
		REST = N % PN,				/* columns of the last panel */
		RV = REST > VLEN ? (REST + VLEN - 1) / VLEN : 1,
		LAST = REST - (RV - 1) * VLEN		/* lanes of its last vector */
	};
	const float *a = A + (AB == 1 ? 0 : (int64_t)blockIdx.y * K);
	const float *b = B + (BB == 1 ? 0 : (int64_t)blockIdx.y * K * N);
	const int64_t y0 = (int64_t)blockIdx.y * N;
	const int n0 = blockIdx.x * TN, n1 = N - n0 < TN ? N : n0 + TN;
	vec sum[TN / PN][ROWS][NV] = {0};
	float out[PN];
	int n = n0;

	for (int k0 = 0; k0 < K; k0 += KC) {
		const int k1 = K - k0 < KC ? K : k0 + KC;

		for (n = n0; n + PN <= n1; n += PN) {
			vec acc[ROWS][NV];
			int k = k0;

			__builtin_memcpy(acc, sum[(n - n0) / PN], sizeof acc);
			for (; k + ROWS <= k1; k += ROWS)
				for (int u = 0; u < ROWS; u++)
					for (int v = 0; v < NV; v++)
						acc[u][v] += a[k + u] *
							*(const vec *)(b + (int64_t)(k + u) * N +
							               n + v * VLEN);
			if (k < k1)
				for (int v = 0; v < NV; v++)
					acc[0][v] += a[k] * *(const vec *)(b +
						(int64_t)k * N + n + v * VLEN);
			__builtin_memcpy(sum[(n - n0) / PN], acc, sizeof acc);
		}
	}
	for (n = n0; n + PN <= n1; n += PN) {
		const vec (*s)[NV] = sum[(n - n0) / PN];

		for (int v = 0; v < NV; v++)
			*(vec *)(out + v * VLEN) = s[0][v] + (ROWS > 1 ? s[ROWS - 1][v]
			                                               : (vec){0});
		for (int j = 0; j < PN; j++)
			STORE(Y, y0 + n + j, out[j]);
	}
	if (REST > 0 && n < n1) {
		vec acc[RV];

		for (int v = 0; v < RV; v++)
			acc[v] = (vec){0};
		for (int k = 0; k < K; k++) {
			const float *from = b + (int64_t)k * N + n;
			vec w = {0};

			for (int v = 0; v < RV - 1; v++)
				acc[v] += a[k] * *(const vec *)(from + v * VLEN);
			__builtin_memcpy(&w, from + (RV - 1) * VLEN, 4 * LAST);
			acc[RV - 1] += a[k] * w;
		}
		for (int v = 0; v < RV; v++)
			*(vec *)(out + v * VLEN) = acc[v];
		for (int j = 0; j < REST; j++)
			STORE(Y, y0 + n + j, out[j]);
	}
}
