/* Partition: a graph and a device to tasks/1.
 *
 * Nodes are lowered to canonical forms, Maps fused into what makes or reads
 * their operands, layouts given, equal instances grouped into classes, and
 * for each class the rKernels that fit are listed with a cost. */
#ifndef PARTITION_PARTITION_H
#define PARTITION_PARTITION_H

#include "ir/weights.h"
#include "rkernel/kernel.h"

enum fuse_level { FUSE_NONE, FUSE_MAPS, FUSE_SHARED };

struct partition_options {
	enum fuse_level fuse;
};

/* Fills *out.  g is checked; w may be NULL where g names no weights file.
 * -1 after diagnostics: each rOperator for which no kernel fits, with the
 * reasons. */
int partition(struct arena *a, const struct graph *g, const struct weights *w,
              const struct device *v, const struct kernels *k,
              const struct partition_options *o, struct tasks *out,
              struct diag *d);

/* Sets what one rTask of a candidate computes (flops) and moves (bytes), and us,
 * its estimated time alone on a unit: the larger of the two by the roofline
 * (cost.c). */
void cost_task(const struct kernel *k, const struct class *c,
               struct candidate *cand, const struct device *v);

/* All rTasks of a candidate one after the other, each with what it costs to begin
 * it, us. */
double cost_work(const struct candidate *cand, const struct device *v);

/* The same, spread over the device's vEUs, us. */
double cost_rop(const struct candidate *cand, const struct device *v);

/* A device of that name in dir, or the file itself if the name has a '/' or
 * ends in .yaml.  "host" is this machine (device_host).  -1 after
 * diagnostics. */
int device_find(struct arena *a, const char *dir, const char *name,
                struct device *out, struct diag *d);

/* CPUs that this process may use. */
int64_t device_cpus(struct arena *a);

/* Data caches of levels 1 to 3, as Linux describes those of a CPU in dir: bytes
 * each, of the third those of all that cpus CPUs have.  What is not told of stays.
 * (sysconf tells of AMD's third level as if each thread had one.) */
#define HOST_CACHES "/sys/devices/system/cpu/cpu0/cache"
void host_caches(struct arena *a, const char *dir, int64_t cpus,
                 int64_t *const bytes[3]);

/* This machine, of which cpus may be used: host.yaml in dir with the CPUs, SIMD
 * level and caches that are found here.  Its unit_gflops are scaled from its
 * vectors to those found, the rates of its caches from its units to cpus. */
int device_host(struct arena *a, const char *dir, int64_t cpus,
                struct device *out, struct diag *d);

#endif
