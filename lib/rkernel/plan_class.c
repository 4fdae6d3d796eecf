/* Classes of a plan: what their rOperators share, resolved once: arguments as
 * they are stored, and the regions of their candidates, parsed and checked. */
#include "base/str.h"
#include "rkernel/layout.h"
#include "rkernel/plan_parts.h"

#define TASKS_MAX ((int64_t)1 << 31)	/* rTasks of one rOperator */

static int
arg_index(const struct class *c, const char *name)
{
	for (size_t i = 0; i < c->args.n; i++)
		if (str_eq(c->args.v[i].arg, name))
			return (int)i;
	return -1;
}

static int
resolve_args(struct plan *p, struct pclass *pc, struct diag *d)
{
	const struct class *c = pc->c;

	for (size_t i = 0; i < c->args.n; i++) {
		const struct arg *g = &c->args.v[i];
		struct parg *pa = vec_add(p->a, &pc->args);

		*pa = (struct parg){.tensor = -1, .arg = g, .host = -1};
		if (layout_stored(p->a, g->layout, &g->shape, &pa->stored) < 0)
			return diag_error(d, record_pos(g, "layout"),
			                  "layout '%s' does not fit shape %s",
			                  g->layout, shape_text(p->a, &g->shape));
		if (!g->on)
			continue;
		pa->host = arg_index(c, g->on);
		if (pa->host < 0 || c->args.v[pa->host].on || g->out)
			return diag_error(d, record_pos(g, "on"), "'%s' is not "
			                  "an argument with a map", g->on);
		if (c->args.v[pa->host].shape.n != g->shape.n)
			return diag_error(d, record_pos(g, "shape"), "operand "
			                  "%s has another rank than '%s'",
			                  shape_text(p->a, &g->shape), g->on);
		for (size_t k = 0; k < g->shape.n; k++)
			if (g->shape.v[k] != 1 && g->shape.v[k] !=
			    c->args.v[pa->host].shape.v[k])
				return diag_error(d, record_pos(g, "shape"),
				                  "operand %s does not "
				                  "broadcast to '%s'",
				                  shape_text(p->a, &g->shape),
				                  g->on);
	}
	return 0;
}

int
plan_eval(const struct region *r, const struct candidate *c, int64_t task,
        const struct ints *stored, struct arena *a, struct boxes *out)
{
	int64_t gx = c->grid.v[0], gy = c->grid.n > 1 ? c->grid.v[1] : 1;

	return region_eval(r, task % gx, task / gx % gy, task / gx / gy,
	                   stored, a, out);
}

int64_t
plan_grid(const struct candidate *c)
{
	int64_t n = 1;

	for (size_t i = 0; i < c->grid.n; i++)
		if (c->grid.v[i] < 1 ||
		    __builtin_mul_overflow(n, c->grid.v[i], &n) || n > TASKS_MAX)
			return -1;
	return c->grid.n < 1 || c->grid.n > 3 ? -1 : n;
}

/* The place of a region's text, behind its quote. */
static struct pos
region_pos(const struct candidate *k, const char *key, const char *arg)
{
	const struct ynode *map = k->at ? ynode_get(k->at, key) : NULL;
	const struct ynode *n = map ? ynode_get(map, arg) : NULL;
	struct pos at;

	if (!n)
		return POS_NONE;
	at = ynode_pos(n);
	at.col += n->quoted;
	return at;
}

static bool
nothing(const void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return false;
}

/* Parses one list of regions into out[argument]. */
static int
parse_regions(struct plan *p, struct pclass *pc, const struct candidate *k,
              const char *key, const struct pairs *list, bool written,
              struct region **out, bool *divides, struct diag *d)
{
	struct arena tmp;
	int r = 0;

	arena_init(&tmp);
	for (size_t i = 0; i < list->n; i++) {
		int g = arg_index(pc->c, list->v[i].key);
		struct pos at = region_pos(k, key, list->v[i].key);
		struct boxes b = {0};
		const char *u;

		if (g < 0 || pc->args.v[g].host >= 0 ||
		    pc->c->args.v[g].out != written) {
			r = diag_error(d, at, "class '%s' has no argument "
			               "'%s' that is %s", pc->c->class,
			               list->v[i].key, written ? "written" :
			               "read other than by a map");
			continue;
		}
		out[g] = region_parse(p->a, list->v[i].value, at, d);
		if (!out[g]) {
			r = -1;
			continue;
		}
		*divides |= region_divides(out[g]);
		if ((u = region_unknown(out[g], nothing, NULL)))
			r = diag_error(d, at, "unknown name '%s' in region '%s'",
			               u, list->v[i].value);
		else if (!region_suits(out[g], pc->args.v[g].stored.n))
			r = diag_error(d, at, "region '%s' has another rank than "
			               "argument %s, %s", list->v[i].value,
			               list->v[i].key,
			               shape_text(p->a, &pc->args.v[g].stored));
		else if (plan_eval(out[g], k, 0, &pc->args.v[g].stored, &tmp,
		                 &b) < 0 ||
		         plan_eval(out[g], k, plan_grid(k) - 1,
		                 &pc->args.v[g].stored, &tmp, &b) < 0)
			r = diag_error(d, at, "region '%s' has no value for the "
			               "first or the last rTask",
			               list->v[i].value);
	}
	arena_release(&tmp);
	return r;
}

int
plan_class(struct plan *p, struct pclass *pc, struct plan_regions **out,
              struct diag *d)
{
	const struct class *c = pc->c;
	int r = resolve_args(p, pc, d);

	*out = arena_array(p->a, c->kernels.n, sizeof **out);
	for (size_t i = 0; i < c->kernels.n && r == 0; i++) {
		const struct candidate *k = &c->kernels.v[i];
		struct plan_regions *g = &(*out)[i];

		if (plan_grid(k) < 0) {
			r = diag_error(d, record_pos(k, "grid"), "expected one "
			               "to three numbers of rTasks from 1 on");
			continue;
		}
		g->reads = arena_array(p->a, c->args.n, sizeof *g->reads);
		g->writes = arena_array(p->a, c->args.n, sizeof *g->writes);
		r |= parse_regions(p, pc, k, "reads", &k->reads, false,
		                   g->reads, &g->divides, d);
		r |= parse_regions(p, pc, k, "writes", &k->writes, true,
		                   g->writes, &g->divides, d);
	}
	return r;
}
