/* Digests by which a memory/1 tells what it was computed from, and whether a
 * person changed it since.  They are of the documents as they would be
 * written: comments and layout do not count. */
#include "base/arena.h"
#include "base/str.h"
#include "ir/ir.h"

static uint64_t
digest(uint64_t h, enum format f, const void *rec)
{
	struct str s;

	str_init(&s);
	document_write(&formats[f], rec, &s);
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.s[i]) * 0x100000001b3u;
	str_release(&s);
	return h;
}

#define DIGEST_INIT 0xcbf29ce484222325u
#define DIGEST_TEXT 18	/* "h" and 16 digits: never a number to YAML */

static void
digest_text(uint64_t h, char *out)
{
	snprintf(out, DIGEST_TEXT, "h%016llx", (unsigned long long)h);
}

static void
digest_from(const struct tasks *t, const struct schedule *s, char *out)
{
	digest_text(digest(digest(DIGEST_INIT, FORMAT_TASKS, t),
	                   FORMAT_SCHEDULE, s), out);
}

static void
digest_own(const struct memory *m, char *out)
{
	struct memory bare = *m;

	bare.for_ = bare.digest = NULL;
	digest_text(digest(DIGEST_INIT, FORMAT_MEMORY, &bare), out);
}

enum memory_origin
memory_origin(const struct memory *m, const struct tasks *t,
              const struct schedule *s)
{
	char own[DIGEST_TEXT], from[DIGEST_TEXT];

	if (!m->for_ || !m->digest)
		return MEMORY_BY_HAND;
	digest_own(m, own);
	if (!str_eq(m->digest, own))
		return MEMORY_BY_HAND;
	digest_from(t, s, from);
	return str_eq(m->for_, from) ? MEMORY_COMPUTED : MEMORY_STALE;
}

void
memory_sign(struct memory *m, const struct tasks *t, const struct schedule *s,
            struct arena *a)
{
	char own[DIGEST_TEXT], from[DIGEST_TEXT];

	digest_from(t, s, from);
	digest_own(m, own);
	m->for_ = arena_strdup(a, from);
	m->digest = arena_strdup(a, own);
}
