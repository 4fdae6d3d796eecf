/* tamp-run: builds an emitted directory, runs it, times it, compares. */
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "run.h"

static const struct opt_usage usage = {
	"tamp-run", "[options] DIR",
	"Builds and runs an emitted directory; report/1 goes to standard output.",
	"  tamp run build\n"
	"  tamp run -n 1000 --input x=x.npy --expect y=y.npy build\n"
	"  tamp run --emulate=7 build-cuda\n"
	"  tamp run --profile tasks.yaml > costs.yaml\n",
};

/* Whether the options go together.  -1 after a diagnostic. */
static int
check_options(struct run *r)
{
	if ((r->trace && str_eq(r->trace, "-")) ||
	    (r->gantt && str_eq(r->gantt, "-")))
		return diag_error(&r->d, POS_NONE, "--trace and --gantt want a "
		                  "file: standard output has the report");
	if (r->profile && (r->rest.n || r->output || r->expects.n || r->dump ||
	    r->trace || r->gantt || r->emulate || r->d.explain))
		return diag_error(&r->d, POS_NONE, "--profile goes with -n, -w, "
		                  "--input, --timeout and -v only");
	if (view_parse(&r->view, r->gantt, &r->d) < 0)
		return -1;
	if (!r->profile && r->rest.n != 1)
		return diag_error(&r->d, POS_NONE, "one directory is expected, "
		                  "%zu are given", r->rest.n);
	return 0;
}

static int
parse(struct run *r, int argc, char **argv)
{
	const struct opt opts[] = {
		{'n', "runs", OPT_INT, &r->runs, "N",
		 "runs that are timed (20; 1 where emulated or with states)", NULL,
		 1, 1000000000},
		{'w', "warmup", OPT_INT, &r->warmup, "N",
		 "runs before those (2; 0 likewise)", NULL, 0, 1000000000},
		{'i', "input", OPT_STRS, &r->inputs, "NAME=FILE",
		 "an input from a .npy or .pb file, or NAME=random:SEED", NULL},
		{'o', "output", OPT_STR, &r->output, "DIR",
		 "writes every output to DIR/NAME.npy", ""},
		{'e', "expect", OPT_STRS, &r->expects, "NAME=FILE",
		 "compares an output or any tensor that is kept", NULL},
		{0, "rtol", OPT_FLOAT, &r->rtol, "R",
		 "relative tolerance of floats (1e-3)", NULL},
		{0, "atol", OPT_FLOAT, &r->atol, "A",
		 "absolute tolerance of floats (1e-5)", NULL},
		{0, "dump", OPT_STR, &r->dump, "DIR",
		 "writes every tensor that is kept to DIR/NAME.npy", ""},
		{0, "trace", OPT_STR, &r->trace, "FILE",
		 "writes how a recorded run went, for Perfetto (JSON)", ""},
		{0, "gantt", OPT_STR, &r->gantt, "FILE",
		 "draws a recorded run's timeline as SVG", ""},
		VIEW_OPTIONS(&r->view),
		{0, "emulate", OPT_OPTSTR, &r->emulate, "SEED",
		 "runs a GPU's program on the CPU; SEED draws the order of vEUs", NULL},
		{0, "profile", OPT_STR, &r->profile, "PLAN",
		 "measures every rKernel that a partitioned PLAN could use: costs/1", ""},
		{0, "timeout", OPT_FLOAT, &r->timeout, "SECONDS",
		 "a wait for another rTask may last this long (20)", NULL},
		{'v', "verbose", OPT_FLAG, &r->d.verbose, NULL, "progress", NULL},
		{0, "explain", OPT_FLAG, &r->d.explain, NULL,
		 "where a recorded run's time went, and why", NULL},
		{0},
	};
	int status = opt_parse(&usage, opts, &r->a, argc, argv, &r->rest);

	if (status >= 0)
		return status;
	if (check_options(r) < 0)
		return 2;
	if (!r->profile)
		r->dir = r->rest.v[0];
	return -1;
}

static int
read_plan(struct run *r)
{
	const char *path = file_join(&r->a, r->dir, "plan.yaml");

	stack_init(&r->stack, &r->a, formats);
	if (!file_exists(path))
		return diag_error(&r->d, POS_NONE, "'%s' is no directory that "
		                  "tamp-emit wrote", r->dir);
	if (stack_read(&r->stack, path, &r->d) < 0 ||
	    plan_init(&r->plan, &r->a, &r->stack, &r->d) < 0)
		return -1;
	if (!r->emulate || r->plan.device->target != TARGET_HOST)
		return 0;
	return diag_error(&r->d, POS_NONE, "only a cuda or hip program can be "
	                  "emulated; this one is for %s",
	                  target_words.words[r->plan.device->target]);
}

/* NAME=TEXT, with the tensor of that name; names may hold '=' themselves. */
static int
resolve(struct run *r, const char *option, const char *text, struct given *g)
{
	for (const char *eq = strchr(text, '='); eq; eq = strchr(eq + 1, '=')) {
		g->name = arena_strndup(&r->a, text, (size_t)(eq - text));
		g->text = eq + 1;
		g->tensor = map_get(&r->plan.tensor_by_name, g->name);
		if (g->tensor >= 0)
			return 0;
	}
	return diag_error(&r->d, POS_NONE, "--%s '%s': expected NAME=FILE with the "
	                  "name of a tensor", option, text);
}

