// SPDX-License-Identifier: GPL-2.0
/*
 * How core fills page tables from a huge folio, in a chunk that is tracked: one page for one write, no more, whatever
 * was there before and whoever writes. kmod/fault.h tells how the module brings that about.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"

#define CHUNKS		4
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)
#define PRESENT		(1ULL << 63)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE		25
#endif

FIXTURE(tables) {
	struct pair p;
	char *chunk;	/* one of the middle */
};

FIXTURE_SETUP(tables)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_TRUE(pair_open(&self->p, NULL, FILE_BYTES));
	if (!zkzmem_mounted_with(ZKZMEM_DIR, "huge=2M"))
		SKIP(return, "huge mappings do not work on this kernel");
	self->chunk = self->p.mem + CHUNK_BYTES;
}

FIXTURE_TEARDOWN(tables)
{
	pair_close(&self->p);
}

/* How many pages of a chunk are in the page tables of this process; -1: cannot be told. */
static int present(const char *chunk)
{
	static uint64_t entries[CHUNK_PAGES];
	int fd = open("/proc/self/pagemap", O_RDONLY), i, nr = 0;

	if (fd < 0 || pread(fd, entries, sizeof(entries), (uintptr_t)chunk / PAGE_BYTES * 8) != sizeof(entries))
		return -1;
	close(fd);
	for (i = 0; i < (int)CHUNK_PAGES; i++)
		nr += !!(entries[i] & PRESENT);
	return nr;
}

/* Memory that page tables of this process take, in kB. */
static long tables_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kb = -1;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmPTE: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

/* Without reading before: that would be a fault of its own. */
static void write_page(char *chunk, unsigned int page)
{
	static char next;

	*(volatile char *)(chunk + page * PAGE_BYTES) = ++next;
}

static void read_page(char *chunk, unsigned int page)
{
	(void)*(volatile char *)(chunk + page * PAGE_BYTES);
}

/* All chunks are filled, tracked, and known to be clean. */
static bool tracked(struct pair *p)
{
	zkzmem_fill(p->mem, FILE_BYTES, 1);
	return pair_start(p) && pair_settle(p);
}

#define EXPECT_DIRTY(nr)	EXPECT_EQ(nr, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY))
#define EXPECT_SAME()							\
do {									\
	ASSERT_TRUE(pair_finish(&self->p));				\
	EXPECT_EQ(0, pair_differing(&self->p));				\
} while (0)

TEST_F(tables, first_write_maps_the_chunk)
{
	write_page(self->chunk, 7);
	EXPECT_EQ(CHUNK_PAGES, present(self->chunk));
	EXPECT_EQ(2048, zkzmem_smaps(self->p.mem, "FilePmdMapped"));
}

TEST_F(tables, tracked_write_maps_one_page)
{
	ASSERT_TRUE(tracked(&self->p));
	EXPECT_EQ(0, present(self->chunk));
	write_page(self->chunk, 5);
	EXPECT_EQ(1, present(self->chunk));
	EXPECT_DIRTY(1);
	write_page(self->chunk, 9);
	EXPECT_EQ(2, present(self->chunk));
	EXPECT_DIRTY(2);
	write_page(self->chunk, 9);
	EXPECT_EQ(2, pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS));
	EXPECT_SAME();
}

/* A read may map what is around it, but nobody may write there without a fault. */
TEST_F(tables, tracked_read_maps_for_reading)
{
	ASSERT_TRUE(tracked(&self->p));
	read_page(self->chunk, 5);
	EXPECT_DIRTY(0);
	write_page(self->chunk, 5);
	write_page(self->chunk, 6);
	write_page(self->chunk, 300);
	EXPECT_DIRTY(3);
	read_page(self->chunk, 10);
	write_page(self->chunk, 11);
	EXPECT_DIRTY(4);
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(4, pair_found(&self->p));
	read_page(self->chunk, 12);
	write_page(self->chunk, 12);
	write_page(self->chunk, 5);
	EXPECT_DIRTY(2);
	EXPECT_SAME();
}

