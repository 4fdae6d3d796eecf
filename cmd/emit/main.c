/* tamp-emit: a plan with a schedule to a directory that stands alone. */
#include <signal.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "emit/dir.h"
#include "emit/memory.h"
#include "emit/tables.h"
#include "verify/verify.h"

#include "../share.h"

static const struct opt_usage usage = {
	"tamp-emit", "[options] -o DIR [PLAN ...]",
	"Writes a scheduled plan as a program: a directory that stands alone.",
	"  tamp emit -o build plan.yaml\n"
	"  tamp schedule -p wavefront tasks.yaml | tamp emit -o build && make -C build\n",
};

struct run {
	struct arena a;
	struct diag d;
	const char *share, *out, *target, *memory;
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
		{0, "target", OPT_STR, &r->target, "TARGET",
		 "what the device must be for: refused if it is another",
		 "host cuda hip"},
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
	if (!r->out) {
		diag_error(&r->d, POS_NONE, "-o DIR is missing");
		return 2;
	}
	if (r->memory && !str_eq(r->memory, "arena") && !str_eq(r->memory, "own")) {
		diag_error(&r->d, POS_NONE, "unknown memory '%s', expected arena or "
		           "own", r->memory);
		return 2;
	}
	if (r->rest.n == 0)
		vec_push(&r->a, &r->rest, "-");
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
	for (size_t i = 0; target_list[i]; i++)
		if (target_list[i]->kind == (enum target_kind)v->target)
			r->t = target_list[i];
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

/* The memory/1 to use, or NULL to make one.  One that emit made goes with a
 * schedule: where that was edited since and the two do not fit any more, it is
 * made anew.  One that a person made is theirs to mend. */
static const struct memory *
given_memory(struct run *r)
{
	const struct schedule *s = stack_schedule(&r->stack);
	const struct memory *m = r->memory ? NULL : stack_memory(&r->stack);
	int errors = r->d.nerrors;
	bool fits;

	if (!m || r->unverified || !str_eq(m->made->by, "tamp-emit"))
		return m;
	r->d.suppressed++;
	fits = verify(&r->plan, s, m, &r->d) == FAULT_NONE;
	r->d.suppressed--;
	r->d.nerrors = errors;
	if (!fits)
		diag_progress(&r->d, "memory: the plan's does not fit its "
		              "schedule, making another");
	return fits ? m : NULL;
}

/* The schedule verified, and a memory plan: the one given, verified too, or
 * one made from the schedule's order. */
static int
plan_memory(struct run *r)
{
	const struct schedule *s = stack_schedule(&r->stack);
	const struct memory *given = given_memory(r);
	struct memory *m;

	if (r->unverified ? plan_choose(&r->plan, s, &r->d) < 0 :
	    verify(&r->plan, s, given, &r->d) != FAULT_NONE)
		return -1;
	diag_progress(&r->d, "schedule: %s", r->unverified ? "not verified" :
	              "legal");
	r->e.memory = given;
	if (given)
		return 0;
	/* An order is known only of a schedule that is legal. */
	m = memory_make(&r->plan, s, r->t->align,
	                str_eq(r->memory, "own") ||
	                (r->unverified && !r->memory), &r->d);
	if (!m)
		return -1;
	if (!r->unverified && verify(&r->plan, s, m, &r->d) != FAULT_NONE)
		BUG("the memory plan is not legal");
	m->made = make_made(r);
	stack_push(&r->stack, FORMAT_MEMORY, m);
	r->e.memory = m;
	diag_progress(&r->d, "memory: arena %lld, weights %lld, packed %lld bytes",
	              (long long)m->arena, (long long)m->weights,
	              (long long)m->packed);
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
	if (read_plan(r) < 0 || load_kernels(r) < 0 || plan_memory(r) < 0)
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

int
main(int argc, char **argv)
{
	struct run r = {0};
	int status;

	arena_init(&r.a);
	diag_init(&r.d, "tamp-emit", stderr);
	status = parse(&r, argc, argv);
	if (status < 0)
		status = emit(&r) < 0 ? 1 : 0;
	arena_release(&r.a);
	return status;
}
