// SPDX-License-Identifier: GPL-2.0
/* A kernel that the guest was brought, see program.c, starts in the place of the one that runs. */
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"
#include "params.h"

static void *kexec_soon(void *arg)
{
	usleep(300000);
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	say("no kexec");
	return arg;
}

/* With the parameters of the kernel that runs. */
static int load(const char *kernel, const char *initrd)
{
	char cmdline[4096] = "";
	int image = open(kernel, O_RDONLY | O_CLOEXEC), ram = open(initrd, O_RDONLY | O_CLOEXEC), ret = -1;
	FILE *f = fopen("/proc/cmdline", "r");

	if (f && fgets(cmdline, sizeof(cmdline), f)) {
		cmdline[strcspn(cmdline, "\n")] = '\0';
		ret = syscall(SYS_kexec_file_load, image, ram, strlen(cmdline) + 1, cmdline, 0UL);
	}
	if (f)
		fclose(f);
	close(image);
	close(ram);
	return ret;
}

int power_kexec(const struct params *p, char *out, size_t len)
{
	const char *unknown = params_unknown(p, "kernel initrd");

	if (unknown || load(params_get(p, "kernel", "/kernel"), params_get(p, "initrd", "/initrd"))) {
		snprintf(out, len, "cannot load that kernel: %m");
		return -1;
	}
	agent_start(kexec_soon, NULL, "kexec");
	snprintf(out, len, "starting another kernel");
	return 0;
}
