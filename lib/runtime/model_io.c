/* Reads an emitted directory's tables and answers questions about them.
 *
 * plan.bin is data from a file: every offset and index in it is checked here
 * once, so that the rest of the runtime may follow them blindly.  A damaged
 * file is refused with a message that names the section. */
#define _POSIX_C_SOURCE 200809L
#include "model_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static _Thread_local char open_error[1024];

/* In the order of lib/ir/dtype.def, which the tables count by. */
static const struct {
	const char *word;
	size_t bytes;
} dtypes[] = {
	{"f32", 4}, {"f64", 8}, {"i64", 8}, {"i32", 4}, {"i16", 2}, {"i8", 1},
	{"u64", 8}, {"u32", 4}, {"u16", 2}, {"u8", 1}, {"bool", 1},
};
enum { NTYPES = sizeof dtypes / sizeof *dtypes };

int
tamp_fail(struct model *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m ? m->error : open_error, sizeof open_error, fmt, ap);
	va_end(ap);
	return -1;
}

const char *
model_error(const struct model *m)
{
	return m ? m->error : open_error;
}

double
tamp_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

size_t
tamp_dtype_bytes(uint32_t dtype)
{
	return dtypes[dtype].bytes;
}

/* --- files ------------------------------------------------------------------ */

static char *
path_in(const char *dir, const char *name)
{
	size_t n = strlen(dir) + strlen(name) + 2;
	char *s = malloc(n);

	if (s)
		snprintf(s, n, "%s/%s", dir, name);
	return s;
}

/* Opens DIR/name and learns its size; the descriptor, or -1 after tamp_fail. */
static int
open_sized(const char *dir, const char *name, uint64_t *size)
{
	char *path = path_in(dir, name);
	struct stat st;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || fstat(fd, &st) < 0) {
		tamp_fail(NULL, "%s: %s", path ? path : name, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	} else {
		*size = (uint64_t)st.st_size;
	}
	free(path);
	return fd;
}

static int
read_all(int fd, void *to, uint64_t n)
{
	uint8_t *p = to;

	while (n > 0) {
		ssize_t got = read(fd, p, n > 1 << 30 ? 1 << 30 : n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		n -= (uint64_t)got;
	}
	return 0;
}

/* All "size" bytes of DIR/weights.bin; NULL after tamp_fail. */
static void *
map_weights(const char *dir, uint64_t size)
{
	uint64_t have = 0;
	int fd = open_sized(dir, "weights.bin", &have);
	void *at;

	if (fd < 0)
		return NULL;
	if (have != size) {
		tamp_fail(NULL, "weights.bin: %llu bytes, but plan.bin asks for "
		          "%llu: emit the directory again",
		          (unsigned long long)have, (unsigned long long)size);
		close(fd);
		return NULL;
	}
	at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED) {
		tamp_fail(NULL, "weights.bin: %s", strerror(errno));
		at = NULL;
	}
	close(fd);
	return at;
}

void *
tamp_weights_open(const char *dir, const struct tamp_header *h, bool *failed)
{
	void *at = h->weights ? map_weights(dir, h->weights) : NULL;

	*failed = h->weights && !at;
	if (at && tamp_weights_hash(at, h->weights) != h->weights_hash) {
		tamp_fail(NULL, "weights.bin: damaged, or of another emit than "
		          "plan.bin: emit the directory again");
		munmap(at, h->weights);
		*failed = true;
		at = NULL;
	}
	return at;
}

void
tamp_weights_close(void *at, uint64_t size)
{
	if (at)
		munmap(at, size);
}

/* --- plan.bin --------------------------------------------------------------- */

static int
damaged(const char *what)
{
	return tamp_fail(NULL, "plan.bin: damaged: %s", what);
}

/* The section as an array, or NULL if it is not inside the file. */
static const void *
section(const struct tamp_plan *p, const struct tamp_section *s, size_t elem)
{
	if (s->at % 8 || s->at > p->size || s->count >= TAMP_NONE ||
	    s->count > (p->size - s->at) / elem)
		return NULL;
	return p->bytes + s->at;
}

