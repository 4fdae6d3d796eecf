/*---
kernel: reduce_rows
form: Reduce
types: {X: T, Y: T}
attrs: {op: "sum | max | min | prod"}
shapes: {X: "[O, R, 1]", Y: "[O, 1]"}
tune: {TO: [1, 8, 64]}
when: "TO == 1 || TO < 2 * O"
grid: ["cdiv(O, TO)"]
reads: {X: "[TO*x..TO*(x+1), 0..R, 0]"}
writes: {Y: "[TO*x..TO*(x+1), 0]"}
---*/
/* TO rows: 32 partial results a row, combined pairwise, then what is left. */
void
reduce_rows(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	enum { L = 32 };
	const int o0 = blockIdx.x * TO, o1 = O - o0 < TO ? O : o0 + TO;

	for (int o = o0; o < o1; o++) {
		const int64_t at = (int64_t)o * R;
		int64_t r = 0;
		num acc[L], all = op_prod;
		int used = R < L ? R : L;

		for (; r < used; r++)
			acc[r] = LOAD(X, at + r);
		for (; r + L <= R; r += L)
			for (int l = 0; l < L; l++) {
				num v = LOAD(X, at + r + l);

				acc[l] = op_sum ? acc[l] + v : op_prod ? acc[l] * v :
				         op_max ? MAX(acc[l], v) : MIN(acc[l], v);
			}
		for (int l = 0; r < R; r++, l++) {
			num v = LOAD(X, at + r);

			acc[l] = op_sum ? acc[l] + v : op_prod ? acc[l] * v :
			         op_max ? MAX(acc[l], v) : MIN(acc[l], v);
		}
		for (int w = L / 2; w; w /= 2)
			for (int l = 0; l < w && l + w < used; l++)
				acc[l] = op_sum ? acc[l] + acc[l + w] :
				         op_prod ? acc[l] * acc[l + w] :
				         op_max ? MAX(acc[l], acc[l + w]) :
				         MIN(acc[l], acc[l + w]);
		if (used)
			all = acc[0];
		STORE(Y, o, all);
	}
}
