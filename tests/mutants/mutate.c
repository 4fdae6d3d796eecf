/* What the classes of mutants share, and their table. */
#include "mutate.h"
#include "base/str.h"

const struct class_of classes[NCLASSES] = {
	[DROPPED_WAIT] = {"dropped wait", mutate_dropped_wait, BY_ORACLE},
	[WEAKENED_RANGE] = {"weakened range", mutate_weakened_range, BY_ORACLE},
	[CHANGED_TILES] = {"changed tiles", mutate_changed_tiles, BY_ORACLE},
	[WRONG_WAIT] = {"wrong wait", mutate_wrong_wait, BY_ORACLE},
	[CYCLIC_WAIT] = {"cyclic wait", mutate_cyclic_wait, BY_ORACLE},
	[DROPPED_BARRIER] = {"dropped barrier", mutate_dropped_barrier, BY_ORACLE},
	[MERGED_LAUNCH] = {"merged launch", mutate_merged_launch, BY_ORACLE},
	[SWAPPED_ORDER] = {"swapped order", mutate_swapped_order, BY_ORACLE},
	[SWAPPED_WAIT] = {"swapped across", mutate_swapped_wait, BY_ORACLE},
	[MOVED_TASK] = {"moved task", mutate_moved_task, BY_ORACLE},
	[MOVED_STEP] = {"moved step", mutate_moved_step, BY_ORACLE},
	[MISSING_TASK] = {"missing task", mutate_missing_task, BY_ORACLE},
	[DOUBLED_TASK] = {"doubled task", mutate_doubled_task, BY_ORACLE},
	[BEYOND_WIDTH] = {"beyond width", mutate_beyond_width, BY_WIDTH},
	[OTHER_KERNEL] = {"other rKernel", mutate_other_kernel, BY_KERNELS},
	[ALIASED_BUFFER] = {"aliased buffer", mutate_aliased_buffer, BY_ORACLE},
	[MOVED_BUFFER] = {"moved buffer", mutate_moved_buffer, BY_ORACLE},
	[HOLE] = {"hole in writes", NULL, BY_ELEMENTS},
	[OVERSIZE] = {"oversize launch", mutate_oversize, BY_RESIDENCE},
	[LOWERED_LAUNCH] = {"lowered launch", mutate_lowered_launch,
	                    BY_RESIDENCE},
	[DROPPED_IF] = {"dropped if", mutate_dropped_if, BY_ORACLE, true},
	[TURNED_IF] = {"turned if", mutate_turned_if, BY_ORACLE, true},
	[OTHER_IF] = {"other if", mutate_other_if, BY_ORACLE, true},
	[UNDECIDED] = {"undecided", mutate_undecided, BY_ORACLE, true},
	[DAMAGED_TABLE] = {"damaged table", NULL, BY_TABLE},
};

int64_t
draw(struct rng *r, int64_t n)
{
	r->s = r->s * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((r->s >> 33) % (uint64_t)n);
}

struct schedule *
copy_schedule(struct arena *a, const struct schedule *s)
{
	struct schedule *o = arena_new(a, struct schedule);

	*o = *s;
	o->steps.v = arena_array(a, s->steps.n + 1, sizeof *s->steps.v);
	o->steps.cap = s->steps.n + 1;
	for (size_t i = 0; i < s->steps.n; i++) {
		struct step *t = &o->steps.v[i];
		const struct step *f = &s->steps.v[i];

		*t = *f;
		t->after.v = arena_array(a, f->after.n + 1, sizeof *f->after.v);
		t->after.cap = f->after.n + 1;
		for (size_t k = 0; k < f->after.n; k++)
			t->after.v[k] = f->after.v[k];
		if (f->launch) {
			t->launch = arena_new(a, struct launch);
			*t->launch = *f->launch;
		}
	}
	return o;
}

struct memory *
copy_memory(struct arena *a, const struct memory *m)
{
	struct memory *o = arena_new(a, struct memory);

	*o = *m;
	o->places.v = arena_array(a, m->places.n + 1, sizeof *m->places.v);
	o->places.cap = m->places.n + 1;
	for (size_t i = 0; i < m->places.n; i++)
		o->places.v[i] = m->places.v[i];
	return o;
}

bool pick_wait(const struct plan *p, const struct step *s)
{ (void)p; return s->after.n > 0; }
bool pick_barrier(const struct plan *p, const struct step *s)
{ (void)p; return s->barrier != NULL; }
bool pick_run(const struct plan *p, const struct step *s)
{ (void)p; return s->run != NULL; }
bool pick_launch(const struct plan *p, const struct step *s)
{ (void)p; return s->launch != NULL; }

int64_t
tasks_of(const struct plan *p, const char *run)
{
	return p->rops.v[map_get(&p->rop_by_name, run)].ntasks;
}

bool
is_wide(const struct plan *p, const struct after *a)
{
	return a->tasks.text || a->tasks.hi > a->tasks.lo ||
		(a->tasks.hi < 0 && tasks_of(p, a->run) > 1);
}

bool
pick_wide_wait(const struct plan *p, const struct step *s)
{
	for (size_t i = 0; i < s->after.n; i++)
		if (is_wide(p, &s->after.v[i]))
			return true;
	return false;
}

/* Several rTasks that wait for several. */
bool
pick_tiles(const struct plan *p, const struct step *s)
{
	return pick_wide_wait(p, s) && s->tasks.hi > s->tasks.lo;
}

int64_t
pick(const struct plan *p, const struct schedule *s, struct rng *r,
     pick_fn *ok)
{
	int64_t n = 0, k;

	for (size_t i = 0; i < s->steps.n; i++)
		n += ok(p, &s->steps.v[i]);
	if (!n)
		return -1;
	k = draw(r, n);
	for (size_t i = 0; i < s->steps.n; i++)
		if (ok(p, &s->steps.v[i]) && k-- == 0)
			return (int64_t)i;
	return -1;
}

void
remove_step(struct schedule *s, int64_t at)
{
	memmove(&s->steps.v[at], &s->steps.v[at + 1],
	        (s->steps.n - (size_t)at - 1) * sizeof *s->steps.v);
	s->steps.n--;
}

void
insert_step(struct plan *p, struct schedule *s, int64_t at, struct step o)
{
	vec_push(p->a, &s->steps, o);
	memmove(&s->steps.v[at + 1], &s->steps.v[at],
	        (s->steps.n - (size_t)at - 1) * sizeof *s->steps.v);
	s->steps.v[at] = o;
}

int64_t
width_at(const struct schedule *s, int64_t at)
{
	while (!s->steps.v[at].launch)
		at--;
	return s->steps.v[at].launch->width;
}
