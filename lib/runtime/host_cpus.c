/* CPUs for vEUs: see host_cpus.h.
 *
 * A thread starts with its creator's mask, and model_pin leaves the caller
 * with a single CPU.  So the process's mask is asked for once, of its first
 * thread, and every vEU's is set from that.
 *
 * This is the one file that needs _GNU_SOURCE: for pinning. */
#define _GNU_SOURCE
#include "host_cpus.h"

#include <sched.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static cpu_set_t process;		/* set once */
static bool known;			/* whether process is */
static int users[CPU_SETSIZE];		/* vEUs that have a CPU; under lock */

static void
look(void)
{
	known = sched_getaffinity(getpid(), sizeof process, &process) == 0;
}

int
host_ncpus(void)
{
	pthread_once(&once, look);
	return known ? CPU_COUNT(&process) : 1;
}

/* Under lock. */
static int
least_used(void)
{
	int best = HOST_NO_CPU;

	for (int c = 0; c < CPU_SETSIZE; c++)
		if (CPU_ISSET(c, &process) &&
		    (best < 0 || users[c] < users[best]))
			best = c;
	return best;
}

void
host_cpus_take(int *cpu, int n)
{
	bool crowded = n > host_ncpus() || !known;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < n; i++) {
		cpu[i] = crowded ? HOST_NO_CPU : least_used();
		if (cpu[i] >= 0)
			users[cpu[i]]++;
	}
	pthread_mutex_unlock(&lock);
}

void
host_cpus_give_back(const int *cpu, int n)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < n; i++)
		if (cpu[i] >= 0)
			users[cpu[i]]--;
	pthread_mutex_unlock(&lock);
}

static cpu_set_t
set_of(int cpu)
{
	cpu_set_t one;

	if (cpu < 0)
		return process;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return one;
}

void
host_cpus_bind(pthread_attr_t *attr, int cpu)
{
	cpu_set_t set = set_of(cpu);

	if (known)
		pthread_attr_setaffinity_np(attr, sizeof set, &set);
}

void
host_cpus_bind_self(int cpu)
{
	cpu_set_t set = set_of(cpu);

	if (known)
		pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}
