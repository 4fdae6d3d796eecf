/* Ways to damage a program table: what an edit by hand, or a fault of emit's,
 * could do to it. */
#include "damage.h"
#include "runtime/tamp_table.h"

struct parts {			/* sections of a table */
	struct arena *a;
	struct rng *r;
	struct tamp_header *h;
#define FIELD(type, name) type *name;
	TAMP_SECTIONS(FIELD)
#undef FIELD
};

/* --- picking -------------------------------------------------------------------- */

typedef bool row_fn(const struct tamp_row *r);

static bool runs(const struct tamp_row *r) { return r->kind == TAMP_RUN; }
static bool waits(const struct tamp_row *r) { return r->nwaits > 0; }
static bool meets(const struct tamp_row *r) { return r->kind == TAMP_BARRIER; }
static bool signals(const struct tamp_row *r)
{ return runs(r) && r->signal != TAMP_NONE; }

/* A row of the runs that will do; NULL if there is none. */
static struct tamp_row *
some_row(const struct parts *v, row_fn *ok)
{
	int64_t n = (int64_t)v->h->rows.count, at = draw(v->r, n);

	for (int64_t i = 0; i < n; i++)
		if (ok(&v->rows[(at + i) % n]))
			return &v->rows[(at + i) % n];
	return NULL;
}

/* The vEU of a row. */
static const struct tamp_veu *
veu_of(const struct parts *v, const struct tamp_row *r)
{
	uint64_t at = (uint64_t)(r - v->rows);

	for (uint64_t i = 0; i < v->h->veus.count; i++)
		if (at >= v->veus[i].row && at < v->veus[i].row + v->veus[i].nrows)
			return &v->veus[i];
	return NULL;
}

static const char *
said(const struct parts *v, const char *what, const struct tamp_row *r)
{
	return arena_printf(v->a, "%s: row %lld", what, (long long)(r - v->rows));
}

static void
swap(struct tamp_row *a, struct tamp_row *b)
{
	struct tamp_row t = *a;

	*a = *b;
	*b = t;
}

/* --- ways ------------------------------------------------------------------------ */

static const char *
wait_dropped(struct parts *v)
{
	struct tamp_row *r = some_row(v, waits);

	if (!r)
		return NULL;
	if (draw(v->r, 2))
		r->wait++;
	r->nwaits--;
	return said(v, "a wait less", r);
}

static const char *
waits_dropped(struct parts *v)
{
	struct tamp_row *r = some_row(v, waits);

	if (!r)
		return NULL;
	r->nwaits = 0;
	return said(v, "no waits", r);
}

static const char *
wait_lowered(struct parts *v)
{
	struct tamp_row *r = some_row(v, waits);

	if (!r)
		return NULL;
	v->waits[r->wait].count -= 1 + (uint32_t)draw(v->r,
		v->waits[r->wait].count);
	return said(v, "a threshold lowered", r);
}

static const char *
counter_lowered(struct parts *v)
{
	uint32_t k;

	if (!v->h->ncounters)
		return NULL;
	k = (uint32_t)draw(v->r, v->h->ncounters);
	v->counters[k].count--;
	for (uint64_t i = 0; i < v->h->waits.count; i++)
		v->waits[i].count -= v->waits[i].counter == k;
	return arena_printf(v->a, "counter %u and all its thresholds lowered", k);
}

static const char *
wait_elsewhere(struct parts *v)
{
	struct tamp_row *r = some_row(v, waits);
	struct tamp_wait *w;

	if (!r || v->h->ncounters < 2)
		return NULL;
	w = &v->waits[r->wait + (uint32_t)draw(v->r, r->nwaits)];
	w->counter = (w->counter + 1 + (uint32_t)draw(v->r,
		v->h->ncounters - 1)) % v->h->ncounters;
	w->count = v->counters[w->counter].count;
	return said(v, "another counter", r);
}

static const char *
wait_added(struct parts *v)
{
	struct tamp_row *r = some_row(v, runs), *of = some_row(v, waits);

	if (!r || !of || r->nwaits)
		return NULL;
	r->wait = of->wait;
	r->nwaits = of->nwaits;
	return said(v, "waits that nobody named", r);
}

