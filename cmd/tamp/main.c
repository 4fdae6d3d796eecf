/* The front: "tamp import ..." runs tamp-import, found beside this program or
 * in PATH; "tamp build" runs the stages joined by pipes (build.c). */
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/str.h"
#include "front.h"

struct command {
	const char *name;
	const char *doc;
	bool stage;		/* has an executable of its own */
};

static const struct command commands[] = {
	{"import", "a model file (ONNX) to graph/1", true},
	{"partition", "rOperators and the rKernels that may run them", true},
	{"schedule", "which vEU runs which rTask in which order", true},
	{"emit", "a directory with the program", true},
	{"run", "builds, runs, times and compares an emitted program", true},
	{"build", "import to emit in one go", false},
	{"help", "how to use one of these", false},
};

#define NCOMMANDS (sizeof commands / sizeof *commands)

static int
complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int
complain(const char *fmt, ...)
{
	struct diag d;
	va_list ap;

	diag_init(&d, "tamp", stderr);
	va_start(ap, fmt);
	diag_verror(&d, POS_NONE, fmt, ap);
	va_end(ap);
	return 1;
}

/* The directory of this program, or NULL. */
static const char *
own_dir(struct arena *a, const char *argv0)
{
	char buf[4096];
	ssize_t n = readlink("/proc/self/exe", buf, sizeof buf - 1);

	if (n > 0) {
		buf[n] = '\0';
		return file_dir(a, buf);
	}
	return strchr(argv0, '/') ? file_dir(a, argv0) : NULL;
}

const char *
front_find(struct arena *a, const char *argv0, const char *stage)
{
	const char *name = arena_printf(a, "tamp-%s", stage);
	const char *dir = own_dir(a, argv0), *path;

	if (dir) {
		path = arena_printf(a, "%s/%s", dir, name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return name;
}

static int
run_stage(struct arena *a, char **argv, const char *stage)
{
	const char *path = front_find(a, argv[0], stage);

	argv[1] = (char *)path;
	execvp(path, argv + 1);
	return complain("cannot run tamp-%s, neither beside tamp nor in PATH",
	                stage);
}

/* Writes the list of commands; the exit status. */
static int
usage(FILE *to, int status)
{
	fprintf(to, "usage: tamp COMMAND [options] ...\n"
	        "compiles a model into one statically scheduled program\n\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  %-12s%s\n", commands[i].name, commands[i].doc);
	fprintf(to, "\nexamples:\n"
	        "  tamp import m.onnx | tamp partition -d host | tamp schedule |\n"
	        "    tamp emit -o build && tamp run build\n"
	        "  tamp build -d host -o build m.onnx\n\n"
	        "'tamp COMMAND --help' lists the options of a command\n");
	if (fflush(to) != 0)
		return complain("cannot write standard output");
	return status;
}

static int
version(void)
{
	printf("tamp %s\n", TAMP_VERSION);
	if (fflush(stdout) != 0)
		return complain("cannot write standard output");
	return 0;
}

/* For shell completion: one command a line. */
static int
complete(void)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("%s\n", commands[i].name);
	return fflush(stdout) == 0 ? 0 : complain("cannot write standard output");
}

static int
unknown(const char *name)
{
	const char *names[NCOMMANDS], *near;

	for (size_t i = 0; i < NCOMMANDS; i++)
		names[i] = commands[i].name;
	near = str_nearest(name, names, NCOMMANDS);
	if (near)
		complain("unknown command '%s' (did you mean '%s'?)", name, near);
	else
		complain("unknown command '%s'; 'tamp --help' lists them", name);
	return 2;
}

/* "tamp help emit" is "tamp emit --help". */
static int
help(struct arena *a, int argc, char **argv)
{
	static char flag[] = "--help";
	char *next[] = {argv[0], argc > 2 ? argv[2] : NULL, flag, NULL};

	if (argc < 3 || str_eq(argv[2], "help"))
		return usage(stdout, 0);
	return front_main(a, 3, next);
}

int
front_main(struct arena *a, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return usage(stderr, 2);
	if (str_eq(name, "--help") || str_eq(name, "-h"))
		return usage(stdout, 0);
	if (str_eq(name, "--version"))
		return version();
	if (str_eq(name, "--complete"))
		return complete();
	if (str_eq(name, "help"))
		return help(a, argc, argv);
	if (str_eq(name, "build"))
		return front_build(a, argc - 1, argv + 1, argv[0]);
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (commands[i].stage && str_eq(commands[i].name, name))
			return run_stage(a, argv, name);
	return unknown(name);
}

int
main(int argc, char **argv)
{
	struct arena a;
	int status;

	arena_init(&a);
	status = front_main(&a, argc, argv);
	arena_release(&a);
	return status;
}
