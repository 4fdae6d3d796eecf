/* The elementwise family: one row of map.def an operator.
 *
 * map.def is read three times: as functions over double, as functions over
 * integers (for folding), and as a table with the expressions' text, which is
 * what plans carry. */
#include "op/mapfold.h"

#include <ctype.h>

#include "base/str.h"
#include "op/util.h"

#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)

/* What a row's expression is compiled to: operands, attributes, n. */
#define BODY(attrs, ...) { \
	const T a = x[0], b = x[1], c = x[2], n = x[3]; \
	(void)a, (void)b, (void)c, (void)n, (void)k; \
	attrs return (T)(__VA_ARGS__); }
#define ATTRF(name, def) const T name = (T)*k++; (void)name;
#define ATTRI(name, def) const T name = (T)*k++; (void)name;
#define MAP(name, since, operands, when, types, out, attrs, ...) \
	static T CAT(FN, __LINE__)(const T *x, const double *k) \
	BODY(attrs, types(__VA_ARGS__))
#define MAPN(name, since, types, expr, last) \
	static T CAT(FN, __LINE__)(const T *x, const double *k) \
	BODY(, types(expr)) \
	static T CAT(CAT(FN, last_), __LINE__)(const T *x, const double *k) \
	BODY(, types(last))
#define NUMBERS(e) e
#define INTS(e) e
#define BOOLS(e) e
#define ANY(e) e

/* Over double: bit operations have no operands there. */
#define T double
#define FN float_
#define FLOATS(e) e
#define BITAND(x, y) 0
#define BITOR(x, y) 0
#define BITXOR(x, y) 0
#define BITNOT(x) 0
#define SHL(x, y) 0
#define SHR(x, y) 0
#define IDIV(x, y) ((y) == 0 ? 0 : trunc((x) / (y)))
#define IMOD(x, y) ((y) == 0 ? 0 : (x) - floor((x) / (y)) * (y))
#include "op/map.def"
#undef T
#undef FN
#undef FLOATS
#undef BITAND
#undef BITOR
#undef BITXOR
#undef BITNOT
#undef SHL
#undef SHR
#undef IDIV
#undef IMOD

/* Over integers. */
typedef __int128 wide;
#define T wide
#define FN int_
#define FLOATS(e) 0
#define BITAND(x, y) ((x) & (y))
#define BITOR(x, y) ((x) | (y))
#define BITXOR(x, y) ((x) ^ (y))
#define BITNOT(x) (~(x))
#define SHL(x, y) \
	((y) < 0 || (y) > 63 ? 0 : (wide)((unsigned __int128)(x) << (int)(y)))
#define SHR(x, y) ((y) < 0 || (y) > 63 ? 0 : (x) >> (int)(y))
#define IDIV(x, y) ((y) == 0 ? 0 : (x) / (y))
#define IMOD(x, y) \
	((y) == 0 ? 0 : ((x) % (y) != 0 && ((x) % (y) < 0) != ((y) < 0)) ? \
	 (x) % (y) + (y) : (x) % (y))
#include "op/map.def"
#undef MAP
#undef MAPN
#undef ATTRF
#undef ATTRI

enum map_out { MAP_SAME, MAP_BOOL, MAP_TO };

struct map_row {
	const char *name, *operands, *when;	/* operands NULL: any number */
	int types;
	enum map_out out;
	const char *attrs, *text, *last;
	double (*on_float)(const double *x, const double *k);
	double (*last_float)(const double *x, const double *k);
	wide (*on_int)(const wide *x, const double *k);
	wide (*last_int)(const wide *x, const double *k);
};

#define ATTRF(name, def) #name ":f=" #def " "
#define ATTRI(name, def) #name ":i=" #def " "
#define MAP(name, since, operands, when, types, out, attrs, ...) \
	{#name, operands, when, TYPES_##types, MAP_##out, "" attrs, \
	 #__VA_ARGS__, NULL, CAT(float_, __LINE__), NULL, \
	 CAT(int_, __LINE__), NULL},
#define MAPN(name, since, types, expr, last) \
	{#name, NULL, "", TYPES_##types, MAP_SAME, "", #expr, #last, \
	 CAT(float_, __LINE__), CAT(float_last_, __LINE__), \
	 CAT(int_, __LINE__), CAT(int_last_, __LINE__)},

static const struct map_row map_rows[] = {
#include "op/map.def"
};
#undef MAP
#undef MAPN
#define NROWS (sizeof map_rows / sizeof *map_rows)

/* --- finding the row ---------------------------------------------------- */

#define OPERANDS_MAX 3
#define ATTRS_MAX 4

