/* Fibers, for emu.cpp, which has them, and emu_threads.cpp. */
#ifndef TAMP_EMU_FIBER_H
#define TAMP_EMU_FIBER_H

#include "emu.h"

#if !defined __x86_64__ || defined __SHSTK__
#include <ucontext.h>
#define SLOW_SWITCH 1
#endif

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

extern struct fiber *emu_running;

/* Gives f a stack, once; takes it back. */
void emu_fiber_init(struct fiber *f);
void emu_fiber_release(struct fiber *f);

/* The next switch to f begins run(f), which must not return. */
void emu_fiber_start(struct fiber *f, void (*run)(struct fiber *f));
void emu_switch(struct fiber *to);

/* Ends the program. */
[[noreturn]] void emu_fatal(const char *fmt, ...);

/* A number drawn from the seed. */
uint64_t emu_draw(void);

/* Runs an rTask's threads, who may meet. */
void emu_run_threads(tamp_emu_inst *inst, uint32_t task, void *const *args);

#endif