static int
find_sections(struct tamp_plan *p)
{
	const struct tamp_header *h = p->h;

#define FIND(type, name) \
	p->name = section(p, &h->name, sizeof(type)); \
	if (!p->name) \
		return damaged("a section lies outside the file");
	TAMP_SECTIONS(FIND)
#undef FIND
	if (h->names.count == 0 || p->names[h->names.count - 1] != '\0')
		return damaged("names do not end");
	return 0;
}

/* Bytes of the base a tensor lies in; inputs, outputs and states are as large
 * as the tensor that names them. */
static uint64_t
base_bytes(const struct tamp_plan *p, const struct tamp_tensor *t)
{
	const struct tamp_header *h = p->h;
	uint32_t i = t->index;

	switch ((enum tamp_base)t->base) {
	case TAMP_ARENA: return h->arena;
	case TAMP_WEIGHTS: return h->weights;
	case TAMP_PACKED: return h->packed;
	case TAMP_INPUT: return i < h->ninputs ? tamp_io(p, i)->bytes : 0;
	case TAMP_OUTPUT:
		return i < h->noutputs ? tamp_io(p, h->ninputs + i)->bytes : 0;
	case TAMP_STATE:
		return i < h->nstates ?
			tamp_io(p, h->ninputs + h->noutputs + 2 * i)->bytes : 0;
	case TAMP_OWN:
		return i < h->tensors.count && p->tensors[i].index == i &&
			p->tensors[i].base == TAMP_OWN ?
			p->tensors[i].offset + p->tensors[i].bytes : 0;
	case TAMP_NOWHERE:
	case TAMP_NBASES:
		break;
	}
	return 0;
}

static int
check_tensors(const struct tamp_plan *p)
{
	const struct tamp_header *h = p->h;
	uint64_t nio = (uint64_t)h->ninputs + h->noutputs + 2 * (uint64_t)h->nstates;

	if (h->io.count != nio)
		return damaged("number of inputs and outputs");
	for (uint64_t i = 0; i < nio; i++)
		if (p->io[i] >= h->tensors.count)
			return damaged("an input or output");
	for (uint64_t i = 0; i < h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];
		uint64_t room = base_bytes(p, t);

		if (t->base >= TAMP_NBASES || t->dtype >= NTYPES ||
		    t->rank > TAMP_DIMS || t->root >= h->tensors.count ||
		    t->name >= h->names.count ||
		    (t->layout != TAMP_NONE && t->layout >= h->names.count))
			return damaged("a tensor");
		if (t->bytes > 0 && (t->offset > room ||
		                     t->bytes > room - t->offset))
			return damaged("a tensor lies outside its base");
		if (t->offset % dtypes[t->dtype].bytes)
			return damaged("a tensor's alignment");
	}
	return 0;
}

static int
check_rops(const struct tamp_plan *p)
{
	const struct tamp_header *h = p->h;

	for (uint64_t i = 0; i < h->args.count; i++)
		if (p->args[i] >= h->tensors.count)
			return damaged("an argument");
	for (uint64_t i = 0; i < h->rops.count; i++) {
		const struct tamp_rop *r = &p->rops[i];

		if (r->instance >= h->ninstances && r->ntasks > 0)
			return damaged("an rOperator's instance");
		if (r->args > h->args.count || r->nargs > h->args.count - r->args ||
		    r->name >= h->names.count)
			return damaged("an rOperator");
	}
	for (uint64_t i = 0; i < h->counters.count; i++)
		if (p->counters[i].rop >= h->rops.count)
			return damaged("a counter");
	return h->counters.count == h->ncounters ? 0 : damaged("counters");
}

static int
check_conditions(const struct tamp_plan *p)
{
	const struct tamp_header *h = p->h;

	for (uint64_t i = 0; i < h->conditions.count; i++) {
		const struct tamp_condition *c = &p->conditions[i];

		if (c->tensor >= h->tensors.count ||
		    p->tensors[c->tensor].bytes != 1 ||
		    (c->within != TAMP_NONE && c->within >= i))
			return damaged("a condition");
	}
	return 0;
}

