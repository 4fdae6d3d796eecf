/*---
kernel: matmul_dots
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 1}
shapes: {A: "[AB, M, K]", B: "[BB, N, K]", Y: "[YB, M, N]"}
tune: {TM: [2, 4, 8]}
when: "A_elems + B_elems + Y_elems <= 1073741824 && M > 1 && K >= 64 && (TM == 2 || TM < 2 * M)"
grid: ["cdiv(N, 8)", "cdiv(M, TM)", YB]
threads: "256"
registers: 64
flops: "4 * K * TM * 8"
reads: {A: "[min(z, AB - 1), TM*y..TM*(y+1), 0..K]", B: "[min(z, BB - 1), 8*x..8*(x+1), 0..K]"}
writes: {Y: "[z, TM*y..TM*(y+1), 8*x..8*(x+1)]"}
---*/
/* A few rows by the rows of B: a warp a row of B, lanes along k, TM sums each;
 * then a butterfly over the lanes for every one. */
extern "C" __global__ void
matmul_dots(const A_t *A, const B_t *B, Y_t *Y)
{
	const int lane = threadIdx.x % 32;
	const int m0 = blockIdx.y * TM, n = blockIdx.x * 8 + threadIdx.x / 32;
	const int a0 = AB == 1 ? 0 : blockIdx.z * (M * K);
	const int b0 = BB == 1 ? 0 : blockIdx.z * (K * N);
	float acc[TM];

#pragma unroll
	for (int m = 0; m < TM; m++)
		acc[m] = 0.0f;
#pragma unroll 4
	for (int k = lane; k < K; k += 32) {
		float b = 0.0f;

		if (n < N)
			b = LOAD(B, b0 + n * K + k);
#pragma unroll
		for (int m = 0; m < TM; m++)
			if (m0 + m < M && n < N)
				acc[m] += LOAD(A, a0 + (m0 + m) * K + k) * b;
	}
#pragma unroll
	for (int m = 0; m < TM; m++) {
#pragma unroll
		for (int d = 16; d > 0; d /= 2)
			acc[m] += __shfl_xor_sync(0xffffffffu, acc[m], d);
		if (lane == m && m0 + m < M && n < N)
			STORE(Y, (int)blockIdx.z * (M * N) + (m0 + m) * N + n,
			      acc[m]);
	}
}
