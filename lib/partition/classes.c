/* Classes: lowered operators that are equal but for their tensors, and the
 * rKernels that fit them. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "partition/work.h"

/* --- a class from an operator ------------------------------------------------------- */

static struct class *
make_class(const struct work *w, const struct lop *o, struct arena *a)
{
	struct class *c = arena_new(a, struct class);

	c->form = o->form;
	c->attrs = o->attrs;
	vec_room(a, &c->args, o->args.n);
	for (size_t i = 0; i < o->args.n; i++) {
		const struct larg *g = &o->args.v[i];
		struct arg *x = vec_add(a, &c->args);

		x->arg = g->arg;
		x->type = (int)value_of(w, g->value)->type;
		x->shape = g->shape;
		x->layout = g->layout;
		x->out = g->out;
		x->on = g->on;
		x->map = g->map;
		if (g->out && g->map.n)
			x->from = g->from;
	}
	return c;
}

struct class *
class_of(struct work *w, const struct lop *o)
{
	return make_class(w, o, w->a);
}

static void
key_attr(struct str *s, const struct attr *t)
{
	str_addf(s, "|%s=%d:", t->name, (int)t->kind);
	switch (t->kind) {
	case ATTR_INT:
		str_addf(s, "%lld", (long long)t->i);
		return;
	case ATTR_FLOAT:
		str_addf(s, "%.17g", t->f);
		return;
	case ATTR_STR:
		str_add(s, t->s);
		return;
	case ATTR_INTS:
		for (size_t i = 0; i < t->ints.n; i++)
			str_addf(s, "%lld,", (long long)t->ints.v[i]);
		return;
	case ATTR_FLOATS:
		for (size_t i = 0; i < t->floats.n; i++)
			str_addf(s, "%.17g,", t->floats.v[i]);
		return;
	case ATTR_STRS:
		for (size_t i = 0; i < t->strs.n; i++)
			str_addf(s, "%zu:%s,", strlen(t->strs.v[i]),
			         t->strs.v[i]);
		return;
	}
	BUG("attribute kind %d", (int)t->kind);
}

/* What equal classes have in common, appended to s. */
static void
key_text(struct str *s, const struct class *c)
{
	str_add(s, c->form);
	for (size_t i = 0; i < c->attrs.n; i++)
		key_attr(s, &c->attrs.v[i]);
	for (size_t i = 0; i < c->args.n; i++) {
		const struct arg *g = &c->args.v[i];

		str_addf(s, "\n%s %d %d %d %s %s", g->arg, g->type, g->out,
		         g->from, g->layout ? g->layout : "-",
		         g->on ? g->on : "-");
		for (size_t k = 0; k < g->shape.n; k++)
			str_addf(s, " %lld", (long long)g->shape.v[k]);
		for (size_t k = 0; k < g->map.n; k++)
			str_addf(s, ";%s", g->map.v[k]);
	}
}

const char *
class_key(struct work *w, const struct class *c)
{
	struct str s;
	const char *out;

	str_init(&s);
	key_text(&s, c);
	out = arena_strndup(w->a, s.s, s.len);
	str_release(&s);
	return out;
}

/* --- what fits ------------------------------------------------------------------------ */

/* Candidates of one kernel for the class; how many. */
static int
try_kernel(struct work *w, const struct kernel *k, struct class *c,
           const char **why)
{
	struct binding b;
	size_t from = c->kernels.n;

	if (!kernel_match(k, c, w->device, w->a, &b, why))
		return 0;
	if (!kernel_candidates(k, c, w->device, &b, w->a, c, why))
		return 0;
	for (size_t i = from; i < c->kernels.n; i++)
		cost_task(k, c, &c->kernels.v[i], w->device);
	return (int)(c->kernels.n - from);
}

/* How special a kernel is: the arguments whose type its head fixes. */
static size_t
fixed_types(const struct kernel *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->head.types.n; i++)
		n += dtype_from_word(k->head.types.v[i].value) >= 0;
	return n;
}

/* Whether a kernel that wins where it fits (head: wins) fits c. */
static bool
has_winner(struct work *w, const struct class *c)
{
	for (size_t i = 0; i < w->kernels->v.n; i++) {
		const struct kernel *k = &w->kernels->v.v[i];
		if (k->head.wins && str_eq(k->head.form, c->form) &&
		    !class_refuses(w, c, k))
			return true;
	}
	return false;
}

