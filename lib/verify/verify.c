/* The verifier: the checks of the design's "legal", cheapest first; what fails
 * keeps the later ones, which build on it, from running. */
#include "verify/check.h"

enum fault
verify(struct plan *p, const struct schedule *s, const struct memory *m,
       struct diag *d)
{
	struct arena a;
	struct flow f;
	struct needs n;
	bool stuck = false;
	enum fault found = FAULT_NONE;

	if (plan_choose(p, s, d) < 0)
		return FAULT_KERNEL;
	arena_init(&a);
	if (flow_make(&f, p, s, &a, d) < 0) {
		found = FAULT_COVERAGE;
	} else if (check_resources(&f, d) < 0) {
		found = FAULT_RESOURCE;
	} else {
		needs_make(&n, p, &a);
		if (check_overlaps(p, &n, d) < 0)
			found = FAULT_KERNEL;
		else if (check_written(p, &n, d) < 0)
			found = FAULT_COVERAGE;
		else if (check_order(&f, &n, &stuck, d) < 0)
			found = stuck ? FAULT_DEADLOCK : FAULT_ORDER;
		else if (m && check_memory(&f, &n, m, d) < 0)
			found = FAULT_MEMORY;
	}
	arena_release(&a);
	return found;
}
