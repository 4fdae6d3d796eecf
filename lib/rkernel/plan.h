/* A plan: what a stack says, with names resolved to indices.  What policies,
 * the verifier, the predictor and emit work on. */
#ifndef RKERNEL_PLAN_H
#define RKERNEL_PLAN_H

#include "ir/conditions.h"
#include "rkernel/kernel.h"
#include "rkernel/region.h"

enum ptensor_kind {
	PT_INPUT,	/* given by the caller at each run */
	PT_OUTPUT,	/* given back to the caller */
	PT_CONST,	/* stored with the weights */
	PT_PACKED,	/* made from constants by an init rOperator */
	PT_STATE,	/* lives from run to run */
	PT_TEMP,	/* in the arena */
};

struct ptensor {
	const char *name;
	enum ptensor_kind kind;	/* of its root for a view */
	enum dtype type;
	struct ints shape;	/* logical */
	const char *layout;	/* NULL: row-major */
	struct ints stored;	/* shape as stored */
	int64_t elems, bytes;	/* as stored */
	int root;		/* tensor whose storage it lies in (itself); the
				 * root of a state's "present" is its "past" */
	int64_t offset;		/* bytes into the root */
	const struct tensor *t;	/* the graph's, or NULL for a buffer */
	int io;			/* index among graph inputs/outputs/states */
	bool used;		/* some rOperator touches it or its views */
	bool present;		/* a state's new value, or a view of it */
};

struct parg {
	int tensor;
	const struct arg *arg;
	struct ints stored;	/* of arg->shape under arg->layout */
	int host;		/* extras: argument index of arg->on; else -1 */
};

struct prop {
	const struct rop *rop;
	const struct class *cls;
	int cls_index;
	int condition;		/* under which it runs, or -1 */
	VEC(struct parg) args;	/* of its class, then guards: see parg_guards */
	const struct candidate *cand;	/* chosen, by plan_choose */
	struct region **reads, **writes; /* per argument of the class; NULL:
					 * whole */
	int64_t ntasks;
	VEC(int) preds, succs;	/* rOperators it must follow: by tensors, deduped */
};

struct plan_regions;		/* the candidates' regions, parsed */

struct plan {
	struct arena *a;
	const struct graph *graph;
	const struct device *device;
	const struct tasks *tasks;
	const struct schedule *schedule;	/* may be NULL */
	const struct memory *memory;		/* may be NULL */
	VEC(struct ptensor) tensors;	/* the graph's, then the buffers */
	VEC(struct prop) rops;		/* in the order of tasks/1: each after
					 * those it reads from */
	struct conditions conditions;	/* of tasks/1 */
	struct parg *guards;		/* [condition] its tensor, as all that
					 * run under it read it */
	struct map tensor_by_name, rop_by_name;
	struct plan_regions **regions;	/* [class][candidate] */
};

/* Resolves the stack's graph, device and tasks (errors if one is missing).
 * Checks what needs all three: arguments fit their tensors, regions parse and
 * fit their arguments, everything that is read is made, nothing is read
 * before it is made. */
int plan_init(struct plan *p, struct arena *a, const struct stack *s,
              struct diag *d);

/* The same for a stack that a stage has read: checks the whole of it first, and
 * that there is a tasks/1. */
int plan_init_checked(struct plan *p, struct arena *a, const struct stack *s,
                      struct diag *d);

/* rTasks of a schedule at most: as in plan.bin, their places are numbers of 32
 * bits.  Memory ends sooner: the verifier takes some 70 bytes an rTask. */
#define PLAN_RTASKS_MAX ((int64_t)INT32_MAX)

/* The rOperator of that name, or -1; hint: which it probably is. */
int plan_rop(const struct plan *p, const char *name, int hint);

/* Sets every rOperator's candidate from a schedule's "kernels"; each must be
 * named once and have that candidate.  Refuses more rTasks than the maximum
 * and regions without a value. */
int plan_choose(struct plan *p, const struct schedule *s, struct diag *d);

/* Sets one rOperator's candidate (policies, while they look for the best):
 * one of its class's. */
void plan_use(struct plan *p, int rop, const struct candidate *c);

/* All rOperators in an order in which they may run, and in which those that read
 * the same constant stand together, as far as may be: see plan_reuse.c. */
int *plan_reuse_order(const struct plan *p, struct arena *a);

/* [rop] the constant that is the largest of what it touches, if that is so of others
 * too; else -1. */
int *plan_reused(const struct plan *p, struct arena *a);

/* rOperators that follow one another on the same vEUs, as runs of their rTasks:
 * where several that are independent read the same constant, of which what one vEU
 * reads does not stay in the nearest cache that holds what one rTask reads, the first
 * rTasks of all run first, then the second ones ...; any other is one run. */
struct task_run {
	int rop;
	int64_t from, to;		/* rTasks from .. to - 1 */
};

struct rounds {
	const struct plan *p;
	struct arena *a;
	const int *about;		/* [rop] the constant, or -1 */
	int *in, stretches;		/* [rop] the last in which it was put */
	bool *parted;			/* [rop] it goes in rounds with others */
	VEC(struct task_run) runs;
};

void rounds_init(struct rounds *r, const struct plan *p, struct arena *a);

/* Appends n rOperators, with the candidates that are chosen, on so many vEUs:
 * rTask i on the (i mod veus)-th. */
void rounds_add(struct rounds *r, const int *rops, size_t n, int64_t veus);

/* rOperators that stay on one vEU, and an order of all in which batches follow one
 * another: see plan_batches.c. */
struct batches {
	int *of;		/* [rop] its batch */
	int n;
	bool *several;		/* [batch] of rOperators about a constant; else it
				 * is one rOperator alone */
	bool *flat;		/* [batch] of several, of which none needs another */
	int *order;		/* rOperators */
};

/* For so many vEUs. */
void plan_batches(struct batches *b, const struct plan *p, int64_t width,
                  struct arena *a);

/* The k-th candidate of a class, or its first if it has fewer. */
static inline const struct candidate *
plan_kth(const struct class *c, size_t k)
{
	return &c->kernels.v[k < c->kernels.n ? k : 0];
}

/* Where n rTasks begin that are dealt out to so many vEUs behind others, which end
 * before vEU next: more than there are vEUs begin with the first. */
static inline int64_t
plan_dealt(int64_t n, int64_t next, int64_t width)
{
	return n >= width ? 0 : next;
}

/* rTasks of a candidate; -1 if its grid is none (of a plan, all have one). */
int64_t plan_grid(const struct candidate *c);

/* Boxes (in the argument's stored shape) that a task of a chosen rOperator
 * reads or writes; an extra's follow from its host's.  Appended to out. */
void plan_boxes(const struct plan *p, int rop, size_t arg, int64_t task,
                struct arena *a, struct boxes *out);

static inline bool
parg_written(const struct prop *r, size_t arg)
{
	return r->args.v[arg].arg->out;
}

/* Whether an argument is none of the class's, but a tensor that decides whether
 * the rOperator runs: each rTask reads it whole, before its kernel is called. */
static inline bool
parg_guards(const struct prop *r, size_t arg)
{
	return arg >= r->cls->args.n;
}

#endif
