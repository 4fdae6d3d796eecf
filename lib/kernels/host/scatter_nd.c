/*---
kernel: scatter_nd
form: ScatterND
types: {X: T, J: any, U: T, Y: T}
attrs: {op: "none | add | mul | max | min"}
shapes: {X: "[D, I]", J: "[K, L]", U: "[K, I]", Y: "[D, I]"}
tune: {TILE: [4096]}
grid: ["cdiv(Y_elems, TILE)"]
flops: "8 * K + TILE"
reads: {X: "[TILE*x..TILE*(x+1)]"}
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* Y = X with rows of I elements changed in the order of J: TILE elements of Y
 * are gathered in a buffer, changed by what falls on them of all updates, and
 * stored.  An index outside is held at the edge. */
void
scatter_nd(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t dims[] = dims_list;
	const int64_t lo = (int64_t)blockIdx.x * TILE;
	const int64_t hi = Y_elems - lo < TILE ? Y_elems : lo + TILE;
	num v[TILE];

	for (int64_t e = lo; e < hi; e++)
		v[e - lo] = LOAD(X, e);
	for (int64_t k = 0; k < K; k++) {
		int64_t row = 0, from, to;

		for (int l = 0; l < L; l++) {
			int64_t j = (int64_t)LOAD(J, k * L + l);

			j = j < 0 ? j + dims[l] : j;
			j = j < 0 ? 0 : j < dims[l] ? j : dims[l] - 1;
			row = row * dims[l] + j;
		}
		from = row * I < lo ? lo : row * I;
		to = (row + 1) * I < hi ? (row + 1) * I : hi;
		for (int64_t e = from; e < to; e++) {
			num *w = &v[e - lo];
			num u = LOAD(U, k * I + e - row * I);

			*w = op_add ? *w + u : op_mul ? *w * u :
			     op_max ? MAX(*w, u) : op_min ? MIN(*w, u) : u;
		}
	}
	for (int64_t e = lo; e < hi; e++)
		STORE(Y, e, v[e - lo]);
}
