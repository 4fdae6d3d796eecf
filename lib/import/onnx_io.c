/* Names in and out of an ONNX graph: initializers, inputs with their
 * dimensions bound, outputs. */
#include "base/str.h"
#include "import/onnx.h"
#include "import/tensorpb.h"
#include "op/op.h"

#define NAMES_SHOWN 12	/* in a message */

int
onnx_define(struct onnx_reader *r, const char *name, const char *what)
{
	if (!name || !*name)
		return diag_error(r->d, onnx_at(r), "%s has no name", what);
	if (map_add(&r->made, name, 0) >= 0)
		return diag_error(r->d, onnx_at(r), "'%s' is made twice, the second "
		                  "time by %s", name, what);
	return 0;
}

int
onnx_initializers(struct onnx_reader *r, const onnx_graph *g,
                  const struct onnx_scope *s)
{
	int before = r->d->nerrors;

	for (size_t i = 0; i < g->n_initializer; i++) {
		const onnx_tensor *t = g->initializer[i];
		int v = t->name ? onnx_lookup(r, s, t->name) : -1;

		if (onnx_define(r, v < 0 ? NULL : r->n->values.v[v].name,
		                "an initializer") == 0 && !r->o->list)
			onnx_value(r, t, t->name, v);
	}
	if (g->n_sparse_initializer)
		diag_error(r->d, onnx_at(r), "sparse initializers (%zu) are not "
		           "supported", g->n_sparse_initializer);
	return r->d->nerrors > before ? -1 : 0;
}

/* --- dimensions ------------------------------------------------------------------- */

struct dim {
	int64_t value;		/* -1: not stated */
	const char *symbol;	/* or NULL */
};

struct input {
	const char *name;
	enum dtype type;
	bool ranked;		/* its number of dimensions is stated */
	VEC(struct dim) dims;
	struct import_bind *bind;	/* by the input's name, or NULL */
};

struct symbol {
	const char *name;
	int64_t value;		/* -1: unbound */
	const char *from;	/* who gave it, for messages */
};

struct inputs {
	struct onnx_reader *r;
	VEC(struct input) v;
	VEC(struct symbol) symbols;
	struct map by_symbol;
};

/* "[batch, 3, ?]" */
static const char *
dims_text(struct arena *a, const struct input *in)
{
	const char *s = "", *copy;
	struct str out;

	if (!in->ranked)
		return "of any shape";
	str_init(&out);
	for (size_t i = 0; i < in->dims.n; i++, s = ", ") {
		const struct dim *m = &in->dims.v[i];

		if (m->value >= 0)
			str_addf(&out, "%s%lld", s, (long long)m->value);
		else
			str_addf(&out, "%s%s", s, m->symbol ? m->symbol : "?");
	}
	copy = arena_printf(a, "[%s]", out.s);
	str_release(&out);
	return copy;
}

static void
add_dims(struct inputs *s, struct input *in, const Tamp__Onnx__TensorShapeProto *p)
{
	for (size_t i = 0; i < p->n_dim; i++) {
		struct dim m = {.value = -1};

		if (p->dim[i]->has_dim_value && p->dim[i]->dim_value >= 0)
			m.value = p->dim[i]->dim_value;
		else if (p->dim[i]->dim_param && *p->dim[i]->dim_param)
			m.symbol = p->dim[i]->dim_param;
		if (m.symbol &&
		    map_add(&s->by_symbol, m.symbol, (int)s->symbols.n) < 0)
			vec_push(s->r->a, &s->symbols,
			         ((struct symbol){m.symbol, -1, NULL}));
		vec_push(s->r->a, &in->dims, m);
	}
}

const char *
onnx_other_kind(const Tamp__Onnx__TypeProto *t)
{
	return !t ? "has no type" : t->sequence_type ? "is a sequence" :
	       t->map_type ? "is a map" : t->optional_type ? "is optional" :
	       t->sparse_tensor_type ? "is a sparse tensor" : "has no type";
}

/* Type and dimensions as the model states them. */
static int
declared(struct inputs *s, const onnx_info *p, const char *what,
         struct input *in)
{
	struct onnx_reader *r = s->r;
	const Tamp__Onnx__TypeProto__Tensor *t = p->type ? p->type->tensor_type
	                                                 : NULL;
	int type;

