/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_MEM_H
#define _ZKZ_MEM_H

#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

/*
 * A regular file of zkzfs is the memory of one zone. Its page cache is the store:
 *
 *   file   | chunk 0       | chunk 1       | chunk 2       | ...      a chunk is 2 MiB, aligned
 *   cache  | one 2M folio  | (hole)        | 4K 4K .. 4K   |          one huge folio, or single pages
 *                                                                     where no huge one was free, or nothing
 *
 * Locks, outermost first (see Documentation/locking.rst):
 *   inode lock > mmap_lock > invalidate_lock > folio lock > i_mmap_rwsem > page table locks
 */
#define ZKZ_CHUNK_ORDER	HPAGE_PMD_ORDER
#define ZKZ_CHUNK_PAGES	BIT(ZKZ_CHUNK_ORDER)
#define ZKZ_CHUNK_SHIFT	(PAGE_SHIFT + ZKZ_CHUNK_ORDER)
#define ZKZ_CHUNK_SIZE	BIT(ZKZ_CHUNK_SHIFT)
#define ZKZ_CHUNK_LONGS	(ZKZ_CHUNK_PAGES / BITS_PER_LONG)

struct zkz_absent;
struct zkz_track;
struct zkz_rehuge;

/**
 * struct zkz_mem - one regular file of zkzfs
 * @id: never reused, for listing; greater than that of every older file
 * @list: in the list of all memories, guarded by mems_lock
 * @charged: pages charged to the file system's size limit; changed under the invalidate_lock
 * @claimed: a session owns the file: its size is frozen (inode lock)
 * @track_lock: one start, harvest or stop of tracking at a time
 * @track: RCU; written under @track_lock; from here on follows what every fault reads, and little that is written
 * @absent: RCU; pages that have still to come, NULL if none can be missing; written by who has claimed the memory
 * @poison: indices of pages whose content was lost on another host, see poison.h
 * @remapper: who remaps the file to get huge mappings back, see rehuge.h; written under @track_lock
 * @rehuge: what it is doing; valid for @remapper itself
 * @vfs_inode: the inode; who holds a file of it holds the memory
 */
struct zkz_mem {
	u64 id;
	struct list_head list;
	atomic_long_t charged;
	bool claimed;
	struct mutex track_lock;	/* see above */
	struct zkz_track __rcu *track ____cacheline_aligned_in_smp;
	struct zkz_absent __rcu *absent;
	struct xarray poison;
	struct task_struct *remapper;
	struct zkz_rehuge *rehuge;
	struct inode vfs_inode;
};

/**
 * struct zkz_mem_info - what a listing shows of one memory
 * @id: the key to go on from
 * @ino: inode number
 * @mem: identity only, to compare with; it may be gone already
 * @name: the file's name, empty when it was unlinked
 * @pages: size in pages
 * @present: pages in the cache
 * @huge: huge folios in the cache
 * @claimed: a session owns it
 * @tracked: writes are being tracked
 * @absent: pages that have still to come, or never will
 */
struct zkz_mem_info {
	u64 id;
	u64 ino;
	const struct zkz_mem *mem;
	char name[NAME_MAX + 1];
	u64 pages;
	u64 present;
	u64 huge;
	bool claimed;
	bool tracked;
	u64 absent;
};

static inline struct zkz_mem *zkz_mem_of(const struct inode *inode)
{
	return container_of(inode, struct zkz_mem, vfs_inode);
}

static inline struct address_space *zkz_mem_mapping(struct zkz_mem *mem)
{
	return mem->vfs_inode.i_mapping;
}

/**
 * zkz_mem_from_file() - the memory behind a file
 * @file: any file; the caller keeps its reference for as long as it uses the memory
 *
 * Return: the memory, or NULL if @file is not a regular file of zkzfs.
 */
struct zkz_mem *zkz_mem_from_file(struct file *file);

/**
 * zkz_mem_pages() - size in pages, a multiple of %ZKZ_CHUNK_PAGES
 * @mem: the memory; claimed, or the answer may be old
 *
 * Return: number of pages.
 */
unsigned long zkz_mem_pages(struct zkz_mem *mem);

/**
 * zkz_mem_present() - how many pages are in the cache
 * @mem: the memory
 *
 * Return: number of pages that are not holes.
 */
unsigned long zkz_mem_present(struct zkz_mem *mem);

/**
 * zkz_mem_claim() - make a memory belong to one session
 * @mem: the memory
 *
 * The size is frozen until zkz_mem_release().
 *
 * Return: 0, -EBUSY if another session has it, -EINVAL if it is empty.
 */
int zkz_mem_claim(struct zkz_mem *mem);

/**
 * zkz_mem_release() - undo zkz_mem_claim()
 * @mem: a claimed memory, not tracked any more
 */
void zkz_mem_release(struct zkz_mem *mem);

/**
 * zkz_mem_zero() - make a range read as zero
 * @mem: the memory
 * @first: first page
 * @nr: number of pages, inside the file
 *
 * Present pages are cleared, holes stay holes. Sleeps.
 *
 * Return: 0, -EINVAL for a range outside of the file, -EINTR if killed.
 */
int zkz_mem_zero(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

/**
 * zkz_mem_punch() - give memory back
 * @mem: the memory
 * @first: first page
 * @nr: number of pages, inside the file
 *
 * Whole chunks become holes, of others the pages are cleared (single pages, where a chunk is made of
 * them, become holes too). Sleeps; takes the invalidate_lock.
 *
 * Return: 0, -EINVAL for a range outside of the file, -EINTR if killed.
 */
int zkz_mem_punch(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

/**
 * zkz_mem_info_after() - walk over all memories of this machine
 * @after: id of the one before, 0 for the first
 * @info: filled in
 *
 * Return: false if there is none.
 */
bool zkz_mem_info_after(u64 after, struct zkz_mem_info *info);

/* For file.c, inode lock held: a new size. -EINVAL if it is no multiple of a chunk, -EBUSY if in use. */
int zkz_mem_resize(struct zkz_mem *mem, loff_t size);

/*
 * For file.c: as zkz_mem_zero() and zkz_mem_punch(), with bytes instead of pages. With @split single pages of huge
 * folios become holes, too.
 */
int zkz_mem_clear(struct zkz_mem *mem, loff_t start, loff_t end);
int zkz_mem_punch_bytes(struct zkz_mem *mem, loff_t start, loff_t end, bool split);

/* For inode.c: the file comes and goes; its cache is empty when it goes. */
void zkz_mem_init(struct zkz_mem *mem);
void zkz_mem_exit(struct zkz_mem *mem);

#endif /* _ZKZ_MEM_H */
