/* Setting up: the graph lowered, views resolved, who writes and reads what;
 * and at the end the order, with dead operators gone. */
#include "partition/work.h"

#include <string.h>

#include "base/str.h"

/* vEUs of a wide device, at least. */
#define WIDE 8

bool
work_wide(const struct work *w)
{
	return w->device->veus >= WIDE;
}

const struct value *
value_of(const struct work *w, int value)
{
	return &w->net.values.v[value];
}

int
root_of(const struct work *w, int value)
{
	return w->info.v[value].root;
}

struct larg *
lop_arg(struct lop *o, const char *name)
{
	for (size_t i = 0; i < o->args.n; i++)
		if (str_eq(o->args.v[i].arg, name))
			return &o->args.v[i];
	return NULL;
}

struct larg *
lop_output(struct lop *o)
{
	struct larg *out = NULL;

	for (size_t i = 0; i < o->args.n; i++)
		if (o->args.v[i].out) {
			if (out)
				return NULL;
			out = &o->args.v[i];
		}
	return out;
}

static bool
reads_constants(const struct work *w, const struct lop *o)
{
	for (size_t i = 0; i < o->args.n; i++)
		if (!o->args.v[i].out &&
		    !w->info.v[root_of(w, o->args.v[i].value)].constant)
			return false;
	return true;
}

/* What it writes is constant as a whole: no part is made in every run. */
bool
lop_constant(const struct work *w, const struct lop *o)
{
	for (size_t i = 0; i < o->args.n; i++)
		if (o->args.v[i].out &&
		    !w->info.v[root_of(w, o->args.v[i].value)].constant)
			return false;
	return reads_constants(w, o);
}

bool
lop_together(const struct lop *x, const struct lop *y)
{
	return x->cond == y->cond;
}

void
work_grow(struct work *w)
{
	for (size_t i = w->info.n; i < w->net.values.n; i++) {
		struct vinfo *v = vec_add(w->a, &w->info);

		v->of = -1;
		v->root = (int)i;
		v->constant = value_is_const(value_of(w, (int)i));
	}
}

/* --- views ------------------------------------------------------------------ */

/* Views come after what they are views of, or before: any order. */
static int
resolve(struct work *w, int value, int depth)
{
	struct vinfo *v = &w->info.v[value];

	if (v->of < 0)
		return value;
	if (depth > (int)w->low.views.n)
		BUG("a view of itself: '%s'", value_of(w, value)->name);
	if (v->root == value) {
		int root = resolve(w, v->of, depth + 1);

		v->root = root;
		w->info.v[root].viewed = true;
	}
	return v->root;
}

void
work_views(struct work *w)
{
	for (size_t i = 0; i < w->low.views.n; i++) {
		const struct lview *l = &w->low.views.v[i];

		w->info.v[l->value].root = l->value;
		w->info.v[l->value].of = l->of;
		w->info.v[l->value].offset = l->offset;
	}
	for (size_t i = 0; i < w->low.views.n; i++)
		resolve(w, w->low.views.v[i].value, 0);
}

static void
set_lasting(struct work *w, const struct strs *names)
{
	for (size_t i = 0; i < names->n; i++)
		w->info.v[net_value(&w->net, names->v[i])].lasting = true;
}

static int
no_storage(struct work *w, const char *key, const char *name)
{
	return diag_error(w->d, record_pos(w->graph, key), "'%s' is computed by "
	                  "nothing: it would need storage that is its own",
	                  name);
}

/* Outputs and new states are made by an operator, not given or a view. */
static int
check_outputs(struct work *w)
{
	const struct graph *g = w->graph;
	int bad = 0;

	for (size_t i = 0; i < g->outputs.n; i++) {
		int v = net_value(&w->net, g->outputs.v[i]);

		if (!w->info.v[v].writers.n && value_elems(value_of(w, v)))
			bad = no_storage(w, "outputs", g->outputs.v[i]);
	}
	for (size_t i = 0; i < g->states.n; i++) {
		int v = net_value(&w->net, g->states.v[i].present);

		if (!w->info.v[v].writers.n && value_elems(value_of(w, v)))
			bad = no_storage(w, "states", g->states.v[i].present);
	}
	return bad;
}

