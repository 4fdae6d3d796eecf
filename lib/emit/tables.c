/* A legal plan to tables: see tables.h and runtime/tamp_table.h.
 *
 * Synchronisation is what the schedule says and no more (waits.c).  A vEU
 * signals a counter once, after the last of its rTasks of the piece, since a
 * wait needs all of them; it waits for a counter once, at the first of its
 * rTasks of the step that must. */
#include "emit/making.h"

static uint32_t
name_add(struct making *m, const char *s)
{
	uint32_t at = (uint32_t)m->g->names.n;

	do
		vec_push(m->e->a, &m->g->names, *s);
	while (*s++);
	return at;
}

/* --- tensors ----------------------------------------------------------------- */

static void
fill_tensor(struct making *m, int i, const struct place *root)
{
	const struct ptensor *t = &m->p->tensors.v[i];
	struct tamp_tensor *o = vec_add(m->e->a, &m->g->tensors);

	o->base = TAMP_NOWHERE;
	if (root) {
		o->base = (uint32_t)root->base;
		o->offset = (uint64_t)(root->offset + t->offset);
		o->bytes = (uint64_t)t->bytes;
		o->index = root->base == BASE_OWN ? (uint32_t)t->root :
			t->io >= 0 ? (uint32_t)t->io : 0;
	}
	o->dtype = (uint32_t)t->type;
	o->rank = (uint32_t)t->shape.n;
	for (size_t k = 0; k < t->shape.n; k++)
		o->dims[k] = t->shape.v[k];
	o->name = name_add(m, t->name);
	o->root = (uint32_t)t->root;
	o->layout = t->layout ? name_add(m, t->layout) : TAMP_NONE;
}

/* Tensors in the plan's order; each that is used needs a place. */
static int
make_tensors(struct making *m)
{
	const struct memory *mem = m->e->memory;
	struct map places;

	map_init(&places, m->e->a);
	for (size_t i = 0; i < mem->places.n; i++)
		map_add(&places, mem->places.v[i].name, (int)i);
	for (size_t i = 0; i < m->p->tensors.n; i++) {
		const struct ptensor *t = &m->p->tensors.v[i];
		int at = map_get(&places, m->p->tensors.v[t->root].name);

		if (t->shape.n > TAMP_DIMS)
			BUG("tensor '%s' has %zu dimensions", t->name, t->shape.n);
		if (at < 0 && t->used)
			return diag_error(m->e->d, record_pos(mem, "places"),
			                  "tensor '%s' has no place",
			                  m->p->tensors.v[t->root].name);
		fill_tensor(m, (int)i, at < 0 ? NULL : &mem->places.v[at]);
	}
	m->g->h.arena = (uint64_t)mem->arena;
	m->g->h.weights = (uint64_t)mem->weights;
	m->g->h.packed = (uint64_t)mem->packed;
	return 0;
}

static void
add_io(struct making *m, const char *name)
{
	vec_push(m->e->a, &m->g->io,
	         (uint32_t)map_get(&m->p->tensor_by_name, name));
}

static void
make_io(struct making *m)
{
	const struct graph *g = m->p->graph;

	for (size_t i = 0; i < g->inputs.n; i++)
		add_io(m, g->inputs.v[i]);
	for (size_t i = 0; i < g->outputs.n; i++)
		add_io(m, g->outputs.v[i]);
	for (size_t i = 0; i < g->states.n; i++) {
		add_io(m, g->states.v[i].past);
		add_io(m, g->states.v[i].present);
	}
	m->g->h.ninputs = (uint32_t)g->inputs.n;
	m->g->h.noutputs = (uint32_t)g->outputs.n;
	m->g->h.nstates = (uint32_t)g->states.n;
}

static void
make_conditions(struct making *m)
{
	const struct conditions *c = &m->p->conditions;

	for (size_t i = 0; i < c->n; i++)
		vec_push(m->e->a, &m->g->conditions, ((struct tamp_condition){
		         (uint32_t)m->p->guards[i].tensor, c->v[i].is,
		         making_index(c->within[i])}));
}

