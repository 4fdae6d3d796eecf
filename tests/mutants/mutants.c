/* Mutation test of the verifier: schedules, memory plans and program tables are
 * edited at random, the verifier judges each, and so does somebody else, mostly
 * the access oracle (lib/runtime), which replays the program tables made of it.
 * They have to agree, and what the verifier says of a refusal has to come
 * about when it is replayed:
 *
 *	refused		both say no
 *	harmless	both say yes
 *	wrong		accepted though broken, refused though right, or a
 *			witness that does not trip
 *	replayed	refusals of which the witness tripped; the others are
 *			of ranges, resources and bytes that no rTask shows; of
 *			damaged tables, those that the oracle finds broken too
 *	declared	of these, those whose rTasks share what their kernels'
 *			heads declare, and touch less of it: a head may say that
 *			all is read, and the verifier goes by heads
 *
 *	mutants [--per-class N] [--seed S] --share DIR --work DIR
 *		[--resources PLAN] PLAN ...
 *
 * PLAN: a stack with tasks/1, for a host or for cuda, which is emulated; those
 * of --resources are edited only in what they ask of the device. */
#include "base/opt.h"
#include "run.h"

/* What a plan is for. */
enum use { ALL, RESOURCES };

static bool
applies(const struct run *r, enum use u, enum class_id c)
{
	bool host = r->plan.device->target == TARGET_HOST;

	if (classes[c].branches && !r->plan.conditions.n)
		return false;
	switch (classes[c].judge) {
	case BY_RESIDENCE: return !host;
	case BY_KERNELS: return u == ALL && host;
	case BY_ORACLE: case BY_TABLE: case BY_ELEMENTS: case BY_WIDTH:
		return u == ALL;
	}
	return false;
}

static bool
make_one(struct run *r, enum class_id c, const struct legal *b)
{
	struct schedule *s;
	struct memory *m;
	const char *what;

	if (classes[c].judge == BY_TABLE)
		return judge_table(r, b);
	s = copy_schedule(&r->tmp, b->s);
	m = copy_memory(&r->tmp, b->m);
	if (classes[c].judge == BY_ELEMENTS)
		return judge_hole(r, b, s);
	what = classes[c].mutate(&r->plan, s, m, &r->rng);
	if (what)
		judge(r, c, b, s, m, what);
	else
		arena_clear(&r->tmp);
	return what;
}

/* About n mutants of class c from the bases at hand. */
static void
make_mutants(struct run *r, enum class_id c, int64_t n)
{
	for (int64_t tries = 0; n > 0 && tries < 50 * n + 1000; tries++)
		n -= make_one(r, c, &r->bases.v[draw(&r->rng,
			(int64_t)r->bases.n)]);
}

/* --- plans -------------------------------------------------------------------------- */

static int
load(struct run *r, const char *path)
{
	memset(&r->plan, 0, sizeof r->plan);
	memset(&r->kernels, 0, sizeof r->kernels);
	r->path = path;
	arena_init(&r->pa);
	stack_init(&r->stack, &r->pa, formats);
	if (stack_read(&r->stack, path, &r->d) < 0 ||
	    stack_check(&r->stack, &r->d) < 0 ||
	    plan_init(&r->plan, &r->pa, &r->stack, &r->d) < 0)
		return -1;
	return kernels_load(&r->kernels, &r->pa,
	                    arena_printf(&r->pa, "%s/kernels", r->share),
	                    (enum target_kind)r->plan.device->target, &r->d);
}

struct left {			/* pairs of plan and selection, this one too */
	int all, branches;	/* branches: of plans with conditions */
};

/* How many of a class this pair contributes. */
static int64_t
share_of(const struct run *r, enum class_id c, struct left n)
{
	int64_t left = r->per_class - r->counts[c].tried;
	int rounds = classes[c].branches ? n.branches : n.all;

	return left <= 0 ? 0 : (left + rounds - 1) / rounds;
}

/* The rKernel of one rOperator becomes another, for the reference and for
 * what mutants change theirs to.  False: there is no other. */
static bool
change_kernel(struct run *r, const struct candidate **was, size_t *at)
{
	for (int tries = 0; tries < 100; tries++) {
		size_t i = (size_t)draw(&r->rng, (int64_t)r->plan.rops.n);
		const struct prop *o = &r->plan.rops.v[i];
		const struct candidate *c = &o->cls->kernels.v[
			draw(&r->rng, (int64_t)o->cls->kernels.n)];

		if (o->rop->init || c == r->use[i])
			continue;
		*was = r->use[i];
		*at = i;
		r->use[i] = c;
		return true;
	}
	return false;
}

static void
choose_all(struct run *r)
{
	for (size_t i = 0; i < r->plan.rops.n; i++)
		plan_use(&r->plan, (int)i, r->use[i]);
}

/* Mutants with another rKernel; each change wants its own reference. */
static int
make_kernel_mutants(struct run *r, int64_t n)
{
	enum { CHANGES = 3 };
	const struct candidate *was = NULL;
	size_t at = 0;

	for (int64_t k = 0; k < CHANGES && n > 0; k++) {
		int64_t some = (n + CHANGES - k - 1) / (CHANGES - k);

		if (!change_kernel(r, &was, &at))
			return 0;
		choose_all(r);
		if (make_reference(r) < 0)
			return -1;
		for (int64_t i = 0; i < some; i++) {
			choose_all(r);
			make_mutants(r, OTHER_KERNEL, 1);
		}
		r->use[at] = was;
		n -= some;
		if (r->mutants.n && ask_oracle(r) < 0)
			return -1;
	}
	choose_all(r);
	return 0;
}

