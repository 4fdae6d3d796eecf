/* Builds through the directory's own Makefile and runs what comes out. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "run.h"

/* --- processes --------------------------------------------------------------- */

int
run_command(struct run *r, const char *const *argv, const char *out, bool all)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int status;
	pid_t pid;

	if (fd < 0)
		return diag_error(&r->d, POS_NONE, "%s: %s", out, strerror(errno));
	fflush(stderr);
	pid = fork();
	if (pid == 0) {
		/* a make above this one is none of DIR's business */
		unsetenv("MAKEFLAGS");
		unsetenv("MAKELEVEL");
		unsetenv("MFLAGS");
		if (dup2(fd, STDOUT_FILENO) < 0 ||
		    (all && dup2(fd, STDERR_FILENO) < 0))
			_exit(126);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fd);
	if (pid < 0)
		return diag_error(&r->d, POS_NONE, "cannot start %s: %s", argv[0],
		                  strerror(errno));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return diag_error(&r->d, POS_NONE, "%s: %s", argv[0],
			                  strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) :
		128 + WTERMSIG(status);
}

/* --- what must be here --------------------------------------------------------- */

static int
missing(struct run *r, const char *what)
{
	diag_error(&r->d, POS_NONE, "%s", what);
	return 77;
}

static bool
in_path(struct run *r, const char *name)
{
	const char *path = getenv("PATH");

	for (const char *s = path ? path : ""; *s;) {
		size_t n = strcspn(s, ":");

		if (n > 0 && access(arena_printf(&r->a, "%.*s/%s", (int)n, s,
		                                 name), X_OK) == 0)
			return true;
		s += n + (s[n] == ':');
	}
	return false;
}

/* Whether this CPU has the instructions that the program is built with. */
static bool
has_arch(const char *arch)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
	if (str_eq(arch, "x86-64-v4"))
		return __builtin_cpu_supports("x86-64-v4");
	if (str_eq(arch, "x86-64-v3"))
		return __builtin_cpu_supports("x86-64-v3");
	if (str_eq(arch, "x86-64-v2"))
		return __builtin_cpu_supports("x86-64-v2");
#endif
	(void)arch;
	return true;
}

static int
check_host(struct run *r)
{
	const char *arch = r->plan.device->arch;

	if (!in_path(r, "make") || !(in_path(r, "cc") || getenv("CC")))
		return missing(r, "make and a C compiler are needed (packages make "
		               "and gcc)");
	if (has_arch(arch))
		return 0;
	return missing(r, arena_printf(&r->a, "this CPU does not have the "
	               "instructions of %s: partition for another device", arch));
}

static int
check_emulation(struct run *r)
{
	if (in_path(r, "g++") || in_path(r, "c++") || getenv("CXX"))
		return 0;
	return missing(r, "emulation needs a C++ compiler (package g++)");
}

struct gpu {
	const char *by;
	const char *nodes[2];		/* the driver's, where there is one */
	const char *variable, *compiler, *dir, *packages;
};

static const struct gpu nvidia = {
	"NVIDIA", {"/dev/nvidiactl", "/dev/dxg"}, "NVCC", "nvcc",
	"/usr/local/cuda/bin", "package nvidia-cuda-toolkit, or NVIDIA's",
};

static const struct gpu amd = {
	"AMD", {"/dev/kfd"}, "HIPCC", "hipcc",
	"/opt/rocm/bin", "packages hipcc and libamdhip64-dev, or AMD's",
};

static bool
is_here(const struct gpu *g)
{
	return file_exists(g->nodes[0]) ||
		(g->nodes[1] && file_exists(g->nodes[1]));
}

static int
check_gpu(struct run *r, const struct gpu *g)
{
	if (!is_here(g))
		return missing(r, arena_printf(&r->a, "no %s GPU here: --emulate "
		               "runs the same program on the CPU", g->by));
	if (getenv(g->variable) || in_path(r, g->compiler) ||
	    access(file_join(&r->a, g->dir, g->compiler), X_OK) == 0)
		return 0;
	return missing(r, arena_printf(&r->a, "%s is neither in PATH nor in %s "
	               "(%s): --emulate does without", g->compiler, g->dir,
	               g->packages));
}


static int
check_device(struct run *r)
{
	if (r->emulate)
		return check_emulation(r);
	switch ((enum target_kind)r->plan.device->target) {
	case TARGET_HOST:
		return check_host(r);
	case TARGET_CUDA:
		return check_gpu(r, &nvidia);
	case TARGET_HIP:
		return check_gpu(r, &amd);
	}
	return 0;
}

/* --- building ------------------------------------------------------------------ */

void
run_show(const char *path)
{
	FILE *f = fopen(path, "r");
	char buf[4096];
	size_t n;

	if (!f)
		return;
	while ((n = fread(buf, 1, sizeof buf, f)) > 0)
		fwrite(buf, 1, n, stderr);
	fclose(f);
}

static int
make(struct run *r, const char *log)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const char *argv[] = {"make", "-s", "-C", r->dir,
		arena_printf(&r->a, "-j%ld", cpus > 1 ? cpus : 1),
		r->emulate ? "emulate" : "main", NULL};
	int status;

	diag_progress(&r->d, "make -C %s %s", r->dir, argv[5]);
	status = run_command(r, argv, log, true);
	if (status == 0)
		return 0;
	if (status > 0) {
		run_show(log);
		diag_error(&r->d, POS_NONE, "'%s' cannot be built: make ended "
		           "with status %d", r->dir, status);
	}
	return 1;
}

