/* Resources judged without the verifier: blocks are put onto units one by one,
 * as the hardware does, until none fits. */
#include "resident.h"

struct unit {
	int64_t blocks, threads, shared, registers;
};

static bool
put_block(struct unit *u, const struct device *v, const struct launch *l,
          int64_t warps, int64_t regs_a_warp)
{
	if (u->blocks + 1 > v->blocks ||
	    u->threads + warps * v->warp > v->threads ||
	    u->shared + l->shared + v->block_reserved > v->shared ||
	    u->registers + warps * regs_a_warp > v->registers)
		return false;
	u->blocks++;
	u->threads += warps * v->warp;
	u->shared += l->shared + v->block_reserved;
	u->registers += warps * regs_a_warp;
	return true;
}

static const char *
launch_fits(const struct device *v, const struct launch *l)
{
	struct unit *units = calloc((size_t)v->units, sizeof *units);
	int64_t warps = 0, unit = 0, placed = 0, regs;

	while (warps * v->warp < l->threads)
		warps++;
	for (regs = 0; regs < l->registers * v->warp; regs += 256)
		;	/* a warp's registers come in units of 256 */
	if (l->threads > v->block_threads || l->shared > v->block_shared ||
	    l->registers > v->thread_registers)
		unit = v->units;
	while (placed < l->width && unit < v->units) {
		if (put_block(&units[unit], v, l, warps, regs))
			placed++;
		else
			unit++;
	}
	free(units);
	return placed == l->width ? NULL : "a vEU finds no room on the device";
}

static const struct candidate *
used(const struct plan *p, const struct schedule *s, const char *run)
{
	const struct prop *r = &p->rops.v[map_get(&p->rop_by_name, run)];

	for (size_t i = 0; i < s->kernels.n; i++)
		for (size_t k = 0; k < r->cls->kernels.n; k++)
			if (!strcmp(s->kernels.v[i].run, run) &&
			    !strcmp(s->kernels.v[i].use,
			            r->cls->kernels.v[k].use))
				return &r->cls->kernels.v[k];
	return NULL;
}

const char *
resident(const struct plan *p, const struct schedule *s)
{
	const struct launch *l = NULL;
	const char *wrong = NULL;

	for (size_t i = 0; i < s->steps.n && !wrong; i++) {
		const struct step *o = &s->steps.v[i];

		if (o->launch) {
			l = o->launch;
			wrong = launch_fits(p->device, l);
		} else if (o->run) {
			const struct candidate *c = used(p, s, o->run);

			if (c->threads > l->threads || c->shared > l->shared ||
			    c->registers > l->registers)
				wrong = "an rTask needs more than its launch has";
		}
	}
	return wrong;
}
