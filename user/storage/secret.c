// SPDX-License-Identifier: GPL-2.0
#include "storage/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io.h"

/* What QEMU's initiator can send. */
#define SECRET_MAX	255

/* Nobody can change it, nor make it larger. */
static int put_away(const char *secret, size_t len, int *fd, struct zkz_err *err)
{
	*fd = memfd_create("zkz-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return err_system_call(err, "memfd_create", errno);
	if (write(*fd, secret, len) == (ssize_t)len &&
	    !fcntl(*fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return 0;
	err_system_call(err, "memfd_create", errno);
	io_close(fd);
	return -1;
}

static int take(int file, const char *path, int *fd, struct zkz_err *err)
{
	char text[SECRET_MAX + 2];
	struct stat st;
	size_t len;
	ssize_t n;
	int rc;

	if (fstat(file, &st))
		return err_file_open(err, path, errno);
	if (!S_ISREG(st.st_mode) || st.st_uid || st.st_mode & 0077)
		return err_storage_secret_open(err, path);
	n = read(file, text, sizeof(text) - 1);
	if (n < 0)
		return err_file_open(err, path, errno);
	text[n] = '\0';
	len = strcspn(text, "\r\n");
	rc = !len || len > SECRET_MAX ? err_storage_secret_size(err, path, SECRET_MAX) :
		put_away(text, len, fd, err);
	explicit_bzero(text, sizeof(text));
	return rc;
}

int secret_open(const struct storage_uri *u, int *fd, struct zkz_err *err)
{
	char path[sizeof(SECRET_CHAP_DIR) + sizeof(u->at.user)];
	int file, rc;

	*fd = -1;
	if (u->kind != URI_ISCSI || !u->at.user[0])
		return 0;
	snprintf(path, sizeof(path), SECRET_CHAP_DIR "/%s", u->at.user);
	file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (file < 0)
		return err_storage_secret(err, u->at.user, u->at.host, path, errno);
	rc = take(file, path, fd, err);
	io_close(&file);
	return rc;
}
