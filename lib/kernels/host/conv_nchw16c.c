/*---
kernel: conv_nchw16c
form: Conv
types: {X: f32, W: f32, Y: f32}
shapes: {X: "[N, C, IH, IW]", W: "[M, CG, KH, KW]", Y: "[N, M, OH, OW]"}
layout: {X: NCHW16c, W: OIHW16i16o, Y: NCHW16c}
tune: {OB: [1, 2], TH: [1, 2, 4, 8, 16]}
when: "(M / group) % (16 * OB) == 0 && (OB == 1 || VLEN == 16) && (TH == 1 || (TH < 2 * OH && TH * strides_0 * (IW + pads_1 + pads_3) <= 1024)) && ((TH - 1) * strides_0 + (KH - 1) * dilations_0 + 1) * ((OW + 14) * strides_1 + KW * dilations_1) * 16 + TH * (OW + 14) * OB * 16 <= 131072"
grid: ["cdiv(OH, TH)", "M / (16 * OB)", N]
flops: "32 * OB * CG * KH * KW * OW * min(TH, OH)"
reads:
  X: "[z, (16*OB*y - 16*OB*y % (M/group)) / (M/group) * (CG/16)..((16*OB*y - 16*OB*y % (M/group)) / (M/group) + 1) * (CG/16), TH*x*strides_0 - pads_0..(min(TH*(x+1), OH) - 1)*strides_0 - pads_0 + (KH-1)*dilations_0 + 1, 0..IW, 0..16]"
  W: "[OB*y..OB*(y+1), 0..CG/16, 0..KH, 0..KW, 0..16, 0..16]"
writes: {Y: "[z, OB*y..OB*(y+1), TH*x..TH*(x+1), 0..OW, 0..16]"}
---*/
/* Blocks of 16 channels: TH rows of OB blocks of output channels.  P pixels by
 * OB * 16 channels stay in registers over one block of input channels; each
 * step is a vector of weights times a pixel's channel, broadcast.  The rows of
 * an input block are copied with their padding unless there is none; sums over
 * input blocks collect in a buffer.  Order: input block, window, channel. */
void
conv_nchw16c(const X_t *X, const W_t *W, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum {
		VB = 16 / VLEN,			/* vectors of a block */
		NV = OB * VB,
		MAXP = VLEN == 16 ? 14 : 12 / NV,
		PB = (OW + MAXP - 1) / MAXP,	/* pixel blocks of a row */
		P = (OW + PB - 1) / PB,
		OWP = P * PB,
		SH = strides_0, SW = strides_1,
		DH = dilations_0, DW = dilations_1,
		ROWS = (TH - 1) * SH + (KH - 1) * DH + 1,
		COLS = (OWP - 1) * SW + (KW - 1) * DW + 1,
		DIRECT = !pads_0 && !pads_1 && !pads_2 && !pads_3 && OWP == OW,
		IB = CG / 16
	};
	const int oh0 = blockIdx.x * TH;
	const int rows = OH - oh0 < TH ? OH - oh0 : TH;
	const int ib0 = (int)(blockIdx.y * OB * 16) / (M / group) * IB;
	const int top = oh0 * SH - pads_0;
	float pad[DIRECT ? 1 : ROWS * COLS * 16] __attribute__((aligned(64)));
	float sum[TH][OWP * OB * 16] __attribute__((aligned(64)));

	for (int ib = 0; ib < IB; ib++) {
		const float *x = X + ((int64_t)blockIdx.z * (C / 16) + ib0 + ib) *
		                     IH * IW * 16;
		const float *w = W + ((int64_t)blockIdx.y * OB * IB + ib) *
		                     KH * KW * 256;
		const int64_t row = DIRECT ? IW * 16 : COLS * 16;

		if (DIRECT) {
			x += (int64_t)top * IW * 16;
		} else {
			for (int r = 0; r < (rows - 1) * SH + (KH - 1) * DH + 1; r++) {
				const int ih = top + r;
				const int in = ih >= 0 && ih < IH && pads_1 < COLS;
				const int lo = in ? pads_1 : 0;
				const int hi = !in ? 0 : IW + pads_1 < COLS ?
					IW + pads_1 : COLS;
				float *to = pad + r * COLS * 16;

				for (int j = 0; j < lo * 16; j++)
					to[j] = 0;
				for (int j = lo * 16; j < hi * 16; j++)
					to[j] = x[((int64_t)ih * IW - pads_1) * 16 + j];
				for (int j = hi * 16; j < COLS * 16; j++)
					to[j] = 0;
			}
			x = pad;
		}
		for (int r = 0; r < rows; r++)
			for (int p0 = 0; p0 < OWP; p0 += P) {
				float *s = &sum[r][p0 * OB * 16];
				vec acc[P][NV];

				for (int p = 0; p < P; p++)
					for (int v = 0; v < NV; v++)
						acc[p][v] = ib ? *(vec *)(s + (p * NV + v) *
						                  VLEN) : (vec){0};
				for (int kh = 0; kh < KH; kh++)
					for (int kw = 0; kw < KW; kw++) {
						const float *xp = x + (r * SH + kh * DH) * row +
						                  (p0 * SW + kw * DW) * 16;
						const float *wp = w + (kh * KW + kw) * 256;

						for (int i = 0; i < 16; i++) {
							vec f[NV];

							for (int v = 0; v < NV; v++)
								f[v] = *(const vec *)(wp + i * 16 +
									(int64_t)(v / VB) * IB * KH *
									KW * 256 + v % VB * VLEN);
							for (int p = 0; p < P; p++)
								for (int v = 0; v < NV; v++)
									acc[p][v] += xp[p * SW * 16 + i] *
									             f[v];
						}
					}
				for (int p = 0; p < P; p++)
					for (int v = 0; v < NV; v++)
						*(vec *)(s + (p * NV + v) * VLEN) = acc[p][v];
			}
	}
	for (int b = 0; b < OB; b++)
		for (int r = 0; r < rows; r++) {
			const int64_t y = (((int64_t)blockIdx.z * (M / 16) +
				blockIdx.y * OB + b) * OH + oh0 + r) * OW * 16;

			for (int p = 0; p < OW; p++)
				for (int i = 0; i < 16; i++)
					STORE(Y, y + p * 16 + i,
					      sum[r][(p * OB + b) * 16 + i]);
		}
}
