// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/zkz.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink.h"

#include <uapi/linux/zkz.h>

/* ZKZ_CMD_SESSION_NEW - do */
static const struct nla_policy zkz_session_new_nl_policy[ZKZ_A_SESSION_STREAM_LIMIT + 1] = {
	[ZKZ_A_SESSION_ROLE] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[ZKZ_A_SESSION_MEMORY_FD] = { .type = NLA_S32, },
	[ZKZ_A_SESSION_STREAM_FD] = { .type = NLA_S32, },
	[ZKZ_A_SESSION_COOKIE] = { .type = NLA_U64, },
	[ZKZ_A_SESSION_TIMEOUT_MS] = { .type = NLA_U32, },
	[ZKZ_A_SESSION_ZERO_DETECT] = { .type = NLA_FLAG, },
	[ZKZ_A_SESSION_STREAM_LIMIT] = { .type = NLA_U64, },
};

/* ZKZ_CMD_SESSION_PASS - do */
static const struct nla_policy zkz_session_pass_nl_policy[ZKZ_A_SESSION_SLOW + 1] = {
	[ZKZ_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[ZKZ_A_SESSION_FINAL] = { .type = NLA_FLAG, },
	[ZKZ_A_SESSION_FETCH] = { .type = NLA_FLAG, },
	[ZKZ_A_SESSION_SLOW] = NLA_POLICY_MAX(NLA_U32, 99),
};

/* ZKZ_CMD_SESSION_ABORT - do */
static const struct nla_policy zkz_session_abort_nl_policy[ZKZ_A_SESSION_REASON + 1] = {
	[ZKZ_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[ZKZ_A_SESSION_REASON] = { .type = NLA_NUL_STRING, .len = ZKZ_REASON_MAX, },
};

/* ZKZ_CMD_SESSION_CLOSE - do */
static const struct nla_policy zkz_session_close_nl_policy[ZKZ_A_SESSION_ID + 1] = {
	[ZKZ_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* ZKZ_CMD_SESSION_GET - do */
static const struct nla_policy zkz_session_get_nl_policy[ZKZ_A_SESSION_ID + 1] = {
	[ZKZ_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* ZKZ_CMD_SESSION_RESUME - do */
static const struct nla_policy zkz_session_resume_nl_policy[ZKZ_A_SESSION_STREAM_FD + 1] = {
	[ZKZ_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[ZKZ_A_SESSION_STREAM_FD] = { .type = NLA_S32, },
};

/* Ops table for zkz */
static const struct genl_split_ops zkz_nl_ops[] = {
	{
		.cmd		= ZKZ_CMD_SESSION_NEW,
		.doit		= zkz_nl_session_new_doit,
		.policy		= zkz_session_new_nl_policy,
		.maxattr	= ZKZ_A_SESSION_STREAM_LIMIT,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ZKZ_CMD_SESSION_PASS,
		.doit		= zkz_nl_session_pass_doit,
		.policy		= zkz_session_pass_nl_policy,
		.maxattr	= ZKZ_A_SESSION_SLOW,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ZKZ_CMD_SESSION_ABORT,
		.doit		= zkz_nl_session_abort_doit,
		.policy		= zkz_session_abort_nl_policy,
		.maxattr	= ZKZ_A_SESSION_REASON,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ZKZ_CMD_SESSION_CLOSE,
		.doit		= zkz_nl_session_close_doit,
		.policy		= zkz_session_close_nl_policy,
		.maxattr	= ZKZ_A_SESSION_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ZKZ_CMD_SESSION_GET,
		.doit		= zkz_nl_session_get_doit,
		.policy		= zkz_session_get_nl_policy,
		.maxattr	= ZKZ_A_SESSION_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= ZKZ_CMD_SESSION_LIST,
		.dumpit	= zkz_nl_session_list_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= ZKZ_CMD_MEMORY_LIST,
		.dumpit	= zkz_nl_memory_list_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= ZKZ_CMD_SESSION_RESUME,
		.doit		= zkz_nl_session_resume_doit,
		.policy		= zkz_session_resume_nl_policy,
		.maxattr	= ZKZ_A_SESSION_STREAM_FD,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group zkz_nl_mcgrps[] = {
	[ZKZ_NLGRP_EVENTS] = { "events", .flags = GENL_MCAST_CAP_SYS_ADMIN, },
};

struct genl_family zkz_nl_family __ro_after_init = {
	.name		= ZKZ_FAMILY_NAME,
	.version	= ZKZ_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= zkz_nl_ops,
	.n_split_ops	= ARRAY_SIZE(zkz_nl_ops),
	.mcgrps		= zkz_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(zkz_nl_mcgrps),
};
