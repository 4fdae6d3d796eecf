/* The clock by which a traced run notes what it does.  Where the processor counts
 * ticks that are the same on all its cores whatever their speed, it is these: to
 * read them holds nothing up, while the system's clock waits for all that was begun
 * before, and so keeps rTasks from running into the next one. */
#ifndef TAMP_HOST_CLOCK_H
#define TAMP_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

struct host_clock {
	bool ticks;			/* the processor's; else ns */
	uint64_t tick0, ns0;		/* the same moment by both */
};

static inline uint64_t
host_clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t
host_clock_read(const struct host_clock *c)
{
#ifdef __x86_64__
	if (c->ticks)
		return __builtin_ia32_rdtsc();
#endif
	(void)c;
	return host_clock_ns();
}

/* Whether the ticks go on evenly (CPUID: the invariant time stamp counter). */
static inline bool
host_clock_even(void)
{
#ifdef __x86_64__
	unsigned a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && d & 1u << 8;
#else
	return false;
#endif
}

static inline void
host_clock_start(struct host_clock *c)
{
	c->ticks = host_clock_even();
	c->ns0 = host_clock_ns();
	c->tick0 = host_clock_read(c);
}

/* ns of a tick, by all that went by since the start. */
static inline double
host_clock_tick_ns(const struct host_clock *c)
{
	uint64_t ns = host_clock_ns() - c->ns0;
	uint64_t ticks = host_clock_read(c) - c->tick0;

	return c->ticks && ticks > 0 ? (double)ns / (double)ticks : 1;
}

#endif
