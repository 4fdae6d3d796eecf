/* The caches of this machine, by what Linux tells of a CPU's:
 * DIR/index0/{level,type,size,shared_cpu_list}, DIR/index1/ ... */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "partition/partition.h"

#define INDICES_MAX 16

/* What a file of one line says, without its newline; "" if there is none. */
static const char *
line_of(struct arena *a, const char *dir, const char *name)
{
	struct diag quiet = {.suppressed = 1};
	struct source s;

	if (file_read(a, file_join(a, dir, name), &s, &quiet) < 0)
		return "";
	return arena_strndup(a, s.text, strcspn(s.text, "\n"));
}

/* "512K" */
static int64_t
size_of(const char *s)
{
	char *end;
	int64_t n = strtoll(s, &end, 10);

	return *end == 'K' ? n << 10 : *end == 'M' ? n << 20 : n;
}

/* How many CPUs "0-3,8-11" are; 0 if that is no list. */
static int64_t
count_of(const char *s)
{
	int64_t n = 0;

	while (*s >= '0' && *s <= '9') {
		char *end;
		int64_t lo = strtoll(s, &end, 10), hi = lo;

		if (*end == '-')
			hi = strtoll(end + 1, &end, 10);
		n += hi - lo + 1;
		s = *end == ',' ? end + 1 : end;
	}
	return *s ? 0 : n;
}

void
host_caches(struct arena *a, const char *dir, int64_t cpus,
            int64_t *const bytes[3])
{
	for (int i = 0; i < INDICES_MAX; i++) {
		const char *at = file_join(a, dir, arena_printf(a, "index%d", i));
		int64_t level = strtoll(line_of(a, at, "level"), NULL, 10);
		int64_t size = size_of(line_of(a, at, "size"));
		int64_t shared = count_of(line_of(a, at, "shared_cpu_list"));

		if (level < 1 || level > 3 || size <= 0 ||
		    str_eq(line_of(a, at, "type"), "Instruction"))
			continue;
		if (level == 3 && shared > 0)
			size *= (cpus + shared - 1) / shared;
		*bytes[level - 1] = size;
	}
}
