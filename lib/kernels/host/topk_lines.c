/*---
kernel: topk_lines
form: TopK
types: {X: T, V: T, J: i64}
shapes: {X: "[O, R, I]", V: "[O, K, I]", J: "[O, K, I]"}
grid: [I, O]
reads: {X: "[y, 0..R, x]"}
writes: {V: "[y, 0..K, x]", J: "[y, 0..K, x]"}
---*/
/* The K extreme elements of one line in order, by insertion; of equal ones the
 * earlier comes first. */
void
topk_lines(const X_t *X, V_t *V, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t at = (int64_t)blockIdx.y * R * I + blockIdx.x;
	const int64_t to = (int64_t)blockIdx.y * K * I + blockIdx.x;
	num best[K + 1];
	int64_t where[K + 1];
	int64_t n = 0;

	for (int64_t r = 0; r < R; r++) {
		num v = LOAD(X, at + r * I);
		int64_t k = n;

		while (k > 0 && (largest ? v > best[k - 1] : v < best[k - 1])) {
			if (k < K) {
				best[k] = best[k - 1];
				where[k] = where[k - 1];
			}
			k--;
		}
		if (k < K) {
			best[k] = v;
			where[k] = r;
			n = n < K ? n + 1 : K;
		}
	}
	for (int64_t k = 0; k < n; k++) {
		STORE(V, to + k * I, best[k]);
		STORE(J, to + k * I, where[k]);
	}
}
