/* Rounds: what reads the same constant one after the other goes part by part of
 * it, so that a part is read again while it is in the nearest cache: the first
 * rTasks of all, then the second ones ... */
#include "rkernel/plan.h"
#include "rkernel/roofline.h"

void
rounds_init(struct rounds *r, const struct plan *p, struct arena *a)
{
	*r = (struct rounds){.p = p, .about = plan_reused(p, a), .a = a};
	r->in = arena_array(a, p->rops.n + 1, sizeof *r->in);
	r->parted = arena_array(a, p->rops.n + 1, sizeof *r->parted);
}

/* Whether what one of so many vEUs reads of the constant, in parts, is more than
 * stays in the nearest of its caches that holds a part. */
static bool
passes_cache(const struct plan *p, int constant, int64_t parts, int64_t veus)
{
	double bytes = (double)p->tensors.v[constant].bytes;
	double part = bytes / (double)parts;
	double near = roofline_bytes(p->device, NEAR_L1);

	if (near < part)
		near = roofline_bytes(p->device, NEAR_UNIT);
	return near >= part && bytes > near * (double)veus;
}

static bool
follows(const struct rounds *r, const struct prop *x)
{
	for (size_t i = 0; i < x->preds.n; i++)
		if (r->in[x->preds.v[i]] == r->stretches)
			return true;
	return false;
}

/* How many of n rOperators, the first and those behind it, may go in rounds. */
static size_t
stretch(struct rounds *r, const int *rops, size_t n, int64_t veus)
{
	const struct prop *first = &r->p->rops.v[rops[0]];
	int constant = r->about[rops[0]];
	size_t m = 1;

	if (constant < 0 || first->ntasks <= veus ||
	    !passes_cache(r->p, constant, first->ntasks, veus))
		return 1;
	r->stretches++;
	r->in[rops[0]] = r->stretches;
	for (; m < n; m++) {
		const struct prop *x = &r->p->rops.v[rops[m]];

		if (r->about[rops[m]] != constant ||
		    x->ntasks != first->ntasks || follows(r, x))
			break;
		r->in[rops[m]] = r->stretches;
	}
	return m;
}

void
rounds_add(struct rounds *r, const int *rops, size_t n, int64_t veus)
{
	for (size_t i = 0, m; i < n; i += m) {
		const struct prop *first = &r->p->rops.v[rops[i]];
		int64_t tasks = first->rop->init ? 0 : first->ntasks, by;

		m = stretch(r, rops + i, n - i, veus);
		by = m > 1 ? veus : tasks;
		for (size_t k = 0; k < m; k++)
			r->parted[rops[i + k]] = m > 1;
		for (int64_t t = 0; t < tasks; t += by)
			for (size_t k = 0; k < m; k++)
				vec_push(r->a, &r->runs, ((struct task_run){
					rops[i + k], t,
					t + by < tasks ? t + by : tasks}));
	}
}
