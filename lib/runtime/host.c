/* The host runtime: a vEU is a pinned thread that runs its rows.
 *
 * The calling thread is vEU 0; the others wait for a run's number (epoch) to
 * change, spinning for a short time and then asleep.  Counters are monotonic:
 * a wait is over when its counter has reached epoch * count, so nothing is
 * reset between runs.  Barriers are flags, one cache line a vEU, that count
 * up likewise.  Signals release, waits acquire.
 *
 * Nothing hangs: every wait is bounded by the clock, which starts anew while
 * any vEU finishes rows; the first vEU to give up writes the post-mortem and
 * sets "abort", upon which all leave the run, and counters start from zero
 * again. */
#define _POSIX_C_SOURCE 200809L
#include "host.h"
#include "host_cpus.h"
#include "model_io.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 64

struct padded {
	_Alignas(LINE) _Atomic uint32_t n;
};

/* An rTask's function and arguments, looked up once. */
struct call {
	void (*run)(uint32_t task, void *const *args);
	void *const *args;
};

/* The launches of an execution: those at open, or those of a run. */
struct part {
	uint32_t first, end;
	uint32_t barriers;	/* that an execution counts: those of the
				 * launches and one between each two */
};

struct worker {
	struct host *host;
	pthread_t thread;
	uint32_t veu;
};

struct host {
	struct model m;			/* first: model.h's functions see it */
	struct call *calls;		/* per rOperator */
	void **args;			/* per entry of plan.args */
	struct padded *counters;	/* ncounters */
	struct padded *flags;		/* per vEU: barriers passed */
	struct padded *done;		/* per vEU: epoch finished */
	struct padded *rows;		/* per vEU: rTasks finished, ever */
	struct padded start;		/* epoch begun */
	struct padded abort;
	struct worker *workers;		/* nveus; [0] is the caller */
	bool crowded;			/* more vEUs than CPUs */
	bool stuck;			/* a vEU never came back */

	/* Set by the caller before an epoch starts. */
	const struct part *part;
	uint32_t epoch, runs;		/* executions; those of the run part */
	uint32_t barrier_base;
	bool quit;
	struct part init, run;

	pthread_mutex_t lock;		/* sleeping and waking, post-mortem */
	pthread_cond_t wake;
	_Atomic uint32_t sleepers;

	int *cpus;			/* per vEU, see host_cpus.h */
	void *weights, *arena, *packed;
	void **own;			/* per tensor: allocations by itself */
	void **states;
	const void **inputs;		/* as args point to them now */
	void **outputs;
	void **in_copy, **out_copy;	/* for callers' unaligned memory */
	bool separate;
};

/* --- waiting --------------------------------------------------------------- */

static inline void
pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* rTasks that all vEUs have finished. */
static uint32_t
progress(const struct host *h)
{
	uint32_t n = 0;

	for (int v = 0; v < h->m.nveus; v++)
		n += atomic_load_explicit(&h->rows[v].n, memory_order_relaxed);
	return n;
}

struct spin {
	uint32_t turns;
	double began;			/* 0: not yet */
	uint32_t progress;		/* then */
};

/* Whether nothing has happened for too long: the limit is for a standstill,
 * not for work that takes its time. */
static bool
too_long(struct spin *s, const struct host *h)
{
	double now = tamp_seconds();
	uint32_t n;

	if (s->began != 0 && now - s->began <= h->m.timeout)
		return false;
	n = progress(h);
	if (s->began != 0 && n == s->progress)
		return true;
	s->began = now;
	s->progress = n;
	return false;
}

/* One turn of a spin: pauses at first, then yields, so that a vEU without a
 * CPU soon gets one.  Returns true once the wait has lasted too long. */
static bool
spin(struct spin *s, const struct host *h)
{
	uint32_t soon = h->crowded ? 16 : 1000;

	if (++s->turns <= soon) {
		pause_cpu();
		return false;
	}
	sched_yield();
	return s->turns % 64 == 0 && too_long(s, h);
}

static bool
reached(struct padded *p, uint32_t want)
{
	uint32_t n = atomic_load_explicit(&p->n, memory_order_acquire);

	return (int32_t)(n - want) >= 0;
}

