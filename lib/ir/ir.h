/* The documents as structs: what the .def files beside this one describe.
 *
 * Reading, writing and checking are generic (yaml/record.h, yaml/stack.h)
 * but for what a table cannot say, which the *_check functions below do. */
#ifndef IR_IR_H
#define IR_IR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/vec.h"
#include "yaml/record.h"
#include "yaml/stack.h"

enum dtype {
#define DTYPE(id, word, bytes, ctype, onnx, st) DTYPE_##id,
#include "ir/dtype.def"
#undef DTYPE
	NDTYPES
};

enum target_kind { TARGET_HOST, TARGET_CUDA, TARGET_HIP };

/* Where storage comes from; the order is part of the program table's format. */
enum base { BASE_ARENA, BASE_WEIGHTS, BASE_PACKED, BASE_INPUT, BASE_OUTPUT,
            BASE_STATE, BASE_OWN };

/* Where it is known from how long an rTask takes alone: a costs/1, the
 * estimates of tasks/1, the shortest of its kind on the timeline, or some by
 * costs/1 and some not. */
enum alone { ALONE_COSTS, ALONE_ESTIMATES, ALONE_SHORTEST, ALONE_MIXED };

extern const struct enum_table dtype_words, target_words, base_words,
                               alone_words;
extern const struct format_info formats[NFORMATS];

#include "yaml/record_structs.h"
#include "ir/common.def"
#include "ir/graph.def"
#include "ir/device.def"
#include "ir/tasks.def"
#include "ir/costs.def"
#include "ir/schedule.def"
#include "ir/memory.def"
#include "ir/report.def"
#include "yaml/record_undef.h"

/* The limit on a tensor's size: 2^40 bytes are more than any device has. */
#define TENSOR_MAX_BYTES ((int64_t)1 << 40)
#define TENSOR_MAX_DIMS 8

size_t dtype_bytes(enum dtype t);
const char *dtype_word(enum dtype t);
const char *dtype_ctype(enum dtype t);	/* "float", "int64_t" ... */
bool dtype_is_float(enum dtype t);
bool dtype_is_int(enum dtype t);	/* any integer; not bool */
int dtype_from_onnx(int onnx_type);	/* -1: none of ours */
int dtype_from_word(const char *word);	/* "f32"; -1 */
const char *dtype_safetensors(enum dtype t);

/* Product of dims, or -1 if a dim is negative or the product times elem_bytes
 * exceeds TENSOR_MAX_BYTES.  The product of no dims is 1. */
int64_t shape_elems(const int64_t *dims, size_t n, size_t elem_bytes);
bool shape_eq(const struct ints *a, const struct ints *b);
const char *shape_text(struct arena *a, const struct ints *s);	/* "[1, 64]" */

bool tensor_is_const(const struct tensor *t);

/* Checks that go beyond the tables, with places: names unique and defined,
 * nodes in topological order, ranges sensible, one kind a step, ... */
int graph_check(const struct graph *g, struct diag *d);
int device_check(const struct device *v, struct diag *d);
int costs_check(const struct costs *c, struct diag *d);
int tasks_check(const struct tasks *t, const struct graph *g, struct diag *d);
int schedule_check(const struct schedule *s, const struct tasks *t,
                   struct diag *d);
int memory_check(const struct memory *m, struct diag *d);

/* How a memory/1 stands to the schedule and the tasks below it.  One that was
 * computed, and not edited since, goes with its schedule: where that changed
 * it is computed anew.  One given or edited by hand is for its author to mend. */
enum memory_origin { MEMORY_BY_HAND, MEMORY_COMPUTED, MEMORY_STALE };

enum memory_origin memory_origin(const struct memory *m, const struct tasks *t,
                                 const struct schedule *s);

/* Marks m as computed from t and s: m is complete but for the marks. */
void memory_sign(struct memory *m, const struct tasks *t,
                 const struct schedule *s, struct arena *a);

/* The topmost documents of a stack, checked; NULL where there is none. */
struct graph *stack_graph(const struct stack *s);
struct device *stack_device(const struct stack *s);
struct tasks *stack_tasks(const struct stack *s);
struct schedule *stack_schedule(const struct stack *s);
struct memory *stack_memory(const struct stack *s);

/* Runs the checks above on what the stack holds. */
int stack_check(const struct stack *s, struct diag *d);

#endif
