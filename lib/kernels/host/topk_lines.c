/*---
kernel: topk_lines
form: TopK
types: {X: T, V: T, J: i64}
shapes: {X: "[O, R, I]", V: "[O, K, I]", J: "[O, K, I]"}
grid: [I, O]
flops: "cdiv(K, 2048) * R * 4 + 24 * K"
reads: {X: "[y, 0..R, x]"}
writes: {V: "[y, 0..K, x]", J: "[y, 0..K, x]"}
---*/
/* The K extreme elements of one line in order.  NaN is greater than any number;
 * of equal elements the earlier comes first.  BATCH of them at a time: a pass
 * over the line keeps the first BATCH of what comes after the last one stored
 * in a heap whose root comes last of all, which is then sorted. */
void
topk_lines(const X_t *X, V_t *V, J_t *J)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	enum { BATCH = K < 2048 ? K : 2048 };
	const int64_t at = (int64_t)blockIdx.y * R * I + blockIdx.x;
	const int64_t to = (int64_t)blockIdx.y * K * I + blockIdx.x;
	num best[BATCH], taken = 0;
	int64_t where[BATCH], last = -1;

	/* whether element r of value v comes before element s of value w */
#define FIRST(v, r, w, s) \
	((largest ? (v) > (w) : (v) < (w)) || \
	 (largest ? ISNAN(v) && !ISNAN(w) : ISNAN(w) && !ISNAN(v)) || \
	 (((v) == (w) || (ISNAN(v) && ISNAN(w))) && (r) < (s)))
	/* sinks element r of value v from the root into a heap of size n */
#define SINK(v, r, n) do { \
		int64_t hole = 0, c; \
\
		while ((c = 2 * hole + 1) < (n)) { \
			c += c + 1 < (n) && FIRST(best[c], where[c], \
			                          best[c + 1], where[c + 1]); \
			if (!FIRST(v, r, best[c], where[c])) \
				break; \
			best[hole] = best[c]; \
			where[hole] = where[c]; \
			hole = c; \
		} \
		best[hole] = v; \
		where[hole] = r; \
	} while (0)

	for (int64_t k0 = 0; k0 < K; k0 += BATCH) {
		const int64_t want = K - k0 < BATCH ? K - k0 : BATCH;
		int64_t n = 0;

		for (int64_t r = 0; r < R; r++) {
			const num v = LOAD(X, at + r * I);

			if (last >= 0 && !FIRST(taken, last, v, r))
				continue;
			if (n < want) {
				int64_t h = n++;

				for (; h > 0 && FIRST(best[(h - 1) / 2],
				     where[(h - 1) / 2], v, r); h = (h - 1) / 2) {
					best[h] = best[(h - 1) / 2];
					where[h] = where[(h - 1) / 2];
				}
				best[h] = v;
				where[h] = r;
			} else if (FIRST(v, r, best[0], where[0])) {
				SINK(v, r, n);
			}
		}
		taken = best[0];
		last = where[0];
		while (n-- > 1) {
			const num v = best[n];
			const int64_t r = where[n];
			const num worst = best[0];
			const int64_t place = where[0];

			SINK(v, r, n);
			best[n] = worst;
			where[n] = place;
		}
		for (int64_t k = 0; k < want; k++) {
			STORE(V, to + (k0 + k) * I, best[k]);
			STORE(J, to + (k0 + k) * I, where[k]);
		}
	}
#undef FIRST
#undef SINK
}