/* --- uses ------------------------------------------------------------------- */

static void
add_use(struct work *w, struct ints *l, int op)
{
	if (!l->n || l->v[l->n - 1] != op)
		vec_push(w->a, l, op);
}

/* Operator i writes to v: constant if that is so for every writer. */
static void
add_writer(struct work *w, struct vinfo *v, int i, bool constant)
{
	v->constant = constant && !v->lasting &&
		(!v->writers.n || v->constant);
	add_use(w, &v->writers, i);
}

/* An operator under a condition reads what decides it: that is never read by one
 * operator alone, for a Where reads it too, so it is never fused away. */
static void
add_deciding(struct work *w, int op)
{
	const struct ncondition *v = w->net.conditions.v;

	for (int c = w->low.ops.v[op].cond; c >= 0; c = v[c].within)
		add_use(w, &w->info.v[root_of(w, v[c].value)].readers, op);
}

void
work_uses(struct work *w)
{
	for (size_t i = 0; i < w->info.n; i++)
		w->info.v[i].writers.n = w->info.v[i].readers.n = 0;
	for (size_t i = 0; i < w->low.ops.n; i++) {
		const struct lop *o = &w->low.ops.v[i];
		bool constant = !o->dead && reads_constants(w, o);

		for (size_t k = 0; k < o->args.n && !o->dead; k++) {
			struct vinfo *v = &w->info.v[root_of(w,
				o->args.v[k].value)];

			if (o->args.v[k].out)
				add_writer(w, v, (int)i, constant);
			else
				add_use(w, &v->readers, (int)i);
		}
		if (!o->dead)
			add_deciding(w, (int)i);
	}
}

static void
fill_from(struct work *w)
{
	for (size_t i = 0; i < w->low.ops.n; i++)
		for (size_t k = 0; k < w->low.ops.v[i].args.n; k++) {
			struct larg *g = &w->low.ops.v[i].args.v[k];

			if (g->out && g->from < 0)
				g->from = (int)value_of(w, g->value)->type;
		}
}

/* What is computed once, when the model is opened, is under no condition. */
static void
free_constants(struct work *w)
{
	for (size_t i = 0; i < w->low.ops.n; i++)
		if (lop_constant(w, &w->low.ops.v[i]))
			w->low.ops.v[i].cond = -1;
	work_uses(w);
}

int
work_init(struct work *w, struct arena *a, const struct graph *g,
          const struct weights *weights, struct diag *d)
{
	w->a = a;
	w->d = d;
	w->graph = g;
	map_init(&w->matched, a);
	net_init(&w->net, a);
	w->net.weights = weights;
	if (net_from_graph(&w->net, g, d) < 0 ||
	    lower_net(&w->low, &w->net, d) < 0)
		return -1;
	work_grow(w);
	set_lasting(w, &g->inputs);
	set_lasting(w, &g->outputs);
	for (size_t i = 0; i < g->states.n; i++) {
		w->info.v[net_value(&w->net, g->states.v[i].past)].lasting = true;
		w->info.v[net_value(&w->net, g->states.v[i].present)].lasting =
			true;
	}
	work_views(w);
	fill_from(w);
	work_uses(w);
	free_constants(w);
	return check_outputs(w);
}

/* --- order ------------------------------------------------------------------- */

/* Keeps the operators from which outputs and states follow, in whatever order
 * they stand. */
