/* Threads of an emulated rTask that meet others: fibers, which run one after
 * another up to where they meet. */
#include "emu.h"

#include "emu_fiber.h"

enum standing { GOES, MEETS, DONE };

struct thread {
	struct fiber f;			/* first */
	enum standing at;
	enum tamp_emu_op op;
	uint64_t mask, value, result;
	int pred, from;
	uint32_t index;
};

static struct {
	struct thread *v;		/* room; n of them take part */
	uint32_t room, n;
	struct fiber *veu;		/* whose rTask it is */
	tamp_emu_inst *inst;
	uint32_t task;
	void *const *args;
	struct tamp_emu_votes votes;
} block;

static void
thread_main(struct fiber *f)
{
	struct thread *t = (struct thread *)f;

	for (;;) {
		block.inst(block.task, block.args);
		t->at = DONE;
		emu_switch(block.veu);
	}
}

/* The thread that runs stops here until those it meets are there too. */
static struct thread *
meet(enum tamp_emu_op op)
{
	struct thread *t = (struct thread *)emu_running;

	if (emu_running == block.veu || !block.veu)
		emu_fatal("an rTask that was said to meet nobody met others");
	t->at = MEETS;
	t->op = op;
	emu_switch(block.veu);
	return t;
}

struct tamp_emu_votes
tamp_emu_barrier(int pred)
{
	((struct thread *)emu_running)->pred = pred != 0;
	meet(EMU_BARRIER);
	return block.votes;
}

uint64_t
tamp_emu_wave(enum tamp_emu_op op, uint64_t who, uint64_t value, int from)
{
	struct thread *t = (struct thread *)emu_running;

	if (!(who >> t->index % TAMP_EMU_WARP & 1))
		emu_fatal("thread %u takes part in a warp operation whose mask does "
		      "not name it", t->index);
	t->mask = who;
	t->value = value;
	t->from = from;
	return meet(op)->result;
}

/* All threads are at a barrier: counts votes and lets them go. */
static bool
open_barrier(void)
{
	struct tamp_emu_votes votes = {0, 0, 1};

	for (uint32_t i = 0; i < block.n; i++) {
		if (block.v[i].at != MEETS || block.v[i].op != EMU_BARRIER)
			return false;
		votes.count += block.v[i].pred;
		votes.some |= block.v[i].pred;
		votes.all &= block.v[i].pred;
	}
	block.votes = votes;
	for (uint32_t i = 0; i < block.n; i++)
		block.v[i].at = GOES;
	return true;
}

/* Whether everybody that t's mask names waits for the same; threads beyond
 * the last of the vEU do not count. */
static bool
wave_ready(const struct thread *t, const struct thread *wave, uint32_t n)
{
	for (uint32_t l = 0; l < n; l++) {
		if (!(t->mask >> l & 1))
			continue;
		if (wave[l].at != MEETS || wave[l].op != t->op ||
		    wave[l].mask != t->mask)
			return false;
	}
	return true;
}

static uint64_t
value_of(const struct thread *t, const struct thread *wave, uint32_t n, int lane)
{
	if (lane < 0 || (uint32_t)lane >= n || !(t->mask >> lane & 1))
		emu_fatal("thread %u shuffles from thread %d of its warp, which takes "
		          "no part", t->index, lane % TAMP_WARP);
	return wave[lane].value;
}

static uint64_t
ballot(const struct thread *t, const struct thread *wave, uint32_t n)
{
	uint64_t set = 0;

	for (uint32_t l = 0; l < n; l++)
		if ((t->mask >> l & 1) && wave[l].value != 0)
			set |= (uint64_t)1 << l;
	return set;
}

static uint64_t
wave_result(const struct thread *t, const struct thread *wave, uint32_t n)
{
	switch (t->op) {
	case EMU_GET:
		return value_of(t, wave, n, t->from);
	case EMU_BALLOT:
		return ballot(t, wave, n);
	case EMU_SYNCWARP: case EMU_BARRIER:
		break;
	}
	return 0;
}

/* Lets go those of a wavefront who are complete. */
static bool
open_wave(struct thread *wave, uint32_t n)
{
	bool any = false;

	for (uint32_t l = 0; l < n; l++) {
		struct thread *t = &wave[l];
		uint64_t mask = t->mask;

		if (t->at != MEETS || t->op == EMU_BARRIER ||
		    !wave_ready(t, wave, n))
			continue;
		for (uint32_t k = 0; k < n; k++)
			if (mask >> k & 1)
				wave[k].result = wave_result(&wave[k], wave, n);
		for (uint32_t k = 0; k < n; k++)
			if (mask >> k & 1)
				wave[k].at = GOES;
		any = true;
	}
	return any;
}

static bool
open_waves(void)
{
	uint32_t ws = TAMP_EMU_WARP;
	bool any = false;

	for (uint32_t i = 0; i < block.n; i += ws)
		any |= open_wave(&block.v[i], block.n - i < ws ? block.n - i : ws);
	return any;
}

static void
stuck(void)
{
	uint32_t done = 0, barrier = 0, warp = 0, who = 0;

	for (uint32_t i = 0; i < block.n; i++) {
		const struct thread *t = &block.v[i];

		done += t->at == DONE;
		barrier += t->at == MEETS && t->op == EMU_BARRIER;
		warp += t->at == MEETS && t->op != EMU_BARRIER;
		if (t->at == MEETS && !who)
			who = i;
	}
	emu_fatal("vEU %u, task %u: its threads do not meet: of %u, %u wait at a "
	      "barrier, %u at a warp operation, %u are done; thread %u waits",
	      tamp_emu.block.x, block.task, block.n, barrier, warp, done, who);
}

static void
make_threads(uint32_t n)
{
	if (block.room >= n)
		return;
	for (uint32_t i = 0; i < block.room; i++)
		emu_fiber_release(&block.v[i].f);
	free(block.v);
	block.v = (struct thread *)calloc(n, sizeof *block.v);
	if (!block.v)
		emu_fatal("no memory for threads");
	for (uint32_t i = 0; i < n; i++) {
		emu_fiber_init(&block.v[i].f);
		emu_fiber_start(&block.v[i].f, thread_main);
		block.v[i].index = i;
	}
	block.room = n;
}

/* Runs every thread that can go on, up or down; true if some are not done. */
static bool
round_of_threads(bool down)
{
	bool left = false;

	for (uint32_t k = 0; k < block.n; k++) {
		uint32_t i = down ? block.n - 1 - k : k;

		if (block.v[i].at == GOES) {
			threadIdx.x = i;
			emu_switch(&block.v[i].f);
		}
		left |= block.v[i].at != DONE;
	}
	return left;
}

void
emu_run_threads(tamp_emu_inst *inst, uint32_t task, void *const *args)
{
	make_threads(blockDim.x);
	block.n = blockDim.x;
	block.veu = emu_running;
	block.inst = inst;
	block.task = task;
	block.args = args;
	for (uint32_t i = 0; i < block.n; i++)
		block.v[i].at = GOES;
	while (round_of_threads(emu_draw() & 1))
		if (!open_waves() && !open_barrier())
			stuck();
	block.veu = NULL;
}
