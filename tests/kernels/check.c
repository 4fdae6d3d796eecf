/* The driver: see kcheck.h.
 *
 *	kcheck gen WHAT SIMD KERNELS OUT	OUT/NAME.c or .cu a kernel
 *	kcheck run WHAT SIMD KERNELS OUT	loads OUT/NAME.so, prints TAP
 *	kcheck alone WHAT SIMD KERNELS OUT	the kernels as they are, a few
 *			instances each, to read registers and spills of
 *
 * WHAT: host, cuda, hip, or vector: those of the host that depend on VLEN.
 * SIMD: bytes of a vector register (host).  A kernel's trials compute the
 * right values where they write, leave alone what they do not, and keep to
 * their regions.  Declared reads may be wider than what is read, up to WIDE
 * times in sum, except where data decide. */
#include <dlfcn.h>
#include <math.h>
#include <sys/mman.h>

#include "base/str.h"
#include "emit/target.h"
#include "kcheck.h"
#include "rkernel/layout.h"

#define WIDE 4
#define POISON 0xa5

static struct arena arena;
static struct diag diag;
static bool vector_only;

/* Whether the kernel is among those asked for. */
static bool
asked(const struct kernel *k)
{
	for (size_t i = 0; vector_only && i < k->toks.n; i++)
		if (token_is(&k->toks.v[i], "VLEN"))
			return true;
	return !vector_only;
}

/* --- gen ------------------------------------------------------------------------ */

static void
put_runner(struct str *out, const struct ktrial *r, bool gpu)
{
	const struct ints *g = &r->cand->grid;
	int64_t n = 1;

	for (size_t i = 0; i < g->n; i++)
		n *= g->v[i];
	if (!gpu) {
		str_addf(out, "void run_%d(void *const *args);\n"
		         "void run_%d(void *const *args)\n{\n"
		         "\tfor (uint32_t task = 0; task < %lld; task++) {\n"
		         "\t\tkcheck_task(task);\n\t\tinst_%d(task, args);\n"
		         "\t}\n}\n", r->index, r->index, (long long)n, r->index);
		return;
	}
	str_addf(out, "static void go_%d(struct tamp_launch_args a)\n{\n"
	         "\tvoid *const *args = a.args;\n"
	         "\tfor (uint32_t task = 0; task < %lld; task++) {\n"
	         "\t\tkcheck_task(task);\n\t\tTAMP_CALL(%d);\n\t}\n}\n"
	         "extern \"C\" void run_%d(void *const *args)\n{\n"
	         "\tstruct tamp_launch_args a = {};\n\ta.args = args;\n"
	         "\ttamp_emu_seed(%d);\n"
	         "\ttamp_emu_launch(go_%d, &a, 1, %lld, %lld);\n}\n", r->index,
	         (long long)n, r->index, r->index, r->index, r->index,
	         (long long)r->cand->threads, (long long)r->cand->shared);
}

static int
put_kernel(struct ktrials *t, struct emit *e, const struct kernel *k,
           const char *out_dir)
{
	bool gpu = k->target != TARGET_HOST;
	struct str out;
	FILE *f;
	const char *path = arena_printf(&arena, "%s/%s.%s", out_dir,
	                                k->head.kernel, gpu ? "cu" : "c");
	int bad = 0;

	str_init(&out);
	str_add(&out, gpu ? "#include \"cuda.h\"\n#include \"emu_api.h\"\n"
	        "extern \"C\" void kcheck_task(uint32_t);\n" :
	        "#include \"host.h\"\n#include \"map.h\"\n"
	        "void kcheck_task(uint32_t);\n");
	maps_prologue(&out);
	for (size_t i = 0; i < t->v.n; i++) {
		struct ktrial *r = &t->v.v[i];

		if (r->kernel != k)
			continue;
		bad |= source_instance(e, r->instance, r->index, k->target,
		                       &out);
		put_runner(&out, r, gpu);
	}
	f = fopen(path, "w");
	if (!f || fwrite(out.s, 1, out.len, f) != out.len || fclose(f) != 0) {
		perror(path);
		bad = -1;
	}
	str_release(&out);
	return bad;
}

