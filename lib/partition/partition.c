/* The stage: passes in order, and what they leave written as tasks/1. */
#include "partition/partition.h"

#include <string.h>

#include "base/str.h"
#include "partition/work.h"

struct writing {
	struct work *w;
	struct tasks *t;
	struct map counts;		/* form -> classes so far */
	struct map runs;		/* names of rOperators */
	bool *named;			/* values that tasks/1 names */
	bool *decide;			/* conditions that it does */
	bool failed;
};

/* --- classes and rOperators ----------------------------------------------------- */

static const char *
class_name(struct writing *s, const char *form)
{
	int n = map_get(&s->counts, form);

	map_set(&s->counts, form, n < 0 ? 1 : n + 1);
	return arena_printf(s->w->a, "%s.%d", form, n < 0 ? 1 : n + 1);
}

static bool
is_candidate(const struct class_fit *f, const struct kernel *k)
{
	for (size_t i = 0; i < f->names.n; i++)
		if (str_eq(f->names.v[i], k->head.kernel))
			return true;
	return false;
}

/* Why the other kernels of its form are no candidates. */
static void
explain_others(struct work *w, const struct class_fit *f)
{
	for (size_t i = 0; w->d->explain && i < w->kernels->v.n; i++) {
		const struct kernel *k = &w->kernels->v.v[i];
		const char *why;

		if (!str_eq(k->head.form, f->c->form) || is_candidate(f, k))
			continue;
		why = class_refuses(w, f->c, k);
		diag_explain(w->d, "class %s: not %s: %s", f->c->class,
		             k->head.kernel, why ? why : "one that wins fits");
	}
}

static void
explain_class(struct work *w, const struct class *c)
{
	for (size_t i = 0; w->d->explain && i < c->kernels.n; i++) {
		const struct candidate *k = &c->kernels.v[i];

		diag_explain(w->d, "class %s: %s, grid %s, %.3g us a task, "
		             "%.3g us in all", c->class, k->use,
		             shape_text(w->a, &k->grid), k->us,
		             cost_rop(k, w->device));
	}
}

/* The name of o's class, listed at its first use; NULL if nothing fits. */
static const char *
list_class(struct writing *s, const struct lop *o)
{
	struct class_fit *f = class_fit(s->w, o);

	if (f->c->class)
		return f->c->class;
	if (!f->names.n) {
		no_kernel(s->w, o, class_of(s->w, o));
		return NULL;
	}
	f->c->class = class_name(s, f->c->form);
	explain_class(s->w, f->c);
	explain_others(s->w, f);
	vec_push(s->w->a, &s->t->classes, *f->c);
	return f->c->class;
}

/* The first output's name; parts of one tensor are numbered. */
static const char *
run_name(struct writing *s, const struct lop *o)
{
	const char *name = NULL, *run;

	for (size_t i = 0; i < o->args.n && !name; i++)
		if (o->args.v[i].out)
			name = value_of(s->w, o->args.v[i].value)->name;
	run = name;
	for (int i = 1; map_add(&s->runs, run, 0) >= 0; i++)
		run = arena_printf(s->w->a, "%s.part%d", name, i);
	return run;
}

/* The name of a condition, which is listed with those around it; NULL for none. */
static const char *
if_name(struct writing *s, int cond)
{
	for (int c = cond; c >= 0; c = s->w->net.conditions.v[c].within)
		s->decide[c] = true;
	return cond < 0 ? NULL : s->w->net.conditions.v[cond].name;
}

static void
list_rop(struct writing *s, const struct lop *o)
{
	const char *class = list_class(s, o);
	struct rop *r;

	if (!class) {
		s->failed = true;
		return;
	}
	r = vec_add(s->w->a, &s->t->rops);
	r->run = run_name(s, o);
	r->class = class;
	for (size_t i = 0; i < o->args.n; i++) {
		vec_push(s->w->a, &r->args,
		         value_of(s->w, o->args.v[i].value)->name);
		s->named[o->args.v[i].value] = true;
	}
	r->init = lop_constant(s->w, o);
	r->if_ = if_name(s, o->cond);
	if (o->nodes.n != 1 || !str_eq(o->nodes.v[0], r->run))
		r->nodes = o->nodes;
}

