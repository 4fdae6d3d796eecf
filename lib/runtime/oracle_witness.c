/* Witnesses replayed: whether what was said of a table comes about when its
 * rows run in some order that it allows.  No clocks here: one rTask is held
 * back for as long as anything else can go, and it is seen what runs
 * meanwhile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

struct place {			/* of a row */
	bool found;
	uint32_t launch, veu, at;	/* at: among the rows of the vEU */
};

struct trip {
	const struct trace *t;
	const struct tamp_plan *p;
	uint32_t launch;		/* the one that runs, or stands */
	uint32_t *next;			/* [vEU] row */
	uint8_t *at_barrier;		/* [vEU] */
	uint32_t *counted;		/* [counter] */
	struct place hold;		/* a row that is kept from running */
	bool declared;			/* two rTasks touch nothing in common */
};

/* --- tables ---------------------------------------------------------------------- */

static const struct tamp_row *
row_at(const struct tamp_plan *p, uint32_t launch, uint32_t veu, uint32_t at)
{
	return &p->rows[p->veus[p->launches[launch].veus + veu].row + at];
}

/* The first row of an rTask; how many there are. */
static uint32_t
rows_of(const struct tamp_plan *p, uint32_t rop, uint32_t task,
        struct place *first)
{
	uint32_t n = 0;

	*first = (struct place){.found = false};
	for (uint32_t l = p->h->init_launches; l < p->h->launches.count; l++)
		for (uint32_t v = 0; v < p->launches[l].width; v++) {
			const struct tamp_veu *u =
				&p->veus[p->launches[l].veus + v];

			for (uint32_t i = 0; i < u->nrows; i++) {
				const struct tamp_row *r = &p->rows[u->row + i];

				if (r->kind != TAMP_RUN || r->rop != rop ||
				    r->task != task)
					continue;
				if (!n++)
					*first = (struct place){true, l, v, i};
			}
		}
	return n;
}

static uint32_t
barriers_before(const struct tamp_plan *p, uint32_t launch, uint32_t veu,
                uint32_t at)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < at; i++)
		n += row_at(p, launch, veu, i)->kind == TAMP_BARRIER;
	return n;
}

/* --- running ---------------------------------------------------------------------- */

/* Lets vEU v do one row.  False if it cannot, or is held. */
static bool
step(struct trip *x, uint32_t v)
{
	const struct tamp_launch *l = &x->p->launches[x->launch];
	uint32_t at = x->next[v];
	const struct tamp_row *r;

	if (x->at_barrier[v] || at >= x->p->veus[l->veus + v].nrows)
		return false;
	if (x->hold.found && x->hold.launch == x->launch && x->hold.veu == v &&
	    x->hold.at == at)
		return false;
	r = row_at(x->p, x->launch, v, at);
	if (r->kind == TAMP_BARRIER)
		x->at_barrier[v] = 1;
	else if (!oracle_may_go(x->p, r, x->counted))
		return false;
	else if (r->signal != TAMP_NONE)
		x->counted[r->signal]++;
	x->next[v]++;
	return true;
}

/* All that can go in the launch goes; whether it has come to its end. */
static bool
run_launch(struct trip *x)
{
	const struct tamp_launch *l = &x->p->launches[x->launch];
	bool more = true, over = true;

	memset(x->next, 0, l->width * sizeof *x->next);
	memset(x->at_barrier, 0, l->width);
	while (more) {
		uint32_t met = 0;

		more = false;
		for (uint32_t v = 0; v < l->width; v++) {
			while (step(x, v))
				more = true;
			met += x->at_barrier[v];
		}
		if (met < l->width)
			continue;
		memset(x->at_barrier, 0, l->width);
		more = true;
	}
	for (uint32_t v = 0; v < l->width; v++)
		over &= x->next[v] == x->p->veus[l->veus + v].nrows &&
			!x->at_barrier[v];
	return over;
}

/* Runs the table until nothing can go on without the row held back; x then
 * tells where it stands.  Whether it came to its end. */
static bool
run(struct trip *x, const struct place *hold)
{
	x->hold = hold ? *hold : (struct place){.found = false};
	memset(x->counted, 0, x->p->h->ncounters * sizeof *x->counted);
	for (x->launch = x->p->h->init_launches;
	     x->launch < x->p->h->launches.count; x->launch++)
		if (!run_launch(x))
			return false;
	return true;
}

