/* Mutants judged: by the verifier, and by whoever tells for their class.
 *
 * What the verifier refuses for the sake of rTasks it has to show: its witness
 * goes beside the table, and the oracle replays it. */
#include "run.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "damage.h"
#include "declared.h"
#include "emit/dir.h"
#include "emit/memory.h"
#include "holes.h"
#include "resident.h"
#include "runtime/oracle_witness.h"

/* --- emitting --------------------------------------------------------------------- */

static int
make_program(struct run *r, struct arena *a, struct emit *e,
             const struct schedule *s, const struct memory *m)
{
	*e = (struct emit){.a = a, .plan = &r->plan, .schedule = s,
		.memory = m, .kernels = &r->kernels, .d = &r->d};
	e->runtime_dir = arena_printf(a, "%s/runtime", r->share);
	return program_make(e);
}

static void
write_file(struct run *r, const char *dir, const char *name, const void *v,
           size_t n)
{
	struct file_out f;
	bool bad;

	if (file_create(&f, file_join(&r->tmp, dir, name), &r->d) < 0)
		exit(1);
	bad = fwrite(v, 1, n, f.f) != n;
	if (file_commit(&f) < 0 || bad)
		exit(1);
}

/* A directory for plan.bin and what goes with it. */
static const char *
new_dir(struct run *r)
{
	const char *dir = arena_printf(&r->pa, "%s/m%05d", r->work, r->ndirs++);

	if (file_mkdirs(dir, &r->d) < 0)
		exit(1);
	return dir;
}

/* The bytes of plan.bin, for the reference's instances. */
static void
make_table(struct run *r, const struct schedule *s, const struct memory *m,
           struct str *out)
{
	struct emit e;

	if (make_program(r, &r->tmp, &e, s, m) < 0)
		exit(1);
	e.program->h.instances_hash = r->hash;
	program_write(e.program, out);
}

static const char *
write_table(struct run *r, const struct schedule *s, const struct memory *m)
{
	const char *dir = new_dir(r);
	struct str bytes;

	str_init(&bytes);
	make_table(r, s, m, &bytes);
	write_file(r, dir, "plan.bin", bytes.s, bytes.len);
	str_release(&bytes);
	return dir;
}

static uint32_t
index_of(int64_t n)
{
	return n < 0 ? TAMP_NONE : (uint32_t)n;
}

/* What the verifier says of rTasks, for the oracle; false: nothing. */
static bool
write_witness(struct run *r, const char *dir, enum fault found,
              const struct witness *w)
{
	static const enum oracle_kind kinds[] = {
		[FAULT_COVERAGE] = ORACLE_TIMES, [FAULT_DEADLOCK] = ORACLE_RING,
		[FAULT_ORDER] = ORACLE_ORDER, [FAULT_MEMORY] = ORACLE_SHARED,
	};
	struct oracle_witness o = {kinds[found], (uint32_t)w->pairs.n};
	struct str s;

	if (w->pairs.n == 0 || w->pairs.v[0].q == -2)
		return false;
	str_init(&s);
	str_addn(&s, (const char *)&o, sizeof o);
	for (size_t i = 0; i < w->pairs.n; i++) {
		const struct witness_pair *p = &w->pairs.v[i];
		struct oracle_pair q = {index_of(p->p), (uint32_t)p->t,
			index_of(p->q), (uint32_t)p->u, index_of(p->root), 0,
			(uint64_t)p->lo, (uint64_t)p->hi};

		str_addn(&s, (const char *)&q, sizeof q);
	}
	write_file(r, dir, ORACLE_WITNESS, s.s, s.len);
	str_release(&s);
	return true;
}

static int
command(struct run *r, const char *text)
{
	diag_progress(&r->d, "%s", text);
	if (system(text) == 0)
		return 0;
	return diag_error(&r->d, POS_NONE, "failed: %s", text);
}

