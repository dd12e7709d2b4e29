// SPDX-License-Identifier: GPL-2.0
/*
 * Events, and the attributes of a session that events and replies have in common.
 */
#include <net/genetlink.h>

#include "event.h"
#include "generated/netlink.h"
#include "session.h"

static bool put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, ZKZ_A_COUNTERS_PAD);
}

static bool put_sums(struct sk_buff *skb, const struct zkz_snapshot *s)
{
	const struct zkz_sums *t = &s->total, *p = &s->pass;

	return put_u64(skb, ZKZ_A_COUNTERS_PAGES_DATA, t->flow.data) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PAGES_ZERO, t->flow.zero) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PAGES_HOLE, t->flow.hole) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PAGES_STICKY, t->sticky) ||
	       put_u64(skb, ZKZ_A_COUNTERS_BYTES_WIRE, t->flow.bytes) ||
	       put_u64(skb, ZKZ_A_COUNTERS_FAULTS, t->faults) ||
	       put_u64(skb, ZKZ_A_COUNTERS_WP_CALLS, t->wp_calls) ||
	       put_u64(skb, ZKZ_A_COUNTERS_NS_HARVEST, t->ns_harvest) ||
	       put_u64(skb, ZKZ_A_COUNTERS_NS_SEND, t->flow.ns_send) ||
	       put_u64(skb, ZKZ_A_COUNTERS_NS_WAIT, t->flow.ns_wait) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_PAGES_DATA, p->flow.data) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_PAGES_ZERO, p->flow.zero) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_PAGES_HOLE, p->flow.hole) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_PAGES_STICKY, p->sticky) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_BYTES_WIRE, p->flow.bytes) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_FAULTS, p->faults) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_WP_CALLS, p->wp_calls) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_NS_HARVEST, p->ns_harvest) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_NS_SEND, p->flow.ns_send) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_NS_WAIT, p->flow.ns_wait) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PAGES_SKIPPED, t->flow.skipped) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PASS_PAGES_SKIPPED, p->flow.skipped) ||
	       put_u64(skb, ZKZ_A_COUNTERS_NS_SLOWED, t->ns_slowed) ||
	       put_u64(skb, ZKZ_A_COUNTERS_PAGES_POISON, t->flow.poison);
}

static bool put_fetch(struct sk_buff *skb, const struct zkz_snapshot *s)
{
	return put_u64(skb, ZKZ_A_COUNTERS_FETCH_MISSING, s->missing) ||
	       put_u64(skb, ZKZ_A_COUNTERS_FETCH_REQUESTS, s->fetch.requests) ||
	       put_u64(skb, ZKZ_A_COUNTERS_FETCH_DEMAND, s->total.flow.demand) ||
	       put_u64(skb, ZKZ_A_COUNTERS_FETCH_PUSHED, s->total.flow.pushed) ||
	       put_u64(skb, ZKZ_A_COUNTERS_FETCH_DUPLICATES, s->total.flow.duplicate) ||
	       put_u64(skb, ZKZ_A_COUNTERS_FETCH_WAITS, s->fetch.waits) ||
	       put_u64(skb, ZKZ_A_COUNTERS_NS_BLOCKED, s->fetch.ns_blocked);
}

static bool put_counters(struct zkz_session *session, struct sk_buff *skb)
{
	struct zkz_snapshot s;
	struct nlattr *nest;

	zkz_stats_snapshot(session, &s);
	nest = nla_nest_start(skb, ZKZ_A_SESSION_COUNTERS);
	if (!nest || put_sums(skb, &s) ||
	    put_u64(skb, ZKZ_A_COUNTERS_PAGES_TOTAL, s.pages_total) ||
	    put_u64(skb, ZKZ_A_COUNTERS_PAGES_DONE, s.pages_done) ||
	    put_u64(skb, ZKZ_A_COUNTERS_PAGES_DIRTY, s.pages_dirty) ||
	    put_u64(skb, ZKZ_A_COUNTERS_PAGES_PRESENT, s.pages_present) ||
	    put_u64(skb, ZKZ_A_COUNTERS_PASSES, s.passes) ||
	    put_u64(skb, ZKZ_A_COUNTERS_NS_PASS, s.ns_pass) ||
	    put_u64(skb, ZKZ_A_COUNTERS_NS_TOTAL, s.ns_total) || put_fetch(skb, &s))
		return true;
	nla_nest_end(skb, nest);
	if (session->role != ZKZ_ROLE_TARGET)
		return false;
	return nla_put(skb, ZKZ_A_SESSION_FAULT_LATENCY, sizeof(s.fetch.latency), s.fetch.latency);
}

