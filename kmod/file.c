// SPDX-License-Identifier: GPL-2.0
/*
 * What a zone's memory is to programs that open it: read, seek, allocate, punch and map. There is no
 * write(): who changes it maps it, and so is seen by the tracker.
 */
#include "file.h"
#include "absent.h"
#include "fault.h"
#include "folio.h"
#include "mem.h"
#include "poison.h"
#include "rehuge.h"

#include <linux/capability.h>
#include <linux/falloc.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

/* The first present page from @index on, or @end if all of them up to there are holes. */
static unsigned long next_present(struct address_space *mapping, unsigned long index, unsigned long end)
{
	if (index < end && xa_find(&mapping->i_pages, &index, end - 1, XA_PRESENT))
		return index;
	return end;
}

/* As next_present(), but what has still to come is no hole. */
static unsigned long next_data(struct inode *inode, unsigned long index, unsigned long end)
{
	end = zkz_absent_find(zkz_mem_of(inode), index, end);
	return next_present(inode->i_mapping, index, end);
}

/* Up to the next page that @find finds behind that at @pos. */
static ssize_t cut(struct zkz_mem *mem, loff_t pos, size_t len, pgoff_t (*find)(struct zkz_mem *, pgoff_t, pgoff_t))
{
	unsigned long index = pos >> PAGE_SHIFT, end = ((pos + len - 1) >> PAGE_SHIFT) + 1;

	return min_t(loff_t, len, ((loff_t)find(mem, index + 1, end) << PAGE_SHIFT) - pos);
}

/* Waits for the page at @pos, if it has still to come. Returns how many bytes from there on can be seen, or fails. */
static ssize_t wait_part(struct zkz_mem *mem, loff_t pos, size_t len)
{
	unsigned long index = pos >> PAGE_SHIFT;
	int err;

	err = zkz_absent_wait(mem, index, TASK_KILLABLE, NULL);
	if (err)
		return err;
	if (zkz_poison_page(mem, index))
		return -EIO;
	return cut(mem, pos, cut(mem, pos, len, zkz_absent_find), zkz_poison_find);
}

/* Copies what is at @pos: the rest of one folio, or of a hole. */
static ssize_t read_part(struct zkz_mem *mem, loff_t pos, size_t len, struct iov_iter *to)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned long index = pos >> PAGE_SHIFT;
	struct folio *folio;
	loff_t stop;
	unsigned int sound;
	ssize_t here;
	size_t n;

	here = wait_part(mem, pos, len);
	if (here < 0)
		return here;
	len = here;
	folio = zkz_folio_get(mem, index);
	if (!folio) {
		stop = (loff_t)next_present(mapping, index + 1, round_up(index + 1, ZKZ_CHUNK_PAGES)) << PAGE_SHIFT;
		return iov_iter_zero(min_t(loff_t, len, stop - pos), to);
	}
	if (!folio_test_uptodate(folio)) {
		/* It is just being allocated or received. */
		if (folio_lock_killable(folio)) {
			folio_put(folio);
			return -EINTR;
		}
		folio_unlock(folio);
	}
	n = min_t(size_t, len, folio_pos(folio) + folio_size(folio) - pos);
	sound = zkz_sound_pages(folio, index - folio->index, DIV_ROUND_UP(offset_in_page(pos) + n, PAGE_SIZE));
	if (!sound) {
		folio_put(folio);
		return -EIO;
	}
	n = min_t(size_t, n, sound * PAGE_SIZE - offset_in_page(pos));
	n = copy_page_to_iter(folio_page(folio, 0), offset_in_folio(folio, pos), n, to);
	folio_put(folio);
	return n;
}

static ssize_t zkz_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct zkz_mem *mem = zkz_mem_of(inode);
	ssize_t done = 0, n = 0;

	while (iov_iter_count(to)) {
		loff_t size = i_size_read(inode);

		if (iocb->ki_pos >= size)
			break;
		n = read_part(mem, iocb->ki_pos, min_t(loff_t, iov_iter_count(to), size - iocb->ki_pos), to);
		if (n <= 0) {
			n = n ?: -EFAULT;
			break;
		}
		iocb->ki_pos += n;
		done += n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	file_accessed(iocb->ki_filp);
	return done ?: min_t(ssize_t, n, 0);
}

static loff_t seek_hole(struct inode *inode, unsigned long index, unsigned long end)
{
	while (index < end) {
		struct folio *folio = zkz_find_folio(inode->i_mapping, index);

		if (!folio && !zkz_absent_page(zkz_mem_of(inode), index))
			break;
		if (!folio) {
			index++;
			continue;
		}
		index = folio_next_index(folio);
		folio_put(folio);
		cond_resched();
	}
	return (loff_t)index << PAGE_SHIFT;
}

static loff_t zkz_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);
	loff_t size = i_size_read(inode), found;
	unsigned long index = offset >> PAGE_SHIFT, end = size >> PAGE_SHIFT;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	if (offset < 0 || offset >= size)
		return -ENXIO;
	if (whence == SEEK_DATA) {
		index = next_data(inode, index, end);
		if (index == end)
			return -ENXIO;
		found = (loff_t)index << PAGE_SHIFT;
	} else {
		found = seek_hole(inode, index, end);
	}
	return vfs_setpos(file, max(offset, found), inode->i_sb->s_maxbytes);
}

