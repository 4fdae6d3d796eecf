/*---
kernel: argreduce_cols
form: ArgReduce
types: {X: T, Y: i64}
attrs: {op: "max | min"}
shapes: {X: "[O, R, I]", Y: "[O, I]"}
when: "X_elems <= 1073741824"
grid: ["cdiv(I, 8)", O]
threads: "256"
registers: 40
reads: {X: "[y, 0..R, 8*x..8*(x+1)]"}
writes: {Y: "[y, 8*x..8*(x+1)]"}
---*/
/* Where the extreme of each of eight columns lies: a warp a column, every lane
 * over every 32nd element, then a butterfly.  A NaN is more extreme than any
 * number; a column beyond the last is the last one again. */
extern "C" __global__ void
argreduce_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int lane = threadIdx.x % 32, i = blockIdx.x * 8 + threadIdx.x / 32;
	const int at = (int)blockIdx.y * (R * I) + (i < I ? i : I - 1);
	int where = lane < R ? lane : 0;
	num best = LOAD(X, at + where * I);

	for (int r = lane + 32; r < R; r += 32) {
		num v = LOAD(X, at + r * I);
		bool equal = v == best || (ISNAN(v) && ISNAN(best));
		bool better = (op_max ? v > best : v < best) ||
		              (ISNAN(v) && !ISNAN(best)) || (last && equal);

		best = better ? v : best;
		where = better ? r : where;
	}
#pragma unroll
	for (int d = 16; d > 0; d /= 2) {
		num v = __shfl_xor_sync(0xffffffffu, best, d);
		int r = __shfl_xor_sync(0xffffffffu, where, d);
		bool equal = v == best || (ISNAN(v) && ISNAN(best));
		bool better = (op_max ? v > best : v < best) ||
		              (ISNAN(v) && !ISNAN(best)) ||
		              (equal && (last ? r > where : r < where));

		best = better ? v : best;
		where = better ? r : where;
	}
	if (lane == 0 && i < I)
		STORE(Y, (int)blockIdx.y * I + i, (int64_t)where);
}
