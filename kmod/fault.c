// SPDX-License-Identifier: GPL-2.0
#include "fault.h"
#include "folio.h"
#include "mem.h"
#include "track.h"

#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <asm/pgalloc.h>

/* Returns the page with its folio locked; core maps it. */
static vm_fault_t zkz_fault(struct vm_fault *vmf)
{
	struct zkz_mem *mem = zkz_mem_of(file_inode(vmf->vma->vm_file));
	struct folio *folio;

	folio = zkz_folio_demand(mem, vmf->pgoff, vmf->flags & FAULT_FLAG_RETRY_NOWAIT);
	if (IS_ERR(folio)) {
		/* With RETRY_NOWAIT the caller keeps its lock and comes again from where it may wait. */
		if (PTR_ERR(folio) == -EAGAIN)
			return VM_FAULT_RETRY;
		return vmf_error(PTR_ERR(folio));
	}
	/* A folio in the cache may outlive its file's size for a moment, while that is being changed. */
	if (vmf->pgoff >= zkz_mem_pages(mem)) {
		folio_unlock(folio);
		folio_put(folio);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = folio_file_page(folio, vmf->pgoff);
	return VM_FAULT_LOCKED;
}

/*
 * Puts the preallocated page table where finish_fault() would put a huge mapping. Both happen under the
 * folio lock, so nobody else maps this folio hugely in between but by this same address space's page table
 * lock. False: there is none to put, take the fault again.
 */
static bool install_table(struct vm_fault *vmf)
{
	struct mm_struct *mm = vmf->vma->vm_mm;
	bool done = true;
	spinlock_t *ptl;	/* of the middle level */

	ptl = pmd_lock(mm, vmf->pmd);
	if (pmd_none(*vmf->pmd)) {
		if (vmf->prealloc_pte) {
			mm_inc_nr_ptes(mm);
			/* The table's zeroes must be seen before the table: other CPUs walk without a lock. */
			smp_wmb();
			pmd_populate(mm, vmf->pmd, vmf->prealloc_pte);
			vmf->prealloc_pte = NULL;
		} else {
			done = false;
		}
	}
	spin_unlock(ptl);
	return done;
}

/* Returns with the folio locked: core unlocks it when the page is writable. */
static vm_fault_t zkz_page_mkwrite(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);
	struct inode *inode = file_inode(vmf->vma->vm_file);
	bool tracked;

	/* Being killed. NOPAGE would make an access from the kernel fault again and again until the lock is free. */
	if (folio_lock_killable(folio))
		return VM_FAULT_SIGBUS;
	if (folio->mapping != inode->i_mapping)
		goto again;
	tracked = zkz_track_write(zkz_mem_of(inode), vmf->pgoff);
	/* Without a page table entry this is the first fault at this address, else a protected page. */
	if (tracked && !vmf->pte && folio_test_large(folio) && !install_table(vmf))
		goto again;
	return VM_FAULT_LOCKED;

again:
	folio_unlock(folio);
	return VM_FAULT_NOPAGE;
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
	.map_pages	= filemap_map_pages,
	.page_mkwrite	= zkz_page_mkwrite,
#ifdef CONFIG_NUMA
	.get_policy	= zkz_get_policy,
#endif
};