	in->name = p->name;
	if (!t)
		return diag_error(r->d, onnx_at(r), "%s '%s' %s; only tensors are "
		                  "supported", what, p->name, onnx_other_kind(p->type));
	type = dtype_from_onnx(t->elem_type);
	if (type < 0)
		return diag_error(r->d, onnx_at(r), "%s '%s': elements of type %s are "
		                  "not supported", what, p->name,
		                  onnx_type_word(r->a, t->elem_type));
	in->type = (enum dtype)type;
	in->ranked = t->shape;
	if (t->shape)
		add_dims(s, in, t->shape);
	if (in->dims.n > TENSOR_MAX_DIMS)
		return diag_error(r->d, onnx_at(r), "%s '%s' has %zu dimensions, more "
		                  "than %d", what, p->name, in->dims.n,
		                  TENSOR_MAX_DIMS);
	return 0;
}

/* --- binds -------------------------------------------------------------------------- */

static int
set_symbol(struct inputs *s, const char *name, int64_t value, const char *from)
{
	struct symbol *y = &s->symbols.v[map_get(&s->by_symbol, name)];

	if (y->value >= 0 && y->value != value)
		return diag_error(s->r->d, POS_NONE, "dimension '%s' is bound to %lld "
		                  "by %s and to %lld by %s", name,
		                  (long long)y->value, y->from, (long long)value,
		                  from);
	y->value = value;
	y->from = from;
	return 0;
}

/* --bind INPUT=d0,d1: every dimension, also those that are stated. */
static int
bind_input(struct inputs *s, struct input *in, const struct ints *dims)
{
	struct diag *d = s->r->d;
	const char *from = arena_printf(s->r->a, "--bind %s", in->name);

	while (!in->ranked && in->dims.n < dims->n)
		vec_push(s->r->a, &in->dims, ((struct dim){.value = -1}));
	if (in->dims.n != dims->n)
		return diag_error(d, POS_NONE, "--bind %s: %zu dimensions given, but "
		                  "the input is %s", in->name, dims->n,
		                  dims_text(s->r->a, in));
	in->ranked = true;
	for (size_t i = 0; i < dims->n; i++) {
		struct dim *m = &in->dims.v[i];

		if (m->value >= 0 && m->value != dims->v[i])
			return diag_error(d, POS_NONE, "--bind %s: dimension %zu is "
			                  "%lld in the model, not %lld", in->name,
			                  i + 1, (long long)m->value,
			                  (long long)dims->v[i]);
		if (m->symbol &&
		    set_symbol(s, m->symbol, dims->v[i], from) < 0)
			return -1;
		m->value = dims->v[i];
	}
	return 0;
}

static struct input *
input_named(struct inputs *s, const char *name)
{
	for (size_t i = 0; i < s->v.n; i++)
		if (str_eq(s->v.v[i].name, name))
			return &s->v.v[i];
	return NULL;
}

static int
unused(struct inputs *s, const char *option, const char *name)
{
	bool bind = str_eq(option, "--bind");
	VEC(const char *) names = {0};
	const char *near, *all = "";

	for (size_t i = 0; i < s->symbols.n && bind; i++)
		vec_push(s->r->a, &names, s->symbols.v[i].name);
	for (size_t i = 0; i < s->v.n; i++)
		vec_push(s->r->a, &names, s->v.v[i].name);
	near = str_nearest(name, names.v, names.n);
	diag_error(s->r->d, onnx_at(s->r), "%s %s: the model has no such "
	           "%s%s%s%s", option, name, bind ? "dimension or input" : "input",
	           near ? " (did you mean '" : "", near ? near : "",
	           near ? "'?)" : "");
	for (size_t i = 0; i < names.n && i < NAMES_SHOWN; i++)
		all = arena_printf(s->r->a, "%s%s'%s'", all, i ? ", " : "",
		                   names.v[i]);
	if (names.n)
		diag_note(s->r->d, onnx_at(s->r), "it has %s%s", all,
		          names.n > NAMES_SHOWN ? " ..." : "");
	return -1;
}

/* A name that is both a dimension and an input means the dimension where one
 * number is given. */
