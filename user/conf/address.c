// SPDX-License-Identifier: GPL-2.0
#include "conf/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int width(const struct conf_address *a)
{
	return a->v6 ? 128 : 32;
}

/* Are all bits from @bit on zero? */
static bool zero_from(const struct conf_address *a, unsigned int bit)
{
	for (; bit < width(a); bit++)
		if (a->byte[bit / 8] & 0x80U >> bit % 8)
			return false;
	return true;
}

static bool is_group(const struct conf_address *a)
{
	return a->v6 ? a->byte[0] == 0xff : a->byte[0] >> 4 == 0xe;
}

/* "/24": at most three digits, within the width */
static bool take_prefix(struct conf_address *a, const char *text)
{
	unsigned int n;
	int len = 0;

	if (strspn(text, "0123456789") != strlen(text) || sscanf(text, "%3u%n", &n, &len) != 1 || text[len] ||
	    n > width(a))
		return false;
	a->prefix = (int)n;
	if (zero_from(a, n))
		a->bits = n;
	return true;
}

bool conf_address_parse(const char *text, size_t len, struct conf_address *a)
{
	char word[CONF_ADDRESS_TEXT], *slash;

	memset(a, 0, sizeof(*a));
	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	slash = strchr(word, '/');
	if (slash)
		*slash++ = '\0';
	a->v6 = strchr(word, ':') != NULL;
	a->prefix = -1;
	if (inet_pton(a->v6 ? AF_INET6 : AF_INET, word, a->byte) != 1)
		return false;
	a->bits = width(a);
	if (slash && !take_prefix(a, slash))
		return false;
	/* 0.0.0.0 is nobody's address, unless all are meant. */
	return !is_group(a) && (!zero_from(a, 0) || a->bits < width(a));
}

void conf_address_print(const struct conf_address *a, char *out)
{
	size_t n;

	inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->byte, out, CONF_ADDRESS_TEXT);
	n = strlen(out);
	if (a->prefix >= 0)
		snprintf(out + n, CONF_ADDRESS_TEXT - n, "/%d", a->prefix);
}

int conf_addresses_parse(const char *text, struct conf_address a[CONF_MAX_ADDRESSES])
{
	int n = 0;

	for (;; text++) {
		size_t len = strcspn(text, ",");

		if (n == CONF_MAX_ADDRESSES || !conf_address_parse(text, len, a + n))
			return -1;
		n++;
		text += len;
		if (!*text)
			return n;
	}
}
