// SPDX-License-Identifier: GPL-2.0
#include "storage/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"

#define WORDS	20
/* What it says last is kept. */
#define SAID	1024
#define GRACE_MS 2000
/* It has nothing more to say, and closes its disks. */
#define END_MS	60000

int convert_file(struct convert_end *e, int fd, bool block, const char *format, struct zkz_err *err)
{
	char path[64], *text;
	json_t *node;

	*e = (struct convert_end){ .fd = fd, .served = { .secret = -1 } };
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	node = json_pack("{s:s, s:{s:s, s:s, s:{s:b}}}", "driver", format, "file",
			 "driver", block ? "host_device" : "file", "filename", path, "cache", "direct", 1);
	text = node ? json_dumps(node, JSON_COMPACT) : NULL;
	json_decref(node);
	if (!text || asprintf(&e->name, "json:%s", text) < 0)
		e->name = NULL;
	free(text);
	return e->name ? 0 : err_no_memory(err);
}

int convert_served(struct convert_end *e, const char *node, const char *text, const struct storage_uri *u,
		   const char *format, const struct spawn_user *user, struct zkz_err *err)
{
	*e = (struct convert_end){ .fd = -1, .served = { .secret = -1 } };
	if (served_open_as(&e->served, node, text, u, format, user, err))
		return -1;
	e->name = strdup(e->served.name);
	return e->name ? 0 : err_no_memory(err);
}

void convert_close(struct convert_end *e)
{
	free(e->name);
	e->name = NULL;
	served_close(&e->served);
}

static void lend(const struct convert_end *e, bool on)
{
	if (e->fd >= 0)
		fcntl(e->fd, F_SETFD, on ? 0 : FD_CLOEXEC);
	served_lend(&e->served, on);
}

/* "    (42.00/100%)\r" */
double convert_percent(const char *said)
{
	const char *at = strrchr(said, '(');
	double percent;
	char *end;

	/* What is not all there yet is worth less than what came before. */
	while (at && !strchr(at, ')') && at > said)
		at = memrchr(said, '(', (size_t)(at - said));
	if (!at)
		return -1;
	percent = strtod(at + 1, &end);
	return strncmp(end, "/100%)", 6) || !(percent >= 0 && percent <= 100) ? -1 : percent;
}

/* Keeps the end of what was said. */
static ssize_t hear(int fd, char *said, size_t *len)
{
	char piece[256];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n <= 0)
		return n;
	if (*len + (size_t)n >= SAID) {
		size_t drop = *len + (size_t)n - (SAID - 1);

		memmove(said, said + drop, *len - drop);
		*len -= drop;
	}
	memcpy(said + *len, piece, (size_t)n);
	*len += (size_t)n;
	said[*len] = '\0';
	return n;
}

/* Until it has ended, or somebody has hung up. */
static int follow(const struct copy *c, int fd, uint64_t size, char *said, struct zkz_err *err)
{
	size_t len = 0;
	ssize_t n;

	said[0] = '\0';
	do {
		double percent;

		if (io_wait_watched(fd, POLLIN, c->watch, DEADLINE_NONE))
			return errno == ECANCELED ? err_cancelled(err) : err_system_call(err, "poll", errno);
		n = hear(fd, said, &len);
		percent = convert_percent(said);
		if (c->told && percent >= 0)
			c->told((uint64_t)(percent / 100 * (double)size), size, c->arg);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return 0;
}

/* What comes after how far it was; the names of the disks are no help to anybody. */
static const char *reason(char *said)
{
	char *line = strrchr(said, '\r'), *end;

	line = line ? line + 1 : said;
	end = strstr(line, "}': ");
	if (end)
		line = end + 4;
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void words(const struct copy *c, const char **argv, const struct convert_end *from,
		  const struct convert_end *to, bool blank)
{
	size_t n = 0;

	argv[n++] = "qemu-img";
	argv[n++] = "convert";
	argv[n++] = "-p";
	argv[n++] = "-n";
	/* Written to disk before it ends, which is not so unless one says it. */
	argv[n++] = "-t";
	argv[n++] = "none";
	/* That of the source is in its name. */
	argv[n++] = "-O";
	argv[n++] = c->to_format;
	if (blank)
		argv[n++] = "--target-is-zero";
	if (from->served.object) {
		argv[n++] = "--object";
		argv[n++] = from->served.object;
	}
	if (to->served.object) {
		argv[n++] = "--object";
		argv[n++] = to->served.object;
	}
	argv[n++] = from->name;
	argv[n++] = to->name;
	argv[n] = NULL;
}

static int run(const struct copy *c, const char **argv, uint64_t size, struct zkz_err *err)
{
	struct spawn how = { .argv = (char *const *)argv, .fd = { -1, -1, -1 }, .death = SIGKILL, .user = c->user };
	char said[SAID];
	int p[2], status, rc;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return err_system_call(err, "pipe", errno);
	how.fd[1] = how.fd[2] = p[1];
	pid = spawn_start(&how, err);
	io_close(&p[1]);
	rc = pid < 0 ? -1 : follow(c, p[0], size, said, err);
	io_close(&p[0]);
	if (rc) {
		if (pid > 0)
			spawn_kill(pid, GRACE_MS);
		return -1;
	}
	if (spawn_wait(pid, deadline_in_ms(END_MS), &status)) {
		spawn_kill(pid, GRACE_MS);
		return err_program_slow(err, argv[0]);
	}
	return status ? err_storage_copy(err, c->from, c->to, reason(said)) : 0;
}

int convert(const struct copy *c, const struct convert_end *from, const struct convert_end *to, uint64_t size,
	    bool blank, struct zkz_err *err)
{
	const char *argv[WORDS];
	int rc;

	words(c, argv, from, to, blank);
	lend(from, true);
	lend(to, true);
	rc = run(c, argv, size, err);
	lend(from, false);
	lend(to, false);
	return rc;
}
