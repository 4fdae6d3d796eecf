/*---
kernel: pad_flat
form: Pad
types: {X: T, Y: T}
attrs: {mode: "constant | edge | reflect | wrap"}
shapes: {X: "[*S]", Y: "[*D]"}
tune: {TILE: [256, 2048]}
when: "X_elems + Y_elems <= 1073741824 && (TILE == 256 || TILE < 2 * Y_elems)"
grid: ["cdiv(Y_elems, TILE)"]
threads: "256"
registers: 40
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* TILE elements of Y in a row, each from its place in X or, outside X, by the
 * mode: a constant, the nearest, mirrored at the edge element, or around. */
extern "C" __global__ void
pad_flat(const X_t *X, Y_t *Y)
{
	const int dims[] = D_list, size[] = S_list, first[] = begin_list;

	for (int j = threadIdx.x; j < TILE; j += 256) {
		const int i = blockIdx.x * TILE + j;
		int rest = i, from = 0, step = 1;
		bool inside = true;

#pragma unroll
		for (int d = D_rank - 1; d >= 0; d--) {
			int n = size[d], s = rest % dims[d] - first[d];

			inside = inside && s >= 0 && s < n;
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
		if (i < Y_elems) {
			if (mode_constant && !inside)
				STORE(Y, i, (X_t)value);
			else
				STORE(Y, i, LOAD(X, from));
		}
	}
}
