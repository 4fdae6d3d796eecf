/* lib/base: files written aside, options, diagnostics. */
#include "test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"

static const char *
in_dir(const char *name)
{
	return arena_printf(&test_arena, "%s/%s", test_dir(), name);
}

static const char *
content(const char *path)
{
	struct source src;

	if (file_read(&test_arena, path, &src, test_diag()))
		return NULL;
	return src.text;
}

static int
write_file(const char *path, const char *text)
{
	struct file_out o;

	if (file_create(&o, path, test_diag()))
		return -1;
	fputs(text, o.f);
	return file_commit(&o);
}

static int
entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

static void
test_written_aside(void)
{
	const char *path = in_dir("a.txt");
	struct file_out o;
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	CHECK_INT(write_file(path, "one"), 0);
	CHECK_STR(content(path), "one");
	CHECK(stat(path, &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0666 & ~mask);
	CHECK_INT(file_create(&o, path, test_diag()), 0);
	fputs("half", o.f);
	fflush(o.f);
	CHECK_STR(content(path), "one");
	CHECK_INT(entries(test_dir()), 2);
	file_abandon(&o);
	CHECK_STR(content(path), "one");
	CHECK_INT(entries(test_dir()), 1);
	CHECK_INT(write_file(path, "two"), 0);
	CHECK_STR(content(path), "two");
	CHECK_INT(entries(test_dir()), 1);
}

static void
test_a_link_stays_a_link(void)
{
	const char *file = in_dir("file"), *link = in_dir("link");
	const char *near = in_dir("near");
	struct stat st;

	CHECK_INT(write_file(file, "old"), 0);
	CHECK_INT(symlink(file, link), 0);
	CHECK_INT(write_file(link, "new"), 0);
	CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK_STR(content(file), "new");
	CHECK_INT(symlink("link", near), 0);
	CHECK_INT(write_file(near, "newer"), 0);
	CHECK_STR(content(file), "newer");
	unlink(near);
	CHECK_INT(entries(test_dir()), 3);
}

/* Half of a file is written when a signal comes. */
static void
die_while_writing(const char *path, int sig)
{
	struct file_out o;

	file_cleanup_on_signals();
	if (file_create(&o, path, test_diag()) == 0) {
		fputs("half", o.f);
		fflush(o.f);
		raise(sig);
	}
	_exit(1);
}

static void
test_a_signal_leaves_no_part(void)
{
	const char *path = in_dir("whole");
	int before, status;
	pid_t pid;

	CHECK_INT(write_file(path, "whole"), 0);
	before = entries(test_dir());
	pid = fork();
	if (pid == 0)
		die_while_writing(path, SIGTERM);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGTERM);
	CHECK_STR(content(path), "whole");
	CHECK_INT(entries(test_dir()), before);
}

static void
test_write_failures(void)
{
	CHECK_INT(write_file("/dev/full", "x"), -1);
	CHECK_HAS(test_said(), "/dev/full: error: cannot write: No space left");
	CHECK_INT(write_file(in_dir("none/a"), "x"), -1);
	CHECK_HAS(test_said(), "/none/a: error: cannot write: No such file");
	CHECK_INT(write_file(test_dir(), "x"), -1);
	CHECK_HAS(test_said(), "error: cannot write: Is a directory");
	CHECK_INT(write_file("/dev/null", "x"), 0);
	CHECK(access("/dev/null", W_OK) == 0);
}

static void
test_read_failures(void)
{
	CHECK(content(in_dir("none")) == NULL);
	CHECK_HAS(test_said(), "/none: error: cannot open: No such file");
	CHECK(content(test_dir()) == NULL);
	CHECK_HAS(test_said(), "error: cannot read: Is a directory");
}

