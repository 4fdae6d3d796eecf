/* tamp-partition: a graph and a device to rOperators and their rKernels. */
#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "ir/weights.h"
#include "partition/partition.h"

#include "../share.h"

static const struct opt_usage usage = {
	"tamp-partition", "[options] [FILE ...]",
	"Cuts a model into rOperators and lists the rKernels that may run them.",
	"  tamp partition -d h200 model.yaml -o tasks.yaml\n"
	"  tamp partition -K my-kernels --explain model.yaml > tasks.yaml\n"
	"  tamp import model.onnx | tamp partition | tamp schedule > plan.yaml\n",
};

struct run {
	struct arena a;
	struct diag d;
	const char *device, *fuse, *math, *out;
	struct strs kernel_dirs, rest;
	bool only;
	struct partition_options o;
	struct stack stack;
	struct device dev;
	struct kernels kernels;
	struct tasks tasks;
};

static int
bad_word(struct run *r, const char *option, const char *word,
         const char *expected)
{
	diag_error(&r->d, POS_NONE, "%s '%s' is not known, expected %s", option,
	           word, expected);
	return 2;
}

static int
check_words(struct run *r)
{
	r->device = r->device ? r->device : "host";
	r->fuse = r->fuse ? r->fuse : "maps";
	r->math = r->math ? r->math : "f32";
	if (str_eq(r->fuse, "maps"))
		r->o.fuse = FUSE_MAPS;
	else if (str_eq(r->fuse, "none"))
		r->o.fuse = FUSE_NONE;
	else if (str_eq(r->fuse, "shared"))
		r->o.fuse = FUSE_SHARED;
	else
		return bad_word(r, "--fuse", r->fuse, "none, maps or shared");
	if (!str_eq(r->math, "f32"))
		return bad_word(r, "--math", r->math, "f32 (no kernel here "
		                "computes in reduced precision)");
	return -1;
}

static int
parse(struct run *r, int argc, char **argv)
{
	const struct opt opts[] = {
		{'d', "device", OPT_STR, &r->device, "DEVICE",
		 "a name (host, h200, mi50, emu ...) or a device file; host: "
		 "this machine (host)", "host h200 v100 mi50 emu emu64"},
		{'K', "kernels", OPT_STRS, &r->kernel_dirs, "DIR",
		 "kernel files of one's own, which win over those that come "
		 "with tamp", ""},
		{0, "fuse", OPT_STR, &r->fuse, "LEVEL",
		 "none; maps: elementwise operators into their neighbours; "
		 "shared: also products over the same constant joined (maps)",
		 "none maps shared"},
		{0, "math", OPT_STR, &r->math, "MODE",
		 "precision of f32 products: f32 (f32)", "f32"},
		{'o', "output", OPT_STR, &r->out, "FILE",
		 "where the plan goes (standard output)", ""},
		{0, "only", OPT_FLAG, &r->only, NULL,
		 "writes tasks/1 alone, without what lies below", NULL},
		{'v', "verbose", OPT_FLAG, &r->d.verbose, NULL, "progress",
		 NULL},
		{0, "explain", OPT_FLAG, &r->d.explain, NULL,
		 "a reason for each fusion and layout, and each class's "
		 "candidates", NULL},
		{0},
	};
	int status = opt_parse(&usage, opts, &r->a, argc, argv, &r->rest);

	if (status >= 0)
		return status;
	if (r->rest.n == 0)
		vec_push(&r->a, &r->rest, "-");
	return check_words(r);
}

static int
read_graph(struct run *r)
{
	stack_init(&r->stack, &r->a, formats);
	for (size_t i = 0; i < r->rest.n; i++)
		if (stack_read(&r->stack, r->rest.v[i], &r->d) < 0)
			return -1;
	if (!r->stack.read[FORMAT_GRAPH])
		return diag_error(&r->d, POS_NONE, "the plan has no graph/1: "
		                  "run tamp import first");
	/* what is replaced need not be legal, nor even sensible */
	for (int f = FORMAT_TASKS; f < NFORMATS; f++)
		r->stack.read[f] = NULL;
	return stack_check(&r->stack, &r->d);
}

static int
load_kernels(struct run *r, const char *share)
{
	enum target_kind t = (enum target_kind)r->dev.target;

	for (size_t i = 0; i < r->kernel_dirs.n; i++)
		if (kernels_load(&r->kernels, &r->a, r->kernel_dirs.v[i], t,
		                 &r->d) < 0)
			return -1;
	for (size_t i = 0; i < r->kernels.v.n; i++)
		r->kernels.v.v[i].own = true;
	if (kernels_load(&r->kernels, &r->a, file_join(&r->a, share, "kernels"),
	                 t, &r->d) < 0)
		return -1;
	diag_progress(&r->d, "%zu kernels for %s", r->kernels.v.n,
	              r->dev.name);
	return 0;
}

static struct made *
make_made(struct run *r)
{
	struct made *m = arena_new(&r->a, struct made);

	m->by = "tamp-partition";
	m->version = TAMP_VERSION;
	vec_push(&r->a, &m->options,
	         (const char *)arena_printf(&r->a, "-d %s", r->dev.name));
	vec_push(&r->a, &m->options,
	         (const char *)arena_printf(&r->a, "--fuse %s", r->fuse));
	return m;
}

static int
make_tasks(struct run *r)
{
	const struct graph *g = stack_graph(&r->stack);
	struct weights *w = NULL;
	int status;

	if (g->weights) {
		w = weights_open(&r->a, graph_weights_path(&r->a, g), &r->d);
		if (!w)
			return -1;
	}
	status = partition(&r->a, g, w, &r->dev, &r->kernels, &r->o, &r->tasks,
	                   &r->d);
	if (w)
		weights_close(w);
	return status;
}

static int
write_out(struct run *r)
{
	struct file_out f;

	r->tasks.made = r->dev.made = make_made(r);
	stack_push(&r->stack, FORMAT_DEVICE, &r->dev);
	stack_push(&r->stack, FORMAT_TASKS, &r->tasks);
	if (weights_follow(&r->stack, r->out, &r->d) < 0 ||
	    file_create(&f, r->out ? r->out : "-", &r->d) < 0)
		return -1;
	if (stack_print(&r->stack, r->only, f.f) < 0) {
		file_abandon(&f);
		return diag_error(&r->d, POS_NONE, "cannot write the plan");
	}
	return file_commit(&f);
}

static int
run(struct run *r)
{
	const char *share = share_dir(&r->a, &r->d);

	if (!share || read_graph(r) < 0 ||
	    device_find(&r->a, file_join(&r->a, share, "devices"), r->device,
	                &r->dev, &r->d) < 0 ||
	    load_kernels(r, share) < 0 || make_tasks(r) < 0)
		return -1;
	return write_out(r);
}

int
main(int argc, char **argv)
{
	struct run r = {.device = NULL};
	int status;

	arena_init(&r.a);
	diag_init(&r.d, "tamp-partition", stderr);
	file_cleanup_on_signals();
	status = parse(&r, argc, argv);
	if (status < 0)
		status = run(&r) < 0 ? 1 : 0;
	arena_release(&r.a);
	return status;
}
