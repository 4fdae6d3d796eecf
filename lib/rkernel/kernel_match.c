/* Matching: whether a kernel's head fits a class, and what its names then
 * stand for.  A refusal says why in a few words: partition shows them all
 * when nothing fits. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"
#include "rkernel/layout.h"

struct matching {
	const struct kernel *k;
	const struct class *c;
	const struct device *v;
	struct arena *a;
	struct binding *b;
	const char **why;
};

#define REFUSE(m, ...) (*(m)->why = arena_printf((m)->a, __VA_ARGS__), false)

static const struct arg *
class_arg(const struct class *c, const char *name)
{
	for (size_t i = 0; i < c->args.n; i++)
		if (str_eq(c->args.v[i].arg, name))
			return &c->args.v[i];
	return NULL;
}

/* The argument has a map of its own. */
static bool
has_map(const struct class *c, const struct arg *g)
{
	for (size_t i = 0; i < c->args.n; i++)
		if (str_eq(c->args.v[i].on, g->arg))
			return true;
	return g->map.n > 0;
}

/* --- types -------------------------------------------------------------------------- */

static const char *
letter(const struct binding *b, const char *key)
{
	for (size_t i = 0; i < b->types.n; i++)
		if (str_eq(b->types.v[i].key, key))
			return b->types.v[i].value;
	return NULL;
}

/* What the kernel computes: for a mapped output the type before the map. */
static bool
match_type(struct matching *m, const struct karg *g, const struct arg *c)
{
	enum dtype t = (enum dtype)(c->out && c->map.n ? c->from : c->type);
	const char *word = dtype_word(t), *known;

	if (str_eq(g->type, "any"))
		return true;
	if (dtype_from_word(g->type) >= 0)
		return str_eq(g->type, word) ||
			REFUSE(m, "%s is %s, not %s", g->name, word, g->type);
	known = letter(m->b, g->type);
	if (known)
		return str_eq(known, word) || REFUSE(m, "%s is %s, but type "
			"%s is %s already", g->name, word, g->type, known);
	vec_push(m->a, &m->b->types, ((struct pair){g->type, word}));
	return true;
}

/* --- shapes -------------------------------------------------------------------------- */

static bool
bind_dim(struct matching *m, const struct karg *g, const struct kdim *d,
         int64_t size)
{
	const int64_t *known;

	if (d->kind == DIM_NUMBER)
		return d->n == size || REFUSE(m, "%s has a dimension of %lld, "
			"not %lld", g->name, (long long)size, (long long)d->n);
	known = env_get(&m->b->env, d->name);
	if (known)
		return *known == size || REFUSE(m, "%s = %lld by the shape of "
			"%s, but is %lld already", d->name, (long long)size,
			g->name, (long long)*known);
	env_set(m->a, &m->b->env, d->name, size);
	return true;
}

static const char *
list_text(struct arena *a, const struct ints *l)
{
	struct str s;
	const char *out;

	str_init(&s);
	for (size_t i = 0; i < l->n; i++)
		str_addf(&s, i ? ", %lld" : "{%lld", (long long)l->v[i]);
	str_add(&s, l->n ? "}" : "{0}");
	out = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return out;
}

/* NAME_0 ..., NAME_rank and the text NAME_list. */
static void
bind_list(struct matching *m, const char *name, const struct ints *l)
{
	for (size_t i = 0; i < l->n; i++)
		env_set(m->a, &m->b->env,
		        arena_printf(m->a, "%s_%zu", name, i), l->v[i]);
	env_set(m->a, &m->b->env, arena_printf(m->a, "%s_rank", name),
	        (int64_t)l->n);
	vec_push(m->a, &m->b->texts, ((struct pair){
		arena_printf(m->a, "%s_list", name), list_text(m->a, l)}));
}

static bool
bind_rest(struct matching *m, const struct karg *g, const struct kdim *d,
          const int64_t *dims, size_t n)
{
	struct ints l = {0};

	for (size_t i = 0; i < n; i++)
		vec_push(m->a, &l, dims[i]);
	for (size_t i = 0; i < m->b->rest.n; i++) {
		const struct pair_ints *p = &m->b->rest.v[i];

		if (str_eq(p->key, d->name))
			return shape_eq(&p->value, &l) || REFUSE(m, "%s = %s "
				"by the shape of %s, but is %s already",
				d->name, shape_text(m->a, &l), g->name,
				shape_text(m->a, &p->value));
	}
	vec_push(m->a, &m->b->rest, ((struct pair_ints){d->name, l}));
	bind_list(m, d->name, &l);
	return true;
}

static bool
match_shape(struct matching *m, const struct karg *g, const struct arg *c)
{
	size_t rest = 0, at = 0;
	bool star = false;

	for (size_t i = 0; i < g->dims.n; i++)
		star |= g->dims.v[i].kind == DIM_REST;
	if (star ? c->shape.n < g->dims.n - 1 : c->shape.n != g->dims.n)
		return REFUSE(m, "%s is %s, of another rank", g->name,
		              shape_text(m->a, &c->shape));
	rest = c->shape.n + 1 - g->dims.n;
	for (size_t i = 0; i < g->dims.n; i++) {
		const struct kdim *d = &g->dims.v[i];

		if (d->kind == DIM_REST) {
			if (!bind_rest(m, g, d, c->shape.v + at, rest))
				return false;
			at += rest;
		} else if (!bind_dim(m, g, d, c->shape.v[at++])) {
			return false;
		}
	}
	return true;
}

/* --- layouts and maps -------------------------------------------------------------------- */