static bool
aborted(struct host *h)
{
	return atomic_load_explicit(&h->abort.n, memory_order_relaxed) != 0;
}

/* Who waits where, for the post-mortem. */
struct waiting {
	uint32_t veu, row;
	uint32_t counter;		/* TAMP_NONE: at a barrier */
	uint32_t other;			/* there: the vEU that is missing */
	uint32_t base;			/* what was reached before the run */
};

/* Waits until *p has reached want.  False if the run is given up: the first
 * to find out says why. */
static bool
wait_for(struct host *h, struct padded *p, uint32_t want,
         const struct waiting *w)
{
	struct spin s = {0, 0, 0};

	while (!reached(p, want)) {
		if (aborted(h))
			return false;
		if (!spin(&s, h))
			continue;
		pthread_mutex_lock(&h->lock);
		if (!aborted(h))
			tamp_post_mortem(&h->m, w->veu, w->row, w->counter,
			                 w->other, want - w->base,
			                 atomic_load(&p->n) - w->base);
		atomic_store(&h->abort.n, 1);
		pthread_mutex_unlock(&h->lock);
		return false;
	}
	return true;
}

/* All vEUs below width meet; n counts the barriers of all executions. */
static bool
barrier(struct host *h, uint32_t veu, uint32_t width, uint32_t n, uint32_t row)
{
	struct waiting w = {veu, row, TAMP_NONE, 0, h->barrier_base};

	atomic_store_explicit(&h->flags[veu].n, n, memory_order_release);
	for (; w.other < width; w.other++)
		if (w.other != veu && !wait_for(h, &h->flags[w.other], n, &w))
			return false;
	return true;
}

/* --- running --------------------------------------------------------------- */

static bool
run_row(struct host *h, uint32_t veu, uint32_t at)
{
	const struct tamp_plan *p = &h->m.plan;
	const struct tamp_row *r = &p->rows[at];
	const struct call *c = &h->calls[r->rop];

	for (uint32_t i = 0; i < r->nwaits; i++) {
		const struct tamp_wait *w = &p->waits[r->wait + i];
		struct waiting who = {veu, at, w->counter, TAMP_NONE,
		                      (h->runs - 1) * w->count};

		if (!wait_for(h, &h->counters[w->counter], h->runs * w->count,
		              &who))
			return false;
	}
	c->run(r->task, c->args);
	atomic_store_explicit(&h->rows[veu].n,
		atomic_load_explicit(&h->rows[veu].n, memory_order_relaxed) + 1,
		memory_order_relaxed);
	if (r->signal != TAMP_NONE)
		atomic_fetch_add_explicit(&h->counters[r->signal].n, 1,
		                          memory_order_release);
	return true;
}

/* The rows of one vEU in one launch; *n counts barriers. */
static bool
run_launch(struct host *h, const struct tamp_launch *l, uint32_t veu,
           uint32_t *n)
{
	const struct tamp_plan *p = &h->m.plan;
	const struct tamp_veu *v = &p->veus[l->veus + veu];

	for (uint32_t i = v->row; i < v->row + v->nrows; i++) {
		if (p->rows[i].kind == TAMP_BARRIER) {
			if (!barrier(h, veu, l->width, ++*n, i))
				return false;
		} else if (!run_row(h, veu, i)) {
			return false;
		}
		if (aborted(h))
			return false;
	}
	return true;
}

static uint32_t
launch_barriers(const struct tamp_plan *p, const struct tamp_launch *l)
{
	const struct tamp_veu *v = &p->veus[l->veus];
	uint32_t n = 0;

	for (uint32_t i = v->row; i < v->row + v->nrows; i++)
		n += p->rows[i].kind == TAMP_BARRIER;
	return n;
}

/* One vEU's share of an execution. */
static void
execute(struct host *h, uint32_t veu)
{
	const struct tamp_plan *p = &h->m.plan;
	const struct part *part = h->part;
	uint32_t n = h->barrier_base;

	for (uint32_t i = part->first; i < part->end; i++) {
		const struct tamp_launch *l = &p->launches[i];

		if (veu >= l->width)
			n += launch_barriers(p, l);
		else if (!run_launch(h, l, veu, &n))
			break;
		if (i + 1 < part->end &&
		    !barrier(h, veu, (uint32_t)h->m.nveus, ++n,
		             p->veus[l->veus].row))
			break;
	}
	atomic_store_explicit(&h->done[veu].n, h->epoch, memory_order_release);
}