static int
resolve_all(struct run *r)
{
	struct given g;

	for (size_t i = 0; i < r->inputs.n; i++) {
		if (resolve(r, "input", r->inputs.v[i], &g) < 0)
			return -1;
		if (!r->plan.tensors.v[g.tensor].t ||
		    r->plan.tensors.v[g.tensor].kind != PT_INPUT)
			return diag_error(&r->d, POS_NONE,
			                  "'%s' is not an input", g.name);
		vec_push(&r->a, &r->in, g);
	}
	r->dumping = r->dump != NULL;
	for (size_t i = 0; i < r->expects.n; i++) {
		if (resolve(r, "expect", r->expects.v[i], &g) < 0)
			return -1;
		if (r->plan.tensors.v[g.tensor].kind != PT_OUTPUT ||
		    r->plan.tensors.v[g.tensor].root != g.tensor)
			r->dumping = true;
		vec_push(&r->a, &r->want, g);
	}
	return 0;
}

static void
set_defaults(struct run *r)
{
	bool once = r->emulate || r->plan.graph->states.n > 0;

	if (r->runs < 0)
		r->runs = once ? 1 : 20;
	if (r->warmup < 0)
		r->warmup = once ? 0 : 2;
}

static int
make_tmp(struct run *r)
{
	const char *base = getenv("TMPDIR");
	char cwd[4096], *path;

	if (!base || !*base)
		base = "/tmp";
	/* --profile's tamp-emit runs in another directory */
	if (base[0] != '/' && getcwd(cwd, sizeof cwd))
		base = file_join(&r->a, cwd, base);
	path = arena_printf(&r->a, "%s/tamp-run.XXXXXX", base);
	if (!mkdtemp(path))
		return diag_error(&r->d, POS_NONE, "%s: %s", path,
		                  strerror(errno));
	r->tmp = path;
	return 0;
}

static void
remove_tmp(struct run *r)
{
	for (size_t i = 0; i < r->tmp_files.n; i++)
		unlink(r->tmp_files.v[i]);
	if (r->tmp)
		rmdir(r->tmp);
}

static void
warn(struct run *r)
{
	const struct memory *m = stack_memory(&r->stack);

	if (!m || !m->unverified)
		return;
	diag_warn(&r->d, record_pos(m, "unverified"), "the program's schedule is "
	          "not verified");
	vec_push(&r->a, &r->report.warnings, "the schedule is not verified");
}

struct made *
run_made(struct run *r)
{
	struct made *m = arena_new(&r->a, struct made);

	m->by = "tamp-run";
	m->version = TAMP_VERSION;
	return m;
}

int
run_write(struct run *r, enum format f, const void *doc, bool only,
          const char *path)
{
	struct file_out out;

	if (file_create(&out, path, &r->d) < 0)
		return -1;
	stack_write(&r->stack, f, doc, only, out.f);
	return file_commit(&out);
}

static void
summarise(const struct run *r)
{
	const struct report *p = &r->report;

	fprintf(stderr, "%s: median %.1f us, min %.1f, p90 %.1f, p99 %.1f over "
	        "%lld run%s\n", p->device, p->latency->median_us,
	        p->latency->min_us, p->latency->p90_us, p->latency->p99_us,
	        (long long)p->latency->count, p->latency->count == 1 ? "" : "s");
	for (size_t i = 0; i < p->compared.n; i++) {
		const struct compared *c = &p->compared.v[i];

		fprintf(stderr, "%s: ", c->name);
		if (c->match)
			fprintf(stderr, "all %lld elements as expected",
			        (long long)c->elems);
		else
			fprintf(stderr, "%lld of %lld elements differ from what is "
			        "expected", (long long)c->wrong,
			        (long long)c->elems);
		fprintf(stderr, " (largest difference %.3g)\n", c->max_abs);
	}
	if (p->diverges)
		fprintf(stderr, "the first rOperator that differs: %s\n",
		        p->diverges);
}

/* The exit status. */
static int
use(struct run *r)
{
	int status = run_build(r), differs;

	if (status)
		return status;
	if (make_tmp(r) < 0 || values_inputs(r) < 0)
		return 1;
	status = run_execute(r);
	if (status)
		return status;
	if (values_outputs(r) < 0 || (r->dump && values_dump(r) < 0))
		return 1;
	differs = compare_all(r);
	if (differs < 0)
		return 1;
	if (run_recording(r)) {
		status = run_record(r);
		if (status || trace_all(r) < 0)
			return status ? status : 1;
	}
	r->report.made = run_made(r);
	if (run_write(r, FORMAT_REPORT, &r->report, true, "-") < 0)
		return 1;
	summarise(r);
	trace_summary(r);
	return differs;
}

int
main(int argc, char **argv)
{
	struct run r = {.runs = -1, .warmup = -1, .rtol = 1e-3, .atol = 1e-5};
	int status;

	arena_init(&r.a);
	diag_init(&r.d, "tamp-run", stderr);
	status = parse(&r, argc, argv);
	if (status < 0) {
		status = 1;
		if ((r.profile ? profile_read(&r) : read_plan(&r)) < 0 ||
		    resolve_all(&r) < 0) {
			/* it was said why */
		} else if (r.profile) {
			status = make_tmp(&r) < 0 ? 1 : profile(&r);
		} else {
			set_defaults(&r);
			warn(&r);
			status = use(&r);
		}
		remove_tmp(&r);
	}
	arena_release(&r.a);
	return status;
}
