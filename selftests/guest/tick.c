// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram every millisecond or so, with the guest's clock in it, for somebody outside who notes when each comes; see
 * zguesttick.c.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "params.h"

#define EVERY_US	1000

static struct {
	pthread_mutex_t lock;
	pthread_t thread;
	bool running;
	volatile bool stop;
	int fd;
	uint64_t every_ns, sent;
} tick = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Real-time priority: what delays a datagram is not to be another program of the guest. */
static void *tick_thread(void *arg)
{
	const struct sched_param rt = { .sched_priority = 20 };
	uint64_t next = now_ns();

	sched_setscheduler(0, SCHED_FIFO, &rt);
	while (!tick.stop) {
		struct tick t = { .seq = tick.sent, .ns = now_ns() };
		struct timespec until;

		if (send(tick.fd, &t, sizeof(t), MSG_DONTWAIT) == sizeof(t))
			tick.sent++;
		/* What is late stays late: a burst that makes up for it would only be another delay. */
		next = (next + tick.every_ns > t.ns ? next : t.ns) + tick.every_ns;
		until = (struct timespec){ .tv_sec = next / 1000000000, .tv_nsec = next % 1000000000 };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	return arg;
}

static int connect_to(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(TICK_PORT) };
	int fd;

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int tick_start(const struct params *p, char *out, size_t len)
{
	uint64_t us;
	int ret = -1;

	if (params_number(p, "every-us", EVERY_US, &us) || !us || us > 1000000 || params_unknown(p, "to every-us")) {
		snprintf(out, len, "tick start to=ADDRESS every-us=MICROSECONDS");
		return -1;
	}
	pthread_mutex_lock(&tick.lock);
	if (tick.running) {
		snprintf(out, len, "already started");
		goto unlock;
	}
	tick.fd = connect_to(params_get(p, "to", ""));
	if (tick.fd < 0) {
		snprintf(out, len, "cannot send to '%s'", params_get(p, "to", ""));
		goto unlock;
	}
	tick.every_ns = us * 1000;
	tick.sent = 0;
	tick.stop = false;
	if (pthread_create(&tick.thread, NULL, tick_thread, NULL)) {
		close(tick.fd);
		snprintf(out, len, "no thread");
		goto unlock;
	}
	tick.running = true;
	snprintf(out, len, "every-us=%lu", us);
	ret = 0;
unlock:
	pthread_mutex_unlock(&tick.lock);
	return ret;
}

int tick_stop(const struct params *p, char *out, size_t len)
{
	(void)p;
	pthread_mutex_lock(&tick.lock);
	if (tick.running) {
		tick.stop = true;
		pthread_join(tick.thread, NULL);
		close(tick.fd);
		tick.running = false;
	}
	snprintf(out, len, "sent=%lu", tick.sent);
	pthread_mutex_unlock(&tick.lock);
	return 0;
}
