/* Scalars: see scalar.h. */
#include "yaml/scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <strings.h>

#include "base/str.h"
#include "yaml/ytree.h"

#define RAW_FIRST 0xef80u	/* stands for byte 0x80 */
#define RAW_LAST 0xefffu

size_t
scalar_char(const char *s, size_t n, unsigned *c)
{
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *b = (const unsigned char *)s;
	size_t len = b[0] < 0x80 ? 1 : b[0] >= 0xc2 && b[0] < 0xe0 ? 2 :
		(b[0] & 0xf0) == 0xe0 ? 3 : b[0] >= 0xf0 && b[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	*c = len == 1 ? b[0] : b[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (b[i] & 0x3fu);
	}
	if (*c < least[len] || (*c >= 0xd800 && *c < 0xe000) || *c > 0x10ffff)
		return 0;
	return len;
}

bool
scalar_is_utf8(const char *s, size_t n, size_t *bad)
{
	unsigned c;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = scalar_char(s + i, n - i, &c);
		if (!len) {
			*bad = i;
			return false;
		}
	}
	return true;
}

int
scalar_raw_byte(unsigned c)
{
	return c >= RAW_FIRST && c <= RAW_LAST ? (int)(c - RAW_FIRST) + 0x80 : -1;
}

unsigned
scalar_raw_char(unsigned char byte)
{
	return RAW_FIRST + (byte - 0x80u);
}

const char *
scalar_unescape(struct arena *a, const char *s, size_t n, size_t *len)
{
	char *p = arena_strndup(a, s, n);
	size_t i = 0, j = 0, k;
	unsigned c;

	while (i < n) {
		k = scalar_char(s + i, n - i, &c);
		if (k == 3 && scalar_raw_byte(c) >= 0) {
			p[j++] = (char)scalar_raw_byte(c);
			i += k;
		} else {
			p[j++] = s[i++];
		}
	}
	p[j] = '\0';
	*len = j;
	return p;
}

bool
scalar_is_word(const char *s)
{
	static const char *const words[] = {
		"y", "n", "yes", "no", "true", "false", "on", "off", "null",
	};

	if (strlen(s) > sizeof "false" - 1)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}

/* Whatever begins like a number and has only characters of numbers, dates
 * and times counts as one: "1:30" is 90 in YAML 1.1, "0o17" 15 in 1.2. */
static bool
is_number(const char *s)
{
	const char *t = s;

	if (*t == '+' || *t == '-')
		t++;
	if (t[0] == '.' && (strcasecmp(t, ".inf") == 0 ||
	    strcasecmp(t, ".nan") == 0))
		return true;
	if (t[0] == '.' && isdigit((unsigned char)t[1]))
		t++;
	if (!isdigit((unsigned char)*t))
		return false;
	if (t[0] == '0' && strchr("xXoObB", t[1]) && t[1])
		return t[2 + strspn(t + 2, "0123456789abcdefABCDEF_")] == '\0';
	if (!strchr(t, ':') && strchr(t, '.') != strrchr(t, '.'))
		return false;	/* a version, a range */
	return t[strspn(t, "0123456789_.:+-eETtZ ")] == '\0';
}

bool
scalar_is_string(const char *s)
{
	if (!*s || str_eq(s, "~") || is_number(s) || str_eq(s, "=") || str_eq(s, "<<"))
		return false;
	return !scalar_is_word(s) || strlen(s) == 1;
}

/* An optional '-', digits without leading zeros, or 0x and digits. */
bool
ynode_int(const struct ynode *n, int64_t *out)
{
	const char *s, *digits;
	bool hex;
	char *end;
	long long v;

	if (n->kind != Y_SCALAR || n->quoted || !n->len)
		return false;
	s = n->s;
	digits = s + (*s == '-');
	hex = digits[0] == '0' && digits[1] == 'x' && digits == s;
	if (hex ? !isxdigit((unsigned char)digits[2]) :
	    !isdigit((unsigned char)digits[0]))
		return false;
	if (!hex && digits[0] == '0' && digits[1])
		return false;
	errno = 0;
	v = strtoll(s, &end, hex ? 16 : 10);
	if (*end || errno)
		return false;
	*out = v;
	return true;
}

static bool
special(const char *s, double *out)
{
	bool minus = *s == '-';

	if (strcasecmp(s, ".nan") == 0)
		*out = NAN;
	else if (strcasecmp(s + minus, ".inf") == 0)
		*out = minus ? -INFINITY : INFINITY;
	else
		return false;
	return true;
}

/* [-]digits[.digits][e[+-]digits], or .inf, -.inf, .nan. */
bool
ynode_float(const struct ynode *n, double *out)
{
	const char *t;
	char *end;

	if (n->kind != Y_SCALAR || n->quoted || !n->len)
		return false;
	if (special(n->s, out))
		return true;
	t = n->s + (n->s[0] == '-');
	if (!isdigit((unsigned char)t[0]) ||
	    t[strspn(t, "0123456789.eE+-")])
		return false;
	if (t[0] == '0' && isdigit((unsigned char)t[1]))
		return false;
	*out = strtod(n->s, &end);
	return *end == '\0';
}

bool
ynode_bool(const struct ynode *n, bool *out)
{
	if (n->kind != Y_SCALAR || n->quoted)
		return false;
	*out = str_eq(n->s, "true");
	return *out || str_eq(n->s, "false");
}
