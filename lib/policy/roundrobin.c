/* rTasks dealt out to vEUs in turn: each rOperator goes on where the one
 * before it stopped, so that small independent ones do not all meet on vEU 0.
 * The simplest policy that lets operators share a device (Rammer calls it
 * round-robin); it knows nothing of costs. */
#include "policy/policy.h"

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	int64_t width, next = 0;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	width = sched_width(p, o);
	sched_launch(p, out, width);
	for (size_t i = 0; i < p->rops.n; i++) {
		int rop = o->order ? o->order[i] : (int)i;

		if (sched_places(p, rop))
			next = sched_deal(p, out, rop, next, width);
	}
	return 0;
}

const struct policy policy_roundrobin = {
	.name = "roundrobin",
	.doc = "rTasks dealt out to vEUs in turn, whatever they cost",
	.plan = plan,
};
