/* What policies build schedules with. */
#include "base/str.h"
#include "policy/policy.h"

const struct policy *
policy_find(const char *name)
{
	for (int i = 0; policy_list[i]; i++)
		if (str_eq(policy_list[i]->name, name))
			return policy_list[i];
	return NULL;
}

uint64_t
policy_draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

bool
sched_places(const struct plan *p, int rop)
{
	return !p->rops.v[rop].rop->init && p->rops.v[rop].ntasks > 0;
}

static struct step *
add_step(struct plan *p, struct schedule *s)
{
	struct step *o = vec_add(p->a, &s->steps);

	o->tasks = o->veus = (struct range){0, -1};
	return o;
}

void
sched_launch(struct plan *p, struct schedule *s, int64_t width)
{
	struct step *o = add_step(p, s);

	o->launch = arena_new(p->a, struct launch);
	o->launch->width = width;
	o->launch->threads = 1;
}

struct step *
sched_run(struct plan *p, struct schedule *s, int rop, int64_t first_task,
          int64_t last_task, int64_t first_veu, int64_t last_veu)
{
	struct step *o = add_step(p, s);

	o->run = p->rops.v[rop].rop->run;
	o->if_ = p->rops.v[rop].rop->if_;
	o->rop = rop;
	o->tasks = (struct range){first_task, last_task};
	o->veus = (struct range){first_veu, last_veu};
	return o;
}

int64_t
sched_deal(struct plan *p, struct schedule *s, int rop, int64_t from,
           int64_t width)
{
	int64_t n = p->rops.v[rop].ntasks, end;

	from = plan_dealt(n, from, width);
	end = from + n < width ? from + n : width;
	if (n >= width) {
		sched_run(p, s, rop, 0, n - 1, 0, width - 1);
	} else {
		sched_run(p, s, rop, 0, end - from - 1, from, end - 1);
		if (end - from < n)
			sched_run(p, s, rop, end - from, n - 1, 0,
			          n - (end - from) - 1);
	}
	return (from + n) % width;
}

void
sched_barrier(struct plan *p, struct schedule *s)
{
	add_step(p, s)->barrier = arena_new(p->a, struct barrier);
}

/* --- sizes -------------------------------------------------------------------- */

static void
most(int64_t *a, int64_t b)
{
	if (*a < b)
		*a = b;
}

static void
widen(struct launch *l, const struct candidate *c)
{
	most(&l->threads, c->threads);
	most(&l->shared, c->shared);
	most(&l->registers, c->registers);
}

/* Registers a thread may have if all vEUs of the launch are to be resident:
 * what the compiler is told, so that the plan holds whatever it would like. */
static int64_t
allowed_registers(const struct device *v, const struct launch *l)
{
	int64_t warp = v->warp > 0 ? v->warp : 1;
	int64_t threads = (l->threads + warp - 1) / warp * warp;
	int64_t blocks = (l->width + v->units - 1) / v->units;
	int64_t n = v->registers / (threads * blocks) * warp;

	n = n / v->register_unit * v->register_unit / warp;

	if (v->thread_registers && n > v->thread_registers)
		n = v->thread_registers;
	return n < l->registers ? l->registers : n;
}

void
size_launches(struct plan *p, struct schedule *s)
{
	struct launch *l = NULL;

	for (size_t i = 0; i < s->steps.n; i++) {
		struct step *o = &s->steps.v[i];

		if (o->launch) {
			l = o->launch;
			l->width = l->threads = 1;
			l->shared = l->registers = 0;
		} else if (o->run && l) {
			int r = plan_rop(p, o->run, o->rop);

			widen(l, p->rops.v[r].cand);
			most(&l->width, o->veus.hi + 1);
		}
	}
	if (p->device->target == TARGET_HOST || !p->device->registers)
		return;
	for (size_t i = 0; i < s->steps.n; i++)
		if (s->steps.v[i].launch)
			s->steps.v[i].launch->registers = allowed_registers(
				p->device, s->steps.v[i].launch);
}

int64_t
sched_width(const struct plan *p, const struct policy_options *o)
{
	struct launch l = {.threads = 1};
	int64_t fit;
	const char *limit;

	if (o->width)
		return o->width;
	if (p->device->target == TARGET_HOST)
		return p->device->veus;
	for (size_t i = 0; i < p->rops.n; i++)
		if (sched_places(p, (int)i))
			widen(&l, p->rops.v[i].cand);
	fit = device_resident(p->device, l.threads, l.shared, l.registers,
	                      &limit);
	return fit < 1 ? 1 : fit < p->device->veus ? fit : p->device->veus;
}
