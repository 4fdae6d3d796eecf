/* Folders of kernel files: being there is all the registration there is. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "rkernel/kernel.h"

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(((const struct kernel *)x)->head.kernel,
	              ((const struct kernel *)y)->head.kernel);
}

/* The kernel files of dir, sorted; -1 with errno if it cannot be read. */
static int
list_files(struct arena *a, const char *dir, const char *suffix,
           struct strs *out)
{
	DIR *f = opendir(dir);
	struct dirent *e;

	if (!f)
		return -1;
	while ((e = readdir(f)))
		if (e->d_name[0] != '.' && str_ends(e->d_name, suffix))
			vec_push(a, out, file_join(a, dir, e->d_name));
	closedir(f);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_text);
	return 0;
}

/* Adds a kernel unless an earlier folder has one of that name; within one
 * folder (from "first" on) a name stands once. */
static int
add_kernel(struct kernels *k, struct arena *a, const struct source *src,
           enum target_kind t, size_t first, struct diag *d)
{
	struct kernel n;
	int old;

	if (kernel_read(&n, a, src, t, d) < 0)
		return -1;
	old = map_get(&k->by_name, n.head.kernel);
	if (old < 0) {
		map_set(&k->by_name, n.head.kernel, (int)k->v.n);
		vec_push(a, &k->v, n);
		return 0;
	}
	if (n.src.text && (size_t)old >= first) {
		diag_error(d, record_pos(&n.head, "kernel"),
		           "a second kernel '%s' in this folder",
		           n.head.kernel);
		diag_note(d, record_pos(&k->v.v[old].head, "kernel"),
		          "the first stands here");
		return -1;
	}
	return 0;
}

/* Sorts by name and points the names at the new places. */
static void
sort_all(struct kernels *k, struct arena *a)
{
	if (k->v.n)
		qsort(k->v.v, k->v.n, sizeof *k->v.v, by_name);
	map_init(&k->by_name, a);
	for (size_t i = 0; i < k->v.n; i++)
		map_set(&k->by_name, k->v.v[i].head.kernel, (int)i);
}

int
kernels_load(struct kernels *k, struct arena *a, const char *dir,
             enum target_kind t, struct diag *d)
{
	const char *folder = file_join(a, dir, t == TARGET_HOST ? "host" :
	                               "cuda");
	const char *suffix = t == TARGET_HOST ? ".c" : ".cu";
	size_t first = k->v.n;
	struct strs files = {0};
	int bad = 0;

	if (!k->by_name.a)
		map_init(&k->by_name, a);
	if (list_files(a, folder, suffix, &files) < 0 &&
	    list_files(a, dir, suffix, &files) < 0)
		return diag_error(d, POS_NONE, "cannot read kernels in '%s': "
		                  "%s", dir, strerror(errno));
	for (size_t i = 0; i < files.n; i++) {
		struct source src;

		if (file_read(a, files.v[i], &src, d) < 0 ||
		    add_kernel(k, a, &src, t, first, d) < 0)
			bad = -1;
	}
	sort_all(k, a);
	return bad;
}

const struct kernel *
kernels_find(const struct kernels *k, const char *name)
{
	int i = map_get(&k->by_name, name);

	return i < 0 ? NULL : &k->v.v[i];
}
