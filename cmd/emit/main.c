/* tamp-emit: a plan with a schedule to a directory that stands alone. */
#include <signal.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "emit/dir.h"
#include "emit/memory.h"
#include "emit/reread.h"
#include "emit/tables.h"
#include "verify/verify.h"

#include "../share.h"

static const struct opt_usage usage = {
	"tamp-emit", "[options] -o DIR [PLAN ...]\n       tamp-emit --check DIR",
	"Writes a scheduled plan as a program: a directory that stands alone.",
	"  tamp emit -o build plan.yaml\n"
	"  tamp schedule -p wavefront tasks.yaml | tamp emit -o build && make -C build\n"
	"  tamp emit --check build\n",
};

struct run {
	struct arena a;
	struct diag d;
	const char *share, *out, *check, *target, *memory;
	struct strs dirs, rest;
	bool unverified;
	struct stack stack;
	struct plan plan;
	struct kernels kernels;
	struct emit e;
	const struct target *t;
};

static int
parse(struct run *r, int argc, char **argv)
{
	const struct opt opts[] = {
		{'o', "output", OPT_STR, &r->out, "DIR", "directory to write", ""},
		{0, "check", OPT_STR, &r->check, "DIR",
		 "writes nothing: holds what lies in DIR against its plan.yaml", ""},
		{0, "target", OPT_STR, &r->target, "TARGET",
		 "what the device must be for: refused if it is another",
		 target_names(&r->a)},
		{'K', "kernels", OPT_STRS, &r->dirs, "DIR",
		 "more rKernels; they win over tamp's own", ""},
		{0, "memory", OPT_STR, &r->memory, "HOW",
		 "arena: tensors share memory; own: each has its own (for sanitizers)",
		 "arena own"},
		{0, "unverified", OPT_FLAG, &r->unverified, NULL,
		 "skips the verifier: for tests of what an illegal plan does", NULL},
		{'v', "verbose", OPT_FLAG, &r->d.verbose, NULL, "progress", NULL},
		{0, "explain", OPT_FLAG, &r->d.explain, NULL,
		 "which files changed", NULL},
		{0},
	};
	int status = opt_parse(&usage, opts, &r->a, argc, argv, &r->rest);

	if (status >= 0)
		return status;
	if (!r->out && !r->check) {
		diag_error(&r->d, POS_NONE, "-o DIR is missing");
		return 2;
	}
	if (r->check && (r->out || r->rest.n || r->dirs.n || r->unverified ||
	                 r->memory)) {
		diag_error(&r->d, POS_NONE, "--check takes nothing else: the plan is "
		           "the one in its directory");
		return 2;
	}
	if (r->memory && !str_eq(r->memory, "arena") && !str_eq(r->memory, "own")) {
		diag_error(&r->d, POS_NONE, "unknown memory '%s', expected arena or "
		           "own", r->memory);
		return 2;
	}
	if (r->rest.n == 0)
		vec_push(&r->a, &r->rest, !r->check ? "-" :
		         file_join(&r->a, r->check, "plan.yaml"));
	return -1;
}

static int
find_target(struct run *r)
{
	const struct device *v = r->plan.device;
	const char *name = target_words.words[v->target];

	if (r->target && !str_eq(r->target, name))
		return diag_error(&r->d, record_pos(v, "target"), "the plan is made "
		                  "for target '%s', not '%s'", name, r->target);
	r->t = target_find((enum target_kind)v->target);
	if (!r->t)
		return diag_error(&r->d, record_pos(v, "target"),
		                  "nothing here emits target '%s'", name);
	return 0;
}

static int
read_plan(struct run *r)
{
	stack_init(&r->stack, &r->a, formats);
	for (size_t i = 0; i < r->rest.n; i++)
		if (stack_read(&r->stack, r->rest.v[i], &r->d) < 0)
			return -1;
	if (stack_check(&r->stack, &r->d) < 0)
		return -1;
	if (!stack_schedule(&r->stack))
		return diag_error(&r->d, POS_NONE, "the plan has no schedule/1: run "
		                  "tamp schedule on it first");
	if (plan_init(&r->plan, &r->a, &r->stack, &r->d) < 0)
		return -1;
	return find_target(r);
}

static int
load_kernels(struct run *r)
{
	enum target_kind t = (enum target_kind)r->plan.device->target;

	for (size_t i = 0; i < r->dirs.n; i++)
		if (kernels_load(&r->kernels, &r->a, r->dirs.v[i], t, &r->d) < 0)
			return -1;
	return kernels_load(&r->kernels, &r->a,
	                    arena_printf(&r->a, "%s/kernels", r->share), t, &r->d);
}

static struct made *
make_made(struct run *r)
{
	struct made *m = arena_new(&r->a, struct made);

	m->by = "tamp-emit";
	m->version = TAMP_VERSION;
	if (str_eq(r->memory, "own"))
		vec_push(&r->a, &m->options, "--memory own");
	return m;
}

/* The memory/1 to use, or NULL to make one.  One that was computed goes with
 * its schedule: where that was edited since, it is made anew.  One that a
 * person made or edited is theirs to mend. */
static const struct memory *
given_memory(struct run *r)
{
	const struct memory *m = r->memory ? NULL : stack_memory(&r->stack);

	if (!m || r->unverified)
		return m;
	if (memory_origin(m, r->plan.tasks, stack_schedule(&r->stack)) !=
	    MEMORY_STALE && !m->unverified)
		return m;
	diag_note(&r->d, record_pos(m, "made"), "this memory plan is of %s: "
	          "making one anew", m->unverified ?
	          "a schedule that was not verified" : "another schedule");
	return NULL;
}

