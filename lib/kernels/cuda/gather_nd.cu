/*---
kernel: gather_nd
form: GatherND
types: {X: T, J: any, Y: T}
shapes: {X: "[B, D, I]", J: "[B, K, L]", Y: "[B, K, I]"}
tune: {TK: [1, 16, 256]}
when: "X_elems + J_elems + Y_elems <= 1073741824 && (TK == 1 || (TK < 2 * K && TK * I <= 16384))"
grid: ["cdiv(K, TK)", B]
threads: "256"
registers: 40
reads: {X: "[y, 0..D, 0..I]", J: "[y, TK*x..TK*(x+1), 0..L]"}
writes: {Y: "[y, TK*x..TK*(x+1), 0..I]"}
---*/
/* Rows of I elements at L-fold indices; one outside is held at the edge. */
extern "C" __global__ void
gather_nd(const X_t *X, const J_t *J, Y_t *Y)
{
	const int dims[] = dims_list, b = blockIdx.y;

	for (int e = threadIdx.x; e < TK * I; e += 256) {
		const int k = blockIdx.x * TK + e / I, i = e % I;

		if (k < K) {
			int row = 0;

			for (int l = 0; l < L; l++) {
				int64_t j = (int64_t)LOAD(J, (b * K + k) * L + l);

				j = j < 0 ? j + dims[l] : j;
				j = j < 0 ? 0 : j < dims[l] ? j : dims[l] - 1;
				row = row * dims[l] + (int)j;
			}
			STORE(Y, (b * K + k) * I + i,
			      LOAD(X, (b * D + row) * I + i));
		}
	}
}
