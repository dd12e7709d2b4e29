// SPDX-License-Identifier: GPL-2.0
#include "storage/uri.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NBD_PORT	10809
/* What QEMU takes as the name of an export in all its versions. */
#define EXPORT_MAX	255

static int bad(const char *text, enum err_fault why, struct zkz_err *err)
{
	return err_config_uri(err, text, why);
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* Return: -1, or which enum err_fault @from has; @to gets its bytes. */
static int decode(const char *from, char *to, size_t size)
{
	size_t n = 0;

	for (; *from; from++, n++) {
		int high, low;

		if (n + 1 >= size)
			return ERR_FAULT_LONG;
		to[n] = *from;
		if (*from != '%')
			continue;
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0)
			return ERR_FAULT_PERCENT;
		if (!high && !low)
			return ERR_FAULT_ZERO;
		to[n] = (char)(high << 4 | low);
		from += 2;
	}
	to[n] = '\0';
	return -1;
}

static int parse_file(const char *text, const char *path, struct storage_uri *u,
		      struct zkz_err *err)
{
	int why;

	/* file:///path is the same as file:/path. */
	if (!strncmp(path, "///", 3))
		path += 2;
	u->kind = URI_FILE;
	why = decode(path, u->path, sizeof(u->path));
	if (why >= 0)
		return bad(text, (enum err_fault)why, err);
	if (u->path[0] != '/' || u->path[1] == '/')
		return bad(text, ERR_FAULT_RELATIVE, err);
	if (u->path[strlen(u->path) - 1] == '/')
		return bad(text, ERR_FAULT_FOLDER, err);
	return 0;
}

static int take_host(const char **p, struct storage_uri *u)
{
	const char *from = *p, *to;
	size_t len;

	if (*from == '[') {
		to = strchr(++from, ']');
		if (!to)
			return -1;
		*p = to + 1;
	} else {
		to = from + strcspn(from, ":/");
		*p = to;
	}
	len = (size_t)(to - from);
	if (!len || len >= sizeof(u->host))
		return -1;
	memcpy(u->host, from, len);
	u->host[len] = '\0';
	for (from = u->host; *from; from++)
		if (!isalnum((unsigned char)*from) && !strchr(".-_:%", *from))
			return -1;
	return 0;
}

static int take_port(const char **p, struct storage_uri *u)
{
	unsigned long v = 0;
	int digits = 0;

	u->port = NBD_PORT;
	if (**p != ':')
		return 0;
	for ((*p)++; isdigit((unsigned char)**p) && digits < 6; (*p)++, digits++)
		v = v * 10 + (unsigned long)(**p - '0');
	if (!digits || v < 1 || v > 65535)
		return -1;
	u->port = (uint16_t)v;
	return 0;
}

static int parse_nbd(const char *text, const char *p, struct storage_uri *u,
		     struct zkz_err *err)
{
	int why;

	u->kind = URI_NBD;
	if (take_host(&p, u))
		return bad(text, ERR_FAULT_HOST, err);
	if (take_port(&p, u))
		return bad(text, ERR_FAULT_PORT, err);
	if (*p && *p != '/')
		return bad(text, ERR_FAULT_SLASH, err);
	if (*p)
		p++;
	if (strpbrk(p, "?#"))
		return bad(text, ERR_FAULT_EXPORT, err);
	why = decode(p, u->path, EXPORT_MAX + 1);
	return why >= 0 ? bad(text, (enum err_fault)why, err) : 0;
}

/* QEMU hears of it in JSON. */
static int check_utf8(const char *text, const struct storage_uri *u, struct zkz_err *err)
{
	json_t *s = json_string(u->path);
	bool ok = s;

	json_decref(s);
	return ok ? 0 : bad(text, ERR_FAULT_ENCODING, err);
}

int uri_parse(const char *text, struct storage_uri *u, struct zkz_err *err)
{
	const char *p;
	int rc;

	memset(u, 0, sizeof(*u));
	for (p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return bad(text, ERR_FAULT_BYTE, err);

	if (!strncmp(text, "file:", 5))
		rc = parse_file(text, text + 5, u, err);
	else if (!strncmp(text, "nbd://", 6))
		rc = parse_nbd(text, text + 6, u, err);
	else
		rc = bad(text, ERR_FAULT_SCHEME, err);
	return rc ? rc : check_utf8(text, u, err);
}

int uri_check(const char *text, struct zkz_err *err)
{
	struct storage_uri u;

	return uri_parse(text, &u, err);
}

/* JSON is UTF-8, a name is bytes; uri_parse() refuses what is not both. */
static json_t *protocol_node(const struct storage_uri *u, int set)
{
	char port[8], name[32];

	snprintf(name, sizeof(name), "/dev/fdset/%d", set);
	if (u->kind == URI_FILE)
		return json_pack("{s:s, s:s, s:s}", "driver", u->block ? "host_device" : "file",
				 "filename", set < 0 ? u->path : name, "locking", "on");

	snprintf(port, sizeof(port), "%u", u->port);
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:i}",
			 "driver", "nbd", "export", u->path,
			 "server", "type", "inet", "host", u->host, "port", port,
			 "reconnect-delay", 30);
}

json_t *uri_blockdev(const struct storage_uri *u, const char *format,
		     const char *node, int set)
{
	json_t *file = protocol_node(u, set);
	char name[32];

	/*
	 * No host page cache: after a migration the other host must read what
	 * this one wrote.
	 */
	snprintf(name, sizeof(name), "%.20s-file", node);
	json_object_set_new(file, "node-name", json_string(name));
	json_object_set_new(file, "cache", json_pack("{s:b, s:b}", "direct", 1,
						     "no-flush", 0));
	json_object_set_new(file, "discard", json_string("unmap"));
	return json_pack("{s:s, s:s, s:s, s:{s:b, s:b}, s:o}", "driver", format,
			 "node-name", node, "discard", "unmap",
			 "cache", "direct", 1, "no-flush", 0, "file", file);
}
