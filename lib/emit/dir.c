/* Writes the emitted directory: see dir.h.
 *
 * Everything is written to a directory aside first.  Where DIR does not exist
 * that one is renamed to it; else the files that differ are moved over, each
 * by a rename, plan.bin last: it holds the hashes of the source and of
 * weights.bin it was made with, so that a mixture, as an end between two
 * renames leaves it, is refused when the model is opened.  .tamp lists what is
 * ours. */
#include "emit/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/constants.h"
#include "emit/reread.h"
#include "emit/tables.h"
#include "verify/verify.h"

#define MARK ".tamp"
#define MARK_LINE "tamp-emit 1\n"

struct writing {
	struct emit *e;
	const struct target *t;
	const struct stack *stack;
	const char *dir;		/* without slashes at the end */
	const char *aside;
	bool fresh;			/* dir does not exist */
	struct strs files;		/* names, in the order they are moved */
	struct strs old;		/* what an earlier .tamp lists */
	int err;			/* errno of the first write that failed */
};

/* A diagnostic about a path as a whole. */
static int
fault(struct writing *w, const char *path, const char *what, int err)
{
	struct source *s = arena_new(w->e->a, struct source);

	s->name = path;
	if (err)
		return diag_error(w->e->d, (struct pos){.src = s}, "%s: %s",
		                  what, strerror(err));
	return diag_error(w->e->d, (struct pos){.src = s}, "%s", what);
}

/* Names as a person knows them: of the directory asked for. */
static int
write_fault(struct writing *w, const char *name, int err)
{
	return fault(w, file_join(w->e->a, w->dir, name), "cannot write", err);
}

/* --- files aside ----------------------------------------------------------------- */

static const char *
aside(struct writing *w, const char *name)
{
	return arena_printf(w->e->a, "%s/%s", w->aside, name);
}

static FILE *
begin(struct writing *w, const char *name)
{
	FILE *f = fopen(aside(w, name), "wb");

	if (!f)
		write_fault(w, name, errno);
	else
		vec_push(w->e->a, &w->files, name);
	return f;
}

static void
put(struct writing *w, FILE *f, const void *data, size_t n)
{
	if (fwrite(data, 1, n, f) != n && !w->err)
		w->err = errno ? errno : EIO;
}

static int
finish(struct writing *w, const char *name, FILE *f)
{
	if (fflush(f) != 0 && !w->err)
		w->err = errno;
	if (ferror(f) && !w->err)
		w->err = EIO;
	if (fclose(f) != 0 && !w->err)
		w->err = errno;
	return w->err ? write_fault(w, name, w->err) : 0;
}

static int
put_file(struct writing *w, const char *name, const char *text, size_t n)
{
	FILE *f = begin(w, name);

	if (!f)
		return -1;
	put(w, f, text, n);
	return finish(w, name, f);
}

/* --- what goes into them ----------------------------------------------------------- */

static uint64_t
hash(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
	return h;
}

/* The source states its own hash, and so does plan.bin: a program and a plan
 * that do not belong together refuse each other. */
static int
put_source(struct writing *w)
{
	struct program *g = w->e->program;
	struct str s;
	int r;

	str_init(&s);
	r = w->t->source(w->e, &s);
	if (r == 0) {
		g->h.instances_hash = hash(s.s, s.len);
		str_addf(&s, "const uint64_t tamp_instances_hash = 0x%llxu;\n",
		         (unsigned long long)g->h.instances_hash);
		r = put_file(w, w->t->source_name, s.s, s.len);
	}
	str_release(&s);
	return r;
}

static int
put_plan(struct writing *w)
{
	struct str s;
	int r;

	str_init(&s);
	program_write(w->e->program, &s);
	r = put_file(w, "plan.bin", s.s, s.len);
	str_release(&s);
	return r;
}

static int
put_stack(struct writing *w)
{
	FILE *f = begin(w, "plan.yaml");

	if (!f)
		return -1;
	stack_print(w->stack, false, f);
	return finish(w, "plan.yaml", f);
}

