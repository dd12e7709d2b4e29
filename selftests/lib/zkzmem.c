// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zkzmem.h"

/**
 * zkzmem_private_mounts() - from here on, this process mounts for itself only
 *
 * /mnt is covered by a tmpfs, so that folders for mounts leave no trace either.
 */
int zkzmem_private_mounts(void)
{
	if (unshare(CLONE_NEWNS))
		return -1;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return mount("tests", "/mnt", "tmpfs", 0, "mode=0755,size=1m");
}

int zkzmem_mount_at(const char *dir, const char *options)
{
	if (mkdir(dir, 0755) && errno != EEXIST)
		return -1;
	return mount("zkz", dir, "zkzfs", 0, options);
}

/**
 * zkzmem_umount_at() - unmount; a mount that is still busy is an error
 * @dir: where it was mounted
 */
int zkzmem_umount_at(const char *dir)
{
	return umount2(dir, 0);
}

/**
 * zkzmem_mount() - private mounts, and a fresh zkzfs at ZKZMEM_DIR
 * @options: mount options, or NULL
 */
int zkzmem_mount(const char *options)
{
	if (zkzmem_private_mounts())
		return -1;
	return zkzmem_mount_at(ZKZMEM_DIR, options);
}

/**
 * zkzmem_path() - the path of a file in ZKZMEM_DIR; good until the eighth call from now
 * @name: its name
 */
const char *zkzmem_path(const char *name)
{
	static char path[8][128];
	static unsigned int next;
	char *p = path[next++ % 8];

	snprintf(p, sizeof(path[0]), "%s/%s", ZKZMEM_DIR, name);
	return p;
}

/**
 * zkzmem_create() - a new file in ZKZMEM_DIR, open for reading and writing
 * @name: its name
 * @size: its size in bytes, a multiple of a chunk
 */
int zkzmem_create(const char *name, size_t size)
{
	int fd = open(zkzmem_path(name), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, size)) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * zkzmem_map_at() - map part of a file at an address that 2 MiB divide, so that huge mappings are possible
 * @fd:		the file
 * @offset:	first byte
 * @size:	bytes
 * @prot:	PROT_*
 * @flags:	MAP_SHARED or MAP_PRIVATE
 *
 * Return: the address, or MAP_FAILED.
 */
char *zkzmem_map_at(int fd, off_t offset, size_t size, int prot, int flags)
{
	size_t room = size + CHUNK_BYTES;
	char *area, *at, *mem;

	area = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		return area;
	at = (char *)(((uintptr_t)area + CHUNK_BYTES - 1) & ~(CHUNK_BYTES - 1));
	mem = mmap(at, size, prot, flags | MAP_FIXED, fd, offset);
	if (mem == MAP_FAILED) {
		int err = errno;

		munmap(area, room);
		errno = err;
		return mem;
	}
	if (at > area)
		munmap(area, at - area);
	munmap(at + size, area + room - at - size);
	return mem;
}

char *zkzmem_map(int fd, size_t size, int prot)
{
	return zkzmem_map_at(fd, 0, size, prot, MAP_SHARED);
}

static uint64_t word(uint64_t seed, size_t n)
{
	uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 27);
}

/**
 * zkzmem_fill() - write words that depend on their place and a seed
 * @mem:	where
 * @size:	bytes, a multiple of 8
 * @seed:	makes patterns differ
 */
void zkzmem_fill(void *mem, size_t size, uint64_t seed)
{
	uint64_t *w = mem;
	size_t n;

	for (n = 0; n < size / 8; n++)
		w[n] = word(seed, n);
}

/**
 * zkzmem_check() - count the bytes' words that zkzmem_fill() did not write
 * @mem:	where
 * @size:	bytes, a multiple of 8
 * @seed:	as given to zkzmem_fill()
 */
size_t zkzmem_check(const void *mem, size_t size, uint64_t seed)
{
	const uint64_t *w = mem;
	size_t n, bad = 0;

	for (n = 0; n < size / 8; n++)
		bad += w[n] != word(seed, n);
	return bad;
}

/** zkzmem_nonzero() - count the words that are not zero */
size_t zkzmem_nonzero(const void *mem, size_t size)
{
	const uint64_t *w = mem;
	size_t n, bad = 0;

	for (n = 0; n < size / 8; n++)
		bad += w[n] != 0;
	return bad;
}

