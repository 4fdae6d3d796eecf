/* tamp build: the stages in one go, joined by pipes.
 *
 * A stage is started when the one before it has written something: stages
 * write when all is well, so what goes wrong is said once, by the stage that
 * found it, and its exit status is the result. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/opt.h"
#include "base/str.h"
#include "emit/target.h"
#include "front.h"
#include "policy/policy.h"

enum stage { IMPORT, PARTITION, SCHEDULE, EMIT, NSTAGES };

static const char *const stage_names[NSTAGES] = {
	[IMPORT] = "import", [PARTITION] = "partition",
	[SCHEDULE] = "schedule", [EMIT] = "emit",
};

#define TO(stage) (1u << (stage))

static const char *
policy_names(struct arena *a)
{
	const char *all = policy_list[0]->name;

	for (size_t i = 1; policy_list[i]; i++)
		all = arena_printf(a, "%s %s", all, policy_list[i]->name);
	return all;
}

/* Options that are handed on, and to which stages; their help and words are
 * the stages' own (a test compares). */
static const struct pass {
	unsigned stages;
	char short_name;
	const char *long_name, *arg, *help, *choices;
	const struct enum_table *words;	/* instead of choices */
	const char *(*names)(struct arena *a);	/* instead of either */
} passes[] = {
	{TO(IMPORT), 'w', "weights", "FILE",
	 "where large constants go (MODEL.safetensors beside the graph)", ""},
	{TO(IMPORT), 0, "bind", "NAME=N,...",
	 "gives a symbolic dimension, or an input's dimensions, values", NULL},
	{TO(IMPORT), 0, "const", "NAME=FILE",
	 "makes an input a constant, read from a .npy or .pb file", NULL},
	{TO(PARTITION), 'd', "device", "DEVICE",
	 "a name (host, h200, mi50, emu ...) or a device file; host: this "
	 "machine (host)", "host h200 v100 mi50 emu emu64"},
	{TO(PARTITION) | TO(EMIT), 'K', "kernels", "DIR",
	 "kernel files of one's own, which win over those that come with tamp",
	 ""},
	{TO(PARTITION), 0, "fuse", "LEVEL",
	 "none; maps: elementwise operators into their neighbours; shared: "
	 "also products over the same constant joined (maps)",
	 "none maps shared"},
	{TO(PARTITION), 0, "math", "MODE",
	 "precision of f32 products: f32 (f32)", "f32"},
	{TO(SCHEDULE), 'p', "policy", "POLICY",
	 "how rTasks are laid out (wavefront)", NULL, NULL, policy_names},
	{TO(SCHEDULE), 0, "select", "HOW",
	 "rKernels: fastest alone, efficient, or best on the whole (best)", NULL,
	 &select_words},
	{TO(SCHEDULE), 0, "sync", "KIND",
	 "what orders vEUs: barrier or counter (counter)", NULL, &sync_words},
	{TO(SCHEDULE), 0, "width", "N",
	 "vEUs to use (as many as the device's file says)", NULL},
	{TO(EMIT), 0, "target", "TARGET",
	 "what the device must be for: refused if it is another", NULL, NULL,
	 target_names},
};

static const char *
choices(struct arena *a, const struct pass *p)
{
	return p->names ? p->names(a) :
	       p->words ? policy_choices(a, p->words) : p->choices;
}

#define NPASSES (sizeof passes / sizeof *passes)

struct build {
	struct arena *a;
	struct diag *d;
	const char *argv0;
	struct strs given[NPASSES];
	const char *out;
	bool verbose, explain, run;
	struct strs rest;
	pid_t pids[NSTAGES];
	int status[NSTAGES];	/* as wait gives it */
	int started;
};

static int
parse(struct build *b, int argc, char **argv)
{
	const struct opt_usage u = {"tamp build", "[options] -o DIR MODEL",
		"imports, partitions, schedules and emits a model in one go",
		"  tamp build -d host -p wavefront -o build model.onnx\n"};
	struct opt opts[NPASSES + 5] = {
		{'o', "output", OPT_STR, &b->out, "DIR", "directory to write", ""},
		{0, "run", OPT_FLAG, &b->run, NULL, "runs the program when it is built"},
		{'v', "verbose", OPT_FLAG, &b->verbose, NULL, "progress of every stage"},
		{0, "explain", OPT_FLAG, &b->explain, NULL, "a reason for each decision"},
	};
	int status;

	for (size_t i = 0; i < NPASSES; i++)
		opts[4 + i] = (struct opt){passes[i].short_name,
			passes[i].long_name, OPT_STRS, &b->given[i],
			passes[i].arg, passes[i].help,
			choices(b->a, &passes[i]), 0, 0};
	status = opt_parse(&u, opts, b->a, argc, argv, &b->rest);
	if (status >= 0)
		return status;
	if (b->rest.n != 1) {
		diag_error(b->d, POS_NONE, "expected one MODEL, not %zu", b->rest.n);
		return 2;
	}
	if (!b->out) {
		diag_error(b->d, POS_NONE, "-o DIR is missing");
		return 2;
	}
	return -1;
}

