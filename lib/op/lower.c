/* Lowering: every node of a net to operators in canonical forms. */
#include "op/lower.h"

#include <math.h>

#include "base/str.h"
#include "op/op.h"
#include "op/util.h"

struct lop *
lower_op(struct lower *l, const char *form)
{
	struct lop *o = vec_add(l->a, &l->ops);

	o->form = form;
	o->cond = l->under;
	vec_push(l->a, &o->nodes, l->node);
	return o;
}

static struct larg *
add_arg(struct lower *l, struct lop *o, const char *arg, int value,
        const int64_t *dims, size_t n)
{
	struct larg *g = vec_add(l->a, &o->args);

	*g = (struct larg){.arg = arg, .value = value, .from = -1};
	for (size_t i = 0; i < n; i++)
		vec_push(l->a, &g->shape, dims[i]);
	return g;
}

void
lop_in(struct lower *l, struct lop *o, const char *arg, int value,
       const int64_t *dims, size_t n)
{
	add_arg(l, o, arg, value, dims, n);
}

void
lop_out(struct lower *l, struct lop *o, const char *arg, int value,
        const int64_t *dims, size_t n)
{
	add_arg(l, o, arg, value, dims, n)->out = true;
}

static struct larg *
find_arg(struct lop *o, const char *arg)
{
	for (size_t i = 0; i < o->args.n; i++)
		if (str_eq(o->args.v[i].arg, arg))
			return &o->args.v[i];
	BUG("form %s has no argument %s", o->form, arg);
}

const char *
lop_extra(struct lower *l, struct lop *o, const char *on, int value,
          const int64_t *dims, size_t n)
{
	const char *name = arena_printf(l->a, "E%d", o->nextra++);
	const struct larg *host = find_arg(o, on);
	struct larg *g;

	if (n != host->shape.n)
		BUG("operand of rank %zu on %s of rank %zu", n, on, host->shape.n);
	for (size_t i = 0; i < n; i++)
		if (dims[i] != 1 && dims[i] != host->shape.v[i])
			BUG("operand's dimension %zu does not broadcast", i);
	g = add_arg(l, o, name, value, dims, n);
	g->on = on;
	return name;
}

void
lop_step(struct lower *l, struct lop *o, const char *on, const char *fmt, ...)
{
	struct larg *g = find_arg(o, on);
	va_list ap;

	va_start(ap, fmt);
	vec_push(l->a, &g->map, (const char *)arena_vprintf(l->a, fmt, ap));
	va_end(ap);
}

void
lop_in_dims(struct lower *l, struct lop *o, const char *arg, int value,
            const struct dims *d)
{
	lop_in(l, o, arg, value, d->v, d->n);
}

void
lop_out_dims(struct lower *l, struct lop *o, const char *arg, int value,
             const struct dims *d)
{
	lop_out(l, o, arg, value, d->v, d->n);
}

const char *
lop_extra_dims(struct lower *l, struct lop *o, const char *on, int value,
               const struct dims *d)
{
	return lop_extra(l, o, on, value, d->v, d->n);
}

void
lower_view(struct lower *l, int value, int of, int64_t offset)
{
	vec_push(l->a, &l->views, ((struct lview){value, of, offset}));
}

int
lower_temp(struct lower *l, const char *suffix, enum dtype t,
           const int64_t *dims, size_t n)
{
	const char *hint = arena_printf(l->a, "%s_%s", l->node, suffix);

	return net_fresh(l->net, hint, t, dims, n);
}

int
lower_tmp(struct lower *l, const char *suffix, enum dtype t,
          const struct dims *d)
{
	return lower_temp(l, suffix, t, d->v, d->n);
}

struct value *
lower_value(struct lower *l, int value)
{
	return &l->net->values.v[value];
}

/* --- maps --------------------------------------------------------------- */

static const char *
float_number(struct arena *a, enum dtype t, double x)
{
	bool f32 = t == DTYPE_F32;
	const char *s;

	if (isnan(x))
		return f32 ? "(0.0f / 0.0f)" : "(0.0 / 0.0)";
	if (isinf(x))
		return arena_printf(a, "(%s1.0%s / 0.0%s)", x < 0 ? "-" : "",
		                    f32 ? "f" : "", f32 ? "f" : "");
	s = arena_printf(a, f32 ? "%.9g" : "%.17g", fabs(x));
	if (!strpbrk(s, ".e"))
		s = arena_printf(a, "%s.0", s);
	return arena_printf(a, signbit(x) ? "(-%s%s)" : "%s%s", s,
	                    f32 ? "f" : "");
}

const char *
map_number(struct arena *a, enum dtype t, double x)
{
	long long i;

	if (dtype_is_float(t))
		return float_number(a, t, x);
	i = (long long)x;
	switch (t) {
	case DTYPE_I64: return arena_printf(a, "CAST_I64(%lld)", i);
	case DTYPE_U64: return arena_printf(a, "CAST_U64(%lld)", i);
	case DTYPE_U32: return arena_printf(a, "CAST_U32(%lld)", i);
	case DTYPE_I32: case DTYPE_I16: case DTYPE_I8: case DTYPE_U16:
	case DTYPE_U8: case DTYPE_BOOL:
	case DTYPE_F32: case DTYPE_F64: case NDTYPES:
		break;
	}
	return arena_printf(a, i < 0 ? "(%lld)" : "%lld", i);
}

