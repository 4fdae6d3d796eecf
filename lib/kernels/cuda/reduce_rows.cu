/*---
kernel: reduce_rows
form: Reduce
types: {X: T, Y: T}
attrs: {op: "sum | max | min | prod"}
shapes: {X: "[O, R, 1]", Y: "[O, 1]"}
tune: {TPR: [32, 128, 256]}
when: "X_elems <= 1073741824 && (TPR == 32 || TPR < R)"
grid: ["cdiv(O, 256 / TPR)"]
threads: "256"
registers: 40
reads: {X: "[(256 / TPR)*x..(256 / TPR)*(x+1), 0..R, 0]"}
writes: {Y: "[(256 / TPR)*x..(256 / TPR)*(x+1), 0]"}
---*/
/* TPR threads a row, each over every TPR-th element; their results are
 * combined in shared memory, in a tree.  Threads without an element hold the
 * row's first one where that is harmless, else nothing. */
extern "C" __global__ void
reduce_rows(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	__shared__ double slots[256];
	num *part = (num *)slots;
	const int t = threadIdx.x % TPR, o = blockIdx.x * (256 / TPR) +
	                                     threadIdx.x / TPR;
	const int at = (o < O ? o : O - 1) * R;
	num acc = op_prod;

	if (!op_sum && !op_prod && R > 0)
		acc = LOAD(X, at);
#pragma unroll 4
	for (int r = t; r < R; r += TPR) {
		num v = LOAD(X, at + r);

		acc = op_sum ? acc + v : op_prod ? acc * v :
		      op_max ? MAX(acc, v) : MIN(acc, v);
	}
	part[threadIdx.x] = acc;
	__syncthreads();
	for (int w = TPR / 2; w > 0; w /= 2) {
		if (t < w) {
			num v = part[threadIdx.x + w];

			acc = op_sum ? acc + v : op_prod ? acc * v :
			      op_max ? MAX(acc, v) : MIN(acc, v);
			part[threadIdx.x] = acc;
		}
		__syncthreads();
	}
	if (t == 0 && o < O)
		STORE(Y, o, acc);
}