/* The oracle's own files, compiled once. */
static int
make_oracle(struct run *r, const char *runtime, const char *objects, bool gpu)
{
	static const char host[] =
		"for f in oracle oracle_replay oracle_worlds oracle_witness "
		"oracle_record oracle_host model_io; do cc -std=gnu11 -O2 -g "
		"-I'%s' -c -ffunction-sections -o '%s'/$f.o '%s'/$f.c || exit 1; done";
	static const char emu[] =
		"for f in oracle_emu emu emu_threads; do c++ -std=gnu++17 -O2 -g "
		"-DTAMP_EMULATE -Wno-unknown-pragmas -I'%s' -c "
		"-ffunction-sections -o '%s'/$f.o '%s'/$f.cpp || exit 1; done";
	const char *have = file_join(&r->pa, objects, gpu ? "emu.o" : "oracle.o");

	if (file_exists(have))
		return 0;
	if (file_mkdirs(objects, &r->d) < 0)
		return -1;
	return command(r, arena_printf(&r->pa, gpu ? emu : host, runtime, objects,
	                               runtime));
}

/* model.c or model.cu with the compiler's access hooks, linked with the
 * oracle. */
static int
build_oracle(struct run *r, const char *dir, const char *runtime, bool gpu)
{
	static const char host[] = "cd '%s' && cc -std=gnu11 -O1 -g "
		"$(sed -n 's/^ARCH *:= */-march=/p' arch.mk | grep -v '=$') "
		"-fno-strict-aliasing -fno-builtin -D__builtin_memcpy=memcpy "
		"-fsanitize=thread -w -c -o model.oracle.o model.c && "
		"o=../objects && cc "
		"-Wl,--gc-sections -Wl,--wrap=memcpy,--wrap=memmove,"
		"--wrap=memset -o oracle $o/oracle.o $o/oracle_replay.o "
		"$o/oracle_worlds.o $o/oracle_witness.o $o/oracle_record.o "
		"$o/oracle_host.o $o/model_io.o model.oracle.o -lm";
	static const char emu[] = "cd '%s' && c++ -std=gnu++17 -O1 -g "
		"-DTAMP_EMULATE -fno-builtin -fsanitize=thread -w -x c++ -c -o "
		"model.oracle.o model.cu && o=../objects && c++ "
		"-Wl,--gc-sections -Wl,--wrap=memcpy,--wrap=memmove,"
		"--wrap=memset -o oracle $o/oracle.o $o/oracle_replay.o "
		"$o/oracle_worlds.o $o/oracle_witness.o $o/oracle_record.o "
		"$o/oracle_emu.o $o/emu.o $o/emu_threads.o $o/model_io.o model.oracle.o -lm";
	const char *objects = arena_printf(&r->pa, "%s/objects", r->work);

	if (make_oracle(r, runtime, objects, false) < 0 ||
	    (gpu && make_oracle(r, runtime, objects, true) < 0))
		return -1;
	return command(r, arena_printf(&r->pa, gpu ? emu : host, dir));
}

int
make_reference(struct run *r)
{
	bool gpu = r->plan.device->target != TARGET_HOST;
	struct schedule *s = plan_with(r, "sequential", SYNC_BARRIER, 1);
	struct memory *m = s ? memory_make(&r->plan, s, NULL, 64, true, &r->d)
	                     : NULL;
	struct emit e;

	r->ref = arena_printf(&r->pa, "%s/ref%d", r->work, r->ndirs++);
	if (!m || make_program(r, &r->pa, &e, s, m) < 0 ||
	    dir_write(&e, target_find((enum target_kind)r->plan.device->target),
	              &r->stack, r->ref) < 0)
		return -1;
	r->hash = e.program->h.instances_hash;
	return build_oracle(r, r->ref, e.runtime_dir, gpu);
}

/* --- settling ------------------------------------------------------------------------ */

static void
list_wrong(const struct run *r, const struct mutant *m, const char *says)
{
	printf("# %s: %s, %s: %s; the verifier %s, the oracle says %s",
	       m->class < NCLASSES ? classes[m->class].name : "unedited",
	       file_base(r->path), m->base, m->what,
	       m->found == FAULT_NONE ? "accepts" : "refuses", says);
	if (m->dir)
		printf(" (%s)\n", m->dir);
	else
		printf("\n");
}

static void
remove_dir(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/plan.bin", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/" ORACLE_WITNESS, dir);
	unlink(path);
	rmdir(dir);
}

/* Whether a refusal rests on what kernels' heads declare and not on what they
 * touch: a head may declare more. */
static bool
by_head(const struct mutant *m, const char *trip)
{
	return m->declared && trip && !strcmp(trip, "declared");
}

