// SPDX-License-Identifier: GPL-2.0
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/io.h"

/* Nothing else has such a name, not even somebody's copy of a file of ours. */
#define TEMP_PREFIX	".zkz-new."

/* The folder of @path; @dir has PATH_MAX bytes. */
static void folder_of(const char *path, char *dir)
{
	char *slash;

	snprintf(dir, PATH_MAX, "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		strcpy(dir, ".");
	else if (slash == dir)
		dir[1] = '\0';
	else
		*slash = '\0';
}

/* Make a rename or an unlink in the folder of @path durable. */
static int sync_folder(const char *path)
{
	char dir[PATH_MAX];
	int fd;
	int rc;

	folder_of(path, dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	io_close(&fd);
	return rc;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_confirm(const char *path, struct zkz_err *err)
{
	if (!sync_folder(path))
		return 0;
	err_file_sync(err, path, errno);
	return FILE_UNSURE;
}

static int cannot_write(const char *path, int errnum, struct zkz_err *err)
{
	return errnum == ENOSPC || errnum == EDQUOT ? err_file_full(err, path) : err_file_write(err, path, errnum);
}

int file_write_atomic(const char *path, const void *data, size_t len,
		      mode_t mode, struct zkz_err *err)
{
	char dir[PATH_MAX], tmp[PATH_MAX];
	int saved;
	int fd;

	folder_of(path, dir);
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s/" TEMP_PREFIX "XXXXXX", dir) >= sizeof(tmp))
		return err_path_long(err, path);

	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return errno == ENOSPC ? err_file_full(err, path) : err_file_create(err, tmp, errno);
	if (write_all(fd, data, len) || fchmod(fd, mode) || fsync(fd))
		goto err_unlink;
	if (rename(tmp, path))
		goto err_unlink;
	io_close(&fd);
	return file_confirm(path, err);

err_unlink:
	saved = errno;
	io_close(&fd);
	unlink(tmp);
	return cannot_write(path, saved, err);
}

int file_exchange(const char *from, const char *to, struct zkz_err *err)
{
	int rc = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE);

	/* No file to exchange it with, or a file system that cannot. */
	if (rc && (errno == ENOENT || errno == EINVAL))
		rc = rename(from, to);
	if (rc)
		return err_file_replace(err, to, errno);
	return file_confirm(to, err);
}

void file_tidy(const char *dir, uint64_t age_s)
{
	time_t now = (time_t)(clock_real_ns() / NSEC_PER_SEC);
	DIR *d = opendir(dir);
	const struct dirent *e;
	struct stat st;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX)) &&
		    !fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(st.st_mode) && st.st_mtime + (time_t)age_s < now)
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

static char *read_fd(int fd, size_t max, size_t *len)
{
	char *buf = malloc(max + 2);
	size_t got = 0;

	if (!buf)
		return NULL;
	/* One byte more than allowed shows that the file is too large. */
	while (got <= max) {
		ssize_t n = read(fd, buf + got, max + 1 - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto err_free;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	if (got > max) {
		errno = EFBIG;
		goto err_free;
	}
	buf[got] = '\0';
	if (len)
		*len = got;
	return buf;

err_free:
	free(buf);
	return NULL;
}

char *file_read(const char *path, size_t max, size_t *len, struct zkz_err *err)
{
	char *buf;
	int saved;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		saved = errno;
		err_file_open(err, path, saved);
		errno = saved;
		return NULL;
	}
	buf = read_fd(fd, max, len);
	saved = errno;
	io_close(&fd);
	if (!buf)
		err_file_read(err, path, saved);
	errno = saved;
	return buf;
}

int file_mkdirs(const char *path, mode_t mode, struct zkz_err *err)
{
	char part[PATH_MAX];
	char *p;

	if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
		return err_path_long(err, path);

	for (p = part + 1; ; p++) {
		char keep = *p;

		if (keep != '/' && keep != '\0')
			continue;
		*p = '\0';
		/* Parents are ordinary folders; only the last one gets @mode. */
		if (!mkdir(part, keep ? 0755 : mode)) {
			if (sync_folder(part))
				return err_file_sync(err, part, errno);
		} else if (errno != EEXIST) {
			return err_folder_make(err, part, errno);
		}
		if (!keep)
			return 0;
		*p = keep;
	}
}

int file_remove(const char *path, struct zkz_err *err)
{
	if (unlink(path)) {
		if (errno == ENOENT)
			return 0;
		return err_file_remove(err, path, errno);
	}
	if (sync_folder(path))
		return err_file_sync(err, path, errno);
	return 0;
}
