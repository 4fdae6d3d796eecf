/* The waits that sync_insert finds: they suffice, and all are needed. */
#include "policy/policy.h"
#include "three.h"

enum { A, B, C, S, Y, NROPS };

static bool
begin(struct schedule *s)
{
	struct policy_options o = {.select = SELECT_FASTEST};

	*s = (struct schedule){0};
	return load(host, kernels, "- launch: {width: 1}\n", "") &&
		choose_kernels(&plan, &o, s, test_diag()) == 0 &&
		plan_choose(&plan, s, test_diag()) == 0;
}

/* As in kernels[]: two elements an rTask. */
static void
use_four(struct schedule *s)
{
	for (int r = A; r <= C; r++) {
		plan_use(&plan, r, &plan.rops.v[r].cls->kernels.v[0]);
		s->kernels.v[r].use = plan.rops.v[r].cand->use;
	}
}

static size_t
barriers(const struct schedule *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->steps.n; i++)
		n += s->steps.v[i].barrier != NULL;
	return n;
}

static size_t
waits(const struct schedule *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->steps.n; i++)
		n += s->steps.v[i].after.n;
	return n;
}

/* a to c on the same vEUs in the same way: only s and y wait. */
static void
place_all(struct schedule *s)
{
	sched_launch(&plan, s, 2);
	for (int r = A; r <= C; r++)
		sched_run(&plan, s, r, 0, 3, 0, 1);
	sched_run(&plan, s, S, 0, 0, 0, 0);
	sched_run(&plan, s, Y, 0, 3, 0, 1);
}

static void
test_barriers(void)
{
	struct schedule s;

	CHECK(begin(&s));
	use_four(&s);
	place_all(&s);
	CHECK(sync_insert(&plan, &s, SYNC_BARRIER, test_diag()) == 0);
	size_launches(&plan, &s);
	CHECK_INT(barriers(&s), 2);
	CHECK_INT(waits(&s), 0);
	CHECK(s.steps.v[4].barrier != NULL);
	CHECK(s.steps.v[6].barrier != NULL);
	CHECK(legal(&s));
}

static void
test_counters(void)
{
	struct schedule s;

	CHECK(begin(&s));
	use_four(&s);
	place_all(&s);
	CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) == 0);
	size_launches(&plan, &s);
	CHECK_INT(barriers(&s), 0);
	CHECK_INT(waits(&s), 2);
	/* 0 and 2 are on s's vEU */
	CHECK_STR(s.steps.v[4].after.v[0].run, "b");
	CHECK_INT(s.steps.v[4].after.v[0].tasks.lo, 0);
	CHECK_INT(s.steps.v[4].after.v[0].tasks.hi, -1);
	CHECK_STR(s.steps.v[5].after.v[0].run, "s");
	CHECK_INT(s.steps.v[5].after.n, 1);
	CHECK(legal(&s));
}

/* y needs c and s; s's vEU has seen c through nothing: both waits.  But what
 * s waited for, y's wait for s implies. */
static void
test_implied(void)
{
	struct schedule s;

	CHECK(begin(&s));
	use_four(&s);
	sched_launch(&plan, &s, 4);
	sched_run(&plan, &s, A, 0, 3, 0, 0);
	sched_run(&plan, &s, C, 0, 3, 1, 1);
	sched_run(&plan, &s, B, 0, 3, 1, 1);
	sched_run(&plan, &s, S, 0, 0, 2, 2);
	sched_run(&plan, &s, Y, 0, 3, 3, 3);
	CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) == 0);
	size_launches(&plan, &s);
	CHECK_INT(s.steps.v[2].after.n, 1);	/* c for a */
	CHECK_INT(s.steps.v[3].after.n, 0);	/* b behind c */
	CHECK_INT(s.steps.v[4].after.n, 1);	/* s for b */
	CHECK_INT(s.steps.v[5].after.n, 1);	/* y for s, hence for c */
	CHECK(legal(&s));
}

