/* Command-line options from a table: parsing, --help, completion words. */
#include "base/opt.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "base/diag.h"
#include "base/str.h"

struct parser {
	const struct opt_usage *u;
	const struct opt *opts;
	struct arena *a;
	int argc, next;
	char **argv;
	struct strs *rest;
};

static const struct opt *
find_long(const struct opt *opts, const char *name, size_t n)
{
	for (; opts->to; opts++)
		if (opts->long_name && strlen(opts->long_name) == n &&
		    memcmp(opts->long_name, name, n) == 0)
			return opts;
	return NULL;
}

static const struct opt *
find_short(const struct opt *opts, char c)
{
	for (; opts->to; opts++)
		if (opts->short_name && opts->short_name == c)
			return opts;
	return NULL;
}

/* "--name" or "-n", as the user knows it. */
static const char *
shown(const struct parser *p, const struct opt *o)
{
	if (o->long_name)
		return arena_printf(p->a, "--%s", o->long_name);
	return arena_printf(p->a, "-%c", o->short_name);
}

static int
usage_error(const struct parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int
usage_error(const struct parser *p, const char *fmt, ...)
{
	struct diag d;
	va_list ap;

	diag_init(&d, p->u->tool, stderr);
	va_start(ap, fmt);
	diag_verror(&d, POS_NONE, fmt, ap);
	va_end(ap);
	diag_note(&d, POS_NONE, "'%s --help' lists the options", p->u->tool);
	return 2;
}

static int
unknown_long(const struct parser *p, const char *name, size_t n)
{
	VEC(const char *) names = {0};
	const char *word = arena_strndup(p->a, name, n), *near;

	for (const struct opt *o = p->opts; o->to; o++)
		if (o->long_name)
			vec_push(p->a, &names, o->long_name);
	vec_push(p->a, &names, "help");
	vec_push(p->a, &names, "version");
	near = str_nearest(word, names.v, names.n);
	if (near)
		return usage_error(p, "unknown option '--%s' (did you mean '--%s'?)",
		                   word, near);
	return usage_error(p, "unknown option '--%s'", word);
}


static int
take_int(const struct parser *p, const struct opt *o, const char *arg)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(arg, &end, str_starts(arg, "0x") ? 16 : 10);
	if (!*arg || *end || isspace((unsigned char)*arg))
		return usage_error(p, "%s: '%s' is not an integer", shown(p, o), arg);
	if (errno == ERANGE || ((o->min || o->max) && (v < o->min || v > o->max)))
		return usage_error(p, "%s: %s is out of range [%lld, %lld]",
		                   shown(p, o), arg, (long long)o->min,
		                   (long long)o->max);
	*(int64_t *)o->to = v;
	return -1;
}

static int
take_float(const struct parser *p, const struct opt *o, const char *arg)
{
	char *end;
	double v = strtod(arg, &end);

	if (!*arg || *end || isnan(v))
		return usage_error(p, "%s: '%s' is not a number", shown(p, o), arg);
	*(double *)o->to = v;
	return -1;
}

/* Stores arg; -1 to go on, or the exit status. */
static int
take(const struct parser *p, const struct opt *o, const char *arg)
{
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		return -1;
	case OPT_STR:
	case OPT_OPTSTR:
		*(const char **)o->to = arg;
		return -1;
	case OPT_STRS:
		vec_push(p->a, (struct strs *)o->to, arg);
		return -1;
	case OPT_INT:
		return take_int(p, o, arg);
	case OPT_FLOAT:
		return take_float(p, o, arg);
	}
	BUG("option kind %d", (int)o->kind);
}

static bool
wants_arg(const struct opt *o)
{
	return o->kind != OPT_FLAG && o->kind != OPT_OPTSTR;
}

static int
next_arg(struct parser *p, const struct opt *o)
{
	if (p->next >= p->argc)
		return usage_error(p, "%s needs an argument: %s", shown(p, o),
		                   o->arg ? o->arg : "VALUE");
	return take(p, o, p->argv[p->next++]);
}

