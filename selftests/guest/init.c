// SPDX-License-Identifier: GPL-2.0
/* First process of the test guest. If the agent ends, so does the guest: by a panic, which nobody overlooks. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* The value of kernel parameter @key ("zguest.ip="), up to the next blank. */
static char *parameter(const char *key, char *value, size_t len)
{
	char cmdline[4096] = "", *at;
	FILE *f = fopen("/proc/cmdline", "r");

	if (!f)
		return NULL;
	at = fgets(cmdline, sizeof(cmdline), f) ? strstr(cmdline, key) : NULL;
	fclose(f);
	if (!at)
		return NULL;
	at += strlen(key);
	at[strcspn(at, "\n ")] = '\0';
	snprintf(value, len, "%s", at);
	return value;
}

static int set_address(int s, const char *name, unsigned long request, in_addr_t addr)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = addr;
	return ioctl(s, request, &ifr);
}

static int set_up(int s, const char *name)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(s, SIOCGIFFLAGS, &ifr))
		return -1;
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	return ioctl(s, SIOCSIFFLAGS, &ifr);
}

static int set_gateway(int s, const char *text)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in *gw = (struct sockaddr_in *)&route.rt_gateway;

	route.rt_dst.sa_family = AF_INET;
	route.rt_genmask.sa_family = AF_INET;
	gw->sin_family = AF_INET;
	gw->sin_addr.s_addr = inet_addr(text);
	return ioctl(s, SIOCADDRT, &route);
}

/* zguest.ip=ADDRESS/PREFIX and zguest.gw=ADDRESS, for the first network interface. */
static void network(void)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), prefix = 24;
	char text[64], *slash;

	set_up(s, "lo");
	if (parameter("zguest.ip=", text, sizeof(text))) {
		slash = strchr(text, '/');
		if (slash) {
			*slash = '\0';
			prefix = atoi(slash + 1);
		}
		if (prefix < 1 || prefix > 32 || set_address(s, "eth0", SIOCSIFADDR, inet_addr(text)) ||
		    set_address(s, "eth0", SIOCSIFNETMASK, htonl(~0U << (32 - prefix))) || set_up(s, "eth0"))
			say("cannot give eth0 the address %s", text);
	}
	if (parameter("zguest.gw=", text, sizeof(text)) && set_gateway(s, text))
		say("cannot use gateway %s", text);
	close(s);
}

int main(void)
{
	pid_t agent, pid;
	int status;

	mount_all();
	use_console();
	load_modules();
	network();
	agent = fork();
	if (!agent)
		exit(agent_main());
	do {
		pid = wait(&status);
	} while (pid > 0 && pid != agent);
	say("the agent has ended, status %#x", status);
	return 1;
}
