// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "zkzdisk.h"

/* Best effort: what is built in, or loaded, needs none of it; opening the device tells. */
static void load(const char *modules)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "modprobe -qa %s", modules);
	if (system(cmd))
		fprintf(stderr, "# %s failed\n", cmd);
}

static int loop_over(int backing)
{
	struct loop_config config = {
		.fd = backing,
		.block_size = 512,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR,
	};
	int control, tries, fd = -1;
	char path[32];

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -1;
	/* Another process may take the free one before us. */
	for (tries = 0; tries < 8; tries++) {
		int nr = ioctl(control, LOOP_CTL_GET_FREE);

		if (nr < 0)
			break;
		snprintf(path, sizeof(path), "/dev/loop%d", nr);
		fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (fd < 0)
			break;
		if (!ioctl(fd, LOOP_CONFIGURE, &config))
			break;
		close(fd);
		fd = -1;
	}
	close(control);
	return fd;
}

struct dm_request {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char params[128];
};

static void dm_init(struct dm_request *rq)
{
	memset(rq, 0, sizeof(*rq));
	rq->head.version[0] = 4;
	rq->head.data_size = sizeof(*rq);
	rq->head.data_start = sizeof(rq->head);
	snprintf(rq->head.name, sizeof(rq->head.name), "zkztest-%d", getpid());
}

static int dm_load(int control, dev_t below, size_t size, unsigned int delay_ms)
{
	struct dm_request rq;

	dm_init(&rq);
	rq.head.target_count = 1;
	rq.target.length = size / 512;
	strcpy(rq.target.target_type, "delay");
	/* Only reads are delayed, writes go to the device of the second triple. */
	snprintf(rq.params, sizeof(rq.params), "%u:%u 0 %u %u:%u 0 0", major(below), minor(below), delay_ms,
		 major(below), minor(below));
	rq.target.next = sizeof(rq.target) + sizeof(rq.params);
	return ioctl(control, DM_TABLE_LOAD, &rq);
}

static int open_node(dev_t dev)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/zkzdisk.%d", getpid());
	if (mknod(path, S_IFBLK | 0600, dev))
		return -1;
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	unlink(path);
	return fd;
}

/* A delaying device over the one @below; goes away when the descriptor that is returned is closed. */
static int delay_over(int below, size_t size, unsigned int delay_ms)
{
	int control, err, fd = -1;
	struct dm_request rq;
	struct stat st;

	if (fstat(below, &st))
		return -1;
	control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -1;
	dm_init(&rq);
	if (ioctl(control, DM_DEV_CREATE, &rq))
		goto out;
	if (!dm_load(control, st.st_rdev, size, delay_ms)) {
		dm_init(&rq);
		if (!ioctl(control, DM_DEV_SUSPEND, &rq))	/* without the flag it means: resume */
			fd = open_node(makedev((rq.head.dev >> 8) & 0xfff,
					       (rq.head.dev & 0xff) | ((rq.head.dev >> 12) & ~0xffULL)));
	}
	err = errno;
	dm_init(&rq);
	rq.head.flags = DM_DEFERRED_REMOVE;
	ioctl(control, DM_DEV_REMOVE, &rq);
	errno = err;
out:
	err = errno;
	close(control);
	errno = err;
	return fd;
}

/**
 * zkzdisk_open() - make a disk
 * @disk:	filled in
 * @size:	bytes
 * @delay_ms:	how long every read takes; 0: no delay, and no device mapper
 *
 * Return: 0, or -1 with errno.
 */
int zkzdisk_open(struct zkzdisk *disk, size_t size, unsigned int delay_ms)
{
	int backing, loop;

	load(delay_ms ? "loop dm-mod dm-delay" : "loop");
	disk->size = size;
	backing = memfd_create("zkzdisk", MFD_CLOEXEC);
	if (backing < 0 || ftruncate(backing, size))
		return -1;
	disk->mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, backing, 0);
	if (disk->mem == MAP_FAILED)
		return -1;
	loop = loop_over(backing);
	close(backing);
	if (loop < 0 || !delay_ms) {
		disk->fd = loop;
	} else {
		disk->fd = delay_over(loop, size, delay_ms);
		close(loop);
	}
	return disk->fd < 0 ? -1 : 0;
}

void zkzdisk_close(struct zkzdisk *disk)
{
	close(disk->fd);
	munmap(disk->mem, disk->size);
}
