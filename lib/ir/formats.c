/* The formats: their tables, made from the .def files, and what each is made
 * from (yaml/stack.h). */
#include "ir/ir.h"

#define WORDS(t, d) \
	{ .name = #t, .words = t##_list, .n = sizeof t##_list / sizeof *t##_list, \
	  .doc = d }

static const char *const dtype_list[] = {
#define DTYPE(id, word, bytes, ctype, onnx, st) word,
#include "ir/dtype.def"
#undef DTYPE
};
static const char *const target_list[] = {"host", "cuda", "hip"};
static const char *const base_list[] = {"arena", "weights", "packed", "input",
	"output", "state", "own"};
static const char *const alone_list[] = {"costs", "estimates", "shortest",
                                         "mixed"};

const struct enum_table dtype_words = WORDS(dtype, "element type");
const struct enum_table target_words = WORDS(target, "what emit writes");
const struct enum_table base_words = WORDS(base, "where storage comes from");
const struct enum_table alone_words = WORDS(alone, "how long rTasks take alone");

#include "yaml/record_tables.h"
#include "ir/common.def"
#include "ir/graph.def"
#include "ir/device.def"
#include "ir/tasks.def"
#include "ir/costs.def"
#include "ir/schedule.def"
#include "ir/memory.def"
#include "ir/report.def"
#include "yaml/record_undef.h"

#define SET(f) (1u << FORMAT_##f)

const struct format_info formats[NFORMATS] = {
	[FORMAT_GRAPH] = {"graph/1", "graph.schema.yaml", &graph_record, 0,
		"a model: tensors and the operators between them"},
	[FORMAT_DEVICE] = {"device/1", "device.schema.yaml", &device_record, 0,
		"a device as a set of vEUs, with its limits and costs"},
	[FORMAT_TASKS] = {"tasks/1", "tasks.schema.yaml", &tasks_record,
		SET(GRAPH) | SET(DEVICE),
		"rOperators and the rKernels that may run them"},
	[FORMAT_COSTS] = {"costs/1", "costs.schema.yaml", &costs_record, 0,
		"measured times of rKernels on a device"},
	[FORMAT_SCHEDULE] = {"schedule/1", "schedule.schema.yaml",
		&schedule_record, SET(TASKS),
		"which vEU runs which rTask in which order, and what waits for what"},
	[FORMAT_MEMORY] = {"memory/1", "memory.schema.yaml", &memory_record,
		SET(SCHEDULE), "where each tensor lies"},
	[FORMAT_REPORT] = {"report/1", "report.schema.yaml", &report_record,
		SET(MEMORY) | SET(SCHEDULE), "what a run measured"},
};
