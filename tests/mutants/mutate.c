/* The classes of mutants, one function each. */
#include "mutate.h"
#include "base/str.h"

const char *const class_names[NCLASSES] = {
	"dropped wait", "dropped barrier", "weakened range", "changed tiles",
	"swapped order",
	"moved task", "missing task", "doubled task", "aliased buffer",
	"hole in writes", "oversize resource",
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

/* --- picking ----------------------------------------------------------------- */

typedef bool pick_fn(const struct plan *p, const struct step *s);

static bool has_wait(const struct plan *p, const struct step *s)
{ (void)p; return s->after.n > 0; }
static bool is_barrier(const struct plan *p, const struct step *s)
{ (void)p; return s->barrier != NULL; }
static bool is_run(const struct plan *p, const struct step *s)
{ (void)p; return s->run != NULL; }
static bool is_launch(const struct plan *p, const struct step *s)
{ (void)p; return s->launch != NULL; }

static int64_t
tasks_of(const struct plan *p, const char *run)
{
	return p->rops.v[map_get(&p->rop_by_name, run)].ntasks;
}

/* Whether a wait is for more than one rTask. */
static bool
is_wide(const struct plan *p, const struct after *a)
{
	return a->tasks.text || a->tasks.hi > a->tasks.lo ||
		(a->tasks.hi < 0 && tasks_of(p, a->run) > 1);
}

static bool
has_wide_wait(const struct plan *p, const struct step *s)
{
	for (size_t i = 0; i < s->after.n; i++)
		if (is_wide(p, &s->after.v[i]))
			return true;
	return false;
}

/* Several rTasks that wait for several. */
static bool
has_tiles(const struct plan *p, const struct step *s)
{
	return has_wide_wait(p, s) && s->tasks.hi > s->tasks.lo;
}

/* The index of a step that will do, or -1. */
static int64_t
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

static void
remove_step(struct schedule *s, int64_t at)
{
	memmove(&s->steps.v[at], &s->steps.v[at + 1],
	        (s->steps.n - (size_t)at - 1) * sizeof *s->steps.v);
	s->steps.n--;
}

static void
insert_step(struct plan *p, struct schedule *s, int64_t at, struct step o)
{
	vec_push(p->a, &s->steps, o);
	memmove(&s->steps.v[at + 1], &s->steps.v[at],
	        (s->steps.n - (size_t)at - 1) * sizeof *s->steps.v);
	s->steps.v[at] = o;
}

/* --- classes ------------------------------------------------------------------ */

static const char *
dropped_wait(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, has_wait), k;
	struct step *o;
	const char *what;

	if (i < 0)
		return NULL;
	o = &s->steps.v[i];
	k = draw(r, (int64_t)o->after.n);
	what = arena_printf(p->a, "step %lld: %s does not wait for %s",
	                    (long long)i, o->run, o->after.v[k].run);
	memmove(&o->after.v[k], &o->after.v[k + 1],
	        (o->after.n - (size_t)k - 1) * sizeof *o->after.v);
	o->after.n--;
	return what;
}

static const char *
dropped_barrier(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, is_barrier);

	if (i < 0)
		return NULL;
	remove_step(s, i);
	return arena_printf(p->a, "step %lld: no barrier", (long long)i);
}

static struct after *
wide_wait(const struct plan *p, struct step *s, struct rng *r)
{
	struct after *w;

	do
		w = &s->after.v[draw(r, (int64_t)s->after.n)];
	while (!is_wide(p, w));
	return w;
}

static const char *
weakened_range(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, has_wide_wait), n;
	struct after *w;

	if (i < 0)
		return NULL;
	w = wide_wait(p, &s->steps.v[i], r);
	if (w->tasks.hi < 0)
		w->tasks = (struct irange){.hi = tasks_of(p, w->run) - 1};
	n = w->tasks.hi - w->tasks.lo;
	if (draw(r, 2))
		w->tasks.lo += 1 + draw(r, n);
	else
		w->tasks.hi -= 1 + draw(r, n);
	return arena_printf(p->a, "step %lld: %s waits for %lld..%lld of %s only",
	                    (long long)i, s->steps.v[i].run,
	                    (long long)w->tasks.lo, (long long)w->tasks.hi,
	                    w->run);
}

