/* Candidates and instances: a matched kernel with its tunables set. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"

#define COMBINATIONS_MAX 4096
#define TASKS_MAX ((int64_t)1 << 31)

/* --- candidates ----------------------------------------------------------------------------- */

static bool
eval_grid(const struct kernel *k, const struct binding *b, struct arena *a,
          struct candidate *c, const char **why)
{
	int64_t total = 1, n;

	for (size_t i = 0; i < k->grid.n; i++) {
		if (expr_eval(k->grid.v[i], &b->env, &n, a, why) < 0)
			return false;
		if (n < 1 || __builtin_mul_overflow(total, n, &total) ||
		    total > TASKS_MAX) {
			*why = arena_printf(a, "a grid of %lld", (long long)n);
			return false;
		}
		vec_push(a, &c->grid, n);
	}
	return true;
}

static bool
eval_threads(const struct kernel *k, const struct binding *b, struct arena *a,
             int64_t out[3], const char **why)
{
	out[0] = out[1] = out[2] = 1;
	for (size_t i = 0; i < k->threads.n; i++) {
		if (expr_eval(k->threads.v[i], &b->env, &out[i], a, why) < 0)
			return false;
		if (out[i] < 1 || out[i] > 1024) {
			*why = arena_printf(a, "%lld threads",
			                    (long long)out[i]);
			return false;
		}
	}
	return true;
}

static bool
fits(const struct candidate *c, const struct device *v, struct arena *a,
     const char **why)
{
	int64_t shared = c->shared + v->block_reserved;

	if (v->target == TARGET_HOST)
		return true;
	if (c->threads > v->block_threads) {
		*why = arena_printf(a, "%lld threads, the device's blocks have "
		                    "%lld", (long long)c->threads,
		                    (long long)v->block_threads);
		return false;
	}
	if (c->shared > v->block_shared || shared > v->shared) {
		*why = arena_printf(a, "%lld bytes of shared memory, the "
		                    "device's blocks have %lld",
		                    (long long)c->shared,
		                    (long long)v->block_shared);
		return false;
	}
	if (c->registers > v->thread_registers ||
	    c->registers * c->threads > v->registers) {
		*why = arena_printf(a, "%lld registers a thread",
		                    (long long)c->registers);
		return false;
	}
	return true;
}

static void
bind_regions(const struct kernel *k, const struct binding *b, struct arena *a,
             struct candidate *c)
{
	for (size_t i = 0; i < k->args.n; i++) {
		const struct karg *g = &k->args.v[i];
		struct pair p = {g->name, NULL};

		if (!g->region)
			continue;
		p.value = region_bind(a, g->region, &b->env);
		if (g->out)
			vec_push(a, &c->writes, p);
		else
			vec_push(a, &c->reads, p);
	}
}

/* The candidate of a full binding; false with *why. */
static bool
make(const struct kernel *k, const struct binding *b, const struct device *v,
     const char *use, struct arena *a, struct candidate *c, const char **why)
{
	struct binding all = *b;
	struct places places;
	int64_t when = 1, block[3];

	all.env = kernel_consts(k, &b->env, a);
	b = &all;
	*c = (struct candidate){.use = use, .threads = 1};
	if (k->when && expr_eval(k->when, &b->env, &when, a, why) < 0) {
		*why = arena_printf(a, "'when' has no value: %s", *why);
		return false;
	}
	if (!when) {
		*why = arena_printf(a, "not so: %s", k->head.when);
		return false;
	}
	if (!eval_grid(k, b, a, c, why) || !eval_threads(k, b, a, block, why))
		return false;
	if (k->target != TARGET_HOST) {
		c->threads = block[0] * block[1] * block[2];
		c->registers = k->head.registers;
		c->shared = kernel_place_shared(k, b, a, &places, why);
		if (c->shared < 0)
			return false;
	}
	if (!fits(c, v, a, why))
		return false;
	bind_regions(k, b, a, c);
	return true;
}

/* Sets the next combination of choices, the last tunable fastest. */
static bool
next(const struct kernel *k, size_t *choice)
{
	for (size_t i = k->tune.n; i-- > 0;) {
		if (++choice[i] < k->tune.v[i].values.n)
			return true;
		choice[i] = 0;
	}
	return false;
}

int
kernel_candidates(const struct kernel *k, const struct class *c,
                  const struct device *v, const struct binding *b,
                  struct arena *a, struct class *out_class, const char **why)
{
	size_t *choice = arena_array(a, k->tune.n + 1, sizeof *choice);
	struct binding full = *b;
	int found = 0, tried = 0;

	(void)c;
	full.env = (struct env){0};
	for (size_t i = 0; i < b->env.n; i++)
		vec_push(a, &full.env, b->env.v[i]);
	do {
		const char *use = k->head.kernel;
		struct candidate cand;

		full.env.n = b->env.n;
		for (size_t i = 0; i < k->tune.n; i++) {
			int64_t value = k->tune.v[i].values.v[choice[i]];

			env_set(a, &full.env, k->tune.v[i].name, value);
			use = arena_printf(a, "%s/%lld", use, (long long)value);
		}
		if (make(k, &full, v, use, a, &cand, why)) {
			vec_push(a, &out_class->kernels, cand);
			found++;
		}
	} while (++tried < COMBINATIONS_MAX && next(k, choice));
	return found;
}

/* --- instances ------------------------------------------------------------------------------ */

int
kernel_env(const struct kernel *k, const struct class *c,
           const struct device *v, const char *use, struct arena *a,
           struct binding *b, const char **why)
{
	const char *s = use + strcspn(use, "/");

