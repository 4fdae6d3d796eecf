/* Any bytes as a model: a diagnostic or a graph that passes its checks. */
#include <stdint.h>

#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct source file = {"fuzz.onnx", (const char *)data, n};
	struct import_options o = {.path = "-"};
	struct weights_entry *entries;
	struct graph g = {0};
	size_t nentries;
	struct arena a;
	struct diag d;
	struct net net;

	arena_init(&a);
	diag_init(&d, "fuzz", stderr);
	d.suppressed = 1;
	net_init(&net, &a);
	if (import_source(&net, &file, &o, &d) == 0 &&
	    net_to_graph(&net, &g, &entries, &nentries) == 0) {
		g.made = arena_new(&a, struct made);
		g.made->by = "fuzz";
		g.weights = "fuzz.safetensors";
		if (graph_check(&g, &d) < 0)
			BUG("import made a graph that does not pass its check");
	} else if (!d.nerrors) {
		BUG("import failed without a reason");
	}
	arena_release(&a);
	return 0;
}
