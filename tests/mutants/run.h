/* A run of the mutation test, as its files share it: see mutants.c. */
#ifndef RUN_H
#define RUN_H

#include "base/str.h"
#include "emit/reread.h"
#include "emit/tables.h"
#include "mutate.h"
#include "policy/policy.h"
#include "verify/verify.h"

struct count {
	int tried, refused, harmless, accepted_wrong, refused_wrong;
	int replayed;		/* refusals whose witness came about */
	int declared;		/* of these, by what heads declare alone */
	int untripped;		/* whose did not */
};

struct legal {			/* a legal schedule and memory plan */
	struct schedule *s;
	struct memory *m;
	const char *name;
};

struct mutant {			/* written, awaiting the oracle */
	enum class_id class;	/* NCLASSES: an unedited base */
	const char *what, *base, *dir;
	enum fault found;
	bool witness;		/* its refusal names rTasks */
	bool declared;		/* that meet by what their heads declare */
};

struct run {
	struct arena a;
	struct diag d;
	int64_t per_class, seed;
	const char *share, *work;
	bool verbose;
	struct strs rest, resources;
	struct rng rng;
	struct count counts[NCLASSES];
	int ndirs, nbases, bad;

	/* the plan at hand */
	const char *path;
	struct arena pa, tmp;		/* tmp: of the mutant at hand */
	struct stack stack;
	struct plan plan;
	struct kernels kernels;
	struct diag quiet;
	const struct candidate **use;	/* [rop] */
	const char *ref;		/* directory of the reference */
	uint64_t hash;			/* of the reference's instances */
	VEC(struct legal) bases;
	VEC(struct mutant) mutants;
};

/* --- bases.c -------------------------------------------------------------------- */

/* Chooses rKernels for all schedules of a plan, so that all are tables of the
 * same instances. */
int choose(struct run *r, enum select_kind select);

/* A whole schedule by a policy with these rKernels; NULL if it declines. */
struct schedule *plan_with(struct run *r, const char *policy,
                           enum sync_kind sync, int64_t width);

/* Legal schedules by all policies and in ways that none would take, judged
 * themselves; without oracle, those by policies alone. */
void make_bases(struct run *r, const char *select, bool oracle);

/* --- judge.c -------------------------------------------------------------------- */

/* The reference: one vEU, one rOperator after the other, no memory shared; a
 * program with the oracle in it.  For the rKernels chosen. */
int make_reference(struct run *r);

/* Lets the verifier judge a mutant of b, and others, now or when the oracle is
 * asked; the class says who. */
void judge(struct run *r, enum class_id c, const struct legal *b,
           struct schedule *s, struct memory *m, const char *what);

/* A mutant of a class that edits other things than schedules and memory; false
 * if there was nothing to edit. */
bool judge_hole(struct run *r, const struct legal *b, struct schedule *s);
bool judge_table(struct run *r, const struct legal *b);

/* One run of the oracle over all tables that wait for it. */
int ask_oracle(struct run *r);

#endif
