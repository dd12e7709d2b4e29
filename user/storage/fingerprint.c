// SPDX-License-Identifier: GPL-2.0
#include "storage/fingerprint.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io.h"
#include "storage/look.h"
#include "storage/lun.h"
#include "storage/qcow2.h"
#include "storage/served.h"
#include "storage/uri.h"

static int digest(struct fingerprint *p, const unsigned char *buf, struct zkz_err *err)
{
	size_t i;

	for (i = 0; i < p->nr; i++, buf += PLACE_LEN)
		if (!EVP_Digest(buf, PLACE_LEN, p->sum[i], NULL, EVP_sha256(), NULL))
			return err_internal(err, ERR_IMPOSSIBLE_DIGEST);
	return 0;
}

static int take_file(const char *path, const char *format, const struct spawn_user *user,
		     struct fingerprint *p, unsigned char *buf, struct zkz_err *err)
{
	const struct look_at at = {
		.path = path, .flags = O_RDONLY | O_DIRECT, .user = user, .either = true,
	};
	struct look l;
	int rc;

	if (look_open(&at, &l, err))
		return -1;
	p->size = strcmp(format, "qcow2") ? l.size : qcow2_size(l.head, l.head_len);
	if (!p->nr)
		p->nr = places_choose(l.size, p->at);
	rc = look_blocks(l.fd, p->at, p->nr, PLACE_LEN, buf, err);
	io_close(&l.fd);
	return rc ? err_storage_at(err, path) : 0;
}

/* Of a disk that is smaller here: its size tells enough, and what lies past its end reads as zeros. */
static size_t places_within(const struct fingerprint *p)
{
	size_t n = 0;

	while (n < p->nr && p->at[n] + PLACE_LEN <= p->size)
		n++;
	return n;
}

/* Through QEMU's own block driver, as the guest's disk is. */
static int take_served(const char *text, const struct storage_uri *u, const struct spawn_user *user,
		       struct fingerprint *p, unsigned char *buf, struct zkz_err *err)
{
	struct served s;
	int rc = served_open(&s, text, u, "raw", user, err);

	if (!rc)
		rc = served_size(&s, &p->size, err);
	if (!rc && !p->nr)
		p->nr = places_choose(p->size, p->at);
	if (!rc)
		rc = served_read(&s, p->at, places_within(p), buf, err);
	served_close(&s);
	return rc;
}

int fingerprint_take(const char *text, const char *format, const struct spawn_user *user,
		     struct fingerprint *p, struct zkz_err *err)
{
	unsigned char *buf = calloc(PLACES_MAX, PLACE_LEN);
	struct storage_uri u;
	int rc;

	if (!buf)
		return err_no_memory(err);
	rc = uri_parse(text, &u, err);
	if (!rc && uri_is_opened(&u))
		rc = lun_place(&u, err) || take_file(u.path, format, user, p, buf, err) ? -1 : 0;
	else if (!rc)
		rc = take_served(text, &u, user, p, buf, err);
	if (!rc)
		rc = digest(p, buf, err);
	free(buf);
	return rc;
}
