// SPDX-License-Identifier: GPL-2.0
#include "zone/memfs.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "lib/module.h"
#include "zone/paths.h"

#define FS_TYPE	"zkzfs"

static bool is_mounted(void)
{
	FILE *f = setmntent("/proc/self/mounts", "r");
	char type[32] = "";
	struct mntent *m;

	if (!f)
		return false;
	/* The last mount on the folder is the one that is seen. */
	while ((m = getmntent(f)))
		if (!strcmp(m->mnt_dir, ZKZ_MEM_DIR))
			snprintf(type, sizeof(type), "%s", m->mnt_type);
	endmntent(f);
	return !strcmp(type, FS_TYPE);
}

int memfs_check(struct zkz_err *err)
{
	if (is_mounted())
		return 0;
	return err_module_fs_not_mounted(err, FS_TYPE, ZKZ_MEM_DIR);
}

/* Return: 0 or an errno. */
static int mount_it(void)
{
	return mount("zkz", ZKZ_MEM_DIR, FS_TYPE, MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") ? errno : 0;
}

/* Until it is mounted, or is known not to be. */
static int mount_first(struct zkz_err *err)
{
	int error;

	if (is_mounted())
		return 0;
	error = mount_it();
	/* The kernel loads the module by its alias fs-zkzfs if it can, and does not say why not. */
	if (error == ENODEV) {
		if (module_load(err))
			return -1;
		error = mount_it();
	}
	if (!error)
		return 0;
	if (error == ENODEV)
		return err_module_fs_unknown(err, FS_TYPE);
	return err_module_fs_mount(err, FS_TYPE, ZKZ_MEM_DIR, error);
}

int memfs_mount(struct zkz_err *err)
{
	int lock, rc;

	if (is_mounted())
		return 0;
	if (file_mkdirs(ZKZ_MEM_DIR, 0755, err))
		return -1;
	/* Who mounted it a second time would hide the memory that zones have in the first. */
	lock = open(ZKZ_RUN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX)) {
		err_file_open(err, ZKZ_RUN_DIR, errno);
		rc = -1;
	} else {
		rc = mount_first(err);
	}
	io_close(&lock);
	return rc;
}

int memfs_unmount(struct zkz_err *err)
{
	if (!is_mounted() || !umount(ZKZ_MEM_DIR))
		return 0;
	return err_module_fs_busy(err, ZKZ_MEM_DIR, errno);
}

int memfs_create(const char *zone, uint64_t size, uid_t uid, gid_t gid,
		 struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int saved;
	int fd;

	zone_path(ZF_MEMORY, zone, path);
	if (unlink(path) && errno != ENOENT)
		return err_file_remove(err, path, errno);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_file_create(err, path, errno);
	if (ftruncate(fd, (off_t)size) || fchown(fd, uid, gid)) {
		saved = errno;
		io_close(&fd);
		unlink(path);
		return err_memory_make(err, zone, size >> 20, saved);
	}
	io_close(&fd);
	return 0;
}

int memfs_remove(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	if (unlink(zone_path(ZF_MEMORY, zone, path)) && errno != ENOENT)
		return err_file_remove(err, path, errno);
	return 0;
}

int memfs_resident(const char *zone, uint64_t *size, uint64_t *bytes)
{
	char path[ZONE_PATH_MAX];
	struct stat st;

	if (stat(zone_path(ZF_MEMORY, zone, path), &st))
		return -1;
	*size = (uint64_t)st.st_size;
	*bytes = (uint64_t)st.st_blocks * 512;
	return 0;
}
