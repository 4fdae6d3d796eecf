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
