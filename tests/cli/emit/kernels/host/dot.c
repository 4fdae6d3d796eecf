/*---
kernel: dot
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: "[1, 1, K]", B: "[1, K, N]", Y: "[1, 1, N]"}
tune: {TN: [4, 8]}
when: "N % TN == 0"
grid: ["N / TN"]
reads: {B: "[0, 0..K, TN*x..TN*(x+1)]"}
writes: {Y: "[0, 0, TN*x..TN*(x+1)]"}
---*/
/* For tests of emit: a row vector times TN columns of a matrix. */
void
dot(const A_t *A, const B_t *B, Y_t *Y)
{
	for (int n = (int)blockIdx.x * TN; n < ((int)blockIdx.x + 1) * TN; n++) {
		float sum = 0;

		for (int k = 0; k < K; k++)
			sum += LOAD(A, k) * LOAD(B, k * N + n);
		STORE(Y, n, sum);
	}
}
