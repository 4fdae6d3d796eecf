/* Describes the formats from their field tables: run while building.
 *
 *	describe schema DIR		DIR/NAME.schema.yaml for every format
 *	describe page FILE.5.in		the man page: FILE with the lines
 *					@FIELDS name@ and @EXAMPLE file@ filled in
 */
#include "base/file.h"
#include "base/str.h"
#include "ir/ir.h"
#include "yaml/ywrite.h"

struct records {
	const struct record **v;
	size_t n, cap;
};

static const struct format_info *
format_named(const char *name)
{
	for (int i = 0; i < NFORMATS; i++)
		if (strncmp(formats[i].name, name, strlen(name)) == 0 &&
		    formats[i].name[strlen(name)] == '/')
			return &formats[i];
	return NULL;
}

/* The records inside r, each once, in the order in which they are met. */
static void
collect(struct arena *a, const struct record *r, struct records *out)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i] == r)
			return;
	vec_push(a, out, r);
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].sub)
			collect(a, r->fields[i].sub, out);
}

/* --- JSON Schema --------------------------------------------------------------- */

static void
put(struct ywriter *w, const char *key, const char *value)
{
	yw_key(w, key);
	yw_str(w, value);
}

static void
put_items(struct ywriter *w, const char *type)
{
	put(w, "type", "array");
	yw_key(w, "items");
	yw_map(w, true);
	put(w, "type", type);
	yw_end(w);
}

static void
put_words(struct ywriter *w, const char *key, const char *const *words, int n)
{
	yw_key(w, key);
	yw_seq(w, true);
	for (int i = 0; i < n; i++) {
		yw_item(w);
		yw_str(w, words[i]);
	}
	yw_end(w);
}

static void
put_ref(struct arena *a, struct ywriter *w, const struct record *r)
{
	put(w, "$ref", arena_printf(a, "#/$defs/%s", r->name));
}

/* An attribute is a number, a string, or a list of one kind of them. */
static void
put_attrs(struct ywriter *w)
{
	static const char *const any[] = {"number", "string", "array"};

	put(w, "type", "object");
	yw_key(w, "additionalProperties");
	yw_map(w, true);
	put_words(w, "type", any, 3);
	yw_key(w, "items");
	yw_map(w, true);
	put_words(w, "type", any, 2);
	yw_end(w);
	yw_end(w);
}

static void
put_integer(struct ywriter *w, const struct field *f)
{
	put(w, "type", "integer");
	yw_key(w, "minimum");
	yw_int(w, f->lo);
	if (f->hi == INT64_MAX)
		return;
	yw_key(w, "maximum");
	yw_int(w, f->hi);
}

static void
put_type(struct arena *a, struct ywriter *w, const struct field *f)
{
	static const char *const text[] = {"string", "integer"};

	switch (f->kind) {
	case FIELD_STR:
		put(w, "type", "string");
		return;
	case FIELD_INT:
		put_integer(w, f);
		return;
	case FIELD_FLOAT:
		put(w, "type", "number");
		return;
	case FIELD_BOOL:
		put(w, "type", "boolean");
		return;
	case FIELD_ENUM:
		put_words(w, "enum", f->words->words, f->words->n);
		return;
	case FIELD_INTS:
		put_items(w, "integer");
		return;
	case FIELD_FLOATS:
		put_items(w, "number");
		return;
	case FIELD_STRS:
		put_items(w, "string");
		return;
	case FIELD_RANGE:
		put(w, "type", "string");
		put(w, "pattern", "^[0-9]+\\.\\.(-1|[0-9]+)$");
		return;
	case FIELD_IRANGE:
		put(w, "type", "string");
		put(w, "pattern", "^[^.]+\\.\\.[^.]+$");
		return;
	case FIELD_MAPS:
		put(w, "type", "object");
		yw_key(w, "additionalProperties");
		yw_map(w, true);
		put_words(w, "type", text, 2);
		yw_end(w);
		return;
	case FIELD_ATTRS:
		put_attrs(w);
		return;
	case FIELD_REC:
		put_ref(a, w, f->sub);
		return;
	case FIELD_RECS:
		put(w, "type", "array");
		yw_key(w, "items");
		yw_map(w, true);
		put_ref(a, w, f->sub);
		yw_end(w);
		return;
	}
	BUG("field kind %d", (int)f->kind);
}

