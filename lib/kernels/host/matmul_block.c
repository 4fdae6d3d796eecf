/*---
kernel: matmul_block
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: "0 | 1", trans_b: "0 | 1"}
shapes: {A: "[AB, A1, A2]", B: "[BB, B1, B2]", Y: "[YB, M, N]"}
tune: {TM: [12, 48, 144], TN: [64, 128, 256]}
when: "(M > 1 || trans_a) && (TM == 12 || TM < 2 * M) && (TN == 64 || TN < 2 * N)"
grid: ["cdiv(N, TN)", "cdiv(M, TM)", YB]
flops: "2 * (trans_a ? A1 : A2) * min(TM, M) * min(TN, N)"
reads:
  A: "[min(z, AB - 1), (trans_a ? 0 : TM*y)..(trans_a ? A1 : TM*(y+1)), (trans_a ? TM*y : 0)..(trans_a ? TM*(y+1) : A2)]"
  B: "[min(z, BB - 1), (trans_b ? TN*x : 0)..(trans_b ? TN*(x+1) : B1), (trans_b ? 0 : TN*x)..(trans_b ? B2 : TN*(x+1))]"
writes: {Y: "[z, TM*y..TM*(y+1), TN*x..TN*(x+1)]"}
---*/
/* A tile of TM rows and TN columns.  Blocks of MR rows by NV vectors stay in
 * registers over KC steps of k.  The panel of B is packed once for all rows of
 * the tile (zero-filled at the right edge), unless it is read only once as it
 * lies.  Sums run over k in order, in one accumulator per element and chunk of
 * KC. */
void
matmul_block(const A_t *A, const B_t *B, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum {
		K = trans_a ? A1 : A2,
		ROWS = TM < M ? TM : M,
		MAXR = VLEN >= 16 ? 12 : 6,
		BLOCKS = (ROWS + MAXR - 1) / MAXR,
		MR = (ROWS + BLOCKS - 1) / BLOCKS,
		NV = MR <= MAXR / 4 ? 4 : 2,
		PN = NV * VLEN,
		KC = K < 256 ? K : 256
	};
	const float *a = A + (AB == 1 ? 0 : (int64_t)blockIdx.z * M * K);
	const float *b = B + (BB == 1 ? 0 : (int64_t)blockIdx.z * K * N);
	const int64_t y0 = (int64_t)blockIdx.z * M * N;
	const int m0 = blockIdx.y * TM, m1 = M - m0 < TM ? M : m0 + TM;
	const int n0 = blockIdx.x * TN, n1 = N - n0 < TN ? N : n0 + TN;
	float panel[KC * PN + 1] __attribute__((aligned(64)));
	float c[BLOCKS * MR * PN] __attribute__((aligned(64)));

	for (int n = n0; n < n1; n += PN) {
		const int cols = n1 - n < PN ? n1 - n : PN;
		const int pack = trans_b || BLOCKS > 1 || cols < PN;

		for (int j = 0; j < BLOCKS * MR * PN; j++)
			c[j] = 0;
		for (int k0 = 0; k0 < K; k0 += KC) {
			const int kn = K - k0 < KC ? K - k0 : KC;
			const float *bk = b + (int64_t)k0 * N + n;
			int64_t step = N;

			if (trans_b) {
				for (int j = 0; j < cols; j++)
					for (int k = 0; k < kn; k++)
						panel[k * PN + j] =
							b[(int64_t)(n + j) * K + k0 + k];
				for (int k = 0; k < kn; k++)
					for (int j = cols; j < PN; j++)
						panel[k * PN + j] = 0;
			} else if (pack) {
				for (int k = 0; k < kn; k++) {
					const float *from = bk + (int64_t)k * N;

					for (int j = 0; j < cols; j++)
						panel[k * PN + j] = from[j];
					for (int j = cols; j < PN; j++)
						panel[k * PN + j] = 0;
				}
			}
			if (pack) {
				bk = panel;
				step = PN;
			}
			for (int m = m0; m < m1; m += MR) {
				float *out = c + (m - m0) * PN;
				int64_t row[MR];
				vec acc[MR][NV];

				for (int r = 0; r < MR; r++) {
					int at = m + r < m1 ? m + r : m1 - 1;

					row[r] = trans_a ? at : (int64_t)at * K;
					for (int v = 0; v < NV; v++)
						acc[r][v] = *(vec *)(out + r * PN +
						                     v * VLEN);
				}
				for (int k = 0; k < kn; k++) {
					const float *ak = a + (int64_t)(k0 + k) *
					                  (trans_a ? M : 1);
					vec w[NV];

					for (int v = 0; v < NV; v++)
						w[v] = *(const vec *)(bk + k * step +
						                      v * VLEN);
					for (int r = 0; r < MR; r++)
						for (int v = 0; v < NV; v++)
							acc[r][v] += ak[row[r]] * w[v];
				}
				for (int r = 0; r < MR; r++)
					for (int v = 0; v < NV; v++)
						*(vec *)(out + r * PN + v * VLEN) =
							acc[r][v];
			}
		}
		for (int m = m0; m < m1; m++)
			for (int j = 0; j < cols; j++)
				STORE(Y, y0 + (int64_t)m * N + n + j,
				      c[(m - m0) * PN + j]);
	}
}
