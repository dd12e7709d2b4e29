/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_CHUNK_H
#define _ZKZ_CHUNK_H

#include <linux/types.h>

struct zkz_scratch;
struct zkz_stream;

struct zkz_scratch *zkz_chunk_scratch(void);
int zkz_chunk_send(struct zkz_stream *stream, unsigned long chunk, u32 pass, bool final);
int zkz_chunk_send_part(struct zkz_stream *stream, pgoff_t first, unsigned int nr, u32 pass, bool urgent);

#endif /* _ZKZ_CHUNK_H */
