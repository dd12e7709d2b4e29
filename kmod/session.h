/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: one side of one replication, a zkzfs file and its streams.
 *
 *   netlink socket (owner)          struct zkz_session
 *            | session-new     +------------------------------------------+
 *            +---------------->| state, pass, reason        (lock)        |
 *                              | claimed file, tracker      (mem_lock)    |
 *   source:  coordinator ----->| window[] ---> stream 0 --- kthread --- TCP
 *            (harvests)        |               stream 1 --- kthread --- TCP
 *                              +------------------------------------------+
 *
 * A session is found through one xarray, which holds a reference until it has been torn down, once, by whoever was the
 * first to want that. Documentation/locking.rst has the order of the locks.
 *
 *   IDLE <-> PASSING --> FETCHING <-> LOST          from any but ENDED: FAILED
 *               |            |
 *               +-> ENDED <--+
 */
#ifndef _ZKZ_SESSION_H
#define _ZKZ_SESSION_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/zkz.h>

#include "stats.h"
#include "wire.h"

struct zkz_mem;
struct zkz_scratch;
struct zkz_session;

/* One thread publishes, others wait: who sees the value sees everything that was done before. */
#define zkz_publish(p, v)	smp_store_release(p, v)	/* pairs with zkz_see() */
#define zkz_see(p)		smp_load_acquire(p)	/* pairs with zkz_publish() */

#define ZKZ_WINDOWS	4		/* ring of harvested windows */

/* Chunks that have been harvested together and are to be sent: places in the session's order. */
struct zkz_window {
	unsigned long first;
	unsigned long nr;
};

struct zkz_stream {
	struct zkz_session *session;
	struct socket *sock;		/* reference of its file held */
	struct task_struct *task;	/* reference held */
	u16 index;
	bool greeted;			/* source: the target's HELLO has come */

	struct mutex tx;		/* held for a whole frame; guards the next seven */
	bool closed;			/* nothing may be sent any more */
	bool torn;			/* a frame was cut short */
	u64 tx_seq;
	u64 tx_bytes;			/* of frames sent over this connection */
	unsigned long tx_last;		/* when, in jiffies */
	struct zkz_counts tx_pass;
	struct zkz_counts tx_total;

	struct zkz_scratch *scratch;	/* source: the chunk being sent; owned by the stream's thread */
	void *bounce;			/* target: pages of a fetch on their way; owned by the stream's thread */
	u64 left;			/* source: pages of a fetch to be sent; written by the stream's thread */
	pgoff_t cursor;			/* source: where it pushes; owned by the stream's thread */
	struct zkz_wire_rx rx;		/* owned by the stream's thread */
	struct zkz_flow flow;		/* written by the stream's thread, read by anybody */

	/* source; published by the stream's thread, windows_done is reset by the coordinator between passes */
	unsigned int windows_done;
	u32 pass_done;			/* passes that the target has acknowledged */
	bool fetch_done;		/* FETCH_ACK has come */
	bool end_done;
};

struct zkz_session {
	struct kref ref;
	u32 id;
	enum zkz_role role;
	u64 cookie;
	unsigned long timeout;		/* deadline of every wait for the peer, in jiffies */
	u32 timeout_ms;
	bool zero_detect;
	u64 stream_limit;		/* bytes sent over one connection, 0: any number */
	struct net *net;		/* owner: reference held */
	u32 portid;

	struct file *file;		/* reference held until freed */
	u64 pages;
	struct mutex mem_lock;		/* guards mem against readers of counters */
	struct zkz_mem *mem;		/* claimed; NULL once torn down */
	bool tracking;			/* source: the tracker runs for us; guarded by mem_lock */

	spinlock_t lock;		/* guards the group below */
	enum zkz_state state;
	bool dying;			/* being torn down: no new pass */
	u32 pass;
	u32 passes_begun;		/* source: passes asked for; target: passes begun */
	bool final;
	bool fetch;			/* the final pass is a fetch */
	u32 slow;			/* source: percent of their time that writers wait in this pass */
	bool broken;			/* the connections of a fetch are of no use: their threads end */
	bool orphan;			/* the owner died in a fetch: remove it when it is over */
	unsigned long lost;		/* when it was lost last, in jiffies */
	int error;
	char reason[ZKZ_REASON_MAX + 1];
	unsigned int streams_left;	/* target: streams that are in the pass or still to enter it */
	unsigned int streams_named;	/* target: streams that got FETCH */
	unsigned int streams_fetching;	/* target: streams that sent FETCH_ACK */
	unsigned int streams_ended;	/* target: streams that got END */
	unsigned int streams_acked;	/* target: streams that sent END_ACK */
	s64 pass_due;			/* target: when the next pass may be over, in ns; see too_early() */