static bool
has_run(const struct trip *x, const struct place *at)
{
	return at->launch < x->launch ||
		(at->launch == x->launch && at->at < x->next[at->veu]);
}

/* Whether rTask u of q runs in an order in which t of p has not. */
static const char *
before(struct trip *x, uint32_t q, uint32_t u, uint32_t p, uint32_t t)
{
	struct place first, then;

	if (rows_of(x->p, p, t, &then) != 1 || rows_of(x->p, q, u, &first) != 1)
		return "an rTask is not there once";
	run(x, &then);
	if (has_run(x, &then))
		return "the rTask held back ran";
	return has_run(x, &first) ? NULL : "the two are ordered";
}

/* --- what is touched --------------------------------------------------------------- */

struct bytes {
	uint32_t space;			/* 0: the arena, else root + 1 */
	uint64_t lo, hi;
};

static struct bytes
bytes_of(const struct tamp_plan *p, uint32_t root, uint64_t lo, uint64_t hi)
{
	const struct tamp_tensor *r = &p->tensors[root];

	if (r->base == TAMP_ARENA)
		return (struct bytes){0, r->offset + lo, r->offset + hi};
	return (struct bytes){root + 1, lo, hi};
}

static struct bytes
access_bytes(const struct tamp_plan *p, const struct access *a)
{
	uint64_t elem = tamp_dtype_bytes(p->tensors[a->root].dtype);

	return bytes_of(p, a->root, a->lo * elem, a->hi * elem);
}

/* What a and b have in common, and "in" too if that is not NULL. */
static bool
common(struct bytes a, struct bytes b, const struct bytes *in)
{
	if (a.lo < b.lo)
		a.lo = b.lo;
	if (a.hi > b.hi)
		a.hi = b.hi;
	return a.space == b.space && a.lo < a.hi &&
		(!in || common(a, *in, NULL));
}

/* Whether the two rTasks of a pair touch the same of the bytes at stake, one
 * writing; with apart, through two tensors. */
static bool
touch(const struct trip *x, const struct oracle_pair *w, bool apart)
{
	const struct task_trace *a = &x->t->tasks[w->p][w->t];
	const struct task_trace *b = &x->t->tasks[w->q][w->u];
	struct bytes in;

	if (w->root != TAMP_NONE)
		in = bytes_of(x->p, w->root, w->lo, w->hi);
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if ((a->v[i].write || b->v[k].write) &&
			    (!apart || a->v[i].root != b->v[k].root) &&
			    common(access_bytes(x->p, &a->v[i]),
			           access_bytes(x->p, &b->v[k]),
			           w->root != TAMP_NONE ? &in : NULL))
				return true;
	return false;
}

/* --- kinds --------------------------------------------------------------------------- */

static const char *
trip_times(struct trip *x, const struct oracle_pair *v, uint32_t n)
{
	struct place first;
	uint32_t rows = rows_of(x->p, v->p, v->t, &first);

	(void)n;
	return (v->u == 0) == (rows == 0) && (v->u > 1) == (rows > 1) ? NULL :
		"the rTask has another number of rows";
}

static const char *
trip_order(struct trip *x, const struct oracle_pair *v, uint32_t n)
{
	(void)n;
	if (!touch(x, v, false))
		x->declared = true;
	return before(x, v->q, v->u, v->p, v->t);
}

static const char *
trip_shared(struct trip *x, const struct oracle_pair *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *why = NULL;

		if (!touch(x, &v[i], true))
			x->declared = true;
		if (v[i].p == v[i].q && v[i].t == v[i].u)
			continue;
		why = i == 0 ? before(x, v[i].q, v[i].u, v[i].p, v[i].t) :
			before(x, v[i].p, v[i].t, v[i].q, v[i].u);
		if (why)
			return why;
	}
	return NULL;
}

/* Whether t, which stands at "at", waits for a counter that counts u. */
static bool
waits_for(const struct trip *x, const struct place *at,
          const struct oracle_pair *w)
{
	const struct tamp_row *r = row_at(x->p, at->launch, at->veu, at->at);

	for (uint32_t i = 0; i < r->nwaits; i++) {
		const struct tamp_wait *k = &x->p->waits[r->wait + i];
		const struct tamp_counter *c = &x->p->counters[k->counter];

		if (c->rop == w->q && c->lo <= w->u && w->u <= c->hi &&
		    x->counted[k->counter] < k->count)
			return true;
	}
	return false;
}