/* Of rTasks from..to of n: those that exist, one at least. */
static struct irange
irange_of(struct arena *a, const char *from, const char *to, int64_t n)
{
	struct diag d = {.suppressed = 1};
	const char *lo = arena_printf(a, "max(0, min(%s, %lld))", from,
	                              (long long)n - 1);
	const char *hi = arena_printf(a, "max(%s, min(%s, %lld))", lo, to,
	                              (long long)n - 1);

	return (struct irange){.hi = -1, .text = arena_printf(a, "%s..%s", lo, hi),
		.from = expr_parse(a, lo, POS_NONE, &d),
		.to = expr_parse(a, hi, POS_NONE, &d)};
}

/* A wait of each rTask is moved, narrowed or stretched; one of all for the same
 * becomes one of each for a few, which may do or not. */
static const char *
changed_tiles(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, has_tiles), n, per;
	const char *from, *to;
	struct after *w;

	if (i < 0)
		return NULL;
	w = wide_wait(p, &s->steps.v[i], r);
	n = tasks_of(p, w->run);
	per = n / (s->steps.v[i].tasks.hi - s->steps.v[i].tasks.lo + 1) +
		draw(r, 2);
	from = arena_printf(p->a, "%lld*i", (long long)per);
	to = arena_printf(p->a, "%lld*i+%lld", (long long)per,
	                  (long long)(per + draw(r, 2)));
	if (w->tasks.text) {
		const char *dots = strstr(w->tasks.text, "..");
		int64_t k = draw(r, 4);

		from = arena_printf(p->a, "%s(%.*s)%s", k == 3 ? "2*" : "",
		                    (int)(dots - w->tasks.text), w->tasks.text,
		                    k == 0 || k == 2 ? "+1" : "");
		to = arena_printf(p->a, "(%s)%s", dots + 2,
		                  k == 1 ? "-1" : k == 2 ? "+1" : "");
	}
	w->tasks = irange_of(p->a, from, to, n);
	return arena_printf(p->a, "step %lld: %s waits for %s of %s", (long long)i,
	                    s->steps.v[i].run, w->tasks.text, w->run);
}

static const char *
swapped_order(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, is_run), k = i + 1;
	struct step o;

	if (i < 0)
		return NULL;
	if (draw(r, 2))
		k = i + 1 + draw(r, 4);
	if (k >= (int64_t)s->steps.n || s->steps.v[k].launch)
		return NULL;
	o = s->steps.v[i];
	s->steps.v[i] = s->steps.v[k];
	s->steps.v[k] = o;
	return arena_printf(p->a, "steps %lld and %lld change places",
	                    (long long)i, (long long)k);
}

static int64_t
width_at(const struct schedule *s, int64_t at)
{
	while (!s->steps.v[at].launch)
		at--;
	return s->steps.v[at].launch->width;
}

/* One rTask to another vEU; the others of the step stay where they are. */
static const char *
moved_task(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, is_run), t, to, width;
	struct step o;

	if (i < 0 || (width = width_at(s, i)) < 2)
		return NULL;
	o = s->steps.v[i];
	t = o.tasks.lo + draw(r, o.tasks.hi - o.tasks.lo + 1);
	to = draw(r, width);
	remove_step(s, i);
	for (int64_t k = o.tasks.hi; k >= o.tasks.lo; k--) {
		struct step one = o;
		int64_t v = o.veus.lo + (k - o.tasks.lo) %
			(o.veus.hi - o.veus.lo + 1);

		one.tasks = (struct range){k, k};
		one.veus = (struct range){v, v};
		if (k == t) {
			if (v == to)
				to = (to + 1) % width;
			one.veus = (struct range){to, to};
		}
		insert_step(p, s, i, one);
	}
	return arena_printf(p->a, "step %lld: rTask %lld of %s to vEU %lld",
	                    (long long)i, (long long)t, o.run, (long long)to);
}