/* Rows of one vEU: adds its signals; returns its barriers, or -1. */
static int64_t
check_rows(const struct tamp_plan *p, const struct tamp_veu *v, bool init,
           uint32_t *signals)
{
	const struct tamp_header *h = p->h;
	int64_t barriers = 0;

	if (v->row > h->rows.count || v->nrows > h->rows.count - v->row)
		return damaged("a vEU");
	for (uint32_t i = v->row; i < v->row + v->nrows; i++) {
		const struct tamp_row *r = &p->rows[i];

		if (r->kind == TAMP_BARRIER) {
			barriers++;
			continue;
		}
		if (r->kind != TAMP_RUN || r->rop >= h->rops.count ||
		    r->task >= p->rops[r->rop].ntasks || r->wait > h->waits.count ||
		    r->nwaits > h->waits.count - r->wait ||
		    (r->signal != TAMP_NONE && r->signal >= h->ncounters) ||
		    (r->condition != TAMP_NONE &&
		     r->condition >= h->conditions.count))
			return damaged("a row");
		if (init && (r->nwaits > 0 || r->signal != TAMP_NONE))
			return damaged("a counter is used at open");
		if (r->signal != TAMP_NONE)
			signals[r->signal]++;
	}
	return barriers;
}

static int
check_launch(const struct tamp_plan *p, uint64_t i, uint32_t *signals)
{
	const struct tamp_launch *l = &p->launches[i];
	int64_t first = 0;

	if (l->width == 0 || l->veus > p->h->veus.count ||
	    l->width > p->h->veus.count - l->veus)
		return damaged("a launch");
	for (uint32_t v = 0; v < l->width; v++) {
		int64_t n = check_rows(p, &p->veus[l->veus + v],
		                       i < p->h->init_launches, signals);

		if (n < 0)
			return -1;
		if (v > 0 && n != first)
			return damaged("vEUs of a launch meet different barriers");
		first = n;
	}
	return 0;
}

static int
check_launches(const struct tamp_plan *p)
{
	const struct tamp_header *h = p->h;
	uint32_t *signals = calloc((size_t)h->ncounters + 1, sizeof *signals);
	int rc = 0;

	if (!signals)
		return tamp_fail(NULL, "out of memory");
	if (h->init_launches > h->launches.count)
		rc = damaged("launches");
	for (uint64_t i = 0; rc == 0 && i < h->launches.count; i++)
		rc = check_launch(p, i, signals);
	for (uint32_t i = 0; rc == 0 && i < h->ncounters; i++)
		if (signals[i] != p->counters[i].count)
			rc = damaged("a counter's signals");
	for (uint64_t i = 0; rc == 0 && i < h->waits.count; i++)
		if (p->waits[i].counter >= h->ncounters ||
		    p->waits[i].count != signals[p->waits[i].counter])
			rc = damaged("a wait");
	free(signals);
	return rc;
}

static int
check_plan(struct tamp_plan *p, uint32_t ninstances, uint64_t hash)
{
	if (p->size < sizeof *p->h || memcmp(p->bytes, TAMP_MAGIC, 8) != 0)
		return tamp_fail(NULL, "plan.bin: not a program table");
	p->h = (const struct tamp_header *)p->bytes;
	if (p->size % 8 || tamp_checksum(p->bytes + 16, p->size - 16) !=
	    p->h->checksum)
		return damaged("its checksum is another");
	if (p->h->ninstances != ninstances || p->h->instances_hash != hash)
		return tamp_fail(NULL, "plan.bin: made for other kernels than "
		                 "this program has: run make");
	if (find_sections(p) < 0 || check_tensors(p) < 0 || check_rops(p) < 0)
		return -1;
	return check_conditions(p) < 0 ? -1 : check_launches(p);
}

int
tamp_plan_open(struct tamp_plan *p, const char *dir, uint32_t ninstances,
               uint64_t hash)
{
	uint64_t size = 0;
	int fd = open_sized(dir, "plan.bin", &size), rc = 0;

	memset(p, 0, sizeof *p);
	if (fd < 0)
		return -1;
	p->size = size;
	p->bytes = malloc(size + 1);
	if (!p->bytes)
		rc = tamp_fail(NULL, "plan.bin: out of memory");
	else if (read_all(fd, p->bytes, size) < 0)
		rc = tamp_fail(NULL, "plan.bin: cannot be read");
	close(fd);
	if (rc == 0)
		rc = check_plan(p, ninstances, hash);
	if (rc < 0)
		tamp_plan_close(p);
	return rc;
}

