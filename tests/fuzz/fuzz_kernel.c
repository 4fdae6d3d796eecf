/* Any bytes as a kernel file: a diagnostic, or an rTask function whose text
 * can be read again and whose brackets all have partners. */
#include <stdint.h>

#include "emit/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A class with the kernel's own arguments, in f32. */
static void
make_class(struct arena *a, const struct kernel *k, struct class *c)
{
	c->class = "fuzz";
	c->form = k->form ? k->form->name : "Map";
	for (size_t i = 0; i < k->args.n; i++) {
		struct arg *g = vec_add(a, &c->args);

		g->arg = k->args.v[i].name;
		g->type = DTYPE_F32;
		g->from = DTYPE_F32;
		g->out = k->args.v[i].out;
		vec_push(a, &g->shape, 64);
	}
}

/* As kernel_fill does, for a kernel that need not fit. */
static void
fill(struct arena *a, const struct kernel *k, struct kinstance *i)
{
	for (size_t n = 0; n < k->params.n; n++)
		vec_push(a, &i->values, ((struct pair){k->params.v[n].name, "1"}));
	for (size_t n = 0; n < k->template.n; n++)
		vec_push(a, &i->values, ((struct pair){k->template.v[n].name,
			k->template.v[n].value.text}));
	for (size_t n = 0; n < k->shared_arrays.n; n++)
		vec_push(a, &i->shared, ((struct kplace){16, 64}));
}

static void
check_text(struct arena *a, const struct str *out, struct diag *d)
{
	struct source src = {"turned", out->s, out->len};
	struct tokens t = {0};

	if (lex(a, &src, 0, &t, d) < 0)
		BUG("what was turned cannot be read:\n%s", out->s);
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].kind == TOK_PUNCT && t.v[i].len == 1 &&
		    strchr("([{", t.v[i].s[0]) && lex_close(&t, i) == t.n)
			BUG("what was turned has an open bracket:\n%s", out->s);
}

static void
turn(struct arena *a, struct kernel *k, enum target_kind t, int64_t threads,
     struct diag *d)
{
	struct class c = {0};
	struct candidate cand = {.use = "fuzz/1", .shared = 1024};
	struct kinstance inst = {.kernel = k, .cls = &c, .cand = &cand,
	                         .block = {threads, 1, 1}};
	struct code code = {.threads = 128};
	struct program p = {0};
	struct emit e = {.a = a, .d = d, .program = &p};
	struct str out;
	int before = d->nerrors;

	make_class(a, k, &c);
	fill(a, k, &inst);
	vec_push(a, &cand.grid, 4);
	vec_push(a, &code.instances, 0);
	vec_push(a, &p.codes, code);
	str_init(&out);
	if (source_instance(&e, &inst, 0, t, &out) == 0)
		check_text(a, &out, d);
	else if (d->nerrors == before)
		BUG("refused without a reason");
	str_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FILE *null = fopen("/dev/null", "w");
	char *text = null ? malloc(n + 1) : NULL;
	struct source src = {"fuzz.cu", text, n};

	if (!text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	for (int i = 0; i < 3; i++) {
		enum target_kind t = i == 2 ? TARGET_HOST : TARGET_CUDA;
		struct kernel k = {0};
		struct arena a;
		struct diag d;

		arena_init(&a);
		diag_init(&d, "fuzz", null);
		if (kernel_read(&k, &a, &src, t, &d) == 0)
			turn(&a, &k, t, i ? 128 : 48, &d);
		else if (!d.nerrors)
			BUG("refused without a reason");
		arena_release(&a);
	}
	free(text);
	fclose(null);
	return 0;
}
