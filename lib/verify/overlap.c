/* That rTasks of one rOperator write apart is a property of its rKernel, so
 * it is looked at once for each class and rKernel that is used. */
#include "verify/check.h"

struct marks {
	unsigned char *bit;	/* [element] */
	bool twice;
};

static void
mark_run(void *ctx, int64_t at, int64_t n)
{
	struct marks *m = ctx;

	for (int64_t i = at; i < at + n; i++) {
		unsigned char b = (unsigned char)(1u << (i & 7));

		if (m->bit[i >> 3] & b)
			m->twice = true;
		m->bit[i >> 3] |= b;
	}
}

/* Two rTasks whose boxes meet: known to exist. */
static void
find_pair(const struct boxset *s, int64_t ntasks, int64_t *t, int64_t *u)
{
	for (*t = 0; *t < ntasks; ++*t)
		for (*u = *t + 1; *u < ntasks; ++*u)
			for (size_t i = s->first[*t]; i < s->first[*t + 1]; i++)
				for (size_t j = s->first[*u];
				     j < s->first[*u + 1]; j++)
					if (box_meet(&s->v[i], &s->v[j]))
						return;
	*t = *u = 0;
}

static int
check_arg(struct plan *p, struct needs *n, int rop, size_t arg,
          struct diag *d)
{
	const struct prop *r = &p->rops.v[rop];
	const struct boxset *s;
	struct marks m = {0};
	int64_t t, u;

	if (!parg_written(r, arg) || r->ntasks < 2 || !r->writes[arg])
		return 0;
	s = needs_boxes(n, rop, arg);
	m.bit = xrealloc(NULL, (size_t)p->tensors.v[r->args.v[arg].tensor].elems
	                 / 8 + 1);
	memset(m.bit, 0, (size_t)p->tensors.v[r->args.v[arg].tensor].elems / 8
	       + 1);
	for (size_t i = 0; i < s->first[r->ntasks] && !m.twice; i++)
		box_runs(&s->v[i], &r->args.v[arg].stored, 1, mark_run, &m);
	free(m.bit);
	if (!m.twice)
		return 0;
	find_pair(s, r->ntasks, &t, &u);
	return diag_error(d, r->cand->at ? record_pos(r->cand, "writes")
	                  : POS_NONE, "rTasks %lld and %lld of '%s' write the "
	                  "same elements of '%s' by rKernel '%s'", (long long)t,
	                  (long long)u, r->rop->run,
	                  p->tensors.v[r->args.v[arg].tensor].name,
	                  r->cand->use);
}

int
check_overlaps(struct plan *p, struct needs *n, struct diag *d)
{
	const struct candidate **seen;
	int bad = 0;

	seen = arena_array(n->a, p->tasks->classes.n + 1, sizeof *seen);
	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		if (r->rop->init || seen[r->cls_index] == r->cand)
			continue;
		seen[r->cls_index] = r->cand;
		for (size_t k = 0; k < r->args.n; k++)
			bad |= check_arg(p, n, (int)i, k, d);
	}
	return bad;
}
