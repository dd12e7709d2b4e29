// SPDX-License-Identifier: GPL-2.0
#include "zone/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "zone/paths.h"
#include "zone/store.h"

/* Locks have no event to wait for; look again this often. */
#define RETRY_MS	50
/* zone_alive() holds the mark of life, shared, for a moment. */
#define PROBE_MS	1000

static int open_lock(const char *path, struct zkz_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		err_file_open(err, path, errno);
	return fd;
}

/* Return: 0, or -1 with errno; EWOULDBLOCK if somebody else has held it to the end. */
static int take_lock(int fd, deadline_t dl)
{
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (deadline_left_ms(dl) == 0) {
			errno = EWOULDBLOCK;
			return -1;
		}
		clock_sleep_ms(RETRY_MS);
	}
	return 0;
}

static bool is_held(const char *zone, enum zone_file which)
{
	char path[ZONE_PATH_MAX];
	bool held = false;
	int fd = open(zone_path(which, zone, path), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* Shared, so that two who look at once do not see each other. */
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		held = true;
	io_close(&fd);
	return held;
}

static int busy(const char *zone, struct zkz_err *err)
{
	if (is_held(zone, ZF_MOVING))
		return err_zone_migrating_out(err, zone);
	return err_zone_busy(err, zone);
}

int zone_lock(const char *zone, deadline_t dl, struct zkz_err *err)
{
	return zone_configured(zone) ? zone_lock_new(zone, dl, err) : zone_unknown(zone, err);
}

int zone_lock_new(const char *zone, deadline_t dl, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int fd;

	if (file_mkdirs(zone_path(ZF_DIR, zone, path), 0700, err))
		return -1;
	fd = open_lock(zone_path(ZF_LOCK, zone, path), err);
	if (fd < 0)
		return -1;

	if (!take_lock(fd, dl))
		return fd;
	if (errno == EWOULDBLOCK)
		busy(zone, err);
	else
		err_file_lock(err, path, errno);
	io_close(&fd);
	return -1;
}

/* An exclusive lock on a file of a zone that means life, or a migration. */
static int take_mark(const char *zone, enum zone_file which, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int fd = open_lock(zone_path(which, zone, path), err);

	if (fd < 0 || !take_lock(fd, deadline_in_ms(PROBE_MS)))
		return fd;
	if (errno != EWOULDBLOCK)
		err_file_lock(err, path, errno);
	else if (which == ZF_MOVING)
		busy(zone, err);
	else if (which == ZF_ALIVE)
		err_zone_has_keeper(err, zone);
	else
		err_zone_hangs(err, zone);
	io_close(&fd);
	return -1;
}

/* Whose mark it is; closes @fd if that cannot be written. */
static int sign(int fd, const char *zone, struct zkz_err *err)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (!ftruncate(fd, 0) && pwrite(fd, text, (size_t)n, 0) == n)
		return fd;
	err_zone_mark(err, zone, errno);
	io_close(&fd);
	return -1;
}

/* Process number of who holds a mark, or 0. */
static pid_t holder(const char *zone, enum zone_file which)
{
	char path[ZONE_PATH_MAX], text[16] = "";
	int fd = open(zone_path(which, zone, path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;

	io_close(&fd);
	return pid > 1 && is_held(zone, which) ? (pid_t)pid : 0;
}

int zone_alive_take(const char *zone, struct zkz_err *err)
{
	int fd = take_mark(zone, ZF_ALIVE, err), qemu;

	if (fd < 0)
		return -1;
	qemu = take_mark(zone, ZF_ALIVE_QEMU, err);
	if (qemu < 0) {
		io_close(&fd);
		return -1;
	}
	io_close(&qemu);
	return sign(fd, zone, err);
}

int zone_alive_lend(const char *zone, struct zkz_err *err)
{
	return take_mark(zone, ZF_ALIVE_QEMU, err);
}

bool zone_alive(const char *zone)
{
	return is_held(zone, ZF_ALIVE) || is_held(zone, ZF_ALIVE_QEMU);
}

bool zone_orphaned(const char *zone)
{
	return !is_held(zone, ZF_ALIVE) && is_held(zone, ZF_ALIVE_QEMU);
}

int zone_orphan_wait(const char *zone, deadline_t dl, struct zkz_err *err)
{
	while (zone_orphaned(zone)) {
		if (deadline_left_ms(dl) == 0)
			return err_zone_hangs(err, zone);
		clock_sleep_ms(RETRY_MS);
	}
	return 0;
}

pid_t zone_alive_keeper(const char *zone)
{
	return holder(zone, ZF_ALIVE);
}

int zone_moving_take(const char *zone, struct zkz_err *err)
{
	int fd = take_mark(zone, ZF_MOVING, err);

	return fd < 0 ? -1 : sign(fd, zone, err);
}

bool zone_moving(const char *zone)
{
	return is_held(zone, ZF_MOVING);
}

int zone_moving_worker(const char *zone)
{
	pid_t pid = holder(zone, ZF_MOVING);
	int fd = pid ? pidfd_open(pid, 0) : -1;

	/* The number is its own as long as it holds the mark. */
	if (fd >= 0 && holder(zone, ZF_MOVING) != pid)
		io_close(&fd);
	return fd;
}
