/* How the verifier words what it found: two rTasks, what they share, and both
 * places. */
#include "verify/check.h"

const char *
box_text(struct arena *a, const struct box *b)
{
	struct str s;
	const char *out;

	str_init(&s);
	str_addc(&s, '[');
	for (int k = 0; k < b->nd; k++) {
		str_add(&s, k ? ", " : "");
		if (b->hi[k] == b->lo[k] + 1)
			str_addf(&s, "%lld", (long long)b->lo[k]);
		else
			str_addf(&s, "%lld..%lld", (long long)b->lo[k],
			         (long long)b->hi[k]);
	}
	str_addc(&s, ']');
	out = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return out;
}

bool
witness_wanted(const struct flow *f)
{
	return f->witness && f->witness->pairs.n == 0;
}

void
witness_add(const struct flow *f, struct witness_pair p)
{
	if (f->witness)
		vec_push(f->a, &f->witness->pairs, p);
}

void
witness_box(const struct plan *p, int rop, size_t arg, const struct box *b,
            struct witness_pair *out)
{
	const struct parg *g = &p->rops.v[rop].args.v[arg];
	const struct ptensor *t = &p->tensors.v[g->tensor];
	int64_t elem = (int64_t)dtype_bytes(t->type), first = 0, last = 0;

	for (int k = 0; k < b->nd; k++) {
		first = first * g->stored.v[k] + b->lo[k];
		last = last * g->stored.v[k] + b->hi[k] - 1;
	}
	out->root = t->root;
	out->lo = t->offset + first * elem;
	out->hi = t->offset + (last + 1) * elem;
}

const char *
task_text(const struct flow *f, int rop, int64_t task)
{
	return arena_printf(f->a, "rTask %lld of '%s'", (long long)task,
	                    f->p->rops.v[rop].rop->run);
}
