/*---
kernel: softmax_any
form: Softmax
types: {X: T, Y: T}
attrs: {log: "0 | 1"}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
tune: {TI: [16, 64, 256]}
when: "TI == 16 || TI < 2 * I"
grid: ["cdiv(I, TI)", O]
flops: "40 * R * min(TI, I)"
reads: {X: "[y, 0..R, TI*x..TI*(x+1)]"}
writes: {Y: "[y, 0..R, TI*x..TI*(x+1)]"}
---*/
/* TI columns side by side, R in order; exponentials are computed twice rather
 * than kept. */
void
softmax_any(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t at = (int64_t)blockIdx.y * R * I + blockIdx.x * TI;
	const int n = I - (int)blockIdx.x * TI < TI ? I - (int)blockIdx.x * TI : TI;
	num top[TI], sum[TI];

	for (int i = 0; i < n; i++) {
		top[i] = LOAD(X, at + i);
		sum[i] = 0;
	}
	for (int64_t r = 1; r < R; r++)
		for (int i = 0; i < n; i++)
			top[i] = MAX(top[i], LOAD(X, at + r * I + i));
	for (int64_t r = 0; r < R; r++)
		for (int i = 0; i < n; i++)
			sum[i] += EXP(LOAD(X, at + r * I + i) - top[i]);
	for (int i = 0; i < n; i++)
		sum[i] = log ? LOG(sum[i]) : 1 / sum[i];
	for (int64_t r = 0; r < R; r++)
		for (int i = 0; i < n; i++)
			STORE(Y, at + r * I + i, log
				? LOAD(X, at + r * I + i) - top[i] - sum[i]
				: EXP(LOAD(X, at + r * I + i) - top[i]) * sum[i]);
}