/* A table that is not the plan's. */
static bool
by_table(const struct mutant *m)
{
	return m->class < NCLASSES && classes[m->class].judge == BY_TABLE;
}

/* A refusal that says which rTasks has to come about.  Of a table that is not
 * the plan's, all that counts is that it is refused. */
static bool
settle_witness(struct run *r, const struct mutant *m, struct count *c,
               const char *says, const char *trip)
{
	bool must = m->found == FAULT_ORDER || m->found == FAULT_DEADLOCK;

	if (m->found == FAULT_NONE)
		return true;
	if (by_table(m)) {
		c->replayed += strcmp(says, "right") != 0;
		return true;
	}
	if (!m->witness && !must)
		return true;
	if (trip && (!strcmp(trip, "tripped") || by_head(m, trip))) {
		c->replayed++;
		c->declared += by_head(m, trip);
		return true;
	}
	c->untripped++;
	r->bad++;
	list_wrong(r, m, arena_printf(&r->a, "of the witness: %s",
	                              trip ? trip : "there is none"));
	return false;
}

/* says: "right" or what is wrong; after a tab, what came of the witness. */
static void
settle(struct run *r, const struct mutant *m, char *says)
{
	char *trip = strchr(says, '\t');
	bool accepted = m->found == FAULT_NONE, right, fine;
	struct count none = {0};
	struct count *c = m->class < NCLASSES ? &r->counts[m->class] : &none;

	if (trip)
		*trip++ = '\0';
	right = !strcmp(says, "right");
	c->tried++;
	fine = accepted == right ||
		(!accepted && (by_table(m) || by_head(m, trip)));
	if (fine) {
		c->harmless += accepted;
		c->refused += !accepted;
		if (r->verbose)
			list_wrong(r, m, says);
	} else {
		c->accepted_wrong += accepted;
		c->refused_wrong += !accepted;
		r->bad++;
		list_wrong(r, m, says);
	}
	if ((settle_witness(r, m, c, says, trip) && fine) && m->dir)
		remove_dir(m->dir);
}

static void
settle_now(struct run *r, const struct mutant *m, const char *wrong)
{
	settle(r, m, arena_strdup(&r->tmp, wrong ? wrong : "right"));
}

int
ask_oracle(struct run *r)
{
	const char *list = arena_printf(&r->pa, "%s/list", r->work);
	FILE *f = fopen(list, "w");
	char line[1024];
	size_t n = 0;

	for (size_t i = 0; f && i < r->mutants.n; i++)
		fprintf(f, "%s\n", r->mutants.v[i].dir);
	if (!f || fclose(f) != 0)
		return diag_error(&r->d, POS_NONE, "cannot write %s", list);
	f = popen(arena_printf(&r->pa, "'%s/oracle' '%s' < '%s'", r->ref, r->ref,
	                       list), "r");
	while (f && n < r->mutants.n && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		settle(r, &r->mutants.v[n++], line);
	}
	if (!f || pclose(f) != 0 || n < r->mutants.n)
		return diag_error(&r->d, POS_NONE, "the oracle failed on %s",
		                  r->path);
	r->mutants.v = NULL;
	r->mutants.n = r->mutants.cap = 0;
	arena_clear(&r->tmp);
	return 0;
}

/* --- judging -------------------------------------------------------------------------- */

/* The verifier's word. */
static enum fault
ask_verifier(struct run *r, const struct schedule *s, const struct memory *m,
             struct verified **v)
{
	enum fault found;

	r->quiet.nerrors = 0;
	found = verify_schedule(&r->plan, s, &r->tmp, v, &r->quiet);
	return found == FAULT_NONE && m ? verify_memory(*v, m, &r->quiet) : found;
}

static const char *
beyond_width(const struct schedule *s)
{
	int64_t width = 0;

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *o = &s->steps.v[i];

		if (o->launch)
			width = o->launch->width;
		if (o->run && o->veus.hi >= width)
			return "a vEU is not there";
	}
	return NULL;
}

/* Another rKernel has another number of rTasks: a wait may then be for some that
 * are not there, of which no table can be made. */
