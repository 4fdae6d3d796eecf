/* Putting a fused operator together: names, operands, steps. */
#include "partition/fuse_build.h"

#include <string.h>

#include "base/str.h"

void
build_begin(struct build *b, struct work *w, const struct lop *o)
{
	*b = (struct build){.w = w, .o = *o};
	b->o.args.v = NULL;
	b->o.args.n = b->o.args.cap = 0;
	b->o.nextra = 0;
	b->o.nodes = (struct strs){0};
}

void
build_nodes(struct build *b, const struct lop *o)
{
	for (size_t i = 0; i < o->nodes.n; i++) {
		bool have = false;

		for (size_t k = 0; k < b->o.nodes.n; k++)
			have |= str_eq(b->o.nodes.v[k], o->nodes.v[i]);
		if (!have)
			vec_push(b->w->a, &b->o.nodes, o->nodes.v[i]);
	}
}

void
build_alias(struct build *b, const char *from, const char *to)
{
	vec_push(b->w->a, &b->names, ((struct rename){from, to}));
}

/* The name under which the map of "on" reads a value; equal ones share it. */
const char *
build_extra(struct build *b, const char *on, const struct larg *x,
            const struct ints *shape)
{
	struct larg *g;

	for (size_t i = 0; i < b->o.args.n; i++) {
		g = &b->o.args.v[i];
		if (str_eq(g->on, on) && g->value == x->value &&
		    shape_eq(&g->shape, shape))
			return g->arg;
	}
	g = vec_add(b->w->a, &b->o.args);
	*g = *x;
	g->arg = arena_printf(b->w->a, "E%d", b->o.nextra++);
	g->on = on;
	g->shape = *shape;
	return g->arg;
}

/* Whether an expression over f32 operands is f32 for certain: no comparison or
 * integer function makes it anything else. */
static bool
stays_f32(const char *expr)
{
	return !strpbrk(expr, "<>=!&|") && !strstr(expr, "CAST_") &&
		!strstr(expr, "ISNAN") && !strstr(expr, "ISINF") &&
		!strstr(expr, "BIT");
}

/* The value of an expression as it would have been stored in type t. */
const char *
build_stored(struct build *b, const char *expr, enum dtype t, bool all_f32)
{
	char word[16];
	size_t n = 0;

	if (t == DTYPE_F32 && all_f32 && stays_f32(expr))
		return expr;
	for (const char *s = dtype_word(t); *s && n + 1 < sizeof word; s++)
		word[n++] = *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s;
	word[n] = '\0';
	return arena_printf(b->w->a, "CAST_%s(%s)", word, expr);
}

bool
map_all_f32(const struct work *w, const struct lop *o, const struct larg *on)
{
	if (on->from != DTYPE_F32)
		return false;
	for (size_t i = 0; i < o->args.n; i++)
		if (str_eq(o->args.v[i].on, on->arg) &&
		    value_of(w, o->args.v[i].value)->type != DTYPE_F32)
			return false;
	return true;
}

/* Appends the steps of a map, renamed, to list; returns the name that the
 * value has afterwards.  last: it stays the value (an expression alone). */
const char *
build_steps(struct build *b, struct strs *list, const struct strs *map,
            enum dtype stored, bool f32, bool last)
{
	const char *expr, *name = NULL;

	for (size_t i = 0; i < map->n; i++) {
		size_t len = step_name(map->v[i], &expr);

		expr = expr_rename(b->w->a, expr, b->names.v, b->names.n);
		if (i + 1 == map->n && last) {
			vec_push(b->w->a, list, expr);
			return NULL;
		}
		name = arena_printf(b->w->a, "t%d", b->steps++);
		if (i + 1 == map->n)
			expr = build_stored(b, expr, stored, f32);
		else
			build_alias(b, arena_strndup(b->w->a, map->v[i], len), name);
		vec_push(b->w->a, list, (const char *)arena_printf(b->w->a,
			"%s = %s", name, expr));
	}
	return name;
}

/* Adds the operands of map "from" (of o) to the map of argument "on", with
 * their shapes as they are there; all but those of value "but". */
bool
build_operands(struct build *b, const struct lop *o, const struct larg *from,
               const char *on, const struct ints *to, int but)
{
	struct ints shape;

	for (size_t i = 0; i < o->args.n; i++) {
		const struct larg *x = &o->args.v[i];

		if (!str_eq(x->on, from->arg))
			continue;
		if (but >= 0 && root_of(b->w, x->value) == root_of(b->w, but))
			continue;
		if (!operand_realign(b->w->a, &x->shape, &from->shape, to,
		                     &shape))
			return false;
		build_alias(b, x->arg, build_extra(b, on, x, &shape));
	}
	return true;
}
