/*---
kernel: convtranspose_any
form: ConvTranspose
types: {X: T, W: T, Y: T}
shapes: {X: "[N, C, *I]", W: "[C, MG, *F]", Y: "[N, M, *O]"}
tune: {THREADS: [64, 256]}
when: "X_elems + W_elems + Y_elems <= 1073741824 && (THREADS == 64 || THREADS * N * M < 2 * Y_elems)"
grid: ["cdiv(Y_elems / (N * M), THREADS)", M, N]
threads: THREADS
registers: 64
flops: "12 * (C / group) * (W_elems / (C * MG)) * THREADS"
reads:
  X: "[(z*C + (y - y % MG) / MG * (C/group)) * (X_elems / (N*C))..(z*C + ((y - y % MG) / MG + 1) * (C/group)) * (X_elems / (N*C))]"
writes:
  Y: "[(z*M + y) * (Y_elems / (N*M)) + THREADS*x..(z*M + y) * (Y_elems / (N*M)) + min(THREADS*(x+1), Y_elems / (N*M))]"
---*/
/* Any type, groups, any number of spatial dimensions: a thread an output that
 * gathers the inputs which reach it. */
extern "C" __global__ void
convtranspose_any(const X_t *X, const W_t *W, Y_t *Y)
{
	const int in[] = I_list, taps[] = F_list, out[] = O_list;
	const int stride[] = strides_list, pad[] = pads_list;
	const int dilation[] = dilations_list;
	const int plane = X_elems / (N * C), window = W_elems / (C * MG);
	const int size = Y_elems / (N * M);
	const int m = blockIdx.y, o = blockIdx.x * THREADS + threadIdx.x;
	const int c0 = m / MG * (C / group);
	const int x0 = ((int)blockIdx.z * C + c0) * plane;
	__typeof__(LOAD(X, 0) * LOAD(W, 0)) acc = 0;
	int place[I_rank], rest = o;

#pragma unroll
	for (int d = I_rank - 1; d >= 0; d--) {
		place[d] = rest % out[d] + pad[d];
		rest /= out[d];
	}
	if (o < size) {
		for (int k = 0; k < window; k++) {
			int at = 0, step = 1;
			bool inside = true;

			rest = k;
#pragma unroll
			for (int d = I_rank - 1; d >= 0; d--) {
				int i = place[d] - rest % taps[d] * dilation[d];

				inside = inside && i >= 0 && i % stride[d] == 0 &&
				         i / stride[d] < in[d];
				at += i / stride[d] * step;
				step *= in[d];
				rest /= taps[d];
			}
			if (inside)
#pragma unroll 4
				for (int c = 0; c < C / group; c++)
					acc += LOAD(W, ((c0 + c) * MG + m % MG) *
					               window + k) *
					       LOAD(X, x0 + c * plane + at);
		}
		STORE(Y, ((int)blockIdx.z * M + m) * size + o, acc);
	}
}
