/* Fibers for emulated vEUs and threads: see emu.h.
 *
 * Three kinds of context: the scheduler (the caller's own stack), a vEU, and
 * a thread of the vEU that runs.  vEUs come back to the scheduler at every
 * rTask and where they wait; threads come back to their vEU where they meet
 * others.  An rTask is never interrupted by another vEU: the order of whole
 * rTasks is what a seed varies. */
#include "emu.h"

#include "emu_api.h"
#include "emu_fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
struct tamp_emu_place tamp_emu;

#if defined __SANITIZE_ADDRESS__
static const size_t STACK = 1 << 20;
#else
static const size_t STACK = 1 << 18;
#endif

/* --- contexts ------------------------------------------------------------------ */

struct fiber *emu_running;

[[noreturn]] void
emu_fatal(const char *fmt, ...)
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

void
emu_switch(struct fiber *to)
{
	struct fiber *self = emu_running;

	came_from = self;
	emu_running = to;
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
	struct fiber *self = emu_running;

	self->fake = NULL;
	arrived(self, came_from);
	self->run(self);
	emu_fatal("a fiber ended");
}

/* Gives f a stack, once. */
void
emu_fiber_init(struct fiber *f)
{
	void *m = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (m == MAP_FAILED || mprotect(m, 4096, PROT_NONE) != 0)
		emu_fatal("no memory for the stack of a fiber");
	f->stack = (unsigned char *)m + 4096;
	f->bottom = f->stack;
	f->size = STACK;
}

/* The next switch to f begins run(f). */
void
emu_fiber_start(struct fiber *f, void (*run)(struct fiber *f))
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

void
emu_fiber_release(struct fiber *f)
{
#if defined __SANITIZE_ADDRESS__
	__asan_unpoison_memory_region(f->stack, STACK);
#endif
	munmap(f->stack - 4096, STACK + 4096);
}

/* --- random numbers ---------------------------------------------------------------- */

static uint64_t seed, state;

uint64_t
emu_draw(void)
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
	emu_switch(&launch.own);
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
		from = (uint32_t)(emu_draw() % launch.n);
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
	emu_switch(&v->f);
}

/* To the scheduler and back. */
static void
yield(void)
{
	emu_switch(&launch.own);
}

void
tamp_emu_wait(const uint32_t *counter, uint32_t want)
{
	struct veu *v = (struct veu *)emu_running;

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
		emu_run_threads(inst, task, args);
	} else {
		bool down = emu_draw() & 1;

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
		emu_fiber_release(&launch.v[i].f);
	free(launch.v);
	launch.v = (struct veu *)calloc(n, sizeof *launch.v);
	if (!launch.v)
		emu_fatal("no memory for %u vEUs", n);
	for (uint32_t i = 0; i < n; i++)
		emu_fiber_init(&launch.v[i].f);
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
		v->rank = launch.order == RANK ? emu_draw() | 1 : 0;
		if (posix_memalign(&p, 1024, shared ? shared : 1) != 0)
			emu_fatal("no shared memory for vEU %u", i);
		/* Whoever reads before writing shall not see zeros. */
		memset(p, 0xff, shared);
		v->shared = (unsigned char *)p;
		emu_fiber_start(&v->f, veu_main);
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
	emu_running = &launch.own;
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
	emu_running = NULL;
	return true;
}
