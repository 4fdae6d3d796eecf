/* Inference and lowering of ONNX's node tests (Debian's libonnx-testdata):
 * every model is imported; where that succeeds, the shapes and types that came
 * out must be those of the expected outputs, and lowering must succeed.
 *
 *	op_nodes		TAP
 *	op_nodes -v		a line a model: ok, or why not
 *	op_nodes -j DIR		the lowered operators of one test as JSON */
#include "test.h"

#include <dirent.h>

#include "base/file.h"
#include "base/str.h"
#include "import/import.h"
#include "import/tensorpb.h"
#include "op/op.h"

#define NODES "/usr/share/libonnx-testdata/data/node"
#define FLOOR 680	/* models that are accepted; only rises */

struct model {
	const char *dir;
	struct net net;
	struct diag d;
	struct arena a;
	struct lower l;
	const char *why;	/* not accepted: the first diagnostic */
	bool wrong;		/* accepted, but not what is expected */
};

/* Inputs that may have to be constants: what the first attempt did not take
 * is given from the test's data. */
static void
bind_consts(struct model *m, struct import_options *o, const struct net *n)
{
	for (size_t i = 0; i < n->inputs.n; i++) {
		const struct value *v = &n->values.v[n->inputs.v[i]];
		const char *file = arena_printf(&m->a, "%s/test_data_set_0/input_%zu.pb",
		                                m->dir, i);
		bool needed = false;

		for (size_t k = 0; k < n->nodes.n; k++)
			for (size_t j = 0; n->nodes.v[k].def &&
			     j < n->nodes.v[k].in.n && j < 32; j++)
				if (n->nodes.v[k].in.v[j] == n->inputs.v[i] &&
				    (n->nodes.v[k].def->const_in >> j & 1))
					needed = true;
		if (v->typed && dtype_is_int(v->type) && n->nodes.n > 1)
			needed = true;
		if (needed && file_exists(file))
			vec_push(&m->a, &o->consts,
			         ((struct import_const){.name = v->name, .file = file}));
	}
}

static int
try(struct model *m, struct import_options *o)
{
	net_init(&m->net, &m->a);
	m->l = (struct lower){0};
	if (import_model(&m->net, o, &m->d) < 0)
		return -1;
	return lower_net(&m->l, &m->net, &m->d);
}

static void
check_output(struct model *m, size_t i)
{
	const char *file = arena_printf(&m->a, "%s/test_data_set_0/output_%zu.pb",
	                                m->dir, i);
	const struct value *v = &m->net.values.v[m->net.outputs.v[i]];
	struct array want;

	if (!file_exists(file) || array_read(&m->a, file, &want, &m->d) < 0)
		return;
	if (v->type == want.type && shape_eq(&v->shape, &want.shape))
		return;
	m->wrong = true;
	m->why = arena_printf(&m->a, "'%s' is %s %s, expected %s %s", v->name,
	                      dtype_word(v->type), shape_text(&m->a, &v->shape),
	                      dtype_word(want.type), shape_text(&m->a, &want.shape));
}

static const char *
first_line(struct arena *a, FILE *f)
{
	static char line[400];

	rewind(f);
	if (!fgets(line, sizeof line, f))
		return "";
	line[strcspn(line, "\n")] = '\0';
	return arena_strdup(a, strstr(line, "error: ") ? strstr(line, "error: ") + 7
	                                               : line);
}

/* Imports and lowers the model in dir, with constants where it needs them. */
static void
model_init(struct model *m, const char *dir)
{
	struct import_options o = {0};
	FILE *said = tmpfile(), *again = tmpfile();

	*m = (struct model){.dir = dir};
	arena_init(&m->a);
	o.path = arena_printf(&m->a, "%s/model.onnx", dir);
	diag_init(&m->d, "op_nodes", said);
	if (try(m, &o) < 0) {
		bind_consts(m, &o, &m->net);
		m->why = first_line(&m->a, said);
		if (o.consts.n) {
			diag_init(&m->d, "op_nodes", again);
			m->why = try(m, &o) < 0 ? first_line(&m->a, again) : NULL;
		}
	}
	for (size_t i = 0; !m->why && i < m->net.outputs.n; i++)
		check_output(m, i);
	fclose(said);
	fclose(again);
}

/* --- JSON ------------------------------------------------------------------- */

static void
put_string(const char *s)
{
	putchar('"');
	for (; *s; s++)
		printf(*s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	putchar('"');
}

static void
put_ints(const struct ints *v)
{
	putchar('[');
	for (size_t i = 0; i < v->n; i++)
		printf("%s%lld", i ? ", " : "", (long long)v->v[i]);
	putchar(']');
}

static void
put_attrs(const struct attrs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		printf("%s\"%s\": ", i ? ", " : "", l->v[i].name);
		if (l->v[i].kind == ATTR_INT)
			printf("%lld", (long long)l->v[i].i);
		else if (l->v[i].kind == ATTR_FLOAT)
			printf("%.17g", l->v[i].f);
		else if (l->v[i].kind == ATTR_STR)
			put_string(l->v[i].s);
		else
			put_ints(&l->v[i].ints);
	}
}

