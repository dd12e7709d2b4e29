// SPDX-License-Identifier: GPL-2.0
/*
 * The disk writer: random blocks, each read back at random later; or all written once and then only read. A
 * table holds the sequence number written last to each block; 0 is a block that this run has not written and
 * knows nothing of.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"
#include "hold.h"
#include "pace.h"
#include "params.h"
#include "pattern.h"

#define BLOCKS_MAX	1048576
#define BATCH_SYNC	64
#define CHUNK		64	/* blocks that verification reads at once */

static struct {
	pthread_mutex_t lock;	/* all of this, except what the thread alone uses while it runs */
	struct hold hold;	/* held by the thread while it works: whoever has it finds no block half written */
	pthread_t thread;
	bool running, stop, direct, read_only;
	int fd;			/* for writing */
	int check_fd;		/* O_DIRECT: what is on the disk and not in a cache */
	uint32_t *seq;
	uint64_t nr, seed, random;
	uint64_t writes, reads, bad, errors;
	uint64_t *buffer;
	struct pace pace;
	char dev[64];
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER, .hold = HOLD_INIT, .fd = -1, .check_fd = -1 };

static void note_error(const char *what, uint64_t block)
{
	if (!disk.errors++)
		say("disk %s: %s of block %lu: %s", disk.dev, what, block, strerror(errno));
}

/* Reads a block back and compares it with what was written last. */
static const char *check_block(uint64_t n)
{
	if (pread(disk.fd, disk.buffer, PAGE_BYTES, n * PAGE_BYTES) != PAGE_BYTES) {
		note_error("read", n);
		return "not readable";
	}
	disk.reads++;
	return pattern_check(disk.buffer, disk.seed, n, disk.seq[n]);
}

static uint64_t pick(void)
{
	disk.random = pattern_mix(disk.random, disk.seed, 3);
	return disk.random % disk.nr;
}

static void write_block(uint64_t n)
{
	pattern_write(disk.buffer, disk.seed, n, disk.seq[n] + 1);
	if (pwrite(disk.fd, disk.buffer, PAGE_BYTES, n * PAGE_BYTES) == PAGE_BYTES) {
		disk.seq[n]++;
		disk.writes++;
	} else {
		/* The block may hold the old or the new content: nothing can be said of it. */
		note_error("write", n);
		disk.seq[n] = 0;
	}
	if (!disk.direct && disk.writes % BATCH_SYNC == 0 && fdatasync(disk.fd))
		note_error("sync", n);
}

static void read_block(uint64_t n)
{
	const char *wrong;

	if (!disk.seq[n])
		return;
	wrong = check_block(n);
	if (wrong) {
		if (!disk.bad++)
			say("disk %s: block %lu is %s", disk.dev, n, wrong);
	}
}

static void use_block(void)
{
	if (!disk.read_only)
		write_block(pick());
	read_block(pick());
}

static void *disk_thread(void *arg)
{
	bool stop = false;

	pace_begin(&disk.pace, disk.pace.rate);
	while (!stop) {
		uint64_t blocks = pace_wait(&disk.pace);

		hold_work(&disk.hold);
		stop = disk.stop;
		while (!stop && blocks--)
			use_block();
		hold_rest(&disk.hold);
	}
	return arg;
}

static void stop_thread(void)
{
	if (!disk.running)
		return;
	hold_still(&disk.hold);
	disk.stop = true;
	hold_go(&disk.hold);
	pthread_join(disk.thread, NULL);
	disk.running = false;
}

static void release(void)
{
	stop_thread();
	if (disk.fd >= 0)
		close(disk.fd);
	if (disk.check_fd >= 0)
		close(disk.check_fd);
	free(disk.seq);
	free(disk.buffer);
	disk.fd = disk.check_fd = -1;
	disk.seq = NULL;
	disk.buffer = NULL;
	disk.nr = 0;
}

static int open_disk(uint64_t size, char *out, size_t len)
{
	off_t end;

	disk.fd = open(disk.dev, O_RDWR | O_CLOEXEC | (disk.direct ? O_DIRECT : 0));
	disk.check_fd = open(disk.dev, O_RDONLY | O_CLOEXEC | O_DIRECT);
	end = disk.fd < 0 ? -1 : lseek(disk.fd, 0, SEEK_END);
	if (end < PAGE_BYTES || disk.check_fd < 0) {
		snprintf(out, len, "cannot use %s: %s", disk.dev, strerror(errno));
		return -1;
	}
	if (!size || size > (uint64_t)end)
		size = end;
	disk.nr = size / PAGE_BYTES;
	if (disk.nr > BLOCKS_MAX)
		disk.nr = BLOCKS_MAX;
	disk.seq = calloc(disk.nr, sizeof(*disk.seq));
	if (!disk.seq || posix_memalign((void **)&disk.buffer, PAGE_BYTES, CHUNK * PAGE_BYTES)) {
		snprintf(out, len, "no memory");
		return -1;
	}
	return 0;
}