/* Waits for the epoch after "last": awake for a while, then asleep. */
static void
await_start(struct host *h, uint32_t last)
{
	uint32_t soon = h->crowded ? 64 : 20000;

	for (uint32_t i = 0; i < soon; i++) {
		if (atomic_load_explicit(&h->start.n, memory_order_acquire) != last)
			return;
		if (h->crowded)
			sched_yield();
		else
			pause_cpu();
	}
	pthread_mutex_lock(&h->lock);
	atomic_fetch_add(&h->sleepers, 1);
	while (atomic_load(&h->start.n) == last)
		pthread_cond_wait(&h->wake, &h->lock);
	atomic_fetch_sub(&h->sleepers, 1);
	pthread_mutex_unlock(&h->lock);
}

/* Begins the next epoch for all workers. */
static void
start(struct host *h)
{
	atomic_store(&h->start.n, ++h->epoch);
	if (atomic_load(&h->sleepers) == 0)
		return;
	pthread_mutex_lock(&h->lock);
	pthread_cond_broadcast(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct host *h = w->host;

	for (uint32_t last = 0;; last++) {
		await_start(h, last);
		if (h->quit)
			return NULL;
		execute(h, w->veu);
	}
}

/* Waits until every vEU has left the execution.  An rTask that does not
 * return cannot be helped: false, and the model is of no use any more. */
static bool
all_done(struct host *h)
{
	for (uint32_t v = 1; v < (uint32_t)h->m.nveus; v++) {
		struct spin s = {0, 0, 0};

		while (!reached(&h->done[v], h->epoch)) {
			if (!spin(&s, h))
				continue;
			h->stuck = true;
			atomic_store(&h->abort.n, 1);
			tamp_fail(&h->m, "vEU %u did not come back within %.3g s",
			          v, h->m.timeout);
			return false;
		}
	}
	return true;
}

/* After an abort everybody is out of the run: start from zero. */
static void
recover(struct host *h)
{
	for (uint32_t i = 0; i < h->m.plan.h->ncounters; i++)
		atomic_store(&h->counters[i].n, 0);
	for (int v = 0; v < h->m.nveus; v++)
		atomic_store(&h->flags[v].n, 0);
	h->runs = 0;
	h->barrier_base = 0;
	atomic_store(&h->abort.n, 0);
}

static int
perform(struct host *h, const struct part *part)
{
	if (h->stuck)
		return tamp_fail(&h->m, "a vEU did not come back in an earlier "
		                 "run: close the model");
	if (part->first == part->end)
		return 0;
	h->part = part;
	start(h);
	execute(h, 0);
	if (!all_done(h))
		return -1;
	if (aborted(h)) {
		recover(h);
		return -1;
	}
	h->barrier_base += part->barriers;
	return 0;
}

/* --- memory ---------------------------------------------------------------- */

static void *
aligned(size_t n)
{
	void *p = NULL;

	if (posix_memalign(&p, LINE, n ? n : 1) != 0)
		return NULL;
	memset(p, 0, n);
	return p;
}

/* Address of tensor i now; NULL for what the caller gives at each run. */
static void *
address(const struct host *h, uint32_t i)
{
	const struct tamp_plan *p = &h->m.plan;
	const struct tamp_tensor *t = &p->tensors[i], *r = &p->tensors[t->root];
	char *base = NULL;

	if (h->own[t->root])
		return (char *)h->own[t->root] + (t->offset - r->offset);
	switch ((enum tamp_base)t->base) {
	case TAMP_ARENA: base = h->arena; break;
	case TAMP_WEIGHTS: base = h->weights; break;
	case TAMP_PACKED: base = h->packed; break;
	case TAMP_INPUT: base = (char *)h->inputs[t->index]; break;
	case TAMP_OUTPUT: base = h->outputs[t->index]; break;
	case TAMP_STATE: base = h->states[t->index]; break;
	case TAMP_OWN: base = h->own[t->index]; break;
	case TAMP_NOWHERE: case TAMP_NBASES: break;
	}
	return base ? base + t->offset : NULL;
}

static void
set_args(struct host *h)
{
	const struct tamp_plan *p = &h->m.plan;

	for (uint64_t i = 0; i < p->h->args.count; i++)
		h->args[i] = address(h, p->args[i]);
}

/* Allocations for tensors that lie by themselves: those the plan says so, and
 * with "separate" all that would share the arena. */
static bool
alloc_own(struct host *h)
{
	const struct tamp_plan *p = &h->m.plan;

	for (uint64_t i = 0; i < p->h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];

		if (t->root != i || (t->base != TAMP_OWN &&
		    !(h->separate && t->base == TAMP_ARENA)))
			continue;
		h->own[i] = aligned(t->bytes);
		if (!h->own[i])
			return false;
	}
	return true;
}

