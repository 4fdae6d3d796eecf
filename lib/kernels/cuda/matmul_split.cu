/*---
kernel: matmul_split
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: "[AB, M, K]", B: "[BB, K, N]", Y: "[YB, M, N]"}
tune: {TM: [2, 4, 8]}
when: "A_elems + B_elems + Y_elems <= 1073741824 && M > 1 && K >= 64 && (TM == 2 || TM < 2 * M)"
grid: ["cdiv(N, 32)", "cdiv(M, TM)", YB]
threads: "256"
registers: 64
flops: "3 * K * TM * 32"
reads: {A: "[min(z, AB - 1), TM*y..TM*(y+1), 0..K]", B: "[min(z, BB - 1), 0..K, 32*x..32*(x+1)]"}
writes: {Y: "[z, TM*y..TM*(y+1), 32*x..32*(x+1)]"}
---*/
/* A few rows: TM by 32 columns, a lane each.  The eight warps share out k in
 * pieces of 32; a piece of A is fetched side by side and handed on in shared
 * memory.  The warps' sums are added in their order. */
extern "C" __global__ void
matmul_split(const A_t *A, const B_t *B, Y_t *Y)
{
	__shared__ __align__(16) float as[8][32][TM];
	__shared__ float part[8][TM][32];
	const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const int m0 = blockIdx.y * TM, n = blockIdx.x * 32 + lane;
	const int a0 = AB == 1 ? 0 : blockIdx.z * (M * K);
	const int b0 = BB == 1 ? 0 : blockIdx.z * (K * N);
	float acc[TM];

#pragma unroll
	for (int m = 0; m < TM; m++)
		acc[m] = 0.0f;
	for (int k0 = warp * 32; k0 < K; k0 += 256) {
#pragma unroll
		for (int m = 0; m < TM; m++) {
			float a = 0.0f;

			if (k0 + lane < K && m0 + m < M)
				a = LOAD(A, a0 + (m0 + m) * K + k0 + lane);
			as[warp][lane][m] = a;
		}
		__syncwarp();
#pragma unroll 8
		for (int j = 0; j < 32; j++) {
			float b = 0.0f;

			if (k0 + j < K && n < N)
				b = LOAD(B, b0 + (k0 + j) * N + n);
#pragma unroll
			for (int m = 0; m < TM; m++)
				acc[m] += as[warp][j][m] * b;
		}
		__syncwarp();
	}
#pragma unroll
	for (int m = 0; m < TM; m++)
		part[warp][m][lane] = acc[m];
	__syncthreads();
	/* Warp w finishes row w. */
	if (warp < TM && m0 + warp < M && n < N) {
		float sum = part[0][warp][lane];

#pragma unroll
		for (int w = 1; w < 8; w++)
			sum += part[w][warp][lane];
		STORE(Y, (int)blockIdx.z * (M * N) + (m0 + warp) * N + n, sum);
	}
}
