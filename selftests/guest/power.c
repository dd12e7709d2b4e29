// SPDX-License-Identifier: GPL-2.0
/* Ends of the guest: by its power button, by order, and by a crash. */
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "guest.h"

#define BUTTONS_MAX 8

static atomic_bool ignored;

static void restart(int how)
{
	sync();
	reboot(how);
}

/* The answer goes out first. */
static void *restart_soon(void *how)
{
	usleep(300000);
	restart((intptr_t)how);
	return NULL;
}

int power_off(const struct params *p, char *out, size_t len)
{
	(void)p;
	agent_start(restart_soon, (void *)(intptr_t)RB_POWER_OFF, "power off");
	snprintf(out, len, "powering off");
	return 0;
}

int power_reboot(const struct params *p, char *out, size_t len)
{
	(void)p;
	agent_start(restart_soon, (void *)(intptr_t)RB_AUTOBOOT, "reboot");
	snprintf(out, len, "rebooting");
	return 0;
}

static void *crash_soon(void *arg)
{
	usleep(300000);
	if (write((intptr_t)arg, "c", 1) != 1)
		say("no crash");
	close((intptr_t)arg);
	return NULL;
}

int power_crash(const struct params *p, char *out, size_t len)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	(void)p;
	if (fd < 0) {
		snprintf(out, len, "cannot crash");
		return -1;
	}
	agent_start(crash_soon, (void *)(intptr_t)fd, "crash");
	snprintf(out, len, "crashing");
	return 0;
}

/* Like a guest without a handler for its power button. */
int power_ignore(const struct params *p, char *out, size_t len)
{
	(void)p;
	ignored = true;
	snprintf(out, len, "ignoring the power button");
	return 0;
}

int power_heed(const struct params *p, char *out, size_t len)
{
	(void)p;
	ignored = false;
	snprintf(out, len, "heeding the power button");
	return 0;
}

/* Waits for KEY_POWER on any input device; the number of devices does not change after boot. */
void *power_thread(void *arg)
{
	struct pollfd fds[BUTTONS_MAX];
	int i, nr = 0;

	for (i = 0; i < BUTTONS_MAX; i++) {
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/dev/input/event%d", i);
		fd = open(path, O_RDONLY);
		if (fd >= 0)
			fds[nr++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	while (nr && poll(fds, nr, -1) > 0) {
		for (i = 0; i < nr; i++) {
			struct input_event event;

			if (!(fds[i].revents & POLLIN) || read(fds[i].fd, &event, sizeof(event)) != sizeof(event))
				continue;
			if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1) {
				say("power button%s", ignored ? ", ignored" : "");
				if (!ignored)
					restart(RB_POWER_OFF);
			}
		}
	}
	return arg;
}