static bool
alloc_io(struct host *h)
{
	const struct tamp_header *t = h->m.plan.h;

	for (uint32_t i = 0; i < t->ninputs; i++) {
		h->in_copy[i] = aligned(model_input_bytes(&h->m, (int)i));
		if (!h->in_copy[i])
			return false;
		h->inputs[i] = h->in_copy[i];
	}
	for (uint32_t i = 0; i < t->noutputs; i++) {
		h->out_copy[i] = aligned(model_output_bytes(&h->m, (int)i));
		if (!h->out_copy[i])
			return false;
		h->outputs[i] = h->out_copy[i];
	}
	for (uint32_t i = 0; i < t->nstates; i++) {
		h->states[i] = aligned(
			tamp_io(&h->m.plan, t->ninputs + t->noutputs + 2 * i)->bytes);
		if (!h->states[i])
			return false;
	}
	return true;
}

static bool
alloc_all(struct host *h)
{
	const struct tamp_header *t = h->m.plan.h;
	size_t veus = (size_t)h->m.nveus;

	h->calls = calloc(t->rops.count + 1, sizeof *h->calls);
	h->args = calloc(t->args.count + 1, sizeof *h->args);
	h->counters = aligned(t->ncounters * sizeof *h->counters);
	h->flags = aligned(veus * sizeof *h->flags);
	h->done = aligned(veus * sizeof *h->done);
	h->rows = aligned(veus * sizeof *h->rows);
	h->cpus = calloc(veus, sizeof *h->cpus);
	h->workers = calloc(veus, sizeof *h->workers);
	h->own = calloc(t->tensors.count + 1, sizeof *h->own);
	h->states = calloc(t->nstates + 1, sizeof *h->states);
	h->inputs = calloc(t->ninputs + 1, sizeof *h->inputs);
	h->outputs = calloc(t->noutputs + 1, sizeof *h->outputs);
	h->in_copy = calloc(t->ninputs + 1, sizeof *h->in_copy);
	h->out_copy = calloc(t->noutputs + 1, sizeof *h->out_copy);
	h->arena = aligned(h->separate ? 0 : t->arena);
	h->packed = aligned(t->packed);
	return h->calls && h->args && h->counters && h->flags && h->done &&
		h->rows && h->cpus && h->workers && h->own && h->states && h->inputs && h->outputs &&
		h->in_copy && h->out_copy && h->arena && h->packed &&
		alloc_own(h) && alloc_io(h);
}

static void
free_each(void **v, uint64_t n)
{
	for (uint64_t i = 0; v && i < n; i++)
		free(v[i]);
	free(v);
}