static int
gen(struct ktrials *t, const char *out_dir)
{
	struct plan plan = {.a = &arena, .device = &t->device};
	struct emit e = {.a = &arena, .plan = &plan, .kernels = &t->kernels,
		.d = &diag};
	int bad = 0;

	for (size_t i = 0; i < t->kernels.v.n; i++)
		if (asked(&t->kernels.v.v[i]))
			bad |= put_kernel(t, &e, &t->kernels.v.v[i], out_dir);
	return bad ? 1 : 0;
}

/* --- alone ---------------------------------------------------------------------- */

/* The kernel file itself, once for each of these instances, by plain accesses
 * to memory. */
static int
put_alone(struct ktrials *t, const struct kernel *k, const char *out_dir)
{
	const char *path = arena_printf(&arena, "%s/%s.cu", out_dir,
	                                k->head.kernel), *last = "";
	FILE *f = fopen(path, "w");

	if (!f) {
		perror(path);
		return -1;
	}
	fprintf(f, "#include <stdint.h>\n%s#include \"map.h\"\n"
	        "#define LOAD(X, i) ((X)[i])\n"
	        "#define STORE(Y, i, v) ((Y)[i] = (Y##_t)(v))\n",
	        k->target == TARGET_HIP ? "#include \"hip.h\"\n" : "");
	for (size_t i = 0; i < t->v.n; i++) {
		const struct ktrial *r = &t->v.v[i];

		if (r->kernel != k || r->mapped || !strcmp(r->cand->use, last))
			continue;
		last = r->cand->use;
		fprintf(f, "#define %s %s_%d\n", k->head.kernel,
		        k->head.kernel, r->index);
		for (size_t j = 0; j < r->instance->defines.n; j++)
			fprintf(f, "#define %s %s\n",
			        r->instance->defines.v[j].key,
			        r->instance->defines.v[j].value);
		fprintf(f, "#include \"%s\"\n#undef %s\n", k->src.name,
		        k->head.kernel);
		for (size_t j = 0; j < r->instance->defines.n; j++)
			fprintf(f, "#undef %s\n", r->instance->defines.v[j].key);
	}
	if (fclose(f) == 0)
		return 0;
	perror(path);
	return -1;
}

static int
alone(struct ktrials *t, const char *out_dir)
{
	int bad = 0;

	for (size_t i = 0; i < t->kernels.v.n; i++)
		if (asked(&t->kernels.v.v[i]))
			bad |= put_alone(t, &t->kernels.v.v[i], out_dir);
	return bad ? 1 : 0;
}

/* --- elements ---------------------------------------------------------------------- */

static double
get(enum dtype t, const void *p, int64_t i)
{
	switch (t) {
#define DTYPE(id, w, b, ctype, o, s) \
	case DTYPE_##id: return (double)((const ctype *)p)[i];
#include "ir/dtype.def"
#undef DTYPE
	case NDTYPES: break;
	}
	BUG("type %d", (int)t);
}

static void
set(enum dtype t, void *p, int64_t i, double v)
{
	bool f = dtype_is_float(t);

	switch (t) {
#define DTYPE(id, w, b, ctype, o, s) \
	case DTYPE_##id: \
		((ctype *)p)[i] = f ? (ctype)v : (ctype)(int64_t)v; return;
#include "ir/dtype.def"
#undef DTYPE
	case NDTYPES: break;
	}
	BUG("type %d", (int)t);
}

/* The row-major index of stored element i. */
static int64_t
logical_index(const struct arg *g, const struct ints *stored, int64_t i)
{
	int dim[BOX_DIMS], n = layout_map(g->layout, &g->shape, dim,
	                                  (int64_t[BOX_DIMS]){0});
	int64_t scale[BOX_DIMS], at[BOX_DIMS] = {0}, index = 0;

	layout_map(g->layout, &g->shape, dim, scale);
	for (int k = n; k-- > 0; i /= stored->v[k])
		at[dim[k]] += i % stored->v[k] * scale[k];
	for (size_t d = 0; d < g->shape.n; d++)
		index = index * g->shape.v[d] + at[d];
	return index;
}

