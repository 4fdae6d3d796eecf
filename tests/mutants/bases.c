/* Legal schedules to begin with: by every policy and kind of synchronisation,
 * with launches for barriers, and placed at random. */
#include "emit/memory.h"
#include "run.h"

int
choose(struct run *r, enum select_kind select)
{
	struct policy_options o = {.select = select};
	struct schedule none = {0};

	if (choose_kernels(&r->plan, &o, &none, &r->d) < 0)
		return -1;
	r->use = arena_array(&r->pa, r->plan.rops.n + 1, sizeof *r->use);
	for (size_t i = 0; i < r->plan.rops.n; i++)
		r->use[i] = r->plan.rops.v[i].cand;
	return 0;
}

struct schedule *
plan_with(struct run *r, const char *policy, enum sync_kind sync, int64_t width)
{
	struct policy_options o = {.sync = sync, .select = SELECT_FASTEST,
		.width = width, .use = r->use};
	struct schedule *s = arena_new(&r->pa, struct schedule);

	r->quiet.nerrors = 0;
	return policy_plan(policy_find(policy), &r->plan, &o, s, &r->quiet) < 0 ?
		NULL : s;
}

/* The schedule with its memory planned, and for the oracle also with none
 * shared. */
static void
add_base(struct run *r, struct schedule *s, const char *name, bool oracle)
{
	struct legal b = {.s = s};

	for (int own = 0; own <= oracle; own++) {
		b.m = memory_make(&r->plan, b.s, NULL, 64, own, &r->d);
		b.name = arena_printf(&r->pa, "%s%s", name, own ? " own" : "");
		if (!b.m || verify(&r->plan, b.s, b.m, &r->d) != FAULT_NONE) {
			fprintf(stderr, "mutants: %s: %s is not legal itself\n",
			        r->path, b.name);
			exit(1);
		}
		vec_push(&r->pa, &r->bases, b);
		r->nbases++;
		if (oracle)
			judge(r, NCLASSES, &b, b.s, b.m, "as made");
	}
}

/* rOperators in order, each in one to three pieces on vEUs drawn at random:
 * what no policy would do, made legal by the waits alone. */
static struct schedule *
random_placement(struct run *r, enum sync_kind sync, int64_t width)
{
	struct schedule *s = arena_new(&r->pa, struct schedule);
	struct policy_options o = {.select = SELECT_FASTEST, .use = r->use};

	if (choose_kernels(&r->plan, &o, s, &r->d) < 0)
		exit(1);
	sched_launch(&r->plan, s, width);
	for (size_t i = 0; i < r->plan.rops.n; i++) {
		int64_t n = r->plan.rops.v[i].ntasks, lo = 0;

		while (sched_places(&r->plan, (int)i) && lo < n) {
			int64_t hi = lo + draw(&r->rng, n - lo);
			int64_t v = draw(&r->rng, width);

			if (draw(&r->rng, 3) == 0)
				hi = n - 1;
			sched_run(&r->plan, s, (int)i, lo, hi, v,
			          v + draw(&r->rng, width - v));
			lo = hi + 1;
		}
	}
	if (sync_insert(&r->plan, s, sync, &r->d) < 0)
		exit(1);
	size_launches(&r->plan, s);
	return s;
}

/* Every other barrier becomes a launch. */
static struct schedule *
with_launches(struct run *r, const struct schedule *of)
{
	struct schedule *s = copy_schedule(&r->pa, of);
	const struct launch *first = s->steps.v[0].launch;

	for (size_t i = 0, k = 0; i < s->steps.n; i++)
		if (s->steps.v[i].barrier && k++ % 2 == 0) {
			s->steps.v[i].barrier = NULL;
			s->steps.v[i].launch = arena_new(&r->pa, struct launch);
			*s->steps.v[i].launch = *first;
		}
	return s;
}

void
make_bases(struct run *r, const char *select, bool oracle)
{
	static const char *const syncs[] = {"barrier", "counter"};
	static const int64_t widths[] = {2, 5};

	memset(&r->bases, 0, sizeof r->bases);
	for (int k = SYNC_BARRIER; k <= SYNC_COUNTER; k++)
		for (int i = 0; i < (oracle ? 2 : 1); i++) {
			int64_t w = oracle ? widths[i] : 0;
			struct schedule *s = NULL;	/* of the last that can */

			for (int p = 0; policy_list[p]; p++) {
				struct schedule *o = plan_with(r,
					policy_list[p]->name, k, w);

				if (!o)
					continue;
				s = o;
				add_base(r, s, arena_printf(&r->pa, "%s %s %s "
				         "width %lld", policy_list[p]->name,
				         syncs[k], select, (long long)w), oracle);
			}
			if (k == SYNC_BARRIER && s)
				add_base(r, with_launches(r, s),
				         arena_printf(&r->pa, "launches %s width "
				         "%lld", select, (long long)w), oracle);
			if (oracle)
				add_base(r, random_placement(r, k, w),
				         arena_printf(&r->pa, "random %s %s width "
				         "%lld", syncs[k], select,
				         (long long)w), oracle);
		}
}
