/* Policies, on the plan of five.h. */
#include "five.h"
#include "policy/moves.h"
#include "policy/policy.h"

enum { A, B, C, S, Y, NROPS };

static void
test_policies(void)
{
	for (int i = 0; policy_list[i]; i++)
		for (int k = 0; k < 6; k++) {
			struct policy_options o = {
				.sync = k % 2 ? SYNC_COUNTER : SYNC_BARRIER,
				.select = (enum select_kind)(k / 2)};
			struct schedule s = {0};

			CHECK(load(k % 2 ? host : gpu, kernels,
			           "- launch: {width: 1}\n", ""));
			CHECK(policy_plan(policy_list[i], &plan, &o, &s,
			                  test_diag()) == 0);
			CHECK_STR(test_said(), "");
			CHECK_INT(s.kernels.n, NROPS);
			CHECK(legal(&s));
		}
	CHECK(policy_find("sequential") != NULL);
	CHECK(policy_find("none") == NULL);
}

/* What makes the new value of a state comes after what reads the old one, though
 * no data flow between them. */
static void
test_state(void)
{
	for (int i = 0; policy_list[i]; i++)
		for (int k = 0; k < 2; k++) {
			struct policy_options o = {.sync = (enum sync_kind)k,
				.select = SELECT_FASTEST};
			struct schedule s = {0};

			model = state_model;
			CHECK(load(host, state_kernels, "- launch: {width: 1}\n",
			           ""));
			model = below;
			CHECK(policy_plan(policy_list[i], &plan, &o, &s,
			                  test_diag()) == 0);
			CHECK(legal(&s));
		}
}

/* fastest: 4 rTasks of 1.25 on two vEUs (2.5) before one of 3.25; efficient:
 * 3.25 before 4 x 1.25. */
static void
test_select(void)
{
	struct policy_options o = {.select = SELECT_FASTEST};
	struct schedule s = {0};

	CHECK(load(host, kernels, "- launch: {width: 1}\n", ""));
	CHECK(choose_kernels(&plan, &o, &s, test_diag()) == 0);
	CHECK_STR(s.kernels.v[A].use, "map/2");
	o.select = SELECT_EFFICIENT;
	CHECK(choose_kernels(&plan, &o, &s, test_diag()) == 0);
	CHECK_STR(s.kernels.v[NROPS + A].use, "map/8");
}

static int
declines(struct plan *p, const struct policy_options *o, struct schedule *out,
         struct diag *d)
{
	(void)p;
	(void)o;
	(void)out;
	return diag_error(d, POS_NONE, "not this one");
}

/* A policy that declines is asked once, not for every choice. */
static void
test_declined(void)
{
	static const struct policy none = {.name = "none", .plan = declines};
	struct policy_options o = {.select = SELECT_BEST};
	struct schedule s = {0};
	int before;

	CHECK(load(gpu, kernels, "- launch: {width: 1}\n", ""));
	before = test_diag()->nerrors;
	CHECK(policy_plan(&none, &plan, &o, &s, test_diag()) < 0);
	CHECK_INT(test_diag()->nerrors, before + 1);
	CHECK_HAS(test_said(), "not this one");
}

static int
tells(struct plan *p, const struct policy_options *o, struct schedule *out,
      struct diag *d)
{
	diag_explain(d, "laid out");
	return policy_find("sequential")->plan(p, o, out, d);
}

/* What is explained is the plan that is kept, not those that were tried. */
static void
test_explained(void)
{
	static const struct policy telling = {.name = "tells", .plan = tells};
	struct policy_options o = {.select = SELECT_BEST};
	struct schedule s = {0};
	const char *first;

	CHECK(load(gpu, kernels, "- launch: {width: 1}\n", ""));
	test_diag()->explain = true;
	CHECK(policy_plan(&telling, &plan, &o, &s, test_diag()) == 0);
	test_diag()->explain = false;
	first = strstr(test_said(), "laid out");
	CHECK(first && !strstr(first + 1, "laid out"));
}

static int
three(const struct plan *p)
{
	(void)p;
	return 3;
}

/* All on one vEU in ways 0 and 1 (which adds nothing new), as sequential does in
 * way 2. */
static int
slow(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	struct policy_options one = *o;

	if (o->way < 2)
		one.width = 1;
	diag_explain(d, "laid out in way %d", o->way);
	return policy_find("sequential")->plan(p, &one, out, d);
}

/* Of several ways the one that is predicted to be the shortest is planned, with
 * whichever rKernels. */