/* Memory that ends at a page nobody may touch. */
static void *
fenced(int64_t bytes)
{
	size_t n = ((size_t)bytes + 4095) / 4096 * 4096;
	unsigned char *p = mmap(NULL, n + 4096, PROT_READ | PROT_WRITE,
	                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + n, 4096, PROT_NONE) != 0)
		BUG("no memory");
	memset(p, POISON, n);
	return p + n - (size_t)bytes;
}

static void
unfence(void *p, int64_t bytes)
{
	size_t n = ((size_t)bytes + 4095) / 4096 * 4096;

	munmap((unsigned char *)p + bytes - n, n + 4096);
}

/* --- run ------------------------------------------------------------------------------ */

static const char *
region_text(const struct ktrial *r, const char *arg)
{
	const struct pairs *l[] = {&r->cand->reads, &r->cand->writes};

	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < l[k]->n; i++)
			if (strcmp(l[k]->v[i].key, arg) == 0)
				return l[k]->v[i].value;
	return NULL;
}

static void
buffer_init(struct kbuffer *b, const struct ktrial *r, const struct arg *g,
            const struct karray *v)
{
	const char *region = region_text(r, g->arg);

	*b = (struct kbuffer){.out = g->out, .checked = !g->on};
	b->bytes = (int64_t)dtype_bytes((enum dtype)g->type);
	if (layout_stored(&arena, g->layout, &g->shape, &b->stored) < 0)
		BUG("layout of %s", g->arg);
	b->elems = shape_elems(b->stored.v, b->stored.n, 1);
	b->at = fenced(b->elems * b->bytes);
	if (region)
		b->region = region_parse(&arena, region, POS_NONE, &diag);
	for (int64_t i = 0; !g->out && i < b->elems; i++)
		set((enum dtype)g->type, b->at, i, v ?
			v->v[logical_index(g, &b->stored, i)] :
			(double)(i % 5));
}

/* The case as the kernel's maps change it, and its reference. */
static struct kcase
expected(struct ktrials *t, const struct ktrial *r)
{
	struct kcase c = t->cases.v[r->kcase];
	struct arg *y;

	for (int i = 0; i < c.nargs; i++) {
		struct karray *g = &c.args[i];
		double *v = g->v;

		if (g->out || !r->cls->args.v[i].map.n)
			continue;
		g->v = arena_array(&arena, (size_t)g->n + 1, sizeof *v);
		for (int64_t j = 0; j < g->n; j++)
			g->v[j] = v[j] + v[j];
	}
	kcase_reference(&c, &arena);
	y = &r->cls->args.v[c.nargs - 1];
	for (int64_t i = 0; r->mapped && i < c.args[c.nargs - 1].n; i++) {
		int64_t in = 1, keep = y->shape.n > 1;

		for (size_t d = (size_t)keep + 1; d < y->shape.n; d++)
			in *= y->shape.v[d];
		c.args[c.nargs - 1].v[i] +=
			(double)(i / in % y->shape.v[keep] % 5);
	}
	return c;
}

static bool
close_to(enum dtype t, double is, double want)
{
	if (isnan(want) || isinf(want))
		return isnan(want) ? isnan(is) : is == want;
	if (!dtype_is_float(t))
		return is == want;
	return fabs(is - want) <= 2e-5 + 1e-4 * fabs(want);
}

/* Every element that the reference made, and no other, was made. */
static void
compare(const struct arg *g, const struct kbuffer *b, const struct karray *want,
        struct koracle *o)
{
	for (int64_t i = 0; i < b->elems && !o->why[0]; i++) {
		int64_t l = logical_index(g, &b->stored, i);
		double is = get((enum dtype)g->type, b->at, i), w = want->v[l];
		bool poison = true;

		for (int64_t k = 0; k < b->bytes; k++)
			poison = poison && b->at[i * b->bytes + k] == POISON;
		if (!want->set[l] && !poison)
			snprintf(o->why, sizeof o->why, "%s[%lld] was written",
			         g->arg, (long long)l);
		if (want->set[l] && !close_to((enum dtype)g->type, is, w))
			snprintf(o->why, sizeof o->why,
			         "%s[%lld] is %.9g, expected %.9g", g->arg,
			         (long long)l, is, w);
	}
}

