// SPDX-License-Identifier: GPL-2.0
#include "storage/authority.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "storage/percent.h"

/* Names know no case. */
static bool take_name(const char *from, size_t len, struct authority *a)
{
	size_t i;

	if (!len || len >= sizeof(a->host))
		return false;
	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)from[i]) && !strchr(".-_", from[i]))
			return false;
		a->host[i] = (char)tolower((unsigned char)from[i]);
	}
	a->host[len] = '\0';
	return a->host[0] != '-';
}

/* An interface goes after '%', which is written "%25" in URIs (RFC 6874), and often not. */
static bool take_scope(const char *from, size_t len, char *to, size_t size)
{
	size_t i;

	if (len > 3 && !strncmp(from, "%25", 3)) {
		from += 2;
		len -= 2;
	}
	if (len < 2 || len >= size)
		return false;
	for (i = 1; i < len; i++) {
		if (!isalnum((unsigned char)from[i]) && !strchr(".-_", from[i]))
			return false;
		to[i] = from[i];
	}
	to[0] = '%';
	to[len] = '\0';
	return true;
}

static bool take_ipv6(const char *from, size_t len, struct authority *a)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	size_t digits = 0;

	while (digits < len && from[digits] != '%')
		digits++;
	if (digits >= sizeof(text))
		return false;
	memcpy(text, from, digits);
	text[digits] = '\0';
	if (inet_pton(AF_INET6, text, &addr) != 1 || !inet_ntop(AF_INET6, &addr, a->host, INET6_ADDRSTRLEN))
		return false;
	return digits == len ||
	       take_scope(from + digits, len - digits, a->host + strlen(a->host), 64);
}

static int take_user(const char **p, struct authority *a)
{
	size_t len = strcspn(*p, "@/");
	char text[3 * sizeof(a->user)];
	int why;

	if ((*p)[len] != '@')
		return -1;
	if (!len || len >= sizeof(text))
		return ERR_FAULT_USER;
	memcpy(text, *p, len);
	text[len] = '\0';
	*p += len + 1;
	why = percent_decode(text, a->user, sizeof(a->user));
	return why == ERR_FAULT_LONG ? ERR_FAULT_USER : why;
}

static bool take_host(const char **p, struct authority *a)
{
	const char *from = *p, *to;

	if (*from != '[') {
		to = from + strcspn(from, ":/");
		*p = to;
		return take_name(from, (size_t)(to - from), a);
	}
	to = strchr(++from, ']');
	if (!to)
		return false;
	*p = to + 1;
	return take_ipv6(from, (size_t)(to - from), a);
}

static bool take_port(const char **p, struct authority *a)
{
	unsigned long v = 0;
	int digits = 0;

	if (**p != ':')
		return true;
	for ((*p)++; isdigit((unsigned char)**p) && digits < 6; (*p)++, digits++)
		v = v * 10 + (unsigned long)(**p - '0');
	a->port = (uint16_t)v;
	return digits && v >= 1 && v <= 65535;
}

int authority_parse(const char **p, uint16_t port, struct authority *a)
{
	int why;

	memset(a, 0, sizeof(*a));
	a->port = port;
	if (!**p || **p == '/')
		return -1;
	why = take_user(p, a);
	if (why >= 0)
		return why;
	if (!take_host(p, a))
		return ERR_FAULT_HOST;
	if (!take_port(p, a))
		return ERR_FAULT_PORT;
	return **p && **p != '/' ? ERR_FAULT_SLASH : -1;
}

/* A colon or an '@' in the name would mean something else. */
static char *print_user(const char *user, char *text)
{
	for (; *user; user++) {
		if (isalnum((unsigned char)*user) || strchr("-._", *user))
			*text++ = *user;
		else
			text += sprintf(text, "%%%02X", (unsigned char)*user);
	}
	*text++ = '@';
	*text = '\0';
	return text;
}

char *authority_print(const struct authority *a, uint16_t port, char *text)
{
	const char *scope = strchr(a->host, '%');

	*text = '\0';
	if (a->user[0])
		text = print_user(a->user, text);
	if (scope)
		text += sprintf(text, "[%.*s%%25%s]", (int)(scope - a->host), a->host, scope + 1);
	else
		text += sprintf(text, strchr(a->host, ':') ? "[%s]" : "%s", a->host);
	if (a->host[0] && a->port != port)
		text += sprintf(text, ":%u", a->port);
	return text;
}
