/* Plans: names of a stack resolved to indices, and checked against each
 * other.  Near-linear in the number of rOperators: an unrolled model has tens
 * of thousands. */
#include "rkernel/plan.h"

#include <string.h>

#include "base/str.h"
#include "rkernel/layout.h"
#include "rkernel/plan_parts.h"

/* --- tensors ---------------------------------------------------------------- */

static int
add_tensor(struct plan *p, const void *rec, const char *name, enum dtype type,
           const struct ints *shape, struct diag *d)
{
	int index = (int)p->tensors.n;
	struct ptensor *t;

	if (map_add(&p->tensor_by_name, name, index) >= 0)
		return diag_error(d, record_pos(rec, "name"),
		                  "there is a tensor '%s' already", name);
	t = vec_add(p->a, &p->tensors);
	t->name = name;
	t->kind = PT_TEMP;
	t->type = type;
	t->shape = t->stored = *shape;
	t->elems = shape_elems(shape->v, shape->n, dtype_bytes(type));
	t->root = index;
	t->io = -1;
	if (t->elems < 0 || shape->n > BOX_DIMS)
		return diag_error(d, record_pos(rec, "shape"),
		                  "tensor '%s' of shape %s is too large", name,
		                  shape_text(p->a, shape));
	t->bytes = t->elems * (int64_t)dtype_bytes(type);
	return 0;
}

static struct ptensor *
find_tensor(struct plan *p, const char *name, struct pos at, struct diag *d)
{
	int i = map_get(&p->tensor_by_name, name);

	if (i >= 0)
		return &p->tensors.v[i];
	diag_error(d, at, "unknown tensor '%s'", name);
	return NULL;
}

static int
set_layouts(struct plan *p, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; i < p->tasks->layouts.n; i++) {
		const struct stored *s = &p->tasks->layouts.v[i];
		struct ptensor *t = find_tensor(p, s->name,
		                                record_pos(s, "name"), d);

		if (!t) {
			r = -1;
			continue;
		}
		t->layout = s->layout;
		if (layout_stored(p->a, s->layout, &t->shape, &t->stored) < 0)
			r = diag_error(d, record_pos(s, "layout"),
			               "layout '%s' does not fit shape %s of '%s'",
			               s->layout, shape_text(p->a, &t->shape),
			               s->name);
	}
	return r;
}

/* What a graph's lists say a tensor is. */
static int
mark(struct plan *p, const char *name, enum ptensor_kind kind, int io,
     struct pos at, struct diag *d)
{
	static const char *const words[] = {
		"an input", "an output", "a constant", "a packed constant",
		"a state", "a temporary"
	};
	struct ptensor *t = find_tensor(p, name, at, d);

	if (!t)
		return -1;
	if (t->kind != PT_TEMP)
		return diag_error(d, at, "tensor '%s' is %s already and "
		                  "cannot be %s too", name, words[t->kind],
		                  words[kind]);
	t->kind = kind;
	t->io = io;
	return 0;
}

static int
mark_state(struct plan *p, const struct state *s, int io, struct diag *d)
{
	struct ptensor *past, *present;

	if (mark(p, s->past, PT_STATE, io, record_pos(s, "past"), d) < 0 ||
	    mark(p, s->present, PT_STATE, io, record_pos(s, "present"), d) < 0)
		return -1;
	past = find_tensor(p, s->past, POS_NONE, d);
	present = find_tensor(p, s->present, POS_NONE, d);
	if (past->type != present->type ||
	    !shape_eq(&past->shape, &present->shape) ||
	    !str_eq(past->layout, present->layout))
		return diag_error(d, record_pos(s, "present"),
		                  "state '%s' and '%s' differ in type, shape or "
		                  "layout", s->past, s->present);
	present->root = (int)(past - p->tensors.v);
	present->present = true;
	return 0;
}