static bool field_of(const char *line, const char *field, long *value)
{
	size_t len = strlen(field);

	if (strncmp(line, field, len) || line[len] != ':')
		return false;
	*value = strtol(line + len + 1, NULL, 10);
	return true;
}

/* Finds the line of a field in what smaps says about the mapping that begins at @addr. */
static bool smaps_line(const void *addr, const char *field, char *line, int room)
{
	unsigned long start, end;
	bool inside = false, found = false;
	long value;
	FILE *f;

	f = fopen("/proc/self/smaps", "re");
	if (!f)
		return false;
	while (!found && fgets(line, room, f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start == (unsigned long)addr;
		else
			found = inside && field_of(line, field, &value);
	}
	fclose(f);
	return found;
}

/**
 * zkzmem_smaps() - a field of /proc/self/smaps, in kB
 * @addr:	first address of the mapping
 * @field:	e.g. "FilePmdMapped"
 *
 * Return: the value, or -1 if there is no such mapping or field.
 */
long zkzmem_smaps(const void *addr, const char *field)
{
	long value = -1;
	char line[512];

	if (smaps_line(addr, field, line, sizeof(line)))
		field_of(line, field, &value);
	return value;
}

/**
 * zkzmem_vm_flag() - does a mapping have this flag?
 * @addr:	first address of the mapping
 * @flag:	as in VmFlags of /proc/PID/smaps, e.g. "dc"
 */
bool zkzmem_vm_flag(const void *addr, const char *flag)
{
	char line[512], *f, *save;

	if (!smaps_line(addr, "VmFlags", line, sizeof(line)))
		return false;
	for (f = strtok_r(line, "\n ", &save); f; f = strtok_r(NULL, "\n ", &save)) {
		if (!strcmp(f, flag))
			return true;
	}
	return false;
}

/* The sum of a field of a file of /proc, as often as it is there; -1 if it is not. */
static long sum_of(const char *path, const char *field)
{
	long value, sum = -1;
	char line[256];
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (field_of(line + strspn(line, " "), field, &value))
			sum = sum < 0 ? value : sum + value;
	}
	fclose(f);
	return sum;
}

/**
 * zkzmem_free_kb() - how much memory is free, in kB; -1 if that cannot be told
 *
 * MemFree leaves out what lies in the lists of the processors, ready to be handed out again: tens of megabytes for
 * each of them, which come there from one unmap and go only when somebody on the same processor needs memory.
 */
long zkzmem_free_kb(void)
{
	long free = sum_of("/proc/meminfo", "MemFree"), listed = sum_of("/proc/zoneinfo", "count");

	return free < 0 || listed < 0 ? -1 : free + listed * (long)(PAGE_BYTES >> 10);
}

/**
 * zkzmem_mounted_with() - does the mount at @dir show this option?
 * @dir:	where it is mounted
 * @option:	e.g. "mode=700"
 */
bool zkzmem_mounted_with(const char *dir, const char *option)
{
	char line[1024], at[256], type[64], options[512], *o, *save;
	bool found = false;
	FILE *f;

	f = fopen("/proc/self/mounts", "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %255s %63s %511s", at, type, options) != 3)
			continue;
		if (strcmp(at, dir) || strcmp(type, "zkzfs"))
			continue;
		for (o = strtok_r(options, ",", &save); o && !found; o = strtok_r(NULL, ",", &save))
			found = !strcmp(o, option);
	}
	fclose(f);
	return found;
}

static sigjmp_buf faulted;

static void on_fault(int sig)
{
	siglongjmp(faulted, sig);
}

/**
 * zkzmem_touch_faults() - does an access to this byte end in SIGBUS or SIGSEGV?
 * @at:		the byte
 * @write:	write it (a 1), else read it
 *
 * For processes with one thread.
 */
bool zkzmem_touch_faults(volatile char *at, bool write)
{
	struct sigaction sa = { .sa_handler = on_fault }, bus, segv;
	bool fault;

	sigaction(SIGBUS, &sa, &bus);
	sigaction(SIGSEGV, &sa, &segv);
	fault = sigsetjmp(faulted, 1) != 0;
	if (!fault) {
		if (write)
			*at = 1;
		else
			(void)*at;
	}
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	return fault;
}
