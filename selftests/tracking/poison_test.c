// SPDX-License-Identifier: GPL-2.0
/*
 * Pages whose memory has failed: nothing reads them, and the zone that has them can still move. What was lost stays
 * lost at the target, also when it goes on from there.
 *
 *	madvise(MADV_HWPOISON) -> read(), access: EIO, SIGBUS -> session -> target: EIO, SIGBUS -> next target ...
 *
 * The kernel splits a huge folio for that, unless somebody holds it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"

#define FILE_BYTES	(8UL << 20)
#define LOST		(CHUNK_PAGES + 5)
#define RW		(PROT_READ | PROT_WRITE)

static sigjmp_buf escape;
static volatile sig_atomic_t bus_code;
static volatile bool escaping, injecting;

static void on_bus(int sig, siginfo_t *info, void *context)
{
	static const char text[] = "# access to a page that ought to be sound\n";

	bus_code = info->si_code;
	if (escaping)
		siglongjmp(escape, 1);
	/* It would be tried again for ever. */
	if (bus_code == BUS_MCEERR_AR && !injecting && write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		_exit(KSFT_FAIL);
}

/* What SIGBUS says of an access to a page; 0: there was none. */
static int code_of(const char *at)
{
	bus_code = 0;
	if (!sigsetjmp(escape, 1)) {
		escaping = true;
		(void)*(const volatile char *)at;
	}
	escaping = false;
	return bus_code;
}

/* Memory fails. The kernel tells its caller that it could not save the content, and may send SIGBUS for that. */
static int fail_page(char *mem, size_t page)
{
	int ret;

	injecting = true;
	ret = madvise(mem + page * PAGE_BYTES, PAGE_BYTES, MADV_HWPOISON) ? -errno : 0;
	injecting = false;
	return ret == -EBUSY || ret == -EHWPOISON ? 0 : ret;
}

/* Does access to a page of a file fail, by read() and by touching it? */
static bool lost(int file, size_t page)
{
	char *mem = zkzmem_map(file, FILE_BYTES, PROT_READ);
	char buf[2 * PAGE_BYTES];
	bool bad;

	bad = pread(file, buf, sizeof(buf), page * PAGE_BYTES) < 0 && errno == EIO &&
	      pread(file, buf, sizeof(buf), (page - 1) * PAGE_BYTES) == (ssize_t)PAGE_BYTES &&
	      code_of(mem + page * PAGE_BYTES) == BUS_MCEERR_AR;
	munmap(mem, FILE_BYTES);
	return bad;
}

/* How many pages of two files differ, one of them left out. */
static long differing(int a, int b, size_t but)
{
	static char x[PAGE_BYTES], y[PAGE_BYTES];
	long nr = 0;
	size_t i;

	for (i = 0; i < FILE_BYTES / PAGE_BYTES; i++) {
		if (i == but)
			continue;
		if (pread(a, x, PAGE_BYTES, i * PAGE_BYTES) != (ssize_t)PAGE_BYTES ||
		    pread(b, y, PAGE_BYTES, i * PAGE_BYTES) != (ssize_t)PAGE_BYTES || memcmp(x, y, PAGE_BYTES)) {
			fprintf(stderr, "# page %zu differs\n", i);
			nr++;
		}
	}
	return nr;
}

/* The zone goes on from where it came to. */
static bool next_hop(struct pair *p, const char *name)
{
	munmap(p->mem, FILE_BYTES);
	close(p->source);
	p->source = p->target;
	p->target = zkzmem_create(name, FILE_BYTES);
	p->mem = zkzmem_map(p->source, FILE_BYTES, RW);
	return p->target >= 0 && p->mem != MAP_FAILED;
}

FIXTURE(poison) {
	struct pair p;
};

FIXTURE_VARIANT(poison) {
	const char *options;
};

FIXTURE_VARIANT_ADD(poison, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(poison, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(poison)
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	if (geteuid())
		SKIP(return, "needs root");
	sigaction(SIGBUS, &sa, NULL);
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
}

FIXTURE_TEARDOWN(poison)
{
	pair_close(&self->p);
}

TEST_F(poison, read_and_access_fail)
{
	char buf[PAGE_BYTES];

	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	EXPECT_TRUE(lost(self->p.source, LOST));
	EXPECT_EQ(BUS_MCEERR_AR, code_of(self->p.mem + LOST * PAGE_BYTES));
	EXPECT_EQ((ssize_t)PAGE_BYTES, pread(self->p.source, buf, PAGE_BYTES, (LOST + 1) * PAGE_BYTES));
	/* Its place is free for a sound page when it is given back. */
	ASSERT_EQ(0, fallocate(self->p.source, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, LOST * PAGE_BYTES,
			       PAGE_BYTES));
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + LOST * PAGE_BYTES, PAGE_BYTES));
}

