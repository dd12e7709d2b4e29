/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_REHUGE_H
#define _ZKZ_REHUGE_H

#include "mem.h"

#include <linux/sched.h>

/*
 * Tracking leaves page tables behind where huge mappings were, and nothing in the kernel gives those up
 * while the mapping lives. So after tracking each mapping of the file is mapped anew in its place: the old
 * page tables go, and the next faults map huge folios again.
 *
 * The owner of the address space knows nothing of it and may unmap, move or change its mapping at any time.
 * mmap() itself makes that safe: with the mmap_lock held for writing and before it takes anything away, it
 * asks the file's get_unmapped_area(). There we look again, and refuse unless the address range is exactly
 * the mapping that we saw. What is not an ordinary mapping (locked, with a policy, registered with
 * userfaultfd, with other flags of its own) is left alone: it keeps its 4K mappings.
 */

/**
 * zkz_rehuge() - let huge mappings come back
 * @mem: a memory that is not tracked any more; the caller holds its track_lock
 *
 * Sleeps. Whatever goes wrong leaves a mapping as it is.
 */
void zkz_rehuge(struct zkz_mem *mem);

/**
 * zkz_rehuge_running() - is this mmap() one of ours?
 * @mem: the memory to be mapped
 *
 * Return: true if the caller is the one who remaps @mem.
 */
static inline bool zkz_rehuge_running(struct zkz_mem *mem)
{
	return READ_ONCE(mem->remapper) == current;
}

/**
 * zkz_rehuge_area() - get_unmapped_area() of one of our own mmap()s
 * @mem: the memory
 * @file: the file to be mapped
 * @addr: where
 * @len: how much
 * @pgoff: from which page on
 *
 * Return: @addr, or -EAGAIN if the mapping there has changed.
 */
unsigned long zkz_rehuge_area(struct zkz_mem *mem, struct file *file, unsigned long addr, unsigned long len,
			      unsigned long pgoff);

/**
 * zkz_rehuge_flags() - flags for a new mapping
 * @mem: the memory
 *
 * Return: for one of ours the flags of the mapping that it replaces, else what every mapping gets: huge,
 * not in core dumps, not inherited by fork().
 */
unsigned long zkz_rehuge_flags(struct zkz_mem *mem);

#endif /* _ZKZ_REHUGE_H */
