/*---
kernel: reduce_cols
form: Reduce
types: {X: T, Y: T}
attrs: {op: "sum | max | min | prod"}
shapes: {X: "[O, R, I]", Y: "[O, I]"}
when: "I > 1 && X_elems <= 1073741824"
grid: ["cdiv(I, 32)", O]
threads: "256"
registers: 40
reads: {X: "[y, 0..R, 32*x..32*(x+1)]"}
writes: {Y: "[y, 32*x..32*(x+1)]"}
---*/
/* 32 columns, a lane each; warp w takes rows w, w + 8, ...; the warps' results
 * are combined in their order. */
extern "C" __global__ void
reduce_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	__shared__ double slots[8 * 32];
	num (*part)[32] = (num (*)[32])slots;
	const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const int i = blockIdx.x * 32 + lane;
	const int at = blockIdx.y * (R * I) + i;
	num acc = op_prod;

	if (i < I && R > 0) {
		if (!op_sum && !op_prod)
			acc = LOAD(X, at);
#pragma unroll 4
		for (int r = warp; r < R; r += 8) {
			num v = LOAD(X, at + r * I);

			acc = op_sum ? acc + v : op_prod ? acc * v :
			      op_max ? MAX(acc, v) : MIN(acc, v);
		}
	}
	part[warp][lane] = acc;
	__syncthreads();
	if (warp == 0 && i < I) {
#pragma unroll
		for (int w = 1; w < 8; w++) {
			num v = part[w][lane];

			acc = op_sum ? acc + v : op_prod ? acc * v :
			      op_max ? MAX(acc, v) : MIN(acc, v);
		}
		STORE(Y, (int)blockIdx.y * I + i, acc);
	}
}
