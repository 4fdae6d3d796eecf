/* Memory: places are sane, and tensors that share bytes never hold them at
 * the same time.
 *
 * A sweep over addresses keeps the tensors that cover the current byte in the
 * order in which they are first touched; since order is transitive, a tensor
 * that enters is compared with its two neighbours only.  Where whole tensors
 * are not ordered, the pair is looked at byte by byte (shared.c). */
#include "verify/memory.h"

static const enum base base_of[] = {
	[PT_INPUT] = BASE_INPUT, [PT_OUTPUT] = BASE_OUTPUT,
	[PT_CONST] = BASE_WEIGHTS, [PT_PACKED] = BASE_PACKED,
	[PT_STATE] = BASE_STATE, [PT_TEMP] = BASE_ARENA,
};

struct pos
place_pos(const struct place *p, const char *key)
{
	return p->at ? record_pos(p, key) : POS_NONE;
}

static int64_t
base_bytes(const struct memory *m, enum base b)
{
	switch (b) {
	case BASE_ARENA: return m->arena;
	case BASE_WEIGHTS: return m->weights;
	case BASE_PACKED: return m->packed;
	case BASE_INPUT: case BASE_OUTPUT: case BASE_STATE: case BASE_OWN:
		return -1;
	}
	return -1;
}

static int
check_size(const struct memory *m, const struct place *l,
           const struct ptensor *t, struct diag *d)
{
	int64_t room = base_bytes(m, (enum base)l->base);
	int64_t elem = (int64_t)dtype_bytes(t->type);

	if (l->bytes != t->bytes)
		return diag_error(d, place_pos(l, "bytes"), "'%s' takes %lld "
		                  "bytes, not %lld", l->name,
		                  (long long)t->bytes, (long long)l->bytes);
	if (room < 0 && l->offset != 0)
		return diag_error(d, place_pos(l, "offset"), "'%s' is alone in "
		                  "its base: expected offset 0", l->name);
	if (l->offset % elem)
		return diag_error(d, place_pos(l, "offset"), "'%s' at %lld: "
		                  "expected a multiple of %lld", l->name,
		                  (long long)l->offset, (long long)elem);
	if (room >= 0 && (l->offset > room || l->bytes > room - l->offset))
		return diag_error(d, place_pos(l, "offset"), "'%s' (%lld bytes "
		                  "at %lld) does not lie within the %lld bytes "
		                  "of its base", l->name, (long long)l->bytes,
		                  (long long)l->offset, (long long)room);
	return 0;
}

static int
check_place(const struct plan *p, const struct memory *m,
            const struct place *l, const struct place **of, struct diag *d)
{
	int i = map_get(&p->tensor_by_name, l->name);
	const struct ptensor *t;

	if (i < 0)
		return diag_error(d, place_pos(l, "name"), "unknown tensor '%s'",
		                  l->name);
	t = &p->tensors.v[i];
	if (t->root != i)
		return diag_error(d, place_pos(l, "name"), "'%s' lies in '%s' "
		                  "and has no place of its own", l->name,
		                  p->tensors.v[t->root].name);
	if (of[i]) {
		diag_error(d, place_pos(l, "name"), "'%s' has two places",
		           l->name);
		diag_note(d, place_pos(of[i], "name"), "the other is here");
		return -1;
	}
	of[i] = l;
	if ((enum base)l->base != base_of[t->kind] &&
	    !(t->kind == PT_TEMP && l->base == BASE_OWN))
		return diag_error(d, place_pos(l, "base"), "'%s' lies in '%s', "
		                  "not in '%s'", l->name,
		                  base_words.words[base_of[t->kind]],
		                  base_words.words[l->base]);
	return check_size(m, l, t, d);
}

static int
check_places(const struct plan *p, const struct memory *m,
             const struct place **of, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; i < m->places.n; i++)
		r |= check_place(p, m, &m->places.v[i], of, d);
	for (size_t i = 0; i < p->tensors.n; i++) {
		const struct ptensor *t = &p->tensors.v[i];

		if (t->used && t->root == (int)i && t->bytes && !of[i])
			r |= diag_error(d, m->at ? record_pos(m, "places")
			                : POS_NONE, "'%s' has no place", t->name);
	}
	return r;
}

