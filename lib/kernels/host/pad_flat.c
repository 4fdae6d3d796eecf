/*---
kernel: pad_flat
form: Pad
types: {X: T, Y: T}
attrs: {mode: "constant | edge | reflect | wrap"}
shapes: {X: "[*S]", Y: "[*D]"}
tune: {TILE: [1024, 16384]}
when: "TILE == 1024 || TILE < 2 * Y_elems"
grid: ["cdiv(Y_elems, TILE)"]
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* TILE elements of Y in a row, each from its place in X or, outside X, by the
 * mode: a constant, the nearest, mirrored at the edge element, or around. */
void
pad_flat(const X_t *X, Y_t *Y)
{
	const int64_t dims[] = D_list, size[] = S_list, first[] = begin_list;
	const int64_t i0 = (int64_t)blockIdx.x * TILE;
	const int64_t i1 = Y_elems - i0 < TILE ? Y_elems : i0 + TILE;

	for (int64_t i = i0; i < i1; i++) {
		int64_t rest = i, from = 0, step = 1;
		int inside = 1;

		for (int d = D_rank - 1; d >= 0; d--) {
			int64_t n = size[d], s = rest % dims[d] - first[d];

			inside &= s >= 0 && s < n;
			if (mode_edge)
				s = s < 0 ? 0 : s < n ? s : n - 1;
			if (mode_wrap)
				s = IMOD(s, n);
			if (mode_reflect && n > 1) {
				s = IMOD(s, 2 * n - 2);
				s = s < n ? s : 2 * n - 2 - s;
			} else if (mode_reflect) {
				s = 0;
			}
			from += s * step;
			step *= n;
			rest /= dims[d];
		}
		if (mode_constant && !inside)
			STORE(Y, i, (X_t)value);
		else
			STORE(Y, i, LOAD(X, from));
	}
}
