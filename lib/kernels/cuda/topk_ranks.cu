/*---
kernel: topk_ranks
form: TopK
types: {X: T, V: T, J: i64}
shapes: {X: "[O, R, I]", V: "[O, K, I]", J: "[O, K, I]"}
when: "X_elems <= 1073741824"
grid: ["cdiv(R, 256)", I, O]
threads: "256"
registers: 40
flops: "2560 * R"
reads: {X: "[z, 0..R, y]"}
---*/
/* A thread an element: it counts how many of its line come before it, which is
 * its place.  NaN is greater than any number; of equal elements the earlier
 * comes first.  The work grows with R * R, but spreads over all blocks. */
extern "C" __global__ void
topk_ranks(const X_t *X, V_t *V, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int own = blockIdx.x * 256 + threadIdx.x;
	const int at = (int)blockIdx.z * (R * I) + (int)blockIdx.y;
	const int to = (int)blockIdx.z * (K * I) + (int)blockIdx.y;

	if (own < R) {
		const num v = LOAD(X, at + own * I);
		int place = 0;

		for (int r = 0; r < R && place < K; r++) {
			const num w = LOAD(X, at + r * I);
			const bool over = w > v || (ISNAN(w) && !ISNAN(v));
			const bool under = w < v || (ISNAN(v) && !ISNAN(w));

			place += (largest ? over : under) ||
			         (!over && !under && r < own);
		}
		if (place < K) {
			STORE(V, to + place * I, v);
			STORE(J, to + place * I, (int64_t)own);
		}
	}
}
