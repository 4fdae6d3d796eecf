/* Which kernels run on which cases, with which tunables. */
#include "kcheck.h"

#include "rkernel/layout.h"

#define SOME 4			/* combinations of tunables tried of many */

static void
device_init(struct device *v, enum target_kind t, int simd)
{
	*v = (struct device){.name = "check", .target = t, .units = 2,
		.veus = 2, .simd = simd};
	if (t == TARGET_HOST)
		return;
	v->blocks = 32;
	v->threads = 2048;
	v->block_threads = 1024;
	v->warp = t == TARGET_HIP ? 64 : 32;
	v->registers = 65536;
	v->thread_registers = 255;
	v->shared = v->block_shared = 98304;
}

/* E0 on the last output: of its shape in dimension 1, or 0, else 1. */
static void
add_operand(struct arena *a, struct class *cls)
{
	struct arg *y = &cls->args.v[cls->args.n - 1], e = {.arg = "E0"};
	size_t keep = y->shape.n > 1;

	e.type = y->type;
	e.on = y->arg;
	for (size_t i = 0; i < y->shape.n; i++)
		vec_push(a, &e.shape, i == keep ? y->shape.v[i] : 1);
	vec_push(a, &y->map, "t0 = v + E0");
	vec_push(a, &y->map, "t0");
	y->from = y->type;
	vec_push(a, &cls->args, e);
}

static bool
is_value(const struct karray *g)
{
	return !g->out && !g->below && g->type != DTYPE_BOOL;
}

/* The class of a case in the layouts that the kernel wants; mapped: what can
 * be fused is, "v + v" on inputs, an operand on the last output. */
static struct class *
make_class(struct arena *a, const struct kernel *k, struct kcase *c,
           bool mapped)
{
	struct class *cls = arena_new(a, struct class);

	*cls = (struct class){.class = "case", .form = c->form,
		.attrs = c->attrs};
	for (int i = 0; i < c->nargs; i++) {
		const struct karray *g = &c->args[i];
		const struct karg *w = kernel_arg(k, g->name);
		struct arg *r = vec_add(a, &cls->args);

		*r = (struct arg){.arg = g->name, .type = (int)g->type,
			.shape = g->shape, .out = g->out};
		r->layout = w ? w->layout : NULL;
		if (mapped && w && is_value(g) && k->params.v[w->param].fusable)
			vec_push(a, &r->map, "v + v");
	}
	if (mapped)
		add_operand(a, cls);
	return cls;
}

static int
add_trial(struct ktrials *t, struct arena *a, const struct kernel *k, int kc,
          const struct class *cls, size_t which, int *count, bool mapped,
          struct diag *d)
{
	struct ktrial *r = vec_add(a, &t->v);

	r->kcase = kc;
	r->kernel = k;
	r->cls = (struct class *)cls;
	r->cand = &cls->kernels.v[which];
	r->index = (*count)++;
	r->mapped = mapped;
	r->instance = kernel_instance(&t->kernels, cls, r->cand, &t->device, a,
	                              d);
	return r->instance ? 0 : -1;
}

/* The trials of a kernel on a case, none if it does not fit. */
static int
add_trials(struct ktrials *t, struct arena *a, const struct kernel *k, int kc,
           int *count, bool mapped, struct diag *d)
{
	struct class *cls = make_class(a, k, &t->cases.v[kc], mapped);
	struct binding b;
	const char *why;
	size_t n;

	if (!kernel_match(k, cls, &t->device, a, &b, &why) ||
	    kernel_candidates(k, cls, &t->device, &b, a, cls, &why) <= 0)
		return 0;
	n = cls->kernels.n;
	if (mapped)
		return add_trial(t, a, k, kc, cls, n / 2, count, true, d);
	for (size_t i = 0; i < n && i < SOME; i++)
		if (add_trial(t, a, k, kc, cls, n <= SOME ? i :
		              i * (n - 1) / (SOME - 1), count, false, d) < 0)
			return -1;
	return 0;
}

int
ktrials_init(struct ktrials *t, struct arena *a, const char *dir,
             enum target_kind target, int simd, struct diag *d)
{
	int bad;

	*t = (struct ktrials){0};
	device_init(&t->device, target, simd);
	bad = kernels_load(&t->kernels, a, dir, target, d);
	for (int i = 0; kcase_texts[i]; i++)
		kcase_init(vec_add(a, &t->cases), a, kcase_texts[i]);
	for (size_t k = 0; k < t->kernels.v.n; k++) {
		int count = 0;

		for (size_t i = 0; i < t->cases.n; i++) {
			const struct kernel *n = &t->kernels.v.v[k];
			const struct kcase *c = &t->cases.v[i];

			bad |= add_trials(t, a, n, (int)i, &count, false, d);
			if (c->args[c->nargs - 1].type != DTYPE_BOOL)
				bad |= add_trials(t, a, n, (int)i, &count, true, d);
		}
	}
	return bad;
}
