/*---
kernel: scan_cols
form: Scan
types: {X: T, Y: T}
attrs: {op: sum}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
tune: {TI: [16, 256]}
when: "TI == 16 || TI < 2 * I"
grid: ["cdiv(I, TI)", O]
reads: {X: "[y, 0..R, TI*x..TI*(x+1)]"}
writes: {Y: "[y, 0..R, TI*x..TI*(x+1)]"}
---*/
/* Running sums of TI columns side by side. */
void
scan_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t at = (int64_t)blockIdx.y * R * I + blockIdx.x * TI;
	const int n = I - (int)blockIdx.x * TI < TI ? I - (int)blockIdx.x * TI : TI;
	num sum[TI];

	for (int i = 0; i < n; i++)
		sum[i] = 0;
	for (int64_t s = 0; s < R; s++) {
		const int64_t r = at + (reverse ? R - 1 - s : s) * I;

		for (int i = 0; i < n; i++) {
			num v = LOAD(X, r + i), before = sum[i];

			sum[i] += v;
			STORE(Y, r + i, exclusive ? before : sum[i]);
		}
	}
}
