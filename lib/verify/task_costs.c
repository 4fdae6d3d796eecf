/* What rTasks cost: the candidates' estimates, and the measured times of a
 * costs/1 in their place, found once and kept by class and candidate. */
#include "verify/task_costs.h"

#include "base/str.h"

void
class_text(const struct class *c, struct str *out)
{
	str_add(out, c->form);
	for (size_t i = 0; i < c->args.n; i++) {
		const struct arg *g = &c->args.v[i];

		if (g->on)
			continue;
		str_addf(out, " %s=%s[", g->arg, dtype_word((enum dtype)g->type));
		for (size_t k = 0; k < g->shape.n; k++)
			str_addf(out, "%s%lld", k ? "," : "",
			         (long long)g->shape.v[k]);
		str_addc(out, ']');
	}
}

/* Where the time of a class's rKernel stands: "class\nuse". */
static const char *
key_of(struct arena *a, const char *class, const char *use)
{
	return arena_printf(a, "%s\n%s", class, use);
}

static void
take_class(struct task_costs *t, size_t i, const struct class *c,
           const struct costs *costs, const struct map *by_key,
           struct arena *a)
{
	struct str text;

	str_init(&text);
	class_text(c, &text);
	for (size_t k = 0; k < c->kernels.n; k++) {
		int at = map_get(by_key, key_of(a, text.s,
		                                c->kernels.v[k].use));
		const struct cost *o = at < 0 ? NULL : &costs->costs.v[at];

		if (!o)
			continue;
		t->of[i][k] = (struct rkernel_cost){
			.us = o->busy_us > 0 ? o->busy_us : o->us,
			.alone_us = o->us, .reuse_us = o->reuse_us,
			.measured = true, .entry = (size_t)at};
		t->known++;
	}
	str_release(&text);
}

/* --- loads --------------------------------------------------------------- */

struct numbered {		/* an rTask, to find those that touch the same */
	const struct box *b;
	int32_t task;
};

static int
by_box(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;
	int r = memcmp(a->b->lo, b->b->lo, (size_t)a->b->nd * sizeof *a->b->lo);

	if (r == 0)
		r = memcmp(a->b->hi, b->b->hi,
		           (size_t)a->b->nd * sizeof *a->b->hi);
	return r ? r : a->task - b->task;
}

static bool
same_box(const struct box *a, const struct box *b)
{
	return memcmp(a->lo, b->lo, (size_t)a->nd * sizeof *a->lo) == 0 &&
		memcmp(a->hi, b->hi, (size_t)a->nd * sizeof *a->hi) == 0;
}

/* Numbers the different first boxes of rTasks. */
static void
number(struct task_costs *t, const struct boxset *s, int64_t ntasks,
       struct moved *m)
{
	struct numbered *v = arena_array(t->a, (size_t)ntasks, sizeof *v);
	int32_t *slice = arena_array(t->a, (size_t)ntasks, sizeof *slice);

	for (int64_t i = 0; i < ntasks; i++)
		v[i] = (struct numbered){&s->v[s->first[i]], (int32_t)i};
	qsort(v, (size_t)ntasks, sizeof *v, by_box);
	m->slices = 0;
	for (int64_t i = 0; i < ntasks; i++) {
		if (i == 0 || !same_box(v[i - 1].b, v[i].b))
			m->slices++;
		slice[v[i].task] = m->slices - 1;
	}
	m->slice = slice;
}

static bool
all_have_boxes(const struct boxset *s, int64_t ntasks)
{
	for (int64_t i = 0; i < ntasks; i++)
		if (s->first[i + 1] == s->first[i])
			return false;
	return true;
}

/* Bytes of an rTask, the mean of all; where all write it together, each has its
 * part. */
static struct moved
moved_of(struct task_costs *t, int rop, size_t arg)
{
	const struct prop *r = &t->p->rops.v[rop];
	const struct boxset *s = needs_boxes(&t->boxes, rop, arg);
	struct moved m = {.written = parg_written(r, arg), .slices = 1};
	double elems = 0;

	for (size_t i = 0; i < s->first[s->same ? 1 : r->ntasks]; i++)
		elems += (double)box_elems(&s->v[i]);
	if (!s->same || m.written)
		elems /= (double)r->ntasks;
	m.bytes = elems * (double)dtype_bytes(
		(enum dtype)r->args.v[arg].arg->type);
	if (!s->same && r->ntasks > 1 && all_have_boxes(s, r->ntasks))
		number(t, s, r->ntasks, &m);
	return m;
}

