// SPDX-License-Identifier: GPL-2.0
/* Who may map zone memory, and by which other ways somebody might get at it behind the tracker's back. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"

#define FILE_BYTES	(2 * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)

FIXTURE(files) {
	int fd;
	char *mem;
};

FIXTURE_SETUP(files)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(NULL));
	self->fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, self->fd);
	self->mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->mem);
	zkzmem_fill(self->mem, FILE_BYTES, 1);
}

FIXTURE_TEARDOWN(files)
{
	close(self->fd);
}

/* Core's walks over page tables end at the first mapping that can never be written to: there must be none. */
TEST_F(files, no_mapping_that_cannot_be_written)
{
	int fd = open(zkzmem_path("a"), O_RDONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, zkzmem_map(fd, FILE_BYTES, PROT_READ));
	EXPECT_EQ(EACCES, errno);
	close(fd);
	EXPECT_EQ(MAP_FAILED, zkzmem_map_at(self->fd, 0, FILE_BYTES, RW, MAP_PRIVATE));
	EXPECT_EQ(EINVAL, errno);
}

/* A child gets no mapping: what it wrote would be one address space more to protect, and nobody needs it. */
TEST_F(files, mapping_is_not_inherited)
{
	EXPECT_TRUE(zkzmem_vm_flag(self->mem, "dc"));
	EXPECT_TRUE(zkzmem_vm_flag(self->mem, "dd"));
	EXPECT_TRUE(zkzmem_vm_flag(self->mem, "hg"));
}

static int registers(int uffd, char *mem, uint64_t mode)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)mem, .len = FILE_BYTES },
		.mode = mode,
	};
	struct uffdio_range range = reg.range;
	int ret = ioctl(uffd, UFFDIO_REGISTER, &reg) ? -errno : 0;

	if (!ret)
		ioctl(uffd, UFFDIO_UNREGISTER, &range);
	return ret;
}

/* Nobody else fills in pages here. */
TEST_F(files, userfaultfd_fills_nothing)
{
	struct uffdio_api api = { .api = UFFD_API };
	int uffd = syscall(__NR_userfaultfd, O_CLOEXEC);

	if (uffd < 0)
		SKIP(return, "this kernel has no userfaultfd: %s", strerror(errno));
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_API, &api));
	EXPECT_EQ(-EINVAL, registers(uffd, self->mem, UFFDIO_REGISTER_MODE_MISSING));
	EXPECT_EQ(-EINVAL, registers(uffd, self->mem, UFFDIO_REGISTER_MODE_MINOR));
	printf("# fact: write protection by userfaultfd is %s\n",
	       registers(uffd, self->mem, UFFDIO_REGISTER_MODE_WP) ? "refused" : "taken");
	close(uffd);
}

/* Nothing is swapped or dropped: neither under pressure nor because somebody asks for it. */
TEST_F(files, pages_stay)
{
	int advice;

	for (advice = 20; advice <= 21; advice++)	/* MADV_COLD, MADV_PAGEOUT */
		madvise(self->mem, FILE_BYTES, advice);
	posix_fadvise(self->fd, 0, 0, POSIX_FADV_DONTNEED);
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES, 1));
	munmap(self->mem, FILE_BYTES);
	posix_fadvise(self->fd, 0, 0, POSIX_FADV_DONTNEED);
	self->mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->mem);
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES, 1));
}

TEST_HARNESS_MAIN
