// SPDX-License-Identifier: GPL-2.0
#include "zone/memfs.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
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
	err_set(err, ERR_MODULE_MISSING, "%s is not mounted on %s", FS_TYPE, ZKZ_MEM_DIR);
	return err_remedy(err, "Load the kernel module with 'modprobe zkz' and start zkzd again.");
}

int memfs_mount(struct zkz_err *err)
{
	if (is_mounted())
		return 0;
	if (file_mkdirs(ZKZ_MEM_DIR, 0755, err))
		return -1;
	/* The kernel loads the module by its alias fs-zkzfs if it can. */
	if (!mount("zkz", ZKZ_MEM_DIR, FS_TYPE, MS_NOSUID | MS_NODEV | MS_NOEXEC,
		   "mode=0755"))
		return 0;
	if (errno == ENODEV) {
		err_set(err, ERR_MODULE_MISSING,
			"The kernel does not know the file system %s: module zkz is not loaded",
			FS_TYPE);
		return err_remedy(err, "Load it with 'modprobe zkz' (or insmod zkz.ko); see 'dmesg' if that fails.");
	}
	return err_errno(err, ERR_IO, errno, "Cannot mount %s on %s", FS_TYPE, ZKZ_MEM_DIR);
}

int memfs_create(const char *zone, uint64_t size, uid_t uid, gid_t gid,
		 struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int saved;
	int fd;

	zone_path(ZF_MEMORY, zone, path);
	if (unlink(path) && errno != ENOENT)
		return err_errno(err, ERR_IO, errno, "Cannot remove the old memory file %s", path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "Cannot create the memory file %s", path);
	if (ftruncate(fd, (off_t)size) || fchown(fd, uid, gid)) {
		saved = errno;
		io_close(&fd);
		unlink(path);
		err_errno(err, ERR_NO_MEMORY, saved, "Cannot make %llu MiB of memory for zone %s",
			  (unsigned long long)(size >> 20), zone);
		return err_remedy(err, "Free memory or lower capped-memory; 'df %s' shows the limit.", ZKZ_MEM_DIR);
	}
	io_close(&fd);
	return 0;
}

int memfs_remove(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	if (unlink(zone_path(ZF_MEMORY, zone, path)) && errno != ENOENT)
		return err_errno(err, ERR_IO, errno, "Cannot remove the memory file %s", path);
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
