/* One rOperator after the other, each spread over all vEUs: what a framework
 * does, and the measure for everything else. */
#include "policy/policy.h"

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	int64_t width;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	width = sched_width(p, o);
	sched_launch(p, out, width);
	for (size_t i = 0; i < p->rops.n; i++) {
		int64_t n = p->rops.v[i].ntasks;

		if (sched_places(p, (int)i))
			sched_run(p, out, (int)i, 0, n - 1, 0,
			          (n < width ? n : width) - 1);
	}
	return 0;
}

const struct policy policy_sequential = {
	.name = "sequential",
	.doc = "one rOperator after the other, each over all vEUs",
	.plan = plan,
};
