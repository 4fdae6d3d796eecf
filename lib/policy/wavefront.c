/* rOperators of equal depth side by side: each wave shares the vEUs out in
 * proportion to the work, and the next one follows.  Or a wave's rTasks are dealt
 * out in turn, one rOperator after the other, as Rammer does: what comes first is
 * then done first, and what follows it runs beside the rest of the wave. */
#include "policy/groups.h"

enum { SHARED, DEALT, WAYS };

static const char *const way_names[] = {
	[SHARED] = "vEUs shared out by work", [DEALT] = "rTasks dealt out",
};

struct wave {
	VEC(struct group) v;
};

/* 1 + the greatest depth of those it follows. */
static int
depths(const struct plan *p, int *depth)
{
	int most = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t k = 0; k < r->preds.n; k++)
			if (!p->rops.v[r->preds.v[k]].rop->init &&
			    depth[i] <= depth[r->preds.v[k]])
				depth[i] = depth[r->preds.v[k]] + 1;
		if (depth[i] > most)
			most = depth[i];
	}
	return most;
}

static void
run_wave(struct plan *p, struct schedule *out, const struct wave *w,
         struct diag *d)
{
	for (size_t i = 0; i < w->v.n; i++) {
		const struct group *g = &w->v.v[i];
		const struct member *o = g->v;

		sched_run(p, out, o->rop, 0, o->n - 1, g->first,
		          g->first + g->veus - 1);
		diag_explain(d, "%s: %lld rTasks of %.3g us on vEUs %lld..%lld "
		             "of a wave of %zu", p->rops.v[o->rop].rop->run,
		             (long long)o->n, o->us, (long long)g->first,
		             (long long)(g->first + g->veus - 1), w->v.n);
	}
}

/* Returns the next vEU. */
static int64_t
deal_wave(struct plan *p, struct schedule *out, const struct wave *w,
          int64_t next, int64_t width, struct diag *d)
{
	for (size_t i = 0; i < w->v.n; i++) {
		const struct member *o = w->v.v[i].v;

		diag_explain(d, "%s: %lld rTasks of %.3g us dealt out from vEU "
		             "%lld on of a wave of %zu", p->rops.v[o->rop].rop->run,
		             (long long)o->n, o->us,
		             (long long)plan_dealt(o->n, next, width), w->v.n);
		next = sched_deal(p, out, o->rop, next, width);
	}
	return next;
}

static int
ways(const struct plan *p)
{
	(void)p;
	return WAYS;
}

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	int *depth = arena_array(p->a, p->rops.n + 1, sizeof *depth);
	struct member *m = arena_array(p->a, p->rops.n + 1, sizeof *m);
	struct groups_room room;
	struct wave *waves;
	int64_t next = 0;
	int n;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	groups_room_init(&room, p, sched_width(p, o));
	n = depths(p, depth) + 1;
	waves = arena_array(p->a, (size_t)n, sizeof *waves);
	for (size_t i = 0; i < p->rops.n; i++) {
		m[i] = member_of(p, (int)i, o);
		if (sched_places(p, (int)i))
			vec_push(p->a, &waves[depth[i]].v, group_of(&m[i], 1));
	}
	sched_launch(p, out, room.width);
	for (int i = 0; i < n; i++) {
		if (!waves[i].v.n)
			continue;
		if (o->way == DEALT) {
			next = deal_wave(p, out, &waves[i], next, room.width, d);
			continue;
		}
		groups_place(&room, waves[i].v.v, waves[i].v.n);
		run_wave(p, out, &waves[i], d);
	}
	return 0;
}

const struct policy policy_wavefront = {
	.name = "wavefront",
	.doc = "rOperators of equal depth side by side, vEUs shared by work or "
	       "dealt out",
	.deals = true,
	.plan = plan,
	.ways = ways,
	.way_names = way_names,
};
