/*---
kernel: conv_tile
form: Conv
types: {X: f32, W: f32, Y: f32}
attrs: {group: 1}
shapes: {X: "[N, C, IH, IW]", W: "[M, C, KH, KW]", Y: "[N, M, OH, OW]"}
tune: {TM: [16, 32, 64], TN: [32, 64], TW: [8, 16, 32]}
when: "X_elems + W_elems + Y_elems <= 1073741824 && (TM == 16 || TM < 2 * M) && (TN == 32 || TN < 2 * OH * OW) && (TW == 8 || TW < 2 * OW)"
grid: ["cdiv(OW, TW) * cdiv(OH, TN / TW)", "cdiv(M, TM)", N]
threads: "256"
registers: 96
flops: "2 * C * KH * KW * TM * TN"
reads:
  X: "[z, 0..C, (x - x % cdiv(OW, TW)) / cdiv(OW, TW) * (TN/TW) * strides_0 - pads_0..(min(((x - x % cdiv(OW, TW)) / cdiv(OW, TW) + 1) * (TN/TW), OH) - 1) * strides_0 - pads_0 + (KH-1)*dilations_0 + 1, x % cdiv(OW, TW) * TW * strides_1 - pads_1..(min((x % cdiv(OW, TW) + 1) * TW, OW) - 1) * strides_1 - pads_1 + (KW-1)*dilations_1 + 1]"
  W: "[TM*y..TM*(y+1), 0..C, 0..KH, 0..KW]"
writes:
  Y: "[z, TM*y..TM*(y+1), (x - x % cdiv(OW, TW)) / cdiv(OW, TW) * (TN/TW)..((x - x % cdiv(OW, TW)) / cdiv(OW, TW) + 1) * (TN/TW), x % cdiv(OW, TW) * TW..(x % cdiv(OW, TW) + 1) * TW]"
---*/
/* A matrix product that gathers its right operand from the image: TM output
 * channels by TN pixels (TW in a row) by 16 x 16 threads.  Steps of 16 along
 * (channel, window) go through shared memory, the next one in flight while one
 * is computed; they are summed in order. */
extern "C" __global__ void
conv_tile(const X_t *X, const W_t *W, Y_t *Y)
{
	enum {
		K = C * KH * KW, KT = 16, RM = TM / 16, RN = TN / 16,
		ACROSS = (OW + TW - 1) / TW
	};
	__shared__ __align__(16) float ws[16][TM + 4];
	__shared__ __align__(16) float xs[16][TN + 4];
	const int tid = threadIdx.x, tx = tid % 16, ty = tid / 16;
	const int m0 = blockIdx.y * TM;
	const int oh0 = (int)blockIdx.x / ACROSS * (TN / TW);
	const int ow0 = (int)blockIdx.x % ACROSS * TW;
	/* The pixel that this thread gathers, and where its window begins. */
	const int oh = oh0 + tid % TN / TW, ow = ow0 + tid % TN % TW;
	const int ih0 = oh * strides_0 - pads_0, iw0 = ow * strides_1 - pads_1;
	const int x0 = blockIdx.z * (C * IH * IW);
	float nw[RM], nx[RN], acc[RM][RN];

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
			int e = tid + 256 * i, m = m0 + e / KT, k = next + e % KT;

			nw[i] = 0.0f;
			if (m < M && k < K)
				nw[i] = LOAD(W, m * K + k);
		}
#pragma unroll
		for (int i = 0; i < RN; i++) {
			int k = next + (tid + 256 * i) / TN;
			int c = k / (KH * KW), tap = k % (KH * KW);
			int ih = ih0 + tap / KW * dilations_0;
			int iw = iw0 + tap % KW * dilations_1;

			nx[i] = 0.0f;
			if (k < K && oh < OH && ow < OW && ih >= 0 && ih < IH &&
			    iw >= 0 && iw < IW)
				nx[i] = LOAD(X, x0 + (c * IH + ih) * IW + iw);
		}
		if (k0 >= 0) {
#pragma unroll
			for (int k = 0; k < KT; k++) {
				float a[RM], b[RN];

#pragma unroll
				for (int i = 0; i < RM; i++)
					a[i] = ws[k][ty * RM + i];
#pragma unroll
				for (int j = 0; j < RN; j++)
					b[j] = xs[k][tx * RN + j];
#pragma unroll
				for (int i = 0; i < RM; i++)
#pragma unroll
					for (int j = 0; j < RN; j++)
						acc[i][j] += a[i] * b[j];
			}
		}
		__syncthreads();
#pragma unroll
		for (int i = 0; i < RM; i++)
			ws[(tid + 256 * i) % KT][(tid + 256 * i) / KT] = nw[i];
#pragma unroll
		for (int i = 0; i < RN; i++)
			xs[(tid + 256 * i) / TN][tid % TN] = nx[i];
		__syncthreads();
	}
#pragma unroll
	for (int i = 0; i < RM; i++) {
		int m = m0 + ty * RM + i;

#pragma unroll
		for (int j = 0; j < RN; j++) {
			int n = tx * RN + j;
			int h = oh0 + n / TW, w = ow0 + n % TW;

			if (m < M && h < OH && w < OW)
				STORE(Y, (((int)blockIdx.z * M + m) * OH + h) * OW + w,
				      acc[i][j]);
		}
	}
}