static bool
data_decide(const struct ktrial *r)
{
	return str_starts(r->cls->form, "Gather") ||
	       str_starts(r->cls->form, "Scatter");
}

static void
check_width(const struct ktrial *r, struct koracle *o)
{
	for (int i = 0; i < o->n && o->on && !o->why[0]; i++) {
		const struct kbuffer *b = &o->v[i];

		if (b->region && !data_decide(r) &&
		    b->declared > WIDE * b->touched)
			snprintf(o->why, sizeof o->why, "argument %d: declares "
			         "%lld elements, reads %lld", i,
			         (long long)b->declared, (long long)b->touched);
	}
}

static bool
run_trial(struct ktrials *t, const struct ktrial *r, void *so)
{
	struct kcase c = expected(t, r);
	struct koracle o = {.a = &arena, .n = (int)r->cls->args.n};
	void *args[KMAXARGS];
	void (*run)(void *const *);
	size_t ng = r->cand->grid.n;

	*(void **)&run = dlsym(so, arena_printf(&arena, "run_%d", r->index));
	if (!run)
		return false;
	for (int k = 0; k < 3; k++)
		o.grid[k] = (size_t)k < ng ? r->cand->grid.v[k] : 1;
	for (int i = 0; i < o.n; i++) {
		buffer_init(&o.v[i], r, &r->cls->args.v[i], i < c.nargs ?
		            &t->cases.v[r->kcase].args[i] : NULL);
		args[i] = o.v[i].at;
	}
	koracle_begin(&o);
	run(args);
	koracle_end(&o);
	for (int i = 0; i < c.nargs; i++)
		if (c.args[i].out)
			compare(&r->cls->args.v[i], &o.v[i], &c.args[i], &o);
	check_width(r, &o);
	for (int i = 0; i < o.n; i++)
		unfence(o.v[i].at, o.v[i].elems * o.v[i].bytes);
	if (o.why[0])
		printf("# %s%s on %s\n#   %s\n", r->cand->use,
		       r->mapped ? " with maps" : "",
		       t->cases.v[r->kcase].text, o.why);
	return !o.why[0];
}

static bool
run_kernel(struct ktrials *t, const struct kernel *k, const char *dir, int *n)
{
	const char *path = arena_printf(&arena, "%s/%s.so", dir, k->head.kernel);
	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	bool good = so != NULL;

	if (!so)
		printf("# %s\n", dlerror());
	*n = 0;
	for (size_t i = 0; so && i < t->v.n; i++)
		if (t->v.v[i].kernel == k) {
			good &= run_trial(t, &t->v.v[i], so);
			++*n;
		}
	return good && *n > 0;
}

static int
run(struct ktrials *t, const char *what, const char *dir)
{
	int failed = 0, tests = 0, n;

	for (size_t i = 0; i < t->kernels.v.n; i++) {
		const struct kernel *k = &t->kernels.v.v[i];
		bool good;

		if (!asked(k))
			continue;
		good = run_kernel(t, k, dir, &n);
		printf("%s %d - %s kernel %s: %d trials\n", good ? "ok" :
		       "not ok", ++tests, what, k->head.kernel, n);
		fflush(stdout);
		failed += !good;
	}
	printf("1..%d\n", tests);
	return failed ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct ktrials t;
	enum target_kind target;
	int rc;

	if (argc != 6) {
		fprintf(stderr, "usage: kcheck gen|run|alone host|vector|cuda|hip "
		        "SIMD KERNELS OUT\n");
		return 2;
	}
	arena_init(&arena);
	diag_init(&diag, "kcheck", stderr);
	vector_only = strcmp(argv[2], "vector") == 0;
	target = strcmp(argv[2], "cuda") == 0 ? TARGET_CUDA :
	         strcmp(argv[2], "hip") == 0 ? TARGET_HIP : TARGET_HOST;
	if (ktrials_init(&t, &arena, argv[4], target,
	                 (int)strtol(argv[3], NULL, 10), &diag) < 0)
		return 1;
	rc = strcmp(argv[1], "gen") == 0 ? gen(&t, argv[5]) :
	     strcmp(argv[1], "alone") == 0 ? alone(&t, argv[5]) :
	     run(&t, argv[2], argv[5]);
	arena_release(&arena);
	return rc;
}
