/*---
kernel: softmax_rows
form: Softmax
types: {X: f32, Y: f32}
attrs: {log: "0 | 1"}
shapes: {X: "[O, R, 1]", Y: "[O, R, 1]"}
tune: {TO: [1, 4, 16, 64]}
when: "R <= 16384 && (TO == 1 || TO < 2 * O)"
grid: ["cdiv(O, TO)"]
flops: "20 * R * min(TO, O)"
reads: {X: "[TO*x..TO*(x+1), 0..R, 0]"}
writes: {Y: "[TO*x..TO*(x+1), 0..R, 0]"}
---*/
/* TO rows, each in a buffer: the maximum, exponentials of the differences,
 * their sum in VLEN partial sums.  The maximum may pass over a NaN: the sum
 * does not. */
void
softmax_rows(const X_t *X, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), may_alias));
	typedef int mask __attribute__((vector_size(4 * VLEN), may_alias));
	enum { PADDED = (R + VLEN - 1) / VLEN * VLEN };
	const int o0 = blockIdx.x * TO, o1 = O - o0 < TO ? O : o0 + TO;
	float e[PADDED] __attribute__((aligned(64)));
	float lane[VLEN] __attribute__((aligned(64)));

	for (int o = o0; o < o1; o++) {
		const int64_t at = (int64_t)o * R;
		float top, sum;
		vec most, total = {0};

		for (int r = 0; r < R; r++)
			e[r] = LOAD(X, at + r);
		for (int r = R; r < PADDED; r++)
			e[r] = e[0];
		most = *(vec *)e;
		for (int r = VLEN; r < PADDED; r += VLEN) {
			vec v = *(vec *)(e + r);
			mask m = (mask)(v > most);

			most = (vec)((m & (mask)v) | (~m & (mask)most));
		}
		*(vec *)lane = most;
		top = lane[0];
		for (int l = 1; l < VLEN; l++)
			top = MAX(top, lane[l]);
		if (log) {
			float x[PADDED];

			for (int r = 0; r < R; r++)
				x[r] = e[r] - top;
			for (int r = 0; r < R; r++)
				e[r] = EXP(x[r]);
			for (int r = R; r < PADDED; r++)
				e[r] = 0;
			for (int r = 0; r < PADDED; r += VLEN)
				total += *(vec *)(e + r);
			*(vec *)lane = total;
			for (int w = VLEN / 2; w; w /= 2)
				for (int l = 0; l < w; l++)
					lane[l] += lane[l + w];
			sum = LOG(lane[0]);
			for (int r = 0; r < R; r++)
				STORE(Y, at + r, x[r] - sum);
		} else {
			for (int r = 0; r < R; r++)
				e[r] = EXP(e[r] - top);
			for (int r = R; r < PADDED; r++)
				e[r] = 0;
			for (int r = 0; r < PADDED; r += VLEN)
				total += *(vec *)(e + r);
			*(vec *)lane = total;
			for (int w = VLEN / 2; w; w /= 2)
				for (int l = 0; l < w; l++)
					lane[l] += lane[l + w];
			sum = 1.0f / lane[0];
			for (int r = 0; r < R; r++)
				STORE(Y, at + r, e[r] * sum);
		}
	}
}
