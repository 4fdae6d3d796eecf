/* The program table, plan.bin: who runs what, in which order, what waits for
 * what, and where tensors lie.  Read by the emitted program when it opens; a
 * changed schedule changes this file and no code, unless the set of kernel
 * instances or a launch's shape changes.  Where other constants are stored, or
 * in other places, weights.bin changes with it: the header holds the hashes of
 * both files' contents and of the source, so that files of different emits
 * are refused.
 *
 * Little-endian; sections are arrays of the structs below, each 8-aligned,
 * located by the header.  Nothing here is a pointer. */
#ifndef TAMP_TABLE_H
#define TAMP_TABLE_H

#include <stdint.h>
#include <string.h>

#define TAMP_MAGIC "TAMPTBL\3"
#define TAMP_NONE 0xffffffffu
#define TAMP_DIMS 10

enum tamp_base { TAMP_ARENA, TAMP_WEIGHTS, TAMP_PACKED, TAMP_INPUT,
                 TAMP_OUTPUT, TAMP_STATE, TAMP_OWN,
                 TAMP_NOWHERE,		/* nothing uses the tensor */
                 TAMP_NBASES };

struct tamp_section {
	uint64_t at, count;		/* byte offset, elements */
};

/* X(type of an element, name) for each section, in their order. */
#define TAMP_SECTIONS(X) \
	X(struct tamp_tensor, tensors) \
	X(uint32_t, io) \
	X(uint32_t, args) \
	X(struct tamp_condition, conditions) \
	X(struct tamp_rop, rops) \
	X(struct tamp_launch, launches) \
	X(struct tamp_veu, veus) \
	X(struct tamp_row, rows) \
	X(struct tamp_wait, waits) \
	X(struct tamp_counter, counters) \
	X(char, names)

struct tamp_header {
	char magic[8];
	uint64_t checksum;		/* tamp_checksum of all that follows */
	uint32_t ninstances;		/* must equal the code's */
	uint32_t ncounters;
	uint64_t instances_hash;	/* of the source's text: likewise */
	uint64_t weights_hash;		/* tamp_weights_hash of weights.bin */
	uint64_t arena, weights, packed;	/* bytes of the bases */
	uint32_t ninputs, noutputs, nstates, init_launches;
#define TAMP_HEADER_FIELD(type, name) struct tamp_section name;
	TAMP_SECTIONS(TAMP_HEADER_FIELD)
#undef TAMP_HEADER_FIELD
};

struct tamp_tensor {
	uint64_t offset, bytes;		/* from the base */
	uint32_t base;			/* enum tamp_base */
	uint32_t index;			/* of the input, output or state; OWN: the
					 * root tensor */
	uint32_t dtype;			/* order of ir/dtype.def */
	uint32_t rank;
	int64_t dims[TAMP_DIMS];	/* logical */
	uint32_t name;			/* byte offset into names (NUL-ended) */
	uint32_t root;			/* tensor it lies in (itself) */
	uint32_t layout;		/* text in names, or TAMP_NONE: row-major */
	uint32_t pad;
};

/* io holds tensor indices (uint32_t): the inputs, the outputs, then past and
 * present of each state.  An output that does not lie in the base OUTPUT at
 * its index is copied from where it lies when a run ends; so is a present
 * that does not lie where its past does. */

/* Holds if the byte of its tensor, taken as true or false, is "is", and if the
 * one that it is within holds. */
struct tamp_condition {
	uint32_t tensor, is;
	uint32_t within;		/* one before it, or TAMP_NONE */
};

struct tamp_rop {
	uint32_t instance;
	uint32_t args, nargs;		/* in args: tensor indices */
	uint32_t ntasks;
	uint32_t name;
	uint32_t init;			/* runs at open */
};

/* The first init_launches launches run once at open, the others at each run. */
struct tamp_launch {
	uint32_t width, threads, shared, registers;
	uint32_t veus;			/* first in veus; width of them */
	uint32_t code;			/* which launch kernel of the source */
};

struct tamp_veu {
	uint32_t row, nrows;
};

enum tamp_row_kind { TAMP_RUN, TAMP_BARRIER };

struct tamp_row {
	uint32_t kind;
	uint32_t rop, task;		/* TAMP_RUN */
	uint32_t wait, nwaits;		/* first in waits */
	uint32_t signal;		/* counter to add 1 to, or TAMP_NONE */
	uint32_t condition;		/* or TAMP_NONE: where it does not hold
					 * when the waits are over, the rTask is
					 * not called; it signals all the same */
};

/* Each counter gets exactly "count" signals a run; the wait is over when it
 * has reached epoch * count (compared by signed difference). */
struct tamp_wait {
	uint32_t counter, count;
};

/* Of words of 8 bytes; the file is a multiple of 8 bytes long. */
static inline uint64_t
tamp_checksum(const void *words, uint64_t bytes)
{
	const unsigned char *p = (const unsigned char *)words;
	uint64_t h = 0xcbf29ce484222325u;

	for (uint64_t i = 0; i + 8 <= bytes; i += 8) {
		uint64_t w = 0;

		for (int k = 7; k >= 0; k--)
			w = w << 8 | p[i + (uint64_t)k];
		h = (h ^ w) * 0x100000001b3u;
		h ^= h >> 32;
	}
	return h;
}

static inline uint64_t
tamp_mix(uint64_t h, const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
	h = (h ^ w) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

/* Of weights.bin, which may be large: of all its bytes, in four lanes that do
 * not wait for each other. */
static inline uint64_t
tamp_weights_hash(const void *data, uint64_t bytes)
{
	const unsigned char *p = (const unsigned char *)data;
	uint64_t a = 1, b = 2, c = 3, d = bytes, last[8] = {0};

	for (; bytes >= 32; bytes -= 32, p += 32) {
		a = tamp_mix(a, p);
		b = tamp_mix(b, p + 8);
		c = tamp_mix(c, p + 16);
		d = tamp_mix(d, p + 24);
	}
	if (bytes > 0)
		memcpy(last, p, bytes);
	last[4] = a;
	last[5] = b;
	last[6] = c;
	last[7] = d;
	return tamp_checksum(last, sizeof last);
}

/* When a vEU came to a row, when its waits were over, when it was done: ticks
 * of the device's clock.  A barrier's waits are over when it is. */
struct tamp_stamp {
	uint64_t arrived, begun, ended;
	uint64_t skipped;		/* when it was seen that the rTask's
					 * condition does not hold; before begun:
					 * it held, this time */
};

/* A condition as vEUs look at it. */
struct tamp_guard {
	const uint8_t *at;		/* its tensor */
	uint32_t is, within;
};

/* What a counter stands for: rTasks lo..hi of an rOperator are done.  For
 * messages. */
struct tamp_counter {
	uint32_t rop, lo, hi, count;
};

#endif
