/*---
kernel: conv_split
form: Conv
types: {X: f32, W: f32, Y: f32}
attrs: {group: 1}
shapes: {X: "[N, C, IH, IW]", W: "[M, C, KH, KW]", Y: "[N, M, OH, OW]"}
tune: {TM: [4, 8], TW: [8, 16, 32]}
when: "X_elems + W_elems + Y_elems <= 1073741824 && C * KH * KW >= 64 && (TW == 8 || TW < 2 * OW)"
grid: ["cdiv(OW, TW) * cdiv(OH, 32 / TW)", "cdiv(M, TM)", N]
threads: "256"
registers: 72
flops: "4 * C * KH * KW * TM * 32"
reads:
  X: "[z, 0..C, (x - x % cdiv(OW, TW)) / cdiv(OW, TW) * (32/TW) * strides_0 - pads_0..(min(((x - x % cdiv(OW, TW)) / cdiv(OW, TW) + 1) * (32/TW), OH) - 1) * strides_0 - pads_0 + (KH-1)*dilations_0 + 1, x % cdiv(OW, TW) * TW * strides_1 - pads_1..(min((x % cdiv(OW, TW) + 1) * TW, OW) - 1) * strides_1 - pads_1 + (KW-1)*dilations_1 + 1]"
  W: "[TM*y..TM*(y+1), 0..C, 0..KH, 0..KW]"
writes:
  Y: "[z, TM*y..TM*(y+1), (x - x % cdiv(OW, TW)) / cdiv(OW, TW) * (32/TW)..((x - x % cdiv(OW, TW)) / cdiv(OW, TW) + 1) * (32/TW), x % cdiv(OW, TW) * TW..(x % cdiv(OW, TW) + 1) * TW]"
---*/
/* Small images: TM output channels by 32 pixels, a lane each.  The eight warps
 * share out the sum over (channel, window) in pieces of 32, so that a task is
 * short; a piece's weights are fetched side by side and handed on in shared
 * memory.  The warps' sums are added in their order. */
extern "C" __global__ void
conv_split(const X_t *X, const W_t *W, Y_t *Y)
{
	enum { K = C * KH * KW, ACROSS = (OW + TW - 1) / TW };
	__shared__ __align__(16) float ws[8][32][TM];
	__shared__ float part[8][TM][32];
	const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const int m0 = blockIdx.y * TM;
	const int oh = (int)blockIdx.x / ACROSS * (32 / TW) + lane / TW;
	const int ow = (int)blockIdx.x % ACROSS * TW + lane % TW;
	const int ih0 = oh * strides_0 - pads_0, iw0 = ow * strides_1 - pads_1;
	const int x0 = blockIdx.z * (C * IH * IW);
	float acc[TM];

#pragma unroll
	for (int m = 0; m < TM; m++)
		acc[m] = 0.0f;
	for (int k0 = warp * 32; k0 < K; k0 += 256) {
#pragma unroll
		for (int m = 0; m < TM; m++) {
			float w = 0.0f;

			if (k0 + lane < K && m0 + m < M)
				w = LOAD(W, (m0 + m) * K + k0 + lane);
			ws[warp][lane][m] = w;
		}
		__syncwarp();
#pragma unroll 8
		for (int j = 0; j < 32; j++) {
			int k = k0 + j, c = k / (KH * KW), tap = k % (KH * KW);
			int ih = ih0 + tap / KW * dilations_0;
			int iw = iw0 + tap % KW * dilations_1;
			float x = 0.0f;

			if (k < K && oh < OH && ow < OW && ih >= 0 && ih < IH &&
			    iw >= 0 && iw < IW)
				x = LOAD(X, x0 + (c * IH + ih) * IW + iw);
#pragma unroll
			for (int m = 0; m < TM; m++)
				acc[m] += ws[warp][j][m] * x;
		}
		__syncwarp();
	}
#pragma unroll
	for (int m = 0; m < TM; m++)
		part[warp][m][lane] = acc[m];
	__syncthreads();
	/* Warp w finishes channel w. */
	if (warp < TM && m0 + warp < M && oh < OH && ow < OW) {
		float sum = part[0][warp][lane];

#pragma unroll
		for (int w = 1; w < 8; w++)
			sum += part[w][warp][lane];
		STORE(Y, (((int)blockIdx.z * M + m0 + warp) * OH + oh) * OW + ow,
		      sum);
	}
}
