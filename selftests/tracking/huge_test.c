// SPDX-License-Identifier: GPL-2.0
/* 2 MiB mappings before, during and after tracking; attempts given up and made again. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "work.h"

#define CHUNKS		16
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)
#define KB(bytes)	((long)((bytes) >> 10))

FIXTURE(huge) {
	struct pair p;
	struct crew crew;
};

FIXTURE_SETUP(huge)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_TRUE(pair_open(&self->p, NULL, FILE_BYTES));
	if (!zkzmem_mounted_with(ZKZMEM_DIR, "huge=2M"))
		SKIP(return, "huge mappings do not work on this kernel");
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_EQ(KB(FILE_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
}

FIXTURE_TEARDOWN(huge)
{
	pair_close(&self->p);
}

static void touch(char *mem)
{
	size_t chunk;

	for (chunk = 0; chunk < CHUNKS; chunk++)
		(void)*(volatile char *)(mem + chunk * CHUNK_BYTES);
}

/* The kernel may bring huge mappings back in the background. */
static bool huge_again(char *mem)
{
	int ms;

	for (ms = 0; ms < 10000; ms += 20) {
		touch(mem);
		if (zkzmem_smaps(mem, "FilePmdMapped") == KB(FILE_BYTES))
			return true;
		usleep(20000);
	}
	fprintf(stderr, "# only %ld kB are mapped hugely\n", zkzmem_smaps(mem, "FilePmdMapped"));
	return false;
}

