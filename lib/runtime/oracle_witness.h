/* Why a table was refused, as a file beside it: "witness", a struct
 * oracle_witness and its pairs. */
#ifndef TAMP_ORACLE_WITNESS_H
#define TAMP_ORACLE_WITNESS_H

#include <stdint.h>

#define ORACLE_WITNESS "witness"

enum oracle_kind {
	ORACLE_TIMES,	/* one pair: rTask t of p has u rows */
	ORACLE_RING,	/* each t waits for u, which stands behind the next t;
			 * the last behind the first; or behind a barrier that
			 * t has to reach itself */
	ORACLE_ORDER,	/* one pair: u may run before t, and they touch the same
			 * bytes, one of them writing */
	ORACLE_SHARED,	/* t touches one tensor and u another in the same bytes,
			 * one of them writing: in the first pair u may run
			 * before t, in the second t before u; or they are one
			 * rTask */
};

struct oracle_pair {
	uint32_t p, t, q, u;		/* rOperators and rTasks */
	uint32_t root, pad;		/* TAMP_NONE: any */
	uint64_t lo, hi;		/* bytes of it that are at stake */
};

struct oracle_witness {
	uint32_t kind, npairs;
};

#endif