/* Constants in the order of their places, which is that of their offsets. */
static int
put_constants(struct writing *w, const struct constants *from, FILE *f)
{
	const struct memory *m = w->e->memory;
	struct plan *p = w->e->plan;
	struct arena tmp;
	int r = 0;

	arena_init(&tmp);
	for (size_t i = 0; i < m->places.n && r == 0; i++) {
		const struct place *at = &m->places.v[i];
		int t = map_get(&p->tensor_by_name, at->name);
		const void *data;

		if (at->base != BASE_WEIGHTS || t < 0 || at->bytes == 0)
			continue;
		data = constants_get(from, &tmp, p->tensors.v[t].t, w->e->d);
		if (!data)
			r = -1;
		else if (fseeko(f, (off_t)at->offset, SEEK_SET) != 0)
			r = write_fault(w, "weights.bin", errno);
		else
			put(w, f, data, (size_t)at->bytes);
		arena_release(&tmp);
		arena_init(&tmp);
	}
	arena_release(&tmp);
	return r;
}

/* Notes the hash of weights.bin, as large as plan.bin says, in the header. */
static int
hash_weights(struct writing *w)
{
	struct tamp_header *h = &w->e->program->h;
	int fd = open(aside(w, "weights.bin"), O_RDONLY);
	void *at = fd < 0 ? MAP_FAILED :
		mmap(NULL, h->weights, PROT_READ, MAP_PRIVATE, fd, 0);
	int err = errno;

	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return write_fault(w, "weights.bin", err);
	h->weights_hash = tamp_weights_hash(at, h->weights);
	munmap(at, h->weights);
	return 0;
}

static int
put_weights(struct writing *w)
{
	struct constants from;
	FILE *f;
	int r;

	if (constants_open(&from, w->e->a, w->e->plan->graph, w->e->d) < 0)
		return -1;
	f = begin(w, "weights.bin");
	r = f ? put_constants(w, &from, f) : -1;
	if (f)
		r |= finish(w, "weights.bin", f);
	constants_close(&from);
	if (r == 0 && truncate(aside(w, "weights.bin"),
	                       (off_t)w->e->memory->weights) != 0)
		r = write_fault(w, "weights.bin", errno);
	return r == 0 && w->e->memory->weights > 0 ? hash_weights(w) : r;
}

/* A name inside a comment: escaped, and the comment does not end. */
static void
put_comment_name(struct str *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 32 || c >= 127 || c == '\\' ||
		    (c == '*' && s[1] == '/') || (c == '/' && s[1] == '*'))
			str_addf(out, "\\x%02x", c);
		else
			str_addc(out, (char)c);
	}
}

static void
put_io(struct writing *w, struct str *out, const char *what,
       const struct strs *names)
{
	const struct plan *p = w->e->plan;

	for (size_t i = 0; i < names->n; i++) {
		const struct ptensor *t = &p->tensors.v[
			map_get(&p->tensor_by_name, names->v[i])];

		str_addf(out, " *\t%s %zu\t%s %s\t", what, i,
		         dtype_word(t->type), shape_text(w->e->a, &t->shape));
		put_comment_name(out, t->name);
		str_addf(out, "  (%lld bytes)\n", (long long)t->bytes);
	}
}

static void
put_header_table(struct writing *w, struct str *out)
{
	const struct graph *g = w->e->plan->graph;

	str_add(out, "/* The model ");
	put_comment_name(out, g->name ? g->name : "");
	str_addf(out, ", emitted for %s (%s) by tamp-emit.\n *\n",
	         w->e->plan->device->name, w->t->name);
	put_io(w, out, "input", &g->inputs);
	put_io(w, out, "output", &g->outputs);
	str_add(out, " */\n");
}

static int
put_runtime(struct writing *w, const char *name, const char *as)
{
	const char *path = file_join(w->e->a, w->e->runtime_dir, name);
	struct source src;
	struct str s;
	int r;

	if (file_read(w->e->a, path, &src, w->e->d) < 0)
		return -1;
	str_init(&s);
	if (str_eq(name, "model.h"))
		put_header_table(w, &s);
	str_addn(&s, src.text, src.len);
	r = put_file(w, as, s.s, s.len);
	str_release(&s);
	return r;
}

static int
put_text(struct writing *w, const char *name, const char *text)
{
	return put_file(w, name, text, strlen(text));
}