static int
mark_all(struct plan *p, struct diag *d)
{
	const struct graph *g = p->graph;
	int r = 0;

	for (size_t i = 0; i < g->tensors.n; i++) {
		struct ptensor *t = &p->tensors.v[i];

		t->t = &g->tensors.v[i];
		if (tensor_is_const(t->t))
			t->kind = PT_CONST;
	}
	for (size_t i = 0; i < g->inputs.n; i++)
		r |= mark(p, g->inputs.v[i], PT_INPUT, (int)i,
		          record_pos(g, "inputs"), d);
	for (size_t i = 0; i < g->outputs.n; i++)
		r |= mark(p, g->outputs.v[i], PT_OUTPUT, (int)i,
		          record_pos(g, "outputs"), d);
	for (size_t i = 0; i < g->states.n; i++)
		r |= mark_state(p, &g->states.v[i], (int)i, d);
	return r;
}

static int
add_tensors(struct plan *p, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; i < p->graph->tensors.n; i++) {
		const struct tensor *t = &p->graph->tensors.v[i];

		r |= add_tensor(p, t, t->name, (enum dtype)t->type, &t->shape, d);
	}
	for (size_t i = 0; i < p->tasks->buffers.n; i++) {
		const struct buffer *b = &p->tasks->buffers.v[i];

		r |= add_tensor(p, b, b->name, (enum dtype)b->type, &b->shape, d);
	}
	return r ? -1 : set_layouts(p, d) | mark_all(p, d);
}

/* --- views -------------------------------------------------------------------- */

static int
set_view(struct plan *p, const struct view *v, struct diag *d)
{
	struct ptensor *t = find_tensor(p, v->name, record_pos(v, "name"), d);
	struct ptensor *of = find_tensor(p, v->of, record_pos(v, "of"), d);
	int64_t bytes;

	if (!t || !of)
		return -1;
	if (t->root != (int)(t - p->tensors.v) || t->kind != PT_TEMP)
		return diag_error(d, record_pos(v, "name"), "'%s' has storage "
		                  "of its own and cannot be a view", v->name);
	if (t == of)
		return diag_error(d, record_pos(v, "of"),
		                  "'%s' is a view of itself", v->name);
	if (t->type != of->type)
		return diag_error(d, record_pos(v, "of"),
		                  "a view of %s in a tensor of %s",
		                  dtype_word(t->type), dtype_word(of->type));
	if (!str_eq(t->layout, of->layout))
		return diag_error(d, record_pos(v, "name"), "a view is stored as "
		                  "the tensor that it lies in");
	if (v->offset > of->elems - t->elems)
		return diag_error(d, record_pos(v, "name"), "'%s' of %lld "
		                  "elements does not lie within '%s' of %lld",
		                  v->name, (long long)t->elems, v->of,
		                  (long long)of->elems);
	bytes = v->offset * (int64_t)dtype_bytes(t->type);
	t->root = (int)(of - p->tensors.v);
	t->offset = bytes;
	return 0;
}

/* Points t at its root's storage; views may be of views, in any order. */
static int
resolve(struct plan *p, int i, int *mark_of, struct diag *d)
{
	VEC(int) chain = {0};
	int at = i;

	while (p->tensors.v[at].root != at && mark_of[at] != 2) {
		if (mark_of[at] == 1)
			return diag_error(d, POS_NONE, "view '%s' lies within "
			                  "itself", p->tensors.v[at].name);
		mark_of[at] = 1;
		vec_push(p->a, &chain, at);
		at = p->tensors.v[at].root;
	}
	while (chain.n) {
		struct ptensor *t = &p->tensors.v[chain.v[--chain.n]];
		const struct ptensor *of = &p->tensors.v[t->root];

		if (of->root != t->root) {
			t->offset += of->offset;
			t->root = of->root;
		}
		t->kind = of->kind;
		t->io = of->io;
		t->present |= of->present;
		mark_of[chain.v[chain.n]] = 2;
	}
	return 0;
}

static int
set_views(struct plan *p, struct diag *d)
{
	int *marks = arena_array(p->a, p->tensors.n, sizeof *marks);
	int r = 0;

	for (size_t i = 0; i < p->tasks->views.n; i++)
		r |= set_view(p, &p->tasks->views.v[i], d);
	for (size_t i = 0; i < p->tensors.n && r == 0; i++)
		r |= resolve(p, (int)i, marks, d);
	return r;
}

/* --- rOperators ------------------------------------------------------------------ */

/* A class sees a tensor under the layout it has, or, without one, as it is
 * stored; where the layout changes no order it may be left out. */
