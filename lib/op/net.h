/* A model while it is being changed: values and nodes by index.
 *
 * import builds a net from a model file and writes it as graph/1; partition
 * reads graph/1 into a net and lowers its nodes. */
#ifndef OP_NET_H
#define OP_NET_H

#include "ir/ir.h"
#include "ir/weights.h"

struct op;

struct value {
	const char *name;
	bool typed;			/* type is known */
	bool shaped;			/* shape is known, all of it */
	enum dtype type;
	struct ints shape;
	const void *data;		/* constant: elements, row-major; or NULL */
	const struct tensor *lazy;	/* constant not yet loaded (partition) */
	int maker;			/* node index, or -1: input or constant */
	bool is_input, is_output;
	struct pos at;
};

/* Decided at each run: what has it is skipped where it does not hold. */
struct ncondition {
	const char *name;		/* NULL: it gets one when written */
	int value;			/* one element of type bool */
	bool is;			/* holds where value is that, */
	int within;			/* and this one holds, -1: no other */
};

struct onode {
	const char *op;
	const struct op *def;		/* its row, or NULL: not supported */
	VEC(int) in, out;		/* value indices; -1: omitted */
	struct attrs attrs;
	int opset;			/* the opset the node is in now */
	int cond;			/* the condition under which it runs; -1 */
	bool dead;
	bool selects;			/* a Where made from an If: of its inputs
					 * 1 and 2 one alone counts */
	bool inferred, failed;		/* pass_infer has been here */
	struct pos at;
	const char *label;		/* for messages: "node 'conv1' (Conv)" */
};

struct net {
	struct arena *a;
	const char *name;
	VEC(struct value) values;
	VEC(struct onode) nodes;	/* in topological order after net_sort */
	VEC(struct ncondition) conditions;	/* each after what it is within */
	int under;			/* the condition that net_node gives; -1 */
	VEC(int) inputs, outputs;
	struct map by_name;
	const struct weights *weights;
};

/* The opset to which every node is brought. */
#define NET_OPSET 22

/* The last opset read: from 23 on, what is supported here only gained element
 * types, so that nothing has to be brought back. */
#define NET_OPSET_LAST 25

void net_init(struct net *n, struct arena *a);

/* The value of that name, added if there is none. */
int net_value(struct net *n, const char *name);

/* A new value named hint, or hint_1, hint_2 ... if that is taken. */
int net_fresh(struct net *n, const char *hint, enum dtype t,
              const int64_t *dims, size_t ndims);

/* A new constant; data is copied. */
int net_const(struct net *n, const char *hint, enum dtype t,
              const int64_t *dims, size_t ndims, const void *data);

/* A new node, of NET_OPSET, under the condition n->under. */
struct onode *net_node(struct net *n, const char *op);

/* The condition that value is "is" within another one (-1: none), added if it
 * is not there. */
int net_condition(struct net *n, int value, bool is, int within);

/* Whether condition outer holds wherever inner does: equal, around it, or -1. */
bool net_within(const struct net *n, int inner, int outer);

/* Sets the maker of every value from the nodes' outputs (net_sort does). */
void net_link(struct net *n);

/* Gives v a type and a shape (copied). */
void value_set(struct net *n, struct value *v, enum dtype t,
               const int64_t *dims, size_t ndims);

/* Makes every reader of value i, conditions too, read to[i] instead, where
 * to[i] >= 0. */
void net_replace(struct net *n, const int *to);

/* Drops dead nodes and orders the rest topologically, each also after what
 * decides whether it runs; an order that is already one stays.  A cycle is reported with the nodes on it.  -1 after
 * diagnostics. */
int net_sort(struct net *n, struct diag *d);

bool value_is_const(const struct value *v);
int64_t value_elems(const struct value *v);

/* The elements of a constant, loading them if they still lie in the weights
 * file; NULL after a diagnostic. */
const void *value_data(struct net *n, struct value *v, struct diag *d);

/* Element i of a constant as an integer or a double, whatever its type. */
int64_t value_int(const struct value *v, int64_t i);
double value_float(const struct value *v, int64_t i);

/* graph/1 to a net and back.  Constants of a graph stay lazy; n->weights is
 * the caller's to set.  net_to_graph lists the values that live nodes, inputs
 * and outputs name; constants of more than 8 elements become "fill" where all
 * are equal, else entries for the weights file, keyed by their names. */
int net_from_graph(struct net *n, const struct graph *g, struct diag *d);
int net_to_graph(struct net *n, struct graph *g,
                 struct weights_entry **entries, size_t *nentries);

#endif
