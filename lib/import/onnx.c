/* ONNX models to nets.
 *
 * The file is walked over first (wire.c), which checks it and leaves out the
 * elements of tensors; what remains is unpacked by protobuf-c into the arena.
 * Functions that a model brings along are inlined. */
#include "import/onnx.h"

#include "base/str.h"
#include "import/wire.h"
#include "op/op.h"

#define OPSET_FIRST 7
#define DEPTH_MAX 32	/* of functions calling functions */
#define NODES_MAX 1000000

struct pos
onnx_at(const struct onnx_reader *r)
{
	return (struct pos){.src = r->file};
}

/* A ModelProto's first field: its number and kind fit, and a text or a
 * GraphDef of TensorFlow do not look like that. */
static bool
probe(const struct source *file)
{
	unsigned tag = file->len ? (unsigned char)file->text[0] : 0;
	unsigned field = tag >> 3;

	if (field == 1 || field == 5)
		return (tag & 7) == WIRE_VARINT;
	return (field == 2 || field == 3 || field == 4 || field == 6 ||
	        field == 7 || field == 8 || field == 14) && (tag & 7) == WIRE_LEN;
}

/* --- unpacking -------------------------------------------------------------------- */

static void *
alloc(void *arena, size_t n)
{
	return arena_alloc(arena, n);
}

