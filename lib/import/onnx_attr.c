/* Attributes of ONNX nodes, and Constant nodes, whose attribute is all there
 * is to them. */
#include "base/str.h"
#include "import/onnx.h"
#include "import/tensorpb.h"

/* Models before IR version 2 state no type: the field that is there tells. */
static int
type_of(const onnx_attr *p)
{
	if (p->type != ONNX_UNDEFINED)
		return p->type;
	return p->has_f ? ONNX_FLOAT : p->has_i ? ONNX_INT :
	       p->has_s ? ONNX_STRING : p->t ? ONNX_TENSOR : p->g ? ONNX_GRAPH :
	       p->n_floats ? ONNX_FLOATS : p->n_ints ? ONNX_INTS :
	       p->n_strings ? ONNX_STRINGS :
	       p->sparse_tensor ? ONNX_SPARSE : ONNX_UNDEFINED;
}

static const onnx_attr *
find(onnx_attr *const *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (v[i]->name && str_eq(v[i]->name, name))
			return v[i];
	return NULL;
}

/* Inside a function an attribute may refer to one of the caller's, or to the
 * function's default.  NULL: neither is there, so the attribute is absent. */
static const onnx_attr *
resolve(const struct onnx_scope *s, const onnx_attr *p)
{
	while (p && s && p->ref_attr_name && *p->ref_attr_name) {
		const onnx_attr *q;

		if (!s->f) {		/* a branch: its function's */
			s = s->up;
			continue;
		}
		q = find(s->call->attribute, s->call->n_attribute,
		         p->ref_attr_name);
		if (!q)
			return find(s->f->attribute_proto, s->f->n_attribute_proto,
			            p->ref_attr_name);
		p = q;
		s = s->up;
	}
	return p;
}

/* A string without NUL in the arena; NULL after a diagnostic. */
static const char *
text(struct onnx_reader *r, const ProtobufCBinaryData *s, const char *label,
     const char *name)
{
	if (s->len && memchr(s->data, '\0', s->len)) {
		diag_error(r->d, onnx_at(r), "%s: a NUL byte in attribute '%s'",
		           label, name);
		return NULL;
	}
	return arena_strndup(r->a, (const char *)s->data, s->len);
}

int
onnx_value(struct onnx_reader *r, const onnx_tensor *t, const char *what, int v)
{
	struct array got;
	struct value *val;

	if (tensorpb_parse(r->a, r->file, (size_t)t->tamp_from,
	                   (size_t)t->tamp_bytes, what, &r->ext, &got, r->d) < 0)
		return -1;
	val = &r->n->values.v[v];
	value_set(r->n, val, got.type, got.shape.v, got.shape.n);
	val->data = got.data;
	return 0;
}

/* A tensor is no attribute of ours: it becomes one more input. */
static int
add_tensor(struct onnx_reader *r, const onnx_attr *q, const char *name,
           struct onode *o)
{
	const char *of = o->out.n && o->out.v[0] >= 0 ?
	                 r->n->values.v[o->out.v[0]].name : o->op;
	int v;

	if (!q->t)
		return diag_error(r->d, onnx_at(r), "%s: attribute '%s' has no tensor",
		                  o->label, name);
	v = net_fresh(r->n, arena_printf(r->a, "%s_%s", of, name), DTYPE_F32,
	              NULL, 0);
	vec_push(r->a, &o->in, v);
	if (r->o->list)
		return 0;
	return onnx_value(r, q->t, arena_printf(r->a, "%s of %s", name, o->label),
	                  v);
}

static int
add_strings(struct onnx_reader *r, const onnx_attr *q, const char *label,
            struct attr *to)
{
	for (size_t i = 0; i < q->n_strings; i++) {
		const char *s = text(r, &q->strings[i], label, to->name);

		if (!s)
			return -1;
		vec_push(r->a, &to->strs, s);
	}
	return 0;
}

static const char *const kinds[] = {
	"undefined", "float", "int", "string", "tensor", "subgraph", "floats",
	"ints", "strings", "tensors", "subgraphs", "sparse tensor",
	"sparse tensors", "type", "types",
};