/* Whether u cannot run before t, or before what the next of the ring stands
 * at. */
static bool
behind(const struct trip *x, const struct place *u, const struct place *t,
       const struct place *next)
{
	if (u->launch > x->launch)
		return true;
	if (u->launch < x->launch)
		return false;
	if (u->veu == next->veu && u->at >= next->at)
		return true;
	return barriers_before(x->p, u->launch, u->veu, u->at) >
		barriers_before(x->p, t->launch, t->veu, t->at);
}

static const char *
trip_ring(struct trip *x, const struct oracle_pair *v, uint32_t n)
{
	if (run(x, NULL))
		return "all can run";
	for (uint32_t i = 0; i < n; i++) {
		const struct oracle_pair *w = &v[i], *o = &v[(i + 1) % n];
		struct place t, u, next;

		if (rows_of(x->p, w->p, w->t, &t) != 1 ||
		    rows_of(x->p, w->q, w->u, &u) != 1 ||
		    rows_of(x->p, o->p, o->t, &next) != 1)
			return "an rTask is not there once";
		if (t.launch != x->launch || t.at != x->next[t.veu])
			return "an rTask of the ring is not what its vEU stands at";
		if (!waits_for(x, &t, w) || has_run(x, &u))
			return "an rTask of the ring does not wait for the next";
		if (!behind(x, &u, &t, &next))
			return "what is waited for is not behind the next";
	}
	return NULL;
}

static const struct {
	const char *(*trip)(struct trip *x, const struct oracle_pair *v,
	                    uint32_t n);
} kinds[] = {
	[ORACLE_TIMES] = {trip_times}, [ORACLE_RING] = {trip_ring},
	[ORACLE_ORDER] = {trip_order}, [ORACLE_SHARED] = {trip_shared},
};

/* --- files ----------------------------------------------------------------------------- */

static FILE *
open_witness(const char *dir)
{
	char path[4200];

	snprintf(path, sizeof path, "%s/" ORACLE_WITNESS, dir);
	return fopen(path, "rb");
}

bool
oracle_has_witness(const char *dir)
{
	FILE *f = open_witness(dir);

	if (!f)
		return false;
	fclose(f);
	return true;
}

/* The pairs of a witness; NULL if it is no such file, or names what the
 * reference does not have. */
static struct oracle_pair *
read_witness(const struct trace *t, FILE *f, struct oracle_witness *w)
{
	struct oracle_pair *v;
	const struct tamp_header *h = t->ref->h;

	if (fread(w, sizeof *w, 1, f) != 1 || w->npairs == 0 ||
	    w->npairs > 1u << 20 || w->kind >= sizeof kinds / sizeof *kinds)
		return NULL;
	v = oracle_zeroed(w->npairs, sizeof *v);
	if (fread(v, sizeof *v, w->npairs, f) != w->npairs)
		w->npairs = 0;
	for (uint32_t i = 0; i < w->npairs; i++)
		if (v[i].p >= h->rops.count ||
		    v[i].t >= t->ref->rops[v[i].p].ntasks ||
		    (w->kind != ORACLE_TIMES && (v[i].q >= h->rops.count ||
		     v[i].u >= t->ref->rops[v[i].q].ntasks)) ||
		    (v[i].root != TAMP_NONE && v[i].root >= h->tensors.count))
			w->npairs = 0;
	if (w->npairs)
		return v;
	free(v);
	return NULL;
}

const char *
oracle_trip(const struct trace *t, const struct tamp_plan *p, const char *dir)
{
	struct trip x = {.t = t, .p = p};
	struct oracle_witness w;
	struct oracle_pair *v;
	uint32_t width = oracle_width(p);
	const char *why;
	FILE *f = open_witness(dir);

	if (!f)
		return NULL;
	v = read_witness(t, f, &w);
	fclose(f);
	if (!v)
		return "it says nothing";
	x.next = oracle_zeroed(width, sizeof *x.next);
	x.at_barrier = oracle_zeroed(width, 1);
	x.counted = oracle_zeroed(p->h->ncounters, sizeof *x.counted);
	why = kinds[w.kind].trip(&x, v, w.npairs);
	free(x.next);
	free(x.at_barrier);
	free(x.counted);
	free(v);
	return why ? why : x.declared ? "declared" : "tripped";
}
