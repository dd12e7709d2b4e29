// SPDX-License-Identifier: GPL-2.0
#include "storage/probe.h"

#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/io.h"
#include "storage/fs.h"
#include "storage/host.h"
#include "storage/qcow2.h"

static int file_is_shared(const struct storage_uri *u, const struct spawn_user *user, struct zkz_err *why,
			  struct zkz_err *err)
{
	const struct look_at at = { .path = u->path, .flags = O_RDONLY, .user = user, .either = true };
	const struct fs_kind *k;
	char magic[24];
	struct look l;

	if (look_open(&at, &l, err))
		return -1;
	io_close(&l.fd);
	k = fs_find((unsigned long)l.fs);
	if (!l.block && k && k->shared)
		return 1;
	snprintf(magic, sizeof(magic), "0x%" PRIx64, l.fs);
	if (l.block)
		err_storage_block_device(why, u->path);
	else if (k)
		err_storage_local_fs(why, u->path, k->name);
	else
		err_storage_unknown_fs(why, u->path, magic);
	return 0;
}

int storage_is_shared(const char *text, const struct spawn_user *user, struct zkz_err *why, struct zkz_err *err)
{
	struct storage_uri u;
	int ours;

	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind == URI_FILE)
		return file_is_shared(&u, user, why, err);
	ours = host_is_us(u.host, err);
	if (ours < 0)
		return -1;
	if (ours)
		err_storage_served_here(why, text);
	return !ours;
}

int storage_open(const char *text, const char *format, const struct spawn_user *user, struct look *l,
		 struct zkz_err *err)
{
	struct storage_uri u;
	struct look_at at = { .flags = O_RDWR | O_DIRECT, .user = user, .either = true };

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind != URI_FILE)
		return 0;	/* QEMU says it better than a trial connection */
	at.path = u.path;
	if (look_open(&at, l, err))
		return -1;
	/* QEMU has only the descriptors that it gets, and what a header names was checked by nobody. */
	if (!strcmp(format, "qcow2") && qcow2_alone(u.path, l->head, l->head_len, err)) {
		io_close(&l->fd);
		return -1;
	}
	return 0;
}

int storage_key(const char *text, const struct look *l, char *key, struct zkz_err *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct storage_uri u;
	char what[1400], host[sizeof(u.host)];

	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind == URI_FILE) {
		snprintf(what, sizeof(what), "file %d %" PRIu64 " %" PRIu64, l->block, l->dev, l->ino);
	} else {
		host_canonical(u.host, host, sizeof(host));
		snprintf(what, sizeof(what), "nbd %s %u %s", host, u.port, u.path);
	}
	if (!EVP_Digest(what, strlen(what), sum, NULL, EVP_sha256(), NULL))
		return err_internal(err, ERR_IMPOSSIBLE_DIGEST);
	hex_encode(sum, 32, key);
	return 0;
}
