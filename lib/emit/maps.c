/* LOAD and STORE of an instance's arguments as C text.
 *
 * Where no map is fused they are plain accesses.  Where one is, the macro is a
 * GNU statement expression: the element's value as v, the operands E0 ... from
 * where they lie, coordinates c0 ... if the map mentions them, the steps as
 * constants, and the last expression as the value.
 *
 * An operand's index follows from the element's stored index i.  Each stored
 * dimension of the argument contributes coefficient * ((i / inner) % size);
 * neighbours that continue each other are joined first, so that an operand of
 * the same shape is read at i, and a bias of a channel at (i / HW) % C. */
#include <ctype.h>

#include "emit/target.h"
#include "rkernel/layout.h"

/* The argument whose element is loaded or stored. */
struct host {
	const struct arg *arg;
	struct ints stored;
	int n, dim[BOX_DIMS];		/* layout_map */
	int64_t scale[BOX_DIMS];
	bool narrow;			/* 32 bits index it */
};

/* A stored dimension, or several joined: size positions, inner elements apart
 * in the argument, coef apart in the operand. */
struct term {
	int64_t size, inner, coef;
};

const char *
maps_ctype(const struct kinstance *k, size_t arg)
{
	return dtype_ctype((enum dtype)k->cls->args.v[arg].type);
}

static void
host_init(struct emit *e, struct host *h, const struct arg *a)
{
	int64_t elems;

	h->arg = a;
	if (layout_stored(e->a, a->layout, &a->shape, &h->stored) < 0)
		BUG("layout of argument '%s'", a->arg);
	h->n = layout_map(a->layout, &a->shape, h->dim, h->scale);
	elems = shape_elems(h->stored.v, h->stored.n, 1);
	h->narrow = elems >= 0 && elems < INT32_MAX;
}

/* --- words of expressions ------------------------------------------------------- */

/* Calls f for each identifier of a C expression; numbers are skipped whole,
 * with their suffixes and exponents. */
static bool
mentions(const char *expr, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = expr; *s;) {
		const char *b = s;

		if (isalpha((unsigned char)*s) || *s == '_') {
			while (isalnum((unsigned char)*s) || *s == '_')
				s++;
			if ((size_t)(s - b) == n && memcmp(b, word, n) == 0)
				return true;
		} else if (isdigit((unsigned char)*s)) {
			while (isalnum((unsigned char)*s) || *s == '.' ||
			       *s == '_')
				s++;
		} else {
			s++;
		}
	}
	return false;
}

static bool
map_mentions(const struct arg *a, const char *word)
{
	for (size_t i = 0; i < a->map.n; i++)
		if (mentions(a->map.v[i], word))
			return true;
	return false;
}

/* --- indices ---------------------------------------------------------------------- */

/* Joins neighbours that continue each other; terms of size 1 go. */
static int
join(struct term *t, int n)
{
	int m = 0;

	for (int k = 0; k < n; k++) {
		struct term *last = m > 0 ? &t[m - 1] : NULL;

		if (t[k].size == 1)
			continue;
		if (last && last->coef == t[k].coef * t[k].size) {
			last->size *= t[k].size;
			last->inner = t[k].inner;
			last->coef = t[k].coef;
			continue;
		}
		t[m++] = t[k];
	}
	return m;
}

/* "(i / inner) % size", less what is not needed; 32 bits divide quicker, and in
 * vectors. */
static void
put_coordinate(struct str *out, const struct host *h, const struct term *t,
               const char *i, bool outermost)
{
	const char *cast = h->narrow ? "(uint32_t)" : "";

	if (t->inner > 1 && !outermost)
		str_addf(out, "%s%s / %lldu %% %lldu", cast, i,
		         (long long)t->inner, (long long)t->size);
	else if (t->inner > 1)
		str_addf(out, "%s%s / %lldu", cast, i, (long long)t->inner);
	else if (!outermost)
		str_addf(out, "%s%s %% %lldu", cast, i, (long long)t->size);
	else
		str_add(out, i);
}

static void
put_sum(struct str *out, const struct host *h, struct term *t, int n,
        const char *i)
{
	bool any = false;

	n = join(t, n);
	for (int k = 0; k < n; k++) {
		if (t[k].coef == 0)
			continue;
		if (any)
			str_add(out, " + ");
		any = true;
		if (t[k].coef != 1)
			str_add(out, "(");
		put_coordinate(out, h, &t[k], i, k == 0);
		if (t[k].coef != 1)
			str_addf(out, ") * %lldu", (long long)t[k].coef);
	}
	if (!any)
		str_add(out, "0");
}