static int
unsupported(struct onnx_reader *r, const char *label, const char *name, int type)
{
	bool known = type >= 0 && (size_t)type < sizeof kinds / sizeof *kinds;

	return diag_error(r->d, onnx_at(r), "%s: attribute '%s' is of kind %s, "
	                  "which is not supported", label, name,
	                  known ? kinds[type]
	                        : arena_printf(r->a, "%d", type));
}

/* Fills to from q (what p's own name refers to). */
static int
convert(struct onnx_reader *r, const onnx_attr *q, const char *label,
        struct attr *to)
{
	switch (type_of(q)) {
	case ONNX_FLOAT:
		to->kind = ATTR_FLOAT;
		to->f = q->f;
		return 0;
	case ONNX_INT:
		to->kind = ATTR_INT;
		to->i = q->i;
		return 0;
	case ONNX_STRING:
		to->kind = ATTR_STR;
		to->s = text(r, &q->s, label, to->name);
		return to->s ? 0 : -1;
	case ONNX_FLOATS:
		to->kind = ATTR_FLOATS;
		for (size_t i = 0; i < q->n_floats; i++)
			vec_push(r->a, &to->floats, (double)q->floats[i]);
		return 0;
	case ONNX_INTS:
		to->kind = ATTR_INTS;
		for (size_t i = 0; i < q->n_ints; i++)
			vec_push(r->a, &to->ints, q->ints[i]);
		return 0;
	case ONNX_STRINGS:
		to->kind = ATTR_STRS;
		return add_strings(r, q, label, to);
	}
	return unsupported(r, label, to->name, type_of(q));
}

int
onnx_attrs(struct onnx_reader *r, const struct onnx_scope *s,
           const onnx_node *p, struct onode *o)
{
	for (size_t i = 0; i < p->n_attribute; i++) {
		const onnx_attr *q = resolve(s, p->attribute[i]);
		const char *name = p->attribute[i]->name;
		struct attr to = {.name = name};

		if (!name || !*name)
			return diag_error(r->d, onnx_at(r), "%s: an attribute has no "
			                  "name", o->label);
		if (find(p->attribute, i, name))
			return diag_error(r->d, onnx_at(r), "%s: attribute '%s' stands "
			                  "twice", o->label, name);
		if (!q)
			continue;
		if (type_of(q) == ONNX_TENSOR) {
			if (add_tensor(r, q, name, o) < 0)
				return -1;
			continue;
		}
		if (convert(r, q, o->label, &to) < 0)
			return -1;
		vec_push(r->a, &o->attrs, to);
	}
	return 0;
}

static void
set(struct onnx_reader *r, int v, enum dtype t, size_t n, bool scalar,
    const void *data)
{
	int64_t dim = (int64_t)n;
	void *copy = arena_alloc(r->a, n * dtype_bytes(t) + 1);

	if (n)
		memcpy(copy, data, n * dtype_bytes(t));
	value_set(r->n, &r->n->values.v[v], t, &dim, scalar ? 0 : 1);
	r->n->values.v[v].data = copy;
}

int
onnx_constant(struct onnx_reader *r, const struct onnx_scope *s,
              const onnx_node *p, const char *label, int v)
{
	const onnx_attr *q = p->n_attribute == 1 ? resolve(s, p->attribute[0])
	                                         : NULL;

	if (!q)
		return diag_error(r->d, onnx_at(r), "%s: a Constant takes one "
		                  "attribute, its value", label);
	switch (type_of(q)) {
	case ONNX_TENSOR:
		if (r->o->list || !q->t)
			break;
		return onnx_value(r, q->t, arena_printf(r->a, "value of %s", label),
		                  v);
	case ONNX_FLOAT: set(r, v, DTYPE_F32, 1, true, &q->f); return 0;
	case ONNX_INT: set(r, v, DTYPE_I64, 1, true, &q->i); return 0;
	case ONNX_FLOATS: set(r, v, DTYPE_F32, q->n_floats, false, q->floats); return 0;
	case ONNX_INTS: set(r, v, DTYPE_I64, q->n_ints, false, q->ints); return 0;
	default:
		return unsupported(r, label, p->attribute[0]->name ?
		                   p->attribute[0]->name : "", type_of(q));
	}
	if (r->o->list)
		return 0;
	return diag_error(r->d, onnx_at(r), "%s: a Constant without a value", label);
}
