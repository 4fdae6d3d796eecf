/* BatchNormalization into the Conv, Gemm or MatMul before it.
 *
 * In inference it is y = s * x + t per channel, s = scale / sqrt(var +
 * epsilon), t = bias - mean * s: a scaled weight and a shifted bias do the
 * same.  Computed in double and rounded once; f32 only, and only where the
 * weight is a constant and nobody else reads x. */
#include <math.h>

#include "base/str.h"
#include "import/import.h"
#include "op/op.h"

struct folding {
	struct net *n;
	struct onode *bn, *prev;	/* prev makes bn's x */
	int64_t channels;
	double *s, *t;			/* of each channel */
};

static struct value *
in(struct net *n, const struct onode *o, size_t i)
{
	return i < o->in.n && o->in.v[i] >= 0 ? &n->values.v[o->in.v[i]] : NULL;
}

static bool
is_f32_const(const struct value *v)
{
	return v && v->data && v->type == DTYPE_F32;
}

/* s and t; false if a parameter is not as expected. */
static bool
scale_shift(struct folding *f)
{
	double eps = attrs_float(&f->bn->attrs, "epsilon", 1e-5);
	const struct value *p[4];

	for (size_t i = 0; i < 4; i++) {
		p[i] = in(f->n, f->bn, i + 1);
		if (!is_f32_const(p[i]) || value_elems(p[i]) != f->channels)
			return false;
	}
	f->s = arena_array(f->n->a, (size_t)f->channels, sizeof *f->s);
	f->t = arena_array(f->n->a, (size_t)f->channels, sizeof *f->t);
	for (int64_t c = 0; c < f->channels; c++) {
		f->s[c] = value_float(p[0], c) /
		          sqrt(value_float(p[3], c) + (double)(float)eps);
		f->t[c] = value_float(p[1], c) - value_float(p[2], c) * f->s[c];
		if (!isfinite(f->s[c]) || !isfinite(f->t[c]))
			return false;
	}
	return true;
}

/* The weight with each element times s of its channel: element i belongs to
 * channel i / inner mod channels.  The new value's index. */
static int
scaled(struct folding *f, const struct value *w, int64_t inner)
{
	int64_t elems = value_elems(w);
	float *p = arena_array(f->n->a, (size_t)elems, sizeof *p);

	for (int64_t i = 0; i < elems; i++)
		p[i] = (float)(value_float(w, i) *
		               f->s[i / inner % f->channels]);
	return net_const(f->n, arena_printf(f->n->a, "%s_bn", w->name), DTYPE_F32,
	                 w->shape.v, w->shape.n, p);
}

/* factor * s * bias + t; bias may be NULL (zeros) or one element for all. */
static int
shifted(struct folding *f, const struct value *bias, double factor)
{
	float *p = arena_array(f->n->a, (size_t)f->channels, sizeof *p);
	const char *of = f->n->values.v[f->bn->out.v[0]].name;
	bool one = bias && value_elems(bias) == 1;

	for (int64_t c = 0; c < f->channels; c++)
		p[c] = (float)((bias ? factor * f->s[c] *
		                value_float(bias, one ? 0 : c) : 0) + f->t[c]);
	return net_const(f->n, arena_printf(f->n->a, "%s_bias", of), DTYPE_F32,
	                 &f->channels, 1, p);
}

static void
set_in(struct net *n, struct onode *o, size_t i, int v)
{
	while (o->in.n <= i)
		vec_push(n->a, &o->in, -1);
	o->in.v[i] = v;
}

static bool
into_conv(struct folding *f)
{
	struct value *w = in(f->n, f->prev, 1), *b = in(f->n, f->prev, 2);
	int64_t inner = 1;
	int weight;

	if (!is_f32_const(w) || w->shape.v[0] != f->channels ||
	    (b && (!is_f32_const(b) || value_elems(b) != f->channels)))
		return false;
	for (size_t i = 1; i < w->shape.n; i++)
		inner *= w->shape.v[i];
	if (!inner || !scale_shift(f))
		return false;
	weight = scaled(f, w, inner);
	set_in(f->n, f->prev, 2, shifted(f, in(f->n, f->prev, 2), 1.0));
	f->prev->in.v[1] = weight;
	return true;
}

/* Whether a Gemm's C is the same for every row. */
static bool
is_row(const struct value *c, int64_t channels)
{
	int64_t elems;

	if (!is_f32_const(c))
		return false;
	elems = value_elems(c);
	return elems == 1 || (elems == channels &&
	                      c->shape.v[c->shape.n - 1] == channels);
}

