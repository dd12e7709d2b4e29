// SPDX-License-Identifier: GPL-2.0
/* First process of the test guest. If the agent ends, so does the guest: by a panic, which nobody overlooks. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
}

static void use_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

/* In the order of their names: that of what they need. */
static void load_modules(void)
{
	struct dirent **names;
	int i, n = scandir("/modules", &names, NULL, alphasort);

	for (i = 0; i < n; i++) {
		char path[300];
		int fd;

		if (names[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/modules/%s", names[i]->d_name);
		fd = open(path, O_RDONLY);
		if (syscall(SYS_finit_module, fd, "", 0))
			say("cannot load %s", path);
		close(fd);
	}
}

int main(void)
{
	pid_t agent, pid;
	int status;

	mount_all();
	use_console();
	load_modules();
	net_up();
	agent = fork();
	if (!agent)
		exit(agent_main());
	do {
		pid = wait(&status);
	} while (pid > 0 && pid != agent);
	say("the agent has ended, status %#x", status);
	return 1;
}
