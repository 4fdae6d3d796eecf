/* Shapes, attributes, constants: the small checked steps of inference. */
#include "op/util.h"

#include <math.h>

#include "base/str.h"

/* --- shapes ------------------------------------------------------------- */

void
dims_add(struct dims *d, int64_t x)
{
	if (d->n == DIMS_MAX)
		BUG("more than %d dimensions", DIMS_MAX);
	d->v[d->n++] = x;
}

struct dims
dims_of(const struct value *v)
{
	struct dims d = {0};

	for (size_t i = 0; i < v->shape.n; i++)
		dims_add(&d, v->shape.v[i]);
	return d;
}

struct dims
dims_from(const int64_t *v, size_t n)
{
	struct dims d = {0};

	for (size_t i = 0; i < n; i++)
		dims_add(&d, v[i]);
	return d;
}

int64_t
dims_product(const struct dims *d, size_t from, size_t to)
{
	int64_t p = 1;

	for (size_t i = from; i < to; i++)
		p *= d->v[i];
	return p;
}

int64_t
dims_elems(const struct dims *d)
{
	return dims_product(d, 0, d->n);
}

bool
dims_same(const struct dims *a, const struct dims *b)
{
	return a->n == b->n &&
	       (!a->n || memcmp(a->v, b->v, a->n * sizeof a->v[0]) == 0);
}

struct dims
dims_align(const struct dims *d, size_t n)
{
	struct dims out = {0};

	for (size_t i = d->n; i < n; i++)
		dims_add(&out, 1);
	for (size_t i = 0; i < d->n; i++)
		dims_add(&out, d->v[i]);
	return out;
}

struct dims
dims_ori(const struct dims *d, size_t from, size_t to)
{
	return DIMS(dims_product(d, 0, from), dims_product(d, from, to),
	            dims_product(d, to, d->n));
}

/* --- types -------------------------------------------------------------- */

bool
types_has(int types, enum dtype t)
{
	if (dtype_is_float(t))
		return types & TYPES_FLOATS;
	return types & (t == DTYPE_BOOL ? TYPES_BOOLS : TYPES_INTS);
}

static const char *
types_text(int types)
{
	switch (types) {
	case TYPES_FLOATS: return "a float type";
	case TYPES_INTS: return "an integer type";
	case TYPES_BOOLS: return "bool";
	case TYPES_NUMBERS: return "a number type";
	}
	return "another type";
}

int
op_want(struct op_ctx *c, size_t in, int types)
{
	struct value *v = op_in(c, in);

	if (!v || types_has(types, v->type))
		return 0;
	return op_fail(c, "input '%s' is %s, expected %s", v->name,
	               dtype_word(v->type), types_text(types));
}

int
op_want_same(struct op_ctx *c, size_t in, size_t as)
{
	struct value *v = op_in(c, in), *w = op_in(c, as);

	if (!v || !w || v->type == w->type)
		return 0;
	return op_fail(c, "input '%s' is %s, but '%s' is %s", v->name,
	               dtype_word(v->type), w->name, dtype_word(w->type));
}

/* --- attributes --------------------------------------------------------- */

int64_t
op_int(struct op_ctx *c, const char *name, int64_t def)
{
	return attrs_int(&c->node->attrs, name, def);
}

double
op_float(struct op_ctx *c, const char *name, double def)
{
	return attrs_float(&c->node->attrs, name, def);
}

const char *
op_str(struct op_ctx *c, const char *name, const char *def)
{
	return attrs_str(&c->node->attrs, name, def);
}

const struct ints *
op_ints(struct op_ctx *c, const char *name)
{
	return attrs_ints(&c->node->attrs, name);
}

/* --- inputs and outputs ------------------------------------------------- */

bool
op_has(struct op_ctx *c, size_t in)
{
	return op_in_id(c, in) >= 0;
}

bool
op_wants_out(struct op_ctx *c, size_t out)
{
	return op_out_id(c, out) >= 0;
}

struct dims
op_dims(struct op_ctx *c, size_t in)
{
	return dims_of(op_in(c, in));
}

struct dims
op_out_dims(struct op_ctx *c, size_t out)
{
	return dims_of(op_out(c, out));
}

const char *
op_shape(struct op_ctx *c, size_t in)
{
	return shape_text(c->a, &op_in(c, in)->shape);
}

int
op_set_dims(struct op_ctx *c, size_t out, enum dtype t, const struct dims *d)
{
	return op_set(c, out, t, d->v, d->n);
}

/* 1: the output is a constant now. */
int
op_set_fold(struct op_ctx *c, size_t out, const void *data)
{
	struct value *v = op_out(c, out);

	if (!v)
		return 1;
	return op_set_const(c, out, v->type, v->shape.v, v->shape.n, data) < 0 ?
	       -1 : 1;
}

static int
one_element(struct op_ctx *c, size_t in)
{
	struct value *v = op_in(c, in);

	if (!value_is_const(v))
		return op_fail(c, "input '%s' must be a constant", v->name);
	if (value_elems(v) != 1)
		return op_fail(c, "input '%s' has shape %s, expected one element",
		               v->name, op_shape(c, in));
	return value_data(c->net, v, c->d) ? 0 : -1;
}