int
run_build(struct run *r)
{
	char log[] = "/tmp/tamp-make.XXXXXX";
	int status = check_device(r), fd;

	if (status)
		return status;
	fd = mkstemp(log);
	if (fd < 0)
		return diag_error(&r->d, POS_NONE, "%s: %s", log,
		                  strerror(errno)), 1;
	close(fd);
	status = make(r, log);
	unlink(log);
	return status;
}

/* --- running ------------------------------------------------------------------- */

static void
arg(struct run *r, struct strs *v, const char *option, const char *value)
{
	vec_push(&r->a, v, option);
	if (value)
		vec_push(&r->a, v, value);
}

static void
arg_int(struct run *r, struct strs *v, const char *option, int64_t value)
{
	arg(r, v, option, arena_printf(&r->a, "%lld", (long long)value));
}

/* The program, what it reads, how long it waits. */
static struct strs
program(struct run *r, int64_t runs, int64_t warmup)
{
	struct strs v = {0};

	/* A path without a slash would be looked for in PATH. */
	arg(r, &v, arena_printf(&r->a, "%s/%s", r->dir,
	                        r->emulate ? "main-emu" : "main"), NULL);
	arg_int(r, &v, "-n", runs);
	arg_int(r, &v, "-w", warmup);
	for (size_t i = 0; i < r->plan.graph->inputs.n; i++)
		arg(r, &v, "-i", values_tmp(r, "in", i));
	if (r->timeout > 0)
		arg(r, &v, "--timeout", arena_printf(&r->a, "%g", r->timeout));
	if (r->emulate && *r->emulate)
		arg(r, &v, "--seed", r->emulate);
	return v;
}

static void
end_arguments(struct run *r, struct strs *v)
{
	/* after "./", so that it is no option */
	arg(r, v, r->dir[0] == '-' ? arena_printf(&r->a, "./%s", r->dir) :
	    r->dir, NULL);
	arg(r, v, NULL, NULL);
}

bool
run_recording(const struct run *r)
{
	return r->trace || r->gantt || r->d.explain;
}

static struct strs
arguments(struct run *r, const char *times)
{
	struct strs v = program(r, r->runs, r->warmup);

	for (size_t i = 0; i < r->plan.graph->outputs.n; i++)
		arg(r, &v, "-o", values_tmp(r, "out", i));
	if (r->dumping) {
		arg(r, &v, "--dump", r->tmp);
		for (size_t i = 0; i < r->plan.tensors.n; i++)
			values_tmp(r, "", i);
	}
	arg(r, &v, "--times", times);
	if (r->profile || (r->emulate && run_recording(r)))
		arg(r, &v, "--trace", values_tmp(r, "trace", 0));
	end_arguments(r, &v);
	return v;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void
times_sort(struct floats *v)
{
	qsort(v->v, v->n, sizeof *v->v, by_value);
}

double
times_quantile(const struct floats *v, double q)
{
	return v->v[(size_t)(q * (double)(v->n - 1) + 0.5)];
}

double
times_rounded(double us)
{
	return round(us * 1e3) / 1e3;
}

static struct latency *
latency_of(struct run *r, struct floats *us)
{
	struct latency *l = arena_new(&r->a, struct latency);

	times_sort(us);
	l->count = (int64_t)us->n;
	l->min_us = us->v[0];
	l->median_us = times_quantile(us, 0.5);
	l->p90_us = times_quantile(us, 0.9);
	l->p99_us = times_quantile(us, 0.99);
	return l;
}

static int
read_times(struct run *r, const char *path)
{
	struct floats us = {0}, copy = {0};
	FILE *f = fopen(path, "r");
	char line[512];
	double a, b;

	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (str_starts(line, "device "))
			r->report.device = arena_strdup(&r->a, line + 7);
		else if (sscanf(line, "open %lf", &a) == 1)
			r->report.open_us = a;
		else if (sscanf(line, "%lf %lf", &a, &b) == 2) {
			vec_push(&r->a, &us, a);
			vec_push(&r->a, &copy, b);
		}
	}
	if (f)
		fclose(f);
	if (us.n != (size_t)r->runs || !r->report.device)
		return diag_error(&r->d, POS_NONE, "the program wrote no times");
	r->report.latency = latency_of(r, &us);
	times_sort(&copy);
	r->report.copy_us = times_quantile(&copy, 0.5);
	return 0;
}

/* 0, 1 or 77. */
static int
start(struct run *r, const struct strs *v)
{
	int status = run_command(r, v->v, values_tmp(r, "stdout", 0), false);

	if (status == 0 || status == 77)
		return status;
	if (status > 128)
		diag_error(&r->d, POS_NONE, "the program was ended by signal %d",
		           status - 128);
	else if (status > 0)
		diag_error(&r->d, POS_NONE, "the program ended with status %d",
		           status);
	return 1;
}

int
run_execute(struct run *r)
{
	const char *times = values_tmp(r, "times", 0);
	struct strs v = arguments(r, times);
	int status;

	diag_progress(&r->d, "%s: %lld runs", v.v[0], (long long)r->runs);
	status = start(r, &v);
	if (status)
		return status;
	r->report.target = r->emulate ? "emulation" :
		target_words.words[r->plan.device->target];
	return read_times(r, times) < 0 ? 1 : 0;
}

int
run_record(struct run *r)
{
	struct strs v;
	int64_t before = r->warmup;

	if (r->emulate)
		return 0;
	if (r->plan.graph->states.n > 0)
		before += r->runs - 1;	/* to the same state */
	v = program(r, 1, before);
	arg(r, &v, "--trace", values_tmp(r, "trace", 0));
	end_arguments(r, &v);
	diag_progress(&r->d, "%s: a recorded run", v.v[0]);
	return start(r, &v);
}
