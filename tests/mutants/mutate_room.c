/* Mutants of what is shared: bytes of memory, and the device. */
#include "mutate.h"
#include "base/str.h"

/* A tensor of the arena to where it meets another, or only touches it. */
const char *
mutate_aliased_buffer(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	struct place *of[2];
	int64_t n = 0, k[2], delta, elem;

	(void)s;
	for (size_t i = 0; i < m->places.n; i++)
		n += m->places.v[i].base == BASE_ARENA;
	if (n < 2)
		return NULL;
	k[0] = draw(r, n);
	k[1] = (k[0] + 1 + draw(r, n - 1)) % n;
	for (int j = 0; j < 2; j++) {
		int64_t at = k[j];

		for (size_t i = 0; i < m->places.n; i++)
			if (m->places.v[i].base == BASE_ARENA && at-- == 0)
				of[j] = &m->places.v[i];
	}
	elem = (int64_t)dtype_bytes(p->tensors.v[map_get(&p->tensor_by_name,
	                            of[0]->name)].type);
	delta = draw(r, of[0]->bytes + of[1]->bytes + 1) - of[0]->bytes;
	if (draw(r, 2))
		delta = 0;
	of[0]->offset = (of[1]->offset + delta) / elem * elem;
	if (of[0]->offset < 0)
		of[0]->offset = 0;
	if (of[0]->offset + of[0]->bytes > m->arena)
		m->arena = of[0]->offset + of[0]->bytes;
	return arena_printf(p->a, "'%s' at %lld, '%s' lies at %lld",
	                    of[0]->name, (long long)of[0]->offset, of[1]->name,
	                    (long long)of[1]->offset);
}

const char *
mutate_oversize(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_launch), w = draw(r, 4);
	struct launch *l = s->steps.v[i].launch;

	(void)m;
	switch (w) {
	case 0:
		l->width += 1 + draw(r, 2 * l->width);
		break;
	case 1:
		l->threads = 1 + draw(r, 2 * l->threads);
		break;
	case 2:
		l->shared = draw(r, 2 * l->shared + 4096);
		break;
	case 3:
		l->registers = 1 + draw(r, 2 * l->registers + 8);
		break;
	}
	return arena_printf(p->a, "a launch of %lld vEUs, %lld threads, %lld "
	                    "bytes, %lld registers", (long long)l->width,
	                    (long long)l->threads, (long long)l->shared,
	                    (long long)l->registers);
}

/* A tensor of the arena a few elements, or bytes, from where it lay. */
const char *
mutate_moved_buffer(struct plan *p, struct schedule *s, struct memory *m,
                    struct rng *r)
{
	struct place *o;
	int64_t step;

	(void)s;
	if (m->places.n == 0)
		return NULL;
	o = &m->places.v[draw(r, (int64_t)m->places.n)];
	if (o->base != BASE_ARENA)
		return NULL;
	step = (int64_t)dtype_bytes(p->tensors.v[map_get(&p->tensor_by_name,
	                            o->name)].type);
	step *= 1 + draw(r, 64);
	o->offset += draw(r, 2) ? step : -step;
	if (o->offset < 0)
		return NULL;
	if (o->offset + o->bytes > m->arena)
		m->arena = o->offset + o->bytes;
	return arena_printf(p->a, "'%s' at %lld", o->name, (long long)o->offset);
}

/* Less of one thing that a launch gives. */
const char *
mutate_lowered_launch(struct plan *p, struct schedule *s, struct memory *m,
                      struct rng *r)
{
	int64_t i = pick(p, s, r, pick_launch);
	struct launch *l = s->steps.v[i].launch;
	int64_t *of[] = {&l->threads, &l->shared, &l->registers};
	int64_t *n = of[draw(r, 3)];

	(void)m;
	if (*n < 2)
		return NULL;
	*n -= 1 + draw(r, draw(r, 2) ? *n - 1 : 1 + *n / 8);
	if (*n < 1)
		*n = 1;
	return arena_printf(p->a, "a launch of %lld threads, %lld bytes, %lld "
	                    "registers", (long long)l->threads,
	                    (long long)l->shared, (long long)l->registers);
}
