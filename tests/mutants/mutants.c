/* Mutation test of the verifier: schedules and memory plans are edited at
 * random, the verifier judges each, and the access oracle (lib/runtime) judges
 * the program tables made of it.  They have to agree:
 *
 *	refused		both say no
 *	harmless	both say yes
 *	wrong		accepted though broken, or refused though right
 *
 *	mutants [--per-class N] [--seed S] --share DIR --work DIR PLAN ...
 *
 * PLAN: a stack with tasks/1.  Host plans are edited in ten ways, cuda plans
 * only in what they ask of the device. */
#include <unistd.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "emit/dir.h"
#include "emit/memory.h"
#include "emit/tables.h"
#include "holes.h"
#include "mutate.h"
#include "policy/policy.h"
#include "resident.h"
#include "verify/verify.h"

struct count {
	int tried, refused, harmless, accepted_wrong, refused_wrong;
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
};

struct run {
	struct arena a;
	struct diag d;
	int64_t per_class, seed;
	const char *share, *work;
	bool verbose;
	struct strs rest;
	struct rng rng;
	struct count counts[NCLASSES];
	int ndirs, nbases, bad;

	/* the plan at hand */
	const char *path;
	struct arena pa;
	struct stack stack;
	struct plan plan;
	struct kernels kernels;
	struct diag quiet;
	const struct candidate **use;	/* [rop] */
	uint64_t hash;			/* of the reference's instances */
	VEC(struct legal) bases;
	VEC(struct mutant) mutants;
};

/* --- emitting --------------------------------------------------------------------- */

static int
make_program(struct run *r, struct emit *e, const struct schedule *s,
             const struct memory *m)
{
	*e = (struct emit){.a = &r->pa, .plan = &r->plan, .schedule = s,
		.memory = m, .kernels = &r->kernels, .d = &r->d};
	e->runtime_dir = arena_printf(&r->pa, "%s/runtime", r->share);
	return program_make(e);
}

/* The tables alone, for the reference's instances. */
static const char *
write_tables(struct run *r, const struct schedule *s, const struct memory *m)
{
	const char *dir = arena_printf(&r->a, "%s/m%05d", r->work, r->ndirs++);
	struct file_out f;
	struct emit e;
	struct str bytes;
	int bad;

	if (make_program(r, &e, s, m) < 0 || file_mkdirs(dir, &r->d) < 0 ||
	    file_create(&f, arena_printf(&r->pa, "%s/plan.bin", dir), &r->d) < 0)
		exit(1);
	e.program->h.instances_hash = r->hash;
	str_init(&bytes);
	program_write(e.program, &bytes);
	bad = fwrite(bytes.s, 1, bytes.len, f.f) != bytes.len;
	if (file_commit(&f) < 0 || bad)
		exit(1);
	str_release(&bytes);
	return dir;
}

static int
command(struct run *r, const char *text)
{
	diag_progress(&r->d, "%s", text);
	if (system(text) == 0)
		return 0;
	return diag_error(&r->d, POS_NONE, "failed: %s", text);
}

/* One choice of rKernels for all schedules of a plan, so that all are tables
 * of the same instances. */
static int
choose(struct run *r, enum select_kind select)
{
	struct policy_options o = {.select = select};
	struct schedule none = {0};

	if (choose_kernels(&r->plan, &o, &none, &r->d) < 0)
		return -1;
	r->use = arena_array(&r->pa, r->plan.rops.n + 1, sizeof *r->use);
	for (size_t i = 0; i < r->plan.rops.n; i++)
		r->use[i] = r->plan.rops.v[i].cand;
	return 0;
}

static struct schedule *
plan_with(struct run *r, const char *policy, enum sync_kind sync, int64_t width)
{
	struct policy_options o = {.sync = sync, .select = SELECT_FASTEST,
		.width = width, .use = r->use};
	struct schedule *s = arena_new(&r->pa, struct schedule);

	if (policy_plan(policy_find(policy), &r->plan, &o, s, &r->d) < 0)
		exit(1);
	return s;
}

/* The reference: one vEU, one rOperator after the other, no memory shared; a
 * program with the oracle in it. */