static int
apply_binds(struct inputs *s)
{
	struct import_options *o = s->r->o;
	int before = s->r->d->nerrors;

	for (size_t i = 0; i < o->binds.n; i++) {
		struct import_bind *b = &o->binds.v[i];
		struct input *in = input_named(s, b->name);

		b->used = true;
		if (b->dims.n == 1 && map_get(&s->by_symbol, b->name) >= 0)
			set_symbol(s, b->name, b->dims.v[0],
			           arena_printf(s->r->a, "--bind %s", b->name));
		else if (in)
			bind_input(s, in, &b->dims);
		else
			unused(s, "--bind", b->name);
	}
	for (size_t i = 0; i < s->v.n; i++)
		for (size_t k = 0; k < s->v.v[i].dims.n; k++) {
			struct dim *m = &s->v.v[i].dims.v[k];

			if (m->value < 0 && m->symbol)
				m->value = s->symbols.v[map_get(&s->by_symbol,
				                                m->symbol)].value;
		}
	return s->r->d->nerrors > before ? -1 : 0;
}

/* --const NAME=FILE: the input becomes a constant; its array's dimensions
 * bind the input's. */
static int
apply_consts(struct inputs *s)
{
	struct onnx_reader *r = s->r;
	int before = r->d->nerrors;

	for (size_t i = 0; i < r->o->consts.n; i++) {
		struct import_const *c = &r->o->consts.v[i];
		struct input *in = input_named(s, c->name);
		struct array got;
		int k;

		c->used = true;
		if (!in) {
			unused(s, "--const", c->name);
			continue;
		}
		if (array_read(r->a, c->file, &got, r->d) < 0 ||
		    bind_input(s, in, &got.shape) < 0)
			continue;
		if (got.type != in->type) {
			diag_error(r->d, POS_NONE, "--const %s: '%s' holds %s, but the "
			           "input is %s", c->name, c->file,
			           dtype_word(got.type), dtype_word(in->type));
			continue;
		}
		k = net_value(r->n, in->name);	/* may move the values */
		r->n->values.v[k].data = got.data;
	}
	return r->d->nerrors > before ? -1 : 0;
}

/* --- results -------------------------------------------------------------------------- */

static void
add_unbound(struct inputs *s, const char *bind, const char *where)
{
	struct import_found *f = s->r->found;

	for (size_t i = 0; i < f->unbound.n; i++)
		if (str_eq(f->unbound.v[i].bind, bind)) {
			struct import_unbound *u = &f->unbound.v[i];

			u->where = arena_printf(s->r->a, "%s, %s", u->where, where);
			return;
		}
	vec_push(s->r->a, &f->unbound, ((struct import_unbound){bind, where}));
}

/* An input of which a dimension has no name is bound as a whole. */
static void
note_unbound(struct inputs *s, const struct input *in)
{
	struct arena *a = s->r->a;
	const char *where = arena_printf(a, "input '%s' %s", in->name,
	                                 dims_text(a, in));
	const char *whole = arena_printf(a, "%s=", in->name);
	bool anonymous = !in->ranked;

	for (size_t i = 0; i < in->dims.n; i++) {
		const struct dim *m = &in->dims.v[i];

		anonymous |= m->value < 0 && !m->symbol;
		whole = m->value >= 0 ?
		        arena_printf(a, "%s%s%lld", whole, i ? "," : "",
		                     (long long)m->value) :
		        arena_printf(a, "%s%s%s", whole, i ? "," : "",
		                     m->symbol ? m->symbol : "N");
	}
	if (anonymous) {
		add_unbound(s, in->ranked ? whole
		                          : arena_printf(a, "%sN,...", whole), where);
		return;
	}
	for (size_t i = 0; i < in->dims.n; i++)
		if (in->dims.v[i].value < 0)
			add_unbound(s, arena_printf(a, "%s=N", in->dims.v[i].symbol),
			            where);
}

/* True if every dimension has a value, which go to out. */
static bool
shape_of(struct arena *a, const struct input *in, struct ints *out)
{
	for (size_t i = 0; i < in->dims.n; i++) {
		if (in->dims.v[i].value < 0)
			return false;
		vec_push(a, out, in->dims.v[i].value);
	}
	return in->ranked;
}

