/*---
kernel: norm_warp
form: Norm
types: {X: T, Y: T}
shapes: {X: "[N, C, R]", Y: "[N, C, R]"}
when: "R <= 256 && X_elems <= 1073741824"
grid: ["cdiv(C, 8)", N]
threads: "256"
registers: 48
flops: "48 * R"
reads: {X: "[y, 8*x..8*(x+1), 0..R]"}
writes: {Y: "[y, 8*x..8*(x+1), 0..R]"}
---*/
/* A warp a row, eight rows.  A lane keeps its elements (every 32nd) in
 * registers, so that X is read once and no block barrier is met; sums go
 * through a butterfly over the lanes.  A row beyond the last is the last one
 * again, and not stored. */
extern "C" __global__ void
norm_warp(const X_t *X, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	enum { PER_LANE = (R + 31) / 32 };
	const int lane = threadIdx.x % 32, c = blockIdx.x * 8 + threadIdx.x / 32;
	const int at = ((int)blockIdx.y * C + (c < C ? c : C - 1)) * R;
	num v[PER_LANE], mean = 0, scale = 0;

#pragma unroll
	for (int k = 0; k < PER_LANE; k++) {
		v[k] = lane + 32 * k < R ? LOAD(X, at + lane + 32 * k) : 0;
		mean += v[k];
	}
#pragma unroll
	for (int d = 16; d > 0; d /= 2)
		mean += __shfl_xor_sync(0xffffffffu, mean, d);
	mean /= R;
#pragma unroll
	for (int k = 0; k < PER_LANE; k++) {
		v[k] = lane + 32 * k < R ? v[k] - mean : 0;
		scale += v[k] * v[k];
	}
#pragma unroll
	for (int d = 16; d > 0; d /= 2)
		scale += __shfl_xor_sync(0xffffffffu, scale, d);
	scale = 1 / SQRT(scale / R + (num)epsilon);
#pragma unroll
	for (int k = 0; k < PER_LANE; k++)
		if (c < C && lane + 32 * k < R)
			STORE(Y, at + lane + 32 * k, v[k] * scale);
}
