/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_SOURCE_H
#define _ZKZ_SOURCE_H

struct zkz_session;

int zkz_source_prepare(struct zkz_session *session);
void zkz_source_release(struct zkz_session *session);
int zkz_source_coordinate(void *data);
int zkz_source_stream(void *data);

#endif /* _ZKZ_SOURCE_H */