/* The operand's letter at input i of the row, with what stands before it;
 * '\0' if the row has no such operand. */
static char
operand(const struct map_row *r, size_t i, char *prefix)
{
	for (const char *s = r->operands; *s; s++) {
		*prefix = '\0';
		if (*s == ' ')
			continue;
		if (*s == '?' || *s == '#')
			*prefix = *s++;
		if ((size_t)(*s - 'a') == i)
			return *s;
	}
	return '\0';
}

/* Whether the row is for the attributes that the node has. */
static bool
when_holds(struct op_ctx *c, const char *when)
{
	const char *name = arena_strndup(c->a, when, strcspn(when, ":"));
	const char *value = strchr(when, '=');
	const struct attr *t;

	if (!value)
		return true;
	t = attrs_get(&c->node->attrs, name);
	if (!t)
		return value[-1] == '?';
	value++;
	if (t->kind == ATTR_INT)
		return t->i == strtoll(value, NULL, 10);
	return t->kind == ATTR_STR && str_eq(t->s, value);
}

/* The input whose type is T. */
static size_t
typing(const struct map_row *r)
{
	char prefix;

	for (size_t i = 0; r->operands && i < OPERANDS_MAX; i++)
		if (operand(r, i, &prefix) && !prefix)
			return i;
	return 0;
}

static bool
operands_fit(struct op_ctx *c, const struct map_row *r)
{
	enum dtype t;
	char prefix;

	if (!r->operands)
		return true;
	if (!op_in(c, typing(r)))
		return false;
	t = op_in(c, typing(r))->type;
	for (size_t i = 0; i < OPERANDS_MAX; i++) {
		struct value *v = op_in(c, i);

		if ((operand(r, i, &prefix) != '\0') != (v != NULL))
			return false;
		if (!v)
			continue;
		if (prefix == '?' ? v->type != DTYPE_BOOL :
		    prefix == '#' ? !types_has(TYPES_NUMBERS, v->type) :
		    v->type != t)
			return false;
	}
	return true;
}

static bool
all_typed_alike(struct op_ctx *c)
{
	for (size_t i = 1; i < op_nin(c); i++)
		if (op_in(c, i)->type != op_in(c, 0)->type)
			return false;
	return true;
}

static const char *
input_types(struct op_ctx *c)
{
	const char *s = "";

	for (size_t i = 0; i < op_nin(c); i++)
		s = arena_printf(c->a, "%s%s%s", s, i ? ", " : "",
		                 op_in(c, i) ? dtype_word(op_in(c, i)->type) : "none");
	return s;
}

/* The row for the node as it is, or NULL after a diagnostic. */
static const struct map_row *
find_row(struct op_ctx *c)
{
	bool when = false;

	for (size_t i = 0; i < NROWS; i++) {
		const struct map_row *r = &map_rows[i];

		if (!str_eq(r->name, c->node->op) || !when_holds(c, r->when))
			continue;
		when = true;
		if (!operands_fit(c, r) || (!r->operands && !all_typed_alike(c)))
			continue;
		if (types_has(r->types, op_in(c, typing(r))->type))
			return r;
	}
	if (!when)
		op_fail(c, "its attributes ask for what is not supported");
	else
		op_fail(c, "operands of types (%s) are not supported",
		        input_types(c));
	return NULL;
}

/* --- inference ---------------------------------------------------------- */

static int
out_type(struct op_ctx *c, const struct map_row *r, enum dtype *t)
{
	int to;

	switch (r->out) {
	case MAP_SAME:
		*t = op_in(c, typing(r))->type;
		return 0;
	case MAP_BOOL:
		*t = DTYPE_BOOL;
		return 0;
	case MAP_TO:
		to = dtype_from_onnx((int)op_int(c, "to", 0));
		if (to < 0)
			return op_fail(c, "type %lld in attribute 'to' is not "
			               "supported", (long long)op_int(c, "to", 0));
		*t = (enum dtype)to;
		return 0;
	}
	BUG("output of %s", r->name);
}

static int
map_infer(struct op_ctx *c)
{
	const struct map_row *r = find_row(c);
	struct ints shape = {0};
	enum dtype t = NDTYPES;

	if (!r || out_type(c, r, &t) < 0)
		return -1;
	for (size_t i = 0; i < op_nin(c); i++) {
		struct ints before = shape;

		if (op_in(c, i) &&
		    op_broadcast(c, &before, &op_in(c, i)->shape, &shape) < 0)
			return -1;
	}
	return op_set(c, 0, t, shape.v, shape.n);
}

/* --- upgrades ----------------------------------------------------------- */

