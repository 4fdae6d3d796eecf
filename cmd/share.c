/* Where tamp's data lies: beside the executable, wherever that was put. */
#include "share.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
share_executable(struct arena *a, struct diag *d)
{
	size_t cap = 4096;
	char *path = arena_alloc(a, cap);
	ssize_t n = readlink("/proc/self/exe", path, cap - 1);

	if (n > 0 && (size_t)n < cap - 1)
		return path;
	diag_error(d, POS_NONE, "cannot find out where this program lies: %s "
	           "(set TAMP_SHARE)", n < 0 ? strerror(errno) : "too long");
	return NULL;
}

const char *
share_dir(struct arena *a, struct diag *d)
{
	const char *dir = getenv("TAMP_SHARE");
	struct stat st;

	if (!dir || !*dir) {
		const char *self = share_executable(a, d);

		if (!self)
			return NULL;
		dir = file_join(a, file_dir(a, file_dir(a, self)),
		                "share/tamp");
	}
	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return dir;
	diag_error(d, POS_NONE, "no data directory '%s' (TAMP_SHARE names "
	           "another)", dir);
	return NULL;
}