	if (!kernel_match(k, c, v, a, b, why))
		return -1;
	for (size_t i = 0; i < k->tune.n; i++) {
		char *end = NULL;
		long long value = *s == '/' ? strtoll(s + 1, &end, 10) : 0;

		if (!end || end == s + 1 || (*end && *end != '/')) {
			*why = arena_printf(a, "'%s' gives no value for "
			                    "tunable %s", use,
			                    k->tune.v[i].name);
			return -1;
		}
		env_set(a, &b->env, k->tune.v[i].name, value);
		s = end;
	}
	if (*s) {
		*why = arena_printf(a, "'%s' gives more than the %zu tunables "
		                    "there are", use, k->tune.n);
		return -1;
	}
	return 0;
}

static bool
same_pairs(const struct pairs *a, const struct pairs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->v[i].key, b->v[i].key) ||
		    !str_eq(a->v[i].value, b->v[i].value))
			return false;
	return true;
}

/* What a plan says of a candidate is what the kernel file says: the verifier
 * has proved the plan by it. */
static bool
same_candidate(const struct candidate *a, const struct candidate *b)
{
	return shape_eq(&a->grid, &b->grid) && a->threads == b->threads &&
		a->shared == b->shared && same_pairs(&a->reads, &b->reads) &&
		same_pairs(&a->writes, &b->writes);
}

const char *
kernel_number(struct arena *a, int64_t n)
{
	const char *fmt = n > INT32_MAX || n <= INT32_MIN ?
		n < 0 ? "(%lldLL)" : "%lldLL" : n < 0 ? "(%lld)" : "%lld";

	return n == INT64_MIN ? "INT64_MIN" :
	       arena_printf(a, fmt, (long long)n);
}

static void
add_defines(struct kinstance *i, const struct binding *b, struct arena *a)
{
	for (size_t n = 0; n < b->env.n; n++)
		vec_push(a, &i->defines, ((struct pair){b->env.v[n].name,
			kernel_number(a, b->env.v[n].value)}));
	for (size_t n = 0; n < b->texts.n; n++)
		vec_push(a, &i->defines, b->texts.v[n]);
}

static int
add_values(struct kinstance *i, const struct binding *b, struct arena *a,
           const char **why)
{
	const struct kernel *k = i->kernel;
	const char *text;

	for (size_t n = 0; n < k->params.n; n++) {
		if (k->params.v[n].pointer)
			continue;
		text = kernel_value(&k->params.v[n].value, b, a, why);
		if (!text)
			return -1;
		vec_push(a, &i->values, ((struct pair){k->params.v[n].name,
			text}));
	}
	for (size_t n = 0; n < k->template.n; n++) {
		text = kernel_value(&k->template.v[n].value, b, a, why);
		if (!text)
			return -1;
		vec_push(a, &i->values, ((struct pair){k->template.v[n].name,
			text}));
	}
	return 0;
}

int
kernel_fill(struct kinstance *i, const struct binding *b, struct arena *a,
            const char **why)
{
	struct binding all = *b;

	all.env = kernel_consts(i->kernel, &b->env, a);
	if (!eval_threads(i->kernel, &all, a, i->block, why) ||
	    add_values(i, &all, a, why) < 0)
		return -1;
	return i->kernel->target != TARGET_HOST &&
	       kernel_place_shared(i->kernel, &all, a, &i->shared, why) < 0 ?
	       -1 : 0;
}

static const struct kernel *
find_kernel(const struct kernels *k, const struct candidate *cand,
            struct arena *a, struct diag *d)
{
	const char *name = arena_strndup(a, cand->use, strcspn(cand->use, "/"));
	const struct kernel *n = kernels_find(k, name);
	struct strs names = {0};
	const char *near;

	if (n)
		return n;
	for (size_t i = 0; i < k->v.n; i++)
		vec_push(a, &names, k->v.v[i].head.kernel);
	near = str_nearest(name, names.v, names.n);
	diag_error(d, record_pos(cand, "use"), near ?
	           "no kernel file for '%s' (did you mean '%s'?)" :
	           "no kernel file for '%s' (was it in a folder given with -K?)",
	           name, near);
	return NULL;
}

struct kinstance *
kernel_instance(const struct kernels *k, const struct class *c,
                const struct candidate *cand, const struct device *v,
                struct arena *a, struct diag *d)
{
	struct kinstance *i = arena_new(a, struct kinstance);
	struct candidate now;
	struct binding b;
	const char *why = NULL;

	i->kernel = find_kernel(k, cand, a, d);
	i->cls = c;
	i->cand = cand;
	if (!i->kernel)
		return NULL;
	if (kernel_env(i->kernel, c, v, cand->use, a, &b, &why) < 0 ||
	    !make(i->kernel, &b, v, cand->use, a, &now, &why) ||
	    kernel_fill(i, &b, a, &why) < 0) {
		diag_error(d, record_pos(cand, "use"), "kernel '%s' does not "
		           "fit class '%s': %s", cand->use, c->class, why);
		return NULL;
	}
	if (!same_candidate(cand, &now)) {
		diag_error(d, record_pos(cand, "use"), "the plan and the file "
		           "of kernel '%s' differ in grid, threads, shared "
		           "memory or regions", cand->use);
		diag_note(d, record_pos(&i->kernel->head, "kernel"),
		          "the kernel's head stands here; tamp partition "
		          "reads it anew");
		return NULL;
	}
	add_defines(i, &b, a);
	return i;
}
