// SPDX-License-Identifier: GPL-2.0
#include "storage/create.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"
#include "storage/uri.h"
#include "storage/walk.h"

/* An answer from a file server, and a program to start. */
#define CREATE_S	10
#define IMAGE_MS	30000

struct job {
	const char *path;
	uint64_t size;
	const struct spawn_user *user;
};

/* What an image begins with. Return: 0 or -1 with errno */
static int fill(int to, int from)
{
	char buf[1 << 16];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, buf, sizeof(buf), at)) > 0) {
		errno = ENOSPC;
		if (pwrite(to, buf, (size_t)n, at) != n)
			return -1;
		at += n;
	}
	return (int)n;
}

/* The folder is walked to without opening what lies on the way, and a name that is there is never opened. */
static int make(const struct job *j, int image)
{
	char dir[1024], copy[1024], *name;
	int place, fd, error;

	if (spawn_become(j->user))
		return errno;
	snprintf(dir, sizeof(dir), "%s", j->path);
	snprintf(copy, sizeof(copy), "%s", j->path);
	name = basename(copy);
	place = walk_path(dirname(dir));
	fd = place < 0 ? -1 : openat(place, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (!(image < 0 ? ftruncate(fd, (off_t)j->size) : fill(fd, image)) && !fsync(fd))
		return 0;
	error = errno;
	unlinkat(place, name, 0);
	return error;
}

/* The image comes by the socket, as all other descriptors are closed here. */
static void make_aside(int sock, const void *arg)
{
	int image, more;
	int32_t error;

	if (io_recv_fd(sock, &image, &more, sizeof(more), DEADLINE_NONE))
		return;
	error = make(arg, more ? image : -1);
	io_write_full(sock, &error, sizeof(error), DEADLINE_NONE);
}

/* @image: -1, or the image that the file gets */
static int ask(const struct job *j, int image, int32_t *error, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(CREATE_S * 1000);
	int sock = aside(make_aside, j, CREATE_S, err), more = image >= 0;
	ssize_t n = -1;

	if (sock < 0)
		return -1;
	if (!io_send_fd(sock, more ? image : STDERR_FILENO, &more, sizeof(more), dl))
		n = io_read(sock, error, sizeof(*error), dl);
	io_close(&sock);
	return n == sizeof(*error) ? 0 : err_storage_silent(err, j->path);
}

/* In memory: no program opens a path in a folder that others may write to. */
static int draw_image(const char *path, uint64_t size, const struct spawn_user *user, int *image, struct zkz_err *err)
{
	char name[32], bytes[24], said[512] = "";
	char *argv[] = { "qemu-img", "create", "-q", "-f", "qcow2", name, bytes, NULL };
	int rc;

	*image = memfd_create("zkz-image", 0);
	if (*image < 0)
		return err_system_call(err, "memfd_create", errno);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", *image);
	snprintf(bytes, sizeof(bytes), "%" PRIu64, size);
	rc = spawn_run_as(user, argv, said, sizeof(said), deadline_in_ms(IMAGE_MS), err);
	return rc > 0 ? err_storage_create_image(err, path, said) : rc;
}

static int create(struct job *j, int image, struct zkz_err *err)
{
	int32_t error;

	if (ask(j, image, &error, err))
		return -1;
	if (error == EACCES || error == EPERM) {
		j->user = NULL;
		if (ask(j, image, &error, err))
			return -1;
	}
	if (error == EEXIST)
		return err_storage_exists(err, j->path);
	return error ? err_storage_create(err, j->path, error) : 0;
}

int storage_create(const char *text, uint64_t size, const char *format, const struct spawn_user *user,
		   struct zkz_err *err)
{
	struct job j = { .size = size, .user = user };
	struct storage_uri u;
	int image = -1, rc;

	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind != URI_FILE)
		return err_storage_create_kind(err, text);
	j.path = u.path;
	rc = strcmp(format, "qcow2") ? 0 : draw_image(u.path, size, user, &image, err);
	if (!rc)
		rc = create(&j, image, err);
	io_close(&image);
	return rc;
}
