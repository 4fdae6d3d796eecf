/* Diagnostics: file:line:col: error: message, the source line and a caret.
 *
 * A message is put together first and written in one piece, so that stages
 * joined by pipes do not mix their lines.  Bytes that a terminal would act on
 * are shown as \xNN: names in messages come from models. */
#include "base/diag.h"

#include "base/str.h"

#define SHOWN 96	/* columns of a source line; longer ones are cut */

void
diag_init(struct diag *d, const char *tool, FILE *to)
{
	*d = (struct diag){.to = to, .tool = tool, .limit = 20};
}

/* A line break stays one, indented so that nothing passes for a diagnostic. */
static void
add_clean(struct str *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			str_add(out, "\n    ");
		else if ((c < ' ' && c != '\t') || c == 0x7f)
			str_addf(out, "\\x%02x", c);
		else
			str_addc(out, *s);
	}
}

static void
add_head(struct str *out, const struct diag *d, struct pos at, const char *kind)
{
	if (at.src) {
		add_clean(out, at.src->name);
		if (at.line > 0)
			str_addf(out, ":%d:%d", at.line, at.col > 0 ? at.col : 1);
	} else {
		str_add(out, d->tool ? d->tool : "tamp");
	}
	str_addf(out, ": %s: ", kind);
}

/* Line number n (from 1) of the source; false if there is none. */
static bool
line_of(const struct source *src, int n, const char **line, size_t *len)
{
	const char *s = src->text, *end, *nl;

	if (!s || n < 1)
		return false;
	end = s + src->len;
	for (; n > 1; n--) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			return false;
		s = nl + 1;
	}
	nl = memchr(s, '\n', (size_t)(end - s));
	*line = s;
	*len = (size_t)((nl ? nl : end) - s);
	if (*len && s[*len - 1] == '\r')
		--*len;
	return true;
}

static bool
is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Shows bytes [from, to) of a line, tabs widened; *caret gets the column (from
 * 0) at which byte "at" stands. */
static void
add_part(struct str *out, const char *line, size_t from, size_t to, size_t at,
         int col, int *caret)
{
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)line[i];

		if (i == at)
			*caret = col;
		if (c == '\t') {
			do {
				str_addc(out, ' ');
			} while (++col % 8);
			continue;
		}
		str_addc(out, c < ' ' || c == 0x7f ? '?' : line[i]);
		if (!is_tail(line[i]))
			col++;
	}
	if (at >= to)
		*caret = col;
}

static void
add_source(struct str *out, struct pos at)
{
	const char *line;
	size_t len, col, from = 0, to;
	int caret = 0;

	if (!at.src || at.line < 1 ||
	    !line_of(at.src, at.line, &line, &len) || !len)
		return;
	col = at.col > 0 ? (size_t)at.col - 1 : 0;
	if (col > len)
		col = len;
	to = len;
	if (len > SHOWN) {
		from = col > SHOWN * 2 / 3 ? col - SHOWN * 2 / 3 : 0;
		if (from + SHOWN > len)
			from = len - SHOWN;
		to = from + SHOWN;
		while (from > 0 && is_tail(line[from]))
			from--;
		while (to < len && is_tail(line[to]))
			to++;
	}
	str_add(out, "    ");
	if (from)
		str_add(out, "...");
	add_part(out, line, from, to, col, from ? 3 : 0, &caret);
	str_addf(out, "%s\n    %*s^\n", to < len ? "..." : "", caret, "");
}

static void
say(struct diag *d, struct pos at, const char *kind, const char *fmt, va_list ap)
{
	struct str msg, out;

	str_init(&msg);
	str_init(&out);
	str_vaddf(&msg, fmt, ap);
	add_head(&out, d, at, kind);
	add_clean(&out, msg.s);
	str_addc(&out, '\n');
	add_source(&out, at);
	fwrite(out.s, 1, out.len, d->to);
	fflush(d->to);
	str_release(&msg);
	str_release(&out);
}

int
diag_verror(struct diag *d, struct pos at, const char *fmt, va_list ap)
{
	d->nerrors++;
	if (d->suppressed)
		return -1;
	if (d->nerrors <= d->limit)
		say(d, at, "error", fmt, ap);
	else if (d->nerrors == d->limit + 1)
		fprintf(d->to, "%s: more errors than %d, the rest is not shown\n",
		        d->tool ? d->tool : "tamp", d->limit);
	return -1;
}

int
diag_error(struct diag *d, struct pos at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_verror(d, at, fmt, ap);
	va_end(ap);
	return -1;
}

/* A note belongs to the error before it and is hidden together with it. */
void
diag_note(struct diag *d, struct pos at, const char *fmt, ...)
{
	va_list ap;

	if (d->suppressed || d->nerrors > d->limit)
		return;
	va_start(ap, fmt);
	say(d, at, "note", fmt, ap);
	va_end(ap);
}

void
diag_warn(struct diag *d, struct pos at, const char *fmt, ...)
{
	va_list ap;

	if (d->suppressed)
		return;
	va_start(ap, fmt);
	say(d, at, "warning", fmt, ap);
	va_end(ap);
}

static void
tell(struct diag *d, const char *fmt, va_list ap)
{
	struct str msg, out;

	str_init(&msg);
	str_init(&out);
	str_vaddf(&msg, fmt, ap);
	str_addf(&out, "%s: ", d->tool ? d->tool : "tamp");
	add_clean(&out, msg.s);
	str_addc(&out, '\n');
	fwrite(out.s, 1, out.len, d->to);
	fflush(d->to);
	str_release(&msg);
	str_release(&out);
}

void
diag_progress(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	if (!d->verbose)
		return;
	va_start(ap, fmt);
	tell(d, fmt, ap);
	va_end(ap);
}

void
diag_explain(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	if (!d->explain)
		return;
	va_start(ap, fmt);
	tell(d, fmt, ap);
	va_end(ap);
}

void
bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "BUG: %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
