/* Runs an emitted model and times it.
 *
 *	main [-n RUNS] [-w WARMUP] [-i FILE]... [-o FILE]... [--dump DIR]
 *	     [--times FILE] [--trace FILE] [--timeout SECONDS] [--seed N] [DIR]
 *
 * FILEs hold raw little-endian elements, in the order of the model's inputs
 * and outputs; an input without a file is zero.  --dump writes every tensor
 * as stored to DIR/INDEX.bin.  --times writes the lines "device WORDS",
 * "open US", then "RUN_US COPY_US" a run.  --trace writes how the last run
 * went, a line for each rTask and barrier: "ROP TASK VEU LAUNCH ARRIVED BEGUN
 * ENDED SKIPPED", ROP a number or -1 for a barrier, times in us, SKIPPED 1 for
 * an rTask whose condition did not hold, else 0.  DIR (default: this program's)
 * is what was emitted.
 * Exit status 0, 1 after an error, 2 after a wrong call, 77 without the device. */
#define _POSIX_C_SOURCE 200809L
#include "model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options {
	long runs, warmup;
	const char **in, **out;		/* as many as argc */
	int nin, nout;
	const char *dump, *times, *trace, *dir;
	struct model_options open;
};

static int
fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("main: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return -1;
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

/* --- options ----------------------------------------------------------------- */

static int
number(const char *s, double *out)
{
	char *end;

	errno = 0;
	*out = strtod(s, &end);
	return errno == 0 && end != s && *end == '\0' && *out >= 0 ? 0 : -1;
}

static int
set_option(struct options *o, const char *name, const char *value)
{
	double n = 0;

	if (strcmp(name, "-i") == 0)
		o->in[o->nin++] = value;
	else if (strcmp(name, "-o") == 0)
		o->out[o->nout++] = value;
	else if (strcmp(name, "--dump") == 0)
		o->dump = value;
	else if (strcmp(name, "--times") == 0)
		o->times = value;
	else if (strcmp(name, "--trace") == 0)
		o->trace = value;
	else if (number(value, &n) < 0)
		return fail("%s '%s': not a number", name, value);
	else if (strcmp(name, "-n") == 0 && n >= 1)
		o->runs = (long)n;
	else if (strcmp(name, "-w") == 0)
		o->warmup = (long)n;
	else if (strcmp(name, "--timeout") == 0)
		o->open.timeout = n;
	else if (strcmp(name, "--seed") == 0)
		o->open.seed = strtoull(value, NULL, 10);
	else
		return fail("unknown option '%s %s'", name, value);
	return 0;
}

/* The directory of this program, where it was called by its path. */
static const char *
own_dir(char *argv0)
{
	char *slash = strrchr(argv0, '/');

	if (!slash)
		return ".";
	*slash = '\0';
	return argv0;
}

static int
parse(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			o->dir = argv[i];
		else if (i + 1 == argc)
			return fail("option '%s' needs a value", argv[i]);
		else if (set_option(o, argv[i], argv[i + 1]) < 0)
			return -1;
		else
			i++;
	}
	if (!o->dir)
		o->dir = own_dir(argv[0]);
	o->open.separate = o->dump != NULL;
	o->open.trace = o->trace != NULL;
	return 0;
}

/* --- files ------------------------------------------------------------------- */

static void *
buffer(size_t n)
{
	void *p = NULL;

	if (posix_memalign(&p, 256, n ? n : 1) != 0)
		return NULL;
	memset(p, 0, n);
	return p;
}

static int
read_file(const char *path, void *to, size_t n)
{
	FILE *f = fopen(path, "rb");
	size_t got;
	int more;

	if (!f)
		return fail("%s: %s", path, strerror(errno));
	got = fread(to, 1, n, f);
	more = fgetc(f);
	fclose(f);
	return got == n && more == EOF ? 0 :
		fail("%s: not the %zu bytes that the model takes", path, n);
}

static int
write_file(const char *path, const void *from, size_t n)
{
	FILE *f = fopen(path, "wb");
	int bad;

	if (!f)
		return fail("%s: %s", path, strerror(errno));
	bad = fwrite(from, 1, n, f) != n;
	bad |= fclose(f) != 0;
	return bad ? fail("%s: cannot be written", path) : 0;
}

static int
dump(struct model *m, const char *dir)
{
	size_t room = strlen(dir) + 32;
	char *path = malloc(room);
	int rc = path ? 0 : fail("out of memory");

	for (int i = 0; rc == 0 && i < model_ntensors(m); i++) {
		size_t n = model_tensor_bytes(m, i);
		void *p = buffer(n);

		snprintf(path, room, "%s/%d.bin", dir, i);
		/* A tensor that nothing uses has no memory and no file. */
		if (!p)
			rc = fail("out of memory");
		else if (model_tensor_read(m, i, p) == 0)
			rc = write_file(path, p, n);
		free(p);
	}
	free(path);
	return rc;
}