static int
put_small(struct writing *w)
{
	const struct device *v = w->e->plan->device;
	const char *readme = arena_printf(w->e->a, "%s"
		"A compiled model, for target %s.  It depends on nothing else.\n\n"
		"make            builds the program \"main\" and \"libmodel.so\"\n"
		"./main -n 100   runs it on zeros and prints its latency; see main.c\n"
		"model.h         how to call it, and its inputs and outputs\n"
		"%-15s the kernels, as functions\n"
		"plan.bin        who runs what when, read at open; made from\n"
		"plan.yaml       the plan: edit its schedule, then emit it again:\n"
		"                tamp emit -o . plan.yaml\n"
		"weights.bin     the constants\n", w->e->memory->unverified ?
		"NOT VERIFIED: this program was emitted with --unverified.  It may\n"
		"give wrong results or wait for ever; it is for tests.\n\n" : "",
		w->t->name, w->t->source_name);

	if (v->arch && strspn(v->arch, "abcdefghijklmnopqrstuvwxyz"
	                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+") !=
	    strlen(v->arch))
		return diag_error(w->e->d, record_pos(v, "arch"),
		                  "arch '%s' is no name of a compiler's",
		                  v->arch);
	if (put_text(w, "README", readme) < 0)
		return -1;
	/* Threads in step are emulated as NVIDIA's or as AMD's. */
	return put_text(w, "arch.mk", arena_printf(w->e->a, "ARCH := %s\n%s",
	                v->arch ? v->arch : "", v->target == TARGET_HOST ? "" :
	                v->warp > 32 ? "WARP := 64\n" : "WARP := 32\n"));
}

static int
put_mark(struct writing *w)
{
	struct str s;
	int r;

	str_init(&s);
	str_add(&s, MARK_LINE);
	for (size_t i = 0; i < w->files.n; i++)
		str_addf(&s, "%s\n", w->files.v[i]);
	str_addf(&s, "plan.bin\n" MARK "\n");
	r = put_text(w, MARK, s.s);
	str_release(&s);
	return r;
}

/* plan.bin comes last: it is moved last. */
static int
put_all(struct writing *w)
{
	if (put_source(w) < 0 || put_weights(w) < 0 || put_stack(w) < 0 ||
	    put_small(w) < 0 || put_runtime(w, w->t->makefile, "Makefile") < 0)
		return -1;
	for (size_t i = 0; w->t->runtime[i]; i++)
		if (put_runtime(w, w->t->runtime[i],
		                file_base(w->t->runtime[i])) < 0)
			return -1;
	return put_mark(w) < 0 || put_plan(w) < 0 ? -1 : 0;
}

/* What was written is the plan that was verified: tables and source are read
 * again before anybody sees them. */
static int
prove(struct writing *w)
{
	struct emit *e = w->e;
	struct reread r = {e->a, e->d, e->plan, NULL, e->memory};
	struct tables tables;

	if (!e->verified)
		return 0;
	r.flow = verified_flow(e->verified);
	if (reread_dir(&r, w->t, w->aside, w->dir, &tables) == 0)
		return 0;
	diag_note(e->d, POS_NONE, "what was written is not the plan: this is a "
	          "fault of tamp-emit's own, and nothing is left of it");
	return -1;
}

/* --- the directory ------------------------------------------------------------------ */

/* Reads the list of an earlier emit; 1 if there is none. */
static int
read_mark(struct writing *w)
{
	const char *path = file_join(w->e->a, w->dir, MARK);
	struct source src;
	size_t n = strlen(MARK_LINE);

	if (!file_exists(path))
		return 1;
	if (file_read(w->e->a, path, &src, w->e->d) < 0)
		return -1;
	if (src.len < n || memcmp(src.text, MARK_LINE, n) != 0)
		return 1;
	for (const char *s = src.text + n; *s;) {
		size_t len = strcspn(s, "\n");

		if (len > 0 && !memchr(s, '/', len))
			vec_push(w->e->a, &w->old,
			         arena_strndup(w->e->a, s, len));
		s += len + (s[len] == '\n');
	}
	return 0;
}

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *f;
	int n = 0;

	if (!d)
		return false;
	while ((f = readdir(d)))
		n += !str_eq(f->d_name, ".") && !str_eq(f->d_name, "..");
	closedir(d);
	return n == 0;
}