static void
test_mkdirs(void)
{
	const char *deep = in_dir("d1/d2/d3");

	CHECK_INT(file_mkdirs(deep, test_diag()), 0);
	CHECK(file_exists(deep));
	CHECK_INT(file_mkdirs(deep, test_diag()), 0);
	CHECK_INT(write_file(in_dir("plain"), ""), 0);
	CHECK_INT(file_mkdirs(in_dir("plain/x"), test_diag()), -1);
	CHECK_HAS(test_said(), "plain/x: error: cannot make the directory");
	rmdir(deep);
	rmdir(in_dir("d1/d2"));
	rmdir(in_dir("d1"));
}

static void
test_paths(void)
{
	CHECK_STR(file_dir(&test_arena, "a/b/c"), "a/b");
	CHECK_STR(file_dir(&test_arena, "c"), ".");
	CHECK_STR(file_dir(&test_arena, "/c"), "/");
	CHECK_STR(file_base("a/b"), "b");
	CHECK_STR(file_base("b"), "b");
	CHECK_STR(file_join(&test_arena, ".", "x"), "x");
	CHECK_STR(file_join(&test_arena, "a", "x"), "a/x");
	CHECK_STR(file_join(&test_arena, "a/", "x"), "a/x");
	CHECK_STR(file_join(&test_arena, "a", "/x"), "/x");
}

/* --- options --------------------------------------------------------------------- */

struct given {
	bool flag, other;
	const char *str, *opt;
	struct strs strs;
	int64_t num;
	double real;
	struct strs rest;
};

#define ARGS 8

/* Parses up to seven arguments; what stderr got is in *said. */
static int
parse(struct given *g, const char *const *args, const char **said)
{
	static const struct opt_usage u = {"tool", "[options]", "a tool", NULL};
	const struct opt opts[] = {
		{'f', "flag", OPT_FLAG, &g->flag, NULL, "a flag", NULL, 0, 0},
		{'o', "other", OPT_FLAG, &g->other, NULL, "a flag", NULL, 0, 0},
		{'s', "str", OPT_STR, &g->str, "S", "a string", "", 0, 0},
		{'m', "many", OPT_STRS, &g->strs, "S", "strings", NULL, 0, 0},
		{'n', "num", OPT_INT, &g->num, "N", "a number", NULL, 1, 99},
		{0, "real", OPT_FLOAT, &g->real, "X", "a number", NULL, 0, 0},
		{0, "opt", OPT_OPTSTR, &g->opt, "S", "a string or none", NULL, 0, 0},
		{0},
	};
	char *argv[ARGS + 1] = {(char *)"tool"};
	int argc = 1, status, old = dup(2), fd;
	const char *path = in_dir("stderr");

	*g = (struct given){0};
	while (argc < ARGS && args[argc - 1]) {
		argv[argc] = (char *)args[argc - 1];
		argc++;
	}
	fflush(stderr);
	if (!freopen(path, "w", stderr))
		return -2;
	status = opt_parse(&u, opts, &test_arena, argc, argv, &g->rest);
	fflush(stderr);
	fd = dup2(old, 2);
	close(old);
	*said = content(path);
	unlink(path);
	return fd < 0 ? -2 : status;
}

static void
test_options(void)
{
	static const char *const rows[] = {"-fs", "x", "--num=0x10", "-mA", "file",
		"--many", "B"};
	const char *args[ARGS] = {0};
	const char *said;
	struct given g;

	memcpy(args, rows, sizeof rows);
	CHECK_INT(parse(&g, args, &said), -1);
	CHECK(g.flag && !g.other);
	CHECK_STR(g.str, "x");
	CHECK_INT(g.num, 16);
	CHECK_INT((int64_t)g.strs.n, 2);
	CHECK_STR(g.strs.v[1], "B");
	CHECK_INT((int64_t)g.rest.n, 1);
	CHECK_STR(g.rest.v[0], "file");
}

