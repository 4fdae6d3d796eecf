/* Reads a stack, checks it and writes it again: for tests of the documents.
 *
 *	stackcat [--check] [--rewrite] [--push FORMAT]... [--only] [FILE...]
 *
 * --check: the checks beyond the tables as well
 * --push: the stack's topmost document of that format is written anew and put
 *         on top, as its stage would do
 * --rewrite: every document is read and written anew, in place */
#include "base/opt.h"
#include "base/str.h"
#include "ir/ir.h"

static int
format_named(const char *name)
{
	for (int i = 0; i < NFORMATS; i++)
		if (strncmp(formats[i].name, name, strlen(name)) == 0)
			return i;
	return -1;
}

static int
push(struct stack *s, const struct strs *names, struct diag *d)
{
	for (size_t i = 0; i < names->n; i++) {
		int f = format_named(names->v[i]);

		if (f < 0 || !s->read[f])
			return diag_error(d, POS_NONE, "no document '%s'",
			                  names->v[i]);
		stack_push(s, (enum format)f, s->read[f]);
	}
	return 0;
}

static void
rewrite(struct stack *s)
{
	for (size_t i = 0; i < s->docs.n; i++) {
		const struct format_info *f = &formats[s->kinds.v[i]];
		void *rec = arena_alloc(s->a, f->record->size);
		struct diag quiet;
		struct str text;

		diag_init(&quiet, "stackcat", stderr);
		if (record_read_but(f->record, s->docs.v[i].root, "format", rec,
		                    s->a, &quiet))
			BUG("a document reads differently the second time");
		str_init(&text);
		document_write(f, rec, &text);
		fwrite(text.s, 1, text.len, stdout);
		str_release(&text);
	}
}

static int
run(struct arena *a, struct diag *d, int argc, char **argv)
{
	bool check = false, again = false, only = false;
	struct strs pushed = {0}, files = {0};
	const struct opt_usage u = {"stackcat", "[FILE...]", NULL, NULL};
	const struct opt opts[] = {
		{0, "check", OPT_FLAG, &check, NULL, NULL},
		{0, "rewrite", OPT_FLAG, &again, NULL, NULL},
		{0, "only", OPT_FLAG, &only, NULL, NULL},
		{0, "push", OPT_STRS, &pushed, "FORMAT", NULL},
		{0},
	};
	struct stack s;
	int status = opt_parse(&u, opts, a, argc, argv, &files);

	if (status >= 0)
		return status;
	stack_init(&s, a, formats);
	if (!files.n)
		vec_push(a, &files, "-");
	for (size_t i = 0; i < files.n; i++)
		if (stack_read(&s, files.v[i], d))
			return 1;
	if ((check && stack_check(&s, d)) || push(&s, &pushed, d))
		return 1;
	if (again)
		rewrite(&s);
	else
		stack_print(&s, only, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct arena a;
	struct diag d;
	int status;

	arena_init(&a);
	diag_init(&d, "stackcat", stderr);
	status = run(&a, &d, argc, argv);
	arena_release(&a);
	return status;
}
