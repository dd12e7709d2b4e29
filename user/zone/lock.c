// SPDX-License-Identifier: GPL-2.0
#include "zone/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

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
		err_errno(err, ERR_IO, errno, "Cannot open %s", path);
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
	if (errno == EWOULDBLOCK) {
		err_set(err, ERR_ZONE_BUSY, "Zone %s is busy with another operation", zone);
		err_remedy(err, "Wait for it to end; 'zkz status %s' shows it.", zone);
	} else {
		err_errno(err, ERR_IO, errno, "Cannot lock zone %s", zone);
	}
	io_close(&fd);
	return -1;
}

int zone_alive_take(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int fd = open_lock(zone_path(ZF_ALIVE, zone, path), err);

	if (fd < 0 || !take_lock(fd, deadline_in_ms(PROBE_MS)))
		return fd;
	if (errno == EWOULDBLOCK) {
		err_set(err, ERR_ZONE_STATE, "Zone %s has a keeper already", zone);
		err_remedy(err, "See 'zkz status %s'.", zone);
	} else {
		err_errno(err, ERR_IO, errno, "Cannot mark zone %s as running", zone);
	}
	io_close(&fd);
	return -1;
}

bool zone_alive(const char *zone)
{
	char path[ZONE_PATH_MAX];
	bool alive = false;
	int fd = open(zone_path(ZF_ALIVE, zone, path), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* Shared, so that two who look at once do not see each other. */
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		alive = true;
	io_close(&fd);
	return alive;
}
