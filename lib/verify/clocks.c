/* Vector clocks kept for chosen rOperators: for the few pairs that a summary
 * could not decide, and for wording what was found. */
#include "verify/check.h"

void
clocks_init(struct clocks *c, const struct flow *f)
{
	c->f = f;
	c->of = arena_array(f->a, f->p->rops.n + 1, sizeof *c->of);
}

void
clocks_want(struct clocks *c, int rop)
{
	size_t n = (size_t)c->f->p->rops.v[rop].ntasks;

	if (!c->of[rop])
		c->of[rop] = arena_array(c->f->a, n + 1, sizeof **c->of);
}

static void
keep(void *ctx, const struct walk *w, const struct fstep *s, int64_t task,
     int64_t veu)
{
	struct clocks *c = ctx;
	int32_t *k;

	if (!c->of[s->rop])
		return;
	k = arena_array(c->f->a, (size_t)c->f->width + 1, sizeof *k);
	for (int64_t v = 0; v < c->f->width; v++)
		k[v] = walk_seen(w, veu, v);
	c->of[s->rop][task] = k;
}

void
clocks_make(struct clocks *c)
{
	struct walk w;

	flow_walk(c->f, &w, keep, c);
}

bool
clocks_before(const struct clocks *c, int p, int64_t t, int q, int64_t u)
{
	struct fat at = c->f->at[p][t];

	return at.pos <= c->of[q][u][at.veu];
}
