/*---
kernel: scatter_elements_set
form: ScatterElements
types: {X: T, J: any, U: T, Y: T}
attrs: {op: none}
shapes: {X: "[*S]", J: "[*D]", U: "[*D]", Y: "[*S]"}
grid: [1]
flops: "8 * J_elems + Y_elems"
---*/
/* Y = X, then elements replaced in the order of J: a single rTask, linear in
 * all it touches.  An index outside is held at the edge.  Elements are stored
 * more than once, so that Y can carry no map. */
void
scatter_elements_set(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	const int64_t size[] = S_list, dims[] = D_list;

	for (int64_t i = 0; i < Y_elems; i++)
		Y[i] = LOAD(X, i);
	for (int64_t k = 0; k < J_elems; k++) {
		int64_t rest = k, to = 0, step = 1;

		for (int d = S_rank - 1; d >= 0; d--) {
			int64_t j = rest % dims[d];

			if (d == axis) {
				j = (int64_t)LOAD(J, k);
				j = j < 0 ? j + size[d] : j;
				j = j < 0 ? 0 : j < size[d] ? j : size[d] - 1;
			}
			to += j * step;
			rest /= dims[d];
			step *= size[d];
		}
		Y[to] = LOAD(U, k);
	}
}
