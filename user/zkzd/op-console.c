// SPDX-License-Identifier: GPL-2.0
/* Verbs that relay what a zone prints: console and log. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io.h"
#include "zkzd/dispatch.h"
#include "zone/lock.h"
#include "zone/paths.h"
#include "zone/state.h"

/* A side that takes nothing for this long is given up. */
#define STALL_MS	60000
#define CONNECT_MS	5000
#define AGAIN_MS	50
/* How much of a log is shown at most. */
#define LOG_TAIL	(1024 * 1024)
#define FOLLOW_MS	300

static int take_console(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int lock = open(zone_path(ZF_CONSOLE_LOCK, zone, path),
			O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (lock < 0)
		return err_file_open(err, path, errno);
	if (flock(lock, LOCK_EX | LOCK_NB)) {
		io_close(&lock);
		return err_console_busy(err, zone);
	}
	return lock;
}

/* One direction. Return: 0 to go on, 1 at the end. */
static int pass(int from, int to)
{
	char buf[4096];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0)
		return errno != EINTR && errno != EAGAIN;
	if (n == 0)
		return 1;
	return io_write_full(to, buf, (size_t)n, deadline_in_ms(STALL_MS)) != 0;
}

/* Return: true if the console has hung up, false if the client has; silence is normal. */
static bool relay(int client, int console)
{
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = client, .events = POLLIN },
			{ .fd = console, .events = POLLIN },
		};

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return false;
		if (p[0].revents && pass(client, console))
			return false;
		if (p[1].revents && pass(console, client))
			return true;
	}
}

static int connect_console(const char *zone)
{
	char path[ZONE_PATH_MAX];

	return io_connect_unix(zone_path(ZF_CONSOLE, zone, path), deadline_in_ms(CONNECT_MS));
}

/* Another QEMU may have taken the zone over, whose console is the same one. */
static int connect_again(const char *zone)
{
	deadline_t dl = deadline_in_ms(CONNECT_MS);
	int fd = -1;

	while (fd < 0 && zone_alive(zone) && deadline_left_ms(dl)) {
		fd = connect_console(zone);
		if (fd < 0)
			clock_sleep_ms(AGAIN_MS);
	}
	return fd;
}

int op_console(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int lock, fd;

	if (zone_status_read(rq->zone, &st, err))
		return -1;
	if (st.state != ZONE_RUNNING)
		return err_zone_not_running(err, rq->zone);
	lock = take_console(rq->zone, err);
	if (lock < 0)
		return -1;
	fd = connect_console(rq->zone);
	if (fd < 0) {
		io_close(&lock);
		return err_console_connect(err, rq->zone, errno);
	}

	/* After this line the connection carries plain bytes. */
	out_result(&rq->out, NULL, "Connected.");
	if (rq->in->len)
		io_write_full(fd, rq->in->buf, rq->in->len, deadline_in_ms(STALL_MS));
	while (fd >= 0 && relay(rq->fd, fd)) {
		io_close(&fd);
		fd = connect_again(rq->zone);
	}
	io_close(&fd);
	io_close(&lock);
	return 0;
}

/* Length of a terminal sequence "ESC [ ... letter" or "ESC x" at @s. */
static size_t escape_length(const char *s, size_t len)
{
	size_t i = 2;

	if (len < 2 || s[1] != '[')
		return len < 2 ? len : 2;
	while (i < len && (unsigned char)s[i] < 0x40)
		i++;
	return i < len ? i + 1 : len;
}

/*
 * A log line as text that JSON can carry and a terminal can bear: a guest must
 * not drive the terminal of whoever reads its log.
 */
static void send_line(struct request *rq, char *line, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == 0x1b)
			i += escape_length(line + i, len - i) - 1;
		else if (c >= 0x7f)
			line[n++] = '?';
		else if (c >= ' ' || c == '\t')
			line[n++] = line[i];
	}
	line[n] = '\0';
	out_item(&rq->out, json_pack("{s:s}", "text", line));
}

struct tail {
	int fd;
	char line[4096];
	size_t len;
};

static int send_new(struct request *rq, struct tail *t)
{
	char buf[4096];
	ssize_t i, n;

	while ((n = read(t->fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n && !rq->out.gone; i++) {
			if (buf[i] == '\n' || t->len == sizeof(t->line) - 1) {
				send_line(rq, t->line, t->len);
				t->len = 0;
			}
			if (buf[i] != '\n')
				t->line[t->len++] = buf[i];
		}
	}
	return (int)n;
}

static void follow(struct request *rq, struct tail *t)
{
	while (!rq->out.gone) {
		struct pollfd p = { .fd = rq->fd, .events = POLLIN | POLLRDHUP };

		if (poll(&p, 1, FOLLOW_MS) > 0)
			return;
		if (send_new(rq, t) < 0)
			return;
	}
}

int op_log(struct request *rq, struct zkz_err *err)
{
	enum zone_file which = json_bool(rq->args, "console", false) ? ZF_CONSOLE_LOG : ZF_MESSAGES;
	struct tail t = { .len = 0 };
	char path[ZONE_PATH_MAX];
	struct stat st;

	t.fd = open(zone_path(which, rq->zone, path), O_RDONLY | O_CLOEXEC);
	if (t.fd < 0)
		return err_log_not_found(err, path);
	if (!fstat(t.fd, &st) && st.st_size > LOG_TAIL)
		lseek(t.fd, -LOG_TAIL, SEEK_END);
	send_new(rq, &t);
	if (json_bool(rq->args, "follow", false))
		follow(rq, &t);
	if (t.len)
		send_line(rq, t.line, t.len);
	io_close(&t.fd);
	out_result(&rq->out, NULL, "End of the log.");
	return 0;
}
