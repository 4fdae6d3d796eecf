/*---
kernel: pool_index
form: PoolIndex
types: {X: T, J: i64}
shapes: {X: "[N, C, *I]", J: "[N, C, *O]"}
tune: {THREADS: [64, 256]}
when: "X_elems + J_elems <= 1073741824 && (THREADS == 64 || THREADS * N * C < 2 * J_elems)"
grid: ["cdiv(J_elems / (N * C), THREADS)", C, N]
threads: THREADS
registers: 40
reads: {X: "[(z*C + y) * (X_elems / (N*C))..(z*C + y + 1) * (X_elems / (N*C))]"}
writes:
  J: "[(z*C + y) * (J_elems / (N*C)) + THREADS*x..(z*C + y) * (J_elems / (N*C)) + min(THREADS*(x+1), J_elems / (N*C))]"
---*/
/* Where in X each maximum of a window lies: its flat index, the first of equal
 * ones; order 1 counts the spatial part column-major. */
extern "C" __global__ void
pool_index(const X_t *X, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int in[] = I_list, out[] = O_list, taps[] = kernel_list;
	const int stride[] = strides_list, pad[] = pads_list;
	const int dilation[] = dilations_list;
	const int plane = X_elems / (N * C), size = J_elems / (N * C);
	const int image = (int)blockIdx.z * C + blockIdx.y;
	const int o = blockIdx.x * THREADS + threadIdx.x;
	int start[I_rank], rest = o, window = 1, best = -1;
	num most = 0;

#pragma unroll
	for (int d = I_rank - 1; d >= 0; d--) {
		start[d] = rest % out[d] * stride[d] - pad[d];
		rest /= out[d];
		window *= taps[d];
	}
	if (o < size) {
		for (int k = 0; k < window; k++) {
			int i[I_rank], at = 0, mark = 0;
			bool inside = true;

			rest = k;
#pragma unroll
			for (int d = I_rank - 1; d >= 0; d--) {
				i[d] = start[d] + rest % taps[d] * dilation[d];
				inside = inside && i[d] >= 0 && i[d] < in[d];
				rest /= taps[d];
			}
#pragma unroll
			for (int d = 0; d < I_rank; d++) {
				const int e = I_rank - 1 - d;

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
		STORE(J, image * size + o,
		      (int64_t)image * plane + (best < 0 ? 0 : best));
	}
}
