/*---
kernel: pool_max16c
form: Pool
types: {X: f32, Y: f32}
attrs: {mode: max}
shapes: {X: "[N, C, IH, IW]", Y: "[N, C, OH, OW]"}
layout: {X: NCHW16c, Y: NCHW16c}
tune: {TH: [1, 4, 16]}
when: "TH == 1 || TH < 2 * OH"
grid: ["cdiv(OH, TH)", "C / 16", N]
reads:
  X: "[z, y, TH*x*strides_0 - pads_0..(min(TH*(x+1), OH) - 1)*strides_0 - pads_0 + (kernel_0-1)*dilations_0 + 1, 0..IW, 0..16]"
writes: {Y: "[z, y, TH*x..TH*(x+1), 0..OW, 0..16]"}
---*/
/* The maximum over a window, blocks of 16 channels side by side. */
void
pool_max16c(const X_t *X, Y_t *Y)
{
/* How many of n taps, apart by step, come before the place "to".  (A test for
 * each tap would be simpler, but gcc 12 makes masked loads of it that reach
 * past the end of X.) */
#define WITHIN(to, step, n) \
	((to) <= 0 ? 0 : ((to) - 1) / (step) < (n) ? ((to) - 1) / (step) + 1 : (n))
	const int64_t image = (int64_t)blockIdx.z * (C / 16) + blockIdx.y;
	const int oh0 = blockIdx.x * TH, oh1 = OH - oh0 < TH ? OH : oh0 + TH;

	for (int oh = oh0; oh < oh1; oh++)
		for (int ow = 0; ow < OW; ow++) {
			const int ih = oh * strides_0 - pads_0;
			const int iw = ow * strides_1 - pads_1;
			const int kh0 = WITHIN(-ih, dilations_0, kernel_0);
			const int kh1 = WITHIN(IH - ih, dilations_0, kernel_0);
			const int kw0 = WITHIN(-iw, dilations_1, kernel_1);
			const int kw1 = WITHIN(IW - iw, dilations_1, kernel_1);
			const int64_t y = ((image * OH + oh) * OW + ow) * 16;
			float acc[16];
			int count = 0;

			for (int i = 0; i < 16; i++)
				acc[i] = 0;
			for (int kh = kh0; kh < kh1; kh++)
				for (int kw = kw0; kw < kw1; kw++) {
					const int64_t x = 16 * (iw + kw * dilations_1 +
						IW * (image * IH + ih + kh * dilations_0));

					for (int i = 0; i < 16; i++) {
						float v = LOAD(X, x + i);

						acc[i] = count ? MAX(acc[i], v) : v;
					}
					count = 1;
				}
			for (int i = 0; i < 16; i++)
				STORE(Y, y + i, acc[i]);
		}
#undef WITHIN
}