static void
host_terms(const struct host *h, struct term *t)
{
	int64_t inner = 1;

	for (int k = h->n; k-- > 0;) {
		t[k] = (struct term){h->stored.v[k], inner, 0};
		inner *= h->stored.v[k];
	}
}

/* Row-major strides; 0 along dimensions of one element. */
static void
strides_of(const struct ints *shape, int64_t *stride)
{
	int64_t n = 1;

	for (size_t k = shape->n; k-- > 0;) {
		stride[k] = shape->v[k] == 1 ? 0 : n;
		n *= shape->v[k];
	}
}

/* The logical coordinate d of element i. */
static void
put_logical(struct str *out, const struct host *h, int d, const char *i)
{
	struct term t[BOX_DIMS];

	host_terms(h, t);
	for (int k = 0; k < h->n; k++)
		t[k].coef = h->dim[k] == d ? h->scale[k] : 0;
	put_sum(out, h, t, h->n, i);
}

/* An operand stored under another layout than its argument: by way of the
 * logical coordinates. */
static void
put_index_across(struct emit *e, struct str *out, const struct host *h,
                 const struct arg *x, const struct ints *stored,
                 const char *i)
{
	int dim[BOX_DIMS], n = layout_map(x->layout, &x->shape, dim,
	                                  (int64_t[BOX_DIMS]){0});
	int64_t scale[BOX_DIMS], stride[BOX_DIMS];

	(void)e;
	layout_map(x->layout, &x->shape, dim, scale);
	strides_of(stored, stride);
	str_add(out, "0");
	for (int k = 0; k < n; k++) {
		if (stride[k] == 0)
			continue;
		str_addf(out, " + %s(", h->narrow ? "(uint32_t)" : "");
		put_logical(out, h, dim[k], i);
		str_addf(out, ") / %lldu %% %lldu * %lldu", (long long)scale[k],
		         (long long)stored->v[k], (long long)stride[k]);
	}
}

/* The index of the operand's element for element i of its argument. */
static void
put_index(struct emit *e, struct str *out, const struct host *h,
          const struct arg *x, const char *i)
{
	struct ints stored;
	struct term t[BOX_DIMS];
	int64_t stride[BOX_DIMS];
	bool alike = str_eq(x->layout, h->arg->layout);

	if (layout_stored(e->a, x->layout, &x->shape, &stored) < 0)
		BUG("layout of operand '%s'", x->arg);
	if (!alike && x->layout) {
		put_index_across(e, out, h, x, &stored, i);
		return;
	}
	host_terms(h, t);
	strides_of(&stored, stride);
	for (int k = 0; k < h->n; k++)
		t[k].coef = alike ? stride[k] : stride[h->dim[k]] * h->scale[k];
	put_sum(out, h, t, h->n, i);
}

/* --- macros ---------------------------------------------------------------------- */

/* TAMP_INDEX is the target's: see host.h, cuda.h. */
static const char *
index_type(const struct host *h)
{
	return h->narrow ? "TAMP_INDEX" : "uint64_t";
}

static void
put_operands(struct emit *e, struct str *out, const struct kinstance *k,
             const struct host *h, const char *i)
{
	for (size_t j = 0; j < k->cls->args.n; j++) {
		const struct arg *x = &k->cls->args.v[j];

		if (!x->on || !str_eq(x->on, h->arg->arg) ||
		    !map_mentions(h->arg, x->arg))
			continue;
		str_addf(out, "\tconst %s %s = %s_p[", maps_ctype(k, j), x->arg,
		         x->arg);
		put_index(e, out, h, x, i);
		str_add(out, "]; \\\n");
	}
}

static void
put_coordinates(struct str *out, const struct host *h, const char *i)
{
	for (size_t d = 0; d < h->arg->shape.n; d++) {
		char word[32];

		snprintf(word, sizeof word, "c%zu", d);
		if (!map_mentions(h->arg, word))
			continue;
		str_addf(out, "\tconst int64_t %s = (int64_t)(", word);
		put_logical(out, h, (int)d, i);
		str_add(out, "); \\\n");
	}
}

/* All steps but the last: constants. */
static void
put_steps(struct str *out, const struct arg *a)
{
	for (size_t i = 0; i + 1 < a->map.n; i++)
		str_addf(out, "\tconst TAMP_AUTO %s; \\\n", a->map.v[i]);
}

