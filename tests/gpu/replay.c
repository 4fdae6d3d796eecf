/* Runs an emitted model many times on the same inputs: every run must give the
 * same bits.
 *
 *	replay DIR RUNS [SEED]
 *
 * Inputs are numbers in [-1, 1) from a counter (integers: 0; bool: the first half,
 * of one element that, is true).  Outputs are
 * poisoned before each run.  Prints the median and the least time of a run.
 * Exit status 0; 1 if a run differs or fails; 77 without the device. */
#define _POSIX_C_SOURCE 200809L
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
room(size_t n)
{
	void *p = NULL;

	if (posix_memalign(&p, 256, n ? n : 1) != 0) {
		fputs("replay: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

static void
fill(void *p, const char *type, size_t bytes, uint32_t input)
{
	for (size_t i = 0; strcmp(type, "f32") == 0 && i < bytes / 4; i++) {
		uint32_t h = (uint32_t)(i + 1) * 2654435761u ^ input * 40503u;

		((float *)p)[i] = (float)(h >> 8) * (2.0f / 16777216.0f) - 1.0f;
	}
	if (strcmp(type, "f32") != 0)
		memset(p, 0, bytes);
	if (strcmp(type, "bool") == 0)
		memset(p, 1, (bytes + 1) / 2);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
say(const struct model *m)
{
	fprintf(stderr, "replay: %s\n", model_error(m));
	return 1;
}

/* All outputs of one run; 1 if they differ from the first ones. */
static int
compare(const struct model *m, void **first, void **out, long run)
{
	for (int i = 0; i < model_noutputs(m); i++)
		if (memcmp(first[i], out[i], model_output_bytes(m, i)) != 0) {
			fprintf(stderr, "replay: run %ld: output %d differs from that "
			        "of the first run\n", run, i);
			return 1;
		}
	return 0;
}

static int
replay(struct model *m, long runs, double *us)
{
	void **in = calloc((size_t)model_ninputs(m) + 1, sizeof *in);
	void **out = calloc((size_t)model_noutputs(m) + 1, sizeof *out);
	void **first = calloc((size_t)model_noutputs(m) + 1, sizeof *first);

	for (int i = 0; i < model_ninputs(m); i++) {
		in[i] = room(model_input_bytes(m, i));
		fill(in[i], model_input_type(m, i), model_input_bytes(m, i),
		     (uint32_t)i);
	}
	for (int i = 0; i < model_noutputs(m); i++) {
		out[i] = room(model_output_bytes(m, i));
		first[i] = room(model_output_bytes(m, i));
	}
	for (long r = 0; r < runs; r++) {
		void **to = r ? out : first;

		for (int i = 0; i < model_noutputs(m); i++)
			memset(to[i], 0xff, model_output_bytes(m, i));
		if (model_reset(m) < 0 ||
		    model_run(m, (const void *const *)in, to) < 0)
			return say(m);
		us[r] = model_run_us(m);
		if (r && compare(m, first, out, r))
			return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct model_options o = {0};
	struct model *m;
	long runs = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	double *us;
	int rc;

	if (runs < 2) {
		fputs("usage: replay DIR RUNS [SEED]\n", stderr);
		return 2;
	}
	o.seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	rc = model_open_options(argv[1], &o, &m);
	if (rc < 0)
		return say(NULL), rc == MODEL_NO_DEVICE ? 77 : 1;
	us = calloc((size_t)runs, sizeof *us);
	rc = us ? replay(m, runs, us) : 1;
	if (rc == 0) {
		qsort(us, (size_t)runs, sizeof *us, by_value);
		printf("%s: %ld runs equal, median %.2f us, min %.2f us\n",
		       model_device(m), runs, us[runs / 2], us[0]);
	}
	free(us);
	model_close(m);
	return rc;
}
