// SPDX-License-Identifier: GPL-2.0
/* Storage URIs as texts, and which of them are equal. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "storage/percent.h"
#include "storage/uri.h"

/* Ports that are not written. */
#define ISCSI_PORT	3260
#define NFS_PORT	2049
#define NBD_PORT	10809

bool uri_is_opened(const struct storage_uri *u)
{
	return u->kind == URI_FILE || u->kind == URI_DEV || u->luname[0];
}

static bool same_host(const struct storage_uri *a, const struct storage_uri *b)
{
	return a->at.port == b->at.port && !strcmp(a->at.host, b->at.host);
}

/* Whom a server is asked as, and by which way, makes no other disk. */
bool uri_same(const struct storage_uri *a, const struct storage_uri *b)
{
	if (a->luname[0] || b->luname[0])
		return !strcmp(a->luname, b->luname);
	if (uri_is_opened(a) && uri_is_opened(b))
		return !strcmp(a->path, b->path);
	if (a->kind != b->kind)
		return false;
	/* Names of targets are unique in the world; portals lead to them. */
	if (a->kind == URI_ISCSI)
		return a->lun == b->lun && !strcmp(a->target, b->target);
	return same_host(a, b) && !strcmp(a->path, b->path);
}

static void print_lu(const struct storage_uri *u, char *text)
{
	text += sprintf(text, "lu:");
	if (u->from[0])
		text += sprintf(text, "initiator.%s,target.%s,", u->from, u->to);
	sprintf(text, "luname.%s", u->luname);
}

static void print_iscsi(const struct storage_uri *u, char *text)
{
	text = authority_print(&u->at, ISCSI_PORT, text + sprintf(text, "iscsi://"));
	if (u->luname[0])
		sprintf(text, "/luname.%s", u->luname);
	else
		sprintf(text, "/target.%s,lun.%u", u->target, u->lun);
}

static void print_nfs(const struct storage_uri *u, char *text)
{
	text += sprintf(text, "nfs://");
	if (u->uid >= 0)
		text += sprintf(text, "%" PRId64, u->uid);
	if (u->gid >= 0)
		text += sprintf(text, ":%" PRId64, u->gid);
	if (u->uid >= 0)
		*text++ = '@';
	percent_encode(u->path, authority_print(&u->at, NFS_PORT, text));
}

static void print_nbd(const struct storage_uri *u, char *text)
{
	text += sprintf(text, u->tls ? "nbds://" : "nbd://");
	text = authority_print(&u->at, NBD_PORT, text);
	*text++ = '/';
	percent_encode(u->path, text);
}

char *uri_print(const struct storage_uri *u, char *text)
{
	switch (u->kind) {
	case URI_FILE:
		percent_encode(u->path, text + sprintf(text, "file:"));
		break;
	case URI_DEV:
		percent_encode(u->path + strlen("/dev/"), text + sprintf(text, "dev:"));
		break;
	case URI_LU:
		print_lu(u, text);
		break;
	case URI_ISCSI:
		print_iscsi(u, text);
		break;
	case URI_NFS:
		print_nfs(u, text);
		break;
	case URI_NBD:
		print_nbd(u, text);
		break;
	}
	return text;
}
