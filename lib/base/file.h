/* Reading whole files and writing them so that no one sees half of one. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"

/* Reads path ("-": standard input) whole into the arena; a NUL follows.
 * Returns -1 after a diagnostic. */
int file_read(struct arena *a, const char *path, struct source *out,
              struct diag *d);

/* A file being written aside: path.tmpXXXXXX in the same directory, renamed
 * over path by file_commit.  "-" writes to standard output.  A link stays one:
 * what it points to is replaced. */
struct file_out {
	FILE *f;
	const char *path;	/* NULL for standard output */
	char *tmp, *target;	/* heap; the target is path with links followed */
	struct diag *d;
};

int file_create(struct file_out *o, const char *path, struct diag *d);
int file_commit(struct file_out *o);	/* flush, fsync-free close, rename; -1 */
void file_abandon(struct file_out *o);	/* removes the part */

/* Removes parts still being written when a signal ends the program. */
void file_cleanup_on_signals(void);

bool file_exists(const char *path);
int file_mkdirs(const char *path, struct diag *d);	/* as mkdir -p */

/* The directory of path in the arena ("." if it has none). */
const char *file_dir(struct arena *a, const char *path);
const char *file_join(struct arena *a, const char *dir, const char *name);
const char *file_base(const char *path);

/* The directory of what file_create writes: that of path, the working directory
 * for standard output ("-" or NULL). */
const char *file_out_dir(struct arena *a, const char *path);

/* A file's path for those who read it from directory dir: an absolute one stays,
 * links of directories are followed.  path as it is if a directory is missing. */
const char *file_seen_from(struct arena *a, const char *dir, const char *path);

#endif