static const char *
signal_dropped(struct parts *v)
{
	struct tamp_row *r = some_row(v, signals);

	if (!r)
		return NULL;
	r->signal = TAMP_NONE;
	return said(v, "no signal", r);
}

static const char *
signal_early(struct parts *v)
{
	struct tamp_row *r = some_row(v, signals);
	const struct tamp_veu *u = r ? veu_of(v, r) : NULL;
	struct tamp_row *to;

	if (!r || r == &v->rows[u->row])
		return NULL;
	to = &v->rows[u->row + draw(v->r, r - &v->rows[u->row])];
	if (!runs(to) || to->signal != TAMP_NONE)
		return NULL;
	to->signal = r->signal;
	r->signal = TAMP_NONE;
	return said(v, "a signal too early", r);
}

static const char *
signal_elsewhere(struct parts *v)
{
	struct tamp_row *r = some_row(v, signals), *o = some_row(v, signals);
	uint32_t k;

	if (!r || r->signal == o->signal)
		return NULL;
	k = r->signal;
	r->signal = o->signal;
	o->signal = k;
	return said(v, "another signal", r);
}

static const char *
counter_range(struct parts *v)
{
	struct tamp_counter *k;

	if (!v->h->ncounters)
		return NULL;
	k = &v->counters[draw(v->r, v->h->ncounters)];
	if (draw(v->r, 2) && k->hi > k->lo)
		k->hi--;
	else
		k->lo++;
	return arena_printf(v->a, "counter %lld stands for others",
	                    (long long)(k - v->counters));
}

static const char *
rows_swapped(struct parts *v)
{
	struct tamp_row *r = some_row(v, runs);
	const struct tamp_veu *u = veu_of(v, r);
	struct tamp_row *o = &v->rows[u->row + draw(v->r, u->nrows)];

	if (o == r)
		return NULL;
	swap(r, o);
	return said(v, "another place on its vEU", r);
}

static const char *
veus_swapped(struct parts *v)
{
	struct tamp_row *r = some_row(v, runs), *o = some_row(v, runs);

	if (veu_of(v, r) == veu_of(v, o))
		return NULL;
	swap(r, o);
	return said(v, "another vEU", r);
}

static const char *
task_changed(struct parts *v)
{
	struct tamp_row *r = some_row(v, runs);
	uint32_t n = v->rops[r->rop].ntasks;

	if (n < 2)
		return NULL;
	r->task = (r->task + 1 + (uint32_t)draw(v->r, n - 1)) % n;
	return said(v, "another rTask", r);
}

static const char *
rop_changed(struct parts *v)
{
	struct tamp_row *r = some_row(v, runs), *o = some_row(v, runs);

	if (r->rop == o->rop)
		return NULL;
	r->rop = o->rop;
	r->task = o->task;
	return said(v, "another rOperator", r);
}

/* A barrier goes to where a row beside it stands. */
static const char *
barrier_moved(struct parts *v)
{
	struct tamp_row *r = some_row(v, meets);
	const struct tamp_veu *u = r ? veu_of(v, r) : NULL;

	if (!r)
		return NULL;
	if (draw(v->r, 2) && r > &v->rows[u->row] && runs(r - 1))
		swap(r, r - 1);
	else if (r + 1 < &v->rows[u->row + u->nrows] && runs(r + 1))
		swap(r, r + 1);
	else
		return NULL;
	return said(v, "a barrier moved", r);
}

/* A vEU loses its first row, or its last. */
static const char *
row_dropped(struct parts *v)
{
	struct tamp_veu *u = &v->veus[draw(v->r, (int64_t)v->h->veus.count)];

	if (!u->nrows)
		return NULL;
	if (draw(v->r, 2))
		u->row++;
	u->nrows--;
	return arena_printf(v->a, "a row less on vEU %lld",
	                    (long long)(u - v->veus));
}

static const char *
instance_changed(struct parts *v)
{
	struct tamp_rop *o = &v->rops[draw(v->r, (int64_t)v->h->rops.count)];

	if (o->instance == TAMP_NONE || v->h->ninstances < 2)
		return NULL;
	o->instance = (o->instance + 1 + (uint32_t)draw(v->r,
		v->h->ninstances - 1)) % v->h->ninstances;
	return arena_printf(v->a, "another rKernel of rOperator %lld",
	                    (long long)(o - v->rops));
}