static const char *
missing_task(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, is_run);
	struct step *o;
	const char *run;

	if (i < 0)
		return NULL;
	o = &s->steps.v[i];
	run = o->run;
	if (o->tasks.lo == o->tasks.hi)
		remove_step(s, i);
	else if (draw(r, 2))
		o->tasks.lo++;
	else
		o->tasks.hi--;
	return arena_printf(p->a, "step %lld: an rTask less of %s", (long long)i,
	                    run);
}

static const char *
doubled_task(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, is_run), to, v;
	struct step o;

	if (i < 0)
		return NULL;
	o = s->steps.v[i];
	o.tasks.lo += draw(r, o.tasks.hi - o.tasks.lo + 1);
	o.tasks.hi = o.tasks.lo;
	to = i + 1 + draw(r, (int64_t)s->steps.n - i);
	v = draw(r, width_at(s, to - 1));
	o.veus = (struct range){v, v};
	insert_step(p, s, to, o);
	return arena_printf(p->a, "rTask %lld of %s again as step %lld",
	                    (long long)o.tasks.lo, o.run, (long long)to);
}

/* A tensor of the arena to where it meets another, or only touches it. */
static const char *
aliased_buffer(struct plan *p, struct memory *m, struct rng *r)
{
	struct place *of[2];
	int64_t n = 0, k[2], delta, elem;

	for (size_t i = 0; i < m->places.n; i++)
		n += m->places.v[i].base == BASE_ARENA;
	if (n < 2)
		return NULL;
	k[0] = draw(r, n);
	k[1] = (k[0] + 1 + draw(r, n - 1)) % n;
	for (int j = 0; j < 2; j++) {
		int64_t at = k[j];

		for (size_t i = 0; i < m->places.n; i++)
			if (m->places.v[i].base == BASE_ARENA && at-- == 0)
				of[j] = &m->places.v[i];
	}
	elem = (int64_t)dtype_bytes(p->tensors.v[map_get(&p->tensor_by_name,
	                            of[0]->name)].type);
	delta = draw(r, of[0]->bytes + of[1]->bytes + 1) - of[0]->bytes;
	if (draw(r, 2))
		delta = 0;
	of[0]->offset = (of[1]->offset + delta) / elem * elem;
	if (of[0]->offset < 0)
		of[0]->offset = 0;
	if (of[0]->offset + of[0]->bytes > m->arena)
		m->arena = of[0]->offset + of[0]->bytes;
	return arena_printf(p->a, "'%s' at %lld, '%s' lies at %lld",
	                    of[0]->name, (long long)of[0]->offset, of[1]->name,
	                    (long long)of[1]->offset);
}

static const char *
oversize(struct plan *p, struct schedule *s, struct rng *r)
{
	int64_t i = pick(p, s, r, is_launch), w = draw(r, 4);
	struct launch *l = s->steps.v[i].launch;

	switch (w) {
	case 0:
		l->width += 1 + draw(r, 2 * l->width);
		break;
	case 1:
		l->threads = 1 + draw(r, 2 * l->threads);
		break;
	case 2:
		l->shared = draw(r, 2 * l->shared + 4096);
		break;
	case 3:
		l->registers = 1 + draw(r, 2 * l->registers + 8);
		break;
	}
	return arena_printf(p->a, "a launch of %lld vEUs, %lld threads, %lld "
	                    "bytes, %lld registers", (long long)l->width,
	                    (long long)l->threads, (long long)l->shared,
	                    (long long)l->registers);
}

const char *
mutate(enum class_id c, struct plan *p, struct schedule *s, struct memory *m,
       struct rng *r)
{
	switch (c) {
	case DROPPED_WAIT: return dropped_wait(p, s, r);
	case DROPPED_BARRIER: return dropped_barrier(p, s, r);
	case WEAKENED_RANGE: return weakened_range(p, s, r);
	case CHANGED_TILES: return changed_tiles(p, s, r);
	case SWAPPED_ORDER: return swapped_order(p, s, r);
	case MOVED_TASK: return moved_task(p, s, r);
	case MISSING_TASK: return missing_task(p, s, r);
	case DOUBLED_TASK: return doubled_task(p, s, r);
	case ALIASED_BUFFER: return aliased_buffer(p, m, r);
	case OVERSIZE: return oversize(p, s, r);
	case HOLE: case NCLASSES: break;
	}
	return NULL;
}
