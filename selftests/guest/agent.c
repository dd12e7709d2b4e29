// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "params.h"

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Memory that can be taken without waking the OOM killer, with a reserve for the kernel. */
uint64_t available_memory(void)
{
	const uint64_t reserve = 8 << 20;
	unsigned long kb = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lu kB", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb * 1024ULL > reserve ? kb * 1024ULL - reserve : 0;
}

/*
 * What the kernel is just reporting to its host as free is not free meanwhile: up to 32 blocks of the largest order,
 * 128 MiB, at once, which after a boot is most of what there is. The host may take seconds for it.
 */
bool memory_becomes_available(uint64_t bytes)
{
	const uint64_t end = now_ns() + 30000000000ULL;

	while (available_memory() < bytes) {
		if (now_ns() > end)
			return false;
		usleep(100000);
	}
	return true;
}

/* One line on the console, in one write so that lines of threads do not mix. */
void say(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	n = snprintf(line, sizeof(line), "zguest: ");
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, n) != n)
		return;
}

int listen_tcp(unsigned short port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 16)) {
		say("cannot listen on port %u", port);
		exit(1);
	}
	return fd;
}

/* Accepts for ever; each connection gets a thread. */
void serve(int listener, void *(*fn)(void *), const char *what)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0)
			agent_start(fn, (void *)(intptr_t)fd, what);
	}
}

void agent_start(void *(*fn)(void *), void *arg, const char *what)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg)) {
		say("cannot start a thread for the %s", what);
		exit(1);
	}
	pthread_detach(thread);
}

/* Runs @fn with the options of kernel parameter "zguest.<name>=a=1,b=2", if it is there. */
static void autostart(char *cmdline, const char *name, command_fn fn)
{
	char key[32], out[ANSWER_MAX] = "", *at, *options;
	struct params p;
	int ret;

	snprintf(key, sizeof(key), "zguest.%s=", name);
	at = strstr(cmdline, key);
	if (!at)
		return;
	at += strlen(key);
	options = strndup(at, strcspn(at, "\n "));
	if (!options || params_parse(&p, options, ",")) {
		say("%s: bad options", key);
	} else {
		ret = fn(&p, out, sizeof(out));
		say("%s %s %s", name, ret ? "error" : "ok", out);
	}
	free(options);
}

int agent_main(void)
{
	char cmdline[4096] = "";
	FILE *f = fopen("/proc/cmdline", "r");

	if (f) {
		if (!fgets(cmdline, sizeof(cmdline), f))
			cmdline[0] = '\0';
		fclose(f);
	}
	signal(SIGPIPE, SIG_IGN);
	agent_start(beat_thread, NULL, "heartbeat");
	agent_start(echo_thread, NULL, "echo server");
	agent_start(power_thread, NULL, "power button");
	agent_start(console_thread, NULL, "console");
	agent_start(program_thread, NULL, "programs of others");
	autostart(cmdline, "fill", fill_make);
	autostart(cmdline, "mem", mem_start);
	autostart(cmdline, "disk", disk_start);
	say("ready");
	control_thread(NULL);
	return 1;
}
