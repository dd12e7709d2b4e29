/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_FAULT_H
#define _ZKZ_FAULT_H

#include <linux/mm.h>

/*
 * How a write becomes visible to the tracker, in a chunk that is tracked and held by a huge folio:
 *
 *   write -> core: __do_fault() -> zkz_fault()          returns the page, folio locked
 *         -> core unlocks, do_page_mkwrite() -> zkz_page_mkwrite()
 *              lock the folio, set the page's bit, map this one page (compat/mapone.h) and unlock the folio; or,
 *              in older kernels, put an empty page table where the huge mapping would go
 *         -> core, there: finish_fault() finds a table, so it maps this one page; then it unlocks the folio
 *
 * Without tracking nothing is put there and finish_fault() maps the whole folio. selftest/track.c proves at load time
 * that the kernel still works like that.
 */
extern const struct vm_operations_struct zkz_vm_ops;

#endif /* _ZKZ_FAULT_H */
