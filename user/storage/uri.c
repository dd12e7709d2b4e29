// SPDX-License-Identifier: GPL-2.0
#include "storage/uri.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NBD_PORT	10809

static int bad(const char *text, const char *why, struct zkz_err *err)
{
	err_set(err, ERR_CONFIG, "storage URI '%.200s': %s", text, why);
	return err_remedy(err, "Write file:/path or nbd://host:port/export.");
}

static int parse_file(const char *text, const char *path, struct storage_uri *u,
		      struct zkz_err *err)
{
	/* file:///path is the same as file:/path. */
	if (!strncmp(path, "///", 3))
		path += 2;
	if (path[0] != '/' || path[1] == '/')
		return bad(text, "the path must be absolute", err);
	if (strlen(path) >= sizeof(u->path))
		return bad(text, "the path is too long", err);
	if (path[strlen(path) - 1] == '/')
		return bad(text, "the path names a folder", err);
	u->kind = URI_FILE;
	strcpy(u->path, path);
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
	u->kind = URI_NBD;
	if (take_host(&p, u))
		return bad(text, "the host is missing or malformed", err);
	if (take_port(&p, u))
		return bad(text, "the port must be a number from 1 to 65535", err);
	if (*p && *p != '/')
		return bad(text, "'/' is expected after host and port", err);
	if (*p)
		p++;
	if (strlen(p) > 255 || strpbrk(p, "?#"))
		return bad(text, "the export name is malformed", err);
	strcpy(u->path, p);
	return 0;
}

int uri_parse(const char *text, struct storage_uri *u, struct zkz_err *err)
{
	const char *p;

	memset(u, 0, sizeof(*u));
	for (p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return bad(text, "blanks and control bytes are not allowed", err);

	if (!strncmp(text, "file:", 5))
		return parse_file(text, text + 5, u, err);
	if (!strncmp(text, "nbd://", 6))
		return parse_nbd(text, text + 6, u, err);
	return bad(text, "unknown scheme", err);
}

int uri_check(const char *text, struct zkz_err *err)
{
	struct storage_uri u;

	return uri_parse(text, &u, err);
}

static json_t *protocol_node(const struct storage_uri *u)
{
	char port[8];

	if (u->kind == URI_FILE)
		return json_pack("{s:s, s:s, s:s}", "driver", "file",
				 "filename", u->path, "locking", "on");

	snprintf(port, sizeof(port), "%u", u->port);
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:i}",
			 "driver", "nbd", "export", u->path,
			 "server", "type", "inet", "host", u->host, "port", port,
			 "reconnect-delay", 30);
}

json_t *uri_blockdev(const struct storage_uri *u, const char *format,
		     const char *node)
{
	json_t *file = protocol_node(u);
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