/* What an absent optional field stands for, as text; NULL: nothing. */
static const char *
default_text(struct arena *a, const struct field *f)
{
	char buf[48];

	if (f->required)
		return NULL;
	if (f->kind == FIELD_INT)
		return arena_printf(a, "%lld", (long long)f->def);
	if (f->kind == FIELD_FLOAT)
		return arena_strdup(a, yw_float_text(buf, sizeof buf, f->fdef, 17));
	if (f->kind == FIELD_BOOL)
		return f->def ? "true" : "false";
	if (f->kind == FIELD_ENUM)
		return f->words->words[f->def];
	return NULL;
}

static void
put_object(struct arena *a, struct ywriter *w, const struct record *r,
           const struct format_info *root)
{
	put(w, "description", root ? root->doc : r->doc);
	put(w, "type", "object");
	yw_key(w, "additionalProperties");
	yw_bool(w, false);
	yw_key(w, "required");
	yw_seq(w, true);
	if (root) {
		yw_item(w);
		yw_str(w, "format");
	}
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].required) {
			yw_item(w);
			yw_str(w, field_key(a, &r->fields[i]));
		}
	yw_end(w);
	yw_key(w, "properties");
	yw_map(w, false);
	if (root) {
		yw_key(w, "format");
		yw_map(w, true);
		put(w, "const", root->name);
		put(w, "description", "name and version of the format; stands first");
		yw_end(w);
	}
	for (size_t i = 0; i < r->nfields; i++) {
		const struct field *f = &r->fields[i];

		yw_key(w, field_key(a, f));
		yw_map(w, true);
		put_type(a, w, f);
		if (default_text(a, f)) {
			yw_key(w, "default");
			yw_raw(w, default_text(a, f));
		}
		put(w, "description", f->doc);
		yw_end(w);
	}
	yw_end(w);
}

