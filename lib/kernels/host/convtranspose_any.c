/*---
kernel: convtranspose_any
form: ConvTranspose
types: {X: T, W: T, Y: T}
shapes: {X: "[N, C, *I]", W: "[C, MG, *F]", Y: "[N, M, *O]"}
tune: {TILE: [256]}
grid: ["cdiv(Y_elems / (N * M), TILE)", M, N]
flops: "20 * (C / group) * (W_elems / (C * MG)) * min(TILE, Y_elems / (N * M))"
reads:
  X: "[(z*C + (y - y % MG) / MG * (C/group)) * (X_elems / (N*C))..(z*C + ((y - y % MG) / MG + 1) * (C/group)) * (X_elems / (N*C))]"
writes:
  Y: "[(z*M + y) * (Y_elems / (N*M)) + TILE*x..(z*M + y) * (Y_elems / (N*M)) + min(TILE*(x+1), Y_elems / (N*M))]"
---*/
/* Any type, any number of spatial dimensions: TILE outputs of one channel,
 * gathered.  For each tap the outputs that an input reaches through it are
 * listed, then all channels are added through the list. */
void
convtranspose_any(const X_t *X, const W_t *W, Y_t *Y)
{
	const int64_t in[] = I_list, taps[] = F_list, out[] = O_list;
	const int64_t stride[] = strides_list, pad[] = pads_list;
	const int64_t dilation[] = dilations_list;
	const int64_t plane = X_elems / ((int64_t)N * C);
	const int64_t window = W_elems / ((int64_t)C * MG);
	const int64_t size = Y_elems / ((int64_t)N * M);
	const int64_t m = blockIdx.y, first = (int64_t)blockIdx.x * TILE;
	const int64_t c0 = m / MG * (C / group);
	const int64_t x0 = ((int64_t)blockIdx.z * C + c0) * plane;
	const int n = size - first < TILE ? (int)(size - first) : TILE;
	__typeof__(LOAD(X, 0) * LOAD(W, 0)) acc[TILE];
	int64_t place[TILE][I_rank], from[TILE];
	int who[TILE];

	for (int t = 0; t < n; t++) {
		int64_t rest = first + t;

		acc[t] = 0;
		for (int d = I_rank - 1; d >= 0; d--) {
			place[t][d] = rest % out[d] + pad[d];
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
				int64_t i = place[t][d] - tap[d];

				inside &= i >= 0 && i % stride[d] == 0 &&
				          i / stride[d] < in[d];
				at = at * in[d] + i / stride[d];
			}
			who[reached] = t;
			from[reached] = at;
			reached += inside;
		}
		for (int64_t c = 0; c < C / group; c++)
			for (int j = 0; j < reached; j++)
				acc[who[j]] +=
					LOAD(W, ((c0 + c) * MG + m % MG) * window + k) *
					LOAD(X, x0 + c * plane + from[j]);
	}
	for (int t = 0; t < n; t++)
		STORE(Y, ((int64_t)blockIdx.z * M + m) * size + first + t, acc[t]);
}