static int
map_upgrade(struct op_ctx *c)
{
	static const char *const bounds[] = {"min", "max"};

	if (!str_eq(c->node->op, "Clip") || c->node->opset >= 11)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		struct value *x = op_in(c, 0);

		if (attrs_get(&c->node->attrs, bounds[i]) && x && x->typed &&
		    x->type == DTYPE_F64) {
			double b = op_float(c, bounds[i], 0);

			op_set_in(c, i + 1, net_const(c->net, bounds[i],
			                              DTYPE_F64, NULL, 0, &b));
			attrs_remove(&c->node->attrs, bounds[i]);
		} else if (op_attr_to_input(c, bounds[i], i + 1) < 0) {
			return -1;
		}
	}
	return 0;
}

/* --- folding ------------------------------------------------------------ */

/* The values of the row's attributes, in order: "alpha:f=0.01 ". */
static void
attr_values(struct op_ctx *c, const struct map_row *r, double *k)
{
	for (const char *s = r->attrs; *s; s += strcspn(s, " ") + 1) {
		const char *name = arena_strndup(c->a, s, strcspn(s, ":"));

		*k++ = op_float(c, name, strtod(strchr(s, '=') + 1, NULL));
	}
}

/* Where element i of the output lies in input v. */
static int64_t
element(const struct value *v, const struct dims *out, int64_t i)
{
	int64_t index = 0, step = 1;

	for (size_t k = out->n; k-- > 0; ) {
		int64_t at = i % out->v[k];
		size_t from = out->n - v->shape.n;

		i /= out->v[k];
		if (k < from)
			continue;
		if (v->shape.v[k - from] != 1)
			index += at * step;
		step *= v->shape.v[k - from];
	}
	return index;
}

static wide
wide_at(const struct value *v, int64_t i)
{
	int64_t x = value_int(v, i);

	return v->type == DTYPE_U64 ? (wide)(uint64_t)x : (wide)x;
}

struct folder {
	struct op_ctx *c;
	const struct map_row *r;
	struct dims out;
	double k[ATTRS_MAX];
};

static double
fold_float(struct folder *f, int64_t i)
{
	size_t n = op_nin(f->c);
	double x[4] = {0};

	for (size_t j = 0; j < n; j++) {
		struct value *v = op_in(f->c, j);
		double e = v ? value_float(v, element(v, &f->out, i)) : 0;

		x[f->r->operands ? j : j > 0] = e;
		if (!f->r->operands && j > 0)
			x[0] = f->r->on_float(x, f->k);
	}
	x[3] = (double)n;
	return (f->r->operands ? f->r->on_float : f->r->last_float)(x, f->k);
}

static wide
fold_int(struct folder *f, int64_t i)
{
	size_t n = op_nin(f->c);
	wide x[4] = {0};

	for (size_t j = 0; j < n; j++) {
		struct value *v = op_in(f->c, j);
		wide e = v ? wide_at(v, element(v, &f->out, i)) : 0;

		x[f->r->operands ? j : j > 0] = e;
		if (!f->r->operands && j > 0)
			x[0] = f->r->on_int(x, f->k);
	}
	x[3] = (wide)n;
	return (f->r->operands ? f->r->on_int : f->r->last_int)(x, f->k);
}

static bool
any_float(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nin(c); i++)
		if (op_in(c, i) && dtype_is_float(op_in(c, i)->type))
			return true;
	return false;
}

static int
map_fold(struct op_ctx *c)
{
	struct folder f = {c, find_row(c), op_out_dims(c, 0), {0}};
	enum dtype t = op_out(c, 0)->type;
	int64_t n = dims_elems(&f.out);
	bool floats = any_float(c);
	void *y = arena_array(c->a, (size_t)n + 1, dtype_bytes(t));

	if (!f.r)
		return -1;
	attr_values(c, f.r, f.k);
	for (int64_t i = 0; i < n; i++) {
		if (floats)
			elem_set_float(t, y, i, fold_float(&f, i));
		else if (t == DTYPE_BOOL)
			elem_set_int(t, y, i, fold_int(&f, i) != 0);
		else if (dtype_is_float(t))
			elem_set_float(t, y, i, (double)fold_int(&f, i));
		else
			elem_set_int(t, y, i, (int64_t)(uint64_t)fold_int(&f, i));
	}
	return op_set_fold(c, 0, y);
}

/* --- lowering: the expression's text with names and numbers put in ------ */

struct text {
	struct op_ctx *c;
	const struct map_row *r;
	enum dtype t, out;
	const struct mapin *in;		/* operand a, b, c */
	struct str s;
};

