// SPDX-License-Identifier: GPL-2.0
#include "rehuge.h"
#include "file.h"

#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>

/* More address spaces than that map a zone's memory only in tests. */
#define ZKZ_REHUGE_MMS	16

#define ZKZ_VM_OURS	(VM_DONTCOPY | VM_HUGEPAGE | VM_DONTDUMP)
/* What a new mapping gets by itself from protection, MAP_SHARED and the file's mode. */
#define ZKZ_VM_PLAIN	(VM_READ | VM_WRITE | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_SHARED | \
			 VM_MAYSHARE | VM_NORESERVE | VM_SOFTDIRTY)

/**
 * struct zkz_rehuge - one mapping that is being replaced
 * @file: the mapping's file
 * @start: its first address
 * @end: the address after its last one
 * @pgoff: the page of the file at @start
 * @flags: its flags
 */
struct zkz_rehuge {
	struct file *file;
	unsigned long start;
	unsigned long end;
	unsigned long pgoff;
	unsigned long flags;
};

static bool ordinary(struct vm_area_struct *vma)
{
	if (vma->vm_flags & ~(ZKZ_VM_PLAIN | ZKZ_VM_OURS))
		return false;
#ifdef CONFIG_NUMA
	if (vma->vm_policy)
		return false;
#endif
#ifdef CONFIG_USERFAULTFD
	if (vma->vm_userfaultfd_ctx.ctx)
		return false;
#endif
	return true;
}

unsigned long zkz_rehuge_area(struct zkz_mem *mem, struct file *file, unsigned long addr, unsigned long len,
			      unsigned long pgoff)
{
	struct zkz_rehuge *r = mem->rehuge;
	struct vm_area_struct *vma;

	mmap_assert_write_locked(current->mm);
	vma = find_vma(current->mm, addr);
	if (!vma || vma->vm_file != file || vma->vm_start != addr || vma->vm_end != addr + len ||
	    vma->vm_pgoff != pgoff || vma->vm_flags != r->flags || !ordinary(vma))
		return -EAGAIN;
	return addr;
}

unsigned long zkz_rehuge_flags(struct zkz_mem *mem)
{
	return zkz_rehuge_running(mem) ? mem->rehuge->flags & ZKZ_VM_OURS : ZKZ_VM_OURS;
}

/* Finds the next mapping of the file at or above @r->end, and takes a reference to its file. */
static bool find_mapping(struct zkz_mem *mem, struct mm_struct *mm, struct zkz_rehuge *r)
{
	VMA_ITERATOR(vmi, mm, r->end);
	struct vm_area_struct *vma;
	bool found = false;

	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		if (vma->vm_start < r->end || !vma->vm_file || vma->vm_file->f_op != &zkz_file_ops ||
		    file_inode(vma->vm_file) != &mem->vfs_inode || !ordinary(vma))
			continue;
		r->file = get_file(vma->vm_file);
		r->start = vma->vm_start;
		r->end = vma->vm_end;
		r->pgoff = vma->vm_pgoff;
		r->flags = vma->vm_flags;
		found = true;
		break;
	}
	mmap_read_unlock(mm);
	return found;
}

/* False: the mapping has changed, or there was no memory; it is as it was. */
static bool remap(struct zkz_rehuge *r)
{
	unsigned long prot = 0, flags = MAP_SHARED | MAP_FIXED;

	if (r->flags & VM_READ)
		prot |= PROT_READ;
	if (r->flags & VM_WRITE)
		prot |= PROT_WRITE;
	if (r->flags & VM_EXEC)
		prot |= PROT_EXEC;
	if (r->flags & VM_NORESERVE)
		flags |= MAP_NORESERVE;
	return !IS_ERR_VALUE(vm_mmap(r->file, r->start, r->end - r->start, prot, flags, r->pgoff << PAGE_SHIFT));
}

static void remap_all(struct zkz_mem *mem, struct mm_struct *mm)
{
	struct zkz_rehuge r = {};

	kthread_use_mm(mm);
	mem->rehuge = &r;
	WRITE_ONCE(mem->remapper, current);
	while (find_mapping(mem, mm, &r)) {
		if (!remap(&r))
			pr_debug("zkz: %lx-%lx keeps its 4K mappings\n", r.start, r.end);
		fput(r.file);
		cond_resched();
	}
	WRITE_ONCE(mem->remapper, NULL);
	mem->rehuge = NULL;
	kthread_unuse_mm(mm);
}

/* Collects the address spaces that map the file; each gets a reference. */
static unsigned int collect(struct zkz_mem *mem, struct mm_struct **mms)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned int i, nr = 0;
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && nr < ZKZ_REHUGE_MMS; node = rb_next(node)) {
		struct vm_area_struct *vma = rb_entry(node, struct vm_area_struct, shared.rb);

		for (i = 0; i < nr && mms[i] != vma->vm_mm; i++)
			;
		if (i == nr && mmget_not_zero(vma->vm_mm))
			mms[nr++] = vma->vm_mm;
	}
	i_mmap_unlock_read(mapping);
	return nr;
}

struct rehuge_work {
	struct work_struct work;
	struct zkz_mem *mem;
};

/* A work item, because only a kernel thread can borrow the address space of somebody else. */
static void rehuge_work(struct work_struct *work)
{
	struct zkz_mem *mem = container_of(work, struct rehuge_work, work)->mem;
	struct mm_struct *mms[ZKZ_REHUGE_MMS];
	unsigned int i, nr = collect(mem, mms);

	for (i = 0; i < nr; i++) {
		remap_all(mem, mms[i]);
		mmput(mms[i]);
	}
}

void zkz_rehuge(struct zkz_mem *mem)
{
	struct rehuge_work w = { .mem = mem };

	lockdep_assert_held(&mem->track_lock);
	INIT_WORK_ONSTACK(&w.work, rehuge_work);
	queue_work(zkz_unbound_wq, &w.work);
	flush_work(&w.work);
	destroy_work_on_stack(&w.work);
}
