/* Fibers for emulated vEUs and threads: see emu.h.
 *
 * Three kinds of context: the scheduler (the caller's own stack), a vEU, and
 * a thread of the vEU that runs.  vEUs come back to the scheduler at every
 * rTask and where they wait; threads come back to their vEU where they meet
 * others.  An rTask is never interrupted by another vEU: the order of whole
 * rTasks is what a seed varies. */
#include "emu.h"

#include "emu_api.h"

#include <sys/mman.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if !defined __x86_64__ || defined __SHSTK__
#include <ucontext.h>
#define SLOW_SWITCH 1
#endif

struct tamp_emu_place tamp_emu;

#if defined __SANITIZE_ADDRESS__
static const size_t STACK = 1 << 20;
#else
static const size_t STACK = 1 << 18;
#endif

/* --- contexts ------------------------------------------------------------------ */

struct fiber {
	void (*run)(struct fiber *f);
	unsigned char *stack;		/* NULL: the scheduler's */
#ifdef SLOW_SWITCH
	ucontext_t uc;
#else
	void *sp;
#endif
	bool over;			/* will not come back */
	void *fake;			/* AddressSanitizer's own stack of it */
	const void *bottom;		/* as it sees ours */
	size_t size;
};

static struct fiber *running;

[[noreturn]] static void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("emulation: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	fflush(NULL);
	_exit(1);	/* not from a fiber's stack through atexit's functions */
}

#ifndef SLOW_SWITCH
/* Saves what a callee must keep, swaps stacks, restores. */
extern "C" void tamp_emu_swap(void **from, void *to);
__asm__(
	".text\n"
	".globl tamp_emu_swap\n"
	".type tamp_emu_swap, @function\n"
	"tamp_emu_swap:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size tamp_emu_swap, .-tamp_emu_swap\n");
#endif

/* After a switch: tells the sanitizer that it is done, and learns where the
 * stack left behind lies. */
static void
arrived(struct fiber *self, struct fiber *from)
{
#if defined __SANITIZE_ADDRESS__
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(self->fake, &bottom, &size);
	if (from && !from->bottom) {
		from->bottom = bottom;
		from->size = size;
	}
#else
	(void)self;
	(void)from;
#endif
}

static struct fiber *came_from;

static void
switch_to(struct fiber *to)
{
	struct fiber *self = running;

	came_from = self;
	running = to;
#if defined __SANITIZE_ADDRESS__
	__sanitizer_start_switch_fiber(self->over ? NULL : &self->fake,
	                               to->bottom, to->size);
#endif
#ifdef SLOW_SWITCH
	swapcontext(&self->uc, &to->uc);
#else
	tamp_emu_swap(&self->sp, to->sp);
#endif
	arrived(self, came_from);
}

static void
enter(void)
{
	struct fiber *self = running;

	self->fake = NULL;
	arrived(self, came_from);
	self->run(self);
	fatal("a fiber ended");
}

/* Gives f a stack, once. */
static void
fiber_init(struct fiber *f)
{
	void *m = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (m == MAP_FAILED || mprotect(m, 4096, PROT_NONE) != 0)
		fatal("no memory for the stack of a fiber");
	f->stack = (unsigned char *)m + 4096;
	f->bottom = f->stack;
	f->size = STACK;
}

/* The next switch to f begins run(f). */
static void
fiber_start(struct fiber *f, void (*run)(struct fiber *f))
{
	f->run = run;
	f->over = false;
#if defined __SANITIZE_ADDRESS__
	__asan_unpoison_memory_region(f->stack, STACK);
#endif
#ifdef SLOW_SWITCH
	getcontext(&f->uc);
	f->uc.uc_stack.ss_sp = f->stack;
	f->uc.uc_stack.ss_size = STACK;
	f->uc.uc_link = NULL;
	makecontext(&f->uc, enter, 0);
#else
	void **top = (void **)(f->stack + STACK - 64);

	*top = (void *)enter;		/* 16-aligned: as after a call */
	f->sp = top - 6;
	memset(f->sp, 0, 6 * sizeof(void *));
#endif
}