static const char *
beyond_rtasks(struct run *r, const struct schedule *s)
{
	const struct plan *p = &r->plan;
	const char *why;
	struct range at;

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *o = &s->steps.v[i];
		int rop = o->run ? plan_rop(p, o->run, o->rop) : -1;

		for (size_t k = 0; k < o->after.n; k++) {
			const struct after *a = &o->after.v[k];
			int64_t n = p->rops.v[plan_rop(p, a->run, a->rop)].ntasks;

			for (int64_t t = o->tasks.lo; t <= o->tasks.hi; t++)
				if (wait_range(p, rop, t, &a->tasks, n, &at,
				               &r->tmp, &why) < 0)
					return "a wait is for no rTask";
		}
	}
	return NULL;
}

/* Why no table can be made of a schedule, or NULL. */
static const char *
what_is_beyond(struct run *r, enum judge by, const struct schedule *s)
{
	const char *why = by == BY_WIDTH ? beyond_width(s) : NULL;

	return why ? why : beyond_rtasks(r, s);
}

void
judge(struct run *r, enum class_id c, const struct legal *b,
      struct schedule *s, struct memory *m, const char *what)
{
	enum judge by = c < NCLASSES ? classes[c].judge : BY_ORACLE;
	struct mutant o = {c, what, b->name, NULL, FAULT_NONE, false};
	const char *beyond;
	struct verified *v;

	o.found = ask_verifier(r, s, m, &v);
	if (by == BY_RESIDENCE) {
		settle_now(r, &o, resident(&r->plan, s));
	} else if ((beyond = what_is_beyond(r, by, s))) {
		settle_now(r, &o, beyond);
	} else {
		o.dir = write_table(r, s, m);
		if (o.found != FAULT_NONE)
			o.witness = write_witness(r, o.dir, o.found,
			                          verified_witness(v));
		o.declared = o.witness && declared_meet(&r->plan, m, o.found,
		                                        verified_witness(v));
		vec_push(&r->pa, &r->mutants, o);
	}
	arena_clear(&r->tmp);
}

/* Holes in what is declared to be written: an oracle that sees what kernels
 * do cannot judge those, a plain look at every element can. */
bool
judge_hole(struct run *r, const struct legal *b, struct schedule *s)
{
	struct mutant o = {.class = HOLE, .base = b->name};
	struct verified *v;
	const char *wrong;
	struct hole h;

	o.what = hole_make(&r->plan, s, &r->rng, &h);
	if (!o.what)
		return false;
	o.found = ask_verifier(r, s, NULL, &v);
	wrong = hole_find(&r->plan);
	/* rTasks left out may have carried waits */
	if (!wrong && o.found == FAULT_ORDER) {
		hole_undo(&h);
		arena_clear(&r->tmp);
		return false;
	}
	if (o.found == FAULT_COVERAGE)
		o.witness = verified_witness(v)->pairs.n > 0;
	settle_now(r, &o, !o.witness ? wrong : arena_printf(&r->tmp, "%s\t%s",
	           wrong ? wrong : "right", hole_trips(&r->plan,
	           &verified_witness(v)->pairs.v[0]) ? "tripped" :
	           "those bytes are written, or nobody reads them"));
	hole_undo(&h);
	arena_clear(&r->tmp);
	return true;
}

/* A table that is not the plan's: emit's second look has to refuse it, and the
 * oracle says whether it matters. */
bool
judge_table(struct run *r, const struct legal *b)
{
	struct mutant o = {.class = DAMAGED_TABLE, .base = b->name};
	struct reread again = {&r->tmp, &r->quiet, &r->plan, NULL, b->m};
	struct source src = {"plan.bin", NULL, 0};
	struct verified *v;
	struct tables t;
	struct str bytes;

	if (ask_verifier(r, b->s, NULL, &v) != FAULT_NONE)
		exit(1);
	again.flow = verified_flow(v);
	str_init(&bytes);
	make_table(r, b->s, b->m, &bytes);
	o.what = damage_table(&r->pa, &bytes, &r->rng);
	if (o.what) {
		src.text = bytes.s;
		src.len = bytes.len;
		o.found = reread_tables(&again, &src, &t) < 0 ? FAULT_ORDER
		                                              : FAULT_NONE;
		o.dir = new_dir(r);
		write_file(r, o.dir, "plan.bin", bytes.s, bytes.len);
		vec_push(&r->pa, &r->mutants, o);
	}
	str_release(&bytes);
	arena_clear(&r->tmp);
	return o.what != NULL;
}
