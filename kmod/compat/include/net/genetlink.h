/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Split operations came with 6.2. The family never has a command that is both "do" and "dump", so before
 * that each of its rows is exactly one ordinary operation.
 */
#ifndef _ZKZ_COMPAT_NET_GENETLINK_H
#define _ZKZ_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>

#ifndef ZKZ_HAVE_GENL_SPLIT_OPS
#define genl_split_ops	genl_ops
#define split_ops	ops
#define n_split_ops	n_ops
#endif

#endif /* _ZKZ_COMPAT_NET_GENETLINK_H */
