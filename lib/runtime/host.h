/* What the generated source of a host program gives to host.c: its kernel
 * instances.  An rTask is a call of run(task, args). */
#ifndef TAMP_HOST_H
#define TAMP_HOST_H

#include <stdint.h>

/* blockIdx and gridDim of kernels. */
struct tamp_uint3 {
	uint32_t x, y, z;
};
#define TAMP_UINT3(a, b, c) ((struct tamp_uint3){a, b, c})

/* The index of an element that a map loads or stores, less than 2^31.  It must
 * not wrap, or the compiler does not see that neighbours lie side by side, and
 * takes no vectors. */
#define TAMP_INDEX int64_t

/* Where a kernel first needs its inputs: here they are ready from the start. */
#define rtask_wait() ((void)0)

struct tamp_instance {
	const char *name;		/* class and rKernel */
	void (*run)(uint32_t task, void *const *args);
};

extern const struct tamp_instance tamp_instances[];
extern const uint32_t tamp_ninstances;
extern const uint64_t tamp_instances_hash;

#endif
