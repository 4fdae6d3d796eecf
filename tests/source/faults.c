/* For tests/cli/emulate.bats: a model whose launches cannot be started at
 * times, in an emulated program.
 *
 *	faults DIR LAUNCHES
 *
 * LAUNCHES: of one run.  Whichever of them fails, model_run says so, and the
 * run after it gives what a good one gave.  So do runs begun by model_run_on,
 * between the others.  Exit status 0, or 1 after a message. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

void tamp_emu_fail(uint32_t n);

static int
fail(const char *what, const char *why)
{
	fprintf(stderr, "faults: %s: %s\n", what, why);
	exit(1);
}

/* Every input and output in one block each; *n: bytes of the outputs. */
static void **
blocks(struct model *m, int count, size_t (*bytes)(const struct model *, int))
{
	void **v = calloc((size_t)count + 1, sizeof *v);

	for (int i = 0; v && i < count; i++) {
		v[i] = calloc(bytes(m, i) + 1, 1);
		if (!v[i])
			fail("memory", "out of it");
	}
	return v ? v : (fail("memory", "out of it"), v);
}

static void
same(struct model *m, void **a, void **b, const char *what)
{
	for (int i = 0; i < model_noutputs(m); i++)
		if (memcmp(a[i], b[i], model_output_bytes(m, i)) != 0)
			fail(what, "another result");
}

static void
good(struct model *m, void **in, void **want, void **out, const char *what)
{
	if (model_run(m, (const void *const *)in, out) < 0)
		fail(what, model_error(m));
	same(m, want, out, what);
	if (model_run_on(m, (const void *const *)in, out, NULL) < 0 ||
	    model_wait(m) < 0)
		fail(what, model_error(m));
	same(m, want, out, what);
}

int
main(int argc, char **argv)
{
	uint32_t launches = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	struct model *m;
	void **in, **want, **out, *kept;

	if (launches == 0 || model_open(argv[1], &m) < 0)
		fail("open", launches ? model_error(NULL) : "wrong call");
	in = blocks(m, model_ninputs(m), model_input_bytes);
	want = blocks(m, model_noutputs(m), model_output_bytes);
	out = blocks(m, model_noutputs(m), model_output_bytes);
	for (size_t i = 0; i < model_input_bytes(m, 0) / sizeof(float); i++)
		((float *)in[0])[i] = 0.25f * (float)(i % 7) - 0.5f;
	if (model_run(m, (const void *const *)in, want) < 0)
		fail("the first run", model_error(m));
	for (uint32_t i = 1; i <= 2 * launches; i++) {
		tamp_emu_fail((i + 1) / 2);
		if ((i % 2 ? model_run(m, (const void *const *)in, out) :
		     model_run_on(m, (const void *const *)in, out, NULL)) == 0)
			fail("a launch that cannot start", "no error");
		if (!strstr(model_error(m), "unspecified launch failure"))
			fail("another error", model_error(m));
		good(m, in, want, out, "after a failure");
	}
	kept = in[0];
	in[0] = NULL;
	if (model_run(m, (const void *const *)in, out) == 0 ||
	    strcmp(model_error(m), "input 0 is NULL") != 0)
		fail("no input", model_error(m));
	in[0] = kept;
	good(m, in, want, out, "after no input");
	model_close(m);
	printf("%u launches: good after every failure\n", launches);
	return 0;
}
