/*---
kernel: matmul_tile
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: "0 | 1", trans_b: "0 | 1"}
shapes: {A: "[AB, A1, A2]", B: "[BB, B1, B2]", Y: "[YB, M, N]"}
tune: {TM: [16, 32, 64, 128], TN: [32, 64]}
when: "A_elems + B_elems + Y_elems <= 1073741824 && (TM == 16 || TM < 2 * M) && (TN == 32 || TN < 2 * N)"
grid: ["cdiv(N, TN)", "cdiv(M, TM)", YB]
threads: "256"
registers: 128
flops: "2 * (trans_a ? A1 : A2) * TM * TN"
reads:
  A: "[min(z, AB - 1), (trans_a ? 0 : TM*y)..(trans_a ? A1 : TM*(y+1)), (trans_a ? TM*y : 0)..(trans_a ? TM*(y+1) : A2)]"
  B: "[min(z, BB - 1), (trans_b ? TN*x : 0)..(trans_b ? TN*(x+1) : B1), (trans_b ? 0 : TN*x)..(trans_b ? B2 : TN*(x+1))]"
writes: {Y: "[z, TM*y..TM*(y+1), TN*x..TN*(x+1)]"}
---*/
/* A tile of TM rows and TN columns by 16 x 16 threads, each with TM/16 by
 * TN/16 sums.  Steps of 16 along k go through shared memory; the next step's
 * elements are in flight, in registers, while this one is computed.  k is
 * summed in order. */
extern "C" __global__ void
matmul_tile(const A_t *A, const B_t *B, Y_t *Y)
{
	enum { K = trans_a ? A1 : A2, KT = 16, RM = TM / 16, RN = TN / 16 };
	__shared__ __align__(16) float as[16][TM + 4];
	__shared__ __align__(16) float bs[16][TN + 4];
	const int tid = threadIdx.x, tx = tid % 16, ty = tid / 16;
	const int m0 = blockIdx.y * TM, n0 = blockIdx.x * TN;
	const int a0 = AB == 1 ? 0 : blockIdx.z * (M * K);
	const int b0 = BB == 1 ? 0 : blockIdx.z * (K * N);
	float na[RM], nb[RN], acc[RM][RN];

#pragma unroll
	for (int i = 0; i < RM; i++)
#pragma unroll
		for (int j = 0; j < RN; j++)
			acc[i][j] = 0.0f;
	/* Step -1 only fetches. */
#pragma unroll 1
	for (int k0 = -KT; k0 < K; k0 += KT) {
		const int next = k0 + KT;

#pragma unroll
		for (int i = 0; i < RM; i++) {
			int e = tid + 256 * i;
			int m = trans_a ? e % TM : e / KT;
			int k = next + (trans_a ? e / TM : e % KT);

			na[i] = 0.0f;
			if (m0 + m < M && k < K)
				na[i] = LOAD(A, a0 + (trans_a ? k * M + m0 + m
				                              : (m0 + m) * K + k));
		}
#pragma unroll
		for (int i = 0; i < RN; i++) {
			int e = tid + 256 * i;
			int n = trans_b ? e / KT : e % TN;
			int k = next + (trans_b ? e % KT : e / TN);

			nb[i] = 0.0f;
			if (n0 + n < N && k < K)
				nb[i] = LOAD(B, b0 + (trans_b ? (n0 + n) * K + k
				                              : k * N + n0 + n));
		}
		if (k0 >= 0) {
#pragma unroll
			for (int k = 0; k < KT; k++) {
				float a[RM], b[RN];

#pragma unroll
				for (int i = 0; i < RM; i++)
					a[i] = as[k][ty * RM + i];
#pragma unroll
				for (int j = 0; j < RN; j++)
					b[j] = bs[k][tx * RN + j];
#pragma unroll
				for (int i = 0; i < RM; i++)
#pragma unroll
					for (int j = 0; j < RN; j++)
						acc[i][j] += a[i] * b[j];
			}
		}
		__syncthreads();
#pragma unroll
		for (int i = 0; i < RM; i++) {
			int e = tid + 256 * i;

			as[trans_a ? e / TM : e % KT][trans_a ? e % TM : e / KT] =
				na[i];
		}
#pragma unroll
		for (int i = 0; i < RN; i++) {
			int e = tid + 256 * i;

			bs[trans_b ? e % KT : e / TN][trans_b ? e / KT : e % TN] =
				nb[i];
		}
		__syncthreads();
	}
#pragma unroll
	for (int i = 0; i < RM; i++) {
		int m = m0 + ty * RM + i;

#pragma unroll
		for (int j = 0; j < RN; j++) {
			int n = n0 + tx * RN + j;

			if (m < M && n < N)
				STORE(Y, (int)blockIdx.z * (M * N) + m * N + n,
				      acc[i][j]);
		}
	}
}