/* An order is known only of a schedule that is legal: of any other, memory is
 * shared only where it is asked for. */
static struct memory *
make_memory(struct run *r, const struct order *o)
{
	const struct schedule *s = stack_schedule(&r->stack);
	bool own = str_eq(r->memory, "own") || (r->unverified && !r->memory);

	return memory_make(&r->plan, s, o, r->t->align, own, &r->d);
}

/* Puts m on top of the plan, signed. */
static void
push_memory(struct run *r, struct memory *m)
{
	m->made = make_made(r);
	m->unverified = r->unverified;
	memory_sign(m, r->plan.tasks, stack_schedule(&r->stack), &r->a);
	stack_push(&r->stack, FORMAT_MEMORY, m);
	r->e.memory = m;
	diag_progress(&r->d, "memory: arena %lld, weights %lld, packed %lld bytes",
	              (long long)m->arena, (long long)m->weights,
	              (long long)m->packed);
}

/* For tests of what an illegal plan does: nothing is proved of it, and it says
 * so wherever it goes. */
static int
plan_unverified(struct run *r)
{
	const struct memory *given = given_memory(r);
	struct memory *m;

	diag_warn(&r->d, POS_NONE, "the schedule is not verified: the program "
	          "may give wrong results or wait for ever");
	if (plan_choose(&r->plan, stack_schedule(&r->stack), &r->d) < 0)
		return -1;
	if (given) {
		m = arena_new(&r->a, struct memory);
		*m = *given;
		m->at = NULL;
	} else {
		m = make_memory(r, NULL);
	}
	if (m)
		push_memory(r, m);
	return m ? 0 : -1;
}

/* The schedule verified, and a memory plan: the one given, verified too, or
 * one made from the schedule's order. */
static int
plan_verified(struct run *r)
{
	const struct memory *given = given_memory(r);
	struct verified *v;
	struct memory *m;

	if (verify_schedule(&r->plan, stack_schedule(&r->stack), &r->a, &v,
	                    &r->d) != FAULT_NONE)
		return -1;
	diag_progress(&r->d, "schedule: legal");
	r->e.memory = given;
	r->e.verified = v;
	if (given)
		return verify_memory(v, given, &r->d) == FAULT_NONE ? 0 : -1;
	m = make_memory(r, verified_order(v, &r->d));
	if (!m)
		return -1;
	if (verify_memory(v, m, &r->d) != FAULT_NONE)
		BUG("the memory plan is not legal");
	push_memory(r, m);
	return 0;
}

/* An interrupted emit leaves nothing behind: signals wait until it is done,
 * which takes as long as writing the weights. */
static int
write_out(struct run *r)
{
	sigset_t set, old;
	int rc;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &old);
	rc = dir_write(&r->e, r->t, &r->stack, r->out);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return rc;
}

static int
emit(struct run *r)
{
	r->share = share_dir(&r->a, &r->d);
	if (!r->share)
		return -1;
	if (read_plan(r) < 0 || load_kernels(r) < 0 ||
	    (r->unverified ? plan_unverified(r) : plan_verified(r)) < 0)
		return -1;
	r->e.a = &r->a;
	r->e.d = &r->d;
	r->e.plan = &r->plan;
	r->e.schedule = stack_schedule(&r->stack);
	r->e.kernels = &r->kernels;
	r->e.runtime_dir = arena_printf(&r->a, "%s/runtime", r->share);
	if (program_make(&r->e) < 0)
		return -1;
	diag_progress(&r->d, "program: %zu instances, %zu rows, %zu counters",
	              r->e.instances.n, r->e.program->rows.n,
	              r->e.program->counters.n);
	return write_out(r);
}

/* A directory that was emitted, and perhaps changed since: its plan is legal,
 * and the rest of it is what that plan says. */
static int
check(struct run *r)
{
	struct reread c = {.a = &r->a, .d = &r->d, .plan = &r->plan};
	struct tables tables;
	struct verified *v;

	r->share = share_dir(&r->a, &r->d);
	if (!r->share || read_plan(r) < 0)
		return -1;
	c.memory = stack_memory(&r->stack);
	if (!c.memory)
		return diag_error(&r->d, POS_NONE, "%s has no memory/1: it is not "
		                  "one that tamp-emit wrote", r->rest.v[0]);
	if (verify_schedule(&r->plan, stack_schedule(&r->stack), &r->a, &v,
	                    &r->d) != FAULT_NONE ||
	    verify_memory(v, c.memory, &r->d) != FAULT_NONE)
		return -1;
	diag_progress(&r->d, "plan: legal");
	c.flow = verified_flow(v);
	if (reread_dir(&c, r->t, r->check, r->check, &tables) < 0)
		return -1;
	return reread_rest(&tables, r->t, r->check,
	                   arena_printf(&r->a, "%s/runtime", r->share));
}

int
main(int argc, char **argv)
{
	struct run r = {0};
	int status;

	arena_init(&r.a);
	diag_init(&r.d, "tamp-emit", stderr);
	status = parse(&r, argc, argv);
	if (status < 0)
		status = (r.check ? check(&r) : emit(&r)) < 0 ? 1 : 0;
	arena_release(&r.a);
	return status;
}