static bool
storage_fits(const struct ptensor *t, const struct arg *c)
{
	if (!c->layout)
		return true;
	if (!t->layout)
		return layout_row_major(c->layout, &c->shape);
	return str_eq(t->layout, c->layout) && shape_eq(&t->shape, &c->shape);
}

static int
bind_arg(struct plan *p, const struct rop *r, struct parg *g, const char *name,
         struct diag *d)
{
	struct ptensor *t = find_tensor(p, name, record_pos(r, "args"), d);
	const struct arg *c = g->arg;

	if (!t)
		return -1;
	g->tensor = (int)(t - p->tensors.v);
	t->used = p->tensors.v[t->root].used = true;
	if (t->type != (enum dtype)c->type)
		return diag_error(d, record_pos(r, "args"),
		                  "'%s' is %s, argument %s of class '%s' is %s",
		                  name, dtype_word(t->type), c->arg, r->class,
		                  dtype_word((enum dtype)c->type));
	if (!storage_fits(t, c))
		return diag_error(d, record_pos(r, "args"), "'%s' is stored as "
		                  "%s, argument %s of class '%s' as %s", name,
		                  t->layout ? t->layout : "row-major", c->arg,
		                  r->class, c->layout ? c->layout : "row-major");
	if (shape_elems(g->stored.v, g->stored.n, dtype_bytes(t->type)) !=
	    t->elems)
		return diag_error(d, record_pos(r, "args"), "'%s' of shape %s "
		                  "cannot be argument %s of shape %s", name,
		                  shape_text(p->a, &t->shape), c->arg,
		                  shape_text(p->a, &c->shape));
	return 0;
}

static int
add_rop(struct plan *p, const struct rop *r, const struct map *classes,
        const struct pclass *pcs, struct diag *d)
{
	struct prop *o;
	int c = map_get(classes, r->class), bad = 0;

	if (c < 0)
		return diag_error(d, record_pos(r, "class"),
		                  "unknown class '%s'", r->class);
	if (map_add(&p->rop_by_name, r->run, (int)p->rops.n) >= 0)
		return diag_error(d, record_pos(r, "run"),
		                  "there is an rOperator '%s' already", r->run);
	if (r->args.n != pcs[c].args.n)
		return diag_error(d, record_pos(r, "args"), "class '%s' has "
		                  "%zu arguments, not %zu", r->class,
		                  pcs[c].args.n, r->args.n);
	o = vec_add(p->a, &p->rops);
	o->rop = r;
	o->cls = pcs[c].c;
	o->cls_index = c;
	for (size_t i = 0; i < r->args.n; i++) {
		vec_push(p->a, &o->args, pcs[c].args.v[i]);
		bad |= bind_arg(p, r, &o->args.v[i], r->args.v[i], d);
	}
	return bad | plan_guard(p, o, d);
}

static int
add_rops(struct plan *p, struct diag *d)
{
	size_t nc = p->tasks->classes.n;
	struct pclass *pcs = arena_array(p->a, nc, sizeof *pcs);
	struct map classes;
	int r = 0;

	map_init(&classes, p->a);
	p->regions = arena_array(p->a, nc, sizeof *p->regions);
	for (size_t i = 0; i < nc; i++) {
		pcs[i].c = &p->tasks->classes.v[i];
		if (map_add(&classes, pcs[i].c->class, (int)i) >= 0)
			r = diag_error(d, record_pos(pcs[i].c, "class"), "there "
			               "is a class '%s' already", pcs[i].c->class);
		r |= plan_class(p, &pcs[i], &p->regions[i], d);
	}
	for (size_t i = 0; i < p->tasks->rops.n && r == 0; i++)
		r |= add_rop(p, &p->tasks->rops.v[i], &classes, pcs, d);
	return r;
}

/* --- the whole --------------------------------------------------------------- */

static int
missing(const char *what, const char *maker, struct diag *d)
{
	return diag_error(d, POS_NONE, "no %s document in the stack (%s makes "
	                  "it)", what, maker);
}

