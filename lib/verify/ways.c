/* Ways through a plan: each tensor that decides is true or false, and so some
 * rOperators run and others do not. */
#include "verify/ways.h"

#include <string.h>

#define DECIDERS_MAX 10		/* tried in all ways, of which many are alike */
#define WAYS_MAX 16

/* The tensors that decide: of each condition, the index of its own. */
static int
find_deciders(const struct plan *p, int *of)
{
	int n = 0;

	for (size_t i = 0; i < p->conditions.n; i++) {
		of[i] = n;
		for (size_t k = 0; k < i; k++)
			if (p->guards[k].tensor == p->guards[i].tensor)
				of[i] = of[k];
		n += of[i] == n;
	}
	return n;
}

static bool
holds(const struct plan *p, int condition, const int *of, unsigned truth)
{
	for (int c = condition; c >= 0; c = p->conditions.within[c])
		if ((truth >> of[c] & 1) != p->conditions.v[c].is)
			return false;
	return true;
}

static bool *
skips_of(const struct plan *p, const int *of, unsigned truth, struct arena *a)
{
	bool *skips = arena_array(a, p->rops.n + 1, sizeof *skips);

	for (size_t i = 0; i < p->rops.n; i++)
		skips[i] = !holds(p, p->rops.v[i].condition, of, truth);
	return skips;
}

static bool
is_known(const struct ways *w, const bool *skips, size_t n)
{
	for (size_t i = 0; i < w->v.n; i++)
		if (memcmp(w->v.v[i], skips, n * sizeof *skips) == 0)
			return true;
	return false;
}

void
ways_find(struct ways *w, const struct plan *p, struct arena *a)
{
	int *of = arena_array(a, p->conditions.n + 1, sizeof *of);
	int n = find_deciders(p, of);

	*w = (struct ways){0};
	for (unsigned t = 0; n <= DECIDERS_MAX && t < 1u << n &&
	     w->v.n <= WAYS_MAX; t++) {
		bool *skips = skips_of(p, of, t, a);

		if (!is_known(w, skips, p->rops.n))
			vec_push(a, &w->v, skips);
	}
	if (w->v.n > 0 && w->v.n <= WAYS_MAX)
		return;
	w->v.n = 0;
	vec_push(a, &w->v, arena_array(a, p->rops.n + 1, sizeof(bool)));
}
