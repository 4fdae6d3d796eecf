/*---
kernel: scatter_nd
form: ScatterND
types: {X: T, J: any, U: T, Y: T}
attrs: {op: "none | add | mul | max | min"}
shapes: {X: "[D, I]", J: "[K, L]", U: "[K, I]", Y: "[D, I]"}
grid: [1]
---*/
/* Y = X with rows of I elements changed in the order of J: a single rTask.  A
 * row is gathered with all updates that fall on it, so that Y is stored once;
 * an index outside is held at the edge. */
void
scatter_nd(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t dims[] = dims_list;
	int64_t row[K + 1], next[K + 1], head[D + 1];

	/* head[d]: the first update of row d, or K; next: the one after. */
	for (int64_t d = 0; d < D; d++)
		head[d] = K;
	for (int64_t k = K - 1; k >= 0; k--) {
		row[k] = 0;
		for (int l = 0; l < L; l++) {
			int64_t j = (int64_t)LOAD(J, k * L + l);

			j = j < 0 ? j + dims[l] : j;
			j = j < 0 ? 0 : j < dims[l] ? j : dims[l] - 1;
			row[k] = row[k] * dims[l] + j;
		}
		next[k] = head[row[k]];
		head[row[k]] = k;
	}
	for (int64_t d = 0; d < D; d++)
		for (int64_t i = 0; i < I; i++) {
			num v = LOAD(X, d * I + i);

			for (int64_t k = head[d]; k < K; k = next[k]) {
				num u = LOAD(U, k * I + i);

				v = op_add ? v + u : op_mul ? v * u :
				    op_max ? MAX(v, u) : op_min ? MIN(v, u) : u;
			}
			STORE(Y, d * I + i, v);
		}
}