static int preallocate(struct zkz_mem *mem, loff_t start, loff_t end)
{
	pgoff_t index = start >> PAGE_SHIFT, stop = DIV_ROUND_UP(end, PAGE_SIZE);

	while (index < stop) {
		struct folio *folio = zkz_folio_demand(mem, index, false);

		if (IS_ERR(folio))
			return PTR_ERR(folio);
		index = folio_next_index(folio);
		folio_unlock(folio);
		folio_put(folio);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/*
 * Who makes a zone's memory decides how large it is. Its VMM owns the file, but is the program that a guest breaks
 * into: it must not take more of the host than it was given.
 */
static bool may_set_size(struct inode *inode)
{
	return !i_size_read(inode) || capable(CAP_SYS_ADMIN);
}

static long allocate(struct zkz_mem *mem, int mode, loff_t start, loff_t end)
{
	loff_t size = i_size_read(&mem->vfs_inode);
	int err;

	if (end > size) {
		/* Pages behind the end of the file could never be used. */
		if (mode & FALLOC_FL_KEEP_SIZE)
			return -EOPNOTSUPP;
		if (!may_set_size(&mem->vfs_inode))
			return -EPERM;
		err = inode_newsize_ok(&mem->vfs_inode, end);
		if (!err)
			err = zkz_mem_resize(mem, end);
		if (err)
			return err;
	}
	err = preallocate(mem, start, end);
	if (err && end > size)
		zkz_mem_resize(mem, size);
	return err;
}

/* To clear a part of a page that has still to come would be undone by it. */
static int wait_for_edges(struct zkz_mem *mem, loff_t start, loff_t end)
{
	int err = 0;

	if (!PAGE_ALIGNED(start))
		err = zkz_absent_wait(mem, start >> PAGE_SHIFT, TASK_KILLABLE, NULL);
	if (!err && !PAGE_ALIGNED(end))
		err = zkz_absent_wait(mem, end >> PAGE_SHIFT, TASK_KILLABLE, NULL);
	return err;
}

static long zkz_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	struct zkz_mem *mem = zkz_mem_of(inode);
	loff_t end;
	long err;

	if (mode & ~(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		err = wait_for_edges(mem, offset, offset + len);
		if (err)
			return err;
	}
	inode_lock(inode);
	err = file_modified(file);
	if (err)
		goto out;
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		end = min(offset + len, i_size_read(inode));
		/* A balloon gives single pages, and is there to give memory back. */
		err = offset < end ? zkz_mem_punch_bytes(mem, offset, end, true) : 0;
	} else {
		err = allocate(mem, mode, offset, offset + len);
	}
out:
	inode_unlock(inode);
	return err;
}

static int zkz_mmap(struct file *file, struct vm_area_struct *vma)
{
	/*
	 * Private copies are refused: what is written to them is not the zone's memory, and would look as if
	 * it were.
	 */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	/*
	 * So are mappings that can never be written to, which are those through a descriptor without the right to
	 * write: the walks of wrprotect.c would end at them. Such a user reads, or opens the file for writing.
	 */
	if (!(vma->vm_flags & VM_MAYWRITE))
		return -EACCES;
	file_accessed(file);
	vma->vm_ops = &zkz_vm_ops;
	zkz_vm_flags_set(vma, zkz_rehuge_flags(zkz_mem_of(file_inode(file))));
	return 0;
}

static unsigned long zkz_get_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
					   unsigned long pgoff, unsigned long flags)
{
	struct zkz_mem *mem = zkz_mem_of(file_inode(file));

	if (zkz_rehuge_running(mem))
		return zkz_rehuge_area(mem, file, addr, len, pgoff);
	/* Aligned so that huge mappings are possible, where the caller leaves the choice to us. */
	return thp_get_unmapped_area(file, addr, len, pgoff, flags);
}

static int zkz_setattr(struct zkz_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = setattr_prepare(idmap, dentry, attr);

	if (!err && attr->ia_valid & ATTR_SIZE && attr->ia_size != i_size_read(inode) && !may_set_size(inode))
		err = -EPERM;
	if (!err && attr->ia_valid & ATTR_SIZE)
		err = zkz_mem_resize(zkz_mem_of(inode), attr->ia_size);
	if (err)
		return err;
	setattr_copy(idmap, inode, attr);
	return 0;
}

static int zkz_getattr(struct zkz_idmap *idmap, const struct path *path, struct kstat *stat, u32 mask,
		       unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	zkz_fillattr(idmap, mask, inode, stat);
	stat->blocks = (u64)inode->i_mapping->nrpages << (PAGE_SHIFT - 9);
	return 0;
}

const struct inode_operations zkz_file_inode_ops = {
	.setattr	= zkz_setattr,
	.getattr	= zkz_getattr,
};

const struct file_operations zkz_file_ops = {
	.owner			= THIS_MODULE,
	.llseek			= zkz_llseek,
	.read_iter		= zkz_read_iter,
	.splice_read		= zkz_splice_read,
	.mmap			= zkz_mmap,
	.get_unmapped_area	= zkz_get_unmapped_area,
	.fallocate		= zkz_fallocate,
	.fsync			= noop_fsync,
};
