/*---
kernel: conv_any
form: Conv
types: {X: T, W: T, Y: T}
shapes: {X: "[N, C, *I]", W: "[M, CG, *F]", Y: "[N, M, *O]"}
tune: {TILE: [256]}
grid: ["cdiv(Y_elems / (N * M), TILE)", M, N]
flops: "20 * CG * (W_elems / (M * CG)) * min(TILE, Y_elems / (N * M))"
reads:
  X: "[(z*C + (y - y % (M/group)) / (M/group) * CG) * (X_elems / (N*C))..(z*C + ((y - y % (M/group)) / (M/group) + 1) * CG) * (X_elems / (N*C))]"
  W: "[y * (W_elems / M)..(y + 1) * (W_elems / M)]"
writes:
  Y: "[(z*M + y) * (Y_elems / (N*M)) + TILE*x..(z*M + y) * (Y_elems / (N*M)) + min(TILE*(x+1), Y_elems / (N*M))]"
---*/
/* Any type, any number of spatial dimensions: TILE outputs of one channel.
 * For each tap of the window the outputs that it reaches are listed, then all
 * channels are added through the list (an addition through it costs about ten
 * operations, which "flops" counts). */
void
conv_any(const X_t *X, const W_t *W, Y_t *Y)
{
	const int64_t in[] = I_list, taps[] = F_list, out[] = O_list;
	const int64_t stride[] = strides_list, pad[] = pads_list;
	const int64_t dilation[] = dilations_list;
	const int64_t plane = X_elems / ((int64_t)N * C);
	const int64_t window = W_elems / ((int64_t)M * CG);
	const int64_t size = Y_elems / ((int64_t)N * M);
	const int64_t m = blockIdx.y, first = (int64_t)blockIdx.x * TILE;
	const int64_t x0 = ((int64_t)blockIdx.z * C + m / (M / group) * CG) * plane;
	const int n = size - first < TILE ? (int)(size - first) : TILE;
	__typeof__(LOAD(X, 0) * LOAD(W, 0)) acc[TILE];
	int64_t start[TILE][I_rank], from[TILE];
	int who[TILE];

	for (int t = 0; t < n; t++) {
		int64_t rest = first + t;

		acc[t] = 0;
		for (int d = I_rank - 1; d >= 0; d--) {
			start[t][d] = rest % out[d] * stride[d] - pad[d];
			rest /= out[d];
		}
	}
	for (int64_t k = 0; k < window; k++) {
		int64_t tap[I_rank], rest = k;
		int reached = 0;

		for (int d = I_rank - 1; d >= 0; d--) {
			tap[d] = rest % taps[d] * dilation[d];
			rest /= taps[d];
		}
		for (int t = 0; t < n; t++) {
			int64_t at = 0;
			int inside = 1;

			for (int d = 0; d < I_rank; d++) {
				int64_t i = start[t][d] + tap[d];

				inside &= i >= 0 && i < in[d];
				at = at * in[d] + i;
			}
			who[reached] = t;
			from[reached] = at;
			reached += inside;
		}
		for (int64_t c = 0; c < CG; c++)
			for (int j = 0; j < reached; j++)
				acc[who[j]] += LOAD(W, (m * CG + c) * window + k) *
				               LOAD(X, x0 + c * plane + from[j]);
	}
	for (int t = 0; t < n; t++)
		STORE(Y, ((int64_t)blockIdx.z * M + m) * size + first + t, acc[t]);
}
