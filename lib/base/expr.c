/* Integer expressions: a recursive-descent parser over a table of operators,
 * an evaluator that never overflows silently, and a printer that puts known
 * names in.  The text comes from kernel files and plans, so it is not
 * trusted: depth is bounded, every fault has a place. */
#include "base/expr.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

enum kind { NUM, NAME, NEG, NOT, MUL, DIV, MOD, ADD, SUB, LT, LE, GT, GE, EQ,
            NE, AND, OR, COND, MIN, MAX, CDIV, QUOT, SHL, SHR };

struct expr {
	enum kind kind;
	int64_t num;
	const char *name;
	const struct expr *k[3];
};

/* Binary operators; a longer spelling stands before its prefix. */
static const struct binop {
	const char *text;
	enum kind kind;
	int prec;		/* higher binds tighter */
	bool c;			/* only as C writes it */
} binops[] = {
	{"||", OR, 1}, {"&&", AND, 2}, {"==", EQ, 3}, {"!=", NE, 3},
	{"<<", SHL, 5, true}, {">>", SHR, 5, true},
	{"<=", LE, 4}, {">=", GE, 4}, {"<", LT, 4}, {">", GT, 4},
	{"+", ADD, 6}, {"-", SUB, 6}, {"*", MUL, 7}, {"/", DIV, 7},
	{"%", MOD, 7},
};

static const struct func {
	const char *name;
	enum kind kind;
} funcs[] = { {"min", MIN}, {"max", MAX}, {"cdiv", CDIV} };

#define NOPS (sizeof binops / sizeof *binops)
#define NFUNCS (sizeof funcs / sizeof *funcs)
#define PREC_COND 0
#define PREC_ARITHMETIC 6	/* printed without spaces */
#define PREC_UNARY 8
#define MAX_DEPTH 100
#define MAX_OPS 1000	/* in one expression: bounds the tree's depth too */

struct parser {
	struct arena *a;
	const char *text, *s;
	struct pos at;
	struct diag *d;
	int depth, ops;
	bool c;			/* as C writes it */
};

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

/* --- parsing -------------------------------------------------------------- */

static bool
alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
skip(struct parser *p)
{
	while (*p->s == ' ' || *p->s == '\t' || *p->s == '\n')
		p->s++;
}

static void *
fail(struct parser *p, const char *what)
{
	struct pos at = p->at;

	if (at.col)
		at.col += (int)(p->s - p->text);
	if (*p->s)
		diag_error(p->d, at, "%s at '%.20s' in expression '%.60s'",
		           what, p->s, p->text);
	else
		diag_error(p->d, at, "%s at the end of expression '%.60s'",
		           what, p->text);
	return NULL;
}

static struct expr *
node(struct parser *p, enum kind k, const struct expr *x,
     const struct expr *y, const struct expr *z)
{
	struct expr *e = arena_new(p->a, struct expr);

	e->kind = k;
	e->k[0] = x;
	e->k[1] = y;
	e->k[2] = z;
	return e;
}

static struct expr *parse(struct parser *p, int prec);

/* 0x20, of C. */
static struct expr *
hexadecimal(struct parser *p)
{
	static const char digits[] = "0123456789abcdef";
	struct expr *e = node(p, NUM, NULL, NULL, NULL);
	const char *begin = p->s, *at;

	for (p->s += 2; *p->s; p->s++) {
		at = strchr(digits, *p->s | (alpha(*p->s) ? 32 : 0));
		if (!at)
			break;
		if (e->num > INT64_MAX >> 4) {
			p->s = begin;
			return fail(p, "number too large");
		}
		e->num = e->num * 16 + (at - digits);
	}
	return e;
}

static struct expr *
number(struct parser *p)
{
	struct expr *e = node(p, NUM, NULL, NULL, NULL);
	const char *begin = p->s;

	if (p->c && p->s[0] == '0' && (p->s[1] | 32) == 'x') {
		e = hexadecimal(p);
		if (!e)
			return NULL;
	}
	for (; digit(*p->s); p->s++)
		if (__builtin_mul_overflow(e->num, 10, &e->num) ||
		    __builtin_add_overflow(e->num, *p->s - '0', &e->num)) {
			p->s = begin;
			return fail(p, "number too large");
		}
	while (p->c && *p->s && strchr("uUlL", *p->s))
		p->s++;
	if (alpha(*p->s))
		return fail(p, "unexpected letter after a number");
	return e;
}