/* --- the sweep ---------------------------------------------------------------- */

static int
by_offset(const void *a, const void *b)
{
	const struct lying *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return x->tensor < y->tensor ? -1 : x->tensor > y->tensor;
}

static int
constants_meet(const struct sharing *s, const struct lying *x,
               const struct lying *y, struct diag *d)
{
	const struct plan *p = s->f->p;

	diag_error(d, place_pos(y->place, "offset"), "'%s' shares bytes with "
	           "'%s', and both are kept from run to run",
	           p->tensors.v[y->tensor].name, p->tensors.v[x->tensor].name);
	diag_note(d, place_pos(x->place, "offset"), "'%s' lies here",
	          p->tensors.v[x->tensor].name);
	return -1;
}

/* x and y share bytes; x is touched first. */
static int
check_pair(struct sharing *s, const struct lying *x, const struct lying *y,
           struct diag *d)
{
	if (x->place->base != BASE_ARENA)
		return constants_meet(s, x, y, d);
	return shared_check(s, x, y, d);
}

static bool
in_turn(const struct sharing *s, const struct lying *x, const struct lying *y)
{
	return x->place->base == BASE_ARENA &&
		order_tensors(s->order, x->tensor, y->tensor);
}

/* l enters among those that are live, kept by when they are first touched. */
static int
enter(struct sharing *s, struct live *live, const struct lying *l,
      struct diag *d)
{
	size_t n = 0, at;
	int r = 0;

	for (size_t i = 0; i < live->n; i++)
		if (live->v[i]->hi > l->lo)
			live->v[n++] = live->v[i];
	live->n = n;
	for (at = 0; at < n && live->v[at]->seq < l->seq; at++)
		;
	if (s->mixed ||
	    (at > 0 && !in_turn(s, live->v[at - 1], l)) ||
	    (at < n && !in_turn(s, l, live->v[at])))
		for (size_t i = 0; i < n && r == 0; i++) {
			const struct lying *o = live->v[i];
			const struct lying *x = i < at ? o : l;
			const struct lying *y = i < at ? l : o;

			if (in_turn(s, x, y))
				continue;
			r = check_pair(s, x, y, d);
			s->mixed = true;
		}
	vec_push(s->f->a, live, l);
	memmove(&live->v[at + 1], &live->v[at], (n - at) * sizeof *live->v);
	live->v[at] = l;
	return r;
}

static int
sweep(struct sharing *s, const struct place **of, enum base b, struct diag *d)
{
	const struct plan *p = s->f->p;
	VEC(struct lying) v = {0};
	struct live live = {0};
	int r = 0;

	for (size_t i = 0; i < p->tensors.n; i++) {
		struct lying l = {.tensor = (int)i, .place = of[i]};

		if (!of[i] || of[i]->base != (int)b || !of[i]->bytes)
			continue;
		l.lo = of[i]->offset;
		l.hi = l.lo + of[i]->bytes;
		l.seq = order_first(s->order, (int)i);
		if (b != BASE_ARENA || l.seq >= 0)
			vec_push(s->f->a, &v, l);
	}
	if (v.n)
		qsort(v.v, v.n, sizeof *v.v, by_offset);
	for (size_t i = 0; i < v.n; i++)
		r |= enter(s, &live, &v.v[i], d);
	return r;
}

int
check_memory(const struct flow *f, struct needs *n, const struct order *o,
             const struct memory *m, struct diag *d)
{
	const struct place **of;
	struct sharing s = {.f = f, .needs = n, .order = o};
	int r = 0;

	of = arena_array(f->a, f->p->tensors.n + 1, sizeof *of);
	if (check_places(f->p, m, of, d) < 0)
		return -1;
	r |= sweep(&s, of, BASE_ARENA, d);
	r |= sweep(&s, of, BASE_WEIGHTS, d);
	r |= sweep(&s, of, BASE_PACKED, d);
	return r;
}
