/*---
kernel: conv_any
form: Conv
types: {X: T, W: T, Y: T}
shapes: {X: "[N, C, *I]", W: "[M, CG, *F]", Y: "[N, M, *O]"}
tune: {THREADS: [64, 256]}
when: "X_elems + W_elems + Y_elems <= 1073741824 && (THREADS == 64 || THREADS * N * M < 2 * Y_elems)"
grid: ["cdiv(Y_elems / (N * M), THREADS)", M, N]
threads: THREADS
registers: 40
flops: "12 * CG * (W_elems / (M * CG)) * THREADS"
reads:
  X: "[(z*C + (y - y % (M/group)) / (M/group) * CG) * (X_elems / (N*C))..(z*C + ((y - y % (M/group)) / (M/group) + 1) * CG) * (X_elems / (N*C))]"
  W: "[y * (W_elems / M)..(y + 1) * (W_elems / M)]"
writes:
  Y: "[(z*M + y) * (Y_elems / (N*M)) + THREADS*x..(z*M + y) * (Y_elems / (N*M)) + min(THREADS*(x+1), Y_elems / (N*M))]"
---*/
/* Any type, groups, any number of spatial dimensions: a thread an output, all
 * of one channel, neighbours side by side.  "flops" counts loads and indices,
 * several for each product. */
extern "C" __global__ void
conv_any(const X_t *X, const W_t *W, Y_t *Y)
{
	const int in[] = I_list, taps[] = F_list, out[] = O_list;
	const int stride[] = strides_list, pad[] = pads_list;
	const int dilation[] = dilations_list;
	const int plane = X_elems / (N * C), window = W_elems / (M * CG);
	const int size = Y_elems / (N * M);
	const int m = blockIdx.y, o = blockIdx.x * THREADS + threadIdx.x;
	const int x0 = ((int)blockIdx.z * C + m / (M / group) * CG) * plane;
	__typeof__(LOAD(X, 0) * LOAD(W, 0)) acc = 0;
	int start[I_rank], rest = o;

#pragma unroll
	for (int d = I_rank - 1; d >= 0; d--) {
		start[d] = rest % out[d] * stride[d] - pad[d];
		rest /= out[d];
	}
	if (o < size) {
		for (int k = 0; k < window; k++) {
			int at = 0, step = 1;
			bool inside = true;

			rest = k;
#pragma unroll
			for (int d = I_rank - 1; d >= 0; d--) {
				int i = start[d] + rest % taps[d] * dilation[d];

				inside = inside && i >= 0 && i < in[d];
				at += i * step;
				step *= in[d];
				rest /= taps[d];
			}
			if (inside)
#pragma unroll 4
				for (int c = 0; c < CG; c++)
					acc += LOAD(W, (m * CG + c) * window + k) *
					       LOAD(X, x0 + c * plane + at);
		}
		STORE(Y, ((int)blockIdx.z * M + m) * size + o, acc);
	}
}
