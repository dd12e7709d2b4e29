/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_WRPROTECT_H
#define _ZKZ_WRPROTECT_H

#include "mem.h"

/*
 * Taking write access away from every mapper of a range. All of it is called with the folios locked whose
 * pages matter: under the folio lock no write fault finishes, and no migration of the folio hides a
 * writable page table entry from the walk.
 */

/* Core refuses long-term pins of files with write notification, as it does from 6.5 on; false until that was seen. */
extern bool zkz_longterm_refused;

/**
 * zkz_wrprotect() - write-protect pages in the page tables of all mappers
 * @mem: the memory
 * @first: first page; all chunks of the range are tracked, so that none has a writable huge mapping
 * @nr: number of pages
 * @scratch: bitmap of at least @nr bits, overwritten
 * @once: one walk is enough, because nobody writes or changes protections now
 *
 * TLBs are flushed and MMU notifiers have run when it returns. The entries are clean too: mprotect() makes
 * dirty ones writable again without a fault. Where the kernel has no walks for that (CONFIG_MAPPING_DIRTY_HELPERS),
 * they are taken away instead: safe, and each read is a fault, too.
 *
 * Return: true if every entry was seen to be protected and clean; false if somebody keeps changing them.
 */
bool zkz_wrprotect(struct zkz_mem *mem, pgoff_t first, unsigned long nr, unsigned long *scratch, bool once);

/**
 * zkz_unmap() - remove chunks from the page tables of all mappers
 * @mem: the memory
 * @chunk: first chunk
 * @nr: number of chunks
 *
 * For chunks that may have writable huge mappings.
 */
void zkz_unmap(struct zkz_mem *mem, unsigned long chunk, unsigned long nr);

/**
 * zkz_folio_pinned() - may somebody write to a folio without a page table entry?
 * @folio: locked and write-protected, the caller holds one reference
 *
 * True while its reference count exceeds what cache, mappings and the caller explain. A reference that is
 * short-lived, as that of a fault in flight or of an unfinished send, also counts; one false answer after
 * the protection proves that there is no older pin, for a newer one needs a write fault. A page that memory_failure()
 * has marked never is.
 *
 * Return: true if so.
 */
bool zkz_folio_pinned(struct folio *folio);

/**
 * zkz_pinned_longterm() - is memory pinned for device access that does not end?
 * @mem: the memory
 * @first: first page to look at
 * @nr: how many
 *
 * Looks for a while at what is pinned, because ordinary I/O pins too. Where core refuses such pins by itself this is
 * always false. Sleeps.
 *
 * Return: true if so.
 */
bool zkz_pinned_longterm(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

#endif /* _ZKZ_WRPROTECT_H */
