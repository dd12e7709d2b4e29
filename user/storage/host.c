// SPDX-License-Identifier: GPL-2.0
#include "storage/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/aside.h"
#include "lib/io.h"

/* Name service has time limits of its own, which are long. */
#define RESOLVE_S	10

struct answer {
	int32_t error;	/* of getaddrinfo(3) */
	int32_t ours;
	struct in6_addr least;
};

/* All addresses as those of IPv6. */
static bool widen(const struct sockaddr *sa, struct in6_addr *a)
{
	memset(a, 0, sizeof(*a));
	if (sa && sa->sa_family == AF_INET6) {
		*a = ((const struct sockaddr_in6 *)sa)->sin6_addr;
	} else if (sa && sa->sa_family == AF_INET) {
		a->s6_addr[10] = a->s6_addr[11] = 0xff;
		memcpy(&a->s6_addr[12], &((const struct sockaddr_in *)sa)->sin_addr, 4);
	} else {
		return false;
	}
	return true;
}

/* 127.0.0.0/8, ::1, and the addresses that mean any of ours. */
static bool is_loopback(const struct in6_addr *a)
{
	static const struct in6_addr any4 = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a) || !memcmp(a, &any4, sizeof(*a)) ||
	       (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

static bool is_ours(const struct ifaddrs *ifs, const struct sockaddr *sa)
{
	struct in6_addr want, have;

	if (!widen(sa, &want))
		return false;
	if (is_loopback(&want))
		return true;
	for (; ifs; ifs = ifs->ifa_next)
		if (widen(ifs->ifa_addr, &have) && !memcmp(&want, &have, sizeof(want)))
			return true;
	return false;
}

static void resolve_aside(int sock, const void *arg)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL, *i;
	struct ifaddrs *ifs = NULL;
	struct answer a = { 0 };
	struct in6_addr one;

	memset(&a.least, 0xff, sizeof(a.least));
	a.error = getaddrinfo(arg, NULL, &hints, &list);
	if (!a.error && getifaddrs(&ifs))
		a.error = EAI_SYSTEM;
	for (i = a.error ? NULL : list; i; i = i->ai_next) {
		a.ours |= is_ours(ifs, i->ai_addr);
		if (widen(i->ai_addr, &one) && memcmp(&one, &a.least, sizeof(one)) < 0)
			a.least = one;
	}
	io_write_full(sock, &a, sizeof(a), DEADLINE_NONE);
}

static int resolve(const char *host, struct answer *a, struct zkz_err *err)
{
	int sock = aside(resolve_aside, host, RESOLVE_S, err);
	ssize_t n;

	if (sock < 0)
		return -1;
	n = io_read(sock, a, sizeof(*a), deadline_in_ms(RESOLVE_S * 1000));
	io_close(&sock);
	if (n != sizeof(*a))
		return err_storage_host_silent(err, host);
	return a->error ? err_storage_host(err, host, gai_strerror(a->error)) : 0;
}

int host_is_us(const char *host, struct zkz_err *err)
{
	struct answer a;

	return resolve(host, &a, err) ? -1 : a.ours;
}

void host_canonical(const char *host, char *text, size_t size)
{
	struct answer a;

	if (resolve(host, &a, NULL)) {
		/* Names know no case. */
		for (; size > 1 && *host; size--)
			*text++ = (char)tolower((unsigned char)*host++);
		*text = '\0';
	} else if (a.ours) {
		snprintf(text, size, "ours");
	} else {
		inet_ntop(AF_INET6, &a.least, text, (socklen_t)size);
	}
}
