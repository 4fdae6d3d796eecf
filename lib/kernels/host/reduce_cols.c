/*---
kernel: reduce_cols
form: Reduce
types: {X: T, Y: T}
attrs: {op: "sum | max | min | prod"}
shapes: {X: "[O, R, I]", Y: "[O, I]"}
tune: {TI: [16, 64, 256, 1024]}
when: "I > 1 && (TI == 16 || TI < 2 * I)"
grid: ["cdiv(I, TI)", O]
reads: {X: "[y, 0..R, TI*x..TI*(x+1)]"}
writes: {Y: "[y, TI*x..TI*(x+1)]"}
---*/
/* TI columns side by side; sums of 64 rows at a time are added up, so that
 * errors grow with R / 64. */
void
reduce_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	enum { CHUNK = 64 };
	const int64_t at = (int64_t)blockIdx.y * R * I + blockIdx.x * TI;
	const int n = I - (int)blockIdx.x * TI < TI ? I - (int)blockIdx.x * TI : TI;
	num all[TI], part[TI];

	for (int i = 0; i < n; i++)
		all[i] = op_prod;
	for (int64_t r0 = 0; r0 < R; r0 += CHUNK) {
		const int64_t r1 = R - r0 < CHUNK ? R : r0 + CHUNK;

		for (int i = 0; i < n; i++)
			part[i] = LOAD(X, at + r0 * I + i);
		for (int64_t r = r0 + 1; r < r1; r++)
			for (int i = 0; i < n; i++) {
				num v = LOAD(X, at + r * I + i);

				part[i] = op_sum ? part[i] + v :
				          op_prod ? part[i] * v :
				          op_max ? MAX(part[i], v) : MIN(part[i], v);
			}
		for (int i = 0; i < n; i++)
			all[i] = r0 == 0 ? part[i] :
			         op_sum ? all[i] + part[i] :
			         op_prod ? all[i] * part[i] :
			         op_max ? MAX(all[i], part[i]) : MIN(all[i], part[i]);
	}
	for (int i = 0; i < n; i++)
		STORE(Y, (int64_t)blockIdx.y * I + blockIdx.x * TI + i, all[i]);
}
