// SPDX-License-Identifier: GPL-2.0
#include "mem.h"
#include "absent.h"
#include "file.h"
#include "folio.h"
#include "poison.h"
#include "track.h"

#include <linux/dcache.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

static LIST_HEAD(mems);		/* ids ascending */
static DEFINE_MUTEX(mems_lock);
static u64 last_id;

void zkz_mem_init(struct zkz_mem *mem)
{
	atomic_long_set(&mem->charged, 0);
	mem->claimed = false;
	mutex_init(&mem->track_lock);
	RCU_INIT_POINTER(mem->track, NULL);
	RCU_INIT_POINTER(mem->absent, NULL);
	xa_init(&mem->poison);
	mem->remapper = NULL;
	mem->rehuge = NULL;

	mutex_lock(&mems_lock);
	mem->id = ++last_id;
	list_add_tail(&mem->list, &mems);
	mutex_unlock(&mems_lock);
}

void zkz_mem_exit(struct zkz_mem *mem)
{
	mutex_lock(&mems_lock);
	list_del(&mem->list);
	mutex_unlock(&mems_lock);

	/* A session holds a file, so neither can be true while the inode goes. */
	WARN_ON_ONCE(mem->claimed);
	WARN_ON_ONCE(rcu_access_pointer(mem->track));
	zkz_absent_drop(mem);
	xa_destroy(&mem->poison);
	zkz_folio_uncharge_removed(mem);
}

struct zkz_mem *zkz_mem_from_file(struct file *file)
{
	return file->f_op == &zkz_file_ops ? zkz_mem_of(file_inode(file)) : NULL;
}

unsigned long zkz_mem_pages(struct zkz_mem *mem)
{
	return i_size_read(&mem->vfs_inode) >> PAGE_SHIFT;
}

unsigned long zkz_mem_present(struct zkz_mem *mem)
{
	return READ_ONCE(zkz_mem_mapping(mem)->nrpages);
}

int zkz_mem_claim(struct zkz_mem *mem)
{
	struct inode *inode = &mem->vfs_inode;
	int err = 0;

	inode_lock(inode);
	if (mem->claimed)
		err = -EBUSY;
	else if (!i_size_read(inode))
		err = -EINVAL;
	else
		mem->claimed = true;
	inode_unlock(inode);
	return err;
}

void zkz_mem_release(struct zkz_mem *mem)
{
	inode_lock(&mem->vfs_inode);
	WARN_ON_ONCE(rcu_access_pointer(mem->track));
	mem->claimed = false;
	inode_unlock(&mem->vfs_inode);
}

int zkz_mem_resize(struct zkz_mem *mem, loff_t size)
{
	struct inode *inode = &mem->vfs_inode;

	if (size == i_size_read(inode))
		return 0;
	/* No huge mapping may cross the end of the file. */
	if (size & (ZKZ_CHUNK_SIZE - 1))
		return -EINVAL;
	if (mem->claimed || mapping_mapped(inode->i_mapping))
		return -EBUSY;
	filemap_invalidate_lock(inode->i_mapping);
	truncate_setsize(inode, size);
	zkz_poison_clear(mem, size >> PAGE_SHIFT, ULONG_MAX >> PAGE_SHIFT);
	zkz_folio_uncharge_removed(mem);
	filemap_invalidate_unlock(inode->i_mapping);
	return 0;
}

/* Clears the part of [start, end) that is in @folio. */
static void clear_part(struct folio *folio, loff_t start, loff_t end)
{
	loff_t from = max(start, folio_pos(folio));
	loff_t to = min_t(loff_t, end, folio_pos(folio) + folio_size(folio));

	if (from < to)
		zkz_zero_sound(folio, from - folio_pos(folio), to - folio_pos(folio));
}

int zkz_mem_clear(struct zkz_mem *mem, loff_t start, loff_t end)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned long index = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	int err = 0;

	if (start >= end)
		return 0;
	while (index <= last && xa_find(&mapping->i_pages, &index, last, XA_PRESENT)) {
		struct folio *folio = zkz_lock_folio(mapping, index);

		if (!folio) {
			index++;
			continue;
		}
		clear_part(folio, start, end);
		index = folio_next_index(folio);
		folio_unlock(folio);
		folio_put(folio);
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		cond_resched();
	}
	zkz_track_changed(mem, start >> PAGE_SHIFT, last + 1 - (start >> PAGE_SHIFT));
	return err;
}

/*
 * Frees the single pages of [start, end), which is inside one chunk. To truncate a part of a huge folio splits it, if
 * the kernel can: that is for @split to say, and else it is cleared. So is one with a damaged page, which nobody may
 * touch.
 */
