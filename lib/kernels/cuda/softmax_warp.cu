/*---
kernel: softmax_warp
form: Softmax
types: {X: T, Y: T}
attrs: {log: "0 | 1"}
shapes: {X: "[O, R, 1]", Y: "[O, R, 1]"}
when: "R <= 1024 && X_elems <= 1073741824"
grid: ["cdiv(O, 8)"]
threads: "256"
registers: 40
flops: "160 * R"
reads: {X: "[8*x..8*(x+1), 0..R, 0]"}
writes: {Y: "[8*x..8*(x+1), 0..R, 0]"}
---*/
/* A warp a row, eight rows: maximum, sum of exponentials, results, each by a
 * butterfly over the lanes.  A row beyond the last is the last one again, and
 * not stored. */
extern "C" __global__ void
softmax_warp(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int lane = threadIdx.x % 32, o = blockIdx.x * 8 + threadIdx.x / 32;
	const int at = (o < O ? o : O - 1) * R;
	num top = LOAD(X, at), sum = 0;

	for (int r = lane; r < R; r += 32)
		top = MAX(top, LOAD(X, at + r));
#pragma unroll
	for (int d = 16; d > 0; d /= 2)
		top = MAX(top, __shfl_xor_sync(0xffffffffu, top, d));
	for (int r = lane; r < R; r += 32)
		sum += EXP(LOAD(X, at + r) - top);
#pragma unroll
	for (int d = 16; d > 0; d /= 2)
		sum += __shfl_xor_sync(0xffffffffu, sum, d);
	sum = log ? LOG(sum) : 1 / sum;
	if (o < O)
		for (int r = lane; r < R; r += 32)
			STORE(Y, at + r, log ? LOAD(X, at + r) - top - sum
			                     : EXP(LOAD(X, at + r) - top) * sum);
}
