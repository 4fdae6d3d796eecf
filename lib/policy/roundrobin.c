/* rTasks dealt out to vEUs in turn: each rOperator goes on where the one
 * before it stopped, so that small independent ones do not all meet on vEU 0.
 * The simplest policy that lets operators share a device (Rammer calls it
 * round-robin); it knows nothing of costs. */
#include "policy/policy.h"

/* A run that is a part of its rOperator is as wide as the device, but for the
 * last. */
static void
deal_in_order(struct plan *p, const int *order, struct schedule *out,
              int64_t width)
{
	struct rounds r;
	int64_t next = 0;

	rounds_init(&r, p, p->a);
	rounds_add(&r, order, p->rops.n, width);
	for (size_t i = 0; i < r.runs.n; i++) {
		const struct task_run *x = &r.runs.v[i];

		if (x->to - x->from == p->rops.v[x->rop].ntasks) {
			next = sched_deal(p, out, x->rop, next, width);
			continue;
		}
		sched_run(p, out, x->rop, x->from, x->to - 1, 0,
		          x->to - x->from - 1);
		next = x->to % width;
	}
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
	if (o->order) {
		deal_in_order(p, o->order, out, width);
		return 0;
	}
	for (size_t i = 0; i < p->rops.n; i++)
		if (sched_places(p, (int)i))
			next = sched_deal(p, out, (int)i, next, width);
	return 0;
}

const struct policy policy_roundrobin = {
	.name = "roundrobin",
	.doc = "rTasks dealt out to vEUs in turn, whatever they cost",
	.plan = plan,
};