TEST_F(huge, read_only_chunks_stay)
{
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	touch(self->p.mem);
	EXPECT_EQ(KB(FILE_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	/* One write: its chunk is mapped by pages from now on, and one page is dirty. */
	self->p.mem[3 * CHUNK_BYTES + 5 * PAGE_BYTES] = 1;
	EXPECT_EQ(KB(FILE_BYTES - CHUNK_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(1, pair_found(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

static void write_pages(char *mem, size_t chunk, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		mem[chunk * CHUNK_BYTES + i * PAGE_BYTES]++;
}

/* Write-around: beside a chunk that was filled, one fault makes a chunk dirty, and it is mapped hugely. */
TEST_F(huge, neighbours_of_full_chunks_are_dirty_whole)
{
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	write_pages(self->p.mem, 2, CHUNK_PAGES);
	EXPECT_EQ(CHUNK_PAGES, pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS));
	write_pages(self->p.mem, 0, 3);
	write_pages(self->p.mem, 7, 1);
	EXPECT_EQ(CHUNK_PAGES + 2, pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS));
	EXPECT_EQ(3 * CHUNK_PAGES, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	EXPECT_EQ(KB(2 * CHUNK_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	/* That says nothing about chunks farther away. */
	write_pages(self->p.mem, 8, 1);
	EXPECT_EQ(3 * CHUNK_PAGES + 1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(3 * CHUNK_PAGES + 1, pair_found(&self->p));
	EXPECT_EQ(0, zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	/* What was seen is forgotten with the harvest. */
	write_pages(self->p.mem, 7, 1);
	EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Where writers are slowed down, and towards the end, no page is dirty that was not written. */
TEST_F(huge, short_passes_look_at_pages)
{
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_EQ(0, zkznl_slow_pass(self->p.nl, self->p.source_id, 1));
	ASSERT_TRUE(pair_pass_end(&self->p));
	write_pages(self->p.mem, 0, CHUNK_PAGES);
	write_pages(self->p.mem, 1, 1);
	EXPECT_EQ(CHUNK_PAGES + 1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(CHUNK_PAGES + 1, pair_found(&self->p));
	write_pages(self->p.mem, 8, CHUNK_PAGES);
	write_pages(self->p.mem, 9, 1);
	EXPECT_EQ(CHUNK_PAGES + 1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

#define LARGE_BYTES	(2 * FILE_BYTES)	/* more than a pass prepares ahead of what it sends */

FIXTURE(large) {
	struct pair p;
};

FIXTURE_SETUP(large)
{
	size_t at;

	if (geteuid())
		SKIP(return, "mounting needs root");
	/* So slow that there is time to look. */
	self->p.pace = 4 << 20;
	ASSERT_TRUE(pair_open(&self->p, NULL, LARGE_BYTES));
	if (!zkzmem_mounted_with(ZKZMEM_DIR, "huge=2M"))
		SKIP(return, "huge mappings do not work on this kernel");
	for (at = 0; at < LARGE_BYTES; at += PAGE_BYTES)
		self->p.mem[at] = 1;
	ASSERT_EQ(KB(LARGE_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
}

FIXTURE_TEARDOWN(large)
{
	pair_close(&self->p);
}

/* Until they are sent, chunks can be mapped as they were before, and are written without cost. */
TEST_F(large, kept_until_sent)
{
	struct zkznl_session s;
	size_t page;

	ASSERT_TRUE(pair_start(&self->p));
	EXPECT_EQ(KB(LARGE_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	ASSERT_TRUE(pair_pass_begin(&self->p));
	do {
		usleep(20000);
		ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.source_id, &s));
	} while (!s.counters[ZKZ_A_COUNTERS_WP_CALLS] && s.state == ZKZ_STATE_PASSING);
	for (page = 1; page <= CHUNK_PAGES; page++)
		self->p.mem[LARGE_BYTES - page * PAGE_BYTES] = 1;
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS));
	EXPECT_EQ(KB(CHUNK_BYTES), zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.source_id, &s));
	EXPECT_EQ(ZKZ_STATE_PASSING, s.state);
	ASSERT_TRUE(pair_abort(&self->p));
}

/* What was received is in huge folios too. */
TEST_F(huge, target_gets_huge_folios)
{
	char *mem;

	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	mem = zkzmem_map(self->p.target, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, mem);
	touch(mem);
	EXPECT_EQ(KB(FILE_BYTES), zkzmem_smaps(mem, "FilePmdMapped"));
	EXPECT_EQ(0, zkzmem_check(mem, FILE_BYTES, 1));
}

TEST_F(huge, come_back_after_abort)
{
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(pair_start(&self->p));
		ASSERT_TRUE(pair_passes(&self->p, 2));
		zkzmem_fill(self->p.mem, FILE_BYTES, i);
		EXPECT_EQ(0, zkzmem_smaps(self->p.mem, "FilePmdMapped"));
		ASSERT_TRUE(pair_abort(&self->p));
		EXPECT_TRUE(huge_again(self->p.mem));
		EXPECT_FALSE(pair_tracked(&self->p));
		EXPECT_EQ(0, zkzmem_check(self->p.mem, FILE_BYTES, i));
		EXPECT_TRUE(zkzmem_vm_flag(self->p.mem, "dc"));
		ASSERT_TRUE(pair_fresh_target(&self->p));
	}
}

TEST_F(huge, come_back_after_the_owner_died)
{
	int ready[2], ms;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		struct pair p = self->p;

		/* A connection of its own: the parent's would live on. */
		p.nl = zkznl_open();
		if (p.nl && pair_start(&p) && pair_passes(&p, 2) && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ASSERT_EQ(1, read(ready[0], &c, 1));
	zkzmem_fill(self->p.mem, FILE_BYTES, 2);
	EXPECT_EQ(0, zkzmem_smaps(self->p.mem, "FilePmdMapped"));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	for (ms = 0; ms < 10000 && zkznl_sessions(self->p.nl, NULL, 0); ms += 20)
		usleep(20000);
	EXPECT_EQ(0, zkznl_sessions(self->p.nl, NULL, 0));
	EXPECT_TRUE(huge_again(self->p.mem));
	EXPECT_FALSE(pair_tracked(&self->p));
	/* And the file can be had again. */
	ASSERT_TRUE(pair_fresh_target(&self->p));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* To bring mappings back is no licence to change what they are. */
TEST_F(huge, mappings_keep_their_rights)
{
	char *ro = zkzmem_map(self->p.source, FILE_BYTES, PROT_READ);
	char *none = zkzmem_map(self->p.source, FILE_BYTES, RW);
	char *part = zkzmem_map_at(self->p.source, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES, RW, MAP_SHARED);
	char *gone = zkzmem_map(self->p.source, CHUNK_BYTES, RW);

	ASSERT_NE(MAP_FAILED, ro);
	ASSERT_NE(MAP_FAILED, none);
	ASSERT_NE(MAP_FAILED, part);
	ASSERT_NE(MAP_FAILED, gone);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	ASSERT_EQ(0, mprotect(none, FILE_BYTES, PROT_NONE));
	munmap(gone, CHUNK_BYTES);
	zkzmem_fill(part, 3 * CHUNK_BYTES, 2);
	ASSERT_TRUE(pair_abort(&self->p));
	EXPECT_TRUE(huge_again(self->p.mem));

	EXPECT_TRUE(zkzmem_touch_faults(ro, true));
	EXPECT_FALSE(zkzmem_touch_faults(ro, false));
	EXPECT_TRUE(zkzmem_touch_faults(none, false));
	EXPECT_TRUE(zkzmem_touch_faults(gone, false));
	EXPECT_EQ(0, zkzmem_check(part, 3 * CHUNK_BYTES, 2));
	EXPECT_EQ(0, zkzmem_check(self->p.mem + 2 * CHUNK_BYTES, 3 * CHUNK_BYTES, 2));
	EXPECT_EQ(0, zkzmem_check(ro + 2 * CHUNK_BYTES, 3 * CHUNK_BYTES, 2));
	EXPECT_EQ(-1, zkzmem_smaps(part + 3 * CHUNK_BYTES, "Rss"));
}

struct replacer {
	struct pair *p;
	bool stop;
	unsigned int bad;
	unsigned int rounds;
};

static bool map_over(char *at, int flags, int fd, off_t offset)
{
	return mmap(at, CHUNK_BYTES, RW, MAP_FIXED | flags, fd, offset) == at;
}

/* At one address now the file, now memory of the process's own, which must never turn into the file. */
static void *replace(void *data)
{
	struct replacer *r = data;

	while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
		char *at = r->p->mem + CHUNK_BYTES;
		int i;

		if (!map_over(at, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
			break;
		at[77] = 0x5a;
		/* Long enough for somebody who looked before to act on it. */
		for (i = 0; i < 1000; i++)
			r->bad += *(volatile char *)(at + 77) != 0x5a;
		if (!map_over(at, MAP_SHARED, r->p->source, CHUNK_BYTES))
			break;
		r->rounds++;
	}
	return NULL;
}

TEST_F(huge, address_reused_during_abort)
{
	struct replacer r = { .p = &self->p };
	pthread_t thread;
	int i;

	/* Without the mark that is put where the file is not. */
	memset(self->p.mem, 0, FILE_BYTES);
	ASSERT_EQ(0, pthread_create(&thread, NULL, replace, &r));
	for (i = 0; i < 20; i++) {
		ASSERT_TRUE(pair_start(&self->p));
		ASSERT_TRUE(pair_pass(&self->p));
		self->p.mem[2 * i * PAGE_BYTES % CHUNK_BYTES] = i;
		ASSERT_TRUE(pair_abort(&self->p));
	}
	r.stop = true;
	pthread_join(thread, NULL);
	EXPECT_LT(0, r.rounds);
	EXPECT_EQ(0, r.bad);
	/* Nor the other way: what was written there is not in the file. */
	EXPECT_NE(0x5a, self->p.mem[CHUNK_BYTES + 77]);
}

FIXTURE(retry) {
	struct pair p;
	struct crew crew;
};

FIXTURE_VARIANT(retry) {
	const char *options;
};

FIXTURE_VARIANT_ADD(retry, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(retry, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(retry)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	self->p.streams = 2;
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
}

FIXTURE_TEARDOWN(retry)
{
	pair_close(&self->p);
}

/* Attempts given up at every stage under full load, then one that succeeds; the target keeps what it got. */
TEST_F(retry, until_it_succeeds)
{
	int i;

	ASSERT_TRUE(crew_thread(&self->crew, WORK_WORDS, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_thread(&self->crew, WORK_PAGES, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_PUNCH, self->p.source, FILE_BYTES));
	for (i = 0; i < 8; i++) {
		ASSERT_TRUE(pair_start(&self->p));
		ASSERT_TRUE(pair_passes(&self->p, i / 2));
		/* In the middle of a pass as well as between two. */
		if (i % 2) {
			ASSERT_TRUE(pair_pass_begin(&self->p));
		}
		ASSERT_TRUE(pair_abort(&self->p));
		EXPECT_FALSE(pair_tracked(&self->p));
		ASSERT_TRUE(crew_busy(&self->crew));
	}
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 3));
	ASSERT_TRUE(crew_stop(&self->crew));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* There and back: what the target received is as good a source as any. */
TEST_F(retry, there_and_back)
{
	int swap;

	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	munmap(self->p.mem, FILE_BYTES);
	close(self->p.source);
	ASSERT_EQ(0, rename(zkzmem_path("target"), zkzmem_path("source")));
	self->p.source = self->p.target;
	swap = zkzmem_create("target", FILE_BYTES);
	ASSERT_LE(0, swap);
	self->p.target = swap;
	self->p.mem = zkzmem_map(self->p.source, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->p.mem);
	self->p.mem[7 * CHUNK_BYTES] ^= 1;
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	self->p.mem[9 * CHUNK_BYTES] ^= 1;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
	self->p.mem[7 * CHUNK_BYTES] ^= 1;
	self->p.mem[9 * CHUNK_BYTES] ^= 1;
	EXPECT_EQ(0, zkzmem_check(self->p.mem, FILE_BYTES, 1));
}

TEST_HARNESS_MAIN
