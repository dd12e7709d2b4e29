// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that somebody holds a reference of, and may write to without any page table: the tracker must keep them dirty.
 *
 *	read(O_DIRECT) ──► page held ··· passes ··· device writes the page, page let go ──► last pass
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "work.h"
#include "zkzdisk.h"

#define FILE_BYTES	(16UL << 20)
#define DISK_BYTES	(4UL << 20)
#define PIECE		(64UL << 10)	/* of one request */

FIXTURE(pins) {
	struct pair p;
	struct zkzdisk disk;
};

FIXTURE_VARIANT(pins) {
	const char *options;
};

FIXTURE_VARIANT_ADD(pins, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(pins, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(pins)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
}

FIXTURE_TEARDOWN(pins)
{
	pair_close(&self->p);
}

struct reader {
	struct pair *p;
	struct zkzdisk *disk;
	unsigned int nr;		/* which part of the file is its own */
	bool once;
	bool stop;
	bool broken;
	bool reading;
	unsigned int done;
	pthread_t thread;
};

/* Every piece that arrives changes the page it arrives in: the disk's content differs from what is there. */
static void *read_disk(void *data)
{
	struct reader *r = data;
	char *mem = r->p->mem + r->nr * (FILE_BYTES / 4);
	size_t n = 0;

	do {
		size_t at = n * 7 * PIECE % (FILE_BYTES / 4), pos = n * 5 * PIECE % DISK_BYTES;

		__atomic_store_n(&r->reading, true, __ATOMIC_SEQ_CST);
		if (pread(r->disk->fd, mem + at, PIECE, pos) != (ssize_t)PIECE) {
			fprintf(stderr, "# direct read: %s\n", strerror(errno));
			r->broken = true;
			break;
		}
		__atomic_add_fetch(&r->done, 1, __ATOMIC_SEQ_CST);
		/* Change the disk, so that the same piece is never the same. */
		r->disk->mem[pos + n % PIECE] ^= 0x55;
		n++;
	} while (!r->once && !__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST));
	return NULL;
}

static bool begin_reading(struct reader *r)
{
	if (pthread_create(&r->thread, NULL, read_disk, r))
		return false;
	while (!__atomic_load_n(&r->reading, __ATOMIC_SEQ_CST))
		usleep(1000);
	usleep(50000);	/* likely it is in flight then; the callers look whether it was */
	return true;
}

static unsigned int arrived(struct reader *r)
{
	return __atomic_load_n(&r->done, __ATOMIC_SEQ_CST);
}

TEST_F(pins, reads_in_flight_during_passes)
{
	struct reader r[2] = { { .p = &self->p, .nr = 1 }, { .p = &self->p, .nr = 2 } };
	int i, pass;

	ASSERT_EQ(0, zkzdisk_open(&self->disk, DISK_BYTES, 150)) {
		TH_LOG("no slow disk: %s", strerror(errno));
	}
	zkzmem_fill(self->disk.mem, DISK_BYTES, 2);
	for (i = 0; i < 2; i++) {
		r[i].disk = &self->disk;
		ASSERT_TRUE(begin_reading(&r[i]));
	}
	ASSERT_TRUE(pair_start(&self->p));
	/* Until some have arrived between passes, and some within. */
	for (pass = 0; pass < 12 || arrived(&r[0]) + arrived(&r[1]) < 12; pass++) {
		ASSERT_FALSE(r[0].broken || r[1].broken);
		ASSERT_TRUE(pair_pass(&self->p));
		usleep(20000);
	}
	EXPECT_LT(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_STICKY));
	for (i = 0; i < 2; i++)
		r[i].stop = true;
	for (i = 0; i < 2; i++)
		pthread_join(r[i].thread, NULL);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
	zkzdisk_close(&self->disk);
}

/* A reference taken before tracking began has left no trace in any bitmap. */
TEST_F(pins, read_in_flight_before_tracking)
{
	unsigned int delay = 300;
	struct reader r;
	bool in_flight;

	do {
		memset(&r, 0, sizeof(r));
		r.p = &self->p;
		r.disk = &self->disk;
		r.once = true;
		ASSERT_EQ(0, zkzdisk_open(&self->disk, DISK_BYTES, delay));
		zkzmem_fill(self->disk.mem, DISK_BYTES, delay);
		ASSERT_TRUE(begin_reading(&r));
		ASSERT_TRUE(pair_start(&self->p));
		ASSERT_TRUE(pair_pass(&self->p));
		in_flight = !arrived(&r);
		if (in_flight) {
			EXPECT_LT(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_STICKY));
		}
		pthread_join(r.thread, NULL);
		ASSERT_FALSE(r.broken);
		ASSERT_TRUE(pair_finish(&self->p));
		EXPECT_EQ(0, pair_differing(&self->p));
		EXPECT_EQ(0, zkzmem_check(self->p.mem, PIECE, delay));
		zkzdisk_close(&self->disk);
		ASSERT_TRUE(pair_fresh_target(&self->p));
		/* A slow machine: the read was over before the pass. */
		delay *= 4;
	} while (!in_flight && delay < 10000);
	EXPECT_TRUE(in_flight);
}