TEST_F(poison, goes_with_the_zone)
{
	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_POISON));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	/* The kernel holds it for ever, but there is nothing to wait for. */
	EXPECT_EQ(0, self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_STICKY]);
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, differing(self->p.source, self->p.target, LOST));
	EXPECT_TRUE(lost(self->p.target, LOST));

	ASSERT_TRUE(next_hop(&self->p, "third"));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_POISON));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, differing(self->p.source, self->p.target, LOST));
	EXPECT_TRUE(lost(self->p.target, LOST));

	/* There it is gone with its content. */
	ASSERT_EQ(0, fallocate(self->p.target, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, LOST * PAGE_BYTES,
			       PAGE_BYTES));
	ASSERT_TRUE(next_hop(&self->p, "fourth"));
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + LOST * PAGE_BYTES, PAGE_BYTES));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_POISON));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* What has arrived and was not written since is sound at the target; what was written is lost with the write. */
TEST_F(poison, between_passes)
{
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	self->p.mem[LOST * PAGE_BYTES] ^= 1;
	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	ASSERT_EQ(0, fail_page(self->p.mem, 3 * CHUNK_PAGES));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_POISON));
	self->p.mem[0] ^= 1;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_TRUE(lost(self->p.target, LOST));
	EXPECT_EQ(1, differing(self->p.source, self->p.target, LOST));
}

/* A page that is lost and then gets new content has it at the target too, however it travels. */
TEST_F(poison, heals)
{
	size_t at = LOST * PAGE_BYTES;

	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	ASSERT_EQ(0, fail_page(self->p.mem, LOST + 1));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(2, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_POISON));
	ASSERT_EQ(0, fallocate(self->p.source, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, 2 * PAGE_BYTES));
	self->p.mem[at] = 7;
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* A file that was a target is emptied for the next one. */
TEST_F(poison, emptied_file_is_sound)
{
	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_abort(&self->p));
	EXPECT_TRUE(lost(self->p.target, LOST));
	ASSERT_EQ(0, fallocate(self->p.source, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 2);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Somebody holds the folio, so it stays whole with a page that must not be touched. */
TEST_F(poison, held_folio)
{
	struct iovec v = { self->p.mem + CHUNK_BYTES, PAGE_BYTES };
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ((ssize_t)v.iov_len, vmsplice(p[1], &v, 1, 0));
	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	ASSERT_TRUE(pair_finish(&self->p));
	close(p[0]);
	close(p[1]);
	EXPECT_EQ(0, differing(self->p.source, self->p.target, LOST));
	EXPECT_TRUE(lost(self->p.target, LOST));
}

/* How many pages cannot be written to. */
static unsigned int failing(char *mem)
{
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < FILE_BYTES / PAGE_BYTES; i++) {
		bus_code = 0;
		escaping = true;
		if (!sigsetjmp(escape, 1))
			mem[i * PAGE_BYTES] = 1;
		escaping = false;
		nr += bus_code != 0;
	}
	return nr;
}

/* What a held folio had is not given to whoever needs a folio next. */
TEST_F(poison, is_not_used_again)
{
	struct iovec v = { self->p.mem + LOST * PAGE_BYTES, PAGE_BYTES };
	int p[2], i;

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ((ssize_t)v.iov_len, vmsplice(p[1], &v, 1, 0));
	/* The first one of a huge folio, which is the one that is asked for when the next one is mapped. */
	ASSERT_EQ(0, fail_page(self->p.mem, CHUNK_PAGES));
	ASSERT_EQ(0, fallocate(self->p.source, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, FILE_BYTES));
	close(p[0]);
	close(p[1]);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, failing(self->p.mem));
		ASSERT_EQ(0, fallocate(self->p.source, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, FILE_BYTES));
	}
}

struct toucher {
	const char *at;
	int code;
};

static void *touch(void *data)
{
	struct toucher *t = data;

	t->code = code_of(t->at);
	return NULL;
}

/* Whoever waits for a page in a fetch is told that it is lost, and does not wait for ever. */
TEST_F(poison, comes_in_a_fetch)
{
	char *mem = zkzmem_map(self->p.target, FILE_BYTES, RW);
	struct toucher t = { .at = mem + LOST * PAGE_BYTES };
	pthread_t thread;

	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_EQ(0, fail_page(self->p.mem, LOST));
	/* slowly, so that there is somebody who waits */
	self->p.pace = 1 << 20;
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_fetch_begin(&self->p));
	ASSERT_EQ(0, pthread_create(&thread, NULL, touch, &t));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(BUS_MCEERR_AR, t.code);
	ASSERT_TRUE(pair_fetch_end(&self->p));
	EXPECT_EQ(1, self->p.last.counters[ZKZ_A_COUNTERS_PAGES_POISON]);
	EXPECT_EQ(0, differing(self->p.source, self->p.target, LOST));
	EXPECT_TRUE(lost(self->p.target, LOST));

	/* And on from there, in a fetch again. */
	self->p.pace = 0;
	ASSERT_TRUE(next_hop(&self->p, "third"));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_fetch_begin(&self->p));
	ASSERT_TRUE(pair_fetch_end(&self->p));
	EXPECT_EQ(0, differing(self->p.source, self->p.target, LOST));
	EXPECT_TRUE(lost(self->p.target, LOST));
}

TEST_HARNESS_MAIN
