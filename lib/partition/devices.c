/* Devices: files of data, and this machine. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "partition/partition.h"

/* --- this machine ----------------------------------------------------------------- */

/* Clock assumed for the peak rate; a probe may measure what is true. */
#define GHZ 3.0

/* What a core reads from its own cache, GB/s, as measured on server cores. */
#define CORE_CACHE_GBPS 65.0

struct level {
	const char *arch;
	int bytes;
};

static struct level
simd_level(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512dq"))
		return (struct level){"x86-64-v4", 64};
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return (struct level){"x86-64-v3", 32};
	return (struct level){"x86-64-v2", 16};
#else
	return (struct level){"native", 16};
#endif
}

static int64_t
cache(int name, int64_t otherwise)
{
	long n = name < 0 ? -1 : sysconf(name);

	return n > 0 ? n : otherwise;
}

#if defined(_SC_LEVEL1_DCACHE_SIZE)
#define L1 _SC_LEVEL1_DCACHE_SIZE
#define L2 _SC_LEVEL2_CACHE_SIZE
#else
#define L1 (-1)
#define L2 (-1)
#endif

void
device_host(struct arena *a, int64_t cpus, struct device *out)
{
	struct level l = simd_level();

	(void)a;
	*out = (struct device){
		.name = "host", .target = TARGET_HOST, .arch = l.arch,
		.units = cpus, .veus = cpus, .blocks = 1, .threads = 1,
		.block_threads = 1, .warp = 1, .simd = l.bytes,
		.l1 = cache(L1, 32 << 10), .l2 = cache(L2, 512 << 10),
		.memory_gbps = 30, .unit_gbps = 20,
		.l2_gbps = CORE_CACHE_GBPS * (double)cpus,
		.unit_gflops = GHZ * l.bytes / 4 * 4,	/* two FMA a cycle */
		.launch_us = 1, .barrier_us = 1, .counter_us = 0.3,
		.task_us = 0.1,
	};
}

int64_t
device_cpus(struct arena *a)
{
	struct diag quiet = {.suppressed = 1};
	struct source s;
	const char *line;
	int64_t n = 0;

	if (file_read(a, "/proc/self/status", &s, &quiet) == 0 &&
	    (line = strstr(s.text, "\nCpus_allowed:")))
		for (line += 14; *line && *line != '\n'; line++)
			if (isxdigit((unsigned char)*line))
				n += __builtin_popcount((unsigned)strtol(
					(char[]){*line, '\0'}, NULL, 16));
	if (n < 1)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n;
}

/* --- files ------------------------------------------------------------------------ */

static int
read_device(struct arena *a, const char *path, struct device *out,
            struct diag *d)
{
	struct stack s;

	stack_init(&s, a, formats);
	if (stack_read(&s, path, d) < 0)
		return -1;
	if (!stack_device(&s))
		return diag_error(d, POS_NONE, "'%s' holds no device/1", path);
	*out = *stack_device(&s);
	return device_check(out, d);
}

/* The names of the devices that there are, for a message. */
static void
list_devices(struct arena *a, const char *dir, struct strs *names)
{
	DIR *f = opendir(dir);
	struct dirent *e;

	vec_push(a, names, "host");
	while (f && (e = readdir(f)))
		if (str_ends(e->d_name, ".yaml") && e->d_name[0] != '.')
			vec_push(a, names, (const char *)arena_strndup(a,
				e->d_name, strlen(e->d_name) - 5));
	if (f)
		closedir(f);
}

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int
unknown(struct arena *a, const char *dir, const char *name, struct diag *d)
{
	struct strs names = {0};
	const char *near, *all = "";

	list_devices(a, dir, &names);
	qsort(names.v, names.n, sizeof *names.v, by_text);
	near = str_nearest(name, names.v, names.n);
	if (near)
		return diag_error(d, POS_NONE, "unknown device '%s' (did you "
		                  "mean '%s'?)", name, near);
	for (size_t i = 0; i < names.n; i++)
		all = arena_printf(a, "%s%s%s", all, i ? ", " : "",
		                   names.v[i]);
	return diag_error(d, POS_NONE, "unknown device '%s': there are %s, and "
	                  "files by their path", name, all);
}

int
device_find(struct arena *a, const char *dir, const char *name,
            struct device *out, struct diag *d)
{
	const char *path;

	if (strchr(name, '/') || str_ends(name, ".yaml"))
		return read_device(a, name, out, d);
	if (str_eq(name, "host")) {
		device_host(a, device_cpus(a), out);
		return 0;
	}
	path = file_join(a, dir, arena_printf(a, "%s.yaml", name));
	if (*name && *name != '.' && file_exists(path))
		return read_device(a, path, out, d);
	return unknown(a, dir, name, d);
}
