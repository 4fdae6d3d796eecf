/*---
kernel: copy_swap
form: Copy
types: {X: T, Y: T}
shapes: {X: "[E]", Y: "[P, Q, S]"}
when: "src_1 == 1 && src_2 > 1 && X_elems <= 1073741824 && Y_elems <= 1073741824"
grid: ["cdiv(S, 32)", "cdiv(Q, 32)", P]
threads: "256"
registers: 40
reads: {X: "[offset + src_0*z + 32*y + src_2*32*x..offset + src_0*z + min(32*(y+1), Q) + src_2*(min(32*(x+1), S) - 1)]"}
writes: {Y: "[z, 32*y..32*(y+1), 32*x..32*(x+1)]"}
---*/
/* Two dimensions change places: 32 x 32 elements through shared memory, so
 * that both sides are coalesced.  Rows of 33 keep banks apart. */
extern "C" __global__ void
copy_swap(const X_t *X, Y_t *Y)
{
	__shared__ X_t tile[32][33];
	const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const int q0 = blockIdx.y * 32, s0 = blockIdx.x * 32;
	const int from = offset + (int)blockIdx.z * src_0;

#pragma unroll
	for (int j = warp; j < 32; j += 8)
		if (q0 + lane < Q && s0 + j < S)
			tile[j][lane] = LOAD(X, from + q0 + lane + (s0 + j) * src_2);
	__syncthreads();
#pragma unroll
	for (int j = warp; j < 32; j += 8)
		if (q0 + j < Q && s0 + lane < S)
			STORE(Y, ((int)blockIdx.z * Q + q0 + j) * S + s0 + lane,
			      tile[lane][j]);
}
