/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mapping one page of a huge folio, and not those around it, as the answer to a fault.
 *
 * From 6.15 on a driver can do that itself. Before, core does if it finds a page table where the huge mapping would go.
 * In 6.14 neither works: tables that are empty are taken away there (CONFIG_PT_RECLAIM), and core would map hugely.
 */
#ifndef _ZKZ_COMPAT_MAPONE_H
#define _ZKZ_COMPAT_MAPONE_H

#include <linux/mm.h>
#include <linux/userfaultfd_k.h>
#include <asm/pgalloc.h>

/* Can it be done on this kernel? If not, there must be no huge folios. */
static inline bool zkz_can_map_one(void)
{
#if !defined(ZKZ_HAVE_INSERT_PAGE_MKWRITE) && defined(CONFIG_PT_RECLAIM)
	return false;
#else
	return true;
#endif
}

/*
 * Puts the preallocated page table where finish_fault() would put a huge mapping. Both happen under the folio lock, so
 * nobody else maps this folio hugely in between but by this same address space's page table lock. False: there is none
 * to put, take the fault again.
 */
static inline bool zkz_install_table(struct vm_fault *vmf)
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

/**
 * zkz_map_one() - map one page of a huge folio
 * @vmf: a fault at an address that no page table entry was found for
 * @page: the page, sound; its folio is locked
 * @write: it may be written from now on, and is dirty
 *
 * The folio stays locked in any case, so whoever locks it next finds the page mapped or not, but never about to be.
 *
 * Return: %VM_FAULT_LOCKED: core is to go on, and maps this page only. Else %VM_FAULT_NOPAGE, where core has nothing
 * more to do, or %VM_FAULT_OOM: the caller unlocks the folio and puts it.
 */
static inline vm_fault_t zkz_map_one(struct vm_fault *vmf, struct page *page, bool write)
{
#ifdef ZKZ_HAVE_INSERT_PAGE_MKWRITE
	/* Somebody has mapped the folio hugely meanwhile. Nobody does while it is locked. */
	if (pmd_trans_huge(pmdp_get_lockless(vmf->pmd)))
		return VM_FAULT_NOPAGE;
	/* There may be marks of userfaultfd in the table, which core knows to deal with; it maps page by page then. */
	if (!userfaultfd_armed(vmf->vma))
		return vmf_insert_page_mkwrite(vmf, page, write);
#endif
	return zkz_install_table(vmf) ? VM_FAULT_LOCKED : VM_FAULT_NOPAGE;
}

#endif /* _ZKZ_COMPAT_MAPONE_H */
