/* Compares tensors with what is expected: |a - b| <= atol + rtol * |b| for
 * floats, equality for integers.  NaN is expected to be NaN, an infinity to be
 * that infinity. */
#include <math.h>

#include "base/str.h"
#include "import/tensorpb.h"
#include "run.h"

/* Element i as a double; integers beyond 2^53 are compared exactly before. */
static double
element(const struct array *v, int64_t i)
{
	switch (v->type) {
	case DTYPE_F32: return ((const float *)v->data)[i];
	case DTYPE_F64: return ((const double *)v->data)[i];
	case DTYPE_I64: return (double)((const int64_t *)v->data)[i];
	case DTYPE_I32: return ((const int32_t *)v->data)[i];
	case DTYPE_I16: return ((const int16_t *)v->data)[i];
	case DTYPE_I8: return ((const int8_t *)v->data)[i];
	case DTYPE_U64: return (double)((const uint64_t *)v->data)[i];
	case DTYPE_U32: return ((const uint32_t *)v->data)[i];
	case DTYPE_U16: return ((const uint16_t *)v->data)[i];
	case DTYPE_U8:
	case DTYPE_BOOL: return ((const uint8_t *)v->data)[i];
	case NDTYPES: break;
	}
	return 0;
}

static bool
agree(const struct run *r, const struct array *a, const struct array *b,
      int64_t i, double x, double y)
{
	size_t n = dtype_bytes(a->type);

	if (!dtype_is_float(a->type))
		return memcmp((const char *)a->data + (size_t)i * n,
		              (const char *)b->data + (size_t)i * n, n) == 0;
	if (isnan(x) || isnan(y))
		return isnan(x) && isnan(y);
	if (isinf(x) || isinf(y))
		return x == y;
	return fabs(x - y) <= r->atol + r->rtol * fabs(y);
}

/* The difference, infinite where one is no finite number and they differ. */
static double
distance(double x, double y, bool ok)
{
	if (isfinite(x) && isfinite(y))
		return fabs(x - y);
	return ok ? 0 : INFINITY;
}

static void
put_index(struct run *r, struct compared *c, const struct ints *shape,
          int64_t i)
{
	for (size_t k = 0; k < shape->n; k++)
		vec_push(&r->a, &c->index, 0);
	for (size_t k = shape->n; k-- > 0; i /= shape->v[k])
		c->index.v[k] = i % shape->v[k];
}

static void
compare(struct run *r, const struct array *got, const struct array *want,
        struct compared *c)
{
	double largest = 0;
	int64_t worst = -1;

	c->elems = shape_elems(want->shape.v, want->shape.n, 1);
	for (int64_t i = 0; i < c->elems; i++) {
		double x = element(got, i), y = element(want, i), diff;
		bool ok = agree(r, got, want, i, x, y);

		diff = distance(x, y, ok);
		c->wrong += !ok;
		if (isfinite(y) && fabs(y) > largest)
			largest = fabs(y);
		if (worst < 0 || diff > c->max_abs) {
			worst = i;
			c->max_abs = diff;
		}
	}
	c->match = c->wrong == 0;
	c->max_rel = largest > 0 ? c->max_abs / largest : c->max_abs;
	if (worst >= 0)
		put_index(r, c, &want->shape, worst);
}

/* 0, or -1 after diagnostics.  What is not kept is not as expected. */
static int
compare_one(struct run *r, const struct given *g, bool *differs)
{
	const struct ptensor *t = &r->plan.tensors.v[g->tensor];
	struct array got, want;
	struct compared *c;
	int rc;

	if (array_read(&r->a, g->text, &want, &r->d) < 0)
		return -1;
	if (want.type != t->type || !shape_eq(&want.shape, &t->shape))
		return diag_error(&r->d, POS_NONE, "%s holds %s %s, but '%s' is %s "
		                  "%s", g->text, dtype_word(want.type),
		                  shape_text(&r->a, &want.shape), t->name,
		                  dtype_word(t->type),
		                  shape_text(&r->a, &t->shape));
	rc = values_tensor(r, g->tensor, &got);
	if (rc > 0) {
		diag_error(&r->d, POS_NONE, "'%s' is not kept, and cannot be "
		           "compared: nothing stores it, or it was fused into "
		           "what reads it", t->name);
		*differs = true;
	}
	if (rc)
		return rc < 0 ? -1 : 0;
	c = vec_add(&r->a, &r->report.compared);
	c->name = t->name;
	compare(r, &got, &want, c);
	*differs |= !c->match;
	return 0;
}

static const struct compared *
compared_of(const struct run *r, int root)
{
	for (size_t i = 0; i < r->report.compared.n; i++) {
		const struct compared *c = &r->report.compared.v[i];

		if (r->plan.tensors.v[map_get(&r->plan.tensor_by_name, c->name)]
			.root == root && !c->match)
			return c;
	}
	return NULL;
}

/* The first rOperator, in the order of tasks/1, that makes a wrong tensor. */
static void
find_first(struct run *r)
{
	for (size_t i = 0; i < r->plan.rops.n; i++) {
		const struct prop *o = &r->plan.rops.v[i];

		for (size_t k = 0; k < o->args.n; k++)
			if (parg_written(o, k) && compared_of(r,
			    r->plan.tensors.v[o->args.v[k].tensor].root)) {
				r->report.diverges = o->rop->run;
				return;
			}
	}
}

int
compare_all(struct run *r)
{
	bool differs = false;

	for (size_t i = 0; i < r->want.n; i++)
		if (compare_one(r, &r->want.v[i], &differs) < 0)
			return -1;
	if (differs)
		find_first(r);
	return differs;
}