/* --- tensors ------------------------------------------------------------------------ */

/* Views of what exists are named too, so that their values can be looked at. */
static void
list_views(struct writing *s)
{
	struct work *w = s->w;

	for (size_t i = 0; i < w->low.views.n; i++) {
		const struct lview *l = &w->low.views.v[i];
		const struct vinfo *root = &w->info.v[root_of(w, l->value)];
		const struct value *r = value_of(w, root_of(w, l->value));
		bool exists = root->writers.n || r->is_input ||
			value_is_const(r) || root->lasting;
		struct view *v;

		if (!exists && !s->named[l->value])
			continue;
		v = vec_add(w->a, &s->t->views);
		v->name = value_of(w, l->value)->name;
		v->of = value_of(w, l->of)->name;
		v->offset = l->offset;
		s->named[l->value] = s->named[l->of] = true;
	}
}

/* Constants of ours that some rOperator reads cannot be kept: tasks/1 has no
 * place for elements. */
static void
list_buffers(struct writing *s)
{
	struct work *w = s->w;
	struct map known;

	map_init(&known, w->a);
	for (size_t i = 0; i < w->graph->tensors.n; i++)
		map_set(&known, w->graph->tensors.v[i].name, 0);
	for (size_t i = 0; i < w->info.n; i++) {
		const struct value *v = value_of(w, (int)i);
		struct buffer *b;

		if (!s->named[i])
			continue;
		if (w->info.v[i].layout) {
			struct stored *l = vec_add(w->a, &s->t->layouts);

			l->name = v->name;
			l->layout = w->info.v[i].layout;
		}
		if (map_get(&known, v->name) >= 0)
			continue;
		if (value_is_const(v))
			BUG("constant '%s' made while lowering", v->name);
		b = vec_add(w->a, &s->t->buffers);
		b->name = v->name;
		b->type = (int)v->type;
		b->shape = v->shape;
	}
}

/* Those under which rOperators are, as the graph lists them. */
static void
list_conditions(struct writing *s)
{
	struct work *w = s->w;

	for (size_t i = 0; i < w->net.conditions.n; i++) {
		if (!s->decide[i])
			continue;
		vec_push(w->a, &s->t->conditions, w->graph->conditions.v[i]);
		s->named[w->net.conditions.v[i].value] = true;
	}
}

static int
write_tasks(struct work *w, struct tasks *t)
{
	struct writing s = {.w = w, .t = t};

	map_init(&s.counts, w->a);
	map_init(&s.runs, w->a);
	s.named = arena_array(w->a, w->info.n + 1, sizeof *s.named);
	s.decide = arena_array(w->a, w->net.conditions.n + 1, sizeof *s.decide);
	for (size_t i = 0; i < w->low.ops.n; i++)
		list_rop(&s, &w->low.ops.v[i]);
	if (s.failed)
		return -1;
	list_conditions(&s);
	list_views(&s);
	list_buffers(&s);
	return 0;
}

static int
run_passes(struct work *w)
{
	enum fuse_level fuse = w->o->fuse;

	diag_progress(w->d, "%zu nodes lowered to %zu operators",
	              w->graph->nodes.n, w->low.ops.n);
	if ((fuse == FUSE_SHARED || (fuse == FUSE_MAPS && !work_wide(w))) &&
	    share_products(w) < 0)
		return -1;
	if (fuse != FUSE_NONE)
		fuse_maps(w);
	if (fuse == FUSE_SHARED)
		join_branches(w);
	if (work_order(w) < 0)
		return -1;
	block_layouts(w);
	if (work_order(w) < 0)
		return -1;
	concat_views(w);
	diag_progress(w->d, "%zu rOperators after fusion and layouts",
	              w->low.ops.n);
	return 0;
}

int
partition(struct arena *a, const struct graph *g, const struct weights *weights,
          const struct device *v, const struct kernels *k,
          const struct partition_options *o, struct tasks *out,
          struct diag *d)
{
	struct work w = {.device = v, .kernels = k, .o = o};
	int r = -1;

	if (work_init(&w, a, g, weights, d) == 0 && run_passes(&w) == 0)
		r = write_tasks(&w, out);
	arena_release(&w.tmp);
	return r;
}
