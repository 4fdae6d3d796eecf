/*---
kernel: scatter_elements
form: ScatterElements
types: {X: T, J: any, U: T, Y: T}
attrs: {op: "none | add | mul | max | min"}
shapes: {X: "[*S]", J: "[*D]", U: "[*D]", Y: "[*S]"}
grid: [1]
---*/
/* Y = X with updates along the axis, one after the other in the order of J: a
 * single rTask.  The lines along the axis are independent; each is gathered in
 * a buffer, changed there and stored.  An index outside is held at the edge. */
void
scatter_elements(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t size[] = S_list, dims[] = D_list;
	const int64_t length = size[axis];
	int64_t inner = 1;

	for (int d = axis + 1; d < S_rank; d++)
		inner *= size[d];
	for (int64_t line = 0; line < X_elems / length; line++) {
		const int64_t at = line / inner * length * inner + line % inner;
		int64_t rest = line, from = 0, step = 1, along = 1;
		int inside = 1;
		num v[length];

		for (int64_t a = 0; a < length; a++)
			v[a] = LOAD(X, at + a * inner);
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
			num u = LOAD(U, from + k * along);

			j = j < 0 ? j + length : j;
			j = j < 0 ? 0 : j < length ? j : length - 1;
			v[j] = op_add ? v[j] + u : op_mul ? v[j] * u :
			       op_max ? MAX(v[j], u) : op_min ? MIN(v[j], u) : u;
		}
		for (int64_t a = 0; a < length; a++)
			STORE(Y, at + a * inner, v[a]);
	}
}