/* --- rOperators and instances ------------------------------------------------- */

/* The position of a class's candidates among those of all classes. */
static size_t *
candidate_base(const struct making *m)
{
	const struct tasks *t = m->p->tasks;
	size_t *base = arena_array(m->e->a, t->classes.n + 1, sizeof *base);

	for (size_t i = 0; i < t->classes.n; i++)
		base[i + 1] = base[i] + t->classes.v[i].kernels.n;
	return base;
}

static size_t
candidate_at(const struct prop *r, const size_t *base)
{
	return base[r->cls_index] + (size_t)(r->cand - r->cls->kernels.v);
}

static int
add_instance(struct making *m, const struct class *c,
             const struct candidate *k)
{
	struct emit *e = m->e;
	struct kinstance *ki = kernel_instance(e->kernels, c, k, m->p->device,
	                                       e->a, e->d);

	if (!ki)
		return -1;
	vec_push(e->a, &e->instances, ki);
	return (int)e->instances.n - 1;
}

/* Instances are numbered in the order of classes, so that an edited schedule
 * that uses the same ones makes the same source. */
static int
make_instances(struct making *m)
{
	const struct tasks *t = m->p->tasks;
	size_t *base = candidate_base(m);
	int *of = arena_array(m->e->a, base[t->classes.n] + 1, sizeof *of);
	int bad = 0;

	for (size_t i = 0; i < m->p->rops.n; i++)
		if (m->p->rops.v[i].ntasks > 0)
			of[candidate_at(&m->p->rops.v[i], base)] = 1;
	for (size_t i = 0; i < t->classes.n; i++)
		for (size_t k = 0; k < t->classes.v[i].kernels.n; k++)
			if (of[base[i] + k]) {
				int n = add_instance(m, &t->classes.v[i],
				                     &t->classes.v[i].kernels.v[k]);

				of[base[i] + k] = n;
				bad |= n < 0;
			}
	m->instance = arena_array(m->e->a, m->p->rops.n + 1,
	                          sizeof *m->instance);
	for (size_t i = 0; i < m->p->rops.n; i++) {
		const struct prop *r = &m->p->rops.v[i];

		m->instance[i] = r->ntasks > 0 ? of[candidate_at(r, base)] : -1;
	}
	return bad ? -1 : 0;
}

static void
make_rops(struct making *m)
{
	for (size_t i = 0; i < m->p->rops.n; i++) {
		const struct prop *r = &m->p->rops.v[i];
		struct tamp_rop *o = vec_add(m->e->a, &m->g->rops);

		o->instance = m->instance[i] < 0 ? TAMP_NONE :
			(uint32_t)m->instance[i];
		o->args = (uint32_t)m->g->args.n;
		o->nargs = (uint32_t)r->cls->args.n;
		o->ntasks = (uint32_t)r->ntasks;
		o->name = name_add(m, r->rop->run);
		o->init = r->rop->init;
		for (size_t k = 0; k < r->cls->args.n; k++)
			vec_push(m->e->a, &m->g->args,
			         (uint32_t)r->args.v[k].tensor);
	}
}

/* --- launch shapes -------------------------------------------------------------- */

static int
find_code(struct making *m, int64_t threads, int64_t registers, bool init)
{
	struct program *g = m->g;
	struct code *c;

	for (size_t i = 0; i < g->codes.n; i++)
		if (g->codes.v[i].threads == threads &&
		    g->codes.v[i].registers == registers &&
		    g->codes.v[i].init == init)
			return (int)i;
	c = vec_add(m->e->a, &g->codes);
	c->threads = threads;
	c->registers = registers;
	c->init = init;
	return (int)g->codes.n - 1;
}

