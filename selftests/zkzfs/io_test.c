// SPDX-License-Identifier: GPL-2.0
/* Data in and out of zkzfs files by other ways than the CPU: read, splice, sendfile, direct I/O. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzdisk.h"
#include "zkzmem.h"

#define CHUNKS		4
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)

FIXTURE(io) {
	int fd;
	char *mem;
	char *buf;
};

FIXTURE_VARIANT(io) {
	const char *options;
};

FIXTURE_VARIANT_ADD(io, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(io, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(io)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, self->fd);
	self->mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->mem);
	self->buf = malloc(FILE_BYTES);
	ASSERT_NE(NULL, self->buf);
	/* Half data, half holes. */
	zkzmem_fill(self->mem, FILE_BYTES / 2, 1);
}

FIXTURE_TEARDOWN(io)
{
	close(self->fd);
}

TEST_F(io, read_gives_data_and_holes)
{
	struct iovec v[2] = { { self->buf, 3 * PAGE_BYTES }, { self->buf + CHUNK_BYTES, 5 } };

	memset(self->buf, 1, FILE_BYTES);
	ASSERT_EQ((ssize_t)FILE_BYTES, read(self->fd, self->buf, FILE_BYTES));
	EXPECT_EQ(0, memcmp(self->buf, self->mem, FILE_BYTES / 2));
	EXPECT_EQ(0, zkzmem_nonzero(self->buf + FILE_BYTES / 2, FILE_BYTES / 2));
	EXPECT_EQ(0, read(self->fd, self->buf, 1));

	/* Not aligned, across chunks, across the end. */
	EXPECT_EQ(10001, pread(self->fd, self->buf, 10001, CHUNK_BYTES - 5001));
	EXPECT_EQ(0, memcmp(self->buf, self->mem + CHUNK_BYTES - 5001, 10001));
	EXPECT_EQ(7, pread(self->fd, self->buf, 100, FILE_BYTES - 7));
	EXPECT_EQ(0, pread(self->fd, self->buf, 100, FILE_BYTES + 7));
	EXPECT_EQ((ssize_t)(3 * PAGE_BYTES + 5), preadv(self->fd, v, 2, 11));
	EXPECT_EQ(0, memcmp(self->buf + CHUNK_BYTES, self->mem + 11 + 3 * PAGE_BYTES, 5));
}

TEST_F(io, write_is_refused)
{
	int in = open("/proc/self/exe", O_RDONLY);

	EXPECT_EQ(-1, write(self->fd, "x", 1));
	EXPECT_EQ(-1, pwrite(self->fd, "x", 1, CHUNK_BYTES));
	EXPECT_EQ(-1, sendfile(self->fd, in, NULL, PAGE_BYTES));
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES / 2, 1));
}

/* Everything that comes out of a descriptor, up to @size bytes. */
static size_t drain(int fd, char *buf, size_t size)
{
	size_t got = 0;
	ssize_t n;

	while (got < size && (n = read(fd, buf + got, size - got)) > 0)
		got += n;
	return got;
}

TEST_F(io, splice_to_a_pipe)
{
	loff_t off = CHUNK_BYTES / 2 + 100, from = off;
	size_t want = 3 * CHUNK_BYTES / 2 + 1000, got = 0;
	int p[2];

	ASSERT_EQ(0, pipe(p));
	while (got < want) {
		ssize_t n = splice(self->fd, &off, p[1], NULL, want - got < 65536 ? want - got : 65536, 0);

		ASSERT_LT(0, n);
		ASSERT_EQ((size_t)n, drain(p[0], self->buf + got, n));
		got += n;
	}
	EXPECT_EQ(0, memcmp(self->buf, self->mem + from, want));
}

