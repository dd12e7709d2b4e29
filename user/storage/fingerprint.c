// SPDX-License-Identifier: GPL-2.0
#include "storage/fingerprint.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io.h"
#include "storage/look.h"
#include "storage/qcow2.h"
#include "storage/uri.h"

/* For a server to answer, and two programs to start and to read. */
#define SERVER_MS	15000
/* What qemu-io prints for 16 bytes, and more, and for a piece. */
#define DUMP_SIZE	(PLACES_MAX * (PLACE_LEN / 16 * 96 + 256))

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

/* Run a program of QEMU's that says something about the disk. */
static int run_tool(char *const *argv, const char *text, const struct spawn_user *user, char *said,
		    size_t size, deadline_t dl, struct zkz_err *err)
{
	int rc;

	said[0] = '\0';
	rc = spawn_run_as(user, argv, said, size, dl, err);
	if (!rc)
		return 0;
	if (rc > 0)
		return err_storage_server(err, text, said);
	return err_is(err, ERR_PROGRAM_SLOW) ? err_storage_server_silent(err, text) : -1;
}

static int nonsense(const char *text, const char *program, struct zkz_err *err)
{
	return err_storage_tool(err, text, program);
}

static int served_size(const char *text, char *name, const struct spawn_user *user, uint64_t *size,
		       deadline_t dl, struct zkz_err *err)
{
	char *argv[] = { "qemu-img", "info", "--output=json", name, NULL };
	char said[4096];
	json_t *obj, *v;

	if (run_tool(argv, text, user, said, sizeof(said), dl, err))
		return -1;
	obj = json_loads(said, 0, NULL);
	v = json_object_get(obj, "virtual-size");
	*size = json_integer_value(v) > 0 ? (uint64_t)json_integer_value(v) : 0;
	json_decref(obj);
	return v ? 0 : nonsense(text, argv[0], err);
}

/* Of a disk that is smaller here: its size tells enough, and what lies past its end reads as zeros. */
static size_t places_within(const struct fingerprint *p)
{
	size_t n = 0;

	while (n < p->nr && p->at[n] + PLACE_LEN <= p->size)
		n++;
	return n;
}

/* "read -v" prints what it reads: one program for all pieces. */
static int served_pieces(const char *text, char *name, const struct spawn_user *user,
			 struct fingerprint *p, unsigned char *buf, deadline_t dl, struct zkz_err *err)
{
	char *argv[2 * PLACES_MAX + 4], cmd[PLACES_MAX][48], *said;
	size_t i, n = 0, nr = places_within(p);
	int rc;

	if (!nr)
		return 0;
	argv[n++] = "qemu-io";
	argv[n++] = "-r";
	for (i = 0; i < nr; i++) {
		snprintf(cmd[i], sizeof(cmd[i]), "read -v %" PRIu64 " %d", p->at[i], PLACE_LEN);
		argv[n++] = "-c";
		argv[n++] = cmd[i];
	}
	argv[n++] = name;
	argv[n] = NULL;

	said = malloc(DUMP_SIZE);
	if (!said)
		return err_no_memory(err);
	rc = run_tool(argv, text, user, said, DUMP_SIZE, dl, err);
	if (!rc && places_from_dump(said, p->at, nr, buf))
		rc = nonsense(text, argv[0], err);
	free(said);
	return rc;
}

/* Through QEMU's own block driver, as the guest's disk is. */
static int take_served(const char *text, const struct storage_uri *u, const struct spawn_user *user,
		       struct fingerprint *p, unsigned char *buf, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(SERVER_MS);
	json_t *dev = uri_blockdev(u, "raw", "disk", -1);
	char *obj = json_dumps(dev, JSON_COMPACT), *name = NULL;
	int rc;

	json_decref(dev);
	if (!obj || asprintf(&name, "json:%s", obj) < 0) {
		free(obj);
		return err_no_memory(err);
	}
	rc = served_size(text, name, user, &p->size, dl, err);
	if (!rc && !p->nr)
		p->nr = places_choose(p->size, p->at);
	if (!rc)
		rc = served_pieces(text, name, user, p, buf, dl, err);
	free(name);
	free(obj);
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
	if (!rc && u.kind == URI_FILE)
		rc = take_file(u.path, format, user, p, buf, err);
	else if (!rc)
		rc = take_served(text, &u, user, p, buf, err);
	if (!rc)
		rc = digest(p, buf, err);
	free(buf);
	return rc;
}
