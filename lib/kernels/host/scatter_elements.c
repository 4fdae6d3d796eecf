/*---
kernel: scatter_elements
form: ScatterElements
types: {X: T, J: any, U: T, Y: T}
attrs: {op: "none | add | mul | max | min"}
shapes: {X: "[*S]", J: "[*D]", U: "[*D]", Y: "[*S]"}
tune: {TILE: [4096]}
grid: [1]
flops: "12 * cdiv(S_0, TILE) * J_elems + Y_elems"
---*/
/* Y = X with updates along the axis, one after the other in the order of J: a
 * single rTask.  The lines along the axis are independent; TILE elements of
 * one are gathered in a buffer, changed by what falls on them and stored.  An
 * index outside is held at the edge. */
void
scatter_elements(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t size[] = S_list, dims[] = D_list;
	const int64_t length = size[axis];
	const int64_t tiles = (length + TILE - 1) / TILE;
	int64_t inner = 1;

	for (int d = axis + 1; d < S_rank; d++)
		inner *= size[d];
	for (int64_t t = 0; t < X_elems / length * tiles; t++) {
		const int64_t line = t / tiles, lo = t % tiles * TILE;
		const int64_t hi = length - lo < TILE ? length : lo + TILE;
		const int64_t at = line / inner * length * inner + line % inner;
		int64_t rest = line, from = 0, step = 1, along = 1;
		int inside = 1;
		num v[TILE];

		for (int64_t a = lo; a < hi; a++)
			v[a - lo] = LOAD(X, at + a * inner);
		for (int d = S_rank - 1; d >= 0; d--) {
			if (d == axis) {
				along = step;
			} else {
				inside &= rest % size[d] < dims[d];
				from += rest % size[d] * step;
				rest /= size[d];
			}
			step *= dims[d];
		}
		for (int64_t k = 0; inside && k < dims[axis]; k++) {
			int64_t j = (int64_t)LOAD(J, from + k * along);
			num u, *w;

			j = j < 0 ? j + length : j;
			j = j < 0 ? 0 : j < length ? j : length - 1;
			if (j < lo || j >= hi)
				continue;
			u = LOAD(U, from + k * along);
			w = &v[j - lo];
			*w = op_add ? *w + u : op_mul ? *w * u :
			     op_max ? MAX(*w, u) : op_min ? MIN(*w, u) : u;
		}
		for (int64_t a = lo; a < hi; a++)
			STORE(Y, at + a * inner, v[a - lo]);
	}
}
