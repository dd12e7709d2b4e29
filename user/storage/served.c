// SPDX-License-Identifier: GPL-2.0
#include "storage/served.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io.h"
#include "storage/blockdev.h"
#include "storage/initiator.h"
#include "storage/places.h"
#include "storage/secret.h"

/* For a server to answer, and two programs to start and to read. */
#define SERVER_MS	40000
/* What qemu-io prints for 16 bytes, and more, and for a piece. */
#define DUMP_SIZE	(PLACES_MAX * (PLACE_LEN / 16 * 96 + 256))
/* Program, option, object, two words for each piece, name, end. */
#define WORDS		(2 * PLACES_MAX + 8)

static char *dump(json_t *obj)
{
	char *text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;

	json_decref(obj);
	return text;
}

int served_open_as(struct served *s, const char *node, const char *text, const struct storage_uri *u,
		   const char *format, const struct spawn_user *user, struct zkz_err *err)
{
	struct storage_uri named = *u;
	char *told;

	*s = (struct served){ .text = text, .user = user, .secret = -1, .dl = deadline_in_ms(SERVER_MS) };
	if (initiator_name(&named, err) || secret_open(u, &s->secret, err))
		return -1;
	s->object = dump(uri_object(u, node, s->secret));
	told = dump(uri_blockdev(&named, format, node, -1, true));
	if (!told || asprintf(&s->name, "json:%s", told) < 0)
		s->name = NULL;
	free(told);
	return s->name ? 0 : err_no_memory(err);
}

int served_open(struct served *s, const char *text, const struct storage_uri *u, const char *format,
		const struct spawn_user *user, struct zkz_err *err)
{
	return served_open_as(s, "disk", text, u, format, user, err);
}

void served_close(struct served *s)
{
	free(s->name);
	free(s->object);
	io_close(&s->secret);
}

/* Program, and the objects that its disk needs. Return: how many words. */
static size_t begin(const struct served *s, const char *program, const char *verb, const char **argv)
{
	size_t n = 0;

	argv[n++] = program;
	if (verb)
		argv[n++] = verb;
	if (s->object) {
		argv[n++] = "--object";
		argv[n++] = s->object;
	}
	return n;
}

void served_lend(const struct served *s, bool on)
{
	if (s->secret >= 0)
		fcntl(s->secret, F_SETFD, on ? 0 : FD_CLOEXEC);
}

/* "qemu-img: Could not open 'json:{...}': why": what the disk is, is said otherwise, and why would be cut off. */
static const char *reason(char *said)
{
	char *name = strstr(said, "json:{"), *end = NULL, *p;

	for (p = name; p && (p = strchr(p, '}')); p++)
		if (!strncmp(p, "}': ", 4) || !strncmp(p, "}: ", 3))
			end = strchr(p, ' ') + 1;
	if (!end)
		return said;
	end[strcspn(end, "\r\n")] = '\0';
	return end;
}

/* Run a program of QEMU's that says something about the disk. */
static int run_tool(const struct served *s, const char **argv, char *said, size_t size, struct zkz_err *err)
{
	int rc;

	said[0] = '\0';
	served_lend(s, true);
	rc = spawn_run_as(s->user, (char *const *)argv, said, size, s->dl, err);
	served_lend(s, false);
	if (!rc)
		return 0;
	if (rc > 0)
		return err_storage_server(err, s->text, reason(said));
	return err_is(err, ERR_PROGRAM_SLOW) ? err_storage_server_silent(err, s->text) : -1;
}

int served_size(const struct served *s, uint64_t *size, struct zkz_err *err)
{
	const char *argv[WORDS];
	size_t n = begin(s, "qemu-img", "info", argv);
	char said[4096];
	json_t *obj, *v;

	argv[n++] = "--output=json";
	argv[n++] = s->name;
	argv[n] = NULL;
	if (run_tool(s, argv, said, sizeof(said), err))
		return -1;
	obj = json_loads(said, 0, NULL);
	v = json_object_get(obj, "virtual-size");
	n = !v;
	*size = json_integer_value(v) > 0 ? (uint64_t)json_integer_value(v) : 0;
	json_decref(obj);
	return n ? err_storage_tool(err, s->text, argv[0]) : 0;
}

/* "read -v" prints what it reads: one program for all pieces. */
int served_read(const struct served *s, const uint64_t *at, size_t nr, unsigned char *buf, struct zkz_err *err)
{
	char cmd[PLACES_MAX][48], *said;
	const char *argv[WORDS];
	size_t i, n = begin(s, "qemu-io", NULL, argv);
	int rc;

	if (!nr)
		return 0;
	argv[n++] = "-r";
	for (i = 0; i < nr; i++) {
		snprintf(cmd[i], sizeof(cmd[i]), "read -v %" PRIu64 " %d", at[i], PLACE_LEN);
		argv[n++] = "-c";
		argv[n++] = cmd[i];
	}
	argv[n++] = s->name;
	argv[n] = NULL;

	said = malloc(DUMP_SIZE);
	if (!said)
		return err_no_memory(err);
	rc = run_tool(s, argv, said, DUMP_SIZE, err);
	if (!rc && places_from_dump(said, at, nr, buf))
		rc = err_storage_tool(err, s->text, argv[0]);
	free(said);
	return rc;
}

int served_look(const struct served *s, uint64_t *size, unsigned char *head, size_t *len, struct zkz_err *err)
{
	static const uint64_t first;

	*len = 0;
	if (served_size(s, size, err))
		return -1;
	if (*size < PLACE_LEN)
		return 0;
	*len = PLACE_LEN;
	return served_read(s, &first, 1, head, err);
}