void
tamp_plan_close(struct tamp_plan *p)
{
	free(p->bytes);
	p->bytes = NULL;
}

/* --- post-mortem ------------------------------------------------------------- */

const char *
tamp_rop_name(const struct tamp_plan *p, uint32_t rop)
{
	return p->names + p->rops[rop].name;
}

static void
barrier_post_mortem(struct model *m, uint32_t veu, uint32_t row,
                    uint32_t other, uint32_t expected, uint32_t seen)
{
	if (other == TAMP_NONE)
		tamp_fail(m, "vEU %u waited %.3g s at a barrier (row %u): expected "
		          "%u arrivals, seen %u", veu, m->timeout, row, expected,
		          seen);
	else
		tamp_fail(m, "vEU %u waited %.3g s at a barrier (row %u) for vEU "
		          "%u: expected barrier %u, seen %u", veu, m->timeout,
		          row, other, expected, seen);
}

void
tamp_post_mortem(struct model *m, uint32_t veu, uint32_t row,
                 uint32_t counter, uint32_t other, uint32_t expected,
                 uint32_t seen)
{
	const struct tamp_plan *p = &m->plan;
	const struct tamp_counter *c;
	const struct tamp_row *r;

	if (counter == TAMP_NONE) {
		barrier_post_mortem(m, veu, row, other, expected, seen);
		return;
	}
	c = &p->counters[counter];
	r = &p->rows[row];
	tamp_fail(m, "vEU %u, rTask %u of '%s', waited %.3g s for counter %u "
	          "(rTasks %u..%u of '%s'): expected %u, seen %u", veu, r->task,
	          tamp_rop_name(p, r->rop), m->timeout, counter, c->lo, c->hi,
	          tamp_rop_name(p, c->rop), expected, seen);
}

/* --- what model.h looks up ---------------------------------------------------- */

int
model_open(const char *dir, struct model **out)
{
	static const struct model_options none;

	return model_open_options(dir, &none, out);
}

double
model_run_us(const struct model *m)
{
	return m->run_us;
}

double
model_copy_us(const struct model *m)
{
	return m->copy_us;
}

const char *
model_device(const struct model *m)
{
	return m->device;
}

int
model_veus(const struct model *m)
{
	return m->nveus;
}

int
model_ninputs(const struct model *m)
{
	return (int)m->plan.h->ninputs;
}

int
model_noutputs(const struct model *m)
{
	return (int)m->plan.h->noutputs;
}

int
model_ntensors(const struct model *m)
{
	return (int)m->plan.h->tensors.count;
}

int
model_tensor_read(struct model *m, int i, void *to)
{
	return m->tensor_read(m, (uint32_t)i, to);
}

const char *
model_tensor_layout(const struct model *m, int i)
{
	const struct tamp_tensor *t = &m->plan.tensors[i];

	return t->layout == TAMP_NONE ? NULL : m->plan.names + t->layout;
}

/* The five questions, asked of an input, an output and any tensor. */
#define LOOKUPS(what, tensor) \
const char * \
model_##what##_name(const struct model *m, int i) \
{ \
	return m->plan.names + (tensor)->name; \
} \
const char * \
model_##what##_type(const struct model *m, int i) \
{ \
	return dtypes[(tensor)->dtype].word; \
} \
int \
model_##what##_rank(const struct model *m, int i) \
{ \
	return (int)(tensor)->rank; \
} \
const int64_t * \
model_##what##_shape(const struct model *m, int i) \
{ \
	return (tensor)->dims; \
} \
size_t \
model_##what##_bytes(const struct model *m, int i) \
{ \
	return (tensor)->bytes; \
}

LOOKUPS(input, tamp_io(&m->plan, (uint32_t)i))
LOOKUPS(output, tamp_io(&m->plan, m->plan.h->ninputs + (uint32_t)i))
LOOKUPS(tensor, &m->plan.tensors[i])
