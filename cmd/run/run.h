/* tamp-run's parts: build, values, compare; and what they share. */
#ifndef RUN_H
#define RUN_H

#include "ir/npy.h"
#include "rkernel/plan.h"
#include "../view.h"

struct given {			/* --input, --expect: NAME=TEXT */
	const char *name, *text;
	int tensor;		/* of the plan */
};

struct run {
	struct arena a;
	struct diag d;

	/* options */
	int64_t runs, warmup;		/* -1: not given */
	struct strs inputs, expects, rest;
	const char *output, *dump, *emulate, *trace, *gantt, *profile;
	struct view_options view;
	double rtol, atol, timeout;

	const char *dir;
	struct stack stack;
	struct plan plan;
	VEC(struct given) in, want;
	const char *tmp;		/* directory for raw files */
	struct strs tmp_files;
	bool dumping;			/* every tensor is wanted */
	VEC(struct array) outputs;	/* of the last run */

	struct trace *traced;		/* of a recorded run, or NULL */
	struct report report;
};

/* --- main.c ----------------------------------------------------------------- */

/* Who makes a document: this program. */
struct made *run_made(struct run *r);

/* Writes a document to a file ("-": standard output); unless it alone ("only"),
 * what was read below it.  -1 after a diagnostic. */
int run_write(struct run *r, enum format f, const void *doc, bool only,
              const char *path);

/* --- build.c: make, and the program that it makes ------------------------- */

/* Runs argv (ends with NULL); standard output, and with "all" standard error
 * too, go to the file "out".  The exit status; 128 + N for signal N; -1 after
 * a diagnostic. */
int run_command(struct run *r, const char *const *argv, const char *out,
                bool all);

/* Copies a file, what a command said, to standard error. */
void run_show(const char *path);

/* Builds the program through DIR's Makefile.  0, 1 after diagnostics, 77 if
 * the device or a compiler is missing here. */
int run_build(struct run *r);

/* Runs it; its raw files lie in r->tmp.  0, 1 or 77. */
int run_execute(struct run *r);

/* Whether a run is wanted of which the program notes how it goes. */
bool run_recording(const struct run *r);

/* Runs it once more, recorded: what that costs is in no reported latency.
 * Under emulation, whose turns are no time, the last run was recorded already.
 * 0, 1 or 77. */
int run_record(struct run *r);

/* Times in us: sorted; the one below which a share q of the sorted ones lies (at
 * least one); to the ns that clocks count. */
void times_sort(struct floats *v);
double times_quantile(const struct floats *v, double q);
double times_rounded(double us);

/* --- values.c: tensors from and to files ----------------------------------- */

/* Writes every input's raw file.  -1 after diagnostics. */
int values_inputs(struct run *r);

/* Reads the outputs' raw files, and writes them to --output. */
int values_outputs(struct run *r);

/* Writes every tensor that was kept to --dump as .npy. */
int values_dump(struct run *r);

/* A tensor's elements after the run, row-major; 1 if the program does not keep
 * it, -1 after diagnostics. */
int values_tensor(struct run *r, int tensor, struct array *out);

/* The path of a raw file in r->tmp, removed at the end. */
const char *values_tmp(struct run *r, const char *kind, size_t i);

/* --- trace.c ---------------------------------------------------------------- */

/* Reads how the recorded run went, fills in the report's accounts and times by
 * rOperator, writes --trace and --gantt, explains.  -1 after diagnostics. */
int trace_all(struct run *r);

/* The accounts for people, to standard error. */
void trace_summary(const struct run *r);

/* A line of the program's --trace. */
struct traced {
	int rop;		/* -1: a barrier */
	int64_t task, veu;
	double arrived_us, begin_us, end_us;
	bool skipped;		/* its condition did not hold */
};

/* Calls fn for each line that the program wrote.  -1 after a diagnostic. */
typedef void traced_fn(void *ctx, const struct traced *x);
int trace_read(struct run *r, traced_fn *fn, void *ctx);

/* --- profile.c -------------------------------------------------------------- */

/* Reads the plan r->profile.  -1 after diagnostics. */
int profile_read(struct run *r);

/* Measures every rKernel of that plan; costs/1 to standard output.  The exit
 * status. */
int profile(struct run *r);

/* --- compare.c -------------------------------------------------------------- */

/* Compares what --expect names into the report.  1 if something differs. */
int compare_all(struct run *r);

#endif
