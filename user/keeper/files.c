// SPDX-License-Identifier: GPL-2.0
/* What QEMU reads and writes by descriptors, because nobody but the keeper looks where a path leads. */
#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "qemu/firmware.h"
#include "storage/initiator.h"
#include "storage/probe.h"
#include "storage/secret.h"
#include "zone/claim.h"
#include "zone/paths.h"

void keeper_no_files(struct keeper *k)
{
	int i;

	for (i = 0; i < ZONE_MAX_DISKS; i++)
		k->disk_fd[i] = k->claim_fd[i] = k->secret_fd[i] = -1;
	k->firmware_fd[0] = k->firmware_fd[1] = -1;
	k->kernel_fd = k->initrd_fd = k->console_log_fd = -1;
}

int keeper_open_disk(struct keeper *k, unsigned int i, struct zkz_err *err)
{
	const struct zone_disk *d = &k->z.disk[i];
	char key[STORAGE_KEY_SIZE];
	struct storage_uri u;
	struct look l;

	if (uri_parse(d->storage, &u, err) || initiator_name(&u, err) || secret_open(&u, &k->secret_fd[i], err) ||
	    storage_open(d->storage, d->format, !d->read_only, &k->user, &l, err))
		return -1;
	k->disk_fd[i] = l.fd;
	k->disk_block[i] = l.block;
	if (u.initiator[0])
		memcpy(k->initiator, u.initiator, sizeof(k->initiator));
	/* Of a zone that runs it is ours already. */
	if (k->claim_fd[i] >= 0)
		return 0;
	if (storage_key(d->storage, &l, key, err))
		return -1;
	k->claim_fd[i] = zone_claim(key, k->z.name, !d->read_only, err);
	return k->claim_fd[i] < 0 ? -1 : 0;
}

static int open_disks(struct keeper *k, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < k->z.nr_disks; i++)
		if (keeper_open_disk(k, i, err))
			return err_device(err, k->z.disk[i].id);
	return 0;
}

static int open_boot_file(const struct keeper *k, const char *path, int *fd, struct zkz_err *err)
{
	const struct look_at at = { .path = path, .flags = O_RDONLY, .user = &k->user };
	struct look l;

	if (!path[0])
		return 0;
	if (look_open(&at, &l, err))
		return err_config_boot_files(err, k->user.name);
	*fd = l.fd;
	return 0;
}

/* A zone keeps what its firmware has set; the first time it is what the firmware begins with. */
static int make_nvram(const struct firmware *f, const char *path, struct zkz_err *err)
{
	size_t len;
	char *vars;
	int rc;

	if (!access(path, F_OK))
		return 0;
	vars = file_read(f->vars, ZONE_MAX_NVRAM, &len, err);
	if (!vars)
		return -1;
	rc = file_write_atomic(path, vars, len, 0600, err);
	free(vars);
	return rc ? -1 : 0;
}

/* Both are root's: QEMU gets descriptors. */
static int open_firmware(struct keeper *k, struct zkz_err *err)
{
	struct firmware f;
	char path[ZONE_PATH_MAX];

	if (!k->z.uefi)
		return 0;
	if (firmware_find(&f, err) || make_nvram(&f, zone_path(ZF_NVRAM, k->z.name, path), err))
		return -1;
	k->firmware_fd[0] = open(f.code, O_RDONLY | O_CLOEXEC);
	if (k->firmware_fd[0] < 0)
		return err_file_open(err, f.code, errno);
	k->firmware_fd[1] = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	return k->firmware_fd[1] < 0 ? err_file_open(err, path, errno) : 0;
}

/* The folder is root's, and so is the file: QEMU gets a descriptor that can append. */
static int open_console_log(struct keeper *k, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	struct stat st;

	k->console_log_fd = open(zone_path(ZF_CONSOLE_LOG, k->z.name, path),
				 O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
	if (k->console_log_fd < 0 || fstat(k->console_log_fd, &st))
		return err_file_open(err, path, errno);
	if (S_ISREG(st.st_mode))
		return 0;
	return err_file_no_file(err, path);
}

int keeper_open_files(struct keeper *k, struct zkz_err *err)
{
	return open_firmware(k, err) || open_boot_file(k, k->z.kernel, &k->kernel_fd, err) ||
	       open_boot_file(k, k->z.initrd, &k->initrd_fd, err) ||
	       open_disks(k, err) || open_console_log(k, err) ? -1 : 0;
}

void keeper_name_files(const struct keeper *k, struct qemu_env *env)
{
	int i;

	for (i = 0; i < ZONE_MAX_DISKS; i++) {
		env->disk_fd[i] = k->disk_fd[i];
		env->disk_block[i] = k->disk_block[i];
		env->claim_fd[i] = k->claim_fd[i];
		env->secret_fd[i] = k->secret_fd[i];
	}
	env->initiator = k->initiator;
	env->firmware_fd[0] = k->firmware_fd[0];
	env->firmware_fd[1] = k->firmware_fd[1];
	env->kernel_fd = k->kernel_fd;
	env->initrd_fd = k->initrd_fd;
	env->log_fd = k->console_log_fd;
}

static void lend(int fd, bool on)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC);
}

void keeper_lend_files(const struct keeper *k, bool on)
{
	int i;

	for (i = 0; i < ZONE_MAX_DISKS; i++) {
		lend(k->disk_fd[i], on);
		lend(k->claim_fd[i], on);
		lend(k->secret_fd[i], on);
	}
	lend(k->firmware_fd[0], on);
	lend(k->firmware_fd[1], on);
	lend(k->kernel_fd, on);
	lend(k->initrd_fd, on);
	lend(k->console_log_fd, on);
}

void keeper_close_files(struct keeper *k)
{
	int i;

	/* A disk that is let go of here is QEMU's alone: its locks end with it. */
	for (i = 0; i < ZONE_MAX_DISKS; i++) {
		io_close(&k->disk_fd[i]);
		io_close(&k->secret_fd[i]);
	}
	io_close(&k->firmware_fd[0]);
	io_close(&k->firmware_fd[1]);
	io_close(&k->kernel_fd);
	io_close(&k->initrd_fd);
	io_close(&k->console_log_fd);
}

void keeper_drop_claims(struct keeper *k)
{
	int i;

	for (i = 0; i < ZONE_MAX_DISKS; i++)
		io_close(&k->claim_fd[i]);
}
