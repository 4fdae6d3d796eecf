/*---
kernel: softmax_block
form: Softmax
types: {X: T, Y: T}
attrs: {log: "0 | 1"}
shapes: {X: "[O, R, 1]", Y: "[O, R, 1]"}
when: "R > 128 && X_elems <= 1073741824"
grid: [O]
threads: "256"
registers: 48
flops: "20 * R"
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0..R, 0]"}
---*/
/* A block a row.  Threads' results meet in shared memory, in a tree. */
extern "C" __global__ void
softmax_block(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	__shared__ double slots[256];
	num *part = (num *)slots;
	const int at = blockIdx.x * R, t = threadIdx.x;
	num top = LOAD(X, at), sum = 0;

	for (int r = t; r < R; r += 256)
		top = MAX(top, LOAD(X, at + r));
	part[t] = top;
	__syncthreads();
	for (int w = 128; w > 0; w /= 2) {
		if (t < w)
			part[t] = MAX(part[t], part[t + w]);
		__syncthreads();
	}
	top = part[0];
	for (int r = t; r < R; r += 256)
		sum += EXP(LOAD(X, at + r) - top);
	__syncthreads();
	part[t] = sum;
	__syncthreads();
	for (int w = 128; w > 0; w /= 2) {
		if (t < w)
			part[t] = part[t] + part[t + w];
		__syncthreads();
	}
	sum = log ? LOG(part[0]) : 1 / part[0];
	for (int r = t; r < R; r += 256)
		STORE(Y, at + r, log ? LOAD(X, at + r) - top - sum
		                     : EXP(LOAD(X, at + r) - top) * sum);
}
