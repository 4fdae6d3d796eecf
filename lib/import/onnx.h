/* What the files of the ONNX importer share. */
#ifndef IMPORT_ONNX_H
#define IMPORT_ONNX_H

#include "import/external.h"
#include "import/import.h"
#include "onnx.pb-c.h"

typedef Tamp__Onnx__ModelProto onnx_model;
typedef Tamp__Onnx__GraphProto onnx_graph;
typedef Tamp__Onnx__NodeProto onnx_node;
typedef Tamp__Onnx__FunctionProto onnx_function;
typedef Tamp__Onnx__AttributeProto onnx_attr;
typedef Tamp__Onnx__TensorProto onnx_tensor;
typedef Tamp__Onnx__ValueInfoProto onnx_info;

/* AttributeProto.type */
enum onnx_attr_type {
	ONNX_UNDEFINED, ONNX_FLOAT, ONNX_INT, ONNX_STRING, ONNX_TENSOR,
	ONNX_GRAPH, ONNX_FLOATS, ONNX_INTS, ONNX_STRINGS, ONNX_TENSORS,
	ONNX_GRAPHS, ONNX_SPARSE, ONNX_SPARSES
};

struct onnx_reader {
	struct net *n;
	struct arena *a;
	const struct source *file;
	struct import_options *o;
	struct import_found *found;
	struct diag *d;
	struct external ext;
	const onnx_model *m;
	struct map made;	/* names that have a maker: SSA holds */
	struct map outer;	/* names of the model's graph, once it has an If */
	struct map scalars;	/* "VALUE CONDITION": a condition's value as a scalar */
	VEC(struct onnx_branch) branches;
	size_t nnodes;		/* with functions inlined, to bound them */
};

/* A function being inlined, or a branch of an If; the model's own nodes have none
 * (NULL).  A branch sees the names around it, a function does not. */
struct onnx_scope {
	const struct onnx_scope *up;
	const onnx_function *f;		/* NULL: a branch */
	const onnx_node *call;		/* whose attributes it refers to */
	struct map names;		/* formal names, all of a branch's, to values */
	VEC(int) values;		/* of the entries of names; -1: omitted */
	const char *prefix;		/* of names inside */
	int opset;
	int depth;			/* of functions */
};

/* A branch that was read. */
struct onnx_branch {
	struct onnx_scope *s;
	const onnx_graph *g;
};

struct pos onnx_at(const struct onnx_reader *r);

/* onnx.c: the value that a name means in a scope; -1 for an omitted one. */
int onnx_lookup(struct onnx_reader *r, const struct onnx_scope *s,
                const char *name);

/* onnx.c: adds a node with all that it stands for. */
int onnx_add_node(struct onnx_reader *r, const struct onnx_scope *s,
                  const onnx_node *p, int opset);

/* onnx_if.c: adds both branches of an If, and what selects its outputs. */
int onnx_add_if(struct onnx_reader *r, const struct onnx_scope *up,
                const onnx_node *p, const char *label, int opset);

/* onnx_if.c: gives what branches call their own a short name, once all else that
 * has a name is known. */
void onnx_if_names(struct onnx_reader *r);

/* onnx_io.c: names in and out of the graph. */
int onnx_define(struct onnx_reader *r, const char *name, const char *what);
int onnx_initializers(struct onnx_reader *r, const onnx_graph *g,
                      const struct onnx_scope *s);
int onnx_inputs(struct onnx_reader *r, const onnx_graph *g);
int onnx_outputs(struct onnx_reader *r, const onnx_graph *g);

/* Types and shapes that the graph declares for results of other domains'
 * operators: nothing else tells them. */
void onnx_declared(struct onnx_reader *r, const onnx_graph *g,
                   const struct onnx_scope *s);

/* What stands in a type that is no tensor's: "is a sequence". */
const char *onnx_other_kind(const Tamp__Onnx__TypeProto *t);

/* onnx_attr.c: attributes of p onto o, whose label is set.  Tensors become
 * constants at the end of o's inputs. */
int onnx_attrs(struct onnx_reader *r, const struct onnx_scope *s,
               const onnx_node *p, struct onode *o);

/* A Constant node: gives value v its elements. */
int onnx_constant(struct onnx_reader *r, const struct onnx_scope *s,
                  const onnx_node *p, const char *label, int v);

/* onnx_attr.c: elements of a tensor in the model to value v. */
int onnx_value(struct onnx_reader *r, const onnx_tensor *t, const char *what,
               int v);

#endif
