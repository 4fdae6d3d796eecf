/*---
kernel: pool_max
form: Pool
types: {X: T, Y: T}
attrs: {mode: max}
shapes: {X: "[N, C, *I]", Y: "[N, C, *O]"}
tune: {THREADS: [64, 256]}
when: "X_elems + Y_elems <= 1073741824 && (THREADS == 64 || THREADS * N * C < 2 * Y_elems)"
grid: ["cdiv(Y_elems / (N * C), THREADS)", C, N]
threads: THREADS
registers: 40
reads: {X: "[(z*C + y) * (X_elems / (N*C))..(z*C + y + 1) * (X_elems / (N*C))]"}
writes:
  Y: "[(z*C + y) * (Y_elems / (N*C)) + THREADS*x..(z*C + y) * (Y_elems / (N*C)) + min(THREADS*(x+1), Y_elems / (N*C))]"
---*/
/* The maximum over a window (NaN if there is one in it), any type and number
 * of dimensions, a thread an output.  Of a window that lies outside X it is 0. */
extern "C" __global__ void
pool_max(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int in[] = I_list, out[] = O_list, taps[] = kernel_list;
	const int stride[] = strides_list, pad[] = pads_list;
	const int dilation[] = dilations_list;
	const int plane = X_elems / (N * C), size = Y_elems / (N * C);
	const int image = (int)blockIdx.z * C + blockIdx.y;
	const int o = blockIdx.x * THREADS + threadIdx.x;
	int start[I_rank], rest = o, window = 1, count = 0;
	num acc = 0;

#pragma unroll
	for (int d = I_rank - 1; d >= 0; d--) {
		start[d] = rest % out[d] * stride[d] - pad[d];
		rest /= out[d];
		window *= taps[d];
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
			if (inside) {
				num v = LOAD(X, image * plane + at);

				acc = count++ ? MAX(acc, v) : v;
			}
		}
		STORE(Y, image * size + o, acc);
	}
}