static int
make_reference(struct run *r)
{
	const char *dir = arena_printf(&r->pa, "%s/ref", r->work);
	struct schedule *s = plan_with(r, "sequential", SYNC_BARRIER, 1);
	struct memory *m = memory_make(&r->plan, s, NULL, 64, true, &r->d);
	const struct target *t = target_list[0];
	struct emit e;
	int rc;

	for (size_t i = 0; target_list[i]; i++)
		if (target_list[i]->kind == TARGET_HOST)
			t = target_list[i];
	if (!m || make_program(r, &e, s, m) < 0 ||
	    dir_write(&e, t, &r->stack, dir) < 0)
		return -1;
	r->hash = e.program->h.instances_hash;
	rc = command(r, arena_printf(&r->pa, "cd '%s' && cc -std=gnu11 -O1 -g "
		"$(sed -n 's/^ARCH *:= */-march=/p' arch.mk | grep -v '=$') "
		"-fno-strict-aliasing -fno-builtin -D__builtin_memcpy=memcpy "
		"-fsanitize=thread -w -c -o model.oracle.o model.c && "
		"cc -std=gnu11 -O2 -g -ffunction-sections -Wl,--gc-sections "
		"-Wl,--wrap=memcpy,--wrap=memmove,--wrap=memset -I'%s' -o oracle '%s/oracle.c' '%s/oracle_record.c' "
		"model.oracle.o '%s/model_io.c' -lm", dir, e.runtime_dir,
		e.runtime_dir, e.runtime_dir, e.runtime_dir));
	return rc;
}

/* --- judging ------------------------------------------------------------------------ */

static void
list_wrong(const struct run *r, const struct mutant *m, const char *says)
{
	printf("# %s: %s, %s: %s; the verifier %s, the oracle says %s",
	       m->class < NCLASSES ? class_names[m->class] : "unedited",
	       file_base(r->path), m->base, m->what,
	       m->found == FAULT_NONE ? "accepts" : "refuses", says);
	if (m->dir)
		printf(" (%s)\n", m->dir);
	else
		printf("\n");
}

static void
settle(struct run *r, const struct mutant *m, const char *says)
{
	bool right = !strcmp(says, "right"), accepted = m->found == FAULT_NONE;
	struct count none = {0};
	struct count *c = m->class < NCLASSES ? &r->counts[m->class] : &none;

	c->tried++;
	if (accepted == right) {
		c->harmless += accepted;
		c->refused += !accepted;
		if (r->verbose)
			list_wrong(r, m, says);
		return;
	}
	c->accepted_wrong += accepted;
	c->refused_wrong += !accepted;
	r->bad++;
	list_wrong(r, m, says);
}

/* One run of the oracle over all tables that wait for it. */
static int
ask_oracle(struct run *r)
{
	struct str cmd;
	char line[1024];
	FILE *f;
	size_t n = 0;

	str_init(&cmd);
	str_addf(&cmd, "'%s/ref/oracle' '%s/ref'", r->work, r->work);
	for (size_t i = 0; i < r->mutants.n; i++)
		str_addf(&cmd, " '%s'", r->mutants.v[i].dir);
	f = popen(cmd.s, "r");
	while (f && n < r->mutants.n && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		settle(r, &r->mutants.v[n++], line);
	}
	str_release(&cmd);
	if (!f || pclose(f) != 0 || n < r->mutants.n)
		return diag_error(&r->d, POS_NONE, "the oracle failed on %s",
		                  r->path);
	r->mutants.v = NULL;
	r->mutants.n = r->mutants.cap = 0;
	return 0;
}

static void
judge(struct run *r, enum class_id c, const struct legal *b,
      struct schedule *s, struct memory *m, const char *what)
{
	struct mutant o = {c, what, b->name, NULL, FAULT_NONE};

	r->quiet.nerrors = 0;
	o.found = verify(&r->plan, s, m, &r->quiet);
	if (c == OVERSIZE) {
		const char *wrong = resident(&r->plan, s);

		settle(r, &o, wrong ? wrong : "right");
		return;
	}
	o.dir = write_tables(r, s, m);
	vec_push(&r->pa, &r->mutants, o);
}

/* --- bases -------------------------------------------------------------------------- */

/* The schedule with its memory planned, and on a host also with none shared. */
static void
add_base(struct run *r, struct schedule *s, const char *name)
{
	struct legal b = {.s = s};
	bool host = r->plan.device->target == TARGET_HOST;

	for (int own = 0; own <= host; own++) {
		b.m = memory_make(&r->plan, b.s, NULL, 64, own, &r->d);
		b.name = arena_printf(&r->pa, "%s%s", name, own ? " own" : "");
		if (!b.m || verify(&r->plan, b.s, b.m, &r->d) != FAULT_NONE) {
			fprintf(stderr, "mutants: %s: %s is not legal itself\n",
			        r->path, b.name);
			exit(1);
		}
		vec_push(&r->pa, &r->bases, b);
		r->nbases++;
		if (host)
			judge(r, NCLASSES, &b, b.s, b.m, "as made");
	}
}

/* rOperators in order, each in one to three pieces on vEUs drawn at random:
 * what no policy would do, made legal by the waits alone. */
