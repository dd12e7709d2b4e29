// SPDX-License-Identifier: GPL-2.0
#include "wire/uri.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME	"ssh://"

static bool word_ok(const char *s, size_t len, const char *extra)
{
	size_t i;

	if (!len || s[0] == '-')
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr(extra, s[i]))
			return false;
	return true;
}

static bool take(char *dst, size_t size, const char *s, size_t len,
		 const char *extra)
{
	if (len >= size || !word_ok(s, len, extra))
		return false;
	memcpy(dst, s, len);
	dst[len] = '\0';
	return true;
}

static bool take_port(const char *s, uint16_t *port)
{
	unsigned long val;
	char *end;

	if (!isdigit((unsigned char)*s) || strlen(s) > 5)
		return false;
	val = strtoul(s, &end, 10);
	if (*end || !val || val > UINT16_MAX)
		return false;
	*port = val;
	return true;
}

/* "[v6]", "[v6]:port", "name" or "name:port" */
static bool take_host(const char *s, struct host_uri *uri)
{
	const char *end;

	if (*s == '[') {
		end = strchr(++s, ']');
		if (!end || !take(uri->host, sizeof(uri->host), s, end - s, ".:%"))
			return false;
		end++;
	} else {
		end = s + strcspn(s, ":");
		if (!take(uri->host, sizeof(uri->host), s, end - s, ".-_"))
			return false;
	}
	if (!*end)
		return true;
	return *end == ':' && take_port(end + 1, &uri->port);
}

int host_uri_parse(const char *text, struct host_uri *uri, struct zkz_err *err)
{
	const char *rest = text, *at;

	memset(uri, 0, sizeof(*uri));
	if (strlen(text) > HOST_URI_MAX)
		return err_usage_host_uri_long(err, HOST_URI_MAX, text);
	if (strncmp(rest, SCHEME, strlen(SCHEME)))
		goto bad;
	rest += strlen(SCHEME);
	at = strchr(rest, '@');
	if (at) {
		if (!take(uri->user, sizeof(uri->user), rest, at - rest, "._-"))
			goto bad;
		rest = at + 1;
	}
	if (take_host(rest, uri))
		return 0;
bad:
	return err_usage_host_uri(err, text);
}
