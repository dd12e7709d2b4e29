// SPDX-License-Identifier: GPL-2.0
#include "storage/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/io.h"
#include "storage/fs.h"

#define MAX_LINKS	16

static int without_links(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* Can only root of this host have put @link into @dir? */
static bool roots_link(int dir, const struct stat *link)
{
	const struct fs_kind *k;
	struct statfs fs;
	struct stat st;

	if (link->st_uid || fstat(dir, &st) || st.st_uid || (st.st_mode & 0022) || fstatfs(dir, &fs))
		return false;
	/* Who root is on a file server, is the server's opinion. */
	k = fs_find((unsigned long)fs.f_type);
	return k && !k->remote;
}

/**
 * struct walk - where we are
 * @dir:   folder reached so far
 * @rest:  what is still to go, relative to it
 * @links: how many were followed
 */
struct walk {
	int dir;
	char rest[2 * PATH_MAX];
	unsigned int links;
};

static int go_to(struct walk *w, int fd)
{
	io_close(&w->dir);
	w->dir = fd;
	return fd < 0 ? -1 : 0;
}

/* What a link says, and then what followed it. */
static int follow(struct walk *w, int link, const char *after)
{
	char text[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	if (++w->links > MAX_LINKS || strlen(after) >= sizeof(rest)) {
		errno = ELOOP;
		return -1;
	}
	text[n] = '\0';
	strcpy(rest, after);
	snprintf(w->rest, sizeof(w->rest), "%s/%s", text, rest);
	return text[0] == '/' ? go_to(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;
}

/* One name of the path. Return: 1 if it was the last one, 0 or -1. */
static int step(struct walk *w)
{
	char *name = w->rest + strspn(w->rest, "/"), *after = name + strcspn(name, "/");
	bool last = !after[strspn(after, "/")];
	struct stat st;
	int fd, rc;

	if (*after)
		*after++ = '\0';
	fd = openat(w->dir, *name ? name : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fstat(fd, &st);
	if (!rc && S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		rc = roots_link(w->dir, &st) ? follow(w, fd, after) : -1;
		io_close(&fd);
		return rc;
	}
	if (!rc && !last && !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		rc = -1;
	}
	if (rc) {
		io_close(&fd);
		return -1;
	}
	go_to(w, fd);
	memmove(w->rest, after, strlen(after) + 1);
	return last;
}

int walk_path(const char *path)
{
	struct walk w = { .dir = without_links(path) };
	int rc = 0;

	if (w.dir >= 0 || errno != ELOOP)
		return w.dir;
	if (strlen(path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(w.rest, path);
	w.dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (w.dir >= 0 && !rc)
		rc = step(&w);
	if (rc < 0)
		io_close(&w.dir);
	return w.dir;
}
