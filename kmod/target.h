/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_TARGET_H
#define _ZKZ_TARGET_H

int zkz_target_stream(void *data);

#endif /* _ZKZ_TARGET_H */