/* Error and reason of a session that has them; a lost one can get others, so both are read together. */
static bool put_reason(struct zkz_session *session, struct sk_buff *skb)
{
	char reason[ZKZ_REASON_MAX + 1];
	int error;

	spin_lock(&session->lock);
	strscpy(reason, session->reason, sizeof(reason));
	error = session->error;
	spin_unlock(&session->lock);
	return nla_put_string(skb, ZKZ_A_SESSION_REASON, reason) || nla_put_s32(skb, ZKZ_A_SESSION_ERROR, error);
}

/**
 * zkz_event_fill() - put everything about a session into a message
 * @session: a reference is held
 * @skb: has a genetlink header
 *
 * Context: may sleep.
 * Return: 0 or -EMSGSIZE.
 */
int zkz_event_fill(struct zkz_session *session, struct sk_buff *skb)
{
	enum zkz_state state = zkz_see(&session->state);

	if (nla_put_u32(skb, ZKZ_A_SESSION_ID, session->id) ||
	    nla_put_u32(skb, ZKZ_A_SESSION_ROLE, session->role) ||
	    nla_put_u32(skb, ZKZ_A_SESSION_STATE, state) ||
	    nla_put_u32(skb, ZKZ_A_SESSION_PASS, READ_ONCE(session->pass)) ||
	    nla_put_u64_64bit(skb, ZKZ_A_SESSION_COOKIE, session->cookie, ZKZ_A_SESSION_PAD) ||
	    nla_put_u32(skb, ZKZ_A_SESSION_STREAMS, session->nr_streams) ||
	    nla_put_u32(skb, ZKZ_A_SESSION_TIMEOUT_MS, session->timeout_ms) ||
	    nla_put_u64_64bit(skb, ZKZ_A_SESSION_MEMORY_INODE, file_inode(session->file)->i_ino,
			      ZKZ_A_SESSION_PAD) ||
	    nla_put_u32(skb, ZKZ_A_SESSION_SEQ, READ_ONCE(session->seq)) ||
	    put_counters(session, skb))
		return -EMSGSIZE;
	if ((state == ZKZ_STATE_FAILED || state == ZKZ_STATE_LOST) && put_reason(session, skb))
		return -EMSGSIZE;
	return 0;
}

/**
 * zkz_event() - tell the multicast group
 * @session: a reference is held
 * @event: what happened
 *
 * Events of a session leave in the order of their numbers. A message that cannot be made leaves a gap in them.
 *
 * Context: may sleep; takes session->event_lock and session->mem_lock.
 */
void zkz_event(struct zkz_session *session, enum zkz_event event)
{
	struct sk_buff *skb;
	void *head;

	mutex_lock(&session->event_lock);
	WRITE_ONCE(session->seq, session->seq + 1);
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		goto out;
	head = genlmsg_put(skb, 0, 0, &zkz_nl_family, 0, ZKZ_CMD_SESSION_EVENT);
	if (!head || nla_put_u32(skb, ZKZ_A_SESSION_EVENT, event) || zkz_event_fill(session, skb)) {
		nlmsg_free(skb);
		goto out;
	}
	genlmsg_end(skb, head);
	/* nobody listening is not an error */
	genlmsg_multicast_netns(&zkz_nl_family, session->net, skb, 0, ZKZ_NLGRP_EVENTS, GFP_KERNEL);
out:
	mutex_unlock(&session->event_lock);
}