static const char *
argument_changed(struct parts *v)
{
	uint32_t *k = &v->args[draw(v->r, (int64_t)v->h->args.count)];
	uint32_t was = *k;

	*k = (uint32_t)draw(v->r, (int64_t)v->h->tensors.count);
	return *k == was ? NULL : arena_printf(v->a, "argument %lld is tensor %u",
		(long long)(k - v->args), *k);
}

static const char *
address_changed(struct parts *v)
{
	int64_t k = draw(v->r, (int64_t)v->h->tensors.count);
	struct tamp_tensor *t = &v->tensors[k];

	if (t->base != TAMP_ARENA)
		return NULL;
	if (t->offset && draw(v->r, 2))
		t->offset = (uint64_t)draw(v->r, (int64_t)(t->offset / 4)) * 4;
	else
		t->offset += 4 * (1 + (uint64_t)draw(v->r, 64));
	return arena_printf(v->a, "tensor %lld lies elsewhere", (long long)k);
}

static const char *
launch_changed(struct parts *v)
{
	struct tamp_launch *l = &v->launches[draw(v->r,
		(int64_t)v->h->launches.count)];
	uint32_t *of[] = {&l->threads, &l->shared, &l->registers};

	*of[draw(v->r, 3)] += 1 + (uint32_t)draw(v->r, 64);
	return arena_printf(v->a, "launch %lld of another shape",
	                    (long long)(l - v->launches));
}

static bool asks(const struct tamp_row *r)
{ return runs(r) && r->condition != TAMP_NONE; }

static const char *
condition_dropped(struct parts *v)
{
	struct tamp_row *r = some_row(v, asks);

	if (!r)
		return NULL;
	r->condition = draw(v->r, 2) ? v->conditions[r->condition].within :
		TAMP_NONE;
	return said(v, "a condition less", r);
}

static const char *
condition_other(struct parts *v)
{
	struct tamp_row *r = some_row(v, draw(v->r, 2) ? asks : runs);
	uint32_t was;

	if (!r || !v->h->conditions.count)
		return NULL;
	was = r->condition;
	r->condition = (uint32_t)draw(v->r, (int64_t)v->h->conditions.count);
	return r->condition == was ? NULL : said(v, "another condition", r);
}

static const char *
condition_changed(struct parts *v)
{
	int64_t n = (int64_t)v->h->conditions.count, k = n ? draw(v->r, n) : 0;
	struct tamp_condition *c = &v->conditions[k], was;

	if (!n)
		return NULL;
	was = *c;
	switch (draw(v->r, 3)) {
	case 0: c->is = !c->is; break;
	case 1: c->tensor = v->conditions[draw(v->r, n)].tensor; break;
	case 2: c->within = k ? (uint32_t)draw(v->r, k) : TAMP_NONE; break;
	}
	return memcmp(c, &was, sizeof was) == 0 ? NULL :
		arena_printf(v->a, "condition %lld is another", (long long)k);
}

static const struct {
	const char *(*damage)(struct parts *v);
} ways[] = {
	{wait_dropped}, {waits_dropped}, {wait_lowered}, {counter_lowered},
	{wait_elsewhere}, {wait_added}, {signal_dropped}, {signal_early},
	{signal_elsewhere}, {counter_range}, {rows_swapped}, {veus_swapped},
	{task_changed}, {rop_changed}, {barrier_moved}, {row_dropped},
	{instance_changed}, {argument_changed}, {address_changed},
	{launch_changed}, {condition_dropped}, {condition_other},
	{condition_changed},
};

const char *
damage_table(struct arena *a, struct str *table, struct rng *r)
{
	char *b = table->s;
	struct tamp_header *h = (struct tamp_header *)b;
	struct parts v = {.a = a, .r = r, .h = h};
	const char *what;

#define FIND(type, name) v.name = (type *)(b + h->name.at);
	TAMP_SECTIONS(FIND)
#undef FIND
	what = ways[draw(r, sizeof ways / sizeof *ways)].damage(&v);
	h->checksum = tamp_checksum(b + 16, table->len - 16);
	return what;
}
