/*---
kernel: gather_elements
form: GatherElements
types: {X: T, J: any, Y: T}
shapes: {X: "[*S]", J: "[*D]", Y: "[*D]"}
tune: {TILE: [256, 4096]}
when: "TILE == 256 || TILE < 2 * Y_elems"
grid: ["cdiv(Y_elems, TILE)"]
reads: {J: "[TILE*x..TILE*(x+1)]"}
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* Y[i] = X[i with J[i] along the axis]; an index outside is held at the edge. */
void
gather_elements(const X_t *X, const J_t *J, Y_t *Y)
{
	const int64_t dims[] = D_list, size[] = S_list;
	const int64_t i0 = (int64_t)blockIdx.x * TILE;
	const int64_t i1 = Y_elems - i0 < TILE ? Y_elems : i0 + TILE;

	for (int64_t i = i0; i < i1; i++) {
		int64_t rest = i, from = 0, step = 1;

		for (int d = D_rank - 1; d >= 0; d--) {
			int64_t c = rest % dims[d];

			if (d == axis) {
				c = (int64_t)LOAD(J, i);
				c = c < 0 ? c + size[d] : c;
				c = c < 0 ? 0 : c < size[d] ? c : size[d] - 1;
			}
			from += c * step;
			step *= size[d];
			rest /= dims[d];
		}
		STORE(Y, i, LOAD(X, from));
	}
}
