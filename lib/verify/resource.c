/* Resources: each rKernel within its launch, and all vEUs of a launch on the
 * device at once, since they wait for each other. */
#include "verify/check.h"

#define HOST_CROWD 8	/* threads a core of a host, at most: they yield to each
			 * other, and more are surely an error */

static int64_t
round_up(int64_t n, int64_t to)
{
	return to > 1 ? (n + to - 1) / to * to : n;
}

/* Registers of a thread, by launch: what it gives, or its rKernels say. */
static int64_t *
registers_of(const struct flow *f)
{
	int64_t *most = arena_array(f->a, f->launches.n + 1, sizeof *most);

	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *s = &f->steps.v[i];

		if (s->kind == F_RUN &&
		    f->p->rops.v[s->rop].cand->registers > most[s->launch])
			most[s->launch] = f->p->rops.v[s->rop].cand->registers;
	}
	for (size_t i = 0; i < f->launches.n; i++)
		if (f->launches.v[i].step->launch->registers)
			most[i] = f->launches.v[i].step->launch->registers;
	return most;
}

static void
at_most(int64_t *blocks, int64_t n, const char **by, const char *what)
{
	if (n < *blocks) {
		*blocks = n;
		*by = what;
	}
}

int64_t
device_resident(const struct device *v, int64_t threads, int64_t shared,
                int64_t registers, const char **limit)
{
	int64_t warp = v->warp > 0 ? v->warp : 1;
	int64_t t = round_up(threads, warp), n = v->blocks;

	*limit = "blocks";
	at_most(&n, v->threads / t, limit, "threads");
	if (v->shared)
		at_most(&n, v->shared / (shared + v->block_reserved > 0
		        ? shared + v->block_reserved : 1), limit,
		        "shared memory");
	if (v->registers && registers)
		at_most(&n, v->registers / (t / warp * round_up(registers * warp,
		        v->register_unit)), limit, "registers");
	return n * v->units;
}

static int
check_limit(int64_t n, int64_t max, const char *what, const struct step *s,
            struct diag *d)
{
	if (n <= max || !max)
		return 0;
	return diag_error(d, step_pos(s, "launch"), "a vEU of %lld %s: the "
	                  "device allows %lld", (long long)n, what,
	                  (long long)max);
}

static int
check_host(const struct device *v, const struct step *s, struct diag *d)
{
	int64_t most = HOST_CROWD * v->units;

	if (most < v->veus)
		most = v->veus;
	if (s->launch->width <= most)
		return 0;
	return diag_error(d, step_pos(s, "launch"), "%lld vEUs: '%s' of %lld "
	                  "cores has at most %lld", (long long)s->launch->width,
	                  v->name, (long long)v->units, (long long)most);
}

static int
check_launch(const struct flow *f, int launch, int64_t regs, struct diag *d)
{
	const struct device *v = f->p->device;
	const struct step *s = f->launches.v[launch].step;
	const struct launch *l = s->launch;
	int64_t fit;
	const char *limit;

	if (v->target == TARGET_HOST)
		return check_host(v, s, d);
	if (check_limit(l->threads, v->block_threads, "threads", s, d) |
	    check_limit(l->shared, v->block_shared, "bytes of shared memory", s,
	                d) |
	    check_limit(regs, v->thread_registers, "registers a thread", s, d))
		return -1;
	fit = device_resident(v, l->threads, l->shared, regs, &limit);
	if (l->width <= fit)
		return 0;
	return diag_error(d, step_pos(s, "launch"), "%lld vEUs do not fit '%s' "
	                  "at once: %lld do, by %s", (long long)l->width,
	                  v->name, (long long)fit, limit);
}

struct claim {
	const char *what;
	int64_t need, has;
	bool free;		/* the launch sets no limit */
};

static int
check_run(const struct flow *f, const struct fstep *s, struct diag *d)
{
	const struct candidate *c = f->p->rops.v[s->rop].cand;
	const struct step *at = f->launches.v[s->launch].step;
	const struct launch *l = at->launch;
	const struct claim claims[] = {
		{"threads", c->threads, l->threads, false},
		{"bytes of shared memory", c->shared, l->shared, false},
		{"registers a thread", c->registers, l->registers,
		 l->registers == 0},
	};

	if (f->p->device->target == TARGET_HOST)
		return 0;
	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		if (claims[i].free || claims[i].need <= claims[i].has)
			continue;
		diag_error(d, step_pos(s->step, "run"), "an rTask of '%s' (%s) "
		           "needs %lld %s, its launch gives %lld", s->step->run,
		           c->use, (long long)claims[i].need, claims[i].what,
		           (long long)claims[i].has);
		diag_note(d, step_pos(at, "launch"), "the launch is here");
		return -1;
	}
	return 0;
}

int
check_resources(const struct flow *f, struct diag *d)
{
	int64_t *registers = registers_of(f);
	int *seen = arena_array(f->a, f->p->rops.n + 1, sizeof *seen);
	int r = 0, launch = -1;		/* seen: 1 + the launch, 0: in none */

	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *s = &f->steps.v[i];

		if (s->kind == F_LAUNCH) {
			launch++;
			r |= check_launch(f, launch, registers[launch], d);
		} else if (s->kind == F_RUN && seen[s->rop] != launch + 1) {
			seen[s->rop] = launch + 1;
			r |= check_run(f, s, d);
		}
	}
	return r;
}