int
op_const_int(struct op_ctx *c, size_t in, int64_t *out)
{
	if (one_element(c, in) < 0 ||
	    op_want(c, in, TYPES_INTS | TYPES_BOOLS) < 0)
		return -1;
	*out = value_int(op_in(c, in), 0);
	return 0;
}

int
op_const_float(struct op_ctx *c, size_t in, double *out)
{
	if (one_element(c, in) < 0)
		return -1;
	*out = value_float(op_in(c, in), 0);
	return 0;
}

int
op_axes(struct op_ctx *c, size_t in, size_t rank, bool noop, bool *on)
{
	struct ints axes;

	if (op_const_ints(c, in, &axes) < 0)
		return -1;
	for (size_t i = 0; i < rank; i++)
		on[i] = !axes.n && !noop;
	for (size_t i = 0; i < axes.n; i++) {
		int64_t k;

		if (op_axis(c, axes.v[i], rank, &k) < 0)
			return -1;
		if (on[k])
			return op_fail(c, "axis %lld is named twice",
			               (long long)axes.v[i]);
		on[k] = true;
	}
	return 0;
}

void
op_set_in(struct op_ctx *c, size_t in, int value)
{
	while (c->node->in.n <= in)
		*vec_add(c->a, &c->node->in) = -1;
	c->node->in.v[in] = value;
}

int
op_attr_to_input(struct op_ctx *c, const char *name, size_t in)
{
	const struct attr *t = attrs_get(&c->node->attrs, name);
	const char *hint = arena_printf(c->a, "%s_%s",
	                                op_out(c, 0) ? op_out(c, 0)->name : "",
	                                name);
	int64_t n;
	int k;

	if (!t)
		return 0;
	if (op_has(c, in))
		return op_fail(c, "'%s' is given as attribute and as input",
		               name);
	if (t->kind == ATTR_INT) {
		k = net_const(c->net, hint, DTYPE_I64, NULL, 0, &t->i);
	} else if (t->kind == ATTR_FLOAT) {
		float f = (float)t->f;

		k = net_const(c->net, hint, DTYPE_F32, NULL, 0, &f);
	} else if (t->kind == ATTR_INTS || (t->kind == ATTR_FLOATS && !t->floats.n)) {
		n = (int64_t)t->ints.n;
		k = net_const(c->net, hint, DTYPE_I64, &n, 1, t->ints.v);
	} else if (t->kind == ATTR_FLOATS) {
		float *f = arena_array(c->a, t->floats.n, sizeof *f);

		n = (int64_t)t->floats.n;
		for (int64_t i = 0; i < n; i++)
			f[i] = (float)t->floats.v[i];
		k = net_const(c->net, hint, DTYPE_F32, &n, 1, f);
	} else {
		return op_fail(c, "attribute '%s' has the wrong type", name);
	}
	attrs_remove(&c->node->attrs, name);
	op_set_in(c, in, k);
	return 0;
}

/* --- elements ----------------------------------------------------------- */

#define STORE(ctype) (((ctype *)data)[i] = (ctype)v)

void
elem_set_int(enum dtype t, void *data, int64_t i, int64_t v)
{
	switch (t) {
	case DTYPE_BOOL:
		((uint8_t *)data)[i] = v != 0;
		return;
	case DTYPE_F32: STORE(float); return;
	case DTYPE_F64: STORE(double); return;
	case DTYPE_I64: STORE(int64_t); return;
	case DTYPE_I32: STORE(int32_t); return;
	case DTYPE_I16: STORE(int16_t); return;
	case DTYPE_I8: STORE(int8_t); return;
	case DTYPE_U64: STORE(uint64_t); return;
	case DTYPE_U32: STORE(uint32_t); return;
	case DTYPE_U16: STORE(uint16_t); return;
	case DTYPE_U8: STORE(uint8_t); return;
	case NDTYPES: break;
	}
	BUG("type %d", (int)t);
}

void
elem_set_float(enum dtype t, void *data, int64_t i, double v)
{
	if (t == DTYPE_F32)
		((float *)data)[i] = (float)v;
	else if (t == DTYPE_F64)
		((double *)data)[i] = v;
	else if (t == DTYPE_BOOL)
		((uint8_t *)data)[i] = v != 0;
	else if (isnan(v))
		elem_set_int(t, data, i, 0);
	else if (t == DTYPE_U64 && v >= 9223372036854775808.0)
		((uint64_t *)data)[i] = v >= 18446744073709551616.0 ?
		                        UINT64_MAX : (uint64_t)v;
	else if (v >= 9223372036854775808.0)
		elem_set_int(t, data, i, INT64_MAX);
	else if (v < -9223372036854775808.0)
		elem_set_int(t, data, i, INT64_MIN);
	else
		elem_set_int(t, data, i, (int64_t)v);
}
