/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes from one descriptor to another. */
#ifndef ZKZ_STORAGE_VERBATIM_H
#define ZKZ_STORAGE_VERBATIM_H

#include <stdbool.h>

#include "storage/copy.h"

/**
 * copy_verbatim() - copy all bytes, aside
 * @c:     who is told, and who may end it
 * @from:  descriptor of a file or device, from look_open()
 * @to:    one that can be written to
 * @size:  how many bytes
 * @blank: @to reads as zeroes: what is zero is not written
 * @err:   filled on failure
 *
 * When it returns, they are on disk.
 */
int copy_verbatim(const struct copy *c, int from, int to, uint64_t size, bool blank, struct zkz_err *err);

#endif
