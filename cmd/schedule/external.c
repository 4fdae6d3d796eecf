/* A policy that is a program of its own: a plan on its standard input, a
 * schedule on its standard output.  Both are files, so that neither side waits
 * for the other however much they write. */
#include "external.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int
wait_for(pid_t pid, const char *name, struct diag *d)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return diag_error(d, POS_NONE, "policy '%s': %s", name,
			                  strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return diag_error(d, POS_NONE, "policy '%s' made no schedule: it "
		                  "ended with status %d", name,
		                  WEXITSTATUS(status));
	return diag_error(d, POS_NONE, "policy '%s' was ended by signal %d", name,
	                  WTERMSIG(status));
}

/* Runs argv from "in" to "out". */
static int
run(const char *const *argv, FILE *in, FILE *out, struct diag *d)
{
	int failed[2], why = 0;
	pid_t pid;

	if (pipe(failed) < 0)
		return diag_error(d, POS_NONE, "policy '%s': %s", argv[0],
		                  strerror(errno));
	fflush(stderr);
	pid = fork();
	if (pid == 0) {
		close(failed[0]);
		if (dup2(fileno(in), STDIN_FILENO) >= 0 &&
		    dup2(fileno(out), STDOUT_FILENO) >= 0 &&
		    fcntl(failed[1], F_SETFD, FD_CLOEXEC) >= 0)
			execv(argv[0], (char *const *)argv);
		why = errno;
		(void)!write(failed[1], &why, sizeof why);
		_exit(127);
	}
	why = pid < 0 ? errno : 0;
	close(failed[1]);
	if (pid >= 0 && read(failed[0], &why, sizeof why) < 0)
		why = errno;
	close(failed[0]);
	if (pid >= 0 && why)
		waitpid(pid, NULL, 0);
	if (why)
		return diag_error(d, POS_NONE, "cannot run policy '%s': %s",
		                  argv[0], strerror(why));
	return wait_for(pid, argv[0], d);
}

/* All of f as a source of that name. */
static struct source *
take(FILE *f, const char *name, struct arena *a, struct diag *d)
{
	struct source *src = arena_new(a, struct source);
	long size;
	char *text;

	if (fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0 ||
	    fseek(f, 0, SEEK_SET) < 0) {
		diag_error(d, POS_NONE, "%s: %s", name, strerror(errno));
		return NULL;
	}
	text = arena_alloc(a, (size_t)size + 1);
	if (fread(text, 1, (size_t)size, f) != (size_t)size) {
		diag_error(d, POS_NONE, "%s: cannot be read", name);
		return NULL;
	}
	text[size] = '\0';
	*src = (struct source){.name = name, .text = text, .len = (size_t)size};
	return src;
}

static struct schedule *
read_schedule(const struct source *src, const struct stack *s, struct arena *a,
              struct diag *d)
{
	struct stack *made = arena_new(a, struct stack);

	if (!src)
		return NULL;
	stack_init(made, a, s->formats);
	if (stack_read_source(made, src, d) < 0)
		return NULL;
	if (!made->read[FORMAT_SCHEDULE])
		diag_error(d, POS_NONE, "%s holds no schedule/1", src->name);
	return made->read[FORMAT_SCHEDULE];
}

struct schedule *
external_schedule(const char *const *argv, const struct stack *s,
                  struct arena *a, struct diag *d)
{
	const char *name = arena_printf(a, "output of '%s'", argv[0]);
	FILE *in = tmpfile(), *out = in ? tmpfile() : NULL;
	struct schedule *made = NULL;

	if (!out)
		diag_error(d, POS_NONE, "no temporary file: %s", strerror(errno));
	else if (stack_print(s, false, in) < 0 || fflush(in) != 0 || ferror(in) ||
	         fseek(in, 0, SEEK_SET) < 0)
		diag_error(d, POS_NONE, "cannot write the plan for policy '%s': "
		           "%s", argv[0], strerror(errno));
	else if (run(argv, in, out, d) == 0)
		made = read_schedule(take(out, name, a, d), s, a, d);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return made;
}