static void
dealloc(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

static const onnx_model *
unpack(struct onnx_reader *r)
{
	struct wire w = {r->file, r->d, 0, r->file->len};
	ProtobufCAllocator in_arena = {alloc, dealloc, r->a};
	const onnx_model *m = NULL;
	struct str s;

	str_init(&s);
	if (wire_strip(&w, &tamp__onnx__model_proto__descriptor, &s) == 0) {
		m = tamp__onnx__model_proto__unpack(&in_arena, s.len,
		                                    (const uint8_t *)s.s);
		if (!m)
			diag_error(r->d, onnx_at(r), "the model cannot be unpacked");
	}
	str_release(&s);
	return m;
}

/* The version of the standard operators that a list imports; -1: none. */
static int64_t
opset_in(Tamp__Onnx__OperatorSetIdProto *const *v, size_t n)
{
	int64_t opset = -1;

	for (size_t i = 0; i < n; i++)
		if (!v[i]->domain || !*v[i]->domain ||
		    str_eq(v[i]->domain, "ai.onnx"))
			opset = v[i]->version;
	return opset;
}

static int
check_opset(struct onnx_reader *r, int64_t opset)
{
	if (opset >= OPSET_FIRST && opset <= NET_OPSET_LAST)
		return (int)opset;
	if (opset == -1)
		return diag_error(r->d, onnx_at(r), "the model names no version of "
		                  "the operator set");
	return diag_error(r->d, onnx_at(r), "operator set %lld is not supported "
	                  "(%d to %d are)", (long long)opset, OPSET_FIRST,
	                  NET_OPSET_LAST);
}

/* --- nodes ------------------------------------------------------------------------- */

static const char *
label_of(struct onnx_reader *r, const onnx_node *p)
{
	const char *op = p->op_type ? p->op_type : "";

	if (p->name && *p->name)
		return arena_printf(r->a, "node '%s' (%s)", p->name, op);
	for (size_t i = 0; i < p->n_output; i++)
		if (*p->output[i])
			return arena_printf(r->a, "node of '%s' (%s)",
			                    p->output[i], op);
	return arena_printf(r->a, "node %zu (%s)", r->nnodes, op);
}

int
onnx_lookup(struct onnx_reader *r, const struct onnx_scope *s,
            const char *name)
{
	if (!*name)
		return -1;
	for (; s; s = s->up) {
		int i = map_get(&s->names, name);

		if (i >= 0)
			return s->values.v[i];
		if (s->f)
			return net_value(r->n, arena_printf(r->a, "%s%s",
			                                    s->prefix, name));
	}
	return net_value(r->n, name);
}

static int
check_reads(struct onnx_reader *r, const struct onnx_scope *s,
            const onnx_node *p, struct onode *o)
{
	for (size_t i = 0; i < p->n_input; i++)
		vec_push(r->a, &o->in, onnx_lookup(r, s, p->input[i]));
	for (size_t i = 0; i < p->n_output; i++) {
		int v = onnx_lookup(r, s, p->output[i]);

		vec_push(r->a, &o->out, v);
		if (v >= 0 && onnx_define(r, r->n->values.v[v].name, o->label) < 0)
			return -1;
	}
	return 0;
}

static bool
is_standard(const char *domain)
{
	return !domain || !*domain || str_eq(domain, "ai.onnx");
}

static int
add_constant(struct onnx_reader *r, const struct onnx_scope *s,
             const onnx_node *p, const char *label)
{
	int v = p->n_output == 1 ? onnx_lookup(r, s, p->output[0]) : -1;

	if (v < 0)
		return diag_error(r->d, onnx_at(r), "%s: a Constant has one output",
		                  label);
	if (onnx_define(r, r->n->values.v[v].name, label) < 0)
		return -1;
	return onnx_constant(r, s, p, label, v);
}

static int
add_plain(struct onnx_reader *r, const struct onnx_scope *s, const onnx_node *p,
          const char *label, int opset)
{
	struct onode *o;

	if (is_standard(p->domain) && str_eq(p->op_type, "Constant"))
		return add_constant(r, s, p, label);
	o = net_node(r->n, is_standard(p->domain) ? p->op_type :
	             arena_printf(r->a, "%s::%s", p->domain, p->op_type));
	o->opset = opset;
	o->at = onnx_at(r);
	o->label = label;
	if (check_reads(r, s, p, o) < 0)
		return -1;
	/* Of an unknown operator nothing more is worth reading. */
	return o->def ? onnx_attrs(r, s, p, o) : 0;
}

static const onnx_function *
function_of(const struct onnx_reader *r, const onnx_node *p)
{
	const char *domain = p->domain ? p->domain : "";

	for (size_t i = 0; i < r->m->n_functions; i++) {
		const onnx_function *f = r->m->functions[i];

		if (f->name && str_eq(f->name, p->op_type) &&
		    str_eq(f->domain ? f->domain : "", domain))
			return f;
	}
	return NULL;
}

/* Formal names to the caller's values; a formal one that is omitted by the
 * caller is omitted inside, except that an output needs some value. */
static int
bind_formals(struct onnx_reader *r, const struct onnx_scope *up,
             const onnx_node *p, struct onnx_scope *s, const char *label)
{
	const onnx_function *f = s->f;

	if (p->n_input > f->n_input || p->n_output > f->n_output)
		return diag_error(r->d, onnx_at(r), "%s: the function takes %zu "
		                  "inputs and %zu outputs, not %zu and %zu", label,
		                  f->n_input, f->n_output, p->n_input, p->n_output);
	for (size_t i = 0; i < f->n_input; i++) {
		int v = i < p->n_input ? onnx_lookup(r, up, p->input[i]) : -1;

		if (map_add(&s->names, f->input[i], (int)s->values.n) >= 0)
			return diag_error(r->d, onnx_at(r), "function '%s' has two "
			                  "inputs '%s'", f->name, f->input[i]);
		vec_push(r->a, &s->values, v);
	}
	for (size_t i = 0; i < f->n_output; i++) {
		int v = i < p->n_output ? onnx_lookup(r, up, p->output[i]) : -1;

		if (v < 0 || map_get(&s->names, f->output[i]) >= 0)
			continue;
		map_add(&s->names, f->output[i], (int)s->values.n);
		vec_push(r->a, &s->values, v);
	}
	return 0;
}

/* An output that is one of the function's inputs has no node that makes it. */
static int
pass_through(struct onnx_reader *r, const struct onnx_scope *up,
             const onnx_node *p, const struct onnx_scope *s, const char *label)
{
	for (size_t i = 0; i < p->n_output; i++) {
		int to = onnx_lookup(r, up, p->output[i]), from = -1;
		struct onode *o;

		for (size_t k = 0; k < s->f->n_input; k++)
			if (str_eq(s->f->input[k], s->f->output[i]))
				from = s->values.v[k];
		if (to < 0 || from < 0)
			continue;
		if (onnx_define(r, r->n->values.v[to].name, label) < 0)
			return -1;
		o = net_node(r->n, "Identity");
		o->at = onnx_at(r);
		o->label = label;
		vec_push(r->a, &o->in, from);
		vec_push(r->a, &o->out, to);
	}
	return 0;
}

static int
inline_call(struct onnx_reader *r, const struct onnx_scope *up,
            const onnx_node *p, const onnx_function *f, const char *label)
{
	struct onnx_scope s = {.up = up, .f = f, .call = p,
	                       .depth = up ? up->depth + 1 : 1};
	int opset;

	if (s.depth > DEPTH_MAX)
		return diag_error(r->d, onnx_at(r), "%s: functions call each other "
		                  "more than %d deep", label, DEPTH_MAX);
	opset = check_opset(r, opset_in(f->opset_import, f->n_opset_import));
	if (opset < 0)
		return -1;
	map_init(&s.names, r->a);
	s.prefix = arena_printf(r->a, "%s%s/", up ? up->prefix : "",
	                        p->n_output && *p->output[0] ? p->output[0]
	                                                     : f->name);
	if (bind_formals(r, up, p, &s, label) < 0)
		return -1;
	for (size_t i = 0; i < f->n_node; i++)
		if (onnx_add_node(r, &s, f->node[i], opset) < 0)
			return -1;
	return pass_through(r, up, p, &s, label);
}

int
onnx_add_node(struct onnx_reader *r, const struct onnx_scope *s,
              const onnx_node *p, int opset)
{
	const char *label = label_of(r, p);
	const onnx_function *f;

	if (++r->nnodes > NODES_MAX)
		return diag_error(r->d, onnx_at(r), "the model has more than %d nodes",
		                  NODES_MAX);
	if (!p->op_type || !*p->op_type)
		return diag_error(r->d, onnx_at(r), "%s: no operator is named", label);
	f = function_of(r, p);
	if (f)
		return inline_call(r, s, p, f, label);
	if (is_standard(p->domain) && str_eq(p->op_type, "If"))
		return onnx_add_if(r, s, p, label, opset);
	return add_plain(r, s, p, label, opset);
}

/* Every name that a node reads must be made somewhere. */
static int
check_makers(struct onnx_reader *r)
{
	int before = r->d->nerrors;

	for (size_t i = 0; i < r->n->nodes.n; i++) {
		const struct onode *o = &r->n->nodes.v[i];

		for (size_t k = 0; k < o->in.n; k++) {
			const struct value *v;

			if (o->in.v[k] < 0)
				continue;
			v = &r->n->values.v[o->in.v[k]];
			if (map_get(&r->made, v->name) < 0 && !v->typed)
				diag_error(r->d, onnx_at(r), "%s reads '%s', which "
				           "nothing makes", o->label, v->name);
		}
	}
	return r->d->nerrors > before ? -1 : 0;
}

static int
read_graph(struct onnx_reader *r)
{
	const onnx_graph *g = r->m->graph;
	int opset, before = r->d->nerrors;

	if (!g)
		return diag_error(r->d, onnx_at(r), "the model has no graph");
	opset = check_opset(r, opset_in(r->m->opset_import, r->m->n_opset_import));
	if (opset < 0)
		return -1;
	r->n->name = g->name && *g->name ? g->name : NULL;
	onnx_initializers(r, g, NULL);
	onnx_inputs(r, g);
	for (size_t i = 0; i < g->n_node && r->nnodes <= NODES_MAX; i++)
		onnx_add_node(r, NULL, g->node[i], opset);
	if (r->d->nerrors > before)
		return -1;
	net_link(r->n);
	if (check_makers(r) < 0 || onnx_outputs(r, g) < 0)
		return -1;
	onnx_declared(r, g, NULL);
	for (size_t i = 0; i < r->branches.n; i++)
		onnx_declared(r, r->branches.v[i].g, r->branches.v[i].s);
	onnx_if_names(r);
	return net_sort(r->n, r->d);
}

static int
read_model(struct net *n, const struct source *file, struct import_options *o,
     struct import_found *found, struct diag *d)
{
	struct onnx_reader r = {.n = n, .a = n->a, .file = file, .o = o,
	                        .found = found, .d = d};

	map_init(&r.made, n->a);
	map_init(&r.outer, n->a);
	map_init(&r.scalars, n->a);
	external_init(&r.ext, n->a, o->path);
	r.m = unpack(&r);
	if (!r.m || read_graph(&r) < 0)
		return -1;
	for (size_t i = 0; i < r.ext.files.n; i++)
		vec_push(n->a, &o->read, r.ext.files.v[i].name);
	return 0;
}

const struct importer importer_onnx = {
	"onnx", probe, read_model
};