int
plan_init(struct plan *p, struct arena *a, const struct stack *s,
          struct diag *d)
{
	*p = (struct plan){.a = a, .graph = stack_graph(s),
	                   .device = stack_device(s), .tasks = stack_tasks(s),
	                   .schedule = stack_schedule(s),
	                   .memory = stack_memory(s)};
	if (!p->graph)
		return missing("graph/1", "tamp import", d);
	if (!p->device)
		return missing("device/1", "tamp partition", d);
	if (!p->tasks)
		return missing("tasks/1", "tamp partition", d);
	map_init(&p->tensor_by_name, a);
	map_init(&p->rop_by_name, a);
	if (add_tensors(p, d) < 0 || set_views(p, d) < 0 ||
	    plan_conditions(p, d) < 0 || add_rops(p, d) < 0 ||
	    plan_order(p, d) < 0)
		return -1;
	return 0;
}

int
plan_init_checked(struct plan *p, struct arena *a, const struct stack *s,
                  struct diag *d)
{
	if (stack_check(s, d) < 0)
		return -1;
	if (!s->read[FORMAT_TASKS])
		return diag_error(d, POS_NONE, "the plan has no tasks/1: run tamp "
		                  "partition on it first");
	return plan_init(p, a, s, d);
}

int
plan_rop(const struct plan *p, const char *name, int hint)
{
	if (hint >= 0 && (size_t)hint < p->rops.n &&
	    str_eq(p->rops.v[hint].rop->run, name))
		return hint;
	return map_get(&p->rop_by_name, name);
}

/* --- candidates ---------------------------------------------------------------- */

void
plan_use(struct plan *p, int rop, const struct candidate *c)
{
	struct prop *r = &p->rops.v[rop];
	const struct plan_regions *g;
	size_t k = (size_t)(c - r->cls->kernels.v);

	if (c < r->cls->kernels.v || k >= r->cls->kernels.n)
		BUG("candidate of another class for '%s'", r->rop->run);
	g = &p->regions[r->cls_index][k];
	r->cand = c;
	r->reads = g->reads;
	r->writes = g->writes;
	r->ntasks = plan_grid(c);
}

/* Every region of a candidate has a value for every rTask. */
static int
check_regions(struct plan *p, int rop, struct pos at, struct diag *d)
{
	struct prop *r = &p->rops.v[rop];
	struct plan_regions *g = &p->regions[r->cls_index]
		[r->cand - r->cls->kernels.v];
	struct arena tmp;
	struct boxes b = {0};
	int bad = 0;

	if (g->checked || !g->divides)
		return 0;
	g->checked = true;
	arena_init(&tmp);
	for (size_t i = 0; i < r->cls->args.n && !bad; i++) {
		struct region *e = g->reads[i] ? g->reads[i] : g->writes[i];

		for (int64_t t = 0; e && t < r->ntasks && !bad; t++) {
			b.n = 0;
			if (plan_eval(e, r->cand, t, &r->args.v[i].stored, &tmp,
			            &b) < 0)
				bad = diag_error(d, at, "the region of argument "
				                 "%s of '%s' has no value for "
				                 "rTask %lld",
				                 r->args.v[i].arg->arg,
				                 r->cand->use, (long long)t);
		}
	}
	arena_release(&tmp);
	return bad;
}

static const struct candidate *
find_candidate(const struct class *c, const char *use)
{
	for (size_t i = 0; i < c->kernels.n; i++)
		if (str_eq(c->kernels.v[i].use, use))
			return &c->kernels.v[i];
	return NULL;
}

static int
no_candidate(struct plan *p, const struct class *c, const struct choice *h,
             struct diag *d)
{
	struct strs names = {0};
	const char *near;

	for (size_t i = 0; i < c->kernels.n; i++)
		vec_push(p->a, &names, c->kernels.v[i].use);
	near = str_nearest(h->use, names.v, names.n);
	diag_error(d, record_pos(h, "use"), near ?
	           "class '%s' of '%s' has no rKernel '%s' (did you mean '%s'?)"
	           : "class '%s' of '%s' has no rKernel '%s'", c->class, h->run,
	           h->use, near);
	diag_note(d, record_pos(c, "kernels"), "its candidates stand here");
	return -1;
}

