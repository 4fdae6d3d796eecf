/* tamp-import: a model file to graph/1 and a file of weights. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "import/import.h"

static const struct opt_usage usage = {
	"tamp-import", "[options] MODEL",
	"Reads a trained model (ONNX; - is standard input) and writes it as graph/1.",
	"  tamp-import -o model.yaml model.onnx\n"
	"  tamp-import --bind batch=1 --bind x=1,3,224,224 model.onnx\n"
	"  tamp-import --list model.onnx\n",
};

struct run {
	struct arena a;
	struct diag d;
	const char *out, *weights;
	struct strs binds, consts, rest;
	bool list;
	struct import_options o;
	struct net n;
};

static int
parse(struct run *r, int argc, char **argv)
{
	const struct opt opts[] = {
		{'o', "output", OPT_STR, &r->out, "FILE",
		 "where the graph goes (standard output)", ""},
		{'w', "weights", OPT_STR, &r->weights, "FILE",
		 "where large constants go (MODEL.safetensors beside the graph)", ""},
		{0, "bind", OPT_STRS, &r->binds, "NAME=N,...",
		 "gives a symbolic dimension, or an input's dimensions, values", NULL},
		{0, "const", OPT_STRS, &r->consts, "NAME=FILE",
		 "makes an input a constant, read from a .npy or .pb file", NULL},
		{0, "list", OPT_FLAG, &r->list, NULL,
		 "lists what stands in the way, and imports nothing", NULL},
		{'v', "verbose", OPT_FLAG, &r->d.verbose, NULL, "progress", NULL},
		{0, "explain", OPT_FLAG, &r->d.explain, NULL,
		 "a reason for each simplification", NULL},
		{0},
	};
	int status = opt_parse(&usage, opts, &r->a, argc, argv, &r->rest);

	if (status >= 0)
		return status;
	for (size_t i = 0; i < r->binds.n; i++)
		if (import_add_bind(&r->o, &r->a,
		                    arena_strdup(&r->a, r->binds.v[i]), &r->d) < 0)
			return 2;
	for (size_t i = 0; i < r->consts.n; i++)
		if (import_add_const(&r->o, &r->a,
		                     arena_strdup(&r->a, r->consts.v[i]), &r->d) < 0)
			return 2;
	if (r->rest.n != 1) {
		diag_error(&r->d, POS_NONE, "one model is expected, %zu are given",
		           r->rest.n);
		return 2;
	}
	if (str_eq(r->weights, "-")) {
		diag_error(&r->d, POS_NONE, "weights cannot go to standard output");
		return 2;
	}
	r->o.path = r->rest.v[0];
	return -1;
}

/* Standard output, which every tool must find written whole. */
static int
flush(struct run *r)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return diag_error(&r->d, POS_NONE, "cannot write standard output: %s",
	                  strerror(errno));
}

static int
list(struct run *r)
{
	int obstacles = import_list(&r->o, stdout, &r->d);

	if (flush(r) < 0 || obstacles < 0)
		return 1;
	return obstacles ? 1 : 0;
}

/* MODEL.safetensors, beside the graph or in the working directory. */
static const char *
default_weights(struct run *r)
{
	const char *base = file_base(r->o.path);
	size_t n = strlen(base);
	const char *stem;

	if (str_eq(base, "-"))
		base = "model", n = 5;
	stem = arena_strndup(&r->a, base, str_ends(base, ".onnx") ? n - 5 : n);
	return file_join(&r->a, file_out_dir(&r->a, r->out),
	                 arena_printf(&r->a, "%s.safetensors", stem));
}

/* The weights' path as the graph states it: from the graph's directory. */
static const char *
stated(struct run *r, const char *weights)
{
	const char *dir = file_out_dir(&r->a, r->out);

	return str_eq(dir, ".") ? weights : file_seen_from(&r->a, dir, weights);
}

static void
made(struct run *r, struct graph *g)
{
	g->made = arena_new(&r->a, struct made);
	g->made->by = "tamp-import";
	g->made->version = TAMP_VERSION;
	for (size_t i = 0; i < r->binds.n; i++)
		vec_push(&r->a, &g->made->options, (const char *)
		         arena_printf(&r->a, "--bind %s", r->binds.v[i]));
	for (size_t i = 0; i < r->consts.n; i++)
		vec_push(&r->a, &g->made->options, (const char *)
		         arena_printf(&r->a, "--const %s", r->consts.v[i]));
}

/* --- what may be replaced ------------------------------------------------- */

/* Whether both are the same file, by whatever names. */
static bool
same_file(const char *read, const struct stat *to)
{
	struct stat st;
	int err = str_eq(read, "-") ? fstat(STDIN_FILENO, &st)
	                            : stat(read, &st);

	return err == 0 && st.st_dev == to->st_dev && st.st_ino == to->st_ino;
}

/* What was read is not written over: nothing would bring it back. */
static int
refuse_source(struct run *r, const char *path, const struct stat *to)
{
	struct source src = {.name = path};

	for (size_t i = 0; i < r->o.read.n; i++)
		if (same_file(r->o.read.v[i], to))
			return diag_error(&r->d, (struct pos){.src = &src},
			                  "the import reads this file, and will "
			                  "not write over it");
	return 0;
}

/* Whether the graph and, if there are any, the weights may go where they are
 * to.  A name that nobody gave replaces only what tamp wrote. */
static int
check_targets(struct run *r, const char *weights)
{
	struct source src = {.name = weights};
	struct stat st;

	if (r->out && !str_eq(r->out, "-") && stat(r->out, &st) == 0 &&
	    S_ISREG(st.st_mode) && refuse_source(r, r->out, &st) < 0)
		return -1;
	if (!weights || stat(weights, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (refuse_source(r, weights, &st) < 0)
		return -1;
	if (!r->weights && !weights_is_ours(weights))
		return diag_error(&r->d, (struct pos){.src = &src}, "the constants "
		                  "would go here, but tamp did not write this "
		                  "file; name one with -w FILE");
	return 0;
}

/* --- writing ---------------------------------------------------------------- */

/* The graph's file is created before the weights are written, which tells of
 * most faults, and appears after them: no graph without its weights. */
static int
save(struct run *r)
{
	const char *weights = r->weights ? r->weights : default_weights(r);
	struct weights_entry *entries;
	struct graph g = {0};
	struct stack empty;
	struct file_out f;
	size_t n;

	if (net_to_graph(&r->n, &g, &entries, &n) < 0)
		return -1;
	made(r, &g);
	if (check_targets(r, n ? weights : NULL) < 0)
		return -1;
	if (n)
		g.weights = stated(r, weights);
	if (graph_check(&g, &r->d) < 0 ||
	    file_create(&f, r->out ? r->out : "-", &r->d) < 0)
		return -1;
	stack_init(&empty, &r->a, formats);
	if ((n && weights_write(weights, entries, n, &r->d) < 0) ||
	    stack_write(&empty, FORMAT_GRAPH, &g, true, f.f) < 0) {
		file_abandon(&f);
		return -1;
	}
	return file_commit(&f);
}

int
main(int argc, char **argv)
{
	struct run r = {0};
	int status;

	arena_init(&r.a);
	diag_init(&r.d, usage.tool, stderr);
	file_cleanup_on_signals();
	status = parse(&r, argc, argv);
	if (status < 0 && r.list) {
		status = list(&r);
	} else if (status < 0) {
		net_init(&r.n, &r.a);
		status = import_model(&r.n, &r.o, &r.d) < 0 || save(&r) < 0;
	}
	arena_release(&r.a);
	return status;
}
