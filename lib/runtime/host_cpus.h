/* Which CPUs vEUs are bound to. */
#ifndef TAMP_HOST_CPUS_H
#define TAMP_HOST_CPUS_H

#include <pthread.h>
#include <stdbool.h>

#define HOST_NO_CPU (-1)

/* CPUs that this process may use, as it was when the first model was opened:
 * that a thread has been bound since does not count. */
int host_ncpus(void);

/* Takes n CPUs, those first that the fewest vEUs of this process's open models
 * have; fills cpu[0..n-1].  With n beyond host_ncpus nobody gets one of his
 * own: HOST_NO_CPU. */
void host_cpus_take(int *cpu, int n);
void host_cpus_give_back(const int *cpu, int n);

/* Binds a thread to be started, or the calling thread, to cpu; with
 * HOST_NO_CPU to all that the process may use.  Not being allowed to is no
 * fault: the thread runs where it may. */
void host_cpus_bind(pthread_attr_t *attr, int cpu);
void host_cpus_bind_self(int cpu);

#endif
