/*---
kernel: copy_flat
form: Copy
types: {X: T, Y: T}
shapes: {X: "[E]", Y: "[*D]"}
tune: {TILE: [1024, 4096, 16384, 65536]}
when: "TILE == 1024 || TILE < 2 * Y_elems"
grid: ["cdiv(Y_elems, TILE)"]
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* A strided copy, TILE elements of Y in a row: the place in X moves along the
 * last dimension, and is carried over to the others at its end. */
void
copy_flat(const X_t *X, Y_t *Y)
{
	const int64_t dims[D_rank] = D_list, step[D_rank] = src_list;
	const int64_t last = dims[D_rank - 1], across = step[D_rank - 1];
	const int64_t end = Y_elems - (int64_t)blockIdx.x * TILE < TILE
		? Y_elems : ((int64_t)blockIdx.x + 1) * TILE;
	int64_t i = (int64_t)blockIdx.x * TILE, rest = i, from = offset;
	int64_t at[D_rank];

	for (int d = D_rank - 1; d >= 0; d--) {
		at[d] = rest % dims[d];
		rest /= dims[d];
		from += at[d] * step[d];
	}
	while (i < end) {
		const int64_t left = last - at[D_rank - 1];
		const int64_t n = end - i < left ? end - i : left;

		for (int64_t j = 0; j < n; j++)
			STORE(Y, i + j, LOAD(X, from + j * across));
		i += n;
		from += n * across;
		at[D_rank - 1] += n;
		for (int d = D_rank - 1; d > 0 && at[d] == dims[d]; d--) {
			at[d] = 0;
			at[d - 1]++;
			from += step[d - 1] - dims[d] * step[d];
		}
	}
}