static int
write_trace(struct model *m, const char *path)
{
	size_t n = model_trace(m, NULL, 0);
	struct model_event *e = calloc(n + 1, sizeof *e);
	FILE *f = e ? fopen(path, "w") : NULL;
	int bad;

	if (!f) {
		free(e);
		return fail("%s: %s", path, strerror(errno));
	}
	if (n == 0 || model_trace(m, e, n) != n) {
		free(e);
		fclose(f);
		return fail("no trace: %s", model_error(m));
	}
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%lld %u %u %u %.3f %.3f %.3f %d\n",
		        e[i].rop == UINT32_MAX ? -1 : (long long)e[i].rop,
		        e[i].task, e[i].veu, e[i].launch, e[i].arrived_us,
		        e[i].begun_us, e[i].ended_us, e[i].skipped);
	free(e);
	bad = ferror(f);
	bad |= fclose(f) != 0;
	return bad ? fail("%s: cannot be written", path) : 0;
}

/* --- running ----------------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile(const double *sorted, long n, double q)
{
	return sorted[(long)(q * (double)(n - 1) + 0.5)];
}

static void
print_times(double *us, long n)
{
	qsort(us, (size_t)n, sizeof *us, by_value);
	printf("runs %ld  min %.1f  median %.1f  p90 %.1f  p99 %.1f us\n", n,
	       us[0], quantile(us, n, 0.5), quantile(us, n, 0.9),
	       quantile(us, n, 0.99));
}

static int
time_runs(struct model *m, const struct options *o, double open_us,
          const void *const *in, void *const *out)
{
	double *us = calloc((size_t)o->runs, sizeof *us);
	FILE *f = o->times ? fopen(o->times, "w") : NULL;
	int rc = us ? 0 : fail("out of memory");

	if (o->times && !f)
		rc = fail("%s: %s", o->times, strerror(errno));
	if (f)
		fprintf(f, "device %s\nopen %.3f\n", model_device(m), open_us);
	for (long i = -o->warmup; rc == 0 && i < o->runs; i++) {
		if (model_run(m, in, out) < 0)
			rc = fail("%s", model_error(m));
		else if (i >= 0)
			us[i] = model_run_us(m);
		if (f && rc == 0 && i >= 0)
			fprintf(f, "%.3f %.3f\n", us[i], model_copy_us(m));
	}
	if (f && fclose(f) != 0)
		rc = fail("%s: cannot be written", o->times);
	if (rc == 0)
		print_times(us, o->runs);
	free(us);
	return rc;
}

static int
use(struct model *m, const struct options *o, double open_us)
{
	int nin = model_ninputs(m), nout = model_noutputs(m), rc = 0;
	void **in = calloc((size_t)nin + 1, sizeof *in);
	void **out = calloc((size_t)nout + 1, sizeof *out);

	if (!in || !out)
		rc = fail("out of memory");
	if (o->nin > nin || o->nout > nout)
		rc = fail("the model has %d inputs and %d outputs", nin, nout);
	for (int i = 0; rc == 0 && i < nin; i++) {
		in[i] = buffer(model_input_bytes(m, i));
		if (!in[i])
			rc = fail("out of memory");
		else if (i < o->nin)
			rc = read_file(o->in[i], in[i], model_input_bytes(m, i));
	}
	for (int i = 0; rc == 0 && i < nout; i++) {
		out[i] = buffer(model_output_bytes(m, i));
		if (!out[i])
			rc = fail("out of memory");
	}
	if (rc == 0)
		rc = time_runs(m, o, open_us, (const void *const *)in, out);
	for (int i = 0; rc == 0 && i < o->nout; i++)
		rc = write_file(o->out[i], out[i], model_output_bytes(m, i));
	if (rc == 0 && o->dump)
		rc = dump(m, o->dump);
	if (rc == 0 && o->trace)
		rc = write_trace(m, o->trace);
	for (int i = 0; in && i < nin; i++)
		free(in[i]);
	for (int i = 0; out && i < nout; i++)
		free(out[i]);
	free(in);
	free(out);
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o = {.runs = 1};
	struct model *m = NULL;
	double begin;
	int rc;

	o.in = calloc((size_t)argc, sizeof *o.in);
	o.out = calloc((size_t)argc, sizeof *o.out);
	if (!o.in || !o.out || parse(&o, argc, argv) < 0)
		return 2;
	begin = now_us();
	rc = model_open_options(o.dir, &o.open, &m);
	if (rc < 0) {
		fail("%s", model_error(NULL));
	} else {
		model_pin(m);
		rc = use(m, &o, now_us() - begin);
	}
	model_close(m);
	free(o.in);
	free(o.out);
	if (rc == 0 && fflush(stdout) != 0)
		rc = fail("standard output: cannot be written");
	return rc == 0 ? 0 : rc == MODEL_NO_DEVICE ? 77 : 1;
}