static const char *
value_of(const struct arg *a)
{
	return a->map.n ? a->map.v[a->map.n - 1] : "v";
}

static void
put_load(struct emit *e, struct str *out, const struct kinstance *k, size_t arg)
{
	struct host h;
	const char *name = k->cls->args.v[arg].arg;
	const char *i = arena_printf(e->a, "i_%s", name);

	if (k->cls->args.v[arg].map.n == 0) {
		str_addf(out, "#define LOAD_%s(tamp_i) (%s[tamp_i])\n", name, name);
		return;
	}
	host_init(e, &h, &k->cls->args.v[arg]);
	str_addf(out, "#define LOAD_%s(tamp_i) __extension__ ({ \\\n"
	         "\tconst %s %s = (%s)(tamp_i); \\\n", name, index_type(&h), i,
	         index_type(&h));
	str_addf(out, "\tconst %s v = %s[%s]; (void)v; \\\n", maps_ctype(k, arg),
	         name, i);
	put_operands(e, out, k, &h, i);
	put_coordinates(out, &h, i);
	put_steps(out, h.arg);
	str_addf(out, "\t%s; })\n", value_of(h.arg));
}

/* The value comes in as "from" (v before the map); a truth value is stored as
 * 0 or 1. */
static void
put_store(struct emit *e, struct str *out, const struct kinstance *k, size_t arg)
{
	struct host h;
	const struct arg *a = &k->cls->args.v[arg];
	const char *i = arena_printf(e->a, "i_%s", a->arg);

	if (a->map.n == 0) {
		str_addf(out, "#define STORE_%s(tamp_i, tamp_x) ((void)(%s[tamp_i] = (%s)(tamp_x)))\n",
		         a->arg, a->arg, maps_ctype(k, arg));
		return;
	}
	host_init(e, &h, a);
	str_addf(out, "#define STORE_%s(tamp_i, tamp_x) __extension__ ({ \\\n"
	         "\tconst %s %s = (%s)(tamp_i); \\\n", a->arg, index_type(&h), i,
	         index_type(&h));
	str_addf(out, "\tconst %s v_%s = (%s)(tamp_x); \\\n",
	         dtype_ctype((enum dtype)a->from), a->arg,
	         dtype_ctype((enum dtype)a->from));
	str_addf(out, "\tconst %s v = v_%s; (void)v; \\\n",
	         dtype_ctype((enum dtype)a->from), a->arg);
	put_operands(e, out, k, &h, i);
	put_coordinates(out, &h, i);
	put_steps(out, a);
	if (a->type == DTYPE_BOOL)
		str_addf(out, "\t%s[%s] = (%s) != 0; (void)0; })\n", a->arg, i,
		         value_of(a));
	else
		str_addf(out, "\t%s[%s] = (%s)(%s); (void)0; })\n", a->arg, i,
		         maps_ctype(k, arg), value_of(a));
}

void
maps_prologue(struct str *out)
{
	str_add(out, "#define LOAD(arg, i) LOAD_##arg(i)\n"
	        "#define STORE(arg, i, x) STORE_##arg(i, x)\n"
	        "#ifdef __cplusplus\n#define TAMP_AUTO auto\n#else\n"
	        "#define TAMP_AUTO __auto_type\n#endif\n");
}

int
maps_define(struct emit *e, const struct kinstance *k, struct str *out)
{
	for (size_t i = 0; i < k->cls->args.n; i++) {
		const struct arg *a = &k->cls->args.v[i];

		if (a->on)
			continue;
		if (a->out)
			put_store(e, out, k, i);
		else
			put_load(e, out, k, i);
	}
	return 0;
}

void
maps_undef(const struct kinstance *k, struct str *out)
{
	for (size_t i = 0; i < k->cls->args.n; i++) {
		const struct arg *a = &k->cls->args.v[i];

		if (!a->on)
			str_addf(out, "#undef %s_%s\n", a->out ? "STORE" : "LOAD",
			         a->arg);
	}
}

void
maps_locals(const struct kinstance *k, struct str *out)
{
	for (size_t i = 0; i < k->cls->args.n; i++) {
		const struct arg *a = &k->cls->args.v[i];

		if (a->on)
			str_addf(out, "\tconst %s *const %s_p = (const %s *)"
			         "tamp_args[%zu];\n", maps_ctype(k, i), a->arg,
			         maps_ctype(k, i), i);
	}
}
