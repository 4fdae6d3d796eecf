/*---
kernel: scatter_nd_set
form: ScatterND
types: {X: T, J: any, U: T, Y: T}
attrs: {op: none}
shapes: {X: "[D, I]", J: "[K, L]", U: "[K, I]", Y: "[D, I]"}
grid: [1]
flops: "8 * K + Y_elems + U_elems"
---*/
/* Y = X, then rows of I elements replaced in the order of J: a single rTask,
 * linear in all it touches.  An index outside is held at the edge.  Elements are
 * stored more than once, so that Y can carry no map. */
void
scatter_nd_set(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	const int64_t dims[] = dims_list;

	for (int64_t e = 0; e < Y_elems; e++)
		Y[e] = LOAD(X, e);
	for (int64_t k = 0; k < K; k++) {
		int64_t row = 0;

		for (int l = 0; l < L; l++) {
			int64_t j = (int64_t)LOAD(J, k * L + l);

			j = j < 0 ? j + dims[l] : j;
			j = j < 0 ? 0 : j < dims[l] ? j : dims[l] - 1;
			row = row * dims[l] + j;
		}
		for (int64_t i = 0; i < I; i++)
			Y[row * I + i] = LOAD(U, k * I + i);
	}
}
