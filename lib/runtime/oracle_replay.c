/* Replaying a table with the accesses that its rTasks made in the reference: a
 * shadow of every few bytes holds who made what lies there, and vector clocks,
 * joined where a wait, a barrier or a launch of the table makes an edge and
 * nowhere else, tell what is ordered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

struct cell {			/* shadow of a few bytes */
	uint64_t tag;		/* who made what lies here; 0: nobody */
	uint32_t writer, clock;	/* vEU + 1, its clock; 0: none */
	uint32_t rop, task;	/* of the writer */
	uint32_t root;		/* through which it was written */
	uint32_t read_root;	/* through which it was read last */
};

struct replay {
	struct trace *t;
	const struct tamp_plan *p;
	struct world *world;
	bool learn;
	uint64_t seed;
	uint32_t width;		/* of the widest launch */
	uint64_t *base;		/* [root] first byte in the shadow */
	uint64_t grain;		/* bytes of a cell */
	uint64_t ncells;
	struct cell *cells;
	uint32_t *readers;	/* [cell][veu] clock of its last read */
	uint32_t *clocks;	/* [veu][veu] */
	uint32_t *counter_clocks;	/* [counter][veu] */
	uint32_t *counted;	/* [counter] */
	uint32_t *next;		/* [veu] row */
	uint8_t *at_barrier;	/* [veu] */
	uint8_t *ran;		/* [rTask number] */
	char wrong[512];
};

/* --- tables ---------------------------------------------------------------------- */

uint32_t
oracle_width(const struct tamp_plan *p)
{
	uint32_t width = 1;

	for (uint64_t i = 0; i < p->h->launches.count; i++)
		if (p->launches[i].width > width)
			width = p->launches[i].width;
	return width;
}

bool
oracle_may_go(const struct tamp_plan *p, const struct tamp_row *r,
              const uint32_t *counted)
{
	for (uint32_t i = 0; i < r->nwaits; i++) {
		const struct tamp_wait *w = &p->waits[r->wait + i];

		if (counted[w->counter] < w->count)
			return false;
	}
	return true;
}

/* --- memory ---------------------------------------------------------------------- */

static uint64_t
mix(uint64_t a, uint64_t b)
{
	a ^= b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2);
	a *= 0xff51afd7ed558ccdu;
	return a ^ a >> 33;
}

/* The arena first, then one stretch for each root that lies alone. */
static void
lay_out(struct replay *r)
{
	const struct tamp_plan *p = r->p;
	uint64_t at = (p->h->arena + 63) / 64 * 64;

	r->base = oracle_zeroed(p->h->tensors.count, sizeof *r->base);
	r->grain = 4;
	for (uint64_t i = 0; i < p->h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];

		if (t->root != i || t->base == TAMP_NOWHERE)
			continue;
		if (t->base == TAMP_ARENA) {
			r->base[i] = t->offset;
		} else {
			r->base[i] = at;
			at += (t->bytes + 63) / 64 * 64;
		}
		if (r->base[i] % 4 || tamp_dtype_bytes(t->dtype) % 4)
			r->grain = 1;
	}
	r->ncells = at / r->grain + 1;
	r->cells = oracle_zeroed(r->ncells, sizeof *r->cells);
	r->readers = oracle_zeroed(r->ncells * r->width, sizeof *r->readers);
}

static uint64_t
made_tag(uint64_t by, uint32_t root, uint64_t byte)
{
	return mix(mix(by, root), byte) | 1;
}

/* What the caller provides: inputs and states. */
static void
put_initial(struct replay *r)
{
	const struct tamp_plan *p = r->p;

	for (uint64_t i = 0; i < p->h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];

		if (t->root != i ||
		    (t->base != TAMP_INPUT && t->base != TAMP_STATE))
			continue;
		for (uint64_t b = 0; b < t->bytes; b += r->grain)
			r->cells[(r->base[i] + b) / r->grain].tag =
				made_tag(0, (uint32_t)i, b);
	}
}

/* --- accesses ---------------------------------------------------------------------- */

static const char *
name_of(const struct replay *r, uint32_t tensor)
{
	return r->p->names + r->p->tensors[tensor].name;
}

static void
unordered(struct replay *r, const struct tamp_row *a, const struct access *x,
          const struct cell *c, const char *what)
{
	if (r->wrong[0])
		return;
	snprintf(r->wrong, sizeof r->wrong, "race: rTask %u of '%s' %s '%s', "
	         "which %s%s%s and nothing orders them", a->task,
	         tamp_rop_name(r->p, a->rop), x->write ? "writes" : "reads",
	         name_of(r, x->root), what,
	         c->writer ? " last writer " : "",
	         c->writer ? tamp_rop_name(r->p, c->rop) : "");
}

