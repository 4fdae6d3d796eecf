/*---
kernel: softmax_cols
form: Softmax
types: {X: T, Y: T}
attrs: {log: "0 | 1"}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
when: "I > 1 && X_elems <= 1073741824"
grid: ["cdiv(I, 64)", O]
threads: "64"
registers: 40
flops: "20 * R * 64"
reads: {X: "[y, 0..R, 64*x..64*(x+1)]"}
writes: {Y: "[y, 0..R, 64*x..64*(x+1)]"}
---*/
/* A thread a column, R in order. */
extern "C" __global__ void
softmax_cols(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int i = blockIdx.x * 64 + threadIdx.x;
	const int at = blockIdx.y * (R * I) + i;

	if (i < I) {
		num top = LOAD(X, at), sum = 0;

		for (int r = 1; r < R; r++)
			top = MAX(top, LOAD(X, at + r * I));
		for (int r = 0; r < R; r++)
			sum += EXP(LOAD(X, at + r * I) - top);
		sum = log ? LOG(sum) : 1 / sum;
		for (int r = 0; r < R; r++)
			STORE(Y, at + r * I, log
				? LOAD(X, at + r * I) - top - sum
				: EXP(LOAD(X, at + r * I) - top) * sum);
	}
}