int disk_start(const struct params *p, char *out, size_t len)
{
	uint64_t size, rate, direct, n;
	const char *mode = params_get(p, "mode", "write");
	int ret = -1;

	if (params_number(p, "size", 0, &size) || params_number(p, "rate", 1 << 20, &rate) ||
	    params_number(p, "direct", 1, &direct) || params_unknown(p, "dev size rate direct mode") ||
	    (strcmp(mode, "write") && strcmp(mode, "read"))) {
		snprintf(out, len, "disk start [dev=/dev/vda] [size=BYTES] [rate=BYTES] [direct=0|1] [mode=write|read]");
		return -1;
	}
	pthread_mutex_lock(&disk.lock);
	release();
	snprintf(disk.dev, sizeof(disk.dev), "%s", params_get(p, "dev", "/dev/vda"));
	disk.direct = direct;
	disk.read_only = !strcmp(mode, "read");
	disk.writes = disk.reads = disk.bad = disk.errors = 0;
	disk.seed = disk.random = pattern_mix(now_ns(), size, 4);
	disk.pace.rate = rate;
	disk.stop = false;
	if (open_disk(size, out, len))
		goto unlock;
	/* What is only read has to be there before. */
	for (n = 0; disk.read_only && n < disk.nr; n++)
		write_block(n);
	if (pthread_create(&disk.thread, NULL, disk_thread, NULL)) {
		snprintf(out, len, "cannot start a thread");
		goto unlock;
	}
	disk.running = true;
	snprintf(out, len, "blocks=%lu direct=%d", disk.nr, disk.direct);
	ret = 0;
unlock:
	if (ret)
		release();
	pthread_mutex_unlock(&disk.lock);
	return ret;
}

int disk_stop(const struct params *p, char *out, size_t len)
{
	(void)p;
	pthread_mutex_lock(&disk.lock);
	stop_thread();
	if (disk.fd >= 0 && !disk.read_only && fdatasync(disk.fd))
		note_error("sync", 0);
	snprintf(out, len, "stopped");
	pthread_mutex_unlock(&disk.lock);
	return 0;
}

int disk_stat(const struct params *p, char *out, size_t len)
{
	(void)p;
	pthread_mutex_lock(&disk.lock);
	snprintf(out, len, "blocks=%lu writes=%lu reads=%lu bad=%lu errors=%lu running=%d", disk.nr, disk.writes,
		 disk.reads, disk.bad, disk.errors, disk.running);
	pthread_mutex_unlock(&disk.lock);
	return 0;
}

struct result {
	uint64_t written, bad, first;
	const char *why;
};

static void verify_chunk(uint64_t n, uint64_t nr, struct result *r)
{
	uint64_t end = n + nr;
	bool readable = pread(disk.check_fd, disk.buffer, nr * PAGE_BYTES, n * PAGE_BYTES) ==
			(ssize_t)(nr * PAGE_BYTES);
	const uint64_t *page = disk.buffer;

	if (!readable)
		note_error("read", n);
	for (; n < end; n++, page += PAGE_WORDS) {
		const char *wrong = "not readable";

		if (!disk.seq[n])
			continue;
		r->written++;
		if (readable)
			wrong = pattern_check(page, disk.seed, n, disk.seq[n]);
		if (wrong && !r->bad++) {
			r->first = n;
			r->why = wrong;
		}
	}
}

/* Compares every block that was written with what is on the disk itself, not in a cache. */
int disk_verify(const struct params *p, char *out, size_t len)
{
	struct result r = { .why = "" };
	uint64_t n;

	(void)p;
	pthread_mutex_lock(&disk.lock);
	hold_still(&disk.hold);
	if (disk.fd >= 0 && fsync(disk.fd))
		note_error("sync", 0);
	for (n = 0; n < disk.nr; n += CHUNK)
		verify_chunk(n, disk.nr - n < CHUNK ? disk.nr - n : CHUNK, &r);
	snprintf(out, len, "written=%lu bad=%lu seen-bad=%lu errors=%lu writes=%lu first-bad=%lu:%s", r.written,
		 r.bad, disk.bad, disk.errors, disk.writes, r.first, r.why);
	r.bad += disk.bad + disk.errors;
	hold_go(&disk.hold);
	pthread_mutex_unlock(&disk.lock);
	return r.bad ? -1 : 0;
}
