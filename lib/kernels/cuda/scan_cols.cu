/*---
kernel: scan_cols
form: Scan
types: {X: T, Y: T}
attrs: {op: sum}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
when: "X_elems <= 1073741824"
grid: ["cdiv(I, 32)", O]
threads: "32"
registers: 40
reads: {X: "[y, 0..R, 32*x..32*(x+1)]"}
writes: {Y: "[y, 0..R, 32*x..32*(x+1)]"}
---*/
/* Running sums, a thread a column. */
extern "C" __global__ void
scan_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int i = blockIdx.x * 32 + threadIdx.x;
	const int at = (int)blockIdx.y * (R * I) + i;
	num sum = 0;

	if (i < I)
#pragma unroll 4
		for (int s = 0; s < R; s++) {
			const int r = at + (reverse ? R - 1 - s : s) * I;
			const num v = LOAD(X, r), after = sum + v;

			STORE(Y, r, exclusive ? sum : after);
			sum = after;
		}
}
