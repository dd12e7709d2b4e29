// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's processor has page tables of its own, KVM's. They follow those of the process: huge where these are huge,
 * gone or protected when these are, and a page that is missing there is waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "played.h"
#include "vm.h"

#define CHUNKS		8
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define ROUNDS		20
#define WRITES		40

FIXTURE(kvm) {
	struct pair p;
	struct vm vm;
};

FIXTURE_VARIANT(kvm) {
	const char *options;
};

FIXTURE_VARIANT_ADD(kvm, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(kvm, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(kvm)
{
	int ret;

	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ret = vm_open(&self->vm, self->p.mem, FILE_BYTES);
	if (ret == -ENOENT)
		SKIP(return, "there is no KVM here");
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(kvm)
{
	vm_close(&self->vm);
	pair_close(&self->p);
}

/* A statistic of KVM over all guests, or -1. */
static long kvm_stat(const char *name)
{
	char path[96], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -1;
	close(fd);
	return atol(text);
}

TEST_F(kvm, maps_as_the_process_does)
{
	long huge = kvm_stat("pages_2m"), small = kvm_stat("pages_4k");

	ASSERT_EQ(0, vm_write(&self->vm, 3 * CHUNK_BYTES, 1));
	printf("# fact: of 2M: %ld more, of 4K: %ld more\n", kvm_stat("pages_2m") - huge, kvm_stat("pages_4k") - small);
	if (huge < 0)
		SKIP(return, "KVM has no statistics here");
	if (variant->options) {
		EXPECT_EQ(huge, kvm_stat("pages_2m"));
	} else {
		EXPECT_LT(huge, kvm_stat("pages_2m"));
	}
}

TEST_F(kvm, a_write_is_seen_in_each_pass)
{
	unsigned int round;

	ASSERT_EQ(0, vm_write(&self->vm, 3 * CHUNK_BYTES, 1));
	ASSERT_TRUE(pair_start(&self->p) && pair_settle(&self->p));
	for (round = 0; round < 5; round++) {
		ASSERT_EQ(0, vm_write(&self->vm, 3 * CHUNK_BYTES + 8 * PAGE_BYTES, round));
		ASSERT_EQ(0, vm_write(&self->vm, 3 * CHUNK_BYTES + 8 * PAGE_BYTES + 4, round));
		EXPECT_EQ(1, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
		ASSERT_TRUE(pair_pass(&self->p));
		EXPECT_EQ(1, pair_found(&self->p));
	}
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(kvm, a_read_is_no_write)
{
	uint32_t word;

	ASSERT_TRUE(pair_start(&self->p) && pair_settle(&self->p));
	ASSERT_EQ(0, vm_read(&self->vm, 3 * CHUNK_BYTES, &word));
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	EXPECT_EQ(*(uint32_t *)(self->p.mem + 3 * CHUNK_BYTES), word);
	ASSERT_EQ(0, vm_write(&self->vm, 3 * CHUNK_BYTES, word + 1));
	ASSERT_EQ(0, vm_write(&self->vm, 3 * CHUNK_BYTES + PAGE_BYTES, word + 1));
	EXPECT_EQ(2, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

struct guest {
	struct vm *vm;
	bool stop;
	int ret;
	unsigned long writes;
};

static void *write_everywhere(void *data)
{
	struct guest *g = data;
	uint32_t random = 1;

	while (!g->ret && !__atomic_load_n(&g->stop, __ATOMIC_RELAXED)) {
		random = random * 1664525 + 1013904223;
		g->ret = vm_write(g->vm, PAGE_BYTES + random % (FILE_BYTES - 2 * PAGE_BYTES), random);
		__atomic_add_fetch(&g->writes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void wait_for_writes(struct guest *g, unsigned long nr)
{
	unsigned long was = __atomic_load_n(&g->writes, __ATOMIC_RELAXED);

	while (!g->ret && __atomic_load_n(&g->writes, __ATOMIC_RELAXED) < was + nr)
		usleep(1000);
}

TEST_F(kvm, nothing_is_lost_while_it_writes)
{
	struct guest guest = { .vm = &self->vm };
	pthread_t thread;
	int round;

	ASSERT_EQ(0, pthread_create(&thread, NULL, write_everywhere, &guest));
	ASSERT_TRUE(pair_start(&self->p));
	for (round = 0; round < ROUNDS; round++) {
		wait_for_writes(&guest, WRITES);
		ASSERT_TRUE(pair_pass(&self->p));
	}
	__atomic_store_n(&guest.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, guest.ret);
	EXPECT_LT(ROUNDS * WRITES, guest.writes);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

FIXTURE(kvm_fetch) {
	struct played p;
	struct vm vm;
};

FIXTURE_SETUP(kvm_fetch)
{
	int ret;

	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, played_open(&self->p, "size=64M", 20000));
	ASSERT_EQ(0, played_first_pass(&self->p));
	/* the program is in chunk 1, which is guest address 0 */
	ret = vm_open(&self->vm, self->p.mem + CHUNK_BYTES, PLAYED_SIZE - CHUNK_BYTES);
	if (ret == -ENOENT)
		SKIP(return, "there is no KVM here");
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(kvm_fetch)
{
	vm_close(&self->vm);
	played_close(&self->p);
}

struct access {
	struct vm *vm;
	uint32_t at, word;
	bool write, done;
	int ret;
};

static void *access_memory(void *data)
{
	struct access *a = data;

	a->ret = a->write ? vm_write(a->vm, a->at, a->word) : vm_read(a->vm, a->at, &a->word);
	__atomic_store_n(&a->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static bool missing(struct played *p, uint64_t nr)
{
	struct zkznl_session s;
	int ms;

	for (ms = 0; ms < PLAYED_WAIT; ms += 10) {
		if (zkznl_get(p->nl, p->dst, &s))
			return false;
		if (s.counters[ZKZ_A_COUNTERS_FETCH_MISSING] == nr)
			return true;
		usleep(10000);
	}
	return false;
}

#define FETCH_TEST(name, write_)								\
TEST_F(kvm_fetch, name)										\
{												\
	unsigned long page = CHUNK_PAGES + 5;							\
	char content[PAGE_BYTES];								\
	struct access a = { .vm = &self->vm, .at = 5 * PAGE_BYTES, .word = 7, .write = write_ };	\
	pthread_t thread;									\
												\
	/* the page of the program is one of those that come; it is put there once more */	\
	ASSERT_EQ(0, played_fetch(&self->p, false));						\
	ASSERT_EQ(0, played_data(&self->p, CHUNK_PAGES, 1));					\
	ASSERT_TRUE(missing(&self->p, PLAYED_MISSING - 1));					\
	vm_program(self->p.mem + CHUNK_BYTES);							\
	ASSERT_EQ(0, pthread_create(&thread, NULL, access_memory, &a));				\
	EXPECT_EQ(page, played_want(&self->p));							\
	EXPECT_FALSE(__atomic_load_n(&a.done, __ATOMIC_SEQ_CST));				\
	ASSERT_EQ(0, played_data(&self->p, page, 1));						\
	pthread_join(thread, NULL);								\
	ASSERT_EQ(0, a.ret);									\
	played_content(content, page);								\
	if (write_)										\
		memcpy(content, &a.word, sizeof(a.word));					\
	EXPECT_EQ(0, memcmp(content, &a.word, sizeof(a.word)));					\
	EXPECT_EQ(0, memcmp(content, self->p.mem + page * PAGE_BYTES, PAGE_BYTES));		\
	ASSERT_EQ(0, played_rest(&self->p));							\
	ASSERT_EQ(0, played_end(&self->p));							\
}

FETCH_TEST(a_read_waits_for_its_page, false)
FETCH_TEST(a_write_waits_for_its_page, true)

TEST_HARNESS_MAIN
