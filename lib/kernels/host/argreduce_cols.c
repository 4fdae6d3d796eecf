/*---
kernel: argreduce_cols
form: ArgReduce
types: {X: T, Y: i64}
attrs: {op: "max | min"}
shapes: {X: "[O, R, I]", Y: "[O, I]"}
tune: {TI: [1, 16, 256]}
when: "TI == 1 || TI < 2 * I"
grid: ["cdiv(I, TI)", O]
reads: {X: "[y, 0..R, TI*x..TI*(x+1)]"}
writes: {Y: "[y, TI*x..TI*(x+1)]"}
---*/
/* Where the extreme of each of TI columns lies; a NaN is more extreme than
 * any number. */
void
argreduce_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int64_t at = (int64_t)blockIdx.y * R * I + blockIdx.x * TI;
	const int n = I - (int)blockIdx.x * TI < TI ? I - (int)blockIdx.x * TI : TI;
	num best[TI];
	int64_t where[TI];

	for (int i = 0; i < n; i++) {
		best[i] = LOAD(X, at + i);
		where[i] = 0;
	}
	for (int64_t r = 1; r < R; r++)
		for (int i = 0; i < n; i++) {
			num v = LOAD(X, at + r * I + i);
			int better = op_max ? v > best[i] : v < best[i];

			better |= ISNAN(v) && !ISNAN(best[i]);
			better |= last && (v == best[i] ||
			                   (ISNAN(v) && ISNAN(best[i])));
			best[i] = better ? v : best[i];
			where[i] = better ? r : where[i];
		}
	for (int i = 0; i < n; i++)
		STORE(Y, (int64_t)blockIdx.y * I + blockIdx.x * TI + i, where[i]);
}
