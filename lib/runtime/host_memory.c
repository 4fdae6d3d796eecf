/* Memory of a host model: what its vEUs share, and what callers give. */
#define _DEFAULT_SOURCE		/* madvise */
#include "host_model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* --- allocations ------------------------------------------------------------- */

#define HUGE_PAGE ((size_t)2 << 20)

/* Large memory lies in large pages where the system has some to give: what a vEU
 * reads again is found sooner, and its parts do not fall on the same lines of a
 * cache as chance would have small pages do. */
void *
host_aligned(size_t n)
{
	void *p = NULL;
	bool large = n >= HUGE_PAGE;

	if (posix_memalign(&p, large ? HUGE_PAGE : HOST_LINE, n ? n : 1) != 0)
		return NULL;
#ifdef MADV_HUGEPAGE
	if (large)
		madvise(p, n, MADV_HUGEPAGE);	/* a wish */
#endif
	memset(p, 0, n);
	return p;
}

void
host_set_args(struct host *h)
{
	const struct tamp_plan *p = &h->m.plan;

	for (uint64_t i = 0; i < p->h->args.count; i++)
		h->args[i] = tamp_address(&h->at, p, p->args[i]);
	tamp_guards(&h->at, p, h->guards);
}

static bool
alloc_own(struct host *h)
{
	const struct tamp_plan *p = &h->m.plan;

	for (uint64_t i = 0; i < p->h->tensors.count; i++) {
		if (!tamp_lies_alone(&h->at, p, i))
			continue;
		h->at.own[i] = host_aligned(p->tensors[i].bytes);
		if (!h->at.own[i])
			return false;
	}
	return true;
}

static bool
alloc_io(struct host *h)
{
	const struct tamp_header *t = h->m.plan.h;

	for (uint32_t i = 0; i < t->ninputs; i++) {
		h->in_copy[i] = host_aligned(model_input_bytes(&h->m, (int)i));
		if (!h->in_copy[i])
			return false;
		h->at.inputs[i] = h->in_copy[i];
	}
	for (uint32_t i = 0; i < t->noutputs; i++) {
		h->out_copy[i] = host_aligned(model_output_bytes(&h->m, (int)i));
		if (!h->out_copy[i])
			return false;
		h->at.outputs[i] = h->out_copy[i];
	}
	for (uint32_t i = 0; i < t->nstates; i++) {
		h->at.states[i] = host_aligned(
			tamp_io(&h->m.plan, t->ninputs + t->noutputs + 2 * i)->bytes);
		if (!h->at.states[i])
			return false;
	}
	return true;
}

bool
host_alloc(struct host *h)
{
	const struct tamp_header *t = h->m.plan.h;
	size_t veus = (size_t)h->m.nveus;

	h->calls = calloc(t->rops.count + 1, sizeof *h->calls);
	h->args = calloc(t->args.count + 1, sizeof *h->args);
	h->guards = calloc(t->conditions.count + 1, sizeof *h->guards);
	h->counters = host_aligned(t->ncounters * sizeof *h->counters);
	h->flags = host_aligned(veus * sizeof *h->flags);
	h->done = host_aligned(veus * sizeof *h->done);
	h->rows = host_aligned(veus * sizeof *h->rows);
	h->cpus = calloc(veus, sizeof *h->cpus);
	h->workers = calloc(veus, sizeof *h->workers);
	h->in_copy = calloc(t->ninputs + 1, sizeof *h->in_copy);
	h->out_copy = calloc(t->noutputs + 1, sizeof *h->out_copy);
	h->at.arena = host_aligned(h->at.separate ? 0 : t->arena);
	h->at.packed = host_aligned(t->packed);
	return h->calls && h->args && h->guards && h->counters && h->flags &&
		h->done && h->rows && h->cpus && h->workers && h->in_copy &&
		h->out_copy && h->at.arena && h->at.packed &&
		tamp_memory_init(&h->at, &h->m.plan) == 0 && alloc_own(h) && alloc_io(h);
}

static void
free_pointees(char **v, uint64_t n)
{
	for (uint64_t i = 0; v && i < n; i++)
		free(v[i]);
}

static void
free_each(void **v, uint64_t n)
{
	for (uint64_t i = 0; v && i < n; i++)
		free(v[i]);
	free(v);
}

void
host_free(struct host *h)
{
	const struct tamp_header *t = h->m.plan.h;

	free_pointees(h->at.own, t->tensors.count);
	free_pointees(h->at.states, t->nstates);
	tamp_memory_release(&h->at);
	free_each(h->in_copy, t->ninputs);
	free_each(h->out_copy, t->noutputs);
	free(h->calls);
	free(h->args);
	free(h->guards);
	free(h->counters);
	free(h->flags);
	free(h->done);
	free(h->rows);
	free(h->cpus);
	free(h->workers);
	free(h->m.stamps);
	free(h->at.arena);
	free(h->at.packed);
	tamp_weights_close(h->at.weights, t->weights);
	tamp_plan_close(&h->m.plan);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* --- a run's memory --------------------------------------------------------- */

/* Whether a caller's pointer can be used where it is. */
static bool
usable(const void *p)
{
	return (uintptr_t)p % 64 == 0;
}

int
host_bind(struct host *h, const void *const *inputs, void *const *outputs)
{
	bool changed = false;

	if (tamp_check_given(&h->m, inputs, outputs) < 0)
		return -1;
	for (uint32_t i = 0; i < h->m.plan.h->ninputs; i++) {
		const void *at = inputs[i];
		size_t n = model_input_bytes(&h->m, (int)i);

		if (!usable(at)) {
			memcpy(h->in_copy[i], at, n);
			at = h->in_copy[i];
		}
		changed |= h->at.inputs[i] != at;
		h->at.inputs[i] = (char *)at;	/* rTasks only read it */
	}
	for (uint32_t i = 0; i < h->m.plan.h->noutputs; i++) {
		void *at = outputs[i];

		at = usable(at) ? at : h->out_copy[i];
		changed |= h->at.outputs[i] != at;
		h->at.outputs[i] = at;
	}
	if (changed)
		host_set_args(h);
	return 0;
}

void
host_poison(struct host *h)
{
	const struct tamp_plan *p = &h->m.plan;

	for (uint64_t i = 0; i < p->h->tensors.count; i++)
		if (h->at.own[i])
			memset(h->at.own[i], 0xff, p->tensors[i].bytes);
	for (uint32_t i = 0; i < p->h->noutputs; i++)
		memset(h->at.outputs[i], 0xff, model_output_bytes(&h->m, (int)i));
}

void
host_copy_out(struct host *h, void *const *outputs)
{
	const struct tamp_plan *p = &h->m.plan;
	uint32_t at = p->h->ninputs;

	for (uint32_t i = 0; i < p->h->noutputs; i++, at++) {
		const void *from = tamp_address(&h->at, p, p->io[at]);

		if (from != outputs[i] && tamp_io(p, at)->bytes > 0)
			memcpy(outputs[i], from, tamp_io(p, at)->bytes);
	}
	for (uint32_t i = 0; i < p->h->nstates; i++, at += 2) {
		void *past = tamp_address(&h->at, p, p->io[at]);
		const void *present = tamp_address(&h->at, p, p->io[at + 1]);

		if (past != present)
			memcpy(past, present, tamp_io(p, at)->bytes);
	}
}
