/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel code that works for this process in a thread of its own, as vhost does: io_uring's workers. */
#ifndef _ZKZ_SELFTESTS_ZKZWORKER_H
#define _ZKZ_SELFTESTS_ZKZWORKER_H

#include <stddef.h>

/* Such a worker reads @len bytes of @fd into @to, while this thread waits for it. Returns their number, or -errno. */
int zkzworker_read(int fd, void *to, size_t len);

#endif