static struct load *
make_load(struct task_costs *t, int rop)
{
	const struct prop *r = &t->p->rops.v[rop];
	const struct device *v = t->p->device;
	const struct candidate *c = r->cand;
	struct load *l = arena_new(t->a, struct load);
	double bytes = 0;

	l->us = task_us(t->p, rop, c, t);
	l->measured = task_measured(t->p, rop, c, t);
	l->known = c->bytes > 0;
	if (!l->known)
		return l;
	l->compute_us = roofline_compute_us(v, c->flops, c->threads);
	l->busy_us = roofline_busy_us(v, c->flops);
	l->args = arena_array(t->a, r->cls->args.n + 1, sizeof *l->args);
	for (size_t i = 0; i < r->cls->args.n; i++) {
		l->args[i] = moved_of(t, rop, i);
		bytes += l->args[i].bytes;
	}
	/* What the kernel's head says of its bytes counts. */
	for (size_t i = 0; i < r->cls->args.n && bytes > 0; i++)
		l->args[i].bytes *= c->bytes / bytes;
	return l;
}

const struct load *
task_load(struct task_costs *t, int rop)
{
	const struct prop *r = &t->p->rops.v[rop];
	struct rkernel_cost *k = &t->of[r->cls_index][r->cand -
	                                              r->cls->kernels.v];

	if (!k->load)
		k->load = make_load(t, rop);
	return k->load;
}

/* --- the table ----------------------------------------------------------- */

static void
init(struct task_costs *t, struct plan *p, struct arena *a)
{
	size_t n = p->tasks->classes.n;

	*t = (struct task_costs){.p = p, .a = a};
	needs_boxes_init(&t->boxes, p, a);
	t->of = arena_array(a, n + 1, sizeof *t->of);
	for (size_t i = 0; i < n; i++) {
		const struct class *k = &p->tasks->classes.v[i];

		t->of[i] = arena_array(a, k->kernels.n + 1, sizeof **t->of);
		for (size_t j = 0; j < k->kernels.n; j++)
			t->of[i][j].us = t->of[i][j].alone_us =
				k->kernels.v[j].us;
		t->rkernels += k->kernels.n;
	}
}

struct task_costs *
task_costs_make(struct plan *p, const struct costs *c, struct arena *a)
{
	struct task_costs *t = arena_new(a, struct task_costs);
	struct map by_key;

	init(t, p, a);
	map_init(&by_key, a);
	t->entries = c ? c->costs.n : 0;
	for (size_t i = 0; i < t->entries; i++)
		map_set(&by_key, key_of(a, c->costs.v[i].class,
		                        c->costs.v[i].use), (int)i);
	for (size_t i = 0; c && i < p->tasks->classes.n; i++)
		take_class(t, i, &p->tasks->classes.v[i], c, &by_key, a);
	if (t->known)
		costs_fit(t);
	return t;
}

size_t
task_costs_known(const struct task_costs *t, size_t *rkernels)
{
	*rkernels = t->rkernels;
	return t->known;
}

double
task_us(const struct plan *p, int rop, const struct candidate *c,
        const struct task_costs *t)
{
	const struct prop *r = &p->rops.v[rop];

	return t ? t->of[r->cls_index][c - r->cls->kernels.v].us : c->us;
}

double
task_alone_us(const struct plan *p, int rop, const struct candidate *c,
              const struct task_costs *t)
{
	const struct prop *r = &p->rops.v[rop];

	return t ? t->of[r->cls_index][c - r->cls->kernels.v].alone_us : c->us;
}

bool
task_measured(const struct plan *p, int rop, const struct candidate *c,
              const struct task_costs *t)
{
	const struct prop *r = &p->rops.v[rop];

	return t && t->of[r->cls_index][c - r->cls->kernels.v].measured;
}