TEST_F(tables, populated_for_writing_is_dirty)
{
	ASSERT_TRUE(tracked(&self->p));
	if (madvise(self->chunk, CHUNK_BYTES, MADV_POPULATE_READ))
		SKIP(return, "this kernel populates nothing: %s", strerror(errno));
	EXPECT_DIRTY(0);
	write_page(self->chunk, 5);
	EXPECT_DIRTY(1);
	ASSERT_EQ(0, madvise(self->chunk, CHUNK_BYTES, MADV_POPULATE_WRITE));
	EXPECT_DIRTY(CHUNK_PAGES);
	EXPECT_SAME();
}

/* By the kernel on behalf of others, who have no page table entry of their own. */
TEST_F(tables, written_by_others_is_dirty)
{
	struct iovec from = { .iov_len = 8 }, to = { .iov_len = 8 };
	char bytes[8] = "written";
	int fd;

	ASSERT_TRUE(tracked(&self->p));
	from.iov_base = bytes;
	to.iov_base = self->chunk + 20 * PAGE_BYTES;
	ASSERT_EQ(8, process_vm_writev(getpid(), &from, 1, &to, 1, 0));
	EXPECT_DIRTY(1);
	fd = open("/proc/self/mem", O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(8, pwrite(fd, bytes, 8, (uintptr_t)self->chunk + 30 * PAGE_BYTES));
	close(fd);
	EXPECT_DIRTY(2);
	EXPECT_SAME();
}

/* A process that is to have no huge mappings gets none, and is tracked as well. */
TEST_F(tables, without_huge_mappings)
{
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	ASSERT_TRUE(tracked(&self->p));
	EXPECT_EQ(0, zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	write_page(self->chunk, 5);
	EXPECT_EQ(1, present(self->chunk));
	EXPECT_DIRTY(1);
	EXPECT_SAME();
}

TEST_F(tables, protection_comes_back_clean)
{
	ASSERT_TRUE(tracked(&self->p));
	write_page(self->chunk, 5);
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_EQ(0, mprotect(self->p.mem, FILE_BYTES, PROT_READ));
	ASSERT_EQ(0, mprotect(self->p.mem, FILE_BYTES, RW));
	EXPECT_DIRTY(0);
	write_page(self->chunk, 5);
	write_page(self->chunk, 6);
	EXPECT_DIRTY(2);
	EXPECT_SAME();
}

/* Tables that are emptied may go (CONFIG_PT_RECLAIM); the next write must not find a huge mapping in their place. */
TEST_F(tables, emptied_tables)
{
	long before;

	ASSERT_TRUE(tracked(&self->p));
	write_page(self->chunk, 5);
	write_page(self->chunk + CHUNK_BYTES, 5);
	before = tables_kb();
	ASSERT_EQ(0, madvise(self->p.mem, FILE_BYTES, MADV_DONTNEED));
	printf("# fact: page tables that are emptied %s\n", tables_kb() < before ? "go" : "stay");
	EXPECT_EQ(0, present(self->chunk));
	write_page(self->chunk, 7);
	EXPECT_EQ(1, present(self->chunk));
	EXPECT_DIRTY(3);
	EXPECT_SAME();
}

/* Asked to map hugely, the kernel may refuse, or do so for reading. */
TEST_F(tables, collapsed_for_reading)
{
	int ret;

	ASSERT_TRUE(tracked(&self->p));
	write_page(self->chunk, 3);
	ASSERT_TRUE(pair_pass(&self->p));
	ret = madvise(self->chunk, CHUNK_BYTES, MADV_COLLAPSE);
	printf("# fact: MADV_COLLAPSE of zone memory: %s\n", ret ? strerror(errno) : "done");
	write_page(self->chunk, 3);
	write_page(self->chunk, 4);
	EXPECT_DIRTY(2);
	EXPECT_SAME();
}

/* Tracking ends, and the next access maps hugely again. */
TEST_F(tables, huge_again)
{
	ASSERT_TRUE(tracked(&self->p));
	write_page(self->chunk, 3);
	ASSERT_TRUE(pair_finish(&self->p));
	write_page(self->chunk, 4);
	EXPECT_EQ(CHUNK_PAGES, present(self->chunk));
	EXPECT_LE(2048, zkzmem_smaps(self->p.mem, "FilePmdMapped"));
}

TEST_HARNESS_MAIN
