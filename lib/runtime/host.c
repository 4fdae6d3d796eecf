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
#include "host_cpus.h"
#include "host_model.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* If the run is traced: else nothing is read. */
static inline uint64_t
now(const struct host *h)
{
	return h->m.stamps ? host_clock_read(&h->clock) : 0;
}

static inline void
note(struct host *h, uint32_t row, uint64_t arrived, uint64_t begun,
     bool skipped)
{
	if (h->m.stamps)
		h->m.stamps[row] = (struct tamp_stamp){arrived, begun,
			now(h), skipped ? begun : 0};
}

/* Whether all of a condition holds; what it looks at has been waited for. */
static bool
holds(const struct host *h, uint32_t condition)
{
	while (condition != TAMP_NONE) {
		const struct tamp_guard *g = &h->guards[condition];

		if ((*g->at != 0) != g->is)
			return false;
		condition = g->within;
	}
	return true;
}

static bool
run_row(struct host *h, uint32_t veu, uint32_t at)
{
	const struct tamp_plan *p = &h->m.plan;
	const struct tamp_row *r = &p->rows[at];
	const struct call *c = &h->calls[r->rop];
	uint64_t arrived = now(h), begun;

	for (uint32_t i = 0; i < r->nwaits; i++) {
		const struct tamp_wait *w = &p->waits[r->wait + i];
		struct waiting who = {veu, at, w->counter, TAMP_NONE,
		                      (h->runs - 1) * w->count};

		if (!wait_for(h, &h->counters[w->counter], h->runs * w->count,
		              &who))
			return false;
	}
	begun = r->nwaits > 0 ? now(h) : arrived;
	if (holds(h, r->condition)) {
		c->run(r->task, c->args);
		note(h, at, arrived, begun, false);
	} else {
		note(h, at, arrived, begun, true);
	}
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
			uint64_t arrived = now(h);

			if (!barrier(h, veu, l->width, ++*n, i))
				return false;
			note(h, i, arrived, now(h), false);
		} else if (!run_row(h, veu, i)) {
			return false;
		}
		if (aborted(h))
			return false;
	}
	return true;
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
			n += tamp_barriers(p, l);
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

static int
stamps_read(struct model *m)
{
	m->tick_ns = host_clock_tick_ns(&((struct host *)m)->clock);
	return 0;
}

static int
tensor_read(struct model *m, uint32_t i, void *to)
{
	const void *from = tamp_address(&((struct host *)m)->at, &m->plan, i);

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

		part.barriers += tamp_barriers(p, l) + (i + 1 < end);
		if ((int)l->width > *width)
			*width = (int)l->width;
	}
	return part;
}

static int
open_parts(struct host *h, const char *dir, bool trace)
{
	const struct tamp_plan *p = &h->m.plan;
	bool failed;

	h->m.nveus = 1;
	h->init = make_part(p, 0, p->h->init_launches, &h->m.nveus);
	h->run = make_part(p, p->h->init_launches,
	                   (uint32_t)p->h->launches.count, &h->m.nveus);
	h->at.weights = tamp_weights_open(dir, p->h, &failed);
	if (failed)
		return -1;
	if (!host_alloc(h))
		return tamp_fail(NULL, "out of memory");
	if (trace && tamp_trace_init(&h->m) < 0)
		return -1;
	for (uint64_t i = 0; i < p->h->rops.count; i++)
		if (p->rops[i].ntasks > 0)
			h->calls[i] = (struct call){
				tamp_instances[p->rops[i].instance].run,
				h->args + p->rops[i].args};
	host_set_args(h);
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
	struct host *h = host_aligned(sizeof *h);

	*out = NULL;
	dir = dir ? dir : ".";
	if (!h)
		return tamp_fail(NULL, "out of memory");
	h->at.separate = o->separate != 0;
	h->m.timeout = o->timeout > 0 ? o->timeout : 20;
	h->m.device = "host";
	h->m.tensor_read = tensor_read;
	h->m.stamps_read = stamps_read;
	host_clock_start(&h->clock);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	if (tamp_plan_open(&h->m.plan, dir, tamp_ninstances,
	                   tamp_instances_hash) < 0) {
		free(h);
		return -1;
	}
	if (open_parts(h, dir, o->trace != 0) < 0 || run_init(h) < 0) {
		if (!h->stuck)	/* a stuck vEU still uses the memory */
			host_free(h);
		return -1;
	}
	*out = &h->m;
	return 0;
}

int
model_run(struct model *m, const void *const *inputs, void *const *outputs)
{
	struct host *h = (struct host *)m;
	double begin;

	if (host_bind(h, inputs, outputs) < 0)
		return -1;
	if (h->at.separate)
		host_poison(h);
	h->runs++;
	begin = tamp_seconds();
	if (perform(h, &h->run) < 0)
		return -1;
	m->run_us = (tamp_seconds() - begin) * 1e6;
	host_copy_out(h, outputs);
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
		memset(h->at.states[i], 0, tamp_io(&m->plan,
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
	host_free(h);
}
