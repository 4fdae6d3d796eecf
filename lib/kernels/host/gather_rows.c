/*---
kernel: gather_rows
form: Gather
types: {X: T, J: any, Y: T}
shapes: {X: "[O, A, I]", J: "[K]", Y: "[O, K, I]"}
tune: {TK: [1, 16, 256]}
when: "TK == 1 || TK < 2 * K"
grid: ["cdiv(K, TK)", O]
reads: {X: "[y, 0..A, 0..I]", J: "[TK*x..TK*(x+1)]"}
writes: {Y: "[y, TK*x..TK*(x+1), 0..I]"}
---*/
/* TK rows of I elements.  A negative index counts from the end; one outside
 * is held at the edge. */
void
gather_rows(const X_t *X, const J_t *J, Y_t *Y)
{
	const int64_t k0 = (int64_t)blockIdx.x * TK, o = blockIdx.y;
	const int64_t k1 = K - k0 < TK ? K : k0 + TK;

	for (int64_t k = k0; k < k1; k++) {
		int64_t j = (int64_t)LOAD(J, k);

		j = j < 0 ? j + A : j;
		j = j < 0 ? 0 : j < A ? j : A - 1;
		for (int64_t i = 0; i < I; i++)
			STORE(Y, (o * K + k) * I + i, LOAD(X, (o * A + j) * I + i));
	}
}