static void
fiber_release(struct fiber *f)
{
#if defined __SANITIZE_ADDRESS__
	__asan_unpoison_memory_region(f->stack, STACK);
#endif
	munmap(f->stack - 4096, STACK + 4096);
}

/* --- random numbers ---------------------------------------------------------------- */

static uint64_t seed, state;

static uint64_t
draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void
tamp_emu_seed(uint64_t s)
{
	seed = s;
	state = s;
}

/* --- threads of an rTask ------------------------------------------------------------ */

enum standing { GOES, MEETS, DONE };

struct thread {
	struct fiber f;			/* first */
	enum standing at;
	enum tamp_emu_op op;
	uint64_t mask, value, result;
	int pred, from, width;
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
		switch_to(block.veu);
	}
}

/* The thread that runs stops here until those it meets are there too. */
static struct thread *
meet(enum tamp_emu_op op)
{
	struct thread *t = (struct thread *)running;

	if (running == block.veu || !block.veu)
		fatal("an rTask that was said to meet nobody met others");
	t->at = MEETS;
	t->op = op;
	switch_to(block.veu);
	return t;
}

struct tamp_emu_votes
tamp_emu_barrier(int pred)
{
	((struct thread *)running)->pred = pred != 0;
	meet(EMU_BARRIER);
	return block.votes;
}

uint64_t
tamp_emu_warp(enum tamp_emu_op op, uint64_t mask, uint64_t value, int from,
              int width)
{
	struct thread *t = (struct thread *)running;
	uint32_t lane = t->index % (uint32_t)warpSize;

	if (warpSize > 32 && mask == 0xffffffffu)
		mask = ~(uint64_t)0;
	if (!(mask >> lane & 1))
		fatal("thread %u takes part in a warp operation whose mask does "
		      "not name it", t->index);
	t->mask = mask;
	t->value = value;
	t->from = from;
	t->width = width;
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
warp_ready(const struct thread *t, const struct thread *warp, uint32_t n)
{
	for (uint32_t l = 0; l < n; l++) {
		if (!(t->mask >> l & 1))
			continue;
		if (warp[l].at != MEETS || warp[l].op != t->op ||
		    warp[l].mask != t->mask)
			return false;
	}
	return true;
}

/* The lane whose value a shuffle gives to lane l. */
static int
shuffle_source(const struct thread *t, int l)
{
	int w = t->width, first = l - l % w, s = l;

	if (t->op == EMU_SHFL)
		s = first + (t->from % w + w) % w;
	else if (t->op == EMU_SHFL_UP)
		s = l - t->from >= first ? l - t->from : l;
	else if (t->op == EMU_SHFL_DOWN)
		s = l + t->from < first + w ? l + t->from : l;
	else
		s = (l ^ t->from) < first + w ? l ^ t->from : l;
	return s;
}

static uint64_t
shuffle(const struct thread *t, const struct thread *warp, uint32_t n, int l)
{
	int s = shuffle_source(t, l);

	if (s < 0 || (uint32_t)s >= n || !(t->mask >> s & 1))
		fatal("thread %u shuffles from lane %d, which takes no part",
		      t->index, s);
	return warp[s].value;
}

static uint64_t
vote(const struct thread *t, const struct thread *warp, uint32_t n)
{
	uint64_t set = 0, all = 0;

	for (uint32_t l = 0; l < n; l++) {
		if (!(t->mask >> l & 1))
			continue;
		all |= (uint64_t)1 << l;
		if (t->op == EMU_MATCH ? warp[l].value == t->value
		                       : warp[l].value != 0)
			set |= (uint64_t)1 << l;
	}
	if (t->op == EMU_ANY)
		return set != 0;
	return t->op == EMU_ALL ? set == all : set;
}

static uint64_t
warp_result(const struct thread *t, const struct thread *warp, uint32_t n, int l)
{
	switch (t->op) {
	case EMU_SHFL: case EMU_SHFL_UP: case EMU_SHFL_DOWN: case EMU_SHFL_XOR:
		return shuffle(t, warp, n, l);
	case EMU_BALLOT: case EMU_ANY: case EMU_ALL: case EMU_MATCH:
		return vote(t, warp, n);
	case EMU_SYNCWARP: case EMU_BARRIER:
		break;
	}
	return 0;
}

/* Lets go those of a warp who are complete. */
static bool
open_warp(struct thread *warp, uint32_t n)
{
	bool any = false;

	for (uint32_t l = 0; l < n; l++) {
		struct thread *t = &warp[l];
		uint64_t mask = t->mask;

		if (t->at != MEETS || t->op == EMU_BARRIER ||
		    !warp_ready(t, warp, n))
			continue;
		for (uint32_t k = 0; k < n; k++)
			if (mask >> k & 1)
				warp[k].result = warp_result(&warp[k], warp, n,
				                             (int)k);
		for (uint32_t k = 0; k < n; k++)
			if (mask >> k & 1)
				warp[k].at = GOES;
		any = true;
	}
	return any;
}

static bool
open_warps(void)
{
	uint32_t ws = (uint32_t)warpSize;
	bool any = false;

	for (uint32_t i = 0; i < block.n; i += ws)
		any |= open_warp(&block.v[i], block.n - i < ws ? block.n - i : ws);
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
	fatal("vEU %u, task %u: its threads do not meet: of %u, %u wait at a "
	      "barrier, %u at a warp operation, %u are done; thread %u waits",
	      tamp_emu.block.x, block.task, block.n, barrier, warp, done, who);
}

static void
make_threads(uint32_t n)
{
	if (block.room >= n)
		return;
	for (uint32_t i = 0; i < block.room; i++)
		fiber_release(&block.v[i].f);
	free(block.v);
	block.v = (struct thread *)calloc(n, sizeof *block.v);
	if (!block.v)
		fatal("no memory for threads");
	for (uint32_t i = 0; i < n; i++) {
		fiber_init(&block.v[i].f);
		fiber_start(&block.v[i].f, thread_main);
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
			switch_to(&block.v[i].f);
		}
		left |= block.v[i].at != DONE;
	}
	return left;
}

