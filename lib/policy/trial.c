/* Trials: a placement made a schedule, and its prediction. */
#include "policy/trial.h"

#include "policy/deal.h"

void
trials_init(struct trials *t, struct plan *p, const struct policy_options *o)
{
	*t = (struct trials){.p = p, .o = o};
	arena_init(&t->tmp);
	needs_init(&t->needs, p, p->a);
}

void
trials_release(struct trials *t)
{
	arena_release(&t->tmp);
}

int
trial_finish(struct trials *t, struct schedule *s, enum sync_kind sync,
             struct diag *d)
{
	if (rtasks_too_many(t->p))
		return diag_error(d, POS_NONE, "%lld rTasks are too many for a "
		                  "schedule", (long long)rtasks_too_many(t->p));
	needs_choose(&t->needs);
	if (t->deals)
		deal_near(t->p, s, &t->needs, &t->tmp, &t->work, d);
	if (sync_insert_in(t->p, s, sync, &t->needs, &t->tmp, &t->work, d) < 0)
		return -1;
	size_launches(t->p, s);
	return 0;
}

double
trial_us(struct trials *t, const struct schedule *s, struct diag *d)
{
	double us;
	int64_t visits = 0;
	int r = predict_end(t->p, s, t->o->costs, &t->tmp, &us, &visits, d);

	t->visits += visits;
	t->work += visits;
	return r < 0 ? -1 : us;
}

void
trial_begin(struct trials *t, struct arena **keep)
{
	*keep = t->p->a;
	t->p->a = &t->tmp;
}

void
trial_end(struct trials *t, struct arena *keep)
{
	t->p->a = keep;
	arena_clear(&t->tmp);
}
