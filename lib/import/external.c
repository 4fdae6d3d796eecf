/* Files beside a model: found, checked to lie in its directory, mapped.
 *
 * A model is data from somewhere: it must not make us read a file outside of
 * the directory it lies in, be it by an absolute path, by "..", or through a
 * symbolic link. */
#include "import/external.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

/* realpath with a NULL buffer is POSIX 2008, but glibc declares it for XSI. */
char *realpath(const char *restrict path, char *restrict resolved);

void
external_init(struct external *x, struct arena *a, const char *model)
{
	*x = (struct external){.a = a};
	x->dir = str_eq(model, "-") ? NULL : file_dir(a, model);
	map_init(&x->by_location, a);
}

int
external_map(struct arena *a, const char *path, struct source *out,
             struct diag *d)
{
	struct stat st;
	void *p = NULL;
	int fd;

	if (str_eq(path, "-") || stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size == 0)
		return file_read(a, path, out, d);
	*out = (struct source){.name = arena_strdup(a, path)};
	fd = open(path, O_RDONLY);
	if (fd >= 0 && fstat(fd, &st) == 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd < 0 || !p || p == MAP_FAILED) {
		diag_error(d, (struct pos){.src = out}, "cannot read: %s",
		           strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	out->text = p;
	out->len = (size_t)st.st_size;
	return 0;
}

/* Whether a path has a component "..". */
static bool
climbs(const char *path)
{
	for (const char *s = path; s; s = strchr(s, '/')) {
		s += *s == '/';
		if (s[0] == '.' && s[1] == '.' && (s[2] == '/' || s[2] == '\0'))
			return true;
	}
	return false;
}

/* Whether path, with symbolic links followed, lies under dir. */
static bool
lies_in(const char *dir, const char *path)
{
	char *d = realpath(dir, NULL), *p = realpath(path, NULL);
	size_t n = d ? strlen(d) : 0;
	bool in = d && p && strncmp(d, p, n) == 0 &&
	          (p[n] == '/' || str_eq(d, "/"));

	free(d);
	free(p);
	return in;
}

const struct source *
external_open(struct external *x, const char *location, struct pos at,
              struct diag *d)
{
	int i = map_get(&x->by_location, location);
	const char *path;
	struct source file;
	struct stat st;

	if (i >= 0)
		return &x->files.v[i];
	if (!x->dir) {
		diag_error(d, at, "a model on standard input cannot have elements "
		           "in another file ('%s')", location);
		return NULL;
	}
	if (location[0] == '/' || !location[0] || climbs(location)) {
		diag_error(d, at, "external data '%s' is not a path inside the "
		           "model's directory", location);
		return NULL;
	}
	path = file_join(x->a, x->dir, location);
	if (!file_exists(path)) {
		diag_error(d, at, "external data '%s': %s", path, strerror(errno));
		return NULL;
	}
	if (!lies_in(x->dir, path)) {
		diag_error(d, at, "external data '%s' leads out of the model's "
		           "directory", location);
		return NULL;
	}
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) {
		diag_error(d, at, "external data '%s' is not a regular file", path);
		return NULL;
	}
	if (external_map(x->a, path, &file, d) < 0)
		return NULL;
	map_add(&x->by_location, arena_strdup(x->a, location), (int)x->files.n);
	vec_push(x->a, &x->files, file);
	return &x->files.v[x->files.n - 1];
}
