// SPDX-License-Identifier: GPL-2.0
#include "fault.h"
#include "absent.h"
#include "folio.h"
#include "mem.h"
#include "poison.h"
#include "track.h"
#include "compat/mapone.h"

#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

/* Would core map the whole folio, if it may? There is no table yet, and the mapping has room and alignment for it. */
static bool maps_hugely(struct vm_fault *vmf, struct folio *folio)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long base = vmf->address & PMD_MASK;

	return folio_test_large(folio) && !vmf->pte && pmd_none(READ_ONCE(*vmf->pmd)) && base >= vma->vm_start &&
	       base + PMD_SIZE <= vma->vm_end &&
	       IS_ALIGNED((vma->vm_start >> PAGE_SHIFT) - vma->vm_pgoff, HPAGE_PMD_NR);
}

/*
 * Waits for a page that has still to come. Where the caller allows it, without the lock of the mapping, so that others
 * can change the address space: then nothing of @vmf is used any more. 0: the page is here, and the lock held.
 */
static vm_fault_t wait_for_page(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct zkz_mem *mem = zkz_mem_of(file_inode(file));
	bool again = vmf->flags & FAULT_FLAG_TRIED;
	struct mm_struct *mm = vmf->vma->vm_mm;
	unsigned int state = TASK_KILLABLE;
	pgoff_t index = vmf->pgoff;

	if (zkz_absent_dead(mem, index))
		return VM_FAULT_SIGBUS;
	/* KVM does not want to wait in a vCPU: it has a worker do that, which comes without this flag */
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
		return VM_FAULT_RETRY;
	/* A worker that gives up must be told so, or it would try for ever: with the lock it can be. */
	if (!(vmf->flags & FAULT_FLAG_ALLOW_RETRY) || (again && zkz_works_for_others(current)))
		return zkz_absent_wait(mem, index, TASK_KILLABLE, mm) ? VM_FAULT_SIGBUS : 0;
	/* The kernel itself, copying, deals with no signal before it is done: it would come back at once. */
	if (vmf->flags & FAULT_FLAG_INTERRUPTIBLE && (vmf->flags & FAULT_FLAG_USER || !again))
		state = TASK_INTERRUPTIBLE;
	get_file(file);
	zkz_release_fault_lock(vmf);
	/* whatever comes of it shows when the access is tried again */
	zkz_absent_wait(mem, index, state, mm);
	fput(file);
	return VM_FAULT_RETRY;
}

/* Is there a page that nobody may see now? Asked without the folio lock, the answer may be old. */
static bool hidden(struct zkz_mem *mem, pgoff_t index)
{
	return zkz_absent_page(mem, index) || zkz_poison_page(mem, index);
}

/* Is there one next to it, so that nothing is mapped as a whole? */
static bool hidden_near(struct zkz_mem *mem, pgoff_t index)
{
	return zkz_absent_chunk(mem, index) || zkz_poison_chunk(mem, index);
}

/* Returns the page with its folio locked; core maps it, and looks itself whether memory_failure() has marked it. */
static vm_fault_t zkz_fault(struct vm_fault *vmf)
{
	struct zkz_mem *mem = zkz_mem_of(file_inode(vmf->vma->vm_file));
	struct folio *folio;
	vm_fault_t ret;

	while (zkz_absent_page(mem, vmf->pgoff)) {
		ret = wait_for_page(vmf);
		if (ret)
			return ret;
	}
	if (zkz_poison_page(mem, vmf->pgoff))
		return VM_FAULT_HWPOISON;
	folio = zkz_folio_demand(mem, vmf->pgoff, vmf->flags & FAULT_FLAG_RETRY_NOWAIT);
	if (IS_ERR(folio)) {
		/* With RETRY_NOWAIT the caller keeps its lock and comes again from where it may wait. */
		if (PTR_ERR(folio) == -EAGAIN)
			return VM_FAULT_RETRY;
		return vmf_error(PTR_ERR(folio));
	}
	/* A folio in the cache may outlive its file's size for a moment, while that is being changed. */
	ret = VM_FAULT_SIGBUS;
	if (vmf->pgoff >= zkz_mem_pages(mem))
		goto out;
	zkz_absent_touch(mem, vmf->pgoff);
	/* Under the lock it shows whether pages are waited for now, and then one must be mapped alone. */
	ret = VM_FAULT_NOPAGE;
	if (hidden(mem, vmf->pgoff))
		goto out;
	vmf->page = folio_file_page(folio, vmf->pgoff);
	ret = VM_FAULT_LOCKED;
	/* Who writes gets to zkz_page_mkwrite() next; a page that has failed is what core looks for. */
	if (!(vmf->flags & FAULT_FLAG_WRITE) && hidden_near(mem, vmf->pgoff) && folio_test_large(folio) &&
	    !PageHWPoison(vmf->page))
		ret = zkz_map_one(vmf, vmf->page, false);
	if (ret == VM_FAULT_LOCKED)
		return ret;

out:
	folio_unlock(folio);
	folio_put(folio);
	return ret;
}