static bool
match_storage(struct matching *m, const struct karg *g, const struct arg *c)
{
	struct ints stored;
	int64_t elems;

	if (!str_eq(g->layout, c->layout))
		return REFUSE(m, "%s is stored as %s, not %s", g->name,
		              c->layout ? c->layout : "row-major",
		              g->layout ? g->layout : "row-major");
	if (layout_stored(m->a, c->layout, &c->shape, &stored) < 0)
		return REFUSE(m, "%s does not divide into %s", g->name,
		              c->layout);
	elems = shape_elems(stored.v, stored.n,
	                    dtype_bytes((enum dtype)c->type));
	if (elems < 0)
		return REFUSE(m, "%s is too large", g->name);
	env_set(m->a, &m->b->env, arena_printf(m->a, "%s_elems", g->name),
	        elems);
	vec_push(m->a, &m->b->texts, ((struct pair){
		arena_printf(m->a, "%s_t", g->name),
		dtype_ctype((enum dtype)c->type)}));
	if (has_map(m->c, c) && !m->k->params.v[g->param].fusable)
		return REFUSE(m, "%s has a fused map, but is not accessed "
		              "through %s alone", g->name,
		              g->out ? "STORE" : "LOAD");
	return true;
}

/* --- attributes ---------------------------------------------------------------------------- */

static const char *
float_text(struct arena *a, double f)
{
	const char *s;

	if (isnan(f))
		return "NAN";
	if (isinf(f))
		return f < 0 ? "(-INFINITY)" : "INFINITY";
	s = arena_printf(a, (double)(float)f == f ? "%.9g" : "%.17g", f);
	if (!strpbrk(s, ".e"))
		s = arena_printf(a, "%s.0", s);
	if ((double)(float)f == f)
		s = arena_printf(a, "%sf", s);
	return f < 0 || signbit(f) ? arena_printf(a, "(%s)", s) : s;
}

static const char *
attr_text(struct arena *a, const struct attr *t)
{
	switch (t->kind) {
	case ATTR_INT: return arena_printf(a, "%lld", (long long)t->i);
	case ATTR_FLOAT: return float_text(a, t->f);
	case ATTR_STR: return t->s;
	case ATTR_INTS: return shape_text(a, &t->ints);
	case ATTR_FLOATS: case ATTR_STRS: return "a list";
	}
	BUG("attribute kind %d", (int)t->kind);
}

/* The words "a | b" of a head: whether text is one of them.  Binds NAME_a and
 * NAME_b to 1 and 0. */
static bool
match_words(struct matching *m, const struct pair *p, const char *text)
{
	const char *words = p->value, *s;
	bool found = false;
	size_t n;

	while ((s = words_next(&words, &n))) {
		bool same = strlen(text) == n && memcmp(s, text, n) == 0;

		if (n == 1 && *s == '|')
			continue;
		found |= same;
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
			env_set(m->a, &m->b->env, arena_printf(m->a,
				"%s_%.*s", p->key, (int)n, s), same);
	}
	return found;
}

static bool
match_attrs(struct matching *m)
{
	const struct attrs *l = &m->c->attrs;

	for (size_t i = 0; i < m->k->head.attrs.n; i++) {
		const struct pair *p = &m->k->head.attrs.v[i];
		const struct attr *t = attrs_get(l, p->key);
		const char *text = t ? attr_text(m->a, t) : "absent";

		if (t && str_eq(p->value, "any"))
			continue;
		/* a list is compared whole: "[1, 1]" */
		if (t && t->kind == ATTR_INTS ? !str_eq(text, p->value) :
		    !match_words(m, p, text))
			return REFUSE(m, "attribute %s is %s, not %s", p->key,
			              text, p->value);
	}
	return true;
}

static void
bind_attrs(struct matching *m)
{
	for (size_t i = 0; i < m->c->attrs.n; i++) {
		const struct attr *t = &m->c->attrs.v[i];

		if (t->kind == ATTR_INT)
			env_set(m->a, &m->b->env, t->name, t->i);
		else if (t->kind == ATTR_INTS)
			bind_list(m, t->name, &t->ints);
		else if (t->kind == ATTR_FLOAT)
			vec_push(m->a, &m->b->texts, ((struct pair){t->name,
				float_text(m->a, t->f)}));
	}
}

/* --- the whole ---------------------------------------------------------------------------- */

static size_t
form_args(const struct class *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->args.n; i++)
		n += !c->args.v[i].on;
	return n;
}

bool
kernel_match(const struct kernel *k, const struct class *c,
             const struct device *v, struct arena *a, struct binding *b,
             const char **why)
{
	struct matching m = {k, c, v, a, b, why};

	*b = (struct binding){0};
	if (!str_eq(k->head.form, c->form))
		return REFUSE(&m, "form %s, not %s", k->head.form, c->form);
	if (k->assembly && k->target == TARGET_HIP)
		return REFUSE(&m, "inline assembly, which is NVIDIA's");
	if (form_args(c) != k->args.n)
		return REFUSE(&m, "%zu arguments, not %zu", form_args(c),
		              k->args.n);
	for (size_t i = 0; i < k->args.n; i++) {
		const struct karg *g = &k->args.v[i];
		const struct arg *h = class_arg(c, g->name);

		if (!h || h->out != g->out)
			return REFUSE(&m, "no argument %s", g->name);
		if (!match_type(&m, g, h) || !match_shape(&m, g, h) ||
		    !match_storage(&m, g, h))
			return false;
	}
	if (!match_attrs(&m))
		return false;
	bind_attrs(&m);
	if (k->target == TARGET_HOST)
		env_set(a, &b->env, "VLEN", (v->simd < 16 ? 16 : v->simd) / 4);
	return true;
}
