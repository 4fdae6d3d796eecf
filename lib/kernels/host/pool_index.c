/*---
kernel: pool_index
form: PoolIndex
types: {X: T, J: i64}
shapes: {X: "[N, C, *I]", J: "[N, C, *O]"}
tune: {TILE: [64, 256, 1024]}
when: "TILE == 64 || TILE * N * C < 2 * J_elems"
grid: ["cdiv(J_elems / (N * C), TILE)", C, N]
reads: {X: "[(z*C + y) * (X_elems / (N*C))..(z*C + y + 1) * (X_elems / (N*C))]"}
writes:
  J: "[(z*C + y) * (J_elems / (N*C)) + TILE*x..(z*C + y) * (J_elems / (N*C)) + min(TILE*(x+1), J_elems / (N*C))]"
---*/
/* Where in X each maximum of a window lies: its flat index, the first of equal
 * ones; order 1 counts the spatial part column-major. */
void
pool_index(const X_t *X, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t in[] = I_list, out[] = O_list, taps[] = kernel_list;
	const int64_t stride[] = strides_list, pad[] = pads_list;
	const int64_t dilation[] = dilations_list;
	const int64_t plane = X_elems / ((int64_t)N * C);
	const int64_t size = J_elems / ((int64_t)N * C);
	const int64_t image = (int64_t)blockIdx.z * C + blockIdx.y;
	const int64_t first = (int64_t)blockIdx.x * TILE;
	const int n = size - first < TILE ? (int)(size - first) : TILE;
	int64_t window = 1;

	for (int d = 0; d < I_rank; d++)
		window *= taps[d];
	for (int t = 0; t < n; t++) {
		int64_t start[I_rank], rest = first + t, best = -1;
		num most = 0;

		for (int d = I_rank - 1; d >= 0; d--) {
			start[d] = rest % out[d] * stride[d] - pad[d];
			rest /= out[d];
		}
		for (int64_t k = 0; k < window; k++) {
			int64_t i[I_rank], at = 0, mark = 0;
			int inside = 1;

			rest = k;
			for (int d = I_rank - 1; d >= 0; d--) {
				i[d] = start[d] + rest % taps[d] * dilation[d];
				inside &= i[d] >= 0 && i[d] < in[d];
				rest /= taps[d];
			}
			for (int d = 0; d < I_rank; d++) {
				int e = I_rank - 1 - d;

				at = at * in[d] + i[d];
				mark = order ? mark * in[e] + i[e]
				             : mark * in[d] + i[d];
			}
			if (inside) {
				num v = LOAD(X, image * plane + at);

				if (best < 0 || v > most || (ISNAN(v) && !ISNAN(most))) {
					most = v;
					best = mark;
				}
			}
		}
		STORE(J, image * size + first + t,
		      image * plane + (best < 0 ? 0 : best));
	}
}