/* Ranges from regions: rTask 1 of b needs rTask 1 of a alone. */
static void
test_ranges(void)
{
	struct schedule s;

	CHECK(begin(&s));
	use_four(&s);
	((struct device *)plan.device)->counter_us = 9;	/* one wait, then */
	sched_launch(&plan, &s, 2);
	sched_run(&plan, &s, A, 0, 3, 0, 0);
	sched_run(&plan, &s, B, 1, 2, 1, 1);
	sched_run(&plan, &s, B, 0, 0, 0, 0);
	sched_run(&plan, &s, B, 3, 3, 0, 0);
	sched_run(&plan, &s, C, 0, 3, 0, 0);
	sched_run(&plan, &s, S, 0, 0, 0, 0);
	sched_run(&plan, &s, Y, 0, 3, 0, 0);
	CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) == 0);
	size_launches(&plan, &s);
	CHECK_INT(s.steps.v[2].after.n, 1);
	CHECK_INT(s.steps.v[2].after.v[0].tasks.lo, 1);
	CHECK_INT(s.steps.v[2].after.v[0].tasks.hi, 2);
	CHECK_INT(waits(&s), 2);
	CHECK(legal(&s));
}

static void
test_too_early(void)
{
	struct schedule s;

	CHECK(begin(&s));
	use_four(&s);
	sched_launch(&plan, &s, 1);
	sched_run(&plan, &s, B, 0, 3, 0, 0);
	sched_run(&plan, &s, A, 0, 3, 0, 0);
	CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) < 0);
	CHECK_HAS(test_said(), "places 'b' before 'a'");
	CHECK(begin(&s));
	use_four(&s);
	sched_launch(&plan, &s, 1);
	sched_run(&plan, &s, A, 0, 4, 0, 0);
	CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) < 0);
	CHECK_HAS(test_said(), "where there are none");
}

static void
drop_wait(struct schedule *s, size_t step, size_t k, struct after *keep)
{
	struct step *o = &s->steps.v[step];

	*keep = o->after.v[k];
	for (size_t i = k; i + 1 < o->after.n; i++)
		o->after.v[i] = o->after.v[i + 1];
	o->after.n--;
}

static void
put_wait(struct schedule *s, size_t step, size_t k, const struct after *keep)
{
	struct step *o = &s->steps.v[step];

	for (size_t i = o->after.n++; i > k; i--)
		o->after.v[i] = o->after.v[i - 1];
	o->after.v[k] = *keep;
}

/* Without any one of the waits or barriers of it, a schedule is not legal. */
static void
needs_all(struct schedule *s)
{
	for (size_t i = 0; i < s->steps.n; i++) {
		for (size_t w = 0; w < s->steps.v[i].after.n; w++) {
			struct after keep;

			drop_wait(s, i, w, &keep);
			CHECK(!legal(s));
			put_wait(s, i, w, &keep);
		}
		if (s->steps.v[i].barrier) {
			struct step keep = s->steps.v[i];

			memmove(&s->steps.v[i], &s->steps.v[i + 1],
			        (s->steps.n - i - 1) * sizeof keep);
			s->steps.n--;
			CHECK(!legal(s));
			memmove(&s->steps.v[i + 1], &s->steps.v[i],
			        (s->steps.n - i) * sizeof keep);
			s->steps.n++;
			s->steps.v[i] = keep;
		}
	}
}

/* --- at random --------------------------------------------------------------- */

static uint64_t seed;

static int64_t
draw(int64_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((seed >> 33) % (uint64_t)n);
}

static void
place_some(struct schedule *s, int rop, int64_t lo, int64_t hi, int64_t width)
{
	int64_t v = draw(width);

	sched_run(&plan, s, rop, lo, hi, v, v + draw(width - v));
}

/* rOperators one after the other. */
static void
place_in_order(struct schedule *s, int64_t width)
{
	static const int order[2][NROPS] = {{A, B, C, S, Y}, {A, C, B, S, Y}};
	const int *of = order[draw(2)];

	for (int i = 0; i < NROPS; i++)
		place_some(s, of[i], 0, plan.rops.v[of[i]].ntasks - 1, width);
}