static int
parse_long(struct parser *p, const char *name)
{
	const char *eq = strchr(name, '=');
	size_t n = eq ? (size_t)(eq - name) : strlen(name);
	const struct opt *o = find_long(p->opts, name, n);

	if (!o)
		return unknown_long(p, name, n);
	if (eq && o->kind == OPT_FLAG)
		return usage_error(p, "%s takes no argument", shown(p, o));
	if (eq)
		return take(p, o, eq + 1);
	if (wants_arg(o))
		return next_arg(p, o);
	return take(p, o, "");
}

/* A bundle such as -vo FILE, -oFILE. */
static int
parse_short(struct parser *p, const char *s)
{
	int status = -1;

	while (*s && status < 0) {
		const struct opt *o = find_short(p->opts, *s);

		if (!o)
			return usage_error(p, "unknown option '-%c'", *s);
		s++;
		if (wants_arg(o))
			return *s ? take(p, o, s) : next_arg(p, o);
		status = take(p, o, "");
	}
	return status;
}

static void
print_row(const struct opt *o)
{
	struct str s;

	str_init(&s);
	if (o->short_name)
		str_addf(&s, "  -%c%s", o->short_name, o->long_name ? ", " : "");
	else
		str_add(&s, "      ");
	if (o->long_name)
		str_addf(&s, "--%s", o->long_name);
	if (o->kind == OPT_OPTSTR)
		str_addf(&s, "[=%s]", o->arg ? o->arg : "VALUE");
	else if (wants_arg(o))
		str_addf(&s, " %s", o->arg ? o->arg : "VALUE");
	if (s.len > 27)
		printf("%s\n%28s", s.s, "");
	else
		printf("%-28s", s.s);
	printf("%s\n", o->help ? o->help : "");
	str_release(&s);
}

/* Standard output must have taken everything. */
static int
flushed(const struct parser *p)
{
	struct diag d;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	diag_init(&d, p->u->tool, stderr);
	diag_error(&d, POS_NONE, "cannot write standard output: %s",
	           strerror(errno));
	return 1;
}

static int
print_help(const struct parser *p)
{
	const struct opt_usage *u = p->u;

	printf("usage: %s %s\n", u->tool, u->synopsis);
	if (u->summary)
		printf("%s\n", u->summary);
	printf("\n");
	for (const struct opt *o = p->opts; o->to; o++)
		print_row(o);
	printf("%-28s%s\n", "      --help", "this text");
	printf("%-28s%s\n", "      --version", "name and version");
	if (u->examples)
		printf("\nexamples:\n%s", u->examples);
	return flushed(p);
}

static int
print_version(const struct parser *p)
{
	printf("%s %s\n", p->u->tool, TAMP_VERSION);
	return flushed(p);
}

/* One line an option, parted by tabs: names, kind of argument, words.
 *	-o --output<TAB>file
 *	-p --policy<TAB>words<TAB>sequential wavefront */
static int
print_complete(const struct parser *p)
{
	for (const struct opt *o = p->opts; o->to; o++) {
		bool both = o->short_name && o->long_name;

		if (o->short_name)
			printf("-%c%s", o->short_name, both ? " " : "");
		if (o->long_name)
			printf("--%s", o->long_name);
		if (!wants_arg(o))
			printf("\tnone\n");
		else if (!o->choices)
			printf("\tany\n");
		else if (!*o->choices)
			printf("\tfile\n");
		else
			printf("\twords\t%s\n", o->choices);
	}
	printf("--help\tnone\n--version\tnone\n");
	return flushed(p);
}

static int
parse_one(struct parser *p, const char *s)
{
	if (str_eq(s, "--help"))
		return print_help(p);
	if (str_eq(s, "--version"))
		return print_version(p);
	if (str_eq(s, "--complete"))
		return print_complete(p);
	if (str_starts(s, "--"))
		return parse_long(p, s + 2);
	if (s[0] == '-' && s[1])
		return parse_short(p, s + 1);
	vec_push(p->a, p->rest, s);
	return -1;
}

int
opt_parse(const struct opt_usage *u, const struct opt *opts, struct arena *a,
          int argc, char **argv, struct strs *rest)
{
	struct parser p = {u, opts, a, argc, 1, argv, rest};
	int status = -1;

	while (p.next < argc && status < 0) {
		const char *s = argv[p.next++];

		if (str_eq(s, "--"))
			break;
		status = parse_one(&p, s);
	}
	for (; status < 0 && p.next < argc; p.next++)
		vec_push(a, rest, (const char *)argv[p.next]);
	return status;
}
