/* rTasks dealt out to vEUs in turn: each rOperator goes on where the one
 * before it stopped, so that small independent ones do not all meet on vEU 0.
 * The simplest policy that lets operators share a device (Rammer calls it
 * round-robin); it knows nothing of costs. */
#include "policy/policy.h"

/* Deals n rTasks from vEU "from" on, round the end; returns the next vEU. */
static int64_t
deal(struct plan *p, struct schedule *out, int rop, int64_t n, int64_t from,
     int64_t width)
{
	int64_t first = n < width - from ? n : width - from;

	if (n >= width) {
		sched_run(p, out, rop, 0, n - 1, 0, width - 1);
		return n % width;
	}
	sched_run(p, out, rop, 0, first - 1, from, from + first - 1);
	if (first < n)
		sched_run(p, out, rop, first, n - 1, 0, n - first - 1);
	return (from + n) % width;
}

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	int64_t width, next = 0;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	width = sched_width(p, o);
	sched_launch(p, out, width);
	for (size_t i = 0; i < p->rops.n; i++)
		if (sched_places(p, (int)i))
			next = deal(p, out, (int)i, p->rops.v[i].ntasks, next,
			            width);
	return 0;
}

const struct policy policy_roundrobin = {
	.name = "roundrobin",
	.doc = "rTasks dealt out to vEUs in turn, whatever they cost",
	.plan = plan,
};
