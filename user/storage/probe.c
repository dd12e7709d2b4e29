// SPDX-License-Identifier: GPL-2.0
#include "storage/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/spawn.h"

/* An answer from a file server. */
#define LOOK_MS		20000

struct fs_kind {
	unsigned long magic;
	const char *name;
	bool shared;
};

/* By statfs(2); anything not listed counts as local. */
static const struct fs_kind fs_kinds[] = {
	{ 0x6969, "NFS", true },
	{ 0xff534d42, "CIFS", true },
	{ 0xfe534d42, "SMB2", true },
	{ 0x00c36400, "Ceph", true },
	{ 0x01161970, "GFS2", true },
	{ 0x7461636f, "OCFS2", true },
	{ 0x013111a8, "IBRIX", true },
	{ 0x0bd00bd0, "Lustre", true },
	{ 0x01021997, "9p", false },
	{ 0x01021994, "tmpfs", false },
	{ 0xef53, "ext4", false },
	{ 0x58465342, "XFS", false },
	{ 0x9123683e, "btrfs", false },
	{ 0x794c7630, "overlay", false },
	{ 0x858458f6, "ramfs", false },
};

static const struct fs_kind *fs_find(unsigned long magic)
{
	size_t i;

	for (i = 0; i < sizeof(fs_kinds) / sizeof(fs_kinds[0]); i++)
		if (fs_kinds[i].magic == (magic & 0xffffffffUL))
			return &fs_kinds[i];
	return NULL;
}

static int missing(const char *path, struct zkz_err *err)
{
	int e = errno;

	err_errno(err, ERR_STORAGE, e, "Storage %s", path);
	if (e == ENOENT)
		return err_remedy(err, "Create it, mount the file system it is on, or correct the URI.");
	return err_remedy(err, "Check its permissions.");
}

static int file_is_shared(const struct storage_uri *u, char *why, size_t size,
			  struct zkz_err *err)
{
	const struct fs_kind *k;
	struct statfs fs;
	struct stat st;

	if (stat(u->path, &st) || statfs(u->path, &fs))
		return missing(u->path, err);
	if (S_ISBLK(st.st_mode)) {
		snprintf(why, size, "%s is a block device of this host", u->path);
		return 0;
	}
	k = fs_find((unsigned long)fs.f_type);
	if (k)
		snprintf(why, size, "%s is on a %s file system", u->path, k->name);
	else
		snprintf(why, size, "%s is on a file system of unknown kind (0x%lx)",
			 u->path, (unsigned long)fs.f_type);
	return k && k->shared;
}

int storage_is_shared(const char *text, char *why, size_t size,
		      struct zkz_err *err)
{
	struct storage_uri u;
	char unused[8];

	if (!why) {
		why = unused;
		size = sizeof(unused);
	}
	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind == URI_FILE)
		return file_is_shared(&u, why, size, err);
	snprintf(why, size, "%s is served over the network", text);
	return 1;
}

/*
 * Zones bypass the host's page cache, or the other host would not read what
 * this one wrote. Some file systems (tmpfs) cannot do that.
 */
static int check_direct(const char *path, struct zkz_err *err)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);

	if (fd >= 0) {
		io_close(&fd);
		return 0;
	}
	/* QEMU's user may be allowed what root is not, as on NFS. */
	if (errno != EINVAL)
		return 0;
	err_set(err, ERR_STORAGE, "Storage %s is on a file system without direct I/O", path);
	return err_remedy(err, "Move it to one that has it, such as ext4, XFS or NFS.");
}

int storage_check(const char *text, struct zkz_err *err)
{
	struct storage_uri u;
	struct stat st;

	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind != URI_FILE)
		return 0;	/* QEMU says it better than a trial connection */
	if (stat(u.path, &st))
		return missing(u.path, err);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		err_set(err, ERR_STORAGE, "Storage %s is neither a file nor a block device", u.path);
		return err_remedy(err, "Correct the URI.");
	}
	return check_direct(u.path, err);
}

/*
 * Ask as that user: only so do groups, access lists, the folders on the way and
 * a file server's own opinion count. Return: 1, 0 or -1.
 */
static int may_open(char *path, const struct spawn_user *user, struct zkz_err *err)
{
	char *argv[] = { "test", "-r", path, "-a", "-w", path, NULL };
	struct spawn how = {
		.argv = argv, .fd = { -1, -1, -1 }, .death = SIGKILL, .user = user,
	};
	pid_t pid = spawn_start(&how, err);
	int status;

	if (pid < 0)
		return -1;
	if (spawn_wait(pid, deadline_in_ms(LOOK_MS), &status)) {
		spawn_kill(pid, 0);
		err_set(err, ERR_STORAGE, "Storage %s does not answer", path);
		return err_remedy(err, "Check the file system it is on.");
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static int not_allowed(const char *path, const struct spawn_user *user, struct zkz_err *err)
{
	err_set(err, ERR_STORAGE, "User %s (number %u on this host) may not read and write %s",
		user->name, (unsigned int)user->uid, path);
	return err_remedy(err, "Give that user the same number on all hosts; or make the file's group one that the user belongs to on all of them, and its mode 0660. The folders on the way must let it pass.");
}

int storage_allow(const char *text, const struct spawn_user *user, bool give,
		  struct zkz_err *err)
{
	struct storage_uri u;
	int may;

	if (uri_parse(text, &u, err))
		return -1;
	if (u.kind != URI_FILE)
		return 0;
	may = may_open(u.path, user, err);
	if (may)
		return may < 0 ? -1 : 0;
	if (!give || chown(u.path, user->uid, user->gid))
		return not_allowed(u.path, user, err);
	may = may_open(u.path, user, err);
	if (may)
		return may < 0 ? -1 : 0;
	return not_allowed(u.path, user, err);
}
