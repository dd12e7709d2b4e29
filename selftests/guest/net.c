// SPDX-License-Identifier: GPL-2.0
/* The address of the guest's first network interface, and the driver of that. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netpacket/packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"
#include "params.h"

#define DRIVER	"/sys/bus/virtio/drivers/virtio_net"

static unsigned int rebinds;

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
void net_up(void)
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

static int tell_driver(const char *what, const char *device)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), DRIVER "/%s", what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ret = write(fd, device, strlen(device)) == (ssize_t)strlen(device) ? 0 : -1;
	close(fd);
	return ret;
}

/* The answer goes out first. A new interface gets its address anew. */
static void *rebind_soon(void *arg)
{
	char *device = arg;

	usleep(300000);
	if (tell_driver("unbind", device) || tell_driver("bind", device)) {
		say("cannot take virtio_net off %s and back", device);
	} else {
		net_up();
		__atomic_add_fetch(&rebinds, 1, __ATOMIC_SEQ_CST);
	}
	free(device);
	return NULL;
}

/* What the driver holds are links to its devices, "virtio0", beside files. */
static char *first_device(void)
{
	char link[64], path[64];
	int i;

	for (i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), DRIVER "/virtio%d", i);
		if (readlink(path, link, sizeof(link)) > 0)
			return strdup(strrchr(path, '/') + 1);
	}
	return NULL;
}

int net_rebind(const struct params *p, char *out, size_t len)
{
	char *device = first_device();

	(void)p;
	if (!device) {
		snprintf(out, len, "virtio_net has no device");
		return -1;
	}
	snprintf(out, len, "rebinding %s", device);
	agent_start(rebind_soon, device, "rebinding");
	return 0;
}

/* What the interface's packets may have at most, which the host may have told it. */
int net_mtu(const struct params *p, char *out, size_t len)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;
	struct ifreq ifr = { .ifr_name = "eth0" };

	(void)p;
	ret = ioctl(s, SIOCGIFMTU, &ifr);
	close(s);
	snprintf(out, len, ret ? "eth0 has no size of packets" : "mtu=%d", ifr.ifr_mtu);
	return ret;
}

/* Bytes as they are, with whatever addresses: as a guest sends that is up to no good. */
int net_send(const struct params *p, char *out, size_t len)
{
	const char *hex = params_get(p, "hex", "");
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("eth0") };
	int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	unsigned char frame[256];
	ssize_t n = 0, sent;

	while (n < (ssize_t)sizeof(frame) && sscanf(hex + 2 * n, "%2hhx", frame + n) == 1)
		n++;
	sent = s < 0 ? -1 : sendto(s, frame, n, 0, (struct sockaddr *)&to, sizeof(to));
	snprintf(out, len, sent == n && n ? "sent=%zd" : "eth0 sends no %zd bytes: %m", n);
	close(s);
	return sent == n && n ? 0 : -1;
}

/* How many there are, but for the one to itself. */
int net_links(const struct params *p, char *out, size_t len)
{
	struct if_nameindex *all = if_nameindex(), *one;
	int n = 0;

	(void)p;
	for (one = all; one && one->if_name; one++)
		n += strcmp(one->if_name, "lo") != 0;
	if_freenameindex(all);
	snprintf(out, len, "links=%d", n);
	return 0;
}

int net_stat(const struct params *p, char *out, size_t len)
{
	(void)p;
	snprintf(out, len, "rebinds=%u", __atomic_load_n(&rebinds, __ATOMIC_SEQ_CST));
	return 0;
}
