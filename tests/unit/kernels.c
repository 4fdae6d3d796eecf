/* Kernel files as text, and what they are matched with. */
#include "kernels.h"

#include <stdarg.h>

struct kernel *
read_as(const char *text, enum target_kind t)
{
	struct kernel *k = arena_new(&test_arena, struct kernel);

	return kernel_read(k, &test_arena, test_source(text), t,
	                   test_diag()) < 0 ? NULL : k;
}

struct kernel *
host(const char *head, const char *body)
{
	return read_as(arena_printf(&test_arena, "/*---\n%s---*/\n%s", head,
	                            body), TARGET_HOST);
}

const char *
said(const char *head, const char *body)
{
	host(head, body);
	return test_said();
}

struct arg *
add_arg(struct class *c, const char *name, enum dtype t, bool out, size_t n,
        ...)
{
	struct arg *g = vec_add(&test_arena, &c->args);
	va_list ap;

	g->arg = name;
	g->type = (int)t;
	g->out = out;
	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		vec_push(&test_arena, &g->shape, va_arg(ap, int));
	va_end(ap);
	return g;
}

struct class *
matmul(int m, int k, int n, enum dtype t)
{
	struct class *c = arena_new(&test_arena, struct class);

	c->class = "MatMul.1";
	c->form = "MatMul";
	add_arg(c, "A", DTYPE_F32, false, 3, 1, m, k);
	add_arg(c, "B", t, false, 3, 1, k, n);
	add_arg(c, "Y", t, true, 3, 1, m, n);
	attrs_set_int(&test_arena, &c->attrs, "trans_a", 0);
	attrs_set_int(&test_arena, &c->attrs, "trans_b", 1);
	return c;
}

const struct device *
gpu(void)
{
	static const struct device v = {.name = "t", .target = TARGET_CUDA,
		.units = 4, .veus = 8, .blocks = 8, .threads = 1024,
		.block_threads = 256, .warp = 32, .registers = 65536,
		.thread_registers = 255, .shared = 65536, .block_shared = 49152,
		.block_reserved = 1024, .simd = 32};

	return &v;
}

int
candidates(const struct kernel *k, struct class *c, const char **why)
{
	struct binding b;

	*why = "no kernel";
	return !k || !kernel_match(k, c, gpu(), &test_arena, &b, why) ? -1 :
	       kernel_candidates(k, c, gpu(), &b, &test_arena, c, why);
}

struct kinstance *
instance(const struct kernel *k, const struct class *c, size_t n)
{
	struct kernels all = {0};

	vec_push(&test_arena, &all.v, *k);
	map_init(&all.by_name, &test_arena);
	map_set(&all.by_name, k->head.kernel, 0);
	return kernel_instance(&all, c, &c->kernels.v[n], gpu(), &test_arena,
	                       test_diag());
}

const char *
pair_value(const struct pair *v, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].key, key))
			return v[i].value;
	return "none";
}