static void
free_all(struct host *h)
{
	const struct tamp_header *t = h->m.plan.h;

	free_each(h->own, t->tensors.count);
	free_each(h->states, t->nstates);
	free_each(h->in_copy, t->ninputs);
	free_each(h->out_copy, t->noutputs);
	free(h->calls);
	free(h->args);
	free(h->counters);
	free(h->flags);
	free(h->done);
	free(h->rows);
	free(h->cpus);
	free(h->workers);
	free(h->inputs);
	free(h->outputs);
	free(h->arena);
	free(h->packed);
	tamp_weights_close(h->weights, t->weights);
	tamp_plan_close(&h->m.plan);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static int
tensor_read(struct model *m, uint32_t i, void *to)
{
	const void *from = address((struct host *)m, i);

	if (from)
		memcpy(to, from, m->plan.tensors[i].bytes);
	return from ? 0 : tamp_fail(m, "the tensor has no memory");
}

/* --- threads ---------------------------------------------------------------- */

static int
start_worker(struct host *h, uint32_t veu)
{
	struct worker *w = &h->workers[veu];
	pthread_attr_t attr;
	int rc;

	w->host = h;
	w->veu = veu;
	pthread_attr_init(&attr);
	host_cpus_bind(&attr, h->cpus[veu]);
	rc = pthread_create(&w->thread, &attr, worker_main, w);
	pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : -1;
}

/* Ends the workers 1..n-1; none of them may be stuck. */
static void
stop_workers(struct host *h, int n)
{
	h->quit = true;
	start(h);
	for (int v = 1; v < n; v++)
		pthread_join(h->workers[v].thread, NULL);
	host_cpus_give_back(h->cpus, h->m.nveus);
}

static int
start_workers(struct host *h)
{
	h->crowded = h->m.nveus > host_ncpus();
	host_cpus_take(h->cpus, h->m.nveus);
	for (int v = 1; v < h->m.nveus; v++)
		if (start_worker(h, (uint32_t)v) < 0) {
			stop_workers(h, v);
			return tamp_fail(NULL, "cannot start the thread of vEU %d",
			                 v);
		}
	return 0;
}

/* --- model.h ---------------------------------------------------------------- */

/* Barriers that executing the launches first..end-1 counts, and the widest. */
static struct part
make_part(const struct tamp_plan *p, uint32_t first, uint32_t end, int *width)
{
	struct part part = {first, end, 0};

	for (uint32_t i = first; i < end; i++) {
		const struct tamp_launch *l = &p->launches[i];

		part.barriers += launch_barriers(p, l) + (i + 1 < end);
		if ((int)l->width > *width)
			*width = (int)l->width;
	}
	return part;
}

static int
open_parts(struct host *h, const char *dir)
{
	const struct tamp_plan *p = &h->m.plan;
	bool failed;

	h->m.nveus = 1;
	h->init = make_part(p, 0, p->h->init_launches, &h->m.nveus);
	h->run = make_part(p, p->h->init_launches,
	                   (uint32_t)p->h->launches.count, &h->m.nveus);
	h->weights = tamp_weights_open(dir, p->h, &failed);
	if (failed)
		return -1;
	if (!alloc_all(h))
		return tamp_fail(NULL, "out of memory");
	for (uint64_t i = 0; i < p->h->rops.count; i++)
		if (p->rops[i].ntasks > 0)
			h->calls[i] = (struct call){
				tamp_instances[p->rops[i].instance].run,
				h->args + p->rops[i].args};
	set_args(h);
	return start_workers(h);
}

/* Packs constants: longer work than a run's. */
static int
run_init(struct host *h)
{
	double timeout = h->m.timeout;
	int rc;

	h->m.timeout *= TAMP_OPEN_PATIENCE;
	rc = perform(h, &h->init);
	h->m.timeout = timeout;
	if (rc < 0) {
		tamp_fail(NULL, "%s", h->m.error);
		if (!h->stuck)
			stop_workers(h, h->m.nveus);
	}
	return rc;
}

int
model_open_options(const char *dir, const struct model_options *o,
                   struct model **out)
{
	struct host *h = aligned(sizeof *h);

	*out = NULL;
	dir = dir ? dir : ".";
	if (!h)
		return tamp_fail(NULL, "out of memory");
	h->separate = o->separate != 0;
	h->m.timeout = o->timeout > 0 ? o->timeout : 20;
	h->m.device = "host";
	h->m.tensor_read = tensor_read;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	if (tamp_plan_open(&h->m.plan, dir, tamp_ninstances,
	                   tamp_instances_hash) < 0) {
		free(h);
		return -1;
	}
	if (open_parts(h, dir) < 0 || run_init(h) < 0) {
		if (!h->stuck)	/* a stuck vEU still uses the memory */
			free_all(h);
		return -1;
	}
	*out = &h->m;
	return 0;
}

/* Whether a caller's pointer can be used where it is. */
static bool
usable(const void *p)
{
	return (uintptr_t)p % 64 == 0;
}

static int
bind(struct host *h, const void *const *inputs, void *const *outputs)
{
	bool changed = false;

	for (uint32_t i = 0; i < h->m.plan.h->ninputs; i++) {
		const void *at = inputs[i];
		size_t n = model_input_bytes(&h->m, (int)i);

		if (!at && n > 0)
			return tamp_fail(&h->m, "input %u is NULL", i);
		if (!usable(at)) {
			memcpy(h->in_copy[i], at, n);
			at = h->in_copy[i];
		}
		changed |= h->inputs[i] != at;
		h->inputs[i] = at;
	}
	for (uint32_t i = 0; i < h->m.plan.h->noutputs; i++) {
		void *at = outputs[i];

		if (!at && model_output_bytes(&h->m, (int)i) > 0)
			return tamp_fail(&h->m, "output %u is NULL", i);
		at = usable(at) ? at : h->out_copy[i];
		changed |= h->outputs[i] != at;
		h->outputs[i] = at;
	}
	if (changed)
		set_args(h);
	return 0;
}

/* With "separate", for tools, what a run reads before it wrote it shall show:
 * temporaries and outputs become NaNs first. */
static void
poison(struct host *h)
{
	const struct tamp_plan *p = &h->m.plan;

	for (uint64_t i = 0; i < p->h->tensors.count; i++)
		if (h->own[i])
			memset(h->own[i], 0xff, p->tensors[i].bytes);
	for (uint32_t i = 0; i < p->h->noutputs; i++)
		memset(h->outputs[i], 0xff, model_output_bytes(&h->m, (int)i));
}

/* Outputs and states that lie elsewhere than where they are wanted. */
static void
copy_out(struct host *h, void *const *outputs)
{
	const struct tamp_plan *p = &h->m.plan;
	uint32_t at = p->h->ninputs;

	for (uint32_t i = 0; i < p->h->noutputs; i++, at++) {
		const void *from = address(h, p->io[at]);

		if (from != outputs[i] && tamp_io(p, at)->bytes > 0)
			memcpy(outputs[i], from, tamp_io(p, at)->bytes);
	}
	for (uint32_t i = 0; i < p->h->nstates; i++, at += 2) {
		void *past = address(h, p->io[at]);
		const void *present = address(h, p->io[at + 1]);

		if (past != present)
			memcpy(past, present, tamp_io(p, at)->bytes);
	}
}

int
model_run(struct model *m, const void *const *inputs, void *const *outputs)
{
	struct host *h = (struct host *)m;
	double begin;

	if (bind(h, inputs, outputs) < 0)
		return -1;
	if (h->separate)
		poison(h);
	h->runs++;
	begin = tamp_seconds();
	if (perform(h, &h->run) < 0)
		return -1;
	m->run_us = (tamp_seconds() - begin) * 1e6;
	copy_out(h, outputs);
	return 0;
}

int
model_run_on(struct model *m, const void *const *inputs,
             void *const *outputs, void *stream)
{
	(void)stream;
	return model_run(m, inputs, outputs);
}

/* Nothing is under way between calls. */
int
model_wait(struct model *m)
{
	(void)m;
	return 0;
}

void
model_pin(struct model *m)
{
	const struct host *h = (const struct host *)m;

	if (!h->crowded)
		host_cpus_bind_self(h->cpus[0]);
}

int
model_reset(struct model *m)
{
	struct host *h = (struct host *)m;
	const struct tamp_header *t = m->plan.h;

	for (uint32_t i = 0; i < t->nstates; i++)
		memset(h->states[i], 0, tamp_io(&m->plan,
		       t->ninputs + t->noutputs + 2 * i)->bytes);
	return 0;
}

void
model_close(struct model *m)
{
	struct host *h = (struct host *)m;

	if (!h || h->stuck)	/* a stuck vEU still uses the memory */
		return;
	stop_workers(h, h->m.nveus);
	free_all(h);
}
