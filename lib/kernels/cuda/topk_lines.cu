/*---
kernel: topk_lines
form: TopK
types: {X: T, V: T, J: i64}
shapes: {X: "[O, R, I]", V: "[O, K, I]", J: "[O, K, I]"}
when: "X_elems <= 1073741824 && K * R <= 268435456"
grid: ["cdiv(I, 8)", O]
threads: "256"
registers: 40
flops: "80 * K * R"
reads: {X: "[y, 0..R, 8*x..8*(x+1)]"}
writes: {V: "[y, 0..K, 8*x..8*(x+1)]", J: "[y, 0..K, 8*x..8*(x+1)]"}
---*/
/* A warp a line: K times the first of what comes after the one before.  NaN is
 * greater than any number; of equal elements the earlier comes first.  Nothing
 * is kept but the last element taken, so that the work grows with K * R: long
 * lines of which much is wanted are left to topk_ranks. */
extern "C" __global__ void
topk_lines(const X_t *X, V_t *V, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int lane = threadIdx.x % 32, i = blockIdx.x * 8 + threadIdx.x / 32;
	const int at = (int)blockIdx.y * (R * I) + (i < I ? i : I - 1);
	const int to = (int)blockIdx.y * (K * I) + i;
	num taken = 0;
	int last = -1;

	/* whether element r of value v comes before element s of value w */
#define FIRST(v, r, w, s) \
	((largest ? (v) > (w) : (v) < (w)) || \
	 (largest ? ISNAN(v) && !ISNAN(w) : ISNAN(w) && !ISNAN(v)) || \
	 (((v) == (w) || (ISNAN(v) && ISNAN(w))) && (r) < (s)))

	for (int k = 0; k < K; k++) {
		num best = 0;
		int where = -1;

		for (int r = lane; r < R; r += 32) {
			num v = LOAD(X, at + r * I);

			if ((last < 0 || FIRST(taken, last, v, r)) &&
			    (where < 0 || FIRST(v, r, best, where))) {
				best = v;
				where = r;
			}
		}
#pragma unroll
		for (int d = 16; d > 0; d /= 2) {
			num v = __shfl_xor_sync(0xffffffffu, best, d);
			int r = __shfl_xor_sync(0xffffffffu, where, d);
			bool better = r >= 0 &&
				(where < 0 || FIRST(v, r, best, where));

			best = better ? v : best;
			where = better ? r : where;
		}
		taken = __shfl_sync(0xffffffffu, best, 0);
		last = __shfl_sync(0xffffffffu, where, 0);
		if (lane == 0 && i < I) {
			STORE(V, to + k * I, best);
			STORE(J, to + k * I, (int64_t)where);
		}
	}
#undef FIRST
}
