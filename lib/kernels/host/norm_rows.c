/*---
kernel: norm_rows
form: Norm
types: {X: T, Y: T}
shapes: {X: "[N, C, R]", Y: "[N, C, R]"}
tune: {TC: [1, 8, 64]}
when: "TC == 1 || TC < 2 * C"
grid: ["cdiv(C, TC)", N]
flops: "6 * R * min(TC, C)"
reads: {X: "[y, TC*x..TC*(x+1), 0..R]"}
writes: {Y: "[y, TC*x..TC*(x+1), 0..R]"}
---*/
/* TC rows: the mean, then the mean square of the differences, 32 partial sums
 * each, then the results. */
void
norm_rows(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	enum { L = 32, FULL = R / L * L };
	const int c0 = blockIdx.x * TC, c1 = C - c0 < TC ? C : c0 + TC;

	for (int c = c0; c < c1; c++) {
		const int64_t at = ((int64_t)blockIdx.y * C + c) * R;
		num part[L], mean, scale;

		for (int l = 0; l < L; l++)
			part[l] = 0;
		for (int64_t r = 0; r < FULL; r += L)
			for (int l = 0; l < L; l++)
				part[l] += LOAD(X, at + r + l);
		for (int64_t r = FULL; r < R; r++)
			part[r - FULL] += LOAD(X, at + r);
		for (int w = L / 2; w; w /= 2)
			for (int l = 0; l < w; l++)
				part[l] += part[l + w];
		mean = part[0] / R;
		for (int l = 0; l < L; l++)
			part[l] = 0;
		for (int64_t r = 0; r < FULL; r += L)
			for (int l = 0; l < L; l++) {
				num v = LOAD(X, at + r + l) - mean;

				part[l] += v * v;
			}
		for (int64_t r = FULL; r < R; r++) {
			num v = LOAD(X, at + r) - mean;

			part[r - FULL] += v * v;
		}
		for (int w = L / 2; w; w /= 2)
			for (int l = 0; l < w; l++)
				part[l] += part[l + w];
		scale = 1 / SQRT(part[0] / R + (num)epsilon);
		for (int64_t r = 0; r < R; r++)
			STORE(Y, at + r, (LOAD(X, at + r) - mean) * scale);
	}
}
