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

const char *
task_text(const struct flow *f, int rop, int64_t task)
{
	return arena_printf(f->a, "rTask %lld of '%s'", (long long)task,
	                    f->p->rops.v[rop].rop->run);
}
