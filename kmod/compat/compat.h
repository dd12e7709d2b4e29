/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Force-included into every file: one spelling for what differs between the supported kernels. The
 * ZKZ_HAVE_* macros come from Kbuild.include. What no header shows, the self-tests find out at load time; there is no
 * other test of a version than the two here.
 */
#ifndef _ZKZ_COMPAT_H
#define _ZKZ_COMPAT_H

#include <linux/version.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "zkz needs Linux 6.1 or later"
#endif

/* Later kernels than 7.3 the tests have not seen: such a one has to convince the self-tests, or it gets no module. */
#define ZKZ_UNTESTED	(KERNEL_VERSION(7, 4, 0) <= LINUX_VERSION_CODE)

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#ifndef CONFIG_X86_64
#error "zkz supports x86-64 only: it installs page tables itself and relies on the order of its atomics"
#endif

#ifdef ZKZ_HAVE_MNT_IDMAP
#define zkz_idmap	mnt_idmap
#define zkz_nop_idmap	nop_mnt_idmap
#else
#define zkz_idmap	user_namespace
#define zkz_nop_idmap	init_user_ns
#endif

#ifdef ZKZ_HAVE_CREATE_EXCL
#define ZKZ_CREATE_ARGS	struct zkz_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode, bool excl
#else
#define ZKZ_CREATE_ARGS	struct zkz_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode
#endif

/* What .mkdir returns; of a new folder that is not a dentry of its own, NULL. */
#ifdef ZKZ_HAVE_MKDIR_DENTRY
#define zkz_mkdir_ret		struct dentry *
#define zkz_mkdir_err(err)	ERR_PTR(err)
#else
#define zkz_mkdir_ret		int
#define zkz_mkdir_err(err)	(err)
#endif

#ifdef ZKZ_HAVE_INODE_JUST_DROP
#define zkz_drop_inode	inode_just_drop
#else
#define zkz_drop_inode	generic_delete_inode
#endif

/* The member that links the names of an inode. */
#ifdef ZKZ_HAVE_DENTRY_UNION
#define zkz_d_alias	d_u.d_alias
#else
#define zkz_d_alias	d_alias
#endif

#ifdef ZKZ_HAVE_DFL_WQ
#define zkz_unbound_wq	system_dfl_wq
#else
#define zkz_unbound_wq	system_unbound_wq
#endif

/* Gives a new inode its name, which exists until it is unlinked: nothing on a disk could bring it back. */
static inline void zkz_make_persistent(struct dentry *dentry, struct inode *inode)
{
#ifdef ZKZ_HAVE_MAKE_PERSISTENT
	d_make_persistent(dentry, inode);
#else
	d_instantiate(dentry, inode);
	dget(dentry);
#endif
}

/* Ends a file system whose names are of that kind. */
static inline void zkz_kill_super(struct super_block *sb)
{
#ifdef ZKZ_HAVE_MAKE_PERSISTENT
	kill_anon_super(sb);
#else
	kill_litter_super(sb);
#endif
}

static inline struct folio *zkz_alloc_folio(gfp_t gfp, unsigned int order)
{
#ifdef ZKZ_HAVE_ALLOC_POLICY
	return filemap_alloc_folio(gfp, order, NULL);
#else
	return filemap_alloc_folio(gfp, order);
#endif
}

/*
 * The file has large folios, and none but ours. Where core may make some itself, khugepaged and MADV_COLLAPSE among
 * it, it is not told: a huge mapping that they install covers pages that nobody may see yet. Kernels that count in each
 * file what they have collapsed there have to be told, or warn; they leave alone what is open for writing.
 */
static inline void zkz_mapping_init(struct address_space *mapping)
{
#ifdef ZKZ_HAVE_NR_THPS
	mapping_set_large_folios(mapping);
#endif
}

static inline void zkz_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#ifdef ZKZ_HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/* Never an error pointer: NULL is the one answer for "no such folio". */
static inline struct folio *zkz_find_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio = __filemap_get_folio(mapping, index, 0, 0);

	return IS_ERR_OR_NULL(folio) ? NULL : folio;
}

/* The same, locked, and still in the cache. */
static inline struct folio *zkz_lock_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio = __filemap_get_folio(mapping, index, FGP_LOCK, 0);

	return IS_ERR_OR_NULL(folio) ? NULL : folio;
}

/*
 * How many page tables map the folio, counted as references: a huge mapping is one. The caller holds the
 * folio lock, under which mappings of a zkzfs folio go away but never come.
 */
static inline int zkz_folio_mapcount(struct folio *folio)
{
#ifdef ZKZ_HAVE_FOLIO_MAPCOUNT
	return folio_mapcount(folio);
#else
	int entire, i, nr = folio_nr_pages(folio), sum = 0;

	if (!folio_test_large(folio))
		return atomic_read(&folio->_mapcount) + 1;
	entire = folio_entire_mapcount(folio);
	/* Here a huge mapping of a file also counts once in every one of its pages. */
	for (i = 0; i < nr; i++)
		sum += atomic_read(&folio_page(folio, i)->_mapcount) + 1;
	return entire + sum - entire * nr;
#endif
}

/* Drops what core holds around a fault: the lock of the address space or, from 6.4 on, of the mapping alone. */
static inline void zkz_release_fault_lock(struct vm_fault *vmf)
{
#ifdef ZKZ_HAVE_RELEASE_FAULT_LOCK
	release_fault_lock(vmf);
#else
	mmap_read_unlock(vmf->vma->vm_mm);
#endif
}

/*
 * Does this task run kernel code on behalf of others, who wait for it or for locks that it has? A kernel thread, or,
 * from 6.4 on, a thread of the process that it works for, as vhost's are; io_uring's always were.
 */
static inline bool zkz_works_for_others(const struct task_struct *task)
{
	unsigned int flags = PF_KTHREAD | PF_IO_WORKER;

#ifdef PF_USER_WORKER
	flags |= PF_USER_WORKER;
#endif
	return task->flags & flags;
}

static inline void zkz_inode_init_ts(struct inode *inode)
{
#ifdef ZKZ_HAVE_INODE_INIT_TS
	simple_inode_init_ts(inode);
#else
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
#endif
}

static inline void zkz_fillattr(struct zkz_idmap *idmap, u32 mask, struct inode *inode, struct kstat *stat)
{
#ifdef ZKZ_HAVE_FILLATTR_MASK
	generic_fillattr(idmap, mask, inode, stat);
#else
	generic_fillattr(idmap, inode, stat);
#endif
}

#ifdef ZKZ_HAVE_COPY_SPLICE_READ
#define zkz_splice_read	copy_splice_read
#else
#define zkz_splice_read	generic_file_splice_read
#endif

#ifdef ZKZ_HAVE_GET_POLICY_ILX
#define ZKZ_GET_POLICY_ARGS	struct vm_area_struct *vma, unsigned long addr, pgoff_t *ilx
#else
#define ZKZ_GET_POLICY_ARGS	struct vm_area_struct *vma, unsigned long addr
#endif

#endif /* _ZKZ_COMPAT_H */
