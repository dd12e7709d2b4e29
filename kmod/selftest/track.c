// SPDX-License-Identifier: GPL-2.0
/*
 * Does this kernel's fault path do what the tracker relies on? A file of our own is mapped into the address
 * space of the process that loads the module, written through it as a guest would, and every effect is
 * looked at: see fault.h for what happens where.
 */
#include "selftest.h"
#include "../file.h"
#include "../folio.h"
#include "../fs.h"
#include "../inode.h"
#include "../track.h"
#include "../wrprotect.h"
#include "../compat/mapone.h"

#include <linux/bitmap.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#define CHUNKS	2
#define PAGES	(CHUNKS * ZKZ_CHUNK_PAGES)

struct selftest {
	struct work_struct work;
	struct mm_struct *mm;
	struct zkz_mem *mem;
	unsigned long addr;
	unsigned long *send;
	bool huge;
	enum zkz_verdict verdict;
};

#define CHECK(what)								\
	do {									\
		if (!(what)) {							\
			pr_notice("zkz: self-test of tracking: not true: " #what "\n");	\
			return false;						\
		}								\
	} while (0)

static bool write_page(struct selftest *st, unsigned long page)
{
	return !put_user(page + 1, (unsigned long __user *)(st->addr + (page << PAGE_SHIFT)));
}

/* Is the chunk mapped by a huge entry? */
static bool mapped_huge(struct selftest *st, unsigned long chunk)
{
	unsigned long addr = st->addr + (chunk << ZKZ_CHUNK_SHIFT);
	bool huge = false;
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pud;

	mmap_read_lock(st->mm);
	pgd = pgd_offset(st->mm, addr);
	if (pgd_present(*pgd)) {
		p4d = p4d_offset(pgd, addr);
		if (p4d_present(*p4d)) {
			pud = pud_offset(p4d, addr);
			if (pud_present(*pud))
				huge = pmd_trans_huge(READ_ONCE(*pmd_offset(pud, addr)));
		}
	}
	mmap_read_unlock(st->mm);
	return huge;
}

/* Harvests everything. Returns how many pages that were; @send has exactly them. */
static long harvest(struct selftest *st)
{
	struct zkz_harvest h = {};
	int err;

	bitmap_zero(st->send, PAGES);
	err = zkz_track_harvest(st->mem, 0, CHUNKS, st->send, true, &h);
	return err ?: h.pages;
}

/* Is the file's first page part of a huge folio? If not, none was free. */
static bool has_huge(struct selftest *st)
{
	struct folio *folio = zkz_folio_get(st->mem, 0);
	bool huge = folio && folio_test_large(folio);

	if (folio)
		folio_put(folio);
	return huge;
}

static bool test_tracked(struct selftest *st)
{
	unsigned long present = st->huge ? ZKZ_CHUNK_PAGES : 1;

	CHECK(harvest(st) == present);	/* in chunk 0; chunk 1 is a hole */
	CHECK(bitmap_weight(st->send, PAGES) == present);
	CHECK(!mapped_huge(st, 0));
	CHECK(write_page(st, 3) && write_page(st, 3));
	CHECK(!mapped_huge(st, 0));
	CHECK(zkz_track_dirty(st->mem) == 1 && zkz_track_faults(st->mem) == 1);
	CHECK(harvest(st) == 1 && test_bit(3, st->send));
	CHECK(write_page(st, 3) && write_page(st, 5));
	CHECK(zkz_track_faults(st->mem) == 3);
	CHECK(harvest(st) == 2 && test_bit(3, st->send) && test_bit(5, st->send));
	/* A chunk that is allocated while it is tracked. */
	CHECK(write_page(st, ZKZ_CHUNK_PAGES + 7));
	CHECK(!mapped_huge(st, 1));
	CHECK(harvest(st) == 1 && test_bit(ZKZ_CHUNK_PAGES + 7, st->send));
	CHECK(harvest(st) == 0);
	return true;
}

static bool test_after(struct selftest *st)
{
	CHECK(write_page(st, 9));
	CHECK(mapped_huge(st, 0) == st->huge);
	CHECK(zkz_track_dirty(st->mem) == 0);
	return true;
}

static bool test_mapping(struct selftest *st)
{
	bool ok;

	CHECK(!zkz_mem_claim(st->mem));
	ok = !zkz_track_start(st->mem);
	ok = ok && test_tracked(st);
	zkz_track_stop(st->mem);
	zkz_mem_release(st->mem);
	return ok && test_after(st);
}

/* The tracker does not see what a device writes: such pins are refused by core, or else looked for by us. */
static void test_pin(struct selftest *st)
{
	struct page *page;

	if (pin_user_pages_fast(st->addr, 1, FOLL_WRITE | FOLL_LONGTERM, &page) == 1)
		unpin_user_page(page);
	else
		WRITE_ONCE(zkz_longterm_refused, true);
}

static void test_file(struct selftest *st, struct file *file)
{
	unsigned long len = CHUNKS * ZKZ_CHUNK_SIZE;

	st->mem = zkz_mem_from_file(file);
	st->addr = vm_mmap(file, 0, len, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (IS_ERR_VALUE(st->addr))
		return;
	if (write_page(st, 0) && has_huge(st) == st->huge && mapped_huge(st, 0) == st->huge) {
		test_pin(st);
		st->verdict = test_mapping(st) ? ZKZ_WORKS : ZKZ_BROKEN;
	}
	vm_munmap(st->addr, len);
}

static void test_mount(struct selftest *st, struct vfsmount *mnt)
{
	struct inode *inode = zkz_inode_new(mnt->mnt_sb, NULL, S_IFREG | 0600);
	struct file *file;

	if (!inode)
		return;
	i_size_write(inode, CHUNKS * ZKZ_CHUNK_SIZE);
	file = alloc_file_pseudo(inode, mnt, "selftest", O_RDWR, &zkz_file_ops);
	if (IS_ERR(file)) {
		iput(inode);
		return;
	}
	__module_get(THIS_MODULE);	/* closing a file puts the owner of its operations */
	test_file(st, file);
	/* At once: the mount and, after an error, the module go away next. */
	__fput_sync(file);
}

/* In a kernel thread, which may close a file at once. */
static void run(struct work_struct *work)
{
	struct selftest *st = container_of(work, struct selftest, work);
	struct vfsmount *mnt = kern_mount(&zkz_fs_type);

	if (IS_ERR(mnt)) {
		pr_notice("zkz: self-test of tracking: cannot mount: %ld\n", PTR_ERR(mnt));
		return;
	}
	zkz_sb_of(mnt->mnt_sb)->huge = st->huge;
	kthread_use_mm(st->mm);
	test_mount(st, mnt);
	kthread_unuse_mm(st->mm);
	kern_unmount(mnt);
}

enum zkz_verdict zkz_selftest_track(bool huge)
{
	struct selftest st = { .mm = current->mm, .huge = huge, .verdict = ZKZ_UNKNOWN };

	if (huge && !zkz_can_map_one())
		return ZKZ_BROKEN;
	if (!st.mm)
		return ZKZ_UNKNOWN;
	st.send = bitmap_zalloc(PAGES, GFP_KERNEL);
	if (!st.send)
		return ZKZ_UNKNOWN;
	INIT_WORK_ONSTACK(&st.work, run);
	queue_work(zkz_unbound_wq, &st.work);
	flush_work(&st.work);
	destroy_work_on_stack(&st.work);
	bitmap_free(st.send);
	return st.verdict;
}
