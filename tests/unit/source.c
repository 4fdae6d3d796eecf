/* lib/emit/source: kernels turned into rTasks.
 *
 * Each file of tests/source/good has its result beside it (.out), each of
 * tests/source/bad what is said about it (.err).  TAMP_RENEW=1 writes both
 * anew; read the difference. */
#include "test.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "emit/tables.h"

#define DIR_OF "tests/source/"

/* A Softmax of [4, 8, 2] in f32, run by launches of 128 threads. */
struct setup {
	struct kernel k;
	struct class cls;
	struct candidate cand;
	struct kinstance inst;
	struct plan plan;
	struct prop prop;
	struct ptensor tensors[2];
	struct program program;
	struct emit e;
};

static void
add_arg(struct class *c, const char *name, bool out)
{
	struct arg *g = vec_add(&test_arena, &c->args);

	g->arg = name;
	g->type = DTYPE_F32;
	g->out = out;
	g->from = DTYPE_F32;
	vec_push(&test_arena, &g->shape, 4);
	vec_push(&test_arena, &g->shape, 8);
	vec_push(&test_arena, &g->shape, 2);
}

/* X is a weight in "weights" alone. */
static void
set_plan(struct setup *s, const char *name)
{
	bool weight = str_eq(name, "weights.cu");

	s->tensors[0].kind = weight ? PT_CONST : PT_INPUT;
	s->tensors[1].kind = PT_TEMP;
	s->plan.tensors.v = s->tensors;
	s->plan.tensors.n = 2;
	s->prop.cls = &s->cls;
	s->prop.cand = &s->cand;
	for (int i = 0; i < 2; i++)
		vec_add(&test_arena, &s->prop.args)->tensor = i;
	s->plan.rops.v = &s->prop;
	s->plan.rops.n = 1;
}

static void
set_up(struct setup *s, const char *name)
{
	struct code *c;

	s->cls.class = "soft */ max";
	s->cls.form = "Softmax";
	add_arg(&s->cls, "X", false);
	add_arg(&s->cls, "Y", true);
	s->cand.use = "t/1";
	s->cand.shared = 4096;
	vec_push(&test_arena, &s->cand.grid, 4);
	vec_push(&test_arena, &s->cand.grid, 2);
	s->inst.kernel = &s->k;
	s->inst.cls = &s->cls;
	s->inst.cand = &s->cand;
	set_plan(s, name);
	c = vec_add(&test_arena, &s->program.codes);
	c->threads = 128;
	vec_push(&test_arena, &c->instances, 7);
	s->e.a = &test_arena;
	s->e.d = test_diag();
	s->e.plan = &s->plan;
	s->e.program = &s->program;
}

/* What kernel_instance would have made of the head; the head's names only in
 * "own_..." alone. */
static int
place(struct setup *s)
{
	const struct device v = {.target = TARGET_CUDA};
	struct binding b = {0};
	const char *why = NULL;

	if (str_starts(s->k.head.kernel, "own_") &&
	    !kernel_match(&s->k, &s->cls, &v, &test_arena, &b, &why))
		return diag_error(test_diag(), POS_NONE, "%s", why);
	for (size_t i = 0; i < b.env.n; i++)
		vec_push(&test_arena, &s->inst.defines, ((struct pair){
			b.env.v[i].name, kernel_number(&test_arena,
			                               b.env.v[i].value)}));
	if (kernel_fill(&s->inst, &b, &test_arena, &why) < 0)
		return diag_error(test_diag(), POS_NONE, "%s", why);
	return 0;
}

/* The file turned, or NULL if it was refused (see test_said). */
static const char *
turn(const char *path, enum target_kind t)
{
	struct setup *s = arena_new(&test_arena, struct setup);
	struct source src;
	const char *text = NULL;
	struct str out;

	if (file_read(&test_arena, path, &src, test_diag()) < 0 ||
	    kernel_read(&s->k, &test_arena, &src, t, test_diag()) < 0)
		return NULL;
	set_up(s, file_base(path));
	if (place(s) < 0)
		return NULL;
	str_init(&out);
	if (source_instance(&s->e, &s->inst, 7, t, &out) == 0)
		text = arena_strdup(&test_arena, out.s);
	str_release(&out);
	return text;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct strs
files(const char *dir)
{
	DIR *d = opendir(dir);
	struct strs v = {0};
	struct dirent *f;

	while (d && (f = readdir(d)))
		if (str_ends(f->d_name, ".cu"))
			vec_push(&test_arena, &v,
			         arena_strdup(&test_arena, f->d_name));
	if (d)
		closedir(d);
	if (v.n)
		qsort(v.v, v.n, sizeof *v.v, by_name);
	return v;
}

/* Compares with the file of that name with another ending, or writes it. */
static const char *
golden(const char *dir, const char *name, const char *ending, const char *is)
{
	const char *path = arena_printf(&test_arena, "%s%.*s%s", dir,
		(int)strlen(name) - 3, name, ending);
	struct source src;
	struct file_out o;

	if (getenv("TAMP_RENEW")) {
		if (file_create(&o, path, test_diag()) < 0)
			return test_said();
		fputs(is, o.f);
		return file_commit(&o) < 0 ? test_said() : is;
	}
	if (file_read(&test_arena, path, &src, test_diag()) < 0)
		return test_said();
	return src.text;
}

static void
test_good(void)
{
	const char *dir = DIR_OF "good/", *is;
	struct strs v = files(dir);

	CHECK(v.n >= 30);
	for (size_t i = 0; i < v.n; i++) {
		is = turn(arena_printf(&test_arena, "%s%s", dir, v.v[i]),
		          TARGET_CUDA);
		CHECK_STR(is ? is : test_said(),
		          golden(dir, v.v[i], ".out", is ? is : ""));
	}
}

static void
test_bad(void)
{
	const char *dir = DIR_OF "bad/", *said, *is;
	struct strs v = files(dir);

	CHECK(v.n >= 59);
	for (size_t i = 0; i < v.n; i++) {
		is = turn(arena_printf(&test_arena, "%s%s", dir, v.v[i]),
		          TARGET_CUDA);
		said = test_said();
		CHECK_STR(is, NULL);
		CHECK_HAS(said, ": error: ");
		CHECK_STR(said, golden(dir, v.v[i], ".err", said));
	}
}

/* A kernel for the device is no kernel for the host, and says where. */
static void
test_host(void)
{
	CHECK_STR(turn(DIR_OF "good/plain.cu", TARGET_HOST), NULL);
	CHECK_HAS(test_said(), "plain.cu:14:23: error: 'blockDim' in a host "
	          "kernel: a vEU is one thread");
	CHECK_STR(turn(DIR_OF "good/early_return.cu", TARGET_HOST), NULL);
	CHECK_HAS(test_said(), "'__shared__' in a host kernel");
}

int
main(void)
{
	RUN(test_good);
	RUN(test_bad);
	RUN(test_host);
	return test_done();
}