static void
add_schema(struct arena *a, const struct format_info *f, struct str *out)
{
	struct records all = {0};
	struct ywriter w;

	str_addf(out, "# %s as a JSON Schema.  Made from the field tables in "
	         "lib/ir by 'make schemas'.\n---\n", f->name);
	collect(a, f->record, &all);
	yw_init(&w, out);
	yw_map(&w, false);
	put(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put(&w, "title", f->name);
	put_object(a, &w, f->record, f);
	yw_key(&w, "$defs");
	yw_map(&w, false);
	for (size_t i = 1; i < all.n; i++) {
		yw_key(&w, all.v[i]->name);
		yw_map(&w, false);
		put_object(a, &w, all.v[i], NULL);
		yw_end(&w);
	}
	yw_end(&w);
	yw_end(&w);
	str_add(out, "...\n");
}

static int
write_schemas(struct arena *a, const char *dir, struct diag *d)
{
	struct file_out o;
	struct str s;
	int status = 0;

	str_init(&s);
	for (int i = 0; i < NFORMATS && status == 0; i++) {
		str_clear(&s);
		add_schema(a, &formats[i], &s);
		status = file_create(&o, file_join(a, dir, formats[i].schema), d);
		if (status == 0) {
			fwrite(s.s, 1, s.len, o.f);
			status = file_commit(&o);
		}
	}
	str_release(&s);
	return status;
}

/* --- man pages ----------------------------------------------------------------- */

/* Text for roff: no line may begin as a request, no escape may arise. */
static void
put_roff(const char *s, size_t n)
{
	if (n && (s[0] == '.' || s[0] == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\')
			fputs("\\e", stdout);
		else if (s[i] == '-')
			fputs("\\-", stdout);
		else
			putchar(s[i]);
	}
}

static const char *
type_text(struct arena *a, const struct field *f)
{
	struct str s;
	const char *text;

	switch (f->kind) {
	case FIELD_STR: return "string";
	case FIELD_INT:
		if (f->hi == INT64_MAX)
			return arena_printf(a, "integer, at least %lld",
			                    (long long)f->lo);
		return arena_printf(a, "integer, %lld to %lld", (long long)f->lo,
		                    (long long)f->hi);
	case FIELD_FLOAT: return "number";
	case FIELD_BOOL: return "true or false";
	case FIELD_INTS: return "list of integers";
	case FIELD_FLOATS: return "list of numbers";
	case FIELD_STRS: return "list of strings";
	case FIELD_RANGE: return "a..b";
	case FIELD_IRANGE: return "a..b, of i, x, y, z";
	case FIELD_MAPS: return "map of name to text";
	case FIELD_ATTRS: return "map of name to number, string or list of them";
	case FIELD_REC: return f->sub->name;
	case FIELD_RECS: return arena_printf(a, "list of %s", f->sub->name);
	case FIELD_ENUM: break;
	}
	str_init(&s);
	for (int i = 0; i < f->words->n; i++)
		str_addf(&s, "%s%s", i ? " | " : "", f->words->words[i]);
	text = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return text;
}

static void
put_field(struct arena *a, const struct field *f)
{
	const char *def = default_text(a, f), *type = type_text(a, f);

	printf(".TP\n.BR %s \" (", field_key(a, f));
	put_roff(type, strlen(type));
	if (f->required)
		printf(", required");
	else if (def)
		printf(", default %s", def);
	printf(")\"\n");
	put_roff(f->doc, strlen(f->doc));
	putchar('\n');
}

static void
put_fields(struct arena *a, const struct format_info *f)
{
	struct records all = {0};

	collect(a, f->record, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct record *r = all.v[i];

		printf(".SS %s\n", r->name);
		put_roff(r->doc, strlen(r->doc));
		putchar('\n');
		for (size_t k = 0; k < r->nfields; k++)
			put_field(a, &r->fields[k]);
	}
}

/* A file between .EX and .EE, line by line. */
static int
put_example(struct arena *a, const char *path, struct diag *d)
{
	struct source src;
	const char *s, *end;

	if (file_read(a, path, &src, d))
		return -1;
	printf(".in +2n\n.EX\n");
	for (s = src.text; *s; s = end + (*end == '\n')) {
		end = s + strcspn(s, "\n");
		put_roff(s, (size_t)(end - s));
		putchar('\n');
	}
	printf(".EE\n.in\n");
	return 0;
}

/* A line of the page: @WORD argument@ is filled in, all else stays. */
static int
put_line(struct arena *a, const char *page, const char *line, size_t n,
         struct diag *d)
{
	char word[16], rest[128];

	if (n < 3 || line[0] != '@' || line[n - 1] != '@' ||
	    sscanf(line, "@%15[A-Z] %127[^@]@", word, rest) != 2) {
		printf("%.*s\n", (int)n, line);
		return 0;
	}
	if (str_eq(word, "EXAMPLE"))
		return put_example(a, file_join(a, file_dir(a, page), rest), d);
	if (str_eq(word, "FIELDS") && format_named(rest)) {
		put_fields(a, format_named(rest));
		return 0;
	}
	return diag_error(d, POS_NONE, "%s: what is '%.*s'?", page, (int)n, line);
}

static int
write_page(struct arena *a, const char *path, struct diag *d)
{
	struct source src;
	const char *s, *end;
	int status = 0;

	if (file_read(a, path, &src, d))
		return -1;
	printf(".\\\" Made from %s and the field tables in lib/ir.\n", path);
	for (s = src.text; *s && status == 0; s = end + (*end == '\n')) {
		end = s + strcspn(s, "\n");
		status = put_line(a, path, s, (size_t)(end - s), d);
	}
	if (fflush(stdout) != 0)
		status = diag_error(d, POS_NONE, "cannot write standard output");
	return status;
}

int
main(int argc, char **argv)
{
	struct arena a;
	struct diag d;
	int status = 2;

	arena_init(&a);
	diag_init(&d, "describe", stderr);
	if (argc == 3 && str_eq(argv[1], "schema"))
		status = write_schemas(&a, argv[2], &d) ? 1 : 0;
	else if (argc == 3 && str_eq(argv[1], "page"))
		status = write_page(&a, argv[2], &d) ? 1 : 0;
	else
		fprintf(stderr, "usage: describe schema DIR | describe page FILE\n");
	arena_release(&a);
	return status;
}