static bool
seen(const struct replay *r, uint32_t veu, uint32_t of, uint32_t clock)
{
	return of == veu || r->clocks[veu * r->width + of] >= clock;
}

/* Whether all cells of an element are of one making: tags tell only of the
 * first. */
static bool
of_one(const struct replay *r, uint64_t first, uint64_t n)
{
	const struct cell *c = &r->cells[first];

	for (uint64_t k = 1; k < n; k++)
		if (c[k].writer != c->writer || c[k].rop != c->rop ||
		    c[k].task != c->task || c[k].root != c->root)
			return false;
	return true;
}

static void
wrong_value(struct replay *r, const struct tamp_row *row,
            const struct access *x, const struct cell *c)
{
	snprintf(r->wrong, sizeof r->wrong, "value: rTask %u of '%s' reads what "
	         "%s%s left in '%s'", row->task, tamp_rop_name(r->p, row->rop),
	         c->writer ? "an rTask of " : "nobody",
	         c->writer ? tamp_rop_name(r->p, c->rop) : "",
	         name_of(r, x->root));
}

static void
read_cell(struct replay *r, const struct tamp_row *row, uint32_t veu,
          const struct access *x, uint64_t cell, uint64_t expect)
{
	struct cell *c = &r->cells[cell];

	if (c->writer && !seen(r, veu, c->writer - 1, c->clock))
		unordered(r, row, x, c, "another writes,");
	r->readers[cell * r->width + veu] = r->clocks[veu * r->width + veu];
	c->read_root = x->root;
	if (!r->learn && c->tag != expect && expect && !r->wrong[0])
		wrong_value(r, row, x, c);
}

static void
write_cell(struct replay *r, const struct tamp_row *row, uint32_t veu,
           const struct access *x, uint64_t cell, uint64_t tag)
{
	struct cell *c = &r->cells[cell];
	const uint32_t *readers = &r->readers[cell * r->width];
	uint32_t now = r->clocks[veu * r->width + veu];

	/* an rTask is not ordered against itself: reads and writes of two
	 * tensors that share bytes may come in any order */
	if ((readers[veu] == now && c->read_root != x->root) ||
	    (c->writer == veu + 1 && c->clock == now && c->root != x->root))
		unordered(r, row, x, c, "it uses as another tensor too,");
	if (c->writer && !seen(r, veu, c->writer - 1, c->clock))
		unordered(r, row, x, c, "another writes,");
	for (uint32_t v = 0; v < r->width; v++)
		if (readers[v] && !seen(r, veu, v, readers[v]))
			unordered(r, row, x, c, "another reads,");
	*c = (struct cell){tag, veu + 1, now, row->rop, row->task, x->root,
		c->read_root};
}

/* Notes who made what the next element read finds. */
static void
learn_tag(struct replay *r, const struct access *x, uint64_t e, uint64_t tag)
{
	struct trace *t = r->t;

	if (r->world == t->worlds) {
		r->world->tags = oracle_grow(r->world->tags, t->ntags,
		                             &t->captags, sizeof tag);
		t->ntags++;
	}
	r->world->tags[x->expect + e - x->lo] = tag;
}

/* Tags of a read, cell by cell of 4 bytes or, if the grain is 1, byte by byte:
 * kept for the finer of the two, an element of the tensor. */
static void
do_read(struct replay *r, const struct tamp_row *row, uint32_t veu,
        struct access *x)
{
	uint64_t elem = tamp_dtype_bytes(r->p->tensors[x->root].dtype), expect;

	if (r->learn && r->world == r->t->worlds)
		x->expect = r->t->ntags;
	for (uint64_t e = x->lo; e < x->hi; e++) {
		uint64_t first = (r->base[x->root] + e * elem) / r->grain;
		uint64_t n = elem / r->grain ? elem / r->grain : 1;

		if (r->learn)
			learn_tag(r, x, e, r->cells[first].tag);
		expect = r->world->tags[x->expect + e - x->lo];
		for (uint64_t k = 0; k < n; k++)
			read_cell(r, row, veu, x, first + k, k == 0 ? expect : 0);
		if (expect && !r->wrong[0] && !of_one(r, first, n))
			wrong_value(r, row, x, &r->cells[first]);
	}
}