/* The other direction changes nothing, but looks the same: it must not hold up anything either. */
TEST_F(pins, pages_in_a_pipe)
{
	struct iovec v = { self->p.mem + CHUNK_BYTES, 8 * PAGE_BYTES };
	char buf[8 * PAGE_BYTES];
	int p[2], i;

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ((ssize_t)v.iov_len, vmsplice(p[1], &v, 1, 0));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 3));
	EXPECT_LT(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_STICKY));
	EXPECT_LT(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	/* Once they are let go, they become clean. */
	ASSERT_EQ((ssize_t)sizeof(buf), read(p[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, v.iov_base, sizeof(buf)));
	for (i = 0; i < 5 && pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY); i++) {
		ASSERT_TRUE(pair_pass(&self->p));
	}
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(pins, last_pass_takes_pinned_pages_too)
{
	struct iovec v = { self->p.mem + 3 * CHUNK_BYTES - PAGE_BYTES, 2 * PAGE_BYTES };
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ((ssize_t)v.iov_len, vmsplice(p[1], &v, 1, 0));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	memset(v.iov_base, 7, v.iov_len);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Memory registered with an AF_XDP socket stays pinned for as long as that is open. */
static int register_memory(void *mem, size_t size)
{
	struct xdp_umem_reg reg = { .addr = (uintptr_t)mem, .len = size, .chunk_size = PAGE_BYTES };
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (!setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
		return fd;
	close(fd);
	return -1;
}

TEST_F(pins, pinned_for_long_is_refused)
{
	int fd = register_memory(self->p.mem + CHUNK_BYTES, 4 * PAGE_BYTES), tries;

	if (fd < 0)
		SKIP(return, "this kernel pins no such memory for long (%s)", strerror(errno));
	EXPECT_FALSE(pair_start(&self->p));
	EXPECT_NE(0, self->p.nl->text[0]);
	EXPECT_EQ(0, zkznl_abort(self->p.nl, self->p.target_id, NULL));
	close(fd);
	ASSERT_TRUE(pair_fresh_target(&self->p));
	/* The pages are let go by a worker of the kernel. */
	for (tries = 0; tries < 50 && !pair_start(&self->p); tries++) {
		EXPECT_EQ(0, zkznl_abort(self->p.nl, self->p.target_id, NULL));
		usleep(100000);
	}
	ASSERT_NE(0, self->p.source_id);
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* A device that has pages of a target would go on with what they held, and not see what comes. */
TEST_F(pins, pinned_target_is_refused)
{
	char *mem = zkzmem_map(self->p.target, FILE_BYTES, PROT_READ | PROT_WRITE);
	int fd;

	ASSERT_NE(MAP_FAILED, mem);
	fd = register_memory(mem + CHUNK_BYTES, 4 * PAGE_BYTES);
	if (fd < 0)
		SKIP(return, "this kernel pins no such memory for long (%s)", strerror(errno));
	EXPECT_FALSE(pair_start(&self->p));
	EXPECT_EQ(0, self->p.target_id);
	EXPECT_NE(NULL, strstr(self->p.nl->text, "pinned"));
	close(fd);
}

/* The same, but it gets them when the session is there already: so it has touched them, and that is looked at. */
TEST_F(pins, pinned_target_does_not_fetch)
{
	char *mem = zkzmem_map(self->p.target, FILE_BYTES, PROT_READ | PROT_WRITE);
	int fd;

	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_TRUE(pair_start(&self->p));
	fd = register_memory(mem + CHUNK_BYTES, 4 * PAGE_BYTES);
	if (fd < 0)
		SKIP(return, "this kernel pins no such memory for long (%s)", strerror(errno));
	EXPECT_FALSE(pair_fetch_begin(&self->p));
	EXPECT_NE(NULL, strstr(self->p.last.reason, "pinned"));
	close(fd);
}

TEST_HARNESS_MAIN