	/* source: published by the coordinator; windows are reset under lock before a pass */
	struct zkz_window window[ZKZ_WINDOWS];
	unsigned int windows_out;
	bool windows_closed;		/* no more windows in this pass */
	unsigned int window_shift;	/* the longer it takes to send a window, the smaller it is; coordinator */
	u32 *order;			/* chunks as this pass sends them; complete as far as windows are published */
	unsigned int resumes;		/* times that a fetch got new connections; changed without threads */
	bool armed;			/* target: faults wait for what is missing */
	struct zkz_absent *absent;	/* target: what is missing; set before it runs; reference held */
	u32 ends_asked;			/* 1: END may be sent, totals are valid */
	bool virgin;			/* what was never sent reads as zero at the target */
	struct zkz_counts totals;
	/* source: owned by the coordinator and, chunk by chunk, by the stream of the chunk */
	unsigned long *send;		/* bit per page: harvested, not sent yet */
	u8 *seen;			/* byte per chunk: has been in a harvest before */
	struct task_struct *coordinator; /* harvests (source) or asks for pages (target); reference held */
	struct mutex run_lock;		/* guards coordinator and the tasks of the streams */

	wait_queue_head_t wait;		/* any of the above changed */
	struct delayed_work tick;	/* progress events */
	struct delayed_work cut;	/* breaks connections that did not stop by themselves */
	struct work_struct abandon;	/* owner died */

	struct mutex event_lock;	/* order of events */
	u32 seq;
	struct zkz_tally tally;

	u16 nr_streams;
	struct zkz_stream streams[];
};

static inline unsigned long zkz_session_chunks(const struct zkz_session *session)
{
	return session->pages / ZKZ_WIRE_CHUNK_PAGES;
}

/* What session-new asks for; checked by the caller, references stay the caller's. */
struct zkz_session_args {
	enum zkz_role role;
	struct file *file;
	struct socket *socks[ZKZ_MAX_STREAMS];
	u16 nr_socks;
	u64 cookie;
	u32 timeout_ms;
	bool zero_detect;
	u64 stream_limit;
	struct net *net;
	u32 portid;
};

int zkz_session_create(const struct zkz_session_args *args, u32 *id, const char **why);
struct zkz_session *zkz_session_get(u32 id);
struct zkz_session *zkz_session_next(u32 *id);
u32 zkz_session_of_mem(const struct zkz_mem *mem);
void zkz_session_put(struct zkz_session *session);
int zkz_session_start_pass(struct zkz_session *session, bool final, bool fetch, u32 slow,
			   const char **why);
int zkz_session_resume(struct zkz_session *session, struct socket *const *socks, u16 nr, const char **why);
int zkz_session_close(struct zkz_session *session, const char **why);
int zkz_session_abort(struct zkz_session *session, const char *reason);
void zkz_session_abandon(const struct net *net, u32 portid);

__printf(3, 4)
bool zkz_session_fail(struct zkz_session *session, int error, const char *fmt, ...);
__printf(3, 4)
bool zkz_session_kill(struct zkz_session *session, int error, const char *fmt, ...);
bool zkz_session_over(struct zkz_session *session);
bool zkz_session_set_state(struct zkz_session *session, enum zkz_state from, enum zkz_state to);
bool zkz_session_failed(struct zkz_session *session);

/* For fail.c. */
extern struct workqueue_struct *zkz_workqueue;
void zkz_session_remove_orphan(struct zkz_session *session);
void zkz_session_cut(struct work_struct *work);

/* In threads.c, for resume.c too, with run_lock held. */
int zkz_session_make_threads(struct zkz_session *session);
void zkz_session_run_threads(struct zkz_session *session);
void zkz_session_stop_threads(struct zkz_session *session);

int zkz_sessions_init(void);
void zkz_sessions_exit(void);

#endif /* _ZKZ_SESSION_H */
