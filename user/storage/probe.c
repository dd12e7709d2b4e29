// SPDX-License-Identifier: GPL-2.0
#include "storage/probe.h"

#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/io.h"
#include "storage/blockdev.h"
#include "storage/fs.h"
#include "storage/host.h"
#include "storage/lun.h"
#include "storage/places.h"
#include "storage/qcow2.h"
#include "storage/served.h"

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
	/* The identifier of a LUN means the same one on every host that sees it. */
	if (u.luname[0])
		return 1;
	if (uri_is_opened(&u))
		return file_is_shared(&u, user, why, err);
	ours = host_is_us(u.at.host, err);
	if (ours < 0)
		return -1;
	if (ours)
		err_storage_served_here(why, text);
	return !ours;
}

/* QEMU says only that it cannot load them. */
static int check_tls(const char *text, const struct spawn_user *user, struct zkz_err *err)
{
	const struct look_at at = { .path = BLOCKDEV_TLS_DIR "/ca-cert.pem", .flags = O_RDONLY, .user = user };
	struct look l;

	if (look_open(&at, &l, err))
		return err_storage_tls(err, text, user ? user->name : "root");
	io_close(&l.fd);
	return 0;
}

/* QEMU would open what the header names. */
static int check_image(const char *text, const struct storage_uri *u, const struct spawn_user *user,
		       struct zkz_err *err)
{
	unsigned char head[PLACE_LEN];
	struct served s;
	uint64_t size;
	size_t len;
	int rc;

	rc = served_open(&s, text, u, "raw", user, err) || served_look(&s, &size, head, &len, err) ? -1 :
		qcow2_alone(text, head, len, err);
	served_close(&s);
	return rc;
}

/* QEMU says it better than a trial connection, but for what it would not refuse. */
static int check_served(const char *text, const struct storage_uri *u, const char *format,
			const struct spawn_user *user, struct zkz_err *err)
{
	if (u->tls && check_tls(text, user, err))
		return -1;
	return strcmp(format, "qcow2") ? 0 : check_image(text, u, user, err);
}

int storage_open(const char *text, const char *format, bool write, const struct spawn_user *user, struct look *l,
		 struct zkz_err *err)
{
	struct storage_uri u;
	struct look_at at = { .flags = (write ? O_RDWR : O_RDONLY) | O_DIRECT, .user = user, .either = true };

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	if (uri_parse(text, &u, err))
		return -1;
	if (!uri_is_opened(&u))
		return check_served(text, &u, format, user, err);
	at.path = u.path;
	if (lun_place(&u, err) || look_open(&at, l, err))
		return -1;
	if (u.kind != URI_FILE && !l->block) {
		io_close(&l->fd);
		return err_storage_no_device(err, u.path);
	}
	/* QEMU has only the descriptors that it gets, and what a header names was checked by nobody. */
	if (!strcmp(format, "qcow2") && qcow2_alone(u.path, l->head, l->head_len, err)) {
		io_close(&l->fd);
		return -1;
	}
	return 0;
}

/* A LUN has a device for each of its paths. */
static void device_text(uint64_t dev, char *what, size_t size)
{
	char name[LUNAME_SIZE];

	if (lun_of_device(dev, name))
		snprintf(what, size, "lun %s", name);
	else
		snprintf(what, size, "file 1 %" PRIu64 " 0", dev);
}

/* Names of targets are unique, whatever portals lead to them. What the host's initiator sees, has an identifier. */
static void target_text(const struct storage_uri *u, char *what, size_t size)
{
	uint64_t dev;

	if (lun_of_target(u, &dev))
		device_text(dev, what, size);
	else
		snprintf(what, size, "iscsi %s %u", u->target, u->lun);
}

int storage_is_missing(const char *text, const char *format, bool write, const struct spawn_user *user,
		       struct zkz_err *err)
{
	struct look l;

	if (!storage_open(text, format, write, user, &l, err)) {
		io_close(&l.fd);
		return 0;
	}
	if (!err_is(err, ERR_STORAGE_MISSING))
		return -1;
	err_clear(err);
	return 1;
}

int storage_key(const char *text, const struct look *l, char *key, struct zkz_err *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct storage_uri u;
	char what[1400], host[sizeof(u.at.host)];

	if (uri_parse(text, &u, err))
		return -1;
	if (uri_is_opened(&u) && l->block) {
		device_text(l->dev, what, sizeof(what));
	} else if (uri_is_opened(&u)) {
		snprintf(what, sizeof(what), "file 0 %" PRIu64 " %" PRIu64, l->dev, l->ino);
	} else if (u.kind == URI_ISCSI) {
		target_text(&u, what, sizeof(what));
	} else {
		host_canonical(u.at.host, host, sizeof(host));
		snprintf(what, sizeof(what), "%s %s %u %s", u.kind == URI_NFS ? "nfs" : "nbd", host, u.at.port,
			 u.path);
	}
	if (!EVP_Digest(what, strlen(what), sum, NULL, EVP_sha256(), NULL))
		return err_internal(err, ERR_IMPOSSIBLE_DIGEST);
	hex_encode(sum, 32, key);
	return 0;
}
