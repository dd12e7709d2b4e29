// SPDX-License-Identifier: GPL-2.0
#include "storage/create.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"
#include "storage/look.h"
#include "storage/uri.h"
#include "storage/walk.h"

/* An answer from a file server, and a program to start. */
#define CREATE_S	10
#define IMAGE_MS	30000

/**
 * struct job - what is done to one file
 * @path:   of it
 * @size:   of a new one
 * @room:   that its file system must have
 * @user:   who does it, NULL for root
 * @owner:  whose a new one is
 * @remove: it is taken away
 */
struct job {
	const char *path;
	uint64_t size;
	uint64_t room;
	const struct spawn_user *user;
	const struct spawn_user *owner;
	bool remove;
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

/* A folder is walked to without opening what lies on the way. */
static int folder_of(const char *path, char *name, size_t size)
{
	char dir[1024], copy[1024];

	snprintf(dir, sizeof(dir), "%s", path);
	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(name, size, "%s", basename(copy));
	return walk_path(dirname(dir));
}

/* Nobody else has it yet. A server that takes root for nobody keeps it as it is. */
static int give(int fd, const struct job *j)
{
	if (j->user || !j->owner || !fchown(fd, j->owner->uid, j->owner->gid) || errno == EPERM)
		return 0;
	return -1;
}

static bool has_room(int place, uint64_t room)
{
	struct statvfs v;

	return !room || fstatvfs(place, &v) || (uint64_t)v.f_bavail * v.f_frsize >= room;
}

/* A name that is there is never opened. */
static int make(const struct job *j, int image)
{
	char name[1024];
	int place = folder_of(j->path, name, sizeof(name)), fd, error;

	errno = ENOSPC;
	if (place >= 0 && !has_room(place, j->room))
		return errno;
	fd = place < 0 ? -1 : openat(place, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (!(image < 0 ? ftruncate(fd, (off_t)j->size) : fill(fd, image)) && !give(fd, j) && !fsync(fd))
		return 0;
	error = errno;
	unlinkat(place, name, 0);
	return error;
}

static int take_away(const struct job *j)
{
	char name[1024];
	int place = folder_of(j->path, name, sizeof(name));
	struct stat st;

	if (place < 0 || fstatat(place, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno;
	errno = EISDIR;
	return S_ISREG(st.st_mode) && !unlinkat(place, name, 0) ? 0 : errno;
}

static int work(const struct job *j, int image)
{
	if (spawn_become(j->user))
		return errno;
	return j->remove ? take_away(j) : make(j, image);
}

/* The image comes by the socket, as all other descriptors are closed here. */
static void make_aside(int sock, const void *arg)
{
	int image, more;
	int32_t error;

	if (io_recv_fd(sock, &image, &more, sizeof(more), DEADLINE_NONE))
		return;
	error = work(arg, more ? image : -1);
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

/* As the user, or as root what that user may not. */
static int do_it(struct job *j, int image, int32_t *error, struct zkz_err *err)
{
	if (ask(j, image, error, err))
		return -1;
	if (*error != EACCES && *error != EPERM)
		return 0;
	j->user = NULL;
	return ask(j, image, error, err);
}

static int create(struct job *j, int image, struct zkz_err *err)
{
	int32_t error;

	if (do_it(j, image, &error, err))
		return -1;
	if (error == EEXIST)
		return err_storage_exists(err, j->path);
	return error ? err_storage_create(err, j->path, error) : 0;
}

static int parse_file(const char *text, struct storage_uri *u, struct zkz_err *err)
{
	if (uri_parse(text, u, err))
		return -1;
	return u->kind == URI_FILE ? 0 : err_storage_create_kind(err, text);
}

int storage_create(const char *text, uint64_t size, uint64_t room, const char *format, const struct spawn_user *user,
		   struct zkz_err *err)
{
	struct job j = { .size = size, .room = room, .user = user, .owner = user };
	struct storage_uri u;
	int image = -1, rc;

	if (parse_file(text, &u, err))
		return -1;
	j.path = u.path;
	rc = strcmp(format, "qcow2") ? 0 : draw_image(u.path, size, user, &image, err);
	if (!rc)
		rc = create(&j, image, err);
	io_close(&image);
	return rc;
}

int storage_create_from(const char *text, int fd, const struct spawn_user *user, struct zkz_err *err)
{
	struct job j = { .user = user, .owner = user };
	struct storage_uri u;

	if (parse_file(text, &u, err))
		return -1;
	j.path = u.path;
	return create(&j, fd, err);
}

int storage_remove(const char *text, const struct spawn_user *user, struct zkz_err *err)
{
	struct job j = { .user = user, .remove = true };
	struct storage_uri u;
	int32_t error;

	if (parse_file(text, &u, err))
		return -1;
	j.path = u.path;
	if (do_it(&j, -1, &error, err))
		return -1;
	return !error || error == ENOENT ? 0 : err_file_remove(err, u.path, error);
}

int storage_used(const char *text, const struct spawn_user *user, uint64_t *used, struct zkz_err *err)
{
	struct look_at at = { .flags = O_RDONLY, .user = user, .either = true };
	struct storage_uri u;
	struct stat st;
	struct look l;
	int rc;

	if (parse_file(text, &u, err))
		return -1;
	at.path = u.path;
	if (look_open(&at, &l, err))
		return -1;
	rc = fstat(l.fd, &st) ? err_file_look(err, u.path, errno) : 0;
	*used = rc ? 0 : (uint64_t)st.st_blocks * 512;
	io_close(&l.fd);
	return rc;
}
