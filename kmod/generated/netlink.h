/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/zkz.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_ZKZ_GEN_H
#define _LINUX_ZKZ_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/zkz.h>

int zkz_nl_session_new_doit(struct sk_buff *skb, struct genl_info *info);
int zkz_nl_session_pass_doit(struct sk_buff *skb, struct genl_info *info);
int zkz_nl_session_abort_doit(struct sk_buff *skb, struct genl_info *info);
int zkz_nl_session_close_doit(struct sk_buff *skb, struct genl_info *info);
int zkz_nl_session_get_doit(struct sk_buff *skb, struct genl_info *info);
int zkz_nl_session_list_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int zkz_nl_memory_list_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int zkz_nl_session_resume_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	ZKZ_NLGRP_EVENTS,
};

extern struct genl_family zkz_nl_family;

#endif /* _LINUX_ZKZ_GEN_H */
