/* Expressions from text: a recursive-descent parser over a table of operators.
 * The text comes from kernel files and plans, so it is not trusted: depth is
 * bounded, every fault has a place. */
#include <stdint.h>
#include <string.h>

#include "base/expr_tree.h"

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

const struct binop expr_binops[] = {
	{"||", OR, 1}, {"&&", AND, 2}, {"==", EQ, 3}, {"!=", NE, 3},
	{"<<", SHL, 5, true}, {">>", SHR, 5, true},
	{"<=", LE, 4}, {">=", GE, 4}, {"<", LT, 4}, {">", GT, 4},
	{"+", ADD, 6}, {"-", SUB, 6}, {"*", MUL, 7}, {"/", DIV, 7},
	{"%", MOD, 7},
	{NULL},
};

const struct func expr_funcs[] = {
	{"min", MIN}, {"max", MAX}, {"cdiv", CDIV}, {NULL},
};

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

/* The value of a digit, 16 of what is none. */
static int
digit_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c | (alpha(c) ? 32 : 0));

	return c && at ? (int)(at - digits) : 16;
}

/* Skips what C begins a number with that is not decimal. */
static int
base(struct parser *p)
{
	if (!p->c || *p->s != '0')
		return 10;
	if ((p->s[1] | 32) == 'x' && digit_value(p->s[2]) < 16) {
		p->s += 2;
		return 16;
	}
	return 8;
}

static struct expr *
number(struct parser *p)
{
	struct expr *e = node(p, NUM, NULL, NULL, NULL);
	const char *begin = p->s;
	int of = base(p);

	for (; digit_value(*p->s) < of; p->s++)
		if (__builtin_mul_overflow(e->num, of, &e->num) ||
		    __builtin_add_overflow(e->num, digit_value(*p->s),
		                           &e->num)) {
			p->s = begin;
			return fail(p, "number too large");
		}
	while (p->c && *p->s && strchr("uUlL", *p->s))
		p->s++;
	if (alpha(*p->s))
		return fail(p, "unexpected letter after a number");
	if (digit(*p->s))
		return fail(p, "unexpected digit after a number");
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
	for (const struct func *f = expr_funcs; f->name; f++) {
		if (strcmp(f->name, s) != 0)
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
		return node(p, f->kind, x, y, NULL);
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
	for (const struct binop *o = expr_binops; o->text; o++)
		if ((p->c || !o->c) &&
		    strncmp(p->s, o->text, strlen(o->text)) == 0)
			return o;
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