/* What is around a fault is mapped too, hugely if it can be, but not in a chunk that has pages nobody may see. */
static vm_fault_t zkz_map_pages(struct vm_fault *vmf, pgoff_t start, pgoff_t end)
{
	struct zkz_mem *mem = zkz_mem_of(file_inode(vmf->vma->vm_file));
	vm_fault_t ret = 0;

	/* zkz_absent_guard() waits for this section before it takes mappings away */
	rcu_read_lock();
	if (zkz_absent_around(mem, start, end) && !zkz_poison_chunk(mem, start) && !zkz_poison_chunk(mem, end))
		ret = filemap_map_pages(vmf, start, end);
	rcu_read_unlock();
	return ret;
}

/*
 * A writer pays for slowing a migration down. Under the lock of the mapping, which is why it is short. Workers that
 * write for somebody, as vhost's do, have locks of their own that others may wait for.
 */
static void slow_down(struct zkz_mem *mem, pgoff_t index)
{
	ktime_t wait = zkz_works_for_others(current) ? 0 : ns_to_ktime(zkz_track_turn(mem, index));

	if (!wait)
		return;
	set_current_state(TASK_KILLABLE);
	schedule_hrtimeout(&wait, HRTIMER_MODE_REL);
}

/* The folio is locked until the page is writable: by core, which unlocks it, or here. */
static vm_fault_t zkz_page_mkwrite(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct zkz_mem *mem = zkz_mem_of(inode);
	vm_fault_t ret = VM_FAULT_NOPAGE;
	bool alone, near;

	slow_down(mem, vmf->pgoff);
	/* Being killed. NOPAGE would make an access from the kernel fault again and again until the lock is free. */
	if (folio_lock_killable(folio))
		return VM_FAULT_SIGBUS;
	if (folio->mapping != inode->i_mapping)
		goto out;
	zkz_absent_touch(mem, vmf->pgoff);
	/* zkz_fault() has seen the page; it may be one to wait for since */
	if (hidden(mem, vmf->pgoff))
		goto out;
	near = hidden_near(mem, vmf->pgoff);
	alone = zkz_track_write(mem, vmf->pgoff, !near && maps_hugely(vmf, folio)) || near;
	ret = VM_FAULT_LOCKED;
	/* Without a page table entry this is the first fault at this address, else a protected page. */
	if (alone && !vmf->pte && folio_test_large(folio))
		ret = PageHWPoison(vmf->page) ? VM_FAULT_NOPAGE : zkz_map_one(vmf, vmf->page, true);
	if (ret == VM_FAULT_LOCKED)
		return ret;

out:
	folio_unlock(folio);
	return ret;
}

#ifdef CONFIG_NUMA
/*
 * NUMA balancing is kept away: its hint faults take the protection off and put it back as often as it
 * likes, which costs the guest and gains nothing for folios that never move.
 */
static struct mempolicy *zkz_get_policy(ZKZ_GET_POLICY_ARGS)
{
	struct mempolicy *policy = vma->vm_policy;

	return policy && !(policy->flags & MPOL_F_MOF) ? policy : NULL;
}
#endif

const struct vm_operations_struct zkz_vm_ops = {
	.fault		= zkz_fault,
	.map_pages	= zkz_map_pages,
	.page_mkwrite	= zkz_page_mkwrite,
#ifdef CONFIG_NUMA
	.get_policy	= zkz_get_policy,
#endif
};