static void
do_write(struct replay *r, const struct tamp_row *row, uint32_t veu,
         const struct access *x)
{
	uint64_t elem = tamp_dtype_bytes(r->p->tensors[x->root].dtype);
	uint64_t by = r->t->first_task[row->rop] + row->task;

	for (uint64_t e = x->lo; e < x->hi; e++) {
		uint64_t first = (r->base[x->root] + e * elem) / r->grain;
		uint64_t n = elem / r->grain ? elem / r->grain : 1;

		for (uint64_t k = 0; k < n; k++)
			write_cell(r, row, veu, x, first + k,
			           made_tag(by, x->root, e * elem + k * r->grain));
	}
}

/* --- rows --------------------------------------------------------------------------- */

static void
join(uint32_t *to, const uint32_t *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (to[i] < from[i])
			to[i] = from[i];
}

/* Whether the rTask runs, here as in the reference. */
static bool
runs(struct replay *r, const struct tamp_row *row, uint64_t number)
{
	bool here = oracle_runs(r->t, r->p, row->condition, r->world);
	bool there = oracle_runs(r->t, r->t->ref, r->t->condition[number],
	                         r->world);

	if (here != there && !r->wrong[0])
		snprintf(r->wrong, sizeof r->wrong, "condition: rTask %u of '%s' "
		         "%s", row->task, tamp_rop_name(r->p, row->rop), here ?
		         "runs, and should not" : "does not run, and should");
	return here;
}

static void
run_row(struct replay *r, const struct tamp_row *row, uint32_t veu)
{
	uint32_t *clock = &r->clocks[veu * r->width];
	struct task_trace *t = &r->t->tasks[row->rop][row->task];
	uint64_t number = r->t->first_task[row->rop] + row->task;
	bool go;

	for (uint32_t i = 0; i < row->nwaits; i++)
		join(clock, &r->counter_clocks[
			r->p->waits[row->wait + i].counter * r->width], r->width);
	clock[veu]++;
	if (r->ran[number]++ && !r->wrong[0])
		snprintf(r->wrong, sizeof r->wrong, "twice: rTask %u of '%s'",
		         row->task, tamp_rop_name(r->p, row->rop));
	go = runs(r, row, number);
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].write && (go || t->v[i].guard))
			do_read(r, row, veu, &t->v[i]);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].write && go)
			do_write(r, row, veu, &t->v[i]);
	if (row->signal == TAMP_NONE)
		return;
	join(&r->counter_clocks[row->signal * r->width], clock, r->width);
	r->counted[row->signal]++;
}

/* All vEUs learn what all know. */
static void
meet(struct replay *r)
{
	uint32_t *all = oracle_zeroed(r->width, sizeof *all);

	for (uint32_t v = 0; v < r->width; v++)
		join(all, &r->clocks[v * r->width], r->width);
	for (uint32_t v = 0; v < r->width; v++)
		memcpy(&r->clocks[v * r->width], all, r->width * sizeof *all);
	free(all);
}

/* Lets vEU v do one row.  False if it cannot. */
static bool
step(struct replay *r, const struct tamp_launch *l, uint32_t v)
{
	const struct tamp_veu *u = &r->p->veus[l->veus + v];
	const struct tamp_row *row;

	if (r->at_barrier[v] || r->next[v] >= u->nrows)
		return false;
	row = &r->p->rows[u->row + r->next[v]];
	if (row->kind == TAMP_BARRIER) {
		r->at_barrier[v] = 1;
		r->next[v]++;
		return true;
	}
	if (!oracle_may_go(r->p, row, r->counted))
		return false;
	r->next[v]++;
	run_row(r, row, v);
	return true;
}

static bool
release_barrier(struct replay *r, const struct tamp_launch *l)
{
	for (uint32_t v = 0; v < l->width; v++)
		if (!r->at_barrier[v])
			return false;
	memset(r->at_barrier, 0, l->width);
	meet(r);
	return true;
}

static bool
finished(const struct replay *r, const struct tamp_launch *l)
{
	for (uint32_t v = 0; v < l->width; v++)
		if (r->next[v] < r->p->veus[l->veus + v].nrows ||
		    r->at_barrier[v])
			return false;
	return true;
}

static uint32_t
draw(struct replay *r, uint32_t n)
{
	r->seed = r->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(r->seed >> 33) % n;
}

