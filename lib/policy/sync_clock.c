/* Clocks and times of what sync_insert has placed. */
#include "policy/sync.h"

/* How many entries of c are more than those of "than". */
static int32_t
count_more(const int32_t *c, const int32_t *than, int64_t n)
{
	int32_t more = 0;

	for (; n > 0; n -= CLOCK_LANES, c += CLOCK_LANES,
	     than += CLOCK_LANES)
		for (int i = 0; i < CLOCK_LANES; i++)
			more += c[i] > than[i];
	return more;
}

int32_t *
sync_copy(struct sync *y, const int32_t *from)
{
	int32_t *c = arena_array(y->a, (size_t)y->wide, sizeof *c);

	memcpy(c, from ? from : y->base, (size_t)y->wide * sizeof *c);
	return c;
}

void
sync_join(const struct sync *y, int32_t *c, const struct spot *s)
{
	if (!s->pos || s->phase != y->phase || c[s->veu] >= s->pos)
		return;
	if (s->end)
		clock_join(c, s->end, y->wide);
	c[s->veu] = s->pos;
}

void
sync_learn(struct sync *y, int rop, int64_t lo, int64_t hi)
{
	if (!y->learned_any)
		memcpy(y->learned, y->base,
		       (size_t)y->wide * sizeof *y->learned);
	y->learned_any = true;
	y->work += hi - lo + 1;
	for (int64_t t = hi; t >= lo; t--) {	/* the later imply the earlier */
		const struct spot *s = &y->spots[rop][t];

		sync_join(y, y->learned, s);
		if (s->phase == y->phase && s->us > y->learned_us)
			y->learned_us = s->us;
	}
}

void
sync_next_phase(struct sync *y, double us)
{
	float end = 0;

	y->phase++;
	memcpy(y->base, y->done, (size_t)y->wide * sizeof *y->base);
	y->learned_any = false;
	for (int64_t v = 0; v < y->width; v++)
		if (y->free_us[v] > end)
			end = y->free_us[v];
	for (int64_t v = 0; v < y->width; v++)
		y->free_us[v] = end + (float)us;
}

/* Whether a clock of v knows nothing but what was learned.  (Its own entry may
 * lag: whoever joins it sets that entry to the rTask's place.) */
static bool
is_learned(const struct sync *y, const int32_t *c, const int32_t *learned,
           int64_t v)
{
	return count_more(c, learned, y->wide) == (c[v] > learned[v]);
}

/* v's clock when it has learned more.  *shared: that of all who know just what
 * was learned, a copy of it; made when the first needs it. */
static int32_t *
know(struct sync *y, int64_t v, const int32_t *learned, int32_t **shared)
{
	if (y->stamp[v] == y->phase && !is_learned(y, y->clock[v], learned, v)) {
		y->clock[v] = sync_copy(y, y->clock[v]);
		clock_join(y->clock[v], learned, y->wide);
		return y->clock[v];
	}
	if (!*shared)
		*shared = sync_copy(y, learned);
	y->stamp[v] = y->phase;
	return y->clock[v] = *shared;
}

double
sync_task_us(const struct sync *y, int rop, const struct step *s)
{
	const struct device *v = y->p->device;
	int64_t busy = s->veus.hi - s->veus.lo + 1;
	int64_t n = s->tasks.hi - s->tasks.lo + 1;
	double us = y->p->rops.v[rop].cand->us;

	if (busy > n)
		busy = n;
	if (busy > v->units)
		us *= (double)busy / (double)v->units;
	return us + v->task_us;
}

/* When rTask t, on v, will be done. */
static float
end_us(struct sync *y, const struct step *s, int64_t t, int64_t v, float us)
{
	float seen = (float)y->p->device->counter_us, at = y->free_us[v];
	const struct own *o = y->own ? &y->own[t - s->tasks.lo] : NULL;

	if (y->learned_any && at < y->learned_us + seen)
		at = y->learned_us + seen;
	if (o && o->learned && at < o->us + seen)
		at = o->us + seen;
	return y->free_us[v] = at + us;
}

/* An rTask's clock when it is done is its vEU's.  NULL: the base, which is all
 * that a vEU knows before it waits for the first time in a phase. */
void
sync_spread(struct sync *y, const struct step *s, int rop)
{
	struct spot *spots = y->spots[rop];
	int64_t nv = s->veus.hi - s->veus.lo + 1;
	float us = (float)sync_task_us(y, rop, s);
	int32_t *shared = NULL;

	for (int64_t t = s->tasks.lo; t <= s->tasks.hi; t++) {
		int64_t v = sync_veu(s, t);
		struct own *o = y->own ? &y->own[t - s->tasks.lo] : NULL;

		if (t - s->tasks.lo < nv && y->learned_any)
			know(y, v, y->learned, &shared);
		if (o && o->learned)
			know(y, v, o->learned, &o->learned);
		spots[t] = (struct spot){(int32_t)v, ++y->done[v], y->phase,
			end_us(y, s, t, v, us),
			y->stamp[v] == y->phase ? y->clock[v] : NULL};
	}
	y->placed[rop] += s->tasks.hi - s->tasks.lo + 1;
}
