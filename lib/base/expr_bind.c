/* Expressions to text: known names are put in, and what then has a value is
 * folded. */
#include <stdint.h>

#include "base/expr_tree.h"
#include "base/str.h"

#define PREC_ARITHMETIC 6	/* printed without spaces */

static bool
is_num(const struct expr *e, int64_t n)
{
	return e->kind == NUM && e->num == n;
}

/* (x + 1) - 3 as x - 2. */
static const struct expr *
add_numbers(struct arena *a, const struct expr *e)
{
	const struct expr *x = e->k[0], *y = e->k[1];
	struct expr *n, *c;
	int64_t sum;

	if ((e->kind != ADD && e->kind != SUB) || y->kind != NUM ||
	    (x->kind != ADD && x->kind != SUB) || x->k[1]->kind != NUM)
		return e;
	if ((e->kind == x->kind ?
	     __builtin_add_overflow(x->k[1]->num, y->num, &sum) :
	     __builtin_sub_overflow(x->k[1]->num, y->num, &sum)) ||
	    sum == INT64_MIN)
		return e;
	c = arena_new(a, struct expr);
	c->num = sum < 0 ? -sum : sum;
	n = arena_new(a, struct expr);
	n->kind = sum < 0 ? (x->kind == ADD ? SUB : ADD) : x->kind;
	n->k[0] = x->k[0];
	n->k[1] = c;
	return n;
}

/* x + 0, x * 1 and the like without the operation. */
static const struct expr *
simpler(const struct expr *e)
{
	const struct expr *x = e->k[0], *y = e->k[1];

	if (e->kind == COND && x->kind == NUM)
		return e->k[x->num ? 1 : 2];
	if ((e->kind == ADD || e->kind == SUB) && is_num(y, 0))
		return x;
	if (e->kind == ADD && is_num(x, 0))
		return y;
	if ((e->kind == MUL || e->kind == DIV) && is_num(y, 1))
		return x;
	if (e->kind == MUL && is_num(x, 1))
		return y;
	return e;
}

static const struct expr *
fold(struct arena *a, const struct expr *e, const struct env *env)
{
	struct expr *n = arena_new(a, struct expr);
	int64_t x;

	if (expr_eval(e, env, &x, a, NULL) == 0) {
		n->kind = NUM;
		n->num = x;
		return n;
	}
	*n = *e;
	for (int i = 0; i < 3 && e->k[i]; i++)
		n->k[i] = fold(a, e->k[i], env);
	return simpler(add_numbers(a, n));
}

static void
print(struct str *s, const struct expr *e, int prec)
{
	const struct binop *o = expr_binops;

	if (e->kind == NUM) {
		str_addf(s, e->num < 0 && prec ? "(%lld)" : "%lld",
		         (long long)e->num);
		return;
	}
	if (e->kind == NAME) {
		str_add(s, e->name);
		return;
	}
	if (e->kind == NEG || e->kind == NOT) {
		str_add(s, e->kind == NEG ? "-" : "!");
		print(s, e->k[0], PREC_UNARY);
		return;
	}
	for (const struct func *f = expr_funcs; f->name; f++)
		if (f->kind == e->kind) {
			str_addf(s, "%s(", f->name);
			print(s, e->k[0], PREC_COND);
			str_add(s, ", ");
			print(s, e->k[1], PREC_COND);
			str_addc(s, ')');
			return;
		}
	if (e->kind == COND) {
		str_add(s, "(");
		print(s, e->k[0], 1);
		str_add(s, " ? ");
		print(s, e->k[1], PREC_COND);
		str_add(s, " : ");
		print(s, e->k[2], PREC_COND);
		str_add(s, ")");
		return;
	}
	while (o->text && o->kind != e->kind)
		o++;
	if (!o->text)
		BUG("expression of kind %d", e->kind);
	if (o->prec < prec)
		str_addc(s, '(');
	print(s, e->k[0], o->prec);
	str_addf(s, o->prec >= PREC_ARITHMETIC ? "%s" : " %s ", o->text);
	print(s, e->k[1], o->prec + 1);
	if (o->prec < prec)
		str_addc(s, ')');
}

const char *
expr_bind(struct arena *a, const struct expr *e, const struct env *env)
{
	struct str s;
	const char *out;

	str_init(&s);
	print(&s, fold(a, e, env), PREC_COND);
	out = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return out;
}