static struct schedule *
random_placement(struct run *r, enum sync_kind sync, int64_t width)
{
	struct schedule *s = arena_new(&r->pa, struct schedule);
	struct policy_options o = {.select = SELECT_FASTEST, .use = r->use};

	if (choose_kernels(&r->plan, &o, s, &r->d) < 0)
		exit(1);
	sched_launch(&r->plan, s, width);
	for (size_t i = 0; i < r->plan.rops.n; i++) {
		int64_t n = r->plan.rops.v[i].ntasks, lo = 0;

		while (sched_places(&r->plan, (int)i) && lo < n) {
			int64_t hi = lo + draw(&r->rng, n - lo);
			int64_t v = draw(&r->rng, width);

			if (draw(&r->rng, 3) == 0)
				hi = n - 1;
			sched_run(&r->plan, s, (int)i, lo, hi, v,
			          v + draw(&r->rng, width - v));
			lo = hi + 1;
		}
	}
	if (sync_insert(&r->plan, s, sync, &r->d) < 0)
		exit(1);
	size_launches(&r->plan, s);
	return s;
}

/* Every other barrier becomes a launch. */
static struct schedule *
with_launches(struct run *r, const struct schedule *of)
{
	struct schedule *s = copy_schedule(&r->pa, of);
	const struct launch *first = s->steps.v[0].launch;

	for (size_t i = 0, k = 0; i < s->steps.n; i++)
		if (s->steps.v[i].barrier && k++ % 2 == 0) {
			s->steps.v[i].barrier = NULL;
			s->steps.v[i].launch = arena_new(&r->pa, struct launch);
			*s->steps.v[i].launch = *first;
		}
	return s;
}

static void
make_bases(struct run *r, const char *select)
{
	static const char *const syncs[] = {"barrier", "counter"};
	bool host = r->plan.device->target == TARGET_HOST;

	memset(&r->bases, 0, sizeof r->bases);
	for (int k = SYNC_BARRIER; k <= SYNC_COUNTER; k++)
		for (int64_t w = host ? 2 : 0; w <= (host ? 5 : 0); w += 3) {
			struct schedule *s = NULL;

			for (int p = 0; policy_list[p]; p++) {
				s = plan_with(r, policy_list[p]->name, k, w);
				add_base(r, s, arena_printf(&r->pa, "%s %s %s "
				         "width %lld", policy_list[p]->name,
				         syncs[k], select, (long long)w));
			}
			if (k == SYNC_BARRIER)
				add_base(r, with_launches(r, s),
				         arena_printf(&r->pa, "launches %s width "
				         "%lld", select, (long long)w));
			if (host)
				add_base(r, random_placement(r, k, w),
				         arena_printf(&r->pa, "random %s %s width "
				         "%lld", syncs[k], select,
				         (long long)w));
		}
}

static bool
applies(const struct run *r, enum class_id c)
{
	return (r->plan.device->target == TARGET_HOST) == (c != OVERSIZE);
}

/* Holes in what is declared to be written: an oracle that sees what kernels
 * do cannot judge those, a plain look at every element can. */
static bool
judge_hole(struct run *r, const struct legal *b, struct schedule *s)
{
	struct mutant o = {.class = HOLE, .base = b->name};
	const char *wrong;
	struct hole h;

	o.what = hole_make(&r->plan, s, &r->rng, &h);
	if (!o.what)
		return false;
	r->quiet.nerrors = 0;
	o.found = verify(&r->plan, s, NULL, &r->quiet);
	wrong = hole_find(&r->plan);
	hole_undo(&h);
	/* rTasks left out may have carried waits */
	if (!wrong && o.found == FAULT_ORDER)
		return false;
	settle(r, &o, wrong ? wrong : "right");
	return true;
}

/* About n mutants of class c from the bases at hand. */
static void
make_mutants(struct run *r, enum class_id c, int64_t n)
{
	for (int64_t tries = 0; n > 0 && tries < 50 * n + 1000; tries++) {
		const struct legal *b = &r->bases.v[draw(&r->rng,
			(int64_t)r->bases.n)];
		struct schedule *s = copy_schedule(&r->pa, b->s);
		struct memory *m = copy_memory(&r->pa, b->m);
		const char *what;

		if (c == HOLE) {
			n -= judge_hole(r, b, s);
			continue;
		}
		what = mutate(c, &r->plan, s, m, &r->rng);
		if (!what)
			continue;
		judge(r, c, b, s, m, what);
		n--;
	}
}

/* --- plans -------------------------------------------------------------------------- */

