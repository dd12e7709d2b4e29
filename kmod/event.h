/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sessions tell the world: messages to the multicast group, and the attributes that replies share with them.
 */
#ifndef _ZKZ_EVENT_H
#define _ZKZ_EVENT_H

#include <uapi/linux/zkz.h>

struct sk_buff;
struct zkz_session;

void zkz_event(struct zkz_session *session, enum zkz_event event);
int zkz_event_fill(struct zkz_session *session, struct sk_buff *skb);

#endif /* _ZKZ_EVENT_H */