/* Appends a launch and makes room for the rows of its vEUs. */
static void
open_launch(struct making *m, const struct launch *l, bool init)
{
	struct tamp_launch *o = vec_add(m->e->a, &m->g->launches);
	int code = find_code(m, l->threads, l->registers, init);
	struct code *c = &m->g->codes.v[code];

	o->width = (uint32_t)l->width;
	o->threads = (uint32_t)l->threads;
	o->shared = (uint32_t)l->shared;
	o->registers = (uint32_t)l->registers;
	o->veus = (uint32_t)m->g->veus.n;
	o->code = (uint32_t)code;
	if (c->shared < l->shared)
		c->shared = l->shared;
	if (c->width < l->width)
		c->width = l->width;
	m->nveus = l->width;
	m->veus = arena_array(m->e->a, (size_t)l->width, sizeof *m->veus);
}

/* Signals stay only on the last row of a piece on the vEU. */
static void
close_veu(struct making *m, int64_t v)
{
	struct tamp_veu *o = vec_add(m->e->a, &m->g->veus);

	o->row = (uint32_t)m->g->rows.n;
	o->nrows = (uint32_t)m->veus[v].n;
	m->turn++;
	for (size_t i = m->veus[v].n; i-- > 0;) {
		struct tamp_row *r = &m->veus[v].v[i];

		if (r->signal == TAMP_NONE)
			continue;
		if (m->stamp[r->signal] == m->turn) {
			r->signal = TAMP_NONE;
			continue;
		}
		m->stamp[r->signal] = m->turn;
		m->g->counters.v[r->signal].count++;
	}
	for (size_t i = 0; i < m->veus[v].n; i++)
		vec_push(m->e->a, &m->g->rows, m->veus[v].v[i]);
}

static void
close_launch(struct making *m)
{
	for (int64_t v = 0; v < m->nveus; v++)
		close_veu(m, v);
	m->nveus = 0;
}

static void
add_barrier(struct making *m)
{
	for (int64_t v = 0; v < m->nveus; v++)
		vec_push(m->e->a, &m->veus[v],
		         ((struct tamp_row){.kind = TAMP_BARRIER,
		                            .signal = TAMP_NONE,
		                            .condition = TAMP_NONE}));
}

static void
use_instance(struct making *m, int rop)
{
	struct code *c = &m->g->codes.v[
		m->g->launches.v[m->g->launches.n - 1].code];
	int k = m->instance[rop];
	size_t i;

	for (i = 0; i < c->instances.n; i++)
		if (c->instances.v[i] >= k)
			break;
	if (i < c->instances.n && c->instances.v[i] == k)
		return;
	vec_push(m->e->a, &c->instances, k);
	for (size_t j = c->instances.n - 1; j > i; j--)
		c->instances.v[j] = c->instances.v[j - 1];
	c->instances.v[i] = k;
}

/* --- open: rOperators that make constants --------------------------------------- */

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* One launch, one vEU a unit: such a width fits whatever an rTask needs.
 * Levels of the data flow lie between barriers. */
static void
make_open(struct making *m)
{
	struct plan *p = m->p;
	int *level = arena_array(m->e->a, p->rops.n + 1, sizeof *level);
	struct launch l = {.width = p->device->units, .threads = 1};
	int deepest = -1;
	int64_t next = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		level[i] = -1;
		if (!r->rop->init || r->ntasks == 0)
			continue;
		level[i] = 0;
		for (size_t k = 0; k < r->preds.n; k++)
			level[i] = (int)most(level[i],
			                     level[r->preds.v[k]] + 1);
		deepest = (int)most(deepest, level[i]);
		l.threads = most(l.threads, r->cand->threads);
		l.shared = most(l.shared, r->cand->shared);
		l.registers = most(l.registers, r->cand->registers);
	}
	if (deepest < 0)
		return;
	open_launch(m, &l, true);
	for (int at = 0; at <= deepest; at++) {
		if (at > 0)
			add_barrier(m);
		for (size_t i = 0; i < p->rops.n; i++) {
			if (level[i] != at)
				continue;
			use_instance(m, (int)i);
			for (int64_t t = 0; t < p->rops.v[i].ntasks; t++, next++)
				vec_push(m->e->a, &m->veus[next % l.width],
				         ((struct tamp_row){TAMP_RUN, (uint32_t)i,
				           (uint32_t)t, 0, 0, TAMP_NONE,
				           TAMP_NONE}));
		}
	}
	close_launch(m);
	m->g->h.init_launches = 1;
}

