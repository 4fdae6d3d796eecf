/*---
kernel: norm_rows
form: Norm
types: {X: T, Y: T}
shapes: {X: "[N, C, R]", Y: "[N, C, R]"}
tune: {TPR: [32, 256]}
when: "X_elems <= 1073741824 && (TPR == 32 || R > 256)"
grid: ["cdiv(C, 256 / TPR)", N]
threads: "256"
registers: 40
flops: "6 * R * (256 / TPR)"
reads: {X: "[y, (256 / TPR)*x..(256 / TPR)*(x+1), 0..R]"}
writes: {Y: "[y, (256 / TPR)*x..(256 / TPR)*(x+1), 0..R]"}
---*/
/* TPR threads a row: the mean, then the mean square of the differences, each
 * summed by every thread over every TPR-th element and then in a tree in
 * shared memory, then the results. */
extern "C" __global__ void
norm_rows(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	__shared__ double slots[256];
	num *part = (num *)slots;
	const int tid = threadIdx.x, t = tid % TPR;
	const int c = blockIdx.x * (256 / TPR) + tid / TPR;
	const int at = ((int)blockIdx.y * C + (c < C ? c : C - 1)) * R;
	num sum = 0, mean, scale;

#pragma unroll 4
	for (int r = t; r < R; r += TPR)
		sum += LOAD(X, at + r);
	part[tid] = sum;
	__syncthreads();
	for (int w = TPR / 2; w > 0; w /= 2) {
		if (t < w)
			part[tid] = part[tid] + part[tid + w];
		__syncthreads();
	}
	mean = part[tid - t] / R;
	__syncthreads();
	sum = 0;
#pragma unroll 4
	for (int r = t; r < R; r += TPR) {
		num v = LOAD(X, at + r) - mean;

		sum += v * v;
	}
	part[tid] = sum;
	__syncthreads();
	for (int w = TPR / 2; w > 0; w /= 2) {
		if (t < w)
			part[tid] = part[tid] + part[tid + w];
		__syncthreads();
	}
	scale = 1 / SQRT(part[tid - t] / R + (num)epsilon);
	if (c < C)
		for (int r = t; r < R; r += TPR)
			STORE(Y, at + r, (LOAD(X, at + r) - mean) * scale);
}