static void
run_launch(struct replay *r, const struct tamp_launch *l)
{
	memset(r->next, 0, r->width * sizeof *r->next);
	memset(r->at_barrier, 0, r->width);
	while (!finished(r, l)) {
		uint32_t first = draw(r, l->width), i;

		for (i = 0; i < l->width; i++)
			if (step(r, l, (first + i) % l->width))
				break;
		if (i == l->width && !release_barrier(r, l)) {
			snprintf(r->wrong, sizeof r->wrong, "deadlock");
			return;
		}
		if (r->wrong[0])
			return;
	}
	meet(r);
}

/* --- the whole ----------------------------------------------------------------------- */

/* The tags of what a run gives back. */
static void
check_final(struct replay *r)
{
	struct trace *t = r->t;
	const struct tamp_header *h = r->p->h;
	uint64_t *final = r->world->final;
	size_t at = 0, cap = 0;

	for (uint32_t i = h->ninputs; i < h->io.count; i++) {
		uint32_t x = r->p->io[i];
		const struct tamp_tensor *o = &r->p->tensors[x];
		const struct tamp_tensor *root = &r->p->tensors[o->root];
		uint64_t elem = tamp_dtype_bytes(o->dtype);

		if (root->base == TAMP_NOWHERE || root->base == TAMP_WEIGHTS ||
		    root->base == TAMP_PACKED)
			continue;
		for (uint64_t b = 0; b < o->bytes; b += elem, at++) {
			uint64_t first = (r->base[o->root] + o->offset -
				root->offset + b) / r->grain;
			uint64_t tag = r->cells[first].tag;

			if (r->learn) {
				final = oracle_grow(final, at, &cap,
				                    sizeof *final);
				final[at] = tag;
				t->nfinal = at + 1;
			} else if (!r->wrong[0] && at < t->nfinal &&
			           final[at] && (final[at] != tag ||
			           !of_one(r, first, elem / r->grain))) {
				snprintf(r->wrong, sizeof r->wrong,
				         "value: '%s' is wrong in the end",
				         name_of(r, x));
			}
		}
	}
	r->world->final = final;
}

static void
check_ran(struct replay *r)
{
	for (uint64_t i = 0; i < r->p->h->rops.count; i++)
		for (uint32_t k = 0; k < r->p->rops[i].ntasks; k++)
			if (!r->p->rops[i].init && !r->wrong[0] &&
			    !r->ran[r->t->first_task[i] + k])
				snprintf(r->wrong, sizeof r->wrong, "never: rTask "
				         "%u of '%s'", k, tamp_rop_name(r->p,
				         (uint32_t)i));
}

static void
replay_init(struct replay *r)
{
	const struct tamp_header *h = r->p->h;
	uint64_t ntasks = 1, w;

	for (uint64_t i = 0; i < h->rops.count; i++)
		ntasks += r->p->rops[i].ntasks;
	w = r->width;
	r->clocks = oracle_zeroed(w * w, sizeof *r->clocks);
	r->counter_clocks = oracle_zeroed(h->ncounters * w, sizeof(uint32_t));
	r->counted = oracle_zeroed(h->ncounters, sizeof *r->counted);
	r->next = oracle_zeroed(w, sizeof *r->next);
	r->at_barrier = oracle_zeroed(w, 1);
	r->ran = oracle_zeroed(ntasks, 1);
	lay_out(r);
	put_initial(r);
}

static void
replay_release(struct replay *r)
{
	free(r->base);
	free(r->cells);
	free(r->readers);
	free(r->clocks);
	free(r->counter_clocks);
	free(r->counted);
	free(r->next);
	free(r->at_barrier);
	free(r->ran);
}

const char *
oracle_replay(struct trace *t, const struct tamp_plan *p, size_t world,
              uint64_t seed, bool learn)
{
	static char said[512];
	struct replay r = {.t = t, .p = p, .world = &t->worlds[world],
		.learn = learn, .seed = seed, .width = oracle_width(p)};

	if (learn && world > 0)
		r.world->tags = oracle_zeroed(t->ntags, sizeof *r.world->tags);
	replay_init(&r);
	for (uint32_t l = p->h->init_launches;
	     l < p->h->launches.count && !r.wrong[0]; l++)
		run_launch(&r, &p->launches[l]);
	if (!r.wrong[0])
		check_ran(&r);
	if (!r.wrong[0])
		check_final(&r);
	memcpy(said, r.wrong, sizeof said);
	replay_release(&r);
	return said[0] ? said : NULL;
}