/* --- rows ------------------------------------------------------------------------- */

static void
add_run(struct making *m, const struct mrun *r)
{
	int64_t span = r->v1 - r->v0 + 1;

	use_instance(m, r->rop);
	for (int64_t i = 0; i <= r->hi - r->lo; i++) {
		struct tamp_row row = {TAMP_RUN, (uint32_t)r->rop,
			(uint32_t)(r->lo + i), r->waits[i].first,
			r->waits[i].n, waits_signal(m, r->rop, r->lo + i),
			r->condition};

		vec_push(m->e->a, &m->veus[r->v0 + i % span], row);
	}
}

/* Beyond what numbers of 32 bits tell there is no program. */
static int
make_rows(struct making *m)
{
	const struct schedule *s = m->e->schedule;
	size_t run = 0;
	bool open = false;

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *st = &s->steps.v[i];

		if (st->launch) {
			if (open)
				close_launch(m);
			open_launch(m, st->launch, false);
			open = true;
		} else if (st->barrier) {
			add_barrier(m);
		} else {
			add_run(m, &m->runs.v[run++]);
		}
	}
	if (open)
		close_launch(m);
	for (size_t i = 0; i < m->g->waits.n; i++)
		m->g->waits.v[i].count =
			m->g->counters.v[m->g->waits.v[i].counter].count;
	if (m->g->rows.n < TAMP_NONE && m->g->waits.n < TAMP_NONE)
		return 0;
	return diag_error(m->e->d, POS_NONE, "the program has %zu rows and %zu "
	                  "waits: a table holds less than 2^32", m->g->rows.n,
	                  m->g->waits.n);
}

/* --- the whole ----------------------------------------------------------------------- */

int
program_make(struct emit *e)
{
	struct making m = {.e = e, .p = e->plan};

	e->program = m.g = arena_new(e->a, struct program);
	name_add(&m, "");
	m.by_rop = arena_array(e->a, m.p->rops.n + 1, sizeof *m.by_rop);
	if (make_tensors(&m) < 0 || make_instances(&m) < 0)
		return -1;
	make_io(&m);
	make_conditions(&m);
	make_rops(&m);
	make_open(&m);
	waits_make(&m);
	if (make_rows(&m) < 0)
		return -1;
	memcpy(m.g->h.magic, TAMP_MAGIC, 8);
	m.g->h.ninstances = (uint32_t)e->instances.n;
	m.g->h.ncounters = (uint32_t)m.g->counters.n;
	return 0;
}

/* Appends n elements at a multiple of 8 and notes where. */
static void
put_section(struct str *out, size_t begin, struct tamp_section *s,
            const void *v, size_t n, size_t elem)
{
	while ((out->len - begin) % 8)
		str_addc(out, '\0');
	s->at = out->len - begin;
	s->count = n;
	str_addn(out, v ? v : "", n * elem);
}

/* Our structs are the format: little-endian and without padding, as on every
 * machine that can run what is emitted. */
void
program_write(const struct program *p, struct str *out)
{
	struct tamp_header h = p->h;
	size_t begin = out->len;

	str_addn(out, (const char *)&h, sizeof h);
#define PUT(type, name) \
	put_section(out, begin, &h.name, p->name.v, p->name.n, \
	            sizeof *p->name.v);
	TAMP_SECTIONS(PUT)
#undef PUT
	while ((out->len - begin) % 8)
		str_addc(out, '\0');
	memcpy(out->s + begin, &h, sizeof h);
	h.checksum = tamp_checksum(out->s + begin + 16, out->len - begin - 16);
	memcpy(out->s + begin, &h, sizeof h);
}
