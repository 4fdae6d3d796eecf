/* What rTasks cost: the candidates' estimates, and the measured times of a
 * costs/1 in their place, found once and kept by class and candidate. */
#include "base/str.h"
#include "verify/verify.h"

void
class_text(const struct class *c, struct str *out)
{
	str_add(out, c->form);
	for (size_t i = 0; i < c->args.n; i++) {
		const struct arg *g = &c->args.v[i];

		if (g->on)
			continue;
		str_addf(out, " %s=%s[", g->arg, dtype_word((enum dtype)g->type));
		for (size_t k = 0; k < g->shape.n; k++)
			str_addf(out, "%s%lld", k ? "," : "",
			         (long long)g->shape.v[k]);
		str_addc(out, ']');
	}
}

/* Where the time of a class's rKernel stands: "class\nuse". */
static const char *
key_of(struct arena *a, const char *class, const char *use)
{
	return arena_printf(a, "%s\n%s", class, use);
}

static void
take_class(struct task_costs *t, size_t i, const struct class *c,
           const struct costs *costs, const struct map *by_key,
           struct arena *a)
{
	struct str text;

	str_init(&text);
	class_text(c, &text);
	for (size_t k = 0; k < c->kernels.n; k++) {
		int at = map_get(by_key, key_of(a, text.s,
		                                c->kernels.v[k].use));
		const struct cost *o = at < 0 ? NULL : &costs->costs.v[at];

		if (!o)
			continue;
		t->us[i][k] = o->busy_us > 0 ? o->busy_us : o->us;
		t->measured[i][k] = true;
		t->known++;
	}
	str_release(&text);
}

struct task_costs *
task_costs_make(const struct plan *p, const struct costs *c, struct arena *a)
{
	size_t n = p->tasks->classes.n;
	struct task_costs *t = arena_new(a, struct task_costs);
	struct map by_key;

	map_init(&by_key, a);
	for (size_t i = 0; c && i < c->costs.n; i++)
		map_set(&by_key, key_of(a, c->costs.v[i].class,
		                        c->costs.v[i].use), (int)i);
	t->us = arena_array(a, n + 1, sizeof *t->us);
	t->measured = arena_array(a, n + 1, sizeof *t->measured);
	for (size_t i = 0; i < n; i++) {
		const struct class *k = &p->tasks->classes.v[i];

		t->us[i] = arena_array(a, k->kernels.n + 1, sizeof **t->us);
		t->measured[i] = arena_array(a, k->kernels.n + 1,
		                             sizeof **t->measured);
		for (size_t j = 0; j < k->kernels.n; j++)
			t->us[i][j] = k->kernels.v[j].us;
		t->rkernels += k->kernels.n;
		if (c)
			take_class(t, i, k, c, &by_key, a);
	}
	return t;
}

double
task_us(const struct plan *p, int rop, const struct candidate *c,
        const struct task_costs *t)
{
	const struct prop *r = &p->rops.v[rop];

	return t ? t->us[r->cls_index][c - r->cls->kernels.v] : c->us;
}

bool
task_measured(const struct plan *p, int rop, const struct candidate *c,
              const struct task_costs *t)
{
	const struct prop *r = &p->rops.v[rop];

	return t && t->measured[r->cls_index][c - r->cls->kernels.v];
}
