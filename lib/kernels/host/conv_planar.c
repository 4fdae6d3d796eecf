/*---
kernel: conv_planar
form: Conv
types: {X: f32, W: f32, Y: f32}
shapes: {X: "[N, C, IH, IW]", W: "[M, CG, KH, KW]", Y: "[N, M, OH, OW]"}
tune: {MB: [1, 4, 8], TH: [1, 4, 16], TW: [512]}
when: "(MB == 1 || (M / group) % MB == 0 || (group == 1 && MB < 2 * M)) && (MB < 8 || VLEN == 16 || OW <= VLEN) && (TH == 1 || (TH < 2 * OH && TH * strides_0 * (IW + pads_1 + pads_3) <= 2048)) && (KH * KW >= 9 ? 4 : 16) * ((TH - 1) * strides_0 + (KH - 1) * dilations_0 + 1) * ((min(OW, TW) + 32) * strides_1 + KW * dilations_1) + MB * TH * (min(OW, TW) + 32) <= 131072"
grid: ["cdiv(OH, TH) * cdiv(OW, TW)", "cdiv(M, MB)", N]
flops: "2 * MB * CG * KH * KW * min(TW, OW) * min(TH, OH)"
reads:
  X: "[z, (MB*y - MB*y % (M/group)) / (M/group) * CG..((MB*y - MB*y % (M/group)) / (M/group) + 1) * CG, TH*((x - x % cdiv(OW, TW)) / cdiv(OW, TW))*strides_0 - pads_0..(min(TH*((x - x % cdiv(OW, TW)) / cdiv(OW, TW) + 1), OH) - 1)*strides_0 - pads_0 + (KH-1)*dilations_0 + 1, TW*(x % cdiv(OW, TW))*strides_1 - pads_1..(min(TW*(x % cdiv(OW, TW) + 1), OW) - 1)*strides_1 - pads_1 + (KW-1)*dilations_1 + 1]"
  W: "[MB*y..MB*(y+1), 0..CG, 0..KH, 0..KW]"
writes: {Y: "[z, MB*y..MB*(y+1), TH*((x - x % cdiv(OW, TW)) / cdiv(OW, TW))..TH*((x - x % cdiv(OW, TW)) / cdiv(OW, TW) + 1), TW*(x % cdiv(OW, TW))..TW*(x % cdiv(OW, TW) + 1)]"}
---*/
/* Row-major images: TH rows, TW columns, MB output channels, vectors along a row.  The
 * input rows of CB channels at a time are copied with their padding, split by
 * the stride's phase, so that every tap is a plain vector load; MB by NV
 * vectors stay in registers over the window and CB channels. */
void
conv_planar(const X_t *X, const W_t *W, Y_t *Y)
{
	typedef float vec __attribute__((vector_size(4 * VLEN), aligned(4),
	                                 may_alias));
	enum {
		WIDE = OW < TW ? OW : TW,	/* columns of a tile */
		TILES = (OW + TW - 1) / TW,
		NV = WIDE > VLEN ? 2 : 1,
		PN = NV * VLEN,
		OWP = (WIDE + PN - 1) / PN * PN,
		SH = strides_0, SW = strides_1,
		DH = dilations_0, DW = dilations_1,
		ROWS = (TH - 1) * SH + (KH - 1) * DH + 1,
		COLS = OWP + (KW - 1) * DW / SW + 1,	/* of one phase */
		CB = KH * KW >= 9 ? 4 : 16
	};
	const int oh0 = blockIdx.x / TILES * TH, m0 = blockIdx.y * MB;
	const int ow0 = blockIdx.x % TILES * TW;
	const int cols = OW - ow0 < WIDE ? OW - ow0 : WIDE;
	const int left = pads_1 - ow0 * SW;	/* X begins at this column */
	const int need = (cols - 1) * SW + (KW - 1) * DW + 1;
	const int right = IW + left < need ? IW + left : need;
	const int rows = OH - oh0 < TH ? OH - oh0 : TH;
	const int used = (rows - 1) * SH + (KH - 1) * DH + 1;
	const int ms = M - m0 < MB ? M - m0 : MB;
	const int64_t c0 = (int64_t)blockIdx.z * C + m0 / (M / group) * CG;
	const float *w[MB];
	float pad[CB][ROWS][SW][COLS] __attribute__((aligned(64)));
	float sum[MB][TH][OWP] __attribute__((aligned(64)));

	for (int m = 0; m < MB; m++) {
		w[m] = W + (int64_t)(m0 + (m < ms ? m : ms - 1)) * CG * KH * KW;
		for (int r = 0; r < rows; r++)
			for (int j = 0; j < OWP; j++)
				sum[m][r][j] = 0;
	}
	for (int cb = 0; cb < CG; cb += CB) {
		const int cs = CG - cb < CB ? CG - cb : CB;

		for (int c = 0; c < cs; c++)
			for (int r = 0; r < used; r++) {
				const int ih = oh0 * SH - pads_0 + r;
				const int64_t x = ((c0 + cb + c) * IH + ih) * IW;

				for (int s = 0; s < SW; s++) {
					/* columns j of the phase inside X */
					int lo = s < left ? (left - s + SW - 1) / SW : 0;
					int hi = s < right ?
						(right - s + SW - 1) / SW : 0;
					float *to = pad[c][r][s];

					hi = hi < COLS ? hi : COLS;
					if (ih < 0 || ih >= IH || lo > hi)
						lo = hi = 0;
					for (int j = 0; j < lo; j++)
						to[j] = 0;
					for (int j = lo; j < hi; j++)
						to[j] = LOAD(X, x + j * SW + s - left);
					for (int j = hi; j < COLS; j++)
						to[j] = 0;
				}
			}
		for (int r = 0; r < rows; r++)
			for (int p0 = 0; p0 < OWP; p0 += PN) {
				vec acc[MB][NV];

				for (int m = 0; m < MB; m++)
					for (int v = 0; v < NV; v++)
						acc[m][v] = *(vec *)&sum[m][r][p0 + v * VLEN];
				for (int c = 0; c < cs; c++)
					for (int kh = 0; kh < KH; kh++)
						for (int kw = 0; kw < KW; kw++) {
							const float *xp =
								&pad[c][r * SH + kh * DH]
								[kw * DW % SW][p0 + kw * DW / SW];
							const int64_t k = ((cb + c) * KH + kh) *
								KW + kw;
							vec f[NV];

							for (int v = 0; v < NV; v++)
								f[v] = *(const vec *)(xp + v * VLEN);
							for (int m = 0; m < MB; m++)
								for (int v = 0; v < NV; v++)
									acc[m][v] += w[m][k] * f[v];
						}
				for (int m = 0; m < MB; m++)
					for (int v = 0; v < NV; v++)
						*(vec *)&sum[m][r][p0 + v * VLEN] = acc[m][v];
			}
	}
	for (int m = 0; m < ms; m++)
		for (int r = 0; r < rows; r++)
			for (int j = 0; j < cols; j++)
				STORE(Y, (((int64_t)blockIdx.z * M + m0 + m) * OH + oh0 +
				          r) * OW + ow0 + j, sum[m][r][j]);
}