static void
test_ways(void)
{
	static const char *const names[] = {"first", "second", "third"};
	static const struct policy ways = {.name = "ways", .plan = slow,
		.ways = three, .way_names = names};

	for (int k = 0; k < 3; k++) {
		struct policy_options o = {.select = (enum select_kind)k,
			.sync = SYNC_COUNTER};
		struct schedule s = {0};
		const char *said;

		CHECK(load(host, kernels, "- launch: {width: 1}\n", ""));
		test_diag()->explain = true;
		CHECK(policy_plan(&ways, &plan, &o, &s, test_diag()) == 0);
		test_diag()->explain = false;
		said = test_said();
		CHECK_HAS(said, "laid out in way 2");
		CHECK(!strstr(said, "laid out in way 0"));
		CHECK_HAS(said, k < 2 ? "way 3 (third): " :
		          "way 3 (third) is taken: ");
		CHECK(legal(&s));
		CHECK_INT(s.steps.v[0].launch->width, 2);
		CHECK_INT(policy_ways(&ways, &plan), 3);
	}
}

static void
test_sizes(void)
{
	struct policy_options o = {.select = SELECT_FASTEST,
		.sync = SYNC_COUNTER};
	struct schedule s = {0};
	const struct launch *l;

	CHECK(load(gpu, kernels, "- launch: {width: 1}\n", ""));
	CHECK(policy_plan(policy_find("sequential"), &plan, &o, &s,
	                  test_diag()) == 0);
	l = s.steps.v[0].launch;
	CHECK_INT(l->width, 4);
	CHECK_INT(l->threads, 128);
	CHECK_INT(l->shared, 1024);
	/* two vEUs a unit: 16384 / 256 */
	CHECK_INT(l->registers, 64);
}

/* *out: what a draft of "from" becomes; *items: how many it had. */
static void
draft(bool deals, const struct policy_options *o, const struct schedule *from,
      size_t *items, struct schedule *out)
{
	struct trials t;
	struct moving m;
	struct draft d;

	trials_init(&t, &plan, o);
	moving_init(&m, &plan, o);
	m.deals = deals;
	d = draft_new(&m, &test_arena);
	draft_take(&m, &d, from);
	*items = d.n;
	*out = (struct schedule){0};
	CHECK(draft_finish(&m, &d, &t, out, test_diag()) == 0);
	CHECK(legal(out));
	trials_release(&t);
}

/* A draft that deals takes whole steps apart, one step a vEU; taken again it has them
 * whole, and takes them apart in the same way.  Another leaves them as they are. */
static void
test_dealt(void)
{
	struct policy_options o = {.sync = SYNC_COUNTER, .select = SELECT_FASTEST};
	struct schedule s = {0}, apart, again, same;
	size_t n, joined, whole;

	CHECK(load(host, kernels, "- launch: {width: 1}\n", ""));
	((struct device *)plan.device)->l2 = 65536;
	CHECK(policy_plan(policy_find("sequential"), &plan, &o, &s,
	                  test_diag()) == 0);
	draft(false, &o, &s, &whole, &same);
	CHECK_INT(whole, s.steps.n);
	CHECK_INT(same.steps.n, s.steps.n);
	draft(true, &o, &s, &n, &apart);
	CHECK_INT(n, whole);
	CHECK(apart.steps.n > s.steps.n);
	CHECK_INT(apart.steps.v[1].rop, A);
	CHECK_INT(apart.steps.v[1].tasks.lo, 0);
	CHECK_INT(apart.steps.v[1].tasks.hi, 1);
	CHECK_INT(apart.steps.v[1].veus.hi, 0);
	CHECK_INT(apart.steps.v[2].tasks.lo, 2);
	CHECK_INT(apart.steps.v[2].veus.lo, 1);
	draft(true, &o, &apart, &joined, &again);
	CHECK_INT(joined, whole);
	CHECK_INT(again.steps.n, apart.steps.n);
	for (size_t i = 0; i < again.steps.n && i < apart.steps.n; i++) {
		CHECK_INT(again.steps.v[i].tasks.lo, apart.steps.v[i].tasks.lo);
		CHECK_INT(again.steps.v[i].veus.lo, apart.steps.v[i].veus.lo);
	}
}

int
main(void)
{
	RUN(test_policies);
	RUN(test_state);
	RUN(test_select);
	RUN(test_declined);
	RUN(test_explained);
	RUN(test_ways);
	RUN(test_sizes);
	RUN(test_dealt);
	return test_done();
}