static void
drop_dead(struct work *w)
{
	bool *live = arena_array(w->a, w->low.ops.n + 1, sizeof *live);
	struct ints todo = {0};

	for (size_t i = 0; i < w->info.n; i++)
		if (w->info.v[i].lasting)
			vec_push(w->a, &todo, (int64_t)i);
	while (todo.n) {
		const struct vinfo *v = &w->info.v[todo.v[--todo.n]];

		for (size_t i = 0; i < v->writers.n; i++) {
			const struct lop *o = &w->low.ops.v[v->writers.v[i]];

			if (live[v->writers.v[i]])
				continue;
			live[v->writers.v[i]] = true;
			for (size_t k = 0; k < o->args.n; k++)
				vec_push(w->a, &todo, (int64_t)root_of(w,
					o->args.v[k].value));
			for (int c = o->cond; c >= 0;
			     c = w->net.conditions.v[c].within)
				vec_push(w->a, &todo, (int64_t)root_of(w,
					w->net.conditions.v[c].value));
		}
	}
	for (size_t i = 0; i < w->low.ops.n; i++)
		w->low.ops.v[i].dead |= !live[i];
}

struct ordering {
	struct work *w;
	char *mark;		/* 0: not seen, 1: being placed, 2: placed */
	struct ints *before;	/* of an operator: others that it must follow */
	VEC(struct lop) out;
};

/* Places i after those it must follow; deep chains are walked, not recursed. */
static int
place(struct ordering *s, int i)
{
	VEC(struct { int op; size_t next; }) stack = {0};

	if (s->mark[i])
		return 0;
	*vec_add(s->w->a, &stack) = (__typeof__(*stack.v)){i, 0};
	s->mark[i] = 1;
	while (stack.n) {
		__typeof__(*stack.v) *t = &stack.v[stack.n - 1];
		const struct ints *b = &s->before[t->op];
		int next;

		if (t->next == b->n) {
			s->mark[t->op] = 2;
			vec_push(s->w->a, &s->out, s->w->low.ops.v[t->op]);
			stack.n--;
			continue;
		}
		next = (int)b->v[t->next++];
		if (s->mark[next] == 1 && !s->w->graph->states.n)
			BUG("operators that wait for each other");
		if (s->mark[next] == 1)
			return diag_error(s->w->d, record_pos(s->w->graph,
				"states"), "a state cannot be updated in "
				"place: what makes it is needed by a reader of "
				"its old value");
		if (!s->mark[next]) {
			s->mark[next] = 1;
			*vec_add(s->w->a, &stack) =
				(__typeof__(*stack.v)){next, 0};
		}
	}
	return 0;
}

static void
follow(struct ordering *s, const struct ints *first, const struct ints *then)
{
	for (size_t i = 0; i < first->n; i++)
		for (size_t k = 0; k < then->n; k++)
			if (first->v[i] != then->v[k])
				vec_push(s->w->a, &s->before[then->v[k]],
				         first->v[i]);
}

int
work_order(struct work *w)
{
	struct ordering s = {.w = w};
	const struct graph *g = w->graph;
	size_t n = w->low.ops.n;

	work_uses(w);
	drop_dead(w);
	work_uses(w);
	s.mark = arena_alloc(w->a, n + 1);
	s.before = arena_array(w->a, n + 1, sizeof *s.before);
	for (size_t i = 0; i < w->info.n; i++)
		follow(&s, &w->info.v[i].writers, &w->info.v[i].readers);
	for (size_t i = 0; i < g->states.n; i++) {
		int past = net_value(&w->net, g->states.v[i].past);
		int present = net_value(&w->net, g->states.v[i].present);

		follow(&s, &w->info.v[past].readers,
		       &w->info.v[root_of(w, present)].writers);
	}
	for (size_t i = 0; i < n; i++)
		if (!w->low.ops.v[i].dead && place(&s, (int)i) < 0)
			return -1;
	w->low.ops.v = s.out.v;
	w->low.ops.n = s.out.n;
	w->low.ops.cap = s.out.cap;
	work_uses(w);
	return 0;
}

void
work_compact(struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->low.ops.n; i++)
		if (!w->low.ops.v[i].dead)
			w->low.ops.v[n++] = w->low.ops.v[i];
	w->low.ops.n = n;
	work_uses(w);
}