/* In parts, each as soon as what its rTasks read was placed. */
static void
place_in_parts(struct schedule *s, int64_t width)
{
	int64_t at[NROPS] = {0}, n[NROPS];

	for (int i = 0; i < NROPS; i++)
		n[i] = plan.rops.v[i].ntasks;
	while (at[Y] < n[Y]) {
		int r = (int)draw(NROPS);
		int64_t end = n[r];

		if (r == B || r == C)
			end = n[A] == n[r] ? at[A] : at[A] < n[A] ? 0 : end;
		else if (r == S && at[B] < n[B])
			end = 0;
		else if (r == Y)
			end = at[S] < n[S] ? 0 : n[C] == n[Y] ? at[C] :
				at[C] < n[C] ? 0 : end;
		if (end <= at[r])
			continue;
		end = at[r] + 1 + draw(end - at[r]);
		place_some(s, r, at[r], end - 1, width);
		at[r] = end;
	}
}

static size_t
each_waits(const struct schedule *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->steps.n; i++)
		for (size_t k = 0; k < s->steps.v[i].after.n; k++)
			n += s->steps.v[i].after.v[k].tasks.text != NULL;
	return n;
}

/* Any placement in order becomes legal, by waits that are all needed.  Where
 * signals cost little, some are of each rTask's own; *each rises by these. */
static void
random_placement(enum sync_kind k,
                 void (*place)(struct schedule *s, int64_t width), size_t *each)
{
	int64_t width = 1 + draw(5);
	struct schedule s;

	CHECK(begin(&s));
	if (draw(4))
		use_four(&s);
	if (draw(2))
		((struct device *)plan.device)->counter_us = 0.01;
	sched_launch(&plan, &s, width);
	place(&s, width);
	CHECK(sync_insert(&plan, &s, k, test_diag()) == 0);
	size_launches(&plan, &s);
	CHECK(legal(&s));
	needs_all(&s);
	*each += each_waits(&s);
}

/* Each reader in two parts, by cheap signals: whatever the rKernels are. */
static void
place_choice(struct needs *n, void *ctx)
{
	struct schedule s = {0};
	int64_t width = 2 + draw(3);

	if (str_eq(plan.rops.v[0].cand->use, "w/some"))
		return;			/* leaves rows that nobody writes */
	((struct device *)plan.device)->counter_us = 0.01;
	for (int r = 0; r < 3; r++)
		vec_push(&test_arena, &s.kernels, ((struct choice){
			.run = plan.rops.v[r].rop->run,
			.use = plan.rops.v[r].cand->use}));
	sched_launch(&plan, &s, width);
	place_some(&s, 0, 0, plan.rops.v[0].ntasks - 1, width);
	for (int r = 1; r < 3; r++) {
		int64_t last = plan.rops.v[r].ntasks - 1, half = draw(last);

		place_some(&s, r, 0, half, width);
		place_some(&s, r, half + 1, last, width);
	}
	CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) == 0);
	size_launches(&plan, &s);
	CHECK(legal(&s));
	needs_all(&s);
	*(size_t *)ctx += each_waits(&s);
	(void)n;
}

static void
test_choices(void)
{
	size_t each = 0;

	seed = 1;
	for (int k = 0; k < 200; k++)
		for_choices(place_choice, &each);
	CHECK(each > 2000);
}

static double
predicted(const struct schedule *s)
{
	int64_t work = 0;
	double us = 0;

	return predict_end(&plan, s, NULL, plan.a, &us, &work, test_diag()) == 0
		? us : -1;
}

/* Of a long before b's vEU, each rTask of b waits for its own rTask of a: three
 * signals more and one look more, for the time of two rTasks.  Where all of a
 * ends at once there is nothing to gain; where signals are dear, too little. */
