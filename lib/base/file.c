/* Whole files in, and files out that nobody ever sees half of.
 *
 * A file is written aside as PATH.tmpXXXXXX and renamed over PATH when it is
 * whole.  What is not a regular file (/dev/full, a pipe) is written directly,
 * since renaming would replace the device. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* POSIX, but the headers show it to users of XSI alone. */
char *realpath(const char *restrict path, char *restrict resolved);

/* Parts being written, for the signal handler alone: the one place where lib
 * keeps state outside of its arguments, since a handler has no argument. */
#define NPARTS 32
static char *volatile parts[NPARTS];

static struct pos
at_file(struct source *src, const char *path)
{
	*src = (struct source){.name = path};
	return (struct pos){.src = src};
}

static int
read_all(struct str *s, int fd)
{
	char buf[1 << 16];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		str_addn(s, buf, (size_t)n);
	}
	return 0;
}

int
file_read(struct arena *a, const char *path, struct source *out, struct diag *d)
{
	bool std = str_eq(path, "-");
	struct str s;
	struct source named;
	int fd, bad, err;

	out->name = std ? "<stdin>" : arena_strdup(a, path);
	out->text = "";
	out->len = 0;
	fd = std ? STDIN_FILENO : open(path, O_RDONLY);
	if (fd < 0)
		return diag_error(d, at_file(&named, path), "cannot open: %s",
		                  strerror(errno));
	str_init(&s);
	bad = read_all(&s, fd);
	err = errno;
	if (!std)
		close(fd);
	if (!bad) {
		out->text = arena_strndup(a, s.s, s.len);
		out->len = s.len;
	}
	str_release(&s);
	if (bad)
		return diag_error(d, at_file(&named, out->name),
		                  "cannot read: %s", strerror(err));
	return 0;
}

static void
add_part(char *tmp)
{
	for (int i = 0; i < NPARTS; i++)
		if (!parts[i]) {
			parts[i] = tmp;
			return;
		}
}

static void
drop_part(char *tmp)
{
	for (int i = 0; i < NPARTS; i++)
		if (parts[i] == tmp)
			parts[i] = NULL;
}

/* The file that path leads to, on the heap: links are followed, a few deep. */
static char *
follow(const char *path)
{
	struct str s, next;
	char link[4096];
	ssize_t n;

	str_init(&s);
	str_add(&s, path);
	for (int i = 0; i < 16; i++) {
		n = readlink(s.s, link, sizeof link);
		if (n <= 0 || n == sizeof link)
			break;
		str_init(&next);
		if (link[0] != '/' && strrchr(s.s, '/'))
			str_addn(&next, s.s, (size_t)(strrchr(s.s, '/') + 1 - s.s));
		str_addn(&next, link, (size_t)n);
		str_release(&s);
		s = next;
	}
	return s.s;
}

/* Opens a part beside the target with the mode a new file would have. */
static FILE *
open_part(struct file_out *o)
{
	struct str s;
	mode_t mask;
	int fd;

	o->target = follow(o->path);
	str_init(&s);
	str_addf(&s, "%s.tmpXXXXXX", o->target);
	o->tmp = s.s;
	add_part(o->tmp);	/* before it exists: no signal may come between */
	fd = mkstemp(o->tmp);
	if (fd < 0)
		return NULL;
	mask = umask(0);
	umask(mask);
	if (fchmod(fd, 0666 & ~mask) != 0) {
		close(fd);
		return NULL;
	}
	return fdopen(fd, "w");
}

static void
forget(struct file_out *o)
{
	if (!o->tmp)
		return;
	drop_part(o->tmp);
	free(o->tmp);
	free(o->target);
	o->tmp = o->target = NULL;
}

