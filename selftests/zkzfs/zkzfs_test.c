// SPDX-License-Identifier: GPL-2.0
/* zkzfs as a file system: mounting, names, owners, modes, limits. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"

#define FILE_BYTES	(4 * CHUNK_BYTES)

FIXTURE(zkzfs) {
};

FIXTURE_SETUP(zkzfs)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(NULL)) {
		TH_LOG("cannot mount zkzfs (%s); is zkz.ko loaded?", strerror(errno));
	}
}

FIXTURE_TEARDOWN(zkzfs)
{
}

TEST_F(zkzfs, mount_options)
{
	struct statfs fs;
	struct stat st;

	ASSERT_EQ(0, zkzmem_mount_at("/mnt/o", "size=64M,mode=0710,uid=1234,gid=4321,huge=never"));
	ASSERT_EQ(0, stat("/mnt/o", &st));
	EXPECT_EQ(0710, st.st_mode & 07777);
	EXPECT_TRUE(S_ISDIR(st.st_mode));
	EXPECT_EQ(1234, st.st_uid);
	EXPECT_EQ(4321, st.st_gid);
	ASSERT_EQ(0, statfs("/mnt/o", &fs));
	EXPECT_EQ(64UL << 20, (unsigned long)fs.f_blocks * fs.f_bsize);
	EXPECT_EQ(fs.f_blocks, fs.f_bfree);
	EXPECT_TRUE(zkzmem_mounted_with("/mnt/o", "huge=never"));
	EXPECT_TRUE(zkzmem_mounted_with("/mnt/o", "uid=1234"));
	EXPECT_TRUE(zkzmem_mounted_with("/mnt/o", "gid=4321"));
	EXPECT_EQ(0, zkzmem_umount_at("/mnt/o"));
}

TEST_F(zkzfs, bad_mount_options_refused)
{
	static const char * const bad[] = {
		"size=abc", "size=", "size=-1", "mode=9", "uid=x", "gid=-7x", "huge=maybe", "huge", "size=1M",
		"nosuch=1", "nosuch",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(-1, zkzmem_mount_at("/mnt/bad", bad[i])) {
			TH_LOG("'%s' was accepted", bad[i]);
			zkzmem_umount_at("/mnt/bad");
		}
	}
}

TEST_F(zkzfs, mounts_are_separate)
{
	int fd = zkzmem_create("a", FILE_BYTES);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, zkzmem_mount_at("/mnt/two", NULL));
	EXPECT_EQ(-1, access("/mnt/two/a", F_OK));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, zkzmem_umount_at("/mnt/two"));
	EXPECT_EQ(0, access(zkzmem_path("a"), F_OK));
}

TEST_F(zkzfs, names)
{
	struct stat st, was;
	int fd, other;

	fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, zkzmem_create("a", FILE_BYTES));
	EXPECT_EQ(EEXIST, errno);
	other = zkzmem_create("b", CHUNK_BYTES);
	ASSERT_LE(0, other);

	/* A rename keeps the file, also onto a name that exists. */
	ASSERT_EQ(0, fstat(fd, &was));
	ASSERT_EQ(0, rename(zkzmem_path("a"), zkzmem_path("c")));
	ASSERT_EQ(0, rename(zkzmem_path("c"), zkzmem_path("b")));
	ASSERT_EQ(0, stat(zkzmem_path("b"), &st));
	EXPECT_EQ(was.st_ino, st.st_ino);
	EXPECT_EQ((off_t)FILE_BYTES, st.st_size);
	EXPECT_EQ(-1, access(zkzmem_path("a"), F_OK));
	EXPECT_EQ(-1, access(zkzmem_path("c"), F_OK));
	ASSERT_EQ(0, fstat(other, &st));
	EXPECT_EQ(0, st.st_nlink);
	EXPECT_EQ(0, unlink(zkzmem_path("b")));
	EXPECT_EQ(-1, unlink(zkzmem_path("b")));
	EXPECT_EQ(ENOENT, errno);
}

TEST_F(zkzfs, listing)
{
	int seen[3] = { 0 }, others = 0;
	struct dirent *e;
	DIR *d;

	close(zkzmem_create("0", 0));
	close(zkzmem_create("1", CHUNK_BYTES));
	close(zkzmem_create("2", FILE_BYTES));
	d = opendir(ZKZMEM_DIR);
	ASSERT_NE(NULL, d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (e->d_name[0] >= '0' && e->d_name[0] <= '2' && !e->d_name[1])
			seen[e->d_name[0] - '0']++;
		else
			others++;
	}
	closedir(d);
	EXPECT_EQ(1, seen[0]);
	EXPECT_EQ(1, seen[1]);
	EXPECT_EQ(1, seen[2]);
	EXPECT_EQ(0, others);
}

TEST_F(zkzfs, unlinked_file_lives_until_closed)
{
	int fd = zkzmem_create("a", FILE_BYTES);
	struct statfs before, after;
	char *mem;

	ASSERT_EQ(0, statfs(ZKZMEM_DIR, &before));
	mem = zkzmem_map(fd, FILE_BYTES, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, mem);
	zkzmem_fill(mem, CHUNK_BYTES, 1);
	ASSERT_EQ(0, unlink(zkzmem_path("a")));
	close(fd);
	zkzmem_fill(mem + CHUNK_BYTES, CHUNK_BYTES, 2);
	EXPECT_EQ(0, zkzmem_check(mem, CHUNK_BYTES, 1));
	EXPECT_EQ(0, zkzmem_check(mem + CHUNK_BYTES, CHUNK_BYTES, 2));
	munmap(mem, FILE_BYTES);
	ASSERT_EQ(0, statfs(ZKZMEM_DIR, &after));
	EXPECT_EQ(before.f_bfree, after.f_bfree);
}

/* Runs as nobody: may the file be opened so? */
static bool nobody_opens(const char *path, int flags)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(2);
		_exit(open(path, flags, 0600) >= 0 ? 0 : errno == EACCES ? 1 : 3);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(zkzfs, owner_and_mode)
{
	int fd = zkzmem_create("a", FILE_BYTES);
	struct stat st;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chmod(ZKZMEM_DIR, 0755));
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
	EXPECT_TRUE(S_ISREG(st.st_mode));
	EXPECT_EQ(0, st.st_uid);
	EXPECT_FALSE(nobody_opens(zkzmem_path("a"), O_RDONLY));
	ASSERT_EQ(0, fchmod(fd, 0604));
	EXPECT_TRUE(nobody_opens(zkzmem_path("a"), O_RDONLY));
	EXPECT_FALSE(nobody_opens(zkzmem_path("a"), O_RDWR));
	ASSERT_EQ(0, fchown(fd, 65534, 65534));
	EXPECT_TRUE(nobody_opens(zkzmem_path("a"), O_RDWR));
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(65534, st.st_uid);
	EXPECT_EQ(65534, st.st_gid);
	EXPECT_FALSE(nobody_opens(zkzmem_path("new"), O_RDWR | O_CREAT));
}

TEST_F(zkzfs, busy_mount_is_refused)
{
	int fd = zkzmem_create("a", FILE_BYTES);
	char *mem;

	mem = zkzmem_map(fd, FILE_BYTES, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, mem);
	close(fd);
	EXPECT_EQ(-1, zkzmem_umount_at(ZKZMEM_DIR));
	EXPECT_EQ(EBUSY, errno);
	munmap(mem, FILE_BYTES);
	EXPECT_EQ(0, zkzmem_umount_at(ZKZMEM_DIR));
}

TEST_HARNESS_MAIN
