/* The verifier: the checks of the design's "legal", cheapest first; what fails
 * keeps the later ones, which build on it, from running. */
#include "verify/check.h"

struct verified {
	struct flow f;
	struct needs n;
	const struct order *order;	/* NULL: nobody has asked */
	struct witness witness;
};

enum fault
verify_schedule(struct plan *p, const struct schedule *s, struct arena *a,
                struct verified **v, struct diag *d)
{
	struct verified *o = *v = arena_new(a, struct verified);
	bool stuck = false;

	o->f.witness = &o->witness;
	if (plan_choose(p, s, d) < 0)
		return FAULT_KERNEL;
	if (flow_make(&o->f, p, s, a, d) < 0)
		return FAULT_COVERAGE;
	if (check_resources(&o->f, d) < 0)
		return FAULT_RESOURCE;
	needs_make(&o->n, p, a);
	if (check_overlaps(p, &o->n, d) < 0)
		return FAULT_KERNEL;
	if (check_written(&o->f, &o->n, d) < 0)
		return FAULT_COVERAGE;
	if (check_order(&o->f, &o->n, &stuck, d) < 0)
		return stuck ? FAULT_DEADLOCK : FAULT_ORDER;
	return FAULT_NONE;
}

const struct witness *
verified_witness(const struct verified *v)
{
	return &v->witness;
}

const struct flow *
verified_flow(const struct verified *v)
{
	return &v->f;
}

const struct order *
verified_order(struct verified *v, struct diag *d)
{
	if (!v->order)
		v->order = order_of(&v->f, d);
	return v->order;
}

enum fault
verify_memory(struct verified *v, const struct memory *m, struct diag *d)
{
	const struct order *o = verified_order(v, d);

	return !o || check_memory(&v->f, &v->n, o, m, d) < 0 ? FAULT_MEMORY
	                                                     : FAULT_NONE;
}

enum fault
verify(struct plan *p, const struct schedule *s, const struct memory *m,
       struct diag *d)
{
	struct verified *v;
	struct arena a;
	enum fault found;

	arena_init(&a);
	found = verify_schedule(p, s, &a, &v, d);
	if (found == FAULT_NONE && m)
		found = verify_memory(v, m, d);
	arena_release(&a);
	return found;
}