static const char *
cast_word(struct arena *a, enum dtype t)
{
	char *s = arena_printf(a, "CAST_%s", dtype_word(t));

	for (char *p = s; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return s;
}

static void
put_word(struct text *x, const char *word)
{
	const char *at = strstr(x->r->attrs, arena_printf(x->c->a, "%s:", word));

	if (!word[1] && *word >= 'a' && *word <= 'c')
		str_add(&x->s, x->in[*word - 'a'].ref);
	else if (str_eq(word, "n"))
		str_add(&x->s, map_number(x->c->a, x->t, (double)op_nin(x->c)));
	else if (str_eq(word, "CAST"))
		str_add(&x->s, cast_word(x->c->a, x->out));
	else if (at && (at == x->r->attrs || at[-1] == ' '))
		str_add(&x->s, map_number(x->c->a, x->t,
		        op_float(x->c, word, strtod(strchr(at, '=') + 1, NULL))));
	else
		str_add(&x->s, word);
}

/* The text of a row, as it stands in a plan. */
static const char *
expression(struct text *x, const char *s)
{
	const char *out;

	str_init(&x->s);
	while (*s) {
		const char *from = s;

		if (isalpha((unsigned char)*s)) {
			while (isalnum((unsigned char)*s) || *s == '_')
				s++;
			put_word(x, arena_strndup(x->c->a, from, (size_t)(s - from)));
		} else if (isdigit((unsigned char)*s)) {
			double v = strtod(s, (char **)&s);

			str_add(&x->s, map_number(x->c->a, x->t, v));
		} else {
			str_addc(&x->s, *s++);
		}
	}
	out = arena_strdup(x->c->a, x->s.s);
	str_release(&x->s);
	return out;
}

/* t0 = E0 + E1, t1 = t0 + E2, ..., then "last" of the result. */
static void
lower_many(struct lower *l, struct lop *o, struct text *x, struct mapin *in)
{
	size_t n = op_nin(x->c);
	struct mapin pair[2] = {in[0]};

	x->in = pair;
	for (size_t i = 1; i < n; i++) {
		const char *name = arena_printf(l->a, "t%zu", i - 1);

		pair[1] = in[i];
		lop_step(l, o, "Y", "%s = %s", name, expression(x, x->r->text));
		pair[0].ref = name;
	}
	lop_step(l, o, "Y", "%s", expression(x, x->r->last));
}

static int
map_lower(struct lower *l, struct op_ctx *c)
{
	const struct map_row *r = find_row(c);
	struct dims out = op_out_dims(c, 0);
	struct mapin *in = arena_array(l->a, op_nin(c), sizeof *in);
	struct mapin byletter[OPERANDS_MAX] = {{0}};
	struct text x = {.c = c, .r = r, .in = byletter};
	size_t n = 0;
	struct lop *o;

	if (!r)
		return -1;
	x.t = op_in(c, typing(r))->type;
	x.out = op_out(c, 0)->type;
	for (size_t i = 0; i < op_nin(c); i++) {
		struct dims d;

		if (!op_in(c, i))
			continue;
		d = op_dims(c, i);
		in[n++] = (struct mapin){op_in_id(c, i), dims_align(&d, out.n), NULL};
	}
	o = lower_map(l, op_out_id(c, 0), &out, in, n, true);
	if (!r->operands) {
		lower_many(l, o, &x, in);
		return 0;
	}
	for (size_t i = 0, k = 0; i < op_nin(c); i++)
		if (op_in(c, i))
			byletter[i] = in[k++];
	lop_step(l, o, "Y", "%s", expression(&x, r->text));
	return 0;
}

/* --- the table ---------------------------------------------------------- */

/* Inputs: at most as many as the first row of a name has letters. */
#define MAP(name, since, operands, when, types, out, attrs, ...) \
	{#name, since, 1, sizeof operands > 5 ? 3 : sizeof operands > 3 ? 2 : \
	 (int)sizeof operands - 1, 1, 1, MAP_ATTRS_##out attrs when, 0, \
	 map_upgrade, map_infer, map_fold, map_lower},
#define MAPN(name, since, types, expr, last) \
	{#name, since, 1, -1, 1, 1, NULL, 0, NULL, map_infer, map_fold, map_lower},
#define MAP_ATTRS_SAME ""
#define MAP_ATTRS_BOOL ""
#define MAP_ATTRS_TO "to:i saturate:i round_mode:s "

static const struct op ops[] = {
#include "op/map.def"
};

const struct op_family op_family_map = {
	"map", ops, sizeof ops / sizeof *ops
};
