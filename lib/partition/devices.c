/* Devices: files of data, and this machine. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "partition/partition.h"

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

/* --- this machine ----------------------------------------------------------------- */

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

int
device_host(struct arena *a, const char *dir, int64_t cpus, struct device *out,
            struct diag *d)
{
	struct level l = simd_level();
	struct device v;

	if (read_device(a, file_join(a, dir, "host.yaml"), &v, d) < 0)
		return -1;
	if (v.target != TARGET_HOST || !v.simd)
		return diag_error(d, POS_NONE, "device 'host' of '%s' must be "
		                  "of target host and have simd", dir);
	v.made = NULL;
	v.arch = l.arch;
	v.l1_gbps *= (double)cpus / (double)v.units;
	v.l2_gbps *= (double)cpus / (double)v.units;
	v.l3_gbps *= (double)cpus / (double)v.units;
	v.unit_gflops *= (double)l.bytes / (double)v.simd;
	v.units = v.veus = cpus;
	v.simd = l.bytes;
	host_caches(a, HOST_CACHES, cpus, (int64_t *const[]){&v.l1, &v.l2, &v.l3});
	*out = v;
	return device_check(out, d);
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

/* The names of the devices that there are, for a message. */
static void
list_devices(struct arena *a, const char *dir, struct strs *names)
{
	DIR *f = opendir(dir);
	struct dirent *e;

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
	if (str_eq(name, "host"))
		return device_host(a, dir, device_cpus(a), out, d);
	path = file_join(a, dir, arena_printf(a, "%s.yaml", name));
	if (*name && *name != '.' && file_exists(path))
		return read_device(a, path, out, d);
	return unknown(a, dir, name, d);
}