static void
test_operands(void)
{
	const char *args[ARGS] = {"-", "--opt", "x", "--", "-f", "--num"};
	const char *said;
	struct given g;

	CHECK_INT(parse(&g, args, &said), -1);
	CHECK(!g.flag);
	CHECK_STR(g.opt, "");
	CHECK_INT((int64_t)g.rest.n, 4);
	CHECK_STR(g.rest.v[0], "-");
	CHECK_STR(g.rest.v[3], "--num");
}

static void
test_usage_errors(void)
{
	static const struct {
		const char *args[3], *said;
	} rows[] = {
		{{"--flg"}, "tool: error: unknown option '--flg' (did you mean '--flag'?)"},
		{{"-x"}, "tool: error: unknown option '-x'"},
		{{"--str"}, "tool: error: --str needs an argument: S"},
		{{"-fs"}, "tool: error: --str needs an argument: S"},
		{{"--flag=1"}, "tool: error: --flag takes no argument"},
		{{"-n", "0"}, "tool: error: --num: 0 is out of range [1, 99]"},
		{{"-n", "1x"}, "tool: error: --num: '1x' is not an integer"},
		{{"-n", " 5"}, "' 5' is not an integer"},
		{{"-n", ""}, "tool: error: --num: '' is not an integer"},
		{{"-n", "99999999999999999999"}, "is out of range"},
		{{"--real", "x"}, "tool: error: --real: 'x' is not a number"},
		{{"--real", "nan"}, "is not a number"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *args[ARGS] = {rows[i].args[0], rows[i].args[1]};
		const char *said;
		struct given g;

		CHECK_INT(parse(&g, args, &said), 2);
		CHECK_HAS(said, rows[i].said);
	}
}

/* --- diagnostics ------------------------------------------------------------------ */

static void
test_names_cannot_fake_a_message(void)
{
	struct source src = {.name = "a\nb.yaml: error: x"};

	diag_error(test_diag(), (struct pos){.src = &src}, "odd '%s'",
	           "\x1b[31m\nt.yaml:1:1: error: y");
	CHECK_STR(test_said(), "a\n    b.yaml: error: x: error: odd '\\x1b[31m\n"
	          "    t.yaml:1:1: error: y'\n");
}

static void
test_places(void)
{
	struct source *src = test_source("first\nsecond\n");

	diag_error(test_diag(), POS_NONE, "no place");
	CHECK_STR(test_said(), "test: error: no place\n");
	diag_error(test_diag(), (struct pos){src, 0, 0}, "no line");
	CHECK_STR(test_said(), "t.yaml: error: no line\n");
	diag_error(test_diag(), (struct pos){src, 2, 3}, "here");
	CHECK_STR(test_said(), "t.yaml:2:3: error: here\n    second\n      ^\n");
	diag_error(test_diag(), (struct pos){src, 2, 99}, "behind the line");
	CHECK_STR(test_said(), "t.yaml:2:99: error: behind the line\n"
	          "    second\n          ^\n");
	diag_error(test_diag(), (struct pos){src, 9, 1}, "behind the text");
	CHECK_STR(test_said(), "t.yaml:9:1: error: behind the text\n");
}

static void
test_hidden_errors_count(void)
{
	struct diag *d = test_diag();

	d->suppressed = 1;
	CHECK_INT(diag_error(d, POS_NONE, "x"), -1);
	diag_note(d, POS_NONE, "y");
	CHECK_INT(d->nerrors, 1);
	d->suppressed = 0;
	diag_progress(d, "silent unless -v");
	d->verbose = true;
	diag_progress(d, "heard");
	CHECK_STR(test_said(), "test: heard\n");
}

int
main(void)
{
	RUN(test_written_aside);
	RUN(test_a_link_stays_a_link);
	RUN(test_a_signal_leaves_no_part);
	RUN(test_write_failures);
	RUN(test_read_failures);
	RUN(test_mkdirs);
	RUN(test_paths);
	RUN(test_options);
	RUN(test_operands);
	RUN(test_usage_errors);
	RUN(test_names_cannot_fake_a_message);
	RUN(test_places);
	RUN(test_hidden_errors_count);
	return test_done();
}
