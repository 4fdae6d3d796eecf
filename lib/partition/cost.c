/* What one rTask computes and moves, and the time that it takes alone by the
 * roofline.  Coarse, but of the right order: it ranks candidates until measured
 * costs take its place. */
#include <ctype.h>
#include <stdlib.h>

#include "base/str.h"
#include "partition/partition.h"
#include "rkernel/layout.h"
#include "rkernel/plan.h"
#include "rkernel/roofline.h"

/* Operations that a map's function stands for.  EXP and what is made of it: a
 * reduction of the argument (3), a polynomial of degree 6 or 7 and scaling
 * (2); cheaper ones, as SELECT, are then overestimated. */
#define FUNCTION_FLOPS 12.0

struct costing {
	struct arena *a;
	const struct class *c;
	const struct candidate *cand;
	struct diag quiet;
};

static const char *
find(const struct pairs *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].key, key))
			return l->v[i].value;
	return NULL;
}

static double
elems_of(const struct arg *g)
{
	int64_t n = shape_elems(g->shape.v, g->shape.n, 1);

	return n < 0 ? 0 : (double)n;
}

/* Elements of the boxes that the first rTask has of an argument. */
static double
region_elems(struct costing *k, const struct arg *g, const char *text)
{
	struct region *r = region_parse(k->a, text, POS_NONE, &k->quiet);
	struct boxes b = {0};
	struct ints stored;
	double n = 0;

	if (!r || layout_stored(k->a, g->layout, &g->shape, &stored) < 0 ||
	    region_eval(r, 0, 0, 0, &stored, k->a, &b) < 0)
		return elems_of(g);
	for (size_t i = 0; i < b.n; i++)
		n += (double)box_elems(&b.v[i]);
	return n;
}

static double
task_elems(struct costing *k, const struct arg *g)
{
	const char *text = find(g->out ? &k->cand->writes : &k->cand->reads,
	                        g->arg);

	if (text)
		return region_elems(k, g, text);
	return g->out ? elems_of(g) / (double)plan_grid(k->cand) : elems_of(g);
}

/* Operations of a map for one element. */
static double
map_flops(const struct arg *g)
{
	double n = 0;

	for (size_t i = 0; i < g->map.n; i++)
		for (const char *s = g->map.v[i]; *s; s++) {
			if (s[0] == '(' && s > g->map.v[i] &&
			    isupper((unsigned char)s[-1]))
				n += FUNCTION_FLOPS;
			else if (*s == '+' || *s == '-' || *s == '*')
				n += 1;
			else if (*s == '/')
				n += 4;
		}
	return n;
}

/* An operand of a map is read along with the argument it is on. */
static double
extra_elems(struct costing *k, const struct arg *x)
{
	for (size_t i = 0; i < k->c->args.n; i++) {
		double n = task_elems(k, &k->c->args.v[i]);

		if (str_eq(k->c->args.v[i].arg, x->on))
			return n < elems_of(x) ? n : elems_of(x);
	}
	return elems_of(x);
}

static double
expr_value(const struct expr *e, const struct kernel *k, const struct class *c,
           const struct candidate *cand, const struct device *v,
           struct arena *a, double def)
{
	struct binding b;
	const char *why;
	int64_t n;

	if (!e || kernel_env(k, c, v, cand->use, a, &b, &why) < 0)
		return def;
	env_set(a, &b.env, "x", 0);
	env_set(a, &b.env, "y", 0);
	env_set(a, &b.env, "z", 0);
	b.env = kernel_consts(k, &b.env, a);
	return expr_eval(e, &b.env, &n, a, &why) < 0 || n < 0 ? def : (double)n;
}

/* Where all that the class touches stays: half of a cache is for what others
 * touch meanwhile. */
static enum near
place_of(const struct device *v, double total)
{
	double mine = roofline_bytes(v, NEAR_UNIT) * (double)v->units;

	if (total <= mine / 2)
		return NEAR_UNIT;
	return total <= roofline_bytes(v, NEAR_SHARED) / 2 ? NEAR_SHARED
		: NEAR_MEMORY;
}

/* As many digits as an estimate deserves. */
static double
rounded(double x)
{
	char text[32];

	snprintf(text, sizeof text, "%.3g", x);
	return strtod(text, NULL);
}

void
cost_task(const struct kernel *k, const struct class *c,
          struct candidate *cand, const struct device *v)
{
	struct arena tmp;
	struct costing s = {&tmp, c, cand, {.suppressed = 1}};
	double bytes = 0, flops = 0, written = 0, total = 0, us, move;

	arena_init(&tmp);
	for (size_t i = 0; i < c->args.n; i++) {
		const struct arg *g = &c->args.v[i];
		double n = g->on ? extra_elems(&s, g) : task_elems(&s, g);
		double size = (double)dtype_bytes((enum dtype)g->type);

		bytes += n * size;
		total += elems_of(g) * size;
		flops += n * map_flops(g);
		written += g->out ? n : 0;
	}
	cand->bytes = rounded(expr_value(k->bytes, k, c, cand, v, &tmp, bytes));
	cand->flops = rounded(flops + expr_value(k->flops, k, c, cand, v, &tmp,
	                                         written));
	us = roofline_compute_us(v, cand->flops, cand->threads);
	move = cand->bytes /
		(roofline_unit_gbps(v, place_of(v, total)) * 1e3);
	cand->us = rounded(us > move ? us : move);
	arena_release(&tmp);
}

double
cost_work(const struct candidate *cand, const struct device *v)
{
	return (cand->us + v->task_us) * (double)plan_grid(cand);
}

double
cost_rop(const struct candidate *cand, const struct device *v)
{
	int64_t rounds = (plan_grid(cand) + v->veus - 1) / v->veus;

	return (cand->us + v->task_us) * (double)rounds;
}
