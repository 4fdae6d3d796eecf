/*---
kernel: topk_lines
form: TopK
types: {X: T, V: T, J: i64}
shapes: {X: "[O, R, I]", V: "[O, K, I]", J: "[O, K, I]"}
when: "X_elems <= 1073741824"
grid: ["cdiv(I, 8)", O]
threads: "256"
registers: 40
reads: {X: "[y, 0..R, 8*x..8*(x+1)]"}
writes: {V: "[y, 0..K, 8*x..8*(x+1)]", J: "[y, 0..K, 8*x..8*(x+1)]"}
---*/
/* A warp a line: K times the extreme of what comes after the one before, of
 * equal ones the earlier.  Nothing is kept but the last element taken. */
extern "C" __global__ void
topk_lines(const X_t *X, V_t *V, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int lane = threadIdx.x % 32, i = blockIdx.x * 8 + threadIdx.x / 32;
	const int at = (int)blockIdx.y * (R * I) + (i < I ? i : I - 1);
	const int to = (int)blockIdx.y * (K * I) + i;
	num taken = 0;
	int last = -1;

	for (int k = 0; k < K; k++) {
		num best = 0;
		int where = -1;

		for (int r = lane; r < R; r += 32) {
			num v = LOAD(X, at + r * I);
			bool left = last < 0 || (largest ? v < taken : v > taken) ||
			            (v == taken && r > last);

			if (left && (where < 0 ||
			             (largest ? v > best : v < best))) {
				best = v;
				where = r;
			}
		}
#pragma unroll
		for (int d = 16; d > 0; d /= 2) {
			num v = __shfl_xor_sync(0xffffffffu, best, d);
			int r = __shfl_xor_sync(0xffffffffu, where, d);
			bool better = r >= 0 && (where < 0 ||
				(largest ? v > best : v < best) ||
				(v == best && r < where));

			best = better ? v : best;
			where = better ? r : where;
		}
		taken = best;
		last = where;
		if (lane == 0 && i < I) {
			STORE(V, to + k * I, best);
			STORE(J, to + k * I, (int64_t)where);
		}
	}
}
