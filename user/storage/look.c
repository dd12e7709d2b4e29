// SPDX-License-Identifier: GPL-2.0
#include "storage/look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"
#include "storage/walk.h"

/* An answer from a file server. */
#define LOOK_S		10
#define STALE_TRIES	3
#define ALIGN		4096

/* What the process aside answers; a descriptor comes with it if @error is 0. */
struct answer {
	int32_t error;
	bool odd;	/* neither a file nor a block device */
	struct look l;
};

/* Reads with O_DIRECT want a place and a size of their own. */
static ssize_t read_aligned(int fd, uint64_t at, void *buf, size_t len)
{
	static char room[1 << 16] __attribute__((aligned(ALIGN)));
	size_t want = (len + ALIGN - 1) / ALIGN * ALIGN;
	ssize_t n = pread(fd, room, want < sizeof(room) ? want : sizeof(room), (off_t)at);

	if (n > (ssize_t)len)
		n = (ssize_t)len;
	if (n > 0)
		memcpy(buf, room, (size_t)n);
	return n;
}

static int describe(int fd, const struct stat *st, struct look *l)
{
	struct statfs fs;
	ssize_t n;

	if (fstatfs(fd, &fs))
		return -1;
	l->fs = (uint64_t)fs.f_type & 0xffffffffU;
	l->block = S_ISBLK(st->st_mode);
	l->dev = l->block ? st->st_rdev : st->st_dev;
	l->ino = l->block ? 0 : st->st_ino;
	l->size = (uint64_t)st->st_size;
	if (l->block && ioctl(fd, BLKGETSIZE64, &l->size))
		return -1;
	n = read_aligned(fd, 0, l->head, sizeof(l->head));
	l->head_len = n > 0 ? (uint32_t)n : 0;
	return n < 0 ? -1 : 0;
}

/* The path is walked without opening anything; only what proves to be a disk is opened, by the descriptor. */
static int open_once(const struct look_at *at, struct answer *a)
{
	char self[64];
	struct stat st;
	int place, fd;

	place = walk_path(at->path);
	if (place < 0 || fstat(place, &st))
		return -1;
	a->odd = !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode);
	if (a->odd) {
		errno = EINVAL;
		return -1;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", place);
	fd = open(self, at->flags | O_CLOEXEC | O_NOCTTY);
	return fd < 0 || describe(fd, &st, &a->l) ? -1 : fd;
}

/*
 * A file server may have another file there than this host remembers. The first look tells
 * the kernel, which asks anew for the next; it does so by itself for a path, but not for a
 * descriptor of what it found there.
 */
static int open_it(const struct look_at *at, struct answer *a)
{
	int tries = STALE_TRIES, fd;

	if (spawn_become(at->user))
		return -1;
	do {
		fd = open_once(at, a);
	} while (fd < 0 && errno == ESTALE && --tries);
	return fd;
}

static void look_aside(int sock, const void *arg)
{
	struct answer a;
	int fd;

	memset(&a, 0, sizeof(a));
	fd = open_it(arg, &a);
	a.error = fd < 0 ? errno : 0;
	if (fd < 0)
		io_write_full(sock, &a, sizeof(a), DEADLINE_NONE);
	else
		io_send_fd(sock, fd, &a, sizeof(a), DEADLINE_NONE);
}

static int ask(const struct look_at *at, struct answer *a, struct zkz_err *err)
{
	int sock = aside(look_aside, at, LOOK_S, err);
	int rc, fd;

	if (sock < 0)
		return -1;
	rc = io_recv_fd(sock, &fd, a, sizeof(*a), deadline_in_ms(LOOK_S * 1000));
	io_close(&sock);
	if (rc)
		return err_storage_silent(err, at->path);
	if (!a->error && fd < 0)
		return err_internal(err, ERR_IMPOSSIBLE_DESCRIPTOR);
	a->l.fd = fd;
	return 0;
}

static int not_allowed(const struct look_at *at, struct zkz_err *err)
{
	const struct spawn_user *u = at->user;

	if (!u)
		return err_storage_denied(err, at->path);
	if ((at->flags & O_ACCMODE) == O_RDONLY)
		return err_storage_denied_read(err, u->name, u->uid, at->path);
	return err_storage_denied_write(err, u->name, u->uid, at->path);
}

static int explain(const struct look_at *at, const struct answer *a, struct zkz_err *err)
{
	if (a->odd)
		return err_storage_kind(err, at->path);
	switch (a->error) {
	case ELOOP:
		return err_storage_link(err, at->path);
	case EACCES:
	case EPERM:
		return not_allowed(at, err);
	case EINVAL:
		if (!(at->flags & O_DIRECT))
			break;
		/* Without it the other host would not read what this one wrote. */
		return err_storage_no_direct_io(err, at->path);
	}
	if (a->error == ENOENT)
		return err_storage_missing(err, at->path, a->error);
	return err_storage(err, at->path, a->error);
}

int look_open(const struct look_at *at, struct look *l, struct zkz_err *err)
{
	struct look_at ours = *at;
	struct answer a;

	l->fd = -1;
	if (ask(at, &a, err))
		return -1;
	if (at->user && at->either && (a.error == EACCES || a.error == EPERM)) {
		ours.user = NULL;
		if (ask(&ours, &a, err))
			return -1;
	}
	if (a.error)
		return explain(at, &a, err);
	*l = a.l;
	return 0;
}

struct read_job {
	int fd;
	const uint64_t *at;
	size_t nr;
	size_t len;
};

/* The descriptor comes by the socket, as all others are closed here. */
static void read_aside(int sock, const void *arg)
{
	const struct read_job *j = arg;
	char *buf = calloc(1, j->len);
	int fd, unused;
	size_t i;

	if (!buf || io_recv_fd(sock, &fd, &unused, sizeof(unused), DEADLINE_NONE))
		return;
	for (i = 0; i < j->nr; i++) {
		memset(buf, 0, j->len);
		if (read_aligned(fd, j->at[i], buf, j->len) < 0 ||
		    io_write_full(sock, buf, j->len, DEADLINE_NONE))
			return;
	}
}

int look_blocks(int fd, const uint64_t *at, size_t nr, size_t len, void *buf, struct zkz_err *err)
{
	const struct read_job job = { .fd = fd, .at = at, .nr = nr, .len = len };
	int sock = aside(read_aside, &job, LOOK_S, err), unused = 0;
	deadline_t dl = deadline_in_ms(LOOK_S * 1000);
	size_t got = 0;
	ssize_t n;

	if (sock < 0)
		return -1;
	n = io_send_fd(sock, fd, &unused, sizeof(unused), dl) ? -1 : 1;
	for (; n > 0 && got < nr * len; got += (size_t)n)
		n = io_read(sock, (char *)buf + got, nr * len - got, dl);
	io_close(&sock);
	return n > 0 ? 0 : err_storage_unreadable(err);
}