static void
test_each(void)
{
	for (int k = 0; k < 3; k++) {
		struct schedule s;

		CHECK(begin(&s));
		use_four(&s);
		((struct device *)plan.device)->counter_us = k == 2 ? 2 : 0.5;
		sched_launch(&plan, &s, 6);
		sched_run(&plan, &s, A, 0, 3, 0, k == 1 ? 3 : 0);
		sched_run(&plan, &s, B, 0, 3, 4, 5);
		sched_run(&plan, &s, C, 0, 3, 4, 5);
		sched_run(&plan, &s, S, 0, 0, 4, 4);
		sched_run(&plan, &s, Y, 0, 3, 4, 5);
		CHECK(sync_insert(&plan, &s, SYNC_COUNTER, test_diag()) == 0);
		size_launches(&plan, &s);
		CHECK_INT(s.steps.v[2].after.n, 1);
		CHECK_INT(s.steps.v[3].after.n, 0);
		if (k == 0)
			CHECK_STR(s.steps.v[2].after.v[0].tasks.text, "i..i");
		else
			CHECK(!s.steps.v[2].after.v[0].tasks.text);
		CHECK(legal(&s));
		needs_all(&s);
		if (k == 0) {
			double us = predicted(&s);

			s.steps.v[2].after.v[0].tasks = (struct irange){.hi = -1};
			CHECK(us > 0 && us < predicted(&s));
		}
	}
}

static void
test_random(void)
{
	size_t each = 0;

	for (seed = 1; seed < 300; seed++) {
		uint64_t keep = seed;

		random_placement(SYNC_BARRIER, place_in_order, &each);
		random_placement(SYNC_COUNTER, place_in_order, &each);
		random_placement(SYNC_BARRIER, place_in_parts, &each);
		random_placement(SYNC_COUNTER, place_in_parts, &each);
		seed = keep;
	}
	CHECK(each > 200);
}

/* What makes the new value of a state waits for what reads the old one. */
static void
test_state(void)
{
	for (int k = 0; k < 2; k++) {
		struct schedule s = {0};
		struct policy_options o = {.select = SELECT_FASTEST};

		model = state_model;
		CHECK(load(host, state_kernels, "- launch: {width: 1}\n", ""));
		model = below;
		CHECK(choose_kernels(&plan, &o, &s, test_diag()) == 0);
		sched_launch(&plan, &s, 2);
		sched_run(&plan, &s, 0, 0, 3, 0, 0);
		sched_run(&plan, &s, 1, 0, 3, 1, 1);
		size_launches(&plan, &s);
		CHECK(!legal(&s));
		CHECK(sync_insert(&plan, &s, (enum sync_kind)k, test_diag())
		      == 0);
		size_launches(&plan, &s);
		CHECK(legal(&s));
		CHECK_INT(barriers(&s) + waits(&s), 1);
	}
}

/* Work is what sync_insert looks at: on one vEU nothing is searched. */
static void
test_work(void)
{
	int64_t work[2] = {0, 0};

	for (int k = 0; k < 2; k++) {
		struct schedule s;
		struct needs n;

		CHECK(begin(&s));
		use_four(&s);
		needs_make(&n, &plan, &test_arena);
		sched_launch(&plan, &s, 4);
		for (int r = A; r <= Y; r++)
			sched_run(&plan, &s, r, 0, plan.rops.v[r].ntasks - 1, 0,
			          k ? 3 : 0);
		CHECK(sync_insert_in(&plan, &s, SYNC_COUNTER, &n, &test_arena,
		                     &work[k], test_diag()) == 0);
	}
	CHECK(work[0] > 0);
	CHECK(work[1] > work[0]);
}

int
main(void)
{
	RUN(test_barriers);
	RUN(test_counters);
	RUN(test_implied);
	RUN(test_ranges);
	RUN(test_too_early);
	RUN(test_each);
	RUN(test_random);
	RUN(test_choices);
	RUN(test_state);
	RUN(test_work);
	return test_done();
}