/* The most special kernels come first: where estimates are equal, the first is
 * chosen. */
static void
fill(struct work *w, struct class_fit *f)
{
	const bool winner = has_winner(w, f->c);
	const char *why;

	for (size_t special = f->c->args.n + 1; special-- > 0;)
		for (size_t i = 0; i < w->kernels->v.n; i++) {
			const struct kernel *k = &w->kernels->v.v[i];

			if (fixed_types(k) == special &&
			    k->head.wins >= winner &&
			    str_eq(k->head.form, f->c->form) &&
			    try_kernel(w, k, f->c, &why))
				vec_push(w->a, &f->names, k->head.kernel);
		}
	for (size_t i = 0; i < f->c->kernels.n; i++) {
		double us = cost_rop(&f->c->kernels.v[i], w->device);

		if (i == 0 || us < f->best_us)
			f->best_us = us;
	}
}

static struct class_fit *
new_fit(struct work *w, struct class *c)
{
	struct class_fit *f = arena_new(w->a, struct class_fit);

	f->c = c;
	fill(w, f);
	map_set(&w->matched, class_key(w, c), (int)w->fits.n);
	vec_push(w->a, &w->fits, f);
	return f;
}

/* Most operators are of a class that has been seen: nothing is left of them. */
struct class_fit *
class_fit(struct work *w, const struct lop *o)
{
	struct str s;
	int i;

	str_init(&s);
	key_text(&s, make_class(w, o, &w->tmp));
	i = map_get(&w->matched, s.s);
	str_release(&s);
	arena_clear(&w->tmp);
	return i >= 0 ? w->fits.v[i] : new_fit(w, class_of(w, o));
}

/* --- nothing fits ----------------------------------------------------------------------- */

static const char *
describe(struct work *w, const struct class *c)
{
	const char *s = c->form;

	for (size_t i = 0; i < c->args.n; i++) {
		const struct arg *g = &c->args.v[i];

		if (!g->on)
			s = arena_printf(w->a, "%s%s %s %s%s%s", s,
			                 i ? "," : "", g->arg,
			                 dtype_word((enum dtype)g->type),
			                 shape_text(w->a, &g->shape),
			                 g->map.n ? " with a map" : "");
	}
	return s;
}

const char *
class_refuses(struct work *w, const struct class *c, const struct kernel *k)
{
	const char *why = NULL;
	struct class copy = *c;

	copy.kernels.v = NULL;
	copy.kernels.n = copy.kernels.cap = 0;
	return try_kernel(w, k, &copy, &why) ? NULL : why ? why : "";
}

static struct pos
node_pos(struct work *w, const struct lop *o)
{
	for (size_t i = 0; o->nodes.n && i < w->graph->nodes.n; i++)
		for (size_t k = 0; k < w->graph->nodes.v[i].out.n; k++)
			if (str_eq(w->graph->nodes.v[i].out.v[k],
			           o->nodes.v[0]))
				return record_pos(&w->graph->nodes.v[i], "op");
	return POS_NONE;
}

int
no_kernel(struct work *w, const struct lop *o, const struct class *c)
{
	const char *nodes = "", *why = NULL;
	bool any = false;

	for (size_t i = 0; i < o->nodes.n; i++)
		nodes = arena_printf(w->a, "%s%s'%s'", nodes, i ? ", " : "",
		                     o->nodes.v[i]);
	diag_error(w->d, node_pos(w, o), "no kernel fits rOperator '%s' (%s): "
	           "%s", value_of(w, lop_output((struct lop *)o) ?
	           lop_output((struct lop *)o)->value :
	           o->args.v[0].value)->name, nodes, describe(w, c));
	for (size_t i = 0; i < w->kernels->v.n; i++) {
		const struct kernel *k = &w->kernels->v.v[i];

		if (!str_eq(k->head.form, c->form))
			continue;
		any = true;
		why = class_refuses(w, c, k);
		diag_note(w->d, record_pos(&k->head, "kernel"), "%s: %s",
		          k->head.kernel, why ? why : "");
	}
	if (!any)
		diag_note(w->d, POS_NONE, "there is no kernel of form %s for "
		          "this device%s", c->form, strstr(c->form, "::") ?
		          ": -K adds kernels of your own" : "");
	return -1;
}
