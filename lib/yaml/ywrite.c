/* The YAML writer: see ywrite.h for the style.
 *
 * Every open collection is a level.  In block style a key or dash begins its
 * own line, except the first one behind "- ", which stays on the dash's. */
#include "yaml/ywrite.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <strings.h>

#include "base/diag.h"
#include "yaml/scalar.h"

void
yw_init(struct ywriter *w, struct str *out)
{
	*w = (struct ywriter){.out = out};
}

static struct yw_level *
top(struct ywriter *w)
{
	return w->depth ? &w->level[w->depth - 1] : NULL;
}

static void
new_line(struct ywriter *w, int indent)
{
	str_addf(w->out, "%*s", indent, "");
}

/* Before a key or an item of the innermost collection. */
static void
part(struct ywriter *w)
{
	struct yw_level *l = top(w);

	if (!l || w->after_key)
		BUG("yaml: a key or an item where a value belongs");
	if (l->flow) {
		if (l->some)
			str_add(w->out, ", ");
	} else if (l->some) {
		new_line(w, l->indent);
	} else if (l->after_key) {
		str_addc(w->out, '\n');
		new_line(w, l->indent);
	}
	l->some = true;
}

void
yw_key(struct ywriter *w, const char *key)
{
	part(w);
	if (top(w)->seq)
		BUG("yaml: key '%s' in a list", key);
	yw_quote(w->out, key, strlen(key));
	str_addc(w->out, ':');
	w->after_key = true;
}

void
yw_item(struct ywriter *w)
{
	part(w);
	if (!top(w)->seq)
		BUG("yaml: an item in a map");
	if (!top(w)->flow)
		str_add(w->out, "- ");
}

static void
space_after_key(struct ywriter *w)
{
	if (w->after_key)
		str_addc(w->out, ' ');
	w->after_key = false;
}

/* After a scalar or a flow collection: in a block, its line ends. */
static void
value_done(struct ywriter *w)
{
	if (!w->depth || !top(w)->flow)
		str_addc(w->out, '\n');
}

void
yw_raw(struct ywriter *w, const char *s)
{
	space_after_key(w);
	str_add(w->out, s);
	value_done(w);
}

void
yw_str(struct ywriter *w, const char *s)
{
	space_after_key(w);
	yw_quote(w->out, s, strlen(s));
	value_done(w);
}

void
yw_int(struct ywriter *w, int64_t v)
{
	space_after_key(w);
	str_addf(w->out, "%lld", (long long)v);
	value_done(w);
}

void
yw_bool(struct ywriter *w, bool v)
{
	yw_raw(w, v ? "true" : "false");
}

static bool
same(double a, double b, int digits)
{
	return digits == 9 ? (float)a == (float)b : a == b;
}

/* %.15g keeps every decimal of 15 digits, so trying 15, 16, 17 (6 to 9 for
 * floats) finds the shortest; subnormals hold fewer digits. */
char *
yw_float_text(char *buf, size_t size, double v, int digits)
{
	bool tiny = fabs(v) < (digits == 9 ? FLT_MIN : DBL_MIN);
	char *e;
	size_t n;

	if (isnan(v))
		snprintf(buf, size, ".nan");
	else if (isinf(v))
		snprintf(buf, size, v < 0 ? "-.inf" : ".inf");
	if (!isfinite(v))
		return buf;
	for (int p = tiny ? 1 : digits == 9 ? 6 : 15; p <= digits; p++) {
		snprintf(buf, size, "%.*g", p, v);
		if (same(strtod(buf, NULL), v, digits))
			break;
	}
	if (strchr(buf, '.'))
		return buf;
	e = strchr(buf, 'e');
	n = strlen(buf);
	if (!e)
		e = buf + n;
	if (n + 3 > size)
		BUG("float text of %zu bytes", n);
	memmove(e + 2, e, strlen(e) + 1);
	e[0] = '.';
	e[1] = '0';
	return buf;
}

void
yw_float(struct ywriter *w, double v, int digits)
{
	char buf[48];

	yw_raw(w, yw_float_text(buf, sizeof buf, v, digits));
}

static void
open_level(struct ywriter *w, bool seq, bool flow)
{
	struct yw_level *outer = top(w), *l;

	if (w->depth == YW_DEPTH)
		BUG("yaml: more than %d collections open", YW_DEPTH);
	l = &w->level[w->depth++];
	*l = (struct yw_level){.seq = seq, .flow = flow || (outer && outer->flow)};
	if (l->flow) {
		space_after_key(w);
		str_addc(w->out, seq ? '[' : '{');
		return;
	}
	l->after_key = w->after_key;
	w->after_key = false;
	if (outer)	/* a list stands right below its key, all else deeper */
		l->indent = outer->indent + (seq && l->after_key ? 0 : 2);
}

void
yw_map(struct ywriter *w, bool flow)
{
	open_level(w, false, flow);
}

void
yw_seq(struct ywriter *w, bool flow)
{
	open_level(w, true, flow);
}

void
yw_end(struct ywriter *w)
{
	struct yw_level *l = top(w);

	if (!l || w->after_key)
		BUG("yaml: the end of nothing");
	w->depth--;
	if (l->flow) {
		str_addc(w->out, l->seq ? ']' : '}');
		value_done(w);
	} else if (!l->some) {
		str_addf(w->out, "%s%s\n", l->after_key ? " " : "",
		         l->seq ? "[]" : "{}");
	}
}

static bool
is_plain(const char *s, size_t n)
{
	if (!n || !(isalpha((unsigned char)s[0]) || s[0] == '_'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_./-", s[i]))
			return false;
	return scalar_is_string(s) && !scalar_is_word(s);
}

/* Characters that a reader may refuse, take for a line break, or that a
 * person cannot see. */
static bool
hidden(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff ||
	       c == 0x2028 || c == 0x2029 || (c & 0xfffe) == 0xfffe;
}

static void
add_char(struct str *out, unsigned c, const char *s, size_t n)
{
	if (c == '"' || c == '\\')
		str_addf(out, "\\%c", (char)c);
	else if (c == '\n')
		str_add(out, "\\n");
	else if (c == '\t')
		str_add(out, "\\t");
	else if (!hidden(c))
		str_addn(out, s, n);
	else if (c < 0x100)
		str_addf(out, "\\x%02X", c);
	else if (c < 0x10000)
		str_addf(out, "\\u%04X", c);
	else
		str_addf(out, "\\U%08X", c);
}

/* A byte that is not UTF-8, or that belongs to one of the characters which
 * stand for such bytes. */
static void
add_byte(struct str *out, char byte)
{
	str_addf(out, "\\u%04X", scalar_raw_char((unsigned char)byte));
}

void
yw_quote(struct str *out, const char *s, size_t n)
{
	unsigned c;
	size_t len;

	if (is_plain(s, n)) {
		str_addn(out, s, n);
		return;
	}
	str_addc(out, '"');
	for (size_t i = 0; i < n; i += len) {
		len = scalar_char(s + i, n - i, &c);
		if (len && scalar_raw_byte(c) < 0) {
			add_char(out, c, s + i, len);
			continue;
		}
		len = 1;
		add_byte(out, s[i]);
	}
	str_addc(out, '"');
}
