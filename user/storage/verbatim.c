// SPDX-License-Identifier: GPL-2.0
#include "storage/verbatim.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"

/* What is read at a time, and how much may wait to be written to disk: the end is not to take longer than the rest. */
#define PIECE		(4U << 20)
#define UNSYNCED	(256ULL << 20)
#define BLOCK		(64U << 10)
/* What reads with O_DIRECT want. */
#define ALIGN		4096
#define TELL_NS		(NSEC_PER_SEC / 5)
/* A piece that is under way when the copy is given up. */
#define END_MS		10000
/* It ends with whoever waits for it; this is for one that nobody waits for any more. */
#define COPY_S		(7 * 24 * 3600)

/* What the process aside says: how far it is, and at last how it ended. */
struct report {
	uint64_t done;
	int32_t error;
	bool writing;	/* the error is one of writing */
	bool end;
};

/**
 * struct job - what that process does
 * @from:   descriptor that is read
 * @to:     that is written
 * @size:   in bytes
 * @blank:  what is zero need not be written
 * @sock:   whom it tells
 * @at:     all before that is copied
 * @synced: and was on disk when that was here
 * @told:   when it told last
 */
struct job {
	int from;
	int to;
	uint64_t size;
	bool blank;
	int sock;
	uint64_t at;
	uint64_t synced;
	uint64_t told;
};

static bool is_zero(const char *p, size_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

static int write_all(int fd, const char *p, size_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)at);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			at += (uint64_t)n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* A hole reads as zeroes, which takes as long as data does. */
static void skip_hole(struct job *j)
{
	off_t data;

	if (!j->blank)
		return;
	data = lseek(j->from, (off_t)j->at, SEEK_DATA);
	if (data < 0 && errno == ENXIO)
		j->at = j->size;
	else if (data > (off_t)j->at)
		j->at = (uint64_t)data / ALIGN * ALIGN;
}

/* Blocks of zeroes are left out of what is blank; where there are any, much else is between them. */
static int write_piece(const struct job *j, const char *buf, size_t len)
{
	size_t at, n;

	if (!j->blank)
		return write_all(j->to, buf, len, j->at);
	for (at = 0; at < len; at += n) {
		n = len - at < BLOCK ? len - at : BLOCK;
		if (!is_zero(buf + at, n) && write_all(j->to, buf + at, n, j->at + at))
			return -1;
	}
	return 0;
}

static int copy_piece(struct job *j, char *buf, struct report *r)
{
	size_t want = j->size - j->at < PIECE ? (size_t)(j->size - j->at) : PIECE;
	ssize_t n = pread(j->from, buf, (want + ALIGN - 1) / ALIGN * ALIGN, (off_t)j->at);

	if (n > (ssize_t)want)
		n = (ssize_t)want;
	if (!n)
		errno = EIO;
	if (n <= 0)
		return -1;
	r->writing = true;
	if (write_piece(j, buf, (size_t)n))
		return -1;
	j->at += (uint64_t)n;
	if (j->at - j->synced >= UNSYNCED) {
		if (fdatasync(j->to))
			return -1;
		j->synced = j->at;
	}
	r->writing = false;
	return 0;
}

/* Who has nobody any more to tell it to has no reason to go on. */
static void tell(struct job *j, struct report *r)
{
	uint64_t now = clock_mono_ns();

	if (io_wait(j->sock, POLLRDHUP, deadline_in_ms(0)) >= 0)
		_exit(1);
	if (!r->end && now - j->told < TELL_NS)
		return;
	j->told = now;
	r->done = j->at;
	if (io_write_full(j->sock, r, sizeof(*r), DEADLINE_NONE))
		_exit(1);
}

static int copy_pieces(struct job *j, struct report *r)
{
	char *buf = aligned_alloc(ALIGN, PIECE);
	int rc = buf ? 0 : -1;

	while (!rc) {
		skip_hole(j);
		if (j->at >= j->size)
			break;
		rc = copy_piece(j, buf, r);
		if (!rc)
			tell(j, r);
	}
	free(buf);
	return rc;
}

static int copy_all(struct job *j, struct report *r)
{
	/* Blocks that both have until one of them writes to its own. */
	if (!j->blank || ioctl(j->to, FICLONE, j->from)) {
		if (copy_pieces(j, r))
			return -1;
	}
	j->at = j->size;
	r->writing = true;
	return fsync(j->to);
}

/* Both descriptors come by the socket, as all others are closed here. */
static void copy_aside(int sock, const void *arg)
{
	struct job j = *(const struct job *)arg;
	struct report r = { 0 };
	char none;

	j.sock = sock;
	if (io_recv_fd(sock, &j.from, &none, 1, DEADLINE_NONE) || io_recv_fd(sock, &j.to, &none, 1, DEADLINE_NONE))
		return;
	if (copy_all(&j, &r))
		r.error = errno ? errno : EIO;
	r.end = true;
	tell(&j, &r);
}

/* Nothing is written any more when this returns, unless storage hangs. */
static void give_up(int sock)
{
	deadline_t dl = deadline_in_ms(END_MS);
	struct report r;

	shutdown(sock, SHUT_WR);
	while (io_read(sock, &r, sizeof(r), dl) > 0)
		;
}

static int next_report(const struct copy *c, int sock, struct report *r, struct zkz_err *err)
{
	if (io_wait_watched(sock, POLLIN, c->watch, DEADLINE_NONE))
		return errno == ECANCELED ? err_cancelled(err) : err_system_call(err, "poll", errno);
	return io_read_full(sock, r, sizeof(*r), DEADLINE_NONE) ? err_storage_copy_ended(err, c->from) : 0;
}

static int follow(const struct copy *c, int sock, uint64_t size, struct zkz_err *err)
{
	struct report r;

	do {
		if (next_report(c, sock, &r, err))
			return -1;
		if (c->told && !r.error)
			c->told(r.done, size, c->arg);
	} while (!r.end);
	if (!r.error)
		return 0;
	return r.writing ? err_storage_copy_write(err, c->to, r.error) : err_storage_copy_read(err, c->from, r.error);
}

int copy_verbatim(const struct copy *c, int from, int to, uint64_t size, bool blank, struct zkz_err *err)
{
	struct job j = { .size = size, .blank = blank };
	int sock = aside(copy_aside, &j, COPY_S, err), rc;

	if (sock < 0)
		return -1;
	if (io_send_fd(sock, from, "", 1, DEADLINE_NONE) || io_send_fd(sock, to, "", 1, DEADLINE_NONE))
		rc = err_storage_copy_ended(err, c->from);
	else
		rc = follow(c, sock, size, err);
	if (rc)
		give_up(sock);
	io_close(&sock);
	return rc;
}
