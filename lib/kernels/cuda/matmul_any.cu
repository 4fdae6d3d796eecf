/*---
kernel: matmul_any
form: MatMul
types: {A: T, B: T, Y: T}
attrs: {trans_a: "0 | 1", trans_b: "0 | 1"}
shapes: {A: "[AB, A1, A2]", B: "[BB, B1, B2]", Y: "[YB, M, N]"}
when: "A_elems + B_elems + Y_elems <= 1073741824"
grid: ["cdiv(N, 32)", "cdiv(M, 8)", YB]
threads: "256"
registers: 40
flops: "8 * (trans_a ? A1 : A2) * 256"
reads:
  A: "[min(z, AB - 1), (trans_a ? 0 : 8*y)..(trans_a ? A1 : 8*(y+1)), (trans_a ? 8*y : 0)..(trans_a ? 8*(y+1) : A2)]"
  B: "[min(z, BB - 1), (trans_b ? 32*x : 0)..(trans_b ? 32*(x+1) : B1), (trans_b ? 0 : 32*x)..(trans_b ? B2 : 32*(x+1))]"
writes: {Y: "[z, 8*y..8*(y+1), 32*x..32*(x+1)]"}
---*/
/* Any type: one element a thread, a warp on 32 columns of a row.  "flops"
 * counts loads and indices, several for each product. */
extern "C" __global__ void
matmul_any(const A_t *A, const B_t *B, Y_t *Y)
{
	enum { K = trans_a ? A1 : A2 };
	const int n = blockIdx.x * 32 + threadIdx.x % 32;
	const int m = blockIdx.y * 8 + threadIdx.x / 32;
	const int a0 = AB == 1 ? 0 : blockIdx.z * (M * K);
	const int b0 = BB == 1 ? 0 : blockIdx.z * (K * N);
	__typeof__(LOAD(A, 0) * LOAD(B, 0)) acc = 0;

	if (m < M && n < N) {
#pragma unroll 4
		for (int k = 0; k < K; k++)
			acc += LOAD(A, a0 + (trans_a ? k * M + m : m * K + k)) *
			       LOAD(B, b0 + (trans_b ? n * K + k : k * N + n));
		STORE(Y, (int)blockIdx.z * (M * N) + m * N + n, acc);
	}
}
