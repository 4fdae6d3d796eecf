/* Is every wait and every barrier of a schedule needed?  Leaves out each in
 * turn and asks the verifier, which must refuse what is left.
 *
 *	fewer [--most N] FILE...
 *
 * FILE: a plan with a legal schedule on top
 * --most: no more than N of each plan's, spread over it; default: all
 *
 * Prints those that are not needed, then how many were left out of how many;
 * 1 if some are not needed, or a plan is not legal. */
#include "base/opt.h"
#include "base/str.h"
#include "verify/verify.h"

struct trial {
	struct plan plan;
	struct schedule *s;
	int64_t all, most;	/* waits and barriers; to be tried */
	int64_t at, tried, idle;
};

static bool
legal(struct trial *t)
{
	struct diag quiet = {.suppressed = 1};
	struct arena a;
	struct verified *v;
	bool ok;

	arena_init(&a);
	ok = verify_schedule(&t->plan, t->s, &a, &v, &quiet) == FAULT_NONE;
	arena_release(&a);
	return ok;
}

/* Whether the next of all is one of those to be tried. */
static bool
turn(struct trial *t)
{
	int64_t k = t->at++;

	return (k + 1) * t->most / t->all > k * t->most / t->all;
}

static void
judge(struct trial *t, const struct step *s, const char *whom)
{
	t->tried++;
	if (!legal(t))
		return;
	t->idle++;
	printf("not needed: %s%s%s%s\n", s->run ? s->run : "a barrier",
	       s->run ? " waits for " : "", whom, s->note ? s->note : "");
}

static void
try_waits(struct trial *t, struct step *s)
{
	for (size_t k = 0; k < s->after.n; k++) {
		struct after keep = s->after.v[k];

		if (!turn(t))
			continue;
		s->after.v[k] = s->after.v[--s->after.n];
		judge(t, s, keep.run);
		s->after.v[s->after.n++] = s->after.v[k];
		s->after.v[k] = keep;
	}
}

static void
try_barrier(struct trial *t, size_t i)
{
	struct step keep = t->s->steps.v[i];
	size_t after = t->s->steps.n - i - 1;

	if (!keep.barrier || !turn(t))
		return;
	memmove(&t->s->steps.v[i], &t->s->steps.v[i + 1], after * sizeof keep);
	t->s->steps.n--;
	judge(t, &keep, "");
	memmove(&t->s->steps.v[i + 1], &t->s->steps.v[i], after * sizeof keep);
	t->s->steps.v[i] = keep;
	t->s->steps.n++;
}

static int
try_plan(struct arena *a, const char *file, int64_t most, struct diag *d)
{
	struct trial t = {.all = 0};
	struct stack s;

	stack_init(&s, a, formats);
	if (stack_read(&s, file, d) < 0 ||
	    plan_init_checked(&t.plan, a, &s, d) < 0)
		return 1;
	t.s = arena_new(a, struct schedule);
	*t.s = *stack_schedule(&s);
	if (verify(&t.plan, t.s, NULL, d) != FAULT_NONE)
		return 1;
	for (size_t i = 0; i < t.s->steps.n; i++)
		t.all += (int64_t)t.s->steps.v[i].after.n +
			(t.s->steps.v[i].barrier != NULL);
	t.most = most && most < t.all ? most : t.all;
	for (size_t i = 0; i < t.s->steps.n; i++) {
		try_waits(&t, &t.s->steps.v[i]);
		try_barrier(&t, i);
	}
	printf("%lld of %lld left out, %lld not needed: %s\n",
	       (long long)t.tried, (long long)t.all, (long long)t.idle, file);
	return t.idle > 0;
}

int
main(int argc, char **argv)
{
	int64_t most = 0;
	struct strs files = {0};
	const struct opt_usage u = {"fewer", "FILE...", NULL, NULL};
	const struct opt opts[] = {
		{0, "most", OPT_INT, &most, "N", NULL, NULL,
			1, INT64_MAX},
		{0},
	};
	struct arena a;
	struct diag d;
	int status;

	arena_init(&a);
	diag_init(&d, "fewer", stderr);
	status = opt_parse(&u, opts, &a, argc, argv, &files);
	if (status < 0) {
		status = 0;
		for (size_t i = 0; i < files.n; i++)
			status |= try_plan(&a, files.v[i], most, &d);
	}
	arena_release(&a);
	return fflush(stdout) == 0 ? status : 1;
}
