/* The whole of import: which importer, what is not supported, the passes. */
#include "import/import.h"

#include <errno.h>

#include "base/str.h"
#include "import/external.h"
#include "op/op.h"

/* --- options ------------------------------------------------------------------------ */

/* Cuts "NAME=REST" at the last '=' before which there is a name; names of
 * tensors may hold '=', numbers and most file names do not. */
static char *
cut(char *text)
{
	char *eq = strrchr(text, '=');

	if (!eq || eq == text)
		return NULL;
	*eq = '\0';
	return eq + 1;
}

int
import_add_bind(struct import_options *o, struct arena *a, char *text,
                struct diag *d)
{
	struct import_bind b = {.name = text};
	const char *whole = arena_strdup(a, text);
	char *s = cut(text), *end;

	for (; s && *s; s = *end == ',' ? end + 1 : end) {
		long long x;

		errno = 0;
		x = strtoll(s, &end, 10);
		if (end == s || (*end && *end != ',') || (*end && !end[1]) ||
		    x < 0 || errno) {
			s = NULL;
			break;
		}
		vec_push(a, &b.dims, (int64_t)x);
	}
	if (!s || !b.dims.n)
		return diag_error(d, POS_NONE, "--bind %s: expected DIMENSION=N or "
		                  "INPUT=N,N,...", whole);
	vec_push(a, &o->binds, b);
	return 0;
}

int
import_add_const(struct import_options *o, struct arena *a, char *text,
                 struct diag *d)
{
	const char *whole = arena_strdup(a, text);
	char *file = cut(text);

	if (!file || !*file)
		return diag_error(d, POS_NONE, "--const %s: expected INPUT=FILE",
		                  whole);
	vec_push(a, &o->consts, ((struct import_const){.name = text, .file = file}));
	return 0;
}

/* --- reading ------------------------------------------------------------------------ */

static int
read_any(struct net *n, const struct source *file, struct import_options *o,
         struct import_found *found, struct diag *d)
{
	if (!file->len)
		return diag_error(d, (struct pos){.src = file}, "the file is empty");
	for (size_t i = 0; importer_list[i]; i++)
		if (importer_list[i]->probe(file)) {
			diag_progress(d, "%s: %zu bytes of %s", file->name,
			              file->len, importer_list[i]->name);
			return importer_list[i]->read(n, file, o, found, d);
		}
	return diag_error(d, (struct pos){.src = file}, "not a model of a known "
	                  "format (an ONNX file begins with its version)");
}

/* An operator that no row describes, or one of another domain, with its
 * nodes. */
struct missing {
	const char *op, *first;
	size_t count;
	struct pos at;
};

struct missings {
	struct missing *v;
	size_t n, cap;
};

static int
by_name(const void *x, const void *y)
{
	return strcmp(((const struct missing *)x)->op,
	              ((const struct missing *)y)->op);
}

static void
find_missing(struct net *n, bool custom, struct missings *out)
{
	struct map seen;

	map_init(&seen, n->a);
	for (size_t i = 0; i < n->nodes.n; i++) {
		const struct onode *o = &n->nodes.v[i];
		int k;

		if (custom ? o->def != &op_custom : o->def != NULL)
			continue;
		k = map_add(&seen, o->op, (int)out->n);
		if (k < 0)
			vec_push(n->a, out, ((struct missing){
				o->op, o->label, 1, o->at}));
		else
			out->v[k].count++;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_name);
}

static void
report_missing(struct net *n, struct diag *d)
{
	struct missings m = {0};

	find_missing(n, false, &m);
	for (size_t i = 0; i < m.n; i++)
		diag_error(d, m.v[i].at, "operator '%s' is not supported (%zu node%s; "
		           "the first is %s)", m.v[i].op, m.v[i].count,
		           m.v[i].count == 1 ? "" : "s", m.v[i].first);
}