static int
choose(struct plan *p, const struct choice *h, int hint, struct diag *d)
{
	int rop = plan_rop(p, h->run, hint);
	const struct candidate *c;

	if (rop < 0)
		return diag_error(d, record_pos(h, "run"),
		                  "unknown rOperator '%s'", h->run);
	if (p->rops.v[rop].cand)
		return diag_error(d, record_pos(h, "run"), "a second rKernel "
		                  "for rOperator '%s'", h->run);
	c = find_candidate(p->rops.v[rop].cls, h->use);
	if (!c)
		return no_candidate(p, p->rops.v[rop].cls, h, d);
	plan_use(p, rop, c);
	return 0;
}

/* Said where most of them are chosen. */
static int
check_count(struct plan *p, const struct schedule *s, struct diag *d)
{
	const struct choice *at = NULL;
	int64_t n = 0, most = 0;

	for (size_t i = 0; i < s->kernels.n; i++) {
		const struct choice *h = &s->kernels.v[i];
		int64_t k = p->rops.v[plan_rop(p, h->run, (int)i)].ntasks;

		n += k;
		if (k > most) {
			most = k;
			at = h;
		}
	}
	if (n <= PLAN_RTASKS_MAX)
		return 0;
	return diag_error(d, at->at ? record_pos(at, "use") : POS_NONE, "%lld "
	                  "rTasks are too many: at most %lld (%lld are of '%s')",
	                  (long long)n, (long long)PLAN_RTASKS_MAX,
	                  (long long)most, at->run);
}

int
plan_choose(struct plan *p, const struct schedule *s, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; i < p->rops.n; i++)
		p->rops.v[i].cand = NULL;
	for (size_t i = 0; i < s->kernels.n; i++)
		r |= choose(p, &s->kernels.v[i], (int)i, d);
	if (r || check_count(p, s, d) < 0)
		return -1;
	for (size_t i = 0; i < s->kernels.n; i++) {
		const struct choice *h = &s->kernels.v[i];

		r |= check_regions(p, plan_rop(p, h->run, (int)i),
		                   h->at ? record_pos(h, "use") : POS_NONE, d);
	}
	for (size_t i = 0; i < p->rops.n && r == 0; i++)
		if (!p->rops.v[i].cand)
			r = diag_error(d, record_pos(s, "kernels"), "no rKernel "
			               "is chosen for rOperator '%s'",
			               p->rops.v[i].rop->run);
	return r;
}

/* --- boxes --------------------------------------------------------------------- */

/* The box of an operand of a fused map, from a box of the argument it is on. */
static struct box
extra_box(const struct parg *host, const struct parg *extra,
          const struct box *b)
{
	struct box l, e;

	if (str_eq(host->arg->layout, extra->arg->layout))
		return box_broadcast(b, &extra->stored);
	l = layout_to_logical(host->arg->layout, &host->arg->shape, b);
	e = box_broadcast(&l, &extra->arg->shape);
	return layout_to_stored(extra->arg->layout, &extra->arg->shape, &e);
}

/* The boxes of an argument that is not an extra.  What cannot be evaluated
 * counts as all of it (plan_choose has refused such a candidate). */
static void
own_boxes(const struct prop *r, size_t arg, int64_t task, struct arena *a,
          struct boxes *out)
{
	const struct parg *g = &r->args.v[arg];
	struct region *e = parg_guards(r, arg) ? NULL :
		g->arg->out ? r->writes[arg] : r->reads[arg];
	struct box whole;

	if (e && plan_eval(e, r->cand, task, &g->stored, a, out) == 0)
		return;
	whole = box_whole(&g->stored);
	if (!box_empty(&whole))
		vec_push(a, out, whole);
}

void
plan_boxes(const struct plan *p, int rop, size_t arg, int64_t task,
           struct arena *a, struct boxes *out)
{
	const struct prop *r = &p->rops.v[rop];
	int host = r->args.v[arg].host;
	size_t before = out->n;

	if (!r->cand)
		BUG("rOperator '%s' has no rKernel", r->rop->run);
	own_boxes(r, host >= 0 ? (size_t)host : arg, task, a, out);
	if (host < 0)
		return;
	for (size_t i = before; i < out->n; i++)
		out->v[i] = extra_box(&r->args.v[host], &r->args.v[arg],
		                      &out->v[i]);
}