static void
arg(struct build *b, struct strs *v, const char *s)
{
	vec_push(b->a, v, s);
}

/* Option i as often as it was given. */
static void
hand_on(struct build *b, struct strs *v, size_t i)
{
	for (size_t k = 0; k < b->given[i].n; k++) {
		arg(b, v, passes[i].short_name ?
		    arena_printf(b->a, "-%c", passes[i].short_name) :
		    arena_printf(b->a, "--%s", passes[i].long_name));
		arg(b, v, b->given[i].v[k]);
	}
}

static struct strs
arguments(struct build *b, enum stage s)
{
	struct strs v = {0};

	arg(b, &v, front_find(b->a, b->argv0, stage_names[s]));
	if (b->verbose)
		arg(b, &v, "-v");
	if (b->explain)
		arg(b, &v, "--explain");
	for (size_t i = 0; i < NPASSES; i++)
		if (passes[i].stages & TO(s))
			hand_on(b, &v, i);
	if (s == EMIT) {
		arg(b, &v, "-o");
		arg(b, &v, b->out);
	}
	if (s == IMPORT) {
		arg(b, &v, "--");
		arg(b, &v, b->rest.v[0]);
	}
	arg(b, &v, NULL);
	return v;
}

static void
child(const struct strs *v, int in, int out)
{
	if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) ||
	    (out >= 0 && dup2(out, STDOUT_FILENO) < 0))
		_exit(1);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	execvp(v->v[0], (char **)v->v);
	fprintf(stderr, "tamp: error: cannot run %s: %s\n", v->v[0],
	        strerror(errno));
	_exit(1);
}

/* Starts stage s, which reads in; *next gets what it writes. */
static int
start(struct build *b, enum stage s, int in, int *next)
{
	struct strs v = arguments(b, s);
	int ends[2] = {-1, -1};

	if (s + 1 < NSTAGES && pipe(ends) != 0)
		return diag_error(b->d, POS_NONE, "no pipe: %s", strerror(errno));
	b->pids[s] = fork();
	if (b->pids[s] == 0) {
		if (ends[0] >= 0)
			close(ends[0]);
		child(&v, in, ends[1]);
	}
	if (ends[1] >= 0)
		close(ends[1]);
	if (in >= 0)
		close(in);
	*next = ends[0];
	if (b->pids[s] < 0)
		return diag_error(b->d, POS_NONE, "no process: %s", strerror(errno));
	b->started = (int)s + 1;
	return 0;
}

/* Waits until there is something to read; false if the other end was closed
 * without a word. */
static bool
has_data(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return true;
	return p.revents & POLLIN;
}

/* The status of the first stage that failed.  One that was cut off by SIGPIPE
 * only follows a later one's fault. */
static int
result(struct build *b)
{
	for (int i = 0; i < b->started; i++) {
		int st = b->status[i];

		if (WIFSIGNALED(st) && WTERMSIG(st) == SIGPIPE)
			continue;
		if (WIFSIGNALED(st)) {
			diag_error(b->d, POS_NONE, "tamp-%s was ended by signal %d",
			           stage_names[i], WTERMSIG(st));
			return 1;
		}
		if (WEXITSTATUS(st) != 0)
			return WEXITSTATUS(st);
	}
	if (b->started == NSTAGES)
		return 0;
	diag_error(b->d, POS_NONE, "tamp-%s wrote nothing",
	           stage_names[b->started > 0 ? b->started - 1 : 0]);
	return 1;
}

static int
run_program(struct build *b)
{
	struct strs v = {0};

	arg(b, &v, front_find(b->a, b->argv0, "run"));
	if (b->verbose)
		arg(b, &v, "-v");
	arg(b, &v, b->out);
	arg(b, &v, NULL);
	execvp(v.v[0], (char **)v.v);
	diag_error(b->d, POS_NONE, "cannot run %s: %s", v.v[0], strerror(errno));
	return 1;
}

int
front_build(struct arena *a, int argc, char **argv, const char *argv0)
{
	struct diag d;
	struct build b = {.a = a, .d = &d, .argv0 = argv0};
	int status, in = -1;

	diag_init(&d, "tamp build", stderr);
	status = parse(&b, argc, argv);
	if (status >= 0)
		return status;
	for (int s = 0; s < NSTAGES; s++) {
		if (start(&b, (enum stage)s, in, &in))
			break;
		if (in >= 0 && !has_data(in))
			break;
	}
	if (in >= 0)
		close(in);
	for (int i = 0; i < b.started; i++)
		while (waitpid(b.pids[i], &b.status[i], 0) < 0 && errno == EINTR)
			;
	status = result(&b);
	return status == 0 && b.run ? run_program(&b) : status;
}