static void
run_threads(tamp_emu_inst *inst, uint32_t task, void *const *args)
{
	make_threads(blockDim.x);
	block.n = blockDim.x;
	block.veu = running;
	block.inst = inst;
	block.task = task;
	block.args = args;
	for (uint32_t i = 0; i < block.n; i++)
		block.v[i].at = GOES;
	while (round_of_threads(draw() & 1))
		if (!open_warps() && !open_barrier())
			stuck();
	block.veu = NULL;
}

/* --- vEUs ------------------------------------------------------------------------------ */

struct veu {
	struct fiber f;			/* first */
	uint32_t index;
	unsigned char *shared;
	bool done;
	const uint32_t *counter;	/* waited for, or NULL */
	uint32_t want;
	uint64_t rank;			/* higher goes first, in that order */
};

/* Orders that a seed picks: any, each as far as it comes, by rank, in turn. */
enum order { ANY, FAR, RANK, TURN, NORDERS };

static struct {
	struct fiber own;		/* the scheduler */
	struct veu *v;
	uint32_t room, n, last;
	enum order order;
	bool dead;			/* nobody can go on */
	uint64_t now;
	void (*kernel)(struct tamp_launch_args a);
	struct tamp_launch_args args;
} launch;

static void
veu_main(struct fiber *f)
{
	launch.kernel(launch.args);
	((struct veu *)f)->done = true;
	f->over = true;
	switch_to(&launch.own);
}

static bool
can_go(const struct veu *v)
{
	return !v->done && (launch.dead || !v->counter ||
	                    (int32_t)(*v->counter - v->want) >= 0);
}

