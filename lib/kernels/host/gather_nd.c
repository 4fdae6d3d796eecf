/*---
kernel: gather_nd
form: GatherND
types: {X: T, J: any, Y: T}
shapes: {X: "[B, D, I]", J: "[B, K, L]", Y: "[B, K, I]"}
tune: {TK: [1, 16, 256]}
when: "TK == 1 || TK < 2 * K"
grid: ["cdiv(K, TK)", B]
reads: {X: "[y, 0..D, 0..I]", J: "[y, TK*x..TK*(x+1), 0..L]"}
writes: {Y: "[y, TK*x..TK*(x+1), 0..I]"}
---*/
/* Rows of I elements at L-fold indices; one outside is held at the edge. */
void
gather_nd(const X_t *X, const J_t *J, Y_t *Y)
{
	const int64_t dims[] = dims_list, b = blockIdx.y;
	const int64_t k0 = (int64_t)blockIdx.x * TK;
	const int64_t k1 = K - k0 < TK ? K : k0 + TK;

	for (int64_t k = k0; k < k1; k++) {
		int64_t row = 0;

		for (int l = 0; l < L; l++) {
			int64_t j = (int64_t)LOAD(J, (b * K + k) * L + l);

			j = j < 0 ? j + dims[l] : j;
			j = j < 0 ? 0 : j < dims[l] ? j : dims[l] - 1;
			row = row * dims[l] + j;
		}
		for (int64_t i = 0; i < I; i++)
			STORE(Y, (b * K + k) * I + i,
			      LOAD(X, (b * D + row) * I + i));
	}
}
