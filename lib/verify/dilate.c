/* Time is cut into pieces of equal length; each becomes longer by the factor by
 * which what is asked for in it exceeds what there is, of whatever is short most. */
#include "verify/dilate.h"

struct piece {
	double unit, shared, memory;
};

/* An rTask's demand, spread evenly over the pieces that it runs in. */
static void
spread(struct piece *p, const struct demand *d, double length)
{
	double time = d->end_us - d->begin_us;
	int from = (int)(d->begin_us / length), to = (int)(d->end_us / length);

	if (to > DILATE_PIECES - 1)
		to = DILATE_PIECES - 1;
	for (int i = from; i <= to && time > 0; i++) {
		double lo = i * length, hi = lo + length, part;

		lo = d->begin_us > lo ? d->begin_us : lo;
		hi = d->end_us < hi ? d->end_us : hi;
		part = hi > lo ? (hi - lo) / time : 0;
		p[i].unit += part * d->unit_us;
		p[i].shared += part * d->shared_us;
		p[i].memory += part * d->memory_us;
	}
}

void
dilation_make(struct dilation *d, const struct demand *v, size_t n,
              double total_us, double units, struct arena *a)
{
	struct piece *p = arena_array(a, DILATE_PIECES, sizeof *p);
	double length = total_us / DILATE_PIECES;

	d->total_us = total_us;
	d->at = arena_array(a, DILATE_PIECES + 1, sizeof *d->at);
	for (size_t i = 0; i < n && length > 0; i++)
		spread(p, &v[i], length);
	for (int i = 0; i < DILATE_PIECES; i++) {
		double t = length;

		t = p[i].unit / units > t ? p[i].unit / units : t;
		t = p[i].shared > t ? p[i].shared : t;
		t = p[i].memory > t ? p[i].memory : t;
		d->at[i + 1] = d->at[i] + t;
	}
}

double
dilated(const struct dilation *d, double us)
{
	double x = d->total_us > 0 ? us / d->total_us * DILATE_PIECES : 0;
	int i = x < 0 ? 0 : x >= DILATE_PIECES ? DILATE_PIECES - 1 : (int)x;

	return d->at[i] + (x - i) * (d->at[i + 1] - d->at[i]);
}