/* Whether DIR may be written, and what is there. */
static int
look(struct writing *w)
{
	struct stat st;
	int r;

	if (stat(w->dir, &st) != 0) {
		w->fresh = errno == ENOENT;
		return w->fresh ? 0 : fault(w, w->dir, "cannot be looked at",
		                            errno);
	}
	if (!S_ISDIR(st.st_mode))
		return fault(w, w->dir, "is not a directory", 0);
	if (access(w->dir, W_OK) != 0)
		return fault(w, w->dir, "cannot write", errno);
	r = read_mark(w);
	if (r > 0 && !is_empty(w->dir))
		return fault(w, w->dir, "holds other things than what tamp-emit "
		             "wrote: name an empty or a new directory", 0);
	return r < 0 ? -1 : 0;
}

static int
make_aside(struct writing *w)
{
	char *path = w->fresh ?
		arena_printf(w->e->a, "%s.tmpXXXXXX", w->dir) :
		arena_printf(w->e->a, "%s/.emit.tmpXXXXXX", w->dir);
	mode_t mask = umask(0);

	umask(mask);
	if (w->fresh && file_mkdirs(file_dir(w->e->a, w->dir), w->e->d) < 0)
		return -1;
	if (!mkdtemp(path))
		return fault(w, w->dir, "cannot write", errno);
	w->aside = path;
	if (chmod(path, 0777 & ~mask) != 0)
		return fault(w, w->dir, "cannot write", errno);
	return 0;
}

static void
remove_aside(struct writing *w)
{
	if (!w->aside)
		return;
	for (size_t i = 0; i < w->files.n; i++)
		unlink(aside(w, w->files.v[i]));
	rmdir(w->aside);
}

static bool
same(FILE *a, FILE *b)
{
	static const size_t room = 1 << 16;
	char *x = xrealloc(NULL, room), *y = xrealloc(NULL, room);
	bool eq = true;
	size_t n;

	do {
		n = fread(x, 1, room, a);
		eq = fread(y, 1, room, b) == n && memcmp(x, y, n) == 0;
	} while (eq && n == room);
	free(x);
	free(y);
	return eq;
}

static bool
unchanged(struct writing *w, const char *name)
{
	FILE *a = fopen(aside(w, name), "rb");
	FILE *b = fopen(file_join(w->e->a, w->dir, name), "rb");
	bool eq = a && b && same(a, b);

	if (a)
		fclose(a);
	if (b)
		fclose(b);
	return eq;
}

static bool
among(const struct strs *names, const char *s)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->v[i], s))
			return true;
	return false;
}

/* Moves what differs; removes what an earlier emit wrote and this one not. */
static int
move_over(struct writing *w)
{
	for (size_t i = 0; i < w->files.n; i++) {
		const char *name = w->files.v[i];

		if (unchanged(w, name))
			continue;
		diag_explain(w->e->d, "%s: written", name);
		if (rename(aside(w, name),
		           file_join(w->e->a, w->dir, name)) != 0)
			return write_fault(w, name, errno);
	}
	for (size_t i = 0; i < w->old.n; i++)
		if (!among(&w->files, w->old.v[i]))
			unlink(file_join(w->e->a, w->dir, w->old.v[i]));
	return 0;
}

static int
move(struct writing *w)
{
	if (!w->fresh)
		return move_over(w);
	if (rename(w->aside, w->dir) != 0)
		return fault(w, w->dir, "cannot write", errno);
	w->aside = NULL;
	return 0;
}

int
dir_write(struct emit *e, const struct target *t, const struct stack *s,
          const char *dir)
{
	struct writing w = {.e = e, .t = t, .stack = s};
	size_t n = strlen(dir);
	int r;

	while (n > 1 && dir[n - 1] == '/')
		n--;
	w.dir = arena_strndup(e->a, dir, n);
	if (look(&w) < 0)
		return -1;
	r = make_aside(&w);
	if (r == 0)
		r = put_all(&w);
	if (r == 0)
		r = prove(&w);
	if (r == 0)
		r = move(&w);
	remove_aside(&w);
	return r;
}
