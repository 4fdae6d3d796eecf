/* Values of expressions: the evaluator never overflows silently. */
#include "base/expr.h"

#include <stdint.h>
#include <string.h>

#include "base/expr_tree.h"

/* --- names ---------------------------------------------------------------- */

const int64_t *
env_get(const struct env *e, const char *name)
{
	for (size_t i = e->n; i-- > 0;)
		if (strcmp(e->v[i].name, name) == 0)
			return &e->v[i].value;
	return NULL;
}

void
env_set(struct arena *a, struct env *e, const char *name, int64_t value)
{
	vec_push(a, e, ((struct env_var){name, value}));
}

/* --- evaluation ------------------------------------------------------------ */

struct eval {
	const struct env *env;
	struct arena *a;
	const char **why;
};

static int
refuse(struct eval *v, const char *what)
{
	if (v->why)
		*v->why = what;
	return -1;
}

static int
divide(struct eval *v, enum kind k, int64_t x, int64_t y, int64_t *out)
{
	if (y == 0)
		return refuse(v, "division by zero");
	if (x == INT64_MIN && y == -1)
		return refuse(v, "overflow");
	if (k == DIV && x % y != 0)
		return refuse(v, v->why ? arena_printf(v->a,
			"%lld / %lld leaves a remainder", (long long)x,
			(long long)y) : NULL);
	*out = k == MOD ? x % y : x / y;
	if (k == CDIV && x % y != 0 && (x < 0) == (y < 0))
		++*out;
	return 0;
}

static int
shift(struct eval *v, enum kind k, int64_t x, int64_t y, int64_t *out)
{
	if (x < 0 || y < 0 || y > 62)
		return refuse(v, "a shift out of range");
	if (k == SHL)
		return __builtin_mul_overflow(x, (int64_t)1 << y, out) ?
		       refuse(v, "overflow") : 0;
	*out = x >> y;
	return 0;
}

static int
binary(struct eval *v, enum kind k, int64_t x, int64_t y, int64_t *out)
{
	bool over = false;

	switch (k) {
	case MUL: over = __builtin_mul_overflow(x, y, out); break;
	case ADD: over = __builtin_add_overflow(x, y, out); break;
	case SUB: over = __builtin_sub_overflow(x, y, out); break;
	case DIV: case MOD: case CDIV: case QUOT: return divide(v, k, x, y, out);
	case LT: *out = x < y; break;
	case LE: *out = x <= y; break;
	case GT: *out = x > y; break;
	case GE: *out = x >= y; break;
	case EQ: *out = x == y; break;
	case NE: *out = x != y; break;
	case MIN: *out = x < y ? x : y; break;
	case MAX: *out = x > y ? x : y; break;
	case SHL: case SHR: return shift(v, k, x, y, out);
	case NUM: case NAME: case NEG: case NOT: case AND: case OR: case COND:
		BUG("not a binary operator");
	}
	return over ? refuse(v, "overflow") : 0;
}

static int
eval(struct eval *v, const struct expr *e, int64_t *out)
{
	const int64_t *known;
	int64_t x, y;

	if (e->kind == NUM) {
		*out = e->num;
		return 0;
	}
	if (e->kind == NAME) {
		if (!(known = env_get(v->env, e->name)))
			return refuse(v, v->why ? arena_printf(v->a,
				"unknown name '%s'", e->name) : NULL);
		*out = *known;
		return 0;
	}
	if (eval(v, e->k[0], &x) < 0)
		return -1;
	if (e->kind == COND)
		return eval(v, e->k[x ? 1 : 2], out);
	if (e->kind == NEG)
		return binary(v, SUB, 0, x, out);
	if (e->kind == NOT || (e->kind == AND && !x) || (e->kind == OR && x)) {
		*out = e->kind == NOT ? !x : e->kind == OR;
		return 0;
	}
	if (eval(v, e->k[1], &y) < 0)
		return -1;
	if (e->kind == AND || e->kind == OR) {
		*out = y != 0;
		return 0;
	}
	return binary(v, e->kind, x, y, out);
}

int
expr_eval(const struct expr *e, const struct env *env, int64_t *out,
          struct arena *a, const char **why)
{
	struct eval v = {env, a, why};

	return eval(&v, e, out);
}

/* --- questions -------------------------------------------------------------- */

bool
expr_divides(const struct expr *e)
{
	if (e->kind == DIV || e->kind == MOD || e->kind == CDIV ||
	    e->kind == QUOT)
		return true;
	for (int i = 0; i < 3 && e->k[i]; i++)
		if (expr_divides(e->k[i]))
			return true;
	return false;
}

const char *
expr_unknown(const struct expr *e,
             bool (*known)(const void *ctx, const char *name), const void *ctx)
{
	const char *u;

	if (e->kind == NAME && !known(ctx, e->name))
		return e->name;
	for (int i = 0; i < 3 && e->k[i]; i++)
		if ((u = expr_unknown(e->k[i], known, ctx)))
			return u;
	return NULL;
}
