/* What the hosts of all targets do alike: see model_common.h. */
#define _POSIX_C_SOURCE 200809L
#include "model_common.h"

#include <stdlib.h>

int
tamp_memory_init(struct tamp_memory *m, const struct tamp_plan *p)
{
	m->own = calloc(p->h->tensors.count + 1, sizeof *m->own);
	m->inputs = calloc(p->h->ninputs + 1, sizeof *m->inputs);
	m->outputs = calloc(p->h->noutputs + 1, sizeof *m->outputs);
	m->states = calloc(p->h->nstates + 1, sizeof *m->states);
	return m->own && m->inputs && m->outputs && m->states ? 0 : -1;
}

void
tamp_memory_release(struct tamp_memory *m)
{
	free(m->own);
	free(m->inputs);
	free(m->outputs);
	free(m->states);
}

bool
tamp_lies_alone(const struct tamp_memory *m, const struct tamp_plan *p,
                uint64_t i)
{
	const struct tamp_tensor *t = &p->tensors[i];

	return t->root == i && (t->base == TAMP_OWN ||
	                        (m->separate && t->base == TAMP_ARENA));
}

char *
tamp_address(const struct tamp_memory *m, const struct tamp_plan *p, uint32_t i)
{
	const struct tamp_tensor *t = &p->tensors[i], *r = &p->tensors[t->root];
	char *base = NULL;

	if (m->own[t->root])
		return m->own[t->root] + (t->offset - r->offset);
	switch ((enum tamp_base)t->base) {
	case TAMP_ARENA: base = m->arena; break;
	case TAMP_WEIGHTS: base = m->weights; break;
	case TAMP_PACKED: base = m->packed; break;
	case TAMP_INPUT: base = m->inputs[t->index]; break;
	case TAMP_OUTPUT: base = m->outputs[t->index]; break;
	case TAMP_STATE: base = m->states[t->index]; break;
	case TAMP_OWN: base = m->own[t->index]; break;
	case TAMP_NOWHERE: case TAMP_NBASES: break;
	}
	return base ? base + t->offset : NULL;
}

void
tamp_guards(const struct tamp_memory *m, const struct tamp_plan *p,
            struct tamp_guard *out)
{
	for (uint64_t i = 0; i < p->h->conditions.count; i++) {
		const struct tamp_condition *c = &p->conditions[i];

		out[i].at = (const uint8_t *)tamp_address(m, p, c->tensor);
		out[i].is = c->is != 0;
		out[i].within = c->within;
	}
}

uint32_t
tamp_barriers(const struct tamp_plan *p, const struct tamp_launch *l)
{
	const struct tamp_veu *v = &p->veus[l->veus];
	uint32_t n = 0;

	for (uint32_t i = v->row; i < v->row + v->nrows; i++)
		n += p->rows[i].kind == TAMP_BARRIER;
	return n;
}

int
tamp_check_given(struct model *m, const void *const *inputs,
                 void *const *outputs)
{
	for (uint32_t i = 0; i < m->plan.h->ninputs; i++)
		if (!inputs[i] && model_input_bytes(m, (int)i) > 0)
			return tamp_fail(m, "input %u is NULL", i);
	for (uint32_t i = 0; i < m->plan.h->noutputs; i++)
		if (!outputs[i] && model_output_bytes(m, (int)i) > 0)
			return tamp_fail(m, "output %u is NULL", i);
	return 0;
}

/* --- trace ------------------------------------------------------------------ */

int
tamp_trace_init(struct model *m)
{
	m->stamps = calloc(m->plan.h->rows.count + 1, sizeof *m->stamps);
	return m->stamps ? 0 : tamp_fail(NULL, "out of memory");
}

/* The first time of the run, which all others are counted from. */
static uint64_t
first_stamp(const struct model *m)
{
	const struct tamp_plan *p = &m->plan;
	uint64_t first = UINT64_MAX;

	for (uint64_t i = p->h->init_launches; i < p->h->launches.count; i++)
		for (uint32_t v = 0; v < p->launches[i].width; v++) {
			const struct tamp_veu *u = &p->veus[p->launches[i].veus + v];

			if (u->nrows > 0 && m->stamps[u->row].arrived < first)
				first = m->stamps[u->row].arrived;
		}
	return first;
}

static struct model_event
event_of(const struct model *m, uint32_t row, uint32_t veu, uint32_t launch,
         uint64_t first)
{
	const struct tamp_row *r = &m->plan.rows[row];
	const struct tamp_stamp *s = &m->stamps[row];
	struct model_event e = {UINT32_MAX, 0, veu, launch, 0, 0, 0, 0};
	double tick_us = m->tick_ns * 1e-3;

	if (r->kind == TAMP_RUN) {
		e.rop = r->rop;
		e.task = r->task;
		e.skipped = s->skipped >= s->begun;
	}
	e.arrived_us = (double)(int64_t)(s->arrived - first) * tick_us;
	e.begun_us = (double)(int64_t)(s->begun - first) * tick_us;
	e.ended_us = (double)(int64_t)(s->ended - first) * tick_us;
	return e;
}

size_t
model_trace(struct model *m, struct model_event *events, size_t room)
{
	const struct tamp_plan *p = &m->plan;
	uint64_t first;
	size_t n = 0;

	if (!m->stamps || m->stamps_read(m) < 0)
		return 0;
	first = first_stamp(m);
	for (uint32_t i = p->h->init_launches; i < p->h->launches.count; i++)
		for (uint32_t v = 0; v < p->launches[i].width; v++) {
			const struct tamp_veu *u = &p->veus[p->launches[i].veus + v];

			for (uint32_t k = u->row; k < u->row + u->nrows; k++, n++)
				if (n < room)
					events[n] = event_of(m, k, v, i, first);
		}
	return n;
}

const char *
model_rop_name(const struct model *m, uint32_t rop)
{
	return rop < m->plan.h->rops.count ? tamp_rop_name(&m->plan, rop) : NULL;
}