static int
load(struct run *r, const char *path)
{
	memset(&r->plan, 0, sizeof r->plan);
	memset(&r->kernels, 0, sizeof r->kernels);
	r->path = path;
	arena_init(&r->pa);
	stack_init(&r->stack, &r->pa, formats);
	if (stack_read(&r->stack, path, &r->d) < 0 ||
	    stack_check(&r->stack, &r->d) < 0 ||
	    plan_init(&r->plan, &r->pa, &r->stack, &r->d) < 0)
		return -1;
	return kernels_load(&r->kernels, &r->pa,
	                    arena_printf(&r->pa, "%s/kernels", r->share),
	                    (enum target_kind)r->plan.device->target, &r->d);
}

/* How many of a class each pair (plan, selection) contributes. */
static int64_t
share_of(const struct run *r, const struct count *c, int rounds)
{
	int64_t left = r->per_class - c->tried;

	return left <= 0 ? 0 : (left + rounds - 1) / rounds;
}

static int
test_plan(struct run *r, const char *path, int plans_left)
{
	for (int k = SELECT_FASTEST; k <= SELECT_EFFICIENT; k++) {
		int rounds = 2 * plans_left - k;

		if (load(r, path) < 0)
			return -1;
		if (choose(r, (enum select_kind)k) < 0 ||
		    (applies(r, DROPPED_WAIT) && make_reference(r) < 0))
			return -1;
		make_bases(r, select_words.words[k]);
		for (int c = 0; c < NCLASSES; c++)
			if (applies(r, (enum class_id)c))
				make_mutants(r, (enum class_id)c,
				             share_of(r, &r->counts[c], rounds));
		if (r->mutants.n && ask_oracle(r) < 0)
			return -1;
		arena_release(&r->pa);
	}
	return 0;
}

static int
print_table(const struct run *r)
{
	int wrong = r->bad, few = 0;

	printf("%-18s %6s %8s %9s %6s\n", "class", "tried", "refused",
	       "harmless", "wrong");
	for (int c = 0; c < NCLASSES; c++) {
		const struct count *o = &r->counts[c];

		printf("%-18s %6d %8d %9d %6d", class_names[c], o->tried,
		       o->refused, o->harmless,
		       o->accepted_wrong + o->refused_wrong);
		if (o->accepted_wrong + o->refused_wrong)
			printf("  (%d accepted, %d refused)", o->accepted_wrong,
			       o->refused_wrong);
		printf("\n");
		few += o->tried < r->per_class;
	}
	printf("mutants: %d wrong, from %d legal schedules\n", wrong, r->nbases);
	if (few)
		printf("mutants: %d classes have fewer than %lld\n", few,
		       (long long)r->per_class);
	return wrong || few || fflush(stdout) ? 1 : 0;
}

static const struct opt_usage usage = {
	"mutants", "[options] PLAN ...",
	"Edits legal schedules and compares the verifier with the oracle.", NULL,
};

int
main(int argc, char **argv)
{
	struct run r = {.per_class = 100, .seed = 1, .share = "build/share/tamp",
		.work = "build/mutants"};
	int status, plans[2] = {0, 0};

	arena_init(&r.a);
	diag_init(&r.d, "mutants", stderr);
	const struct opt opts[] = {
		{0, "per-class", OPT_INT, &r.per_class, "N", "mutants a class",
		 NULL, 1, 100000},
		{0, "seed", OPT_INT, &r.seed, "S", "other mutants", NULL, 0,
		 INT64_MAX},
		{0, "share", OPT_STR, &r.share, "DIR", "tamp's data", ""},
		{0, "work", OPT_STR, &r.work, "DIR", "where tables go", ""},
		{'v', "verbose", OPT_FLAG, &r.verbose, NULL, "lists all", NULL},
		{0},
	};
	status = opt_parse(&usage, opts, &r.a, argc, argv, &r.rest);
	if (status >= 0)
		return status;
	r.d.verbose = r.verbose;
	r.quiet = r.d;
	r.quiet.suppressed = 1;
	r.quiet.verbose = false;
	r.rng.s = (uint64_t)r.seed * 2654435761u + 12345;
	/* cuda plans have their own class: count both kinds */
	for (size_t i = 0; i < r.rest.n; i++) {
		if (load(&r, r.rest.v[i]) < 0)
			return 1;
		plans[r.plan.device->target == TARGET_HOST]++;
		arena_release(&r.pa);
	}
	for (size_t i = 0; i < r.rest.n; i++) {
		bool host;

		if (load(&r, r.rest.v[i]) < 0)
			return 1;
		host = r.plan.device->target == TARGET_HOST;
		arena_release(&r.pa);
		if (test_plan(&r, r.rest.v[i], plans[host]--) < 0)
			return 1;
	}
	status = print_table(&r);
	arena_release(&r.a);
	return status;
}
