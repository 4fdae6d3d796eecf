/* The access oracle: whether a program table is right, by what its rTasks
 * really touch.
 *
 * An emitted model's source (model.c, or model.cu for emulation) is compiled
 * with -fsanitize=thread and linked with this instead of libtsan: the
 * compiler's hooks then tell every access.
 * Each rTask is run once, alone, in a table that is right beyond doubt (one
 * vEU, one rOperator after the other); its accesses are kept.  Any number of
 * other tables of the same rTasks are then replayed with them.  Nothing here
 * shares code or assumptions with lib/verify, nor looks at declared regions.
 *
 * Under conditions not all of them run.  What is ordered, and what shares bytes,
 * is seen where all do; what they read and leave, and which of them run, where
 * each of the tensors that decide is true, or false. */
#ifndef TAMP_ORACLE_H
#define TAMP_ORACLE_H

#include "model_io.h"
#include "oracle_witness.h"

extern const uint32_t tamp_ninstances;	/* of the generated source */
extern const uint64_t tamp_instances_hash;

/* Elements lo .. hi-1 of a root tensor; reads are those of what the rTask has
 * not written itself before. */
struct access {
	uint32_t root;
	bool write;
	bool guard;		/* read by the vEU, to see whether to run it */
	uint64_t lo, hi;
	uint64_t expect;	/* reads: first of their tags in trace.tags */
};

struct task_trace {
	struct access *v;
	size_t n, cap;
};

/* So many tensors that decide are tried in all ways; of more, as many ways. */
#define ORACLE_TRIED 4

struct world {
	uint64_t truth;		/* of what decides, a bit each */
	uint64_t *tags;		/* who made what each read finds; 0: nobody */
	uint64_t *final;	/* tags of outputs and states at the end */
};

/* What every rTask of a model touches; elements are of the root's type. */
struct trace {
	const struct tamp_plan *ref;
	struct task_trace **tasks;	/* [rop][task] */
	size_t ntags, captags, nfinal;	/* of each world */
	uint64_t *first_task;		/* [rop] number of its rTask 0, from 1 */
	uint32_t *condition;		/* [rTask number] under which it runs */
	uint32_t *deciders;		/* tensors that conditions look at */
	size_t ndeciders;
	struct world *worlds;		/* [nworlds] in the first all run */
	size_t nworlds;
};

/* Fills deciders and worlds. */
void oracle_worlds(struct trace *t);

/* Whether what has this condition of table p runs in a world of t's. */
bool oracle_runs(const struct trace *t, const struct tamp_plan *p,
                 uint32_t condition, const struct world *w);

/* On the heap, or exits: v with room for one after its n; n that are 0. */
void *oracle_grow(void *v, size_t n, size_t *cap, size_t size);
void *oracle_zeroed(size_t n, size_t size);

/* What both replays ask of a table: vEUs of its widest launch, and whether all
 * that a row waits for has come, counted [counter]. */
uint32_t oracle_width(const struct tamp_plan *p);
bool oracle_may_go(const struct tamp_plan *p, const struct tamp_row *r,
                   const uint32_t *counted);

/* Runs and records every rTask of the reference table.  dir holds weights.bin.
 * -1 after a message. */
int oracle_record(struct trace *t, const struct tamp_plan *ref,
                  const char *dir);

/* Replays a table in a world; seed draws which vEU goes on.  NULL if all is well,
 * else what is wrong.  With learn, the reference's own replay: fills the tags,
 * of the first world before others. */
const char *oracle_replay(struct trace *t, const struct tamp_plan *p,
                          size_t world, uint64_t seed, bool learn);

/* Why somebody refused the table of dir, replayed: NULL if dir says nothing of
 * it; "tripped" if it comes about in an order that the table allows, between
 * accesses that its rTasks make; "declared" if it would, did they touch what
 * they say they share; else what does not. */
const char *oracle_trip(const struct trace *t, const struct tamp_plan *p,
                        const char *dir);
bool oracle_has_witness(const char *dir);

/* Runs one rTask, of a launch of that table, alone: oracle_host.c,
 * oracle_emu.cpp. */
void oracle_run(const struct tamp_launch *l, uint32_t instance, uint32_t task,
                void **args);

#endif