static void
put_arg(const struct larg *g, bool first)
{
	printf("%s{\"arg\": \"%s\", \"value\": %d, \"out\": %d, \"on\": \"%s\", "
	       "\"shape\": ", first ? "" : ", ", g->arg, g->value, g->out,
	       g->on ? g->on : "");
	put_ints(&g->shape);
	printf(", \"map\": [");
	for (size_t i = 0; i < g->map.n; i++) {
		printf("%s", i ? ", " : "");
		put_string(g->map.v[i]);
	}
	printf("]}");
}

static void
put_data(const struct value *v)
{
	int64_t n = value_elems(v);

	printf(", \"data\": [");
	for (int64_t i = 0; i < n; i++)
		if (dtype_is_float(v->type))
			printf("%s\"%.17g\"", i ? ", " : "", value_float(v, i));
		else
			printf("%s%lld", i ? ", " : "", (long long)value_int(v, i));
	printf("]");
}

static void
put_json(struct model *m)
{
	struct net *n = &m->net;

	printf("{\"inputs\": [");
	for (size_t i = 0; i < n->inputs.n; i++)
		printf("%s%d", i ? ", " : "", n->inputs.v[i]);
	printf("], \"outputs\": [");
	for (size_t i = 0; i < n->outputs.n; i++)
		printf("%s%d", i ? ", " : "", n->outputs.v[i]);
	printf("],\n\"values\": [\n");
	for (size_t i = 0; i < n->values.n; i++) {
		struct value *v = &n->values.v[i];

		printf("%s{\"name\": ", i ? ",\n" : "");
		put_string(v->name);
		printf(", \"type\": \"%s\", \"shape\": ", dtype_word(v->type));
		put_ints(&v->shape);
		if (value_is_const(v))
			put_data(v);
		printf("}");
	}
	printf("],\n\"views\": [");
	for (size_t i = 0; i < m->l.views.n; i++)
		printf("%s[%d, %d, %lld]", i ? ", " : "", m->l.views.v[i].value,
		       m->l.views.v[i].of, (long long)m->l.views.v[i].offset);
	printf("],\n\"ops\": [\n");
	for (size_t i = 0; i < m->l.ops.n; i++) {
		struct lop *o = &m->l.ops.v[i];

		printf("%s{\"form\": \"%s\", \"attrs\": {", i ? ",\n" : "", o->form);
		put_attrs(&o->attrs);
		printf("}, \"args\": [");
		for (size_t k = 0; k < o->args.n; k++)
			put_arg(&o->args.v[k], k == 0);
		printf("]}");
	}
	printf("]}\n");
}

/* --- all of them ------------------------------------------------------------- */

static int
not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

struct tally {
	int accepted, refused, wrong;
	char first_wrong[600];
};

static void
each(const char *name, struct tally *t, bool verbose)
{
	struct model m;
	char dir[512];

	snprintf(dir, sizeof dir, NODES "/%s", name);
	model_init(&m, dir);
	if (m.wrong && !t->wrong++)
		snprintf(t->first_wrong, sizeof t->first_wrong, "%s: %s", name,
		         m.why);
	else if (m.why)
		t->refused++;
	else
		t->accepted++;
	if (verbose)
		printf("%s\t%s\t%s\n", m.wrong ? "WRONG" : m.why ? "no" : "ok", name,
		       m.why ? m.why : "");
	arena_release(&m.a);
}

static int
all(struct tally *t, bool verbose)
{
	struct dirent **list;
	int n = scandir(NODES, &list, not_hidden, alphasort);

	*t = (struct tally){0};
	for (int i = 0; i < n; i++) {
		each(list[i]->d_name, t, verbose);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return n;
}

static void
test_node_models(void)
{
	struct tally t;

	all(&t, false);
	printf("# %d accepted, %d refused, %d wrong\n", t.accepted, t.refused,
	       t.wrong);
	CHECK_STR(t.first_wrong, "");
	CHECK(t.accepted >= FLOOR);
}

int
main(int argc, char **argv)
{
	struct tally t;
	struct model m;

	if (argc == 3 && str_eq(argv[1], "-j")) {
		model_init(&m, argv[2]);
		if (m.why)
			fprintf(stderr, "%s\n", m.why);
		else
			put_json(&m);
		return m.why != NULL;
	}
	if (argc == 2 && str_eq(argv[1], "-v")) {
		all(&t, true);
		printf("%d accepted, %d refused, %d wrong\n", t.accepted, t.refused,
		       t.wrong);
		return 0;
	}
	if (file_exists(NODES))
		RUN(test_node_models);
	else
		test_skip("test_node_models", "libonnx-testdata is not installed");
	return test_done();
}
