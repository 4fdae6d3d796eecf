/* Any bytes as a stack: a diagnostic, or documents that are written and read
 * again without a change.  The checks beyond the tables must stand anything
 * that the tables let through. */
#include <stdint.h>

#include "ir/ir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
write_document(const struct format_info *f, const struct ynode *root,
               struct arena *a, struct diag *d, struct str *out)
{
	void *rec = arena_alloc(a, f->record->size);

	if (record_read_but(f->record, root, "format", rec, a, d))
		BUG("a document that was read is refused");
	document_write(f, rec, out);
}

/* What is written is read again, and then written the same. */
static void
there_and_back(const struct stack *s, size_t i, struct diag *d)
{
	const struct format_info *f = &formats[s->kinds.v[i]];
	struct str once, twice;
	struct source src;
	struct ydoc *docs;
	size_t n;

	str_init(&once);
	str_init(&twice);
	write_document(f, s->docs.v[i].root, s->a, d, &once);
	src = (struct source){"once", once.s, once.len};
	if (ytree_read(s->a, &src, &docs, &n, d) || n != 1)
		BUG("what was written is refused:\n%s", once.s);
	write_document(f, docs[0].root, s->a, d, &twice);
	if (strcmp(once.s, twice.s) != 0)
		BUG("written twice, two texts:\n%s%s", once.s, twice.s);
	str_release(&once);
	str_release(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct source src = {"fuzz.yaml", (const char *)data, n};
	struct arena a;
	struct stack s;
	struct diag d;
	FILE *null = fopen("/dev/null", "w");

	if (!null)
		return 0;
	arena_init(&a);
	diag_init(&d, "fuzz", null);	/* messages are put together as well */
	stack_init(&s, &a, formats);
	if (stack_read_source(&s, &src, &d)) {
		if (!d.nerrors)
			BUG("refused without a reason");
	} else {
		for (size_t i = 0; i < s.docs.n; i++)
			there_and_back(&s, i, &d);
		d.nerrors = 0;
		if (stack_check(&s, &d) && !d.nerrors)
			BUG("checks fail without a reason");
	}
	arena_release(&a);
	fclose(null);
	return 0;
}