TEST_F(io, sendfile_to_a_socket)
{
	off_t off = 0;
	int s[2];
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid = fork();
	if (!pid) {
		close(s[1]);
		while (off < (off_t)FILE_BYTES) {
			if (sendfile(s[0], self->fd, &off, FILE_BYTES - off) <= 0)
				_exit(1);
		}
		_exit(0);
	}
	close(s[0]);
	EXPECT_EQ(FILE_BYTES, drain(s[1], self->buf, FILE_BYTES));
	waitpid(pid, NULL, 0);
	EXPECT_EQ(0, zkzmem_check(self->buf, FILE_BYTES / 2, 1));
	EXPECT_EQ(0, zkzmem_nonzero(self->buf + FILE_BYTES / 2, FILE_BYTES / 2));
}

TEST_F(io, copied_to_a_file)
{
	off_t off = 0;
	int out = open("/mnt", O_RDWR | O_TMPFILE, 0600);

	ASSERT_EQ(0, mount(NULL, "/mnt", NULL, MS_REMOUNT, "size=32m"));
	ASSERT_LE(0, out);
	while (off < (off_t)FILE_BYTES) {
		ASSERT_LT(0, sendfile(out, self->fd, &off, FILE_BYTES - off));
	}
	ASSERT_EQ((ssize_t)FILE_BYTES, pread(out, self->buf, FILE_BYTES, 0));
	EXPECT_EQ(0, zkzmem_check(self->buf, FILE_BYTES / 2, 1));
}

TEST_F(io, other_files_are_read_into_the_mapping)
{
	int p[2], i;

	ASSERT_EQ(0, pipe(p));
	zkzmem_fill(self->buf, CHUNK_BYTES, 5);
	for (i = 0; i < (int)(CHUNK_BYTES / 32768); i++) {
		ASSERT_EQ(32768, write(p[1], self->buf + i * 32768, 32768));
		ASSERT_EQ(32768, read(p[0], self->mem + 3 * CHUNK_BYTES + i * 32768, 32768));
	}
	EXPECT_EQ(0, zkzmem_check(self->mem + 3 * CHUNK_BYTES, CHUNK_BYTES, 5));
}

TEST_F(io, another_process_writes_into_the_mapping)
{
	struct iovec from = { self->buf, CHUNK_BYTES }, to = { self->mem + FILE_BYTES / 2 + 100, CHUNK_BYTES };
	pid_t parent = getpid(), pid;
	int status;

	zkzmem_fill(self->buf, CHUNK_BYTES, 6);
	pid = fork();
	if (!pid)
		_exit(process_vm_writev(parent, &from, 1, &to, 1, 0) != (ssize_t)CHUNK_BYTES);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, memcmp(self->mem + FILE_BYTES / 2 + 100, self->buf, CHUNK_BYTES));
}

TEST_F(io, direct_io_between_disk_and_mapping)
{
	struct zkzdisk disk;

	ASSERT_EQ(0, zkzdisk_open(&disk, 8 << 20, 0)) {
		TH_LOG("no disk: %s", strerror(errno));
	}
	zkzmem_fill(self->mem, CHUNK_BYTES, 7);
	ASSERT_EQ((ssize_t)CHUNK_BYTES, pwrite(disk.fd, self->mem, CHUNK_BYTES, 0));
	/* Into holes and into what is there, across a border of chunks. */
	ASSERT_EQ((ssize_t)CHUNK_BYTES, pread(disk.fd, self->mem + 3 * CHUNK_BYTES / 2, CHUNK_BYTES, 0));
	EXPECT_EQ(0, zkzmem_check(self->mem + 3 * CHUNK_BYTES / 2, CHUNK_BYTES, 7));
	ASSERT_EQ((ssize_t)FILE_BYTES, pread(self->fd, self->buf, FILE_BYTES, 0));
	EXPECT_EQ(0, zkzmem_check(self->buf + 3 * CHUNK_BYTES / 2, CHUNK_BYTES, 7));
	zkzdisk_close(&disk);
}

TEST_HARNESS_MAIN
