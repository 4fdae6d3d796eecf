/* Worlds: what each tensor that decides over rTasks may turn out to be.  In the
 * first all of them run, whatever decides; in the others those whose conditions
 * hold. */
#include "oracle.h"

static void
add_decider(struct trace *t, uint32_t tensor)
{
	for (size_t i = 0; i < t->ndeciders; i++)
		if (t->deciders[i] == tensor)
			return;
	t->deciders[t->ndeciders++] = tensor;
}

/* A bit of it a decider; of more than can be tried, what a seed draws. */
static uint64_t
truth_of(const struct trace *t, size_t world)
{
	uint64_t z = world * 0x9e3779b97f4a7c15u;

	if (t->ndeciders <= ORACLE_TRIED)
		return world - 1;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z ^= z >> 27;
	return world == 1 ? 0 : world == 2 ? UINT64_MAX : z;
}

void
oracle_worlds(struct trace *t)
{
	const struct tamp_header *h = t->ref->h;
	size_t tried;

	t->deciders = oracle_zeroed(h->conditions.count, sizeof *t->deciders);
	for (uint64_t i = 0; i < h->conditions.count; i++)
		add_decider(t, t->ref->conditions[i].tensor);
	tried = t->ndeciders < ORACLE_TRIED ? t->ndeciders : ORACLE_TRIED;
	t->nworlds = 1 + (t->ndeciders ? (size_t)1 << tried : 0);
	t->worlds = oracle_zeroed(t->nworlds, sizeof *t->worlds);
	for (size_t i = 1; i < t->nworlds; i++)
		t->worlds[i].truth = truth_of(t, i);
}

/* What the tensor is in a world; -1: it decides over nothing. */
static int
is_true(const struct trace *t, const struct world *w, uint32_t tensor)
{
	for (size_t i = 0; i < t->ndeciders; i++)
		if (t->deciders[i] == tensor)
			return w->truth >> i % 64 & 1;
	return -1;
}

bool
oracle_runs(const struct trace *t, const struct tamp_plan *p,
            uint32_t condition, const struct world *w)
{
	if (w == t->worlds)
		return true;
	for (uint32_t c = condition; c != TAMP_NONE; c = p->conditions[c].within)
		if (is_true(t, w, p->conditions[c].tensor) !=
		    (int)p->conditions[c].is)
			return false;
	return true;
}
