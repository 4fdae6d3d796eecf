/*---
kernel: conv_first16c
form: Conv
types: {X: f32, W: f32, Y: f32}
attrs: {group: 1}
shapes: {X: "[N, C, IH, IW]", W: "[M, C, KH, KW]", Y: "[N, M, OH, OW]"}
layout: {W: OIHW16o, Y: NCHW16c}
tune: {TH: [1, 2, 4, 8, 16]}
when: "C <= 8 && (TH == 1 || (TH < 2 * OH && C * TH * strides_0 * (IW + pads_1 + pads_3) <= 16384)) && C * ((TH - 1) * strides_0 + (KH - 1) * dilations_0 + 1) * ((OW + 14) * strides_1 + KW * dilations_1) <= 131072"
grid: ["cdiv(OH, TH)", "M / 16", N]
flops: "32 * C * KH * KW * OW * min(TH, OH)"
reads:
  X: "[z, 0..C, TH*x*strides_0 - pads_0..(min(TH*(x+1), OH) - 1)*strides_0 - pads_0 + (KH-1)*dilations_0 + 1, 0..IW]"
  W: "[y, 0..C, 0..KH, 0..KW, 0..16]"
writes: {Y: "[z, y, TH*x..TH*(x+1), 0..OW, 0..16]"}
---*/
/* A first layer: few input channels, row-major, to blocks of 16: TH rows of
 * one block of output channels.  All input rows are copied with their padding;
 * P pixels by 16 channels stay in registers over the whole window. */
void
conv_first16c(const X_t *X, const W_t *W, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum {
		VB = 16 / VLEN,
		MAXP = VLEN == 16 ? 14 : 12 / VB,
		PB = (OW + MAXP - 1) / MAXP,
		P = (OW + PB - 1) / PB,
		OWP = P * PB,
		SH = strides_0, SW = strides_1,
		DH = dilations_0, DW = dilations_1,
		ROWS = (TH - 1) * SH + (KH - 1) * DH + 1,
		COLS = (OWP - 1) * SW + (KW - 1) * DW + 1
	};
	const int oh0 = blockIdx.x * TH;
	const int rows = OH - oh0 < TH ? OH - oh0 : TH;
	const int used = (rows - 1) * SH + (KH - 1) * DH + 1;
	const float *w = W + (int64_t)blockIdx.y * C * KH * KW * 16;
	float pad[C][ROWS][COLS] __attribute__((aligned(64)));
	float out[P * 16] __attribute__((aligned(64)));

	for (int c = 0; c < C; c++)
		for (int r = 0; r < used; r++) {
			const int ih = oh0 * SH - pads_0 + r;
			const int64_t x = (((int64_t)blockIdx.z * C + c) * IH + ih) *
			                  IW - pads_1;
			const int in = ih >= 0 && ih < IH && pads_1 < COLS;
			const int lo = in ? pads_1 : 0;
			const int hi = !in ? 0 : IW + pads_1 < COLS ? IW + pads_1
			                                            : COLS;

			for (int j = 0; j < lo; j++)
				pad[c][r][j] = 0;
			for (int j = lo; j < hi; j++)
				pad[c][r][j] = LOAD(X, x + j);
			for (int j = hi; j < COLS; j++)
				pad[c][r][j] = 0;
		}
	for (int r = 0; r < rows; r++)
		for (int p0 = 0; p0 < OW; p0 += P) {
			const int64_t y = ((((int64_t)blockIdx.z * (M / 16) +
				blockIdx.y) * OH + oh0 + r) * OW + p0) * 16;
			vec acc[P][VB];

			for (int p = 0; p < P; p++)
				for (int v = 0; v < VB; v++)
					acc[p][v] = (vec){0};
			for (int c = 0; c < C; c++)
				for (int kh = 0; kh < KH; kh++)
					for (int kw = 0; kw < KW; kw++) {
						const float *xp = &pad[c][r * SH + kh * DH]
							[p0 * SW + kw * DW];
						const float *wp = w +
							((c * KH + kh) * KW + kw) * 16;
						vec f[VB];

						for (int v = 0; v < VB; v++)
							f[v] = *(const vec *)(wp + v * VLEN);
						for (int p = 0; p < P; p++)
							for (int v = 0; v < VB; v++)
								acc[p][v] += xp[p * SW] * f[v];
					}
			for (int p = 0; p < P; p++)
				for (int v = 0; v < VB; v++)
					*(vec *)(out + p * 16 + v * VLEN) = acc[p][v];
			for (int j = 0; j < (OW - p0 < P ? OW - p0 : P) * 16; j++)
				STORE(Y, y + j, out[j]);
		}
}