static bool
into_gemm(struct folding *f)
{
	struct value *w = in(f->n, f->prev, 1), *c = in(f->n, f->prev, 2);
	bool trans = attrs_int(&f->prev->attrs, "transB", 0) != 0;
	double beta = attrs_float(&f->prev->attrs, "beta", 1.0);
	int weight;

	if (!is_f32_const(w) || w->shape.n != 2 ||
	    w->shape.v[trans ? 0 : 1] != f->channels || !w->shape.v[trans ? 1 : 0] ||
	    (c && !is_row(c, f->channels)) || !scale_shift(f))
		return false;
	weight = scaled(f, w, trans ? w->shape.v[1] : 1);
	set_in(f->n, f->prev, 2, shifted(f, in(f->n, f->prev, 2), beta));
	f->prev->in.v[1] = weight;
	attrs_remove(&f->prev->attrs, "beta");
	return true;
}

/* A MatMul has no bias: an Add follows it, which a kernel's map takes in. */
static bool
into_matmul(struct folding *f)
{
	struct net *n = f->n;
	struct value *w = in(n, f->prev, 1);
	const struct value *y = &n->values.v[f->prev->out.v[0]];
	int out = f->bn->out.v[0], cond = f->bn->cond, bias, product, weight;
	struct onode *add;

	if (!is_f32_const(w) || w->shape.n != 2 || y->shape.n != 2 ||
	    w->shape.v[1] != f->channels || !scale_shift(f))
		return false;
	weight = scaled(f, w, 1);
	bias = shifted(f, NULL, 1.0);
	product = net_fresh(n, arena_printf(n->a, "%s_product", n->values.v[out].name),
	                    DTYPE_F32, n->values.v[out].shape.v, 2);
	f->prev->in.v[1] = weight;
	f->prev->out.v[0] = product;
	f->bn->dead = true;
	add = net_node(n, "Add");	/* moves the nodes: prev and bn are gone */
	add->label = "Add of a batch normalization";
	add->cond = cond;
	vec_push(n->a, &add->in, product);
	vec_push(n->a, &add->in, bias);
	vec_push(n->a, &add->out, out);
	return true;
}

static const struct {
	const char *op;
	bool (*fold)(struct folding *f);
} rows[] = {
	{"Conv", into_conv}, {"Gemm", into_gemm}, {"MatMul", into_matmul},
};

/* Whether node i was folded away. */
static bool
fold(struct net *n, size_t i, const int *uses)
{
	struct onode *bn = &n->nodes.v[i];
	const struct value *x = in(n, bn, 0);
	struct folding f = {.n = n, .bn = bn};
	int maker;

	if (!x || x->type != DTYPE_F32 || x->maker < 0 || x->is_output ||
	    x->shape.n < 2 || uses[bn->in.v[0]] != 1 || bn->out.n != 1)
		return false;
	maker = x->maker;
	f.prev = &n->nodes.v[maker];
	f.channels = x->shape.v[1];
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		if (!str_eq(f.prev->op, rows[k].op))
			continue;
		if (!rows[k].fold(&f))
			return false;
		bn = &n->nodes.v[i];
		if (!bn->dead) {
			n->nodes.v[maker].out.v[0] = bn->out.v[0];
			n->values.v[bn->out.v[0]].maker = maker;
			bn->dead = true;
		}
		return true;
	}
	return false;
}

void
pass_batchnorm(struct net *n, struct diag *d)
{
	int *uses = arena_array(n->a, n->values.n, sizeof *uses);
	size_t nnodes = n->nodes.n, folded = 0;

	for (size_t i = 0; i < nnodes; i++)
		for (size_t k = 0; k < n->nodes.v[i].in.n; k++)
			if (!n->nodes.v[i].dead && n->nodes.v[i].in.v[k] >= 0)
				uses[n->nodes.v[i].in.v[k]]++;
	for (size_t i = 0; i < nnodes; i++) {
		const char *label = n->nodes.v[i].label;

		if (n->nodes.v[i].dead ||
		    !str_eq(n->nodes.v[i].op, "BatchNormalization"))
			continue;
		if (fold(n, i, uses)) {
			folded++;
			diag_explain(d, "batchnorm: %s folded into the weights "
			             "before it", label);
		} else {
			diag_explain(d, "batchnorm: %s stays: what precedes it is "
			             "no Conv, Gemm or MatMul with constant f32 "
			             "weights, or has other readers", label);
		}
	}
	diag_progress(d, "batchnorm: %zu folded", folded);
}
