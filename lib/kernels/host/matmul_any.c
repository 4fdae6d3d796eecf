/*---
kernel: matmul_any
form: MatMul
types: {A: T, B: T, Y: T}
attrs: {trans_a: "0 | 1", trans_b: "0 | 1"}
shapes: {A: "[AB, A1, A2]", B: "[BB, B1, B2]", Y: "[YB, M, N]"}
tune: {TM: [8], TN: [64]}
grid: ["cdiv(N, TN)", "cdiv(M, TM)", YB]
flops: "16 * (trans_a ? A1 : A2) * min(TM, M) * min(TN, N)"
reads:
  A: "[min(z, AB - 1), (trans_a ? 0 : TM*y)..(trans_a ? A1 : TM*(y+1)), (trans_a ? TM*y : 0)..(trans_a ? TM*(y+1) : A2)]"
  B: "[min(z, BB - 1), (trans_b ? TN*x : 0)..(trans_b ? TN*(x+1) : B1), (trans_b ? 0 : TN*x)..(trans_b ? B2 : TN*(x+1))]"
writes: {Y: "[z, TM*y..TM*(y+1), TN*x..TN*(x+1)]"}
---*/
/* Any type, any transposition, maps on every argument: a row of TN sums at a
 * time, k in order.  "flops" counts what the transposed reads cost too. */
void
matmul_any(const A_t *A, const B_t *B, Y_t *Y)
{
	enum { K = trans_a ? A1 : A2 };
	const int64_t a0 = AB == 1 ? 0 : (int64_t)blockIdx.z * M * K;
	const int64_t b0 = BB == 1 ? 0 : (int64_t)blockIdx.z * K * N;
	const int64_t y0 = (int64_t)blockIdx.z * M * N;
	const int m0 = blockIdx.y * TM, m1 = M - m0 < TM ? M : m0 + TM;
	const int n0 = blockIdx.x * TN, nn = N - n0 < TN ? N - n0 : TN;

	for (int64_t m = m0; m < m1; m++) {
		__typeof__(LOAD(A, 0) * LOAD(B, 0)) acc[TN];

		for (int n = 0; n < nn; n++)
			acc[n] = 0;
		for (int64_t k = 0; k < K; k++) {
			__typeof__(LOAD(A, 0) + 0) a =
				LOAD(A, a0 + (trans_a ? k * M + m : m * K + k));

			for (int n = 0; n < nn; n++)
				acc[n] += a * LOAD(B, b0 + (trans_b
					? (n0 + n) * (int64_t)K + k
					: k * N + n0 + n));
		}
		for (int n = 0; n < nn; n++)
			STORE(Y, y0 + m * N + n0 + n, acc[n]);
	}
}
