/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_SERVE_H
#define _ZKZ_SERVE_H

#include <linux/types.h>

struct zkz_stream;

int zkz_serve(struct zkz_stream *stream, u32 pass);

#endif /* _ZKZ_SERVE_H */
