/* The elements of constants, in whatever way a graph states them. */
#include "ir/weights.h"

#include <math.h>

#include "base/file.h"
#include "base/str.h"

_Static_assert(sizeof(float) == 4 && sizeof(double) == 8, "IEEE types");

/* Element i of a generated constant, in (-1, 1): bits 40 to 63 of output i
 * (from 0) of SplitMix64 started at seed, taken as an odd multiple of 2^-24,
 * so that a f32 holds it exactly.  tamp-graph(5) documents it; results of
 * benchmarks depend on it, so it never changes. */
double
random_element(int64_t seed, int64_t i)
{
	uint64_t z = (uint64_t)seed + ((uint64_t)i + 1) * 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return ((double)(2 * (z >> 40) + 1) - 0x1p24) * 0x1p-24;
}

/* Whether the integer x is a value of type t. */
static bool
fits(enum dtype t, int64_t x)
{
	switch (t) {
	case DTYPE_F32:
	case DTYPE_F64:
	case DTYPE_I64: return true;
	case DTYPE_I32: return x >= INT32_MIN && x <= INT32_MAX;
	case DTYPE_I16: return x >= INT16_MIN && x <= INT16_MAX;
	case DTYPE_I8: return x >= INT8_MIN && x <= INT8_MAX;
	case DTYPE_U64: return x >= 0;
	case DTYPE_U32: return x >= 0 && x <= UINT32_MAX;
	case DTYPE_U16: return x >= 0 && x <= UINT16_MAX;
	case DTYPE_U8: return x >= 0 && x <= UINT8_MAX;
	case DTYPE_BOOL: return x == 0 || x == 1;
	case NDTYPES: break;
	}
	BUG("type %d", (int)t);
}

/* Stores x, which fits, as element i of p. */
static void
put_int(void *p, enum dtype t, int64_t i, int64_t x)
{
	switch (t) {
#define DTYPE(id, word, bytes, ctype, onnx, st) \
	case DTYPE_##id: ((ctype *)p)[i] = (ctype)x; return;
#include "ir/dtype.def"
#undef DTYPE
	case NDTYPES: break;
	}
	BUG("type %d", (int)t);
}

static void
put_float(void *p, enum dtype t, int64_t i, double x)
{
	if (t == DTYPE_F32)
		((float *)p)[i] = (float)x;
	else if (t == DTYPE_F64)
		((double *)p)[i] = x;
	else
		put_int(p, t, i, (int64_t)x);
}

static int
wrong_count(const struct tensor *t, const char *key, size_t n, int64_t elems,
            struct diag *d)
{
	return diag_error(d, record_pos(t, key), "'%s' has %lld elements, but "
	                  "'%s' states %zu", t->name, (long long)elems, key, n);
}

static int
from_floats(const struct tensor *t, int64_t elems, void *p, struct diag *d)
{
	enum dtype type = (enum dtype)t->type;

	if (!dtype_is_float(type))
		return diag_error(d, record_pos(t, "value"), "'%s' is %s: its "
		                  "elements go under 'ivalue'", t->name,
		                  dtype_word(type));
	if ((uint64_t)elems != t->value.n)
		return wrong_count(t, "value", t->value.n, elems, d);
	for (int64_t i = 0; i < elems; i++)
		put_float(p, type, i, t->value.v[i]);
	return 0;
}

static int
from_ints(const struct tensor *t, int64_t elems, void *p, struct diag *d)
{
	enum dtype type = (enum dtype)t->type;

	if (dtype_is_float(type))
		return diag_error(d, record_pos(t, "ivalue"), "'%s' is %s: its "
		                  "elements go under 'value'", t->name,
		                  dtype_word(type));
	if ((uint64_t)elems != t->ivalue.n)
		return wrong_count(t, "ivalue", t->ivalue.n, elems, d);
	for (int64_t i = 0; i < elems; i++) {
		if (!fits(type, t->ivalue.v[i]))
			return diag_error(d, record_pos(t, "ivalue"), "%lld is no "
			                  "value of type %s",
			                  (long long)t->ivalue.v[i],
			                  dtype_word(type));
		put_int(p, type, i, t->ivalue.v[i]);
	}
	return 0;
}

static int
from_fill(const struct tensor *t, int64_t elems, void *p, struct diag *d)
{
	enum dtype type = (enum dtype)t->type;
	double x = t->fill.v[0];
	bool whole = fabs(x) <= 0x1p53 && x == floor(x);

	if (t->fill.n != 1)
		return diag_error(d, record_pos(t, "fill"), "'fill' takes one number");
	if (!dtype_is_float(type) && (!whole || !fits(type, (int64_t)x)))
		return diag_error(d, record_pos(t, "fill"), "%.17g is no value of "
		                  "type %s", x, dtype_word(type));
	for (int64_t i = 0; i < elems; i++)
		put_float(p, type, i, x);
	return 0;
}

static int
from_random(const struct tensor *t, int64_t elems, void *p, struct diag *d)
{
	enum dtype type = (enum dtype)t->type;

	if (!dtype_is_float(type))
		return diag_error(d, record_pos(t, "random"), "'%s' is %s: only f32 "
		                  "and f64 can be random", t->name,
		                  dtype_word(type));
	for (int64_t i = 0; i < elems; i++)
		put_float(p, type, i, t->random->scale *
		          random_element(t->random->seed, i));
	return 0;
}

const void *
tensor_elements(struct arena *a, const struct tensor *t,
                const struct weights *w, struct diag *d)
{
	size_t size = dtype_bytes((enum dtype)t->type);
	int64_t elems = shape_elems(t->shape.v, t->shape.n, size);
	void *p;
	int err;

	if (elems < 0) {
		diag_error(d, record_pos(t, "shape"), "'%s' is too large",
		           t->name);
		return NULL;
	}
	if (t->data && !w) {
		diag_error(d, record_pos(t, "data"), "'%s' lies in a weights file, "
		           "but the graph names none", t->name);
		return NULL;
	}
	if (t->data)
		return weights_find(w, t, d);
	p = arena_array(a, (size_t)elems, size);
	if (t->value.n)
		err = from_floats(t, elems, p, d);
	else if (t->ivalue.n)
		err = from_ints(t, elems, p, d);
	else if (t->fill.n)
		err = from_fill(t, elems, p, d);
	else if (t->random)
		err = from_random(t, elems, p, d);
	else
		BUG("'%s' is not a constant", t->name);
	return err < 0 ? NULL : p;
}

const char *
graph_weights_path(struct arena *a, const struct graph *g)
{
	if (!g->weights)
		return NULL;
	if (!g->at || !g->at->src || str_eq(g->at->src->name, "<stdin>"))
		return g->weights;
	return file_join(a, file_dir(a, g->at->src->name), g->weights);
}
