/* Is every wait and every barrier of a schedule needed?  Leaves out each in
 * turn and asks the verifier, which must refuse what is left.
 *
 *	fewer FILE...
 *
 * FILE: a plan with a legal schedule on top
 *
 * Prints those that are not needed, then how many there were; 1 if some are
 * not needed, or a plan is not legal. */
#include "base/str.h"
#include "verify/verify.h"

struct trial {
	struct plan plan;
	struct schedule *s;
	int64_t tried, idle;	/* waits and barriers; not needed */
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

	if (!keep.barrier)
		return;
	memmove(&t->s->steps.v[i], &t->s->steps.v[i + 1], after * sizeof keep);
	t->s->steps.n--;
	judge(t, &keep, "");
	memmove(&t->s->steps.v[i + 1], &t->s->steps.v[i], after * sizeof keep);
	t->s->steps.v[i] = keep;
	t->s->steps.n++;
}

static int
try_plan(struct arena *a, const char *file, struct diag *d)
{
	struct trial t = {.tried = 0};
	struct stack s;

	stack_init(&s, a, formats);
	if (stack_read(&s, file, d) < 0 ||
	    plan_init_checked(&t.plan, a, &s, d) < 0)
		return 1;
	t.s = arena_new(a, struct schedule);
	*t.s = *stack_schedule(&s);
	if (verify(&t.plan, t.s, NULL, d) != FAULT_NONE)
		return 1;
	for (size_t i = 0; i < t.s->steps.n; i++) {
		try_waits(&t, &t.s->steps.v[i]);
		try_barrier(&t, i);
	}
	printf("%lld left out in turn, %lld not needed: %s\n",
	       (long long)t.tried, (long long)t.idle, file);
	return t.idle > 0;
}

int
main(int argc, char **argv)
{
	struct arena a;
	struct diag d;
	int status = 0;

	arena_init(&a);
	diag_init(&d, "fewer", stderr);
	for (int i = 1; i < argc; i++)
		status |= try_plan(&a, argv[i], &d);
	arena_release(&a);
	return fflush(stdout) == 0 ? status : 1;
}
