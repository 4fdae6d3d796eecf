/* A model on the host: what host.c and host_memory.c share. */
#ifndef TAMP_HOST_MODEL_H
#define TAMP_HOST_MODEL_H

#include <pthread.h>
#include <stdatomic.h>

#include "host.h"
#include "host_clock.h"
#include "model_common.h"

#define HOST_LINE 64		/* bytes of a cache line */

struct padded {
	_Alignas(HOST_LINE) _Atomic uint32_t n;
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
	struct tamp_guard *guards;	/* per condition */
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
	struct host_clock clock;	/* of a trace */
	struct tamp_memory at;		/* inputs and outputs as args point to
					 * them now */
	void **in_copy, **out_copy;	/* for callers' unaligned memory */
};

/* n bytes of zeros at a cache line's begin; NULL without memory. */
void *host_aligned(size_t n);

/* Everything but weights; false without memory: host_free gives back what
 * there is. */
bool host_alloc(struct host *h);
void host_free(struct host *h);

/* Arguments of rTasks, and what conditions look at, from where tensors lie
 * now. */
void host_set_args(struct host *h);

/* Before a run: takes the callers' memory, copied if it is not aligned. */
int host_bind(struct host *h, const void *const *inputs, void *const *outputs);

/* With "separate", for tools, what a run reads before it wrote it shall show:
 * temporaries and outputs become NaNs first. */
void host_poison(struct host *h);

/* After a run: outputs and states that lie elsewhere than where they are
 * wanted. */
void host_copy_out(struct host *h, void *const *outputs);

#endif
