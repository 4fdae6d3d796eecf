/* A run as it went, beside its prediction: trace.c reads it, perfetto.c writes
 * it. */
#ifndef RUN_TRACE_H
#define RUN_TRACE_H

#include "run.h"
#include "verify/spent.h"

struct trace {
	struct run *r;
	struct timeline measured, predicted;
	struct spent was, is;		/* their accounts */
	VEC(struct bar) barriers;	/* measured; rop -1 */
};

/* Writes r->trace.  -1 after diagnostics. */
int perfetto_write(struct trace *t);

#endif