/* The vEU to run next; NULL if none can. */
static struct veu *
pick(void)
{
	struct veu *best = NULL;
	uint32_t from = (launch.last + (launch.order != FAR)) % launch.n;

	if (launch.order == ANY ||
	    (launch.order == FAR && !can_go(&launch.v[from])))
		from = (uint32_t)(draw() % launch.n);
	for (uint32_t i = 0; i < launch.n; i++) {
		struct veu *v = &launch.v[(from + i) % launch.n];

		if (!can_go(v) || (best && v->rank <= best->rank))
			continue;
		best = v;
		if (launch.order != RANK)
			break;
	}
	return best;
}

static void
resume(struct veu *v)
{
	launch.last = v->index;
	v->counter = NULL;
	blockIdx = make_uint3(v->index, 0, 0);
	threadIdx = make_uint3(0, 0, 0);
	tamp_shared = v->shared;
	switch_to(&v->f);
}

/* To the scheduler and back. */
static void
yield(void)
{
	switch_to(&launch.own);
}

void
tamp_emu_wait(const uint32_t *counter, uint32_t want)
{
	struct veu *v = (struct veu *)running;

	if (launch.dead)
		return;
	v->counter = counter;
	v->want = want;
	yield();
}

/* Time stands still until nobody can go on; then every wait is over at
 * once. */
uint64_t
tamp_emu_now(void)
{
	launch.now += launch.dead ? (uint64_t)1 << 50 : 1;
	return launch.now;
}

void
tamp_emu_call(tamp_emu_inst *inst, bool meets, uint32_t task,
              void *const *args)
{
	yield();
	if (meets) {
		run_threads(inst, task, args);
	} else {
		bool down = draw() & 1;

		for (uint32_t k = 0; k < blockDim.x; k++) {
			threadIdx.x = down ? blockDim.x - 1 - k : k;
			inst(task, args);
		}
	}
	threadIdx.x = 0;
}

/* vEUs' stacks are kept from launch to launch. */
static void
make_veus(uint32_t n)
{
	if (launch.room >= n)
		return;
	for (uint32_t i = 0; i < launch.room; i++)
		fiber_release(&launch.v[i].f);
	free(launch.v);
	launch.v = (struct veu *)calloc(n, sizeof *launch.v);
	if (!launch.v)
		fatal("no memory for %u vEUs", n);
	for (uint32_t i = 0; i < n; i++)
		fiber_init(&launch.v[i].f);
	launch.room = n;
}

static void
open_veus(uint32_t n, size_t shared)
{
	make_veus(n);
	launch.n = n;
	for (uint32_t i = 0; i < n; i++) {
		struct veu *v = &launch.v[i];
		void *p = NULL;

		v->index = i;
		v->done = false;
		v->counter = NULL;
		v->rank = launch.order == RANK ? draw() | 1 : 0;
		if (posix_memalign(&p, 1024, shared ? shared : 1) != 0)
			fatal("no shared memory for vEU %u", i);
		/* Whoever reads before writing shall not see zeros. */
		memset(p, 0xff, shared);
		v->shared = (unsigned char *)p;
		fiber_start(&v->f, veu_main);
	}
}

static void
close_veus(void)
{
	for (uint32_t i = 0; i < launch.n; i++)
		free(launch.v[i].shared);
}

static uint32_t fail_at;		/* launches until one fails; 0: none will */

void
tamp_emu_fail(uint32_t n)
{
	fail_at = n;
}

bool
tamp_emu_launch(void (*kernel)(struct tamp_launch_args a),
                const struct tamp_launch_args *args, uint32_t width,
                uint32_t threads, size_t shared)
{
	uint32_t left = width;

	if (fail_at > 0 && --fail_at == 0)
		return false;
	launch.kernel = kernel;
	launch.args = *args;
	launch.order = (enum order)(seed % NORDERS);
	launch.dead = false;
	launch.last = 0;
	running = &launch.own;
	tamp_emu.block_dim = dim3(threads);
	tamp_emu.grid_dim = dim3(width);
	open_veus(width, shared);
	while (left > 0) {
		struct veu *v = pick();

		if (!v) {
			launch.dead = true;
			continue;
		}
		resume(v);
		left -= v->done;
	}
	close_veus();
	running = NULL;
	return true;
}