static int
finish_input(struct inputs *s, const struct input *in)
{
	struct onnx_reader *r = s->r;
	int i = net_value(r->n, in->name);
	struct value *v = &r->n->values.v[i];
	struct ints shape = {0};

	v->type = in->type;
	v->typed = true;
	if (!v->data) {
		v->is_input = true;
		vec_push(r->a, &r->n->inputs, i);
	}
	if (!shape_of(r->a, in, &shape)) {
		note_unbound(s, in);
		return 0;
	}
	if (shape_elems(shape.v, shape.n, dtype_bytes(in->type)) < 0)
		return diag_error(r->d, onnx_at(r), "input '%s' of shape %s is too "
		                  "large", in->name, shape_text(r->a, &shape));
	value_set(r->n, v, in->type, shape.v, shape.n);
	return 0;
}

int
onnx_inputs(struct onnx_reader *r, const onnx_graph *g)
{
	struct inputs s = {.r = r};
	struct map seen;
	int before = r->d->nerrors;

	map_init(&s.by_symbol, r->a);
	map_init(&seen, r->a);
	for (size_t i = 0; i < g->n_input; i++) {
		const char *name = g->input[i]->name;
		struct input in = {0};

		if (name && map_add(&seen, name, 0) >= 0)
			diag_error(r->d, onnx_at(r), "input '%s' is listed twice",
			           name);
		else if (name && map_get(&r->made, name) >= 0)
			continue;	/* an initializer's default: a constant */
		else if (onnx_define(r, name, "an input") == 0 &&
		         declared(&s, g->input[i], "input", &in) == 0)
			vec_push(r->a, &s.v, in);
	}
	if (r->d->nerrors > before || apply_consts(&s) < 0 || apply_binds(&s) < 0)
		return -1;
	for (size_t i = 0; i < s.v.n; i++)
		finish_input(&s, &s.v.v[i]);
	return r->d->nerrors > before ? -1 : 0;
}

/* What the model states about an output is held against what inference finds
 * (op_set), but only where it is complete: symbols may be anything. */
static void
declare_output(struct onnx_reader *r, const onnx_info *p, struct value *v)
{
	const Tamp__Onnx__TypeProto__Tensor *t = p->type ? p->type->tensor_type
	                                                 : NULL;
	int type = t ? dtype_from_onnx(t->elem_type) : -1;
	struct ints shape = {0};

	if (type < 0 || v->typed)
		return;
	v->type = (enum dtype)type;
	v->typed = true;
	if (!t->shape)
		return;
	for (size_t i = 0; i < t->shape->n_dim; i++) {
		if (!t->shape->dim[i]->has_dim_value ||
		    t->shape->dim[i]->dim_value < 0)
			return;
		vec_push(r->a, &shape, t->shape->dim[i]->dim_value);
	}
	if (shape_elems(shape.v, shape.n, dtype_bytes(v->type)) >= 0)
		value_set(r->n, v, v->type, shape.v, shape.n);
}

static void
declare_custom(struct onnx_reader *r, const struct onnx_scope *s,
               const onnx_info *p)
{
	int i = p->name ? onnx_lookup(r, s, p->name) : -1;
	struct value *v = i < 0 ? NULL : &r->n->values.v[i];

	if (v && v->maker >= 0 && op_is_custom(r->n->nodes.v[v->maker].op))
		declare_output(r, p, v);
}

void
onnx_declared(struct onnx_reader *r, const onnx_graph *g,
              const struct onnx_scope *s)
{
	for (size_t i = 0; i < g->n_value_info; i++)
		declare_custom(r, s, g->value_info[i]);
	for (size_t i = 0; s && i < g->n_output; i++)
		declare_custom(r, s, g->output[i]);
}

int
onnx_outputs(struct onnx_reader *r, const onnx_graph *g)
{
	int before = r->d->nerrors;

	if (!g->n_output)
		return diag_error(r->d, onnx_at(r), "the graph has no output");
	for (size_t i = 0; i < g->n_output; i++) {
		const char *name = g->output[i]->name;
		struct value *v;
		int k;

		if (!name || !*name || map_get(&r->made, name) < 0) {
			diag_error(r->d, onnx_at(r), "nothing makes the output '%s'",
			           name ? name : "");
			continue;
		}
		k = net_value(r->n, name);
		v = &r->n->values.v[k];
		v->is_output = true;
		vec_push(r->a, &r->n->outputs, k);
		declare_output(r, g->output[i], v);
	}
	return r->d->nerrors > before ? -1 : 0;
}
