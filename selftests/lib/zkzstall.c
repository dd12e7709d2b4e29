// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzstall.h"

#define RT_LIMIT	"/proc/sys/kernel/sched_rt_runtime_us"
#define FAIR_SERVER	"/sys/kernel/debug/sched/fair_server/cpu%d/runtime"
#define FAIR_DEFAULT	"50000000"	/* what the kernel begins with */

struct zkzstall_shared {
	sem_t ready;			/* the thread waits on its processor */
	sem_t go;			/* it shall be busy now */
	volatile bool busy;		/* it is */
	volatile bool stop;		/* it shall be no more */
	volatile bool over;		/* the allocation has come to its end */
	int error;
	cpu_set_t others;		/* where the caller ran before */
};

static int last_cpu(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

bool zkzstall_possible(void)
{
	return last_cpu() > 0;
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

/* Two rules of the scheduler, the second since 6.12, give others a part of a processor that real-time threads fill. */
static bool share_processor(bool share)
{
	char path[80];

	snprintf(path, sizeof(path), FAIR_SERVER, last_cpu());
	return put(RT_LIMIT, share ? "950000" : "-1") && (access(path, F_OK) || put(path, share ? FAIR_DEFAULT : "0"));
}

static void *be_busy(void *arg)
{
	struct zkzstall_shared *shared = arg;
	struct sched_param prio = { .sched_priority = 50 };

	/* Without the right to it, nothing will stand still: begin says so. */
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &prio);
	sem_post(&shared->ready);
	while (sem_wait(&shared->go))
		;
	shared->busy = true;
	while (!shared->stop)
		;
	return NULL;
}

/* Run only on the last processor, or on all others. */
static bool choose_cpus(bool last)
{
	cpu_set_t cpus;
	int cpu;

	CPU_ZERO(&cpus);
	for (cpu = 0; !last && cpu < last_cpu(); cpu++)
		CPU_SET(cpu, &cpus);
	if (last)
		CPU_SET(last_cpu(), &cpus);
	return !sched_setaffinity(0, sizeof(cpus), &cpus);
}

static int allocate(struct zkzstall_shared *shared, int fd, off_t offset, off_t len)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	shared->error = !choose_cpus(true) ? errno : pthread_create(&thread, NULL, be_busy, shared);
	if (shared->error) {
		shared->over = true;
		return shared->error;
	}
	while (sem_wait(&shared->ready))
		;
	shared->error = fallocate(fd, 0, offset, len) ? errno : 0;
	shared->over = true;
	/* it may have been too late to stop it */
	shared->stop = true;
	sem_post(&shared->go);
	pthread_join(thread, NULL);
	return shared->error;
}

/* Until the first of the range is there: then it is being cleared, or the next is. */
static bool wait_begun(const struct zkzstall_shared *shared, int fd, off_t offset)
{
	while (!shared->over) {
		if (lseek(fd, offset, SEEK_DATA) == offset)
			return true;
	}
	return false;
}

bool zkzstall_begin(struct zkzstall *stall, int fd, off_t offset, off_t len)
{
	struct zkzstall_shared *shared;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return false;
	stall->shared = shared;
	sem_init(&shared->ready, 1, 0);
	sem_init(&shared->go, 1, 0);
	sched_getaffinity(0, sizeof(shared->others), &shared->others);
	share_processor(false);
	stall->pid = fork();
	if (!stall->pid)
		_exit(allocate(shared, fd, offset, len));
	choose_cpus(false);
	if (!wait_begun(shared, fd, offset))
		return false;
	sem_post(&shared->go);
	while (!shared->busy && !shared->over)
		;
	return zkzstall_stands(stall);
}

bool zkzstall_stands(const struct zkzstall *stall)
{
	return stall->shared->busy && !stall->shared->over;
}

int zkzstall_end(struct zkzstall *stall)
{
	int error;

	stall->shared->stop = true;
	while (waitpid(stall->pid, NULL, 0) < 0 && errno == EINTR)
		;
	error = stall->shared->error;
	share_processor(true);
	sched_setaffinity(0, sizeof(stall->shared->others), &stall->shared->others);
	munmap(stall->shared, sizeof(*stall->shared));
	stall->shared = NULL;
	return error;
}
