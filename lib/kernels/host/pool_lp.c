/*---
kernel: pool_lp
form: Pool
types: {X: T, Y: T}
attrs: {mode: lp}
shapes: {X: "[N, C, *I]", Y: "[N, C, *O]"}
tune: {TILE: [64, 256, 1024]}
when: "TILE == 64 || TILE * N * C < 2 * Y_elems"
grid: ["cdiv(Y_elems / (N * C), TILE)", C, N]
reads: {X: "[(z*C + y) * (X_elems / (N*C))..(z*C + y + 1) * (X_elems / (N*C))]"}
writes:
  Y: "[(z*C + y) * (Y_elems / (N*C)) + TILE*x..(z*C + y) * (Y_elems / (N*C)) + min(TILE*(x+1), Y_elems / (N*C))]"
---*/
/* The p-norm of a window, any number of dimensions. */
void
pool_lp(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t in[] = I_list, out[] = O_list, taps[] = kernel_list;
	const int64_t stride[] = strides_list, pad[] = pads_list;
	const int64_t dilation[] = dilations_list;
	const int64_t plane = X_elems / ((int64_t)N * C);
	const int64_t size = Y_elems / ((int64_t)N * C);
	const int64_t image = (int64_t)blockIdx.z * C + blockIdx.y;
	const int64_t first = (int64_t)blockIdx.x * TILE;
	const int n = size - first < TILE ? (int)(size - first) : TILE;
	int64_t window = 1;

	for (int d = 0; d < I_rank; d++)
		window *= taps[d];
	for (int t = 0; t < n; t++) {
		int64_t start[I_rank], rest = first + t;
		num acc = 0;

		for (int d = I_rank - 1; d >= 0; d--) {
			start[d] = rest % out[d] * stride[d] - pad[d];
			rest /= out[d];
		}
		for (int64_t k = 0; k < window; k++) {
			int64_t at = 0, step = 1;
			int inside = 1;

			rest = k;
			for (int d = I_rank - 1; d >= 0; d--) {
				int64_t i = start[d] + rest % taps[d] * dilation[d];

				inside &= i >= 0 && i < in[d];
				at += i * step;
				step *= in[d];
				rest /= taps[d];
			}
			if (inside) {
				num v = ABS(LOAD(X, image * plane + at));

				acc += p == 1 ? v : p == 2 ? v * v : POW(v, p);
			}
		}
		STORE(Y, image * size + first + t, p == 1 ? acc :
		      p == 2 ? SQRT(acc) : POW(acc, (num)1 / p));
	}
}