static int
make_all(struct run *r, enum use u, struct left n)
{
	for (int c = 0; c < NCLASSES; c++)
		if (applies(r, u, (enum class_id)c) && c != OTHER_KERNEL)
			make_mutants(r, (enum class_id)c,
			             share_of(r, (enum class_id)c, n));
	if (r->mutants.n && ask_oracle(r) < 0)
		return -1;
	return applies(r, u, OTHER_KERNEL) ?
		make_kernel_mutants(r, share_of(r, OTHER_KERNEL, n)) : 0;
}

static int
test_plan(struct run *r, const char *path, enum use u, struct left n)
{
	for (int k = SELECT_FASTEST; k <= SELECT_EFFICIENT; k++) {
		if (load(r, path) < 0)
			return -1;
		if (choose(r, (enum select_kind)k) < 0 ||
		    (u == ALL && make_reference(r) < 0))
			return -1;
		make_bases(r, select_words.words[k], u == ALL);
		if (make_all(r, u, n) < 0)
			return -1;
		n.all--;
		n.branches--;
		arena_release(&r->pa);
	}
	return 0;
}

static int
print_table(const struct run *r)
{
	int few = 0, tried = 0, replayed = 0;

	printf("%-16s %6s %8s %9s %6s %9s %9s\n", "class", "tried", "refused",
	       "harmless", "wrong", "replayed", "declared");
	for (int c = 0; c < NCLASSES; c++) {
		const struct count *o = &r->counts[c];

		printf("%-16s %6d %8d %9d %6d %9d %9d", classes[c].name, o->tried,
		       o->refused, o->harmless, o->accepted_wrong +
		       o->refused_wrong + o->untripped, o->replayed,
		       o->declared);
		if (o->accepted_wrong + o->refused_wrong + o->untripped)
			printf("  (%d accepted, %d refused, %d witnesses)",
			       o->accepted_wrong, o->refused_wrong,
			       o->untripped);
		printf("\n");
		few += o->tried < r->per_class;
		tried += o->tried;
		replayed += o->replayed;
	}
	printf("mutants: %d wrong of %d, %d replayed, from %d legal schedules\n",
	       r->bad, tried, replayed, r->nbases);
	if (few)
		printf("mutants: %d classes have fewer than %lld\n", few,
		       (long long)r->per_class);
	return r->bad || few || fflush(stdout) ? 1 : 0;
}

static const struct opt_usage usage = {
	"mutants", "[options] PLAN ...",
	"Edits legal schedules and compares the verifier with the oracle.", NULL,
};

/* Whether a plan has conditions; -1 if it cannot be read. */
static int
branches(struct run *r, const char *path)
{
	int has = load(r, path) < 0 ? -1 : r->plan.conditions.n > 0;

	arena_release(&r->pa);
	return has;
}

/* Each plan takes its share of the mutants that are missing. */
static int
test_plans(struct run *r, const struct strs *plans, enum use u)
{
	struct left n = {.all = 2 * (int)plans->n};
	int *has = arena_array(&r->a, plans->n + 1, sizeof *has);

	for (size_t i = 0; i < plans->n; i++) {
		has[i] = branches(r, plans->v[i]);
		if (has[i] < 0)
			return -1;
		n.branches += 2 * has[i];
	}
	for (size_t i = 0; i < plans->n; i++) {
		if (test_plan(r, plans->v[i], u, n) < 0)
			return -1;
		n.all -= 2;
		n.branches -= 2 * has[i];
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct run r = {.per_class = 100, .seed = 1, .share = "build/share/tamp",
		.work = "build/mutants"};
	int status;

	arena_init(&r.a);
	arena_init(&r.tmp);
	diag_init(&r.d, "mutants", stderr);
	const struct opt opts[] = {
		{0, "per-class", OPT_INT, &r.per_class, "N", "mutants a class",
		 NULL, 1, 100000},
		{0, "seed", OPT_INT, &r.seed, "S", "other mutants", NULL, 0,
		 INT64_MAX},
		{0, "share", OPT_STR, &r.share, "DIR", "tamp's data", ""},
		{0, "work", OPT_STR, &r.work, "DIR", "where tables go", ""},
		{0, "resources", OPT_STRS, &r.resources, "PLAN",
		 "a cuda plan that is not emulated", ""},
		{'v', "verbose", OPT_FLAG, &r.verbose, NULL, "lists all", NULL},
		{0},
	};
	status = opt_parse(&usage, opts, &r.a, argc, argv, &r.rest);
	if (status >= 0)
		return status;
	r.d.verbose = r.verbose;
	r.quiet = r.d;
	r.quiet.suppressed = 1;
	r.quiet.verbose = false;
	r.rng.s = (uint64_t)r.seed * 2654435761u + 12345;
	if (test_plans(&r, &r.resources, RESOURCES) < 0 ||
	    test_plans(&r, &r.rest, ALL) < 0)
		return 1;
	status = print_table(&r);
	arena_release(&r.tmp);
	arena_release(&r.a);
	return status;
}