/* What stands in an expression for a constant of one element, or NULL. */
static const char *
scalar_text(struct lower *l, int value)
{
	struct value *v = lower_value(l, value);
	double x;

	if (!value_is_const(v) || value_elems(v) != 1 ||
	    !value_data(l->net, v, l->d))
		return NULL;
	x = value_float(v, 0);
	if (!dtype_is_float(v->type) && fabs(x) > 1e9)
		return NULL;
	return map_number(l->a, v->type, x);
}

static bool
all_scalars(struct lower *l, const struct mapin *in, size_t nin)
{
	for (size_t i = 0; i < nin; i++)
		if (!scalar_text(l, in[i].value))
			return false;
	return true;
}

/* Whether dimensions i and j are treated alike by every operand. */
static bool
alike(const struct dims *out, const struct mapin *in, size_t nin, size_t i,
      size_t j)
{
	for (size_t k = 0; k < nin; k++)
		if ((in[k].dims.v[i] == out->v[i]) != (in[k].dims.v[j] == out->v[j]))
			return false;
	return true;
}

/* group[i]: the merged dimension to which dimension i goes, or -1 where it is
 * 1 and goes away.  Returns how many merged dimensions there are. */
static size_t
groups(const struct dims *out, const struct mapin *in, size_t nin,
       int *group)
{
	int n = 0;
	size_t last = 0;

	for (size_t i = 0; i < out->n; i++) {
		group[i] = -1;
		if (out->v[i] == 1)
			continue;
		if (n == 0 || !alike(out, in, nin, last, i))
			n++;
		group[i] = n - 1;
		last = i;
	}
	return (size_t)n;
}

static struct dims
regroup(const struct dims *d, const int *group, size_t n)
{
	struct dims out = {0};

	for (size_t i = 0; i < n || i == 0; i++)
		dims_add(&out, 1);
	for (size_t i = 0; i < d->n; i++)
		if (group[i] >= 0)
			out.v[group[i]] *= d->v[i];
	return out;
}

/* Names the operands: equal ones share a name, constants of one element are
 * numbers (unless nothing but constants is read). */
static void
name_operand(struct lower *l, struct lop *o, struct mapin *in, size_t i,
             bool inlined)
{
	in[i].ref = inlined ? scalar_text(l, in[i].value) : NULL;
	for (size_t k = 0; k < i && !in[i].ref; k++)
		if (in[k].value == in[i].value &&
		    dims_same(&in[k].dims, &in[i].dims))
			in[i].ref = in[k].ref;
	if (!in[i].ref)
		in[i].ref = lop_extra_dims(l, o, "Y", in[i].value, &in[i].dims);
}

struct lop *
lower_map(struct lower *l, int y, const struct dims *dims, struct mapin *in,
          size_t nin, bool merge)
{
	struct dims out = *dims;
	bool inlined = !all_scalars(l, in, nin);
	struct lop *o;

	if (merge) {
		int group[DIMS_MAX] = {0};
		size_t n = groups(dims, in, nin, group);

		out = regroup(dims, group, n);
		for (size_t i = 0; i < nin; i++)
			in[i].dims = regroup(&in[i].dims, group, n);
	}
	o = lower_op(l, "Map");
	lop_out_dims(l, o, "Y", y, &out);
	for (size_t i = 0; i < nin; i++)
		name_operand(l, o, in, i, inlined);
	return o;
}

void
lower_fill(struct lower *l, int y, double number)
{
	struct dims d = DIMS(value_elems(lower_value(l, y)));
	struct lop *o = lower_map(l, y, &d, NULL, 0, true);

	lop_step(l, o, "Y", "%s",
	         map_number(l->a, lower_value(l, y)->type, number));
}

/* --- nodes -------------------------------------------------------------- */

/* Operators all of whose outputs are empty have nothing to do. */
static bool
makes_nothing(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nout(c); i++)
		if (op_out(c, i) && value_elems(op_out(c, i)) > 0)
			return false;
	return true;
}

static const char *
first_output(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nout(c); i++)
		if (op_out(c, i))
			return op_out(c, i)->name;
	return c->node->op;
}

/* A Map that got no step stores what it is given: zeros. */
static void
finish(struct lower *l, size_t from)
{
	for (size_t i = from; i < l->ops.n; i++)
		if (str_eq(l->ops.v[i].form, "Map") && !l->ops.v[i].args.v[0].map.n)
			lop_step(l, &l->ops.v[i], "Y", "v");
}

static int
lower_node(struct lower *l, struct onode *node)
{
	struct op_ctx c = {l->net, node, l->d, l->a};
	size_t from = l->ops.n;

	if (op_infer(l->net, node, l->d) < 0)
		return -1;
	if (makes_nothing(&c))
		return 0;
	if (!node->def->lower)
		return op_fail(&c, "can only be computed from constants");
	l->node = first_output(&c);
	l->under = node->cond;
	if (node->def->lower(l, &c) < 0)
		return -1;
	finish(l, from);
	return 0;
}

int
lower_net(struct lower *l, struct net *n, struct diag *d)
{
	int bad = 0;

	l->net = n;
	l->d = d;
	l->a = n->a;
	for (size_t i = 0; i < n->nodes.n; i++)
		if (!n->nodes.v[i].dead && lower_node(l, &n->nodes.v[i]) < 0)
			bad = -1;
	l->under = -1;
	return bad;
}