/* All in one message: a limit on messages must not hide a dimension. */
static int
report_unbound(const struct import_found *f, const char *path, struct diag *d)
{
	struct source src = {.name = path};
	struct str s;

	if (!f->unbound.n)
		return 0;
	str_init(&s);
	for (size_t i = 0; i < f->unbound.n; i++)
		str_addf(&s, "\n--bind %s  (%s)", f->unbound.v[i].bind,
		         f->unbound.v[i].where);
	diag_error(d, (struct pos){.src = &src}, "%zu dimension%s not bound; give "
	           "N a value:%s", f->unbound.n, f->unbound.n == 1 ? " is" : "s are",
	           s.s);
	str_release(&s);
	return -1;
}

/* --- the whole --------------------------------------------------------------------------- */

int
import_source(struct net *n, const struct source *file,
              struct import_options *o, struct diag *d)
{
	struct import_found found = {0};
	int before = d->nerrors;

	if (read_any(n, file, o, &found, d) < 0)
		return -1;
	report_missing(n, d);
	if (report_unbound(&found, o->path, d) < 0)
		return -1;
	if (pass_infer(n, d) < 0 || d->nerrors > before)
		return -1;
	if (pass_outputs(n, d) < 0)
		return -1;
	pass_identity(n, d);
	pass_batchnorm(n, d);
	if (net_sort(n, d) < 0)
		return -1;
	pass_cse(n, d);
	while (pass_if(n, d)) {
		pass_identity(n, d);
		if (net_sort(n, d) < 0)
			return -1;
		pass_cse(n, d);
	}
	pass_dead(n, d);
	return net_sort(n, d);
}

int
import_model(struct net *n, struct import_options *o, struct diag *d)
{
	struct source *file = arena_new(n->a, struct source);

	vec_push(n->a, &o->read, o->path);
	for (size_t i = 0; i < o->consts.n; i++)
		vec_push(n->a, &o->read, o->consts.v[i].file);
	if (external_map(n->a, o->path, file, d) < 0)
		return -1;
	return import_source(n, file, o, d);
}

static size_t
count_operators(struct net *n)
{
	struct map seen;

	map_init(&seen, n->a);
	for (size_t i = 0; i < n->nodes.n; i++)
		map_add(&seen, n->nodes.v[i].op, 0);
	return seen.n;
}

static void
list_missing(const struct missings *m, const char *what, const char *rest,
             FILE *to)
{
	for (size_t i = 0; i < m->n; i++)
		fprintf(to, "%s %s%s: %zu node%s, the first is %s\n", what,
		        m->v[i].op, rest, m->v[i].count,
		        m->v[i].count == 1 ? "" : "s", m->v[i].first);
}

int
import_list(struct import_options *o, FILE *to, struct diag *d)
{
	struct import_found found = {0};
	struct missings m = {0}, custom = {0};
	struct source file;
	struct arena a;
	struct net n;
	int obstacles = -1;

	arena_init(&a);
	net_init(&n, &a);
	o->list = true;
	if (external_map(&a, o->path, &file, d) < 0 ||
	    read_any(&n, &file, o, &found, d) < 0)
		goto out;
	find_missing(&n, false, &m);
	list_missing(&m, "unsupported operator", "", to);
	find_missing(&n, true, &custom);
	list_missing(&custom, "operator", " needs a kernel of your own", to);
	for (size_t i = 0; i < found.unbound.n; i++)
		fprintf(to, "unbound dimension: --bind %s (%s)\n",
		        found.unbound.v[i].bind, found.unbound.v[i].where);
	fprintf(to, "%zu nodes, %zu operators (%zu not supported), %zu inputs, "
	        "%zu outputs, %zu dimensions not bound\n", n.nodes.n,
	        count_operators(&n), m.n, n.inputs.n, n.outputs.n,
	        found.unbound.n);
	obstacles = (int)(m.n + found.unbound.n);
out:
	arena_release(&a);
	return obstacles;
}
