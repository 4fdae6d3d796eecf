/* Constants of a graph: safetensors files beside the plan, and the elements
 * of constants in whatever way the graph states them. */
#ifndef IR_WEIGHTS_H
#define IR_WEIGHTS_H

#include "ir/ir.h"

/* A safetensors file mapped into memory; its index is checked on opening
 * (offsets inside the file, no overlap, sizes that fit shapes and types). */
struct weights;

/* path: of the safetensors file.  NULL after a diagnostic. */
struct weights *weights_open(struct arena *a, const char *path,
                             struct diag *d);
void weights_close(struct weights *w);

/* Bytes of the entry key, or NULL; checks type and shape against t. */
const void *weights_find(const struct weights *w, const struct tensor *t,
                         struct diag *d);

/* The elements of constant t (data, value, ivalue, fill or random), row-major,
 * in the arena unless they lie in w.  NULL after a diagnostic. */
const void *tensor_elements(struct arena *a, const struct tensor *t,
                            const struct weights *w, struct diag *d);

/* Element i of a generated constant, in (-1, 1), before scaling: bits 40 to 63
 * of output i of SplitMix64 started at seed, as an odd multiple of 2^-24. */
double random_element(int64_t seed, int64_t i);

/* The path of g's weights file: relative to the file that the graph was read
 * from, or to the working directory for standard input. */
const char *graph_weights_path(struct arena *a, const struct graph *g);

/* The stack is about to be written to out ("-" or NULL: standard output): where
 * that lies in another directory than what the graph was read from, its path of
 * the weights is changed so that it still leads there.  Where it leads nowhere
 * now it stays.  -1 after a diagnostic. */
int weights_follow(struct stack *s, const char *out, struct diag *d);

/* Writing: entries are added in order, then the file is written aside and
 * renamed.  data must stay valid until then. */
struct weights_entry {
	const char *key;
	enum dtype type;
	struct ints shape;
	const void *data;
	size_t bytes;
};
int weights_write(const char *path, const struct weights_entry *e, size_t n,
                  struct diag *d);

/* Whether weights_write wrote the file: it leaves a mark in the header. */
bool weights_is_ours(const char *path);

#endif
