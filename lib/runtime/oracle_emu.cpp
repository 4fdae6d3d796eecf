/* rTasks of a CUDA program for the access oracle: each is the only row of an
 * emulated launch of one vEU. */
#include "emu_api.h"

extern "C" {
void oracle_run(const struct tamp_launch *l, uint32_t instance, uint32_t task,
                void **args);
}

extern "C" void
oracle_run(const struct tamp_launch *l, uint32_t instance, uint32_t task,
           void **args)
{
	const struct tamp_code *code = &tamp_codes[l->code];
	/* the vEU looks at one row too many */
	const struct tamp_task rows[2] = {{instance, task, 0, 0, 0, TAMP_NONE,
	                                   TAMP_NONE, 0}, {}};
	const struct tamp_veu veu = {0, 1};
	uint32_t counter[TAMP_LINE] = {0}, barrier[TAMP_LINE] = {0};
	struct tamp_control control = {};
	struct tamp_launch_args a = {};

	control.limit = 1000000000u;	/* ticks of the emulated clock: ns */
	a.tasks = rows;
	a.veus = &veu;
	a.args = args;
	a.counters = counter;
	a.barrier = barrier;
	a.control = &control;
	a.epoch = 1;
	a.width = 1;
	tamp_emu_seed(1);
	if (!tamp_emu_launch(code->kernel, &a, 1, code->threads, l->shared)) {
		fprintf(stderr, "oracle: an emulated launch cannot be started\n");
		exit(1);
	}
}