/* name, or min(a, b) and the like. */
static struct expr *
name(struct parser *p)
{
	const char *begin = p->s;
	struct expr *x, *y, *e;
	char *s;

	while (alpha(*p->s) || digit(*p->s))
		p->s++;
	s = arena_strndup(p->a, begin, (size_t)(p->s - begin));
	skip(p);
	if (*p->s != '(') {
		e = node(p, NAME, NULL, NULL, NULL);
		e->name = s;
		return e;
	}
	for (size_t i = 0; i < NFUNCS; i++) {
		if (strcmp(funcs[i].name, s) != 0)
			continue;
		p->s++;
		if (!(x = parse(p, PREC_COND)))
			return NULL;
		skip(p);
		if (*p->s != ',')
			return fail(p, "expected ','");
		p->s++;
		if (!(y = parse(p, PREC_COND)))
			return NULL;
		skip(p);
		if (*p->s != ')')
			return fail(p, "expected ')'");
		p->s++;
		return node(p, funcs[i].kind, x, y, NULL);
	}
	p->s = begin;
	return fail(p, "unknown function (there are min, max, cdiv)");
}

static struct expr *
primary(struct parser *p)
{
	struct expr *e;

	skip(p);
	if (digit(*p->s))
		return number(p);
	if (alpha(*p->s))
		return name(p);
	if (*p->s == '-' || (*p->s == '!' && p->s[1] != '=')) {
		enum kind k = *p->s++ == '-' ? NEG : NOT;

		e = parse(p, PREC_UNARY);
		return e ? node(p, k, e, NULL, NULL) : NULL;
	}
	if (*p->s != '(')
		return fail(p, "expected a number, a name or '('");
	p->s++;
	if (!(e = parse(p, PREC_COND)))
		return NULL;
	skip(p);
	if (*p->s != ')')
		return fail(p, "expected ')'");
	p->s++;
	return e;
}

static const struct binop *
operator(struct parser *p)
{
	skip(p);
	for (size_t i = 0; i < NOPS; i++)
		if ((p->c || !binops[i].c) &&
		    strncmp(p->s, binops[i].text, strlen(binops[i].text)) == 0)
			return &binops[i];
	return NULL;
}

/* cond ? x : y, after cond. */
static struct expr *
conditional(struct parser *p, struct expr *cond)
{
	struct expr *x, *y;

	p->s++;
	if (!(x = parse(p, PREC_COND)))
		return NULL;
	skip(p);
	if (*p->s != ':')
		return fail(p, "expected ':'");
	p->s++;
	y = parse(p, PREC_COND);
	return y ? node(p, COND, cond, x, y) : NULL;
}

static struct expr *
climb(struct parser *p, int prec)
{
	const struct binop *o;
	struct expr *e = primary(p), *r;

	while (e && (o = operator(p)) && o->prec >= prec) {
		p->s += strlen(o->text);
		if (p->ops++ >= MAX_OPS)
			return fail(p, "too many operators");
		if (!(r = parse(p, o->prec + 1)))
			return NULL;
		e = node(p, o->kind == DIV && p->c ? QUOT : o->kind, e, r,
		         NULL);
	}
	if (!e || prec != PREC_COND)
		return e;
	skip(p);
	return *p->s == '?' ? conditional(p, e) : e;
}

static struct expr *
parse(struct parser *p, int prec)
{
	struct expr *e;

	if (p->depth >= MAX_DEPTH)
		return fail(p, "expression nested too deeply");
	p->depth++;
	e = climb(p, prec);
	p->depth--;
	return e;
}

struct expr *
expr_parse_part(struct arena *a, const char *text, size_t *used,
                struct pos at, struct diag *d)
{
	struct parser p = {a, text, text, at, d, 0, 0, false};
	struct expr *e = parse(&p, PREC_COND);

	skip(&p);
	*used = (size_t)(p.s - text);
	return e;
}

static struct expr *
parse_whole(struct parser p)
{
	struct expr *e = parse(&p, PREC_COND);

	skip(&p);
	if (e && *p.s)
		return fail(&p, "unexpected text");
	return e;
}

struct expr *
expr_parse(struct arena *a, const char *text, struct pos at, struct diag *d)
{
	return parse_whole((struct parser){a, text, text, at, d, 0, 0, false});
}

struct expr *
expr_parse_c(struct arena *a, const char *text, struct pos at, struct diag *d)
{
	return parse_whole((struct parser){a, text, text, at, d, 0, 0, true});
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

/* --- binding and printing --------------------------------------------------- */

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
	struct eval v = {env, a, NULL};
	struct expr *n = arena_new(a, struct expr);
	int64_t x;

	if (eval(&v, e, &x) == 0) {
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
	const struct binop *o = NULL;

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
	for (size_t i = 0; i < NFUNCS; i++)
		if (funcs[i].kind == e->kind) {
			str_addf(s, "%s(", funcs[i].name);
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
	for (size_t i = 0; i < NOPS; i++)
		if (binops[i].kind == e->kind)
			o = &binops[i];
	if (!o)
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