static int punch_part(struct zkz_mem *mem, loff_t start, loff_t end, bool split)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned long index = start >> PAGE_SHIFT;
	struct folio *folio;
	bool keep = false;

	if (start >= end)
		return 0;
	if (xa_find(&mapping->i_pages, &index, (end - 1) >> PAGE_SHIFT, XA_PRESENT)) {
		folio = zkz_find_folio(mapping, index);
		if (folio) {
			keep = folio_test_large(folio) && (!split || zkz_folio_poisoned(folio));
			folio_put(folio);
		}
	}
	if (!keep && PAGE_ALIGNED(start) && PAGE_ALIGNED(end)) {
		truncate_pagecache_range(&mem->vfs_inode, start, end - 1);
		zkz_track_changed(mem, start >> PAGE_SHIFT, (end - start) >> PAGE_SHIFT);
		return 0;
	}
	return zkz_mem_clear(mem, start, end);
}

int zkz_mem_punch_bytes(struct zkz_mem *mem, loff_t start, loff_t end, bool split)
{
	loff_t head = min_t(loff_t, end, round_up(start, ZKZ_CHUNK_SIZE));
	loff_t tail = max_t(loff_t, head, round_down(end, ZKZ_CHUNK_SIZE));
	struct address_space *mapping = zkz_mem_mapping(mem);
	pgoff_t first = DIV_ROUND_UP(start, PAGE_SIZE), stop = end >> PAGE_SHIFT;
	int err;

	if (first < stop)
		zkz_absent_punch(mem, first, stop - first);
	filemap_invalidate_lock(mapping);
	err = punch_part(mem, start, head, split);
	if (!err && head < tail) {
		truncate_pagecache_range(&mem->vfs_inode, head, tail - 1);
		/* After the change: whoever takes the bits now finds the hole. */
		zkz_track_changed(mem, head >> PAGE_SHIFT, (tail - head) >> PAGE_SHIFT);
	}
	if (!err)
		err = punch_part(mem, tail, end, split);
	if (!err && first < stop)
		zkz_poison_punched(mem, first, stop - first);
	zkz_folio_uncharge_removed(mem);
	filemap_invalidate_unlock(mapping);
	return err;
}

static bool range_ok(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	unsigned long pages = zkz_mem_pages(mem);

	return nr && first < pages && nr <= pages - first;
}

int zkz_mem_zero(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	int err;

	if (!range_ok(mem, first, nr))
		return -EINVAL;
	err = zkz_mem_clear(mem, (loff_t)first << PAGE_SHIFT, (loff_t)(first + nr) << PAGE_SHIFT);
	if (!err)
		zkz_poison_clear(mem, first, nr);
	return err;
}

int zkz_mem_punch(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	if (!range_ok(mem, first, nr))
		return -EINVAL;
	return zkz_mem_punch_bytes(mem, (loff_t)first << PAGE_SHIFT, (loff_t)(first + nr) << PAGE_SHIFT, false);
}

/* Copies one name of the file. No reference is taken that would have to be dropped under mems_lock. */
static void copy_name(struct inode *inode, char *name)
{
	struct dentry *dentry;

	name[0] = '\0';
	spin_lock(&inode->i_lock);
	hlist_for_each_entry(dentry, &inode->i_dentry, zkz_d_alias) {
		spin_lock(&dentry->d_lock);
		if (!d_unhashed(dentry))
			strscpy(name, dentry->d_name.name, NAME_MAX + 1);
		spin_unlock(&dentry->d_lock);
	}
	spin_unlock(&inode->i_lock);
}

/* A huge folio begins where its chunk begins, and nothing else there is large. */
static u64 count_huge(struct zkz_mem *mem)
{
	pgoff_t index, pages = zkz_mem_pages(mem);
	u64 huge = 0;

	for (index = 0; index < pages; index += ZKZ_CHUNK_PAGES) {
		struct folio *folio = zkz_folio_get(mem, index);

		if (!folio)
			continue;
		huge += folio_test_large(folio);
		folio_put(folio);
		cond_resched();
	}
	return huge;
}

bool zkz_mem_info_after(u64 after, struct zkz_mem_info *info)
{
	struct zkz_mem *mem;
	bool found = false;

	mutex_lock(&mems_lock);
	list_for_each_entry(mem, &mems, list) {
		if (mem->id <= after)
			continue;
		info->id = mem->id;
		info->ino = mem->vfs_inode.i_ino;
		info->mem = mem;
		copy_name(&mem->vfs_inode, info->name);
		info->pages = zkz_mem_pages(mem);
		info->present = zkz_mem_present(mem);
		info->huge = count_huge(mem);
		info->claimed = READ_ONCE(mem->claimed);
		info->tracked = rcu_access_pointer(mem->track);
		info->absent = zkz_absent_count(mem);
		found = true;
		break;
	}
	mutex_unlock(&mems_lock);
	return found;
}
