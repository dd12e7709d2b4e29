// SPDX-License-Identifier: GPL-2.0
#include "zone/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "zone/paths.h"

static int taken(int fd, struct zkz_err *err)
{
	char zone[64] = "";
	ssize_t n = pread(fd, zone, sizeof(zone) - 1, 0);

	zone[n > 0 ? (size_t)n : 0] = '\0';
	return zone[0] ? err_disk_in_use(err, zone) : err_disk_claimed(err);
}

/* One of several leaves no name: nobody could tell when it is no longer true. */
int zone_claim(const char *key, const char *zone, bool write, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	size_t len = write ? strlen(zone) : 0;
	int fd, rc = 0;

	if (file_mkdirs(ZKZ_DISK_DIR, 0700, err))
		return -1;
	snprintf(path, sizeof(path), ZKZ_DISK_DIR "/%s", key);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_file_open(err, path, errno);
	if (flock(fd, (write ? LOCK_EX : LOCK_SH) | LOCK_NB))
		rc = errno == EWOULDBLOCK ? taken(fd, err) : err_file_lock(err, path, errno);
	else if (ftruncate(fd, 0) || pwrite(fd, zone, len, 0) != (ssize_t)len)
		rc = err_file_write(err, path, errno);
	if (rc)
		io_close(&fd);
	return fd;
}
