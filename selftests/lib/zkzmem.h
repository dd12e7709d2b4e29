/* SPDX-License-Identifier: GPL-2.0 */
/*
 * zkzfs mounts, files and mappings for tests.
 *
 * Everything here is undone by the end of the process: mounts live in a mount namespace of the process's own,
 * so that a test that is killed leaves nothing behind. Functions return -1 and set errno, as system calls do.
 */
#ifndef _ZKZ_SELFTESTS_ZKZMEM_H
#define _ZKZ_SELFTESTS_ZKZMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE_BYTES	4096UL
#define CHUNK_BYTES	(2UL << 20)
#define CHUNK_PAGES	(CHUNK_BYTES / PAGE_BYTES)

#define ZKZMEM_DIR	"/mnt/zkzfs"	/* where zkzmem_mount() mounts */

int zkzmem_private_mounts(void);
int zkzmem_mount(const char *options);
int zkzmem_mount_at(const char *dir, const char *options);
int zkzmem_umount_at(const char *dir);
const char *zkzmem_path(const char *name);
int zkzmem_create(const char *name, size_t size);

char *zkzmem_map(int fd, size_t size, int prot);
char *zkzmem_map_at(int fd, off_t offset, size_t size, int prot, int flags);

void zkzmem_fill(void *mem, size_t size, uint64_t seed);
size_t zkzmem_check(const void *mem, size_t size, uint64_t seed);
size_t zkzmem_nonzero(const void *mem, size_t size);

long zkzmem_smaps(const void *addr, const char *field);
bool zkzmem_vm_flag(const void *addr, const char *flag);
long zkzmem_free_kb(void);
bool zkzmem_mounted_with(const char *dir, const char *option);
bool zkzmem_touch_faults(volatile char *at, bool write);

#endif