/* A device, a pipe, or a name of an open file such as /dev/stdout. */
static bool
is_special(const char *path)
{
	struct stat st;

	if (str_starts(path, "/dev/") || str_starts(path, "/proc/"))
		return true;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int
file_create(struct file_out *o, const char *path, struct diag *d)
{
	struct source named;
	int err;

	*o = (struct file_out){.d = d};
	if (!path || str_eq(path, "-")) {
		o->f = stdout;
		return 0;
	}
	o->path = path;
	o->f = is_special(path) ? fopen(path, "w") : open_part(o);
	if (o->f)
		return 0;
	err = errno;
	if (o->tmp)
		unlink(o->tmp);
	forget(o);
	return diag_error(d, at_file(&named, path), "cannot write: %s",
	                  strerror(err));
}

/* Closes the stream; -1 with errno set if anything written was lost.  If it
 * was lost before, errno is still that of the write that failed. */
static int
finish(struct file_out *o)
{
	int err = 0;

	if (ferror(o->f))
		err = errno ? errno : EIO;
	else if (fflush(o->f) != 0)
		err = errno;
	if (o->path && fclose(o->f) != 0 && !err)
		err = errno;
	o->f = NULL;
	errno = err;
	return err ? -1 : 0;
}

int
file_commit(struct file_out *o)
{
	struct source named;
	int err;

	if (finish(o) == 0 && (!o->tmp || rename(o->tmp, o->target) == 0)) {
		forget(o);
		return 0;
	}
	err = errno;
	if (o->tmp)
		unlink(o->tmp);
	forget(o);
	return diag_error(o->d, at_file(&named, o->path ? o->path : "<stdout>"),
	                  "cannot write: %s", strerror(err));
}

void
file_abandon(struct file_out *o)
{
	if (o->f && o->path)
		fclose(o->f);
	o->f = NULL;
	if (o->tmp)
		unlink(o->tmp);
	forget(o);
}

static void
on_signal(int sig)
{
	for (int i = 0; i < NPARTS; i++)
		if (parts[i])
			unlink(parts[i]);
	signal(sig, SIG_DFL);
	raise(sig);
}

void
file_cleanup_on_signals(void)
{
	static const int sigs[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
	struct sigaction sa = {.sa_handler = on_signal}, old;

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
		if (sigaction(sigs[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
}

bool
file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static int
make_one(const char *dir)
{
	struct stat st;

	if (mkdir(dir, 0777) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = ENOTDIR;
	return -1;
}

int
file_mkdirs(const char *path, struct diag *d)
{
	struct source named;
	struct str s;
	int bad = 0, err = 0;

	str_init(&s);
	str_add(&s, path);
	for (size_t i = 1; i <= s.len && !bad; i++) {
		if (s.s[i] != '/' && s.s[i] != '\0')
			continue;
		s.s[i] = '\0';
		bad = make_one(s.s);
		err = errno;
		if (i < s.len)
			s.s[i] = '/';
	}
	str_release(&s);
	if (bad)
		return diag_error(d, at_file(&named, path),
		                  "cannot make the directory: %s", strerror(err));
	return 0;
}

const char *
file_dir(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return arena_strndup(a, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *
file_join(struct arena *a, const char *dir, const char *name)
{
	if (name[0] == '/' || str_eq(dir, "."))
		return arena_strdup(a, name);
	return arena_printf(a, "%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
}

const char *
file_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *
file_out_dir(struct arena *a, const char *path)
{
	return path && !str_eq(path, "-") ? file_dir(a, path) : ".";
}

/* The path from one directory to another, both absolute and without symbolic
 * links; ends in a slash unless it is empty. */
static const char *
way(struct arena *a, const char *from, const char *to)
{
	const char *path = "";
	size_t same = 0;	/* bytes of the directories that both lie in */

	for (size_t i = 0; ; i++) {
		bool f = from[i] == '/' || !from[i], t = to[i] == '/' || !to[i];

		if (f && t)
			same = i;
		if (from[i] != to[i] || !from[i])
			break;
	}
	for (const char *s = from + same; *s; s++)
		if (*s == '/' && s[1])
			path = arena_printf(a, "%s../", path);
	to += same + (to[same] == '/');
	return *to ? arena_printf(a, "%s%s/", path, to) : path;
}

const char *
file_seen_from(struct arena *a, const char *dir, const char *path)
{
	char *from, *to;
	const char *seen = path;

	if (path[0] == '/')
		return path;
	from = realpath(dir, NULL);
	to = realpath(file_dir(a, path), NULL);
	if (from && to)
		seen = arena_printf(a, "%s%s", way(a, from, to), file_base(path));
	free(from);
	free(to);
	return seen;
}
