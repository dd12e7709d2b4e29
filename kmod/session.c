// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: making, finding and tearing down. What a session does in between is in source.c and target.c.
 *
 * Tearing down (tear_down) happens once, waits for the threads and gives everything back. Before it, or without, a
 * session may fail or lose its connections (fail.c).
 */
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include "absent.h"
#include "event.h"
#include "resume.h"
#include "session.h"
#include "source.h"
#include "stream.h"
#include "track.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#define TICK	(HZ / 5)	/* between two progress events */
#define PATIENCE	10	/* deadlines that a lost session without an owner waits to be resumed */

static DEFINE_XARRAY_ALLOC1(sessions);
static u32 next_id;	/* under the lock of sessions; a number is not used again soon */
struct workqueue_struct *zkz_workqueue;

static void session_free(struct kref *ref)
{
	struct zkz_session *session = container_of(ref, struct zkz_session, ref);
	unsigned int i;

	if (session->role == ZKZ_ROLE_SOURCE)
		zkz_source_release(session);
	for (i = 0; i < session->nr_streams; i++)
		zkz_stream_release(&session->streams[i]);
	zkz_absent_put(session->absent);
	fput(session->file);
	put_net(session->net);
	kvfree(session);
	module_put(THIS_MODULE);
}

/**
 * zkz_session_put() - drop a reference
 * @session: not used any more
 */
void zkz_session_put(struct zkz_session *session)
{
	kref_put(&session->ref, session_free);
}

/**
 * zkz_session_get() - find a session
 * @id: its number
 *
 * Return: a reference, or NULL.
 */
struct zkz_session *zkz_session_get(u32 id)
{
	struct zkz_session *session;

	xa_lock(&sessions);
	session = xa_load(&sessions, id);
	if (session)
		kref_get(&session->ref);
	xa_unlock(&sessions);
	return session;
}

/**
 * zkz_session_next() - walk over all sessions
 * @id: in: the least number wanted; out: that of the session returned
 *
 * Return: a reference, or NULL if there is none.
 */
struct zkz_session *zkz_session_next(u32 *id)
{
	struct zkz_session *session;
	unsigned long index = *id;

	xa_lock(&sessions);
	session = xa_find(&sessions, &index, U32_MAX, XA_PRESENT);
	if (session) {
		kref_get(&session->ref);
		*id = index;
	}
	xa_unlock(&sessions);
	return session;
}

/**
 * zkz_session_of_mem() - which session has claimed a memory
 * @mem: compared, not looked into
 *
 * Return: number of the session, 0 if there is none.
 */
u32 zkz_session_of_mem(const struct zkz_mem *mem)
{
	struct zkz_session *session;
	unsigned long index;
	u32 id = 0;

	xa_lock(&sessions);
	xa_for_each(&sessions, index, session) {
		if (READ_ONCE(session->mem) == mem)
			id = session->id;
	}
	xa_unlock(&sessions);
	return id;
}

/**
 * zkz_session_failed() - has it failed, or is it being torn down?
 * @session: looked at without waiting
 *
 * Return: true if its threads must come to an end.
 */
bool zkz_session_failed(struct zkz_session *session)
{
	/* pairs with zkz_session_fail(): who sees the state sees the reason */
	return zkz_see(&session->state) == ZKZ_STATE_FAILED || READ_ONCE(session->broken) || READ_ONCE(session->dying);
}

/**
 * zkz_session_over() - has it come to an end?
 * @session: looked at without waiting
 *
 * Return: true if it ended or failed for good.
 */
bool zkz_session_over(struct zkz_session *session)
{
	enum zkz_state state = zkz_see(&session->state);

	return state == ZKZ_STATE_ENDED || state == ZKZ_STATE_FAILED;
}

/* Only one caller may remove a session. It stays in the list until everything it had is given back. */
static bool may_remove(struct zkz_session *session)
{
	bool first;

	spin_lock(&session->lock);
	first = !session->dying;
	WRITE_ONCE(session->dying, true);
	spin_unlock(&session->lock);
	return first;
}

/**
 * zkz_session_remove_orphan() - remove a session that is over, if nobody else would
 * @session: its owner may have died while it was fetching
 */
void zkz_session_remove_orphan(struct zkz_session *session)
{
	if (READ_ONCE(session->orphan) && zkz_session_over(session) && may_remove(session))
		queue_work(zkz_workqueue, &session->abandon);
}

/**
 * zkz_session_set_state() - go on from one state to another
 * @session: may have failed in between
 * @from: where it should be
 * @to: where it goes
 *
 * Return: false if it was not in @from.
 */
bool zkz_session_set_state(struct zkz_session *session, enum zkz_state from, enum zkz_state to)
{
	bool ok;

	spin_lock(&session->lock);
	ok = session->state == from;
	if (ok)
		WRITE_ONCE(session->state, to);
	spin_unlock(&session->lock);
	if (ok) {
		trace_session_state(session->id, session->role, from, to);
		if (to == ZKZ_STATE_ENDED)
			zkz_stats_died(session);
		wake_up_all(&session->wait);
		zkz_session_remove_orphan(session);
	}
	return ok;
}

/* Without an owner there is nobody who would give it up, and whoever waits for its pages would do so for ever. */
static bool forgotten(struct zkz_session *session)
{
	return READ_ONCE(session->state) == ZKZ_STATE_LOST && READ_ONCE(session->orphan) &&
	       time_after(jiffies, READ_ONCE(session->lost) + PATIENCE * session->timeout);
}

static void tick_work(struct work_struct *work)
{
	struct zkz_session *session = container_of(to_delayed_work(work), struct zkz_session, tick);
	enum zkz_state state = READ_ONCE(session->state);

	if (state == ZKZ_STATE_PASSING || state == ZKZ_STATE_FETCHING)
		zkz_event(session, ZKZ_EVENT_PROGRESS);
	if (forgotten(session))
		zkz_session_kill(session, -ETIMEDOUT, "its owner is gone, and nobody resumed it");
	if (!READ_ONCE(session->dying) && !zkz_session_over(session))
		queue_delayed_work(zkz_workqueue, &session->tick, TICK);
}

/* Wait for every thread and piece of work, then give back the memory. */
static void tear_down(struct zkz_session *session)
{
	mutex_lock(&session->run_lock);
	zkz_session_stop_threads(session);
	mutex_unlock(&session->run_lock);
	cancel_delayed_work_sync(&session->tick);

	mutex_lock(&session->mem_lock);
	if (session->mem) {
		if (session->tracking)
			zkz_track_stop(session->mem);
		session->tracking = false;
		zkz_absent_disarm(session->mem);
		zkz_mem_release(session->mem);
		WRITE_ONCE(session->mem, NULL);
	}
	mutex_unlock(&session->mem_lock);
}

static void remove_session(struct zkz_session *session, int error, const char *reason)
{
	zkz_session_kill(session, error, "%s", reason);
	wake_up_all(&session->wait);
	tear_down(session);
	xa_erase(&sessions, session->id);
	zkz_session_put(session);
}

static void abandon_work(struct work_struct *work)
{
	struct zkz_session *session = container_of(work, struct zkz_session, abandon);

	remove_session(session, -EOWNERDEAD, "the process that made the session is gone");
}

static void lose_owner(struct zkz_session *session)
{
	bool fetching;

	spin_lock(&session->lock);
	fetching = session->state == ZKZ_STATE_FETCHING || session->state == ZKZ_STATE_LOST;
	/* whoever ends the fetch does so under the lock, and looks at this afterwards */
	if (fetching)
		WRITE_ONCE(session->orphan, true);
	spin_unlock(&session->lock);
	if (!fetching && may_remove(session))
		queue_work(zkz_workqueue, &session->abandon);
}

/**
 * zkz_session_abandon() - a netlink socket closed: abort its sessions
 * @net: its namespace
 * @portid: its address
 *
 * A fetch goes on: the guest runs on the target and needs its pages. Does not wait.
 */
void zkz_session_abandon(const struct net *net, u32 portid)
{
	struct zkz_session *session;
	u32 id = 0;

	for (; (session = zkz_session_next(&id)); id++) {
		if (session->portid == portid && session->net == net)
			lose_owner(session);
		zkz_session_put(session);
	}
}

/**
 * zkz_session_abort() - stop and remove a session
 * @session: the caller's reference stays
 * @reason: what the peer is told
 *
 * Return: 0, or -ENOENT if somebody else removed it.
 */
int zkz_session_abort(struct zkz_session *session, const char *reason)
{
	if (!may_remove(session))
		return -ENOENT;
	remove_session(session, -ECANCELED, reason);
	return 0;
}

/**
 * zkz_session_close() - remove a session that is over
 * @session: the caller's reference stays
 * @why: set to a sentence on failure
 *
 * Return: 0, -EBUSY if it is not over, -ENOENT if somebody else removed it.
 */
int zkz_session_close(struct zkz_session *session, const char **why)
{
	if (!zkz_session_over(session)) {
		*why = "session has neither ended nor failed; abort it instead";
		return -EBUSY;
	}
	if (!may_remove(session)) {
		*why = "no such session";
		return -ENOENT;
	}
	remove_session(session, -ECANCELED, "closed");
	return 0;
}

/* Why no pass can begin now; the lock is held. Returns 0 if one can. */
static int refuse_pass(struct zkz_session *session, const char **why)
{
	if (session->dying || session->state == ZKZ_STATE_FAILED) {
		*why = "session has failed";
		return -ECONNABORTED;
	}
	switch (session->state) {
	case ZKZ_STATE_PASSING:
		*why = "a pass is running; wait for its end";
		return -EBUSY;
	case ZKZ_STATE_ENDED:
		*why = "the final pass is over";
		return -EINVAL;
	case ZKZ_STATE_FETCHING:
	case ZKZ_STATE_LOST:
		*why = "the target is fetching what is left; that is the last pass";
		return -EBUSY;
	default:
		return 0;
	}
}

/**
 * zkz_session_start_pass() - let a source walk over the memory once more
 * @session: must be an idle source
 * @final: the guest is stopped, and nothing comes after this pass
 * @fetch: so it is, and the target may run before the pages have come
 * @slow: percent of their time that writers wait at most, until the next pass begins; 0: they do not
 * @why: set to a sentence on failure
 *
 * Return: 0 or a negative error. The result of the pass comes as an event.
 */
int zkz_session_start_pass(struct zkz_session *session, bool final, bool fetch, u32 slow, const char **why)
{
	int ret;

	if (session->role != ZKZ_ROLE_SOURCE) {
		*why = "only a source starts passes; a target follows";
		return -EOPNOTSUPP;
	}
	spin_lock(&session->lock);
	ret = refuse_pass(session, why);
	if (!ret) {
		WRITE_ONCE(session->state, ZKZ_STATE_PASSING);
		session->final = final || fetch;
		session->fetch = fetch;
		session->slow = slow;
		session->windows_out = 0;
		session->windows_closed = false;
		WRITE_ONCE(session->pass, session->passes_begun);
		zkz_publish(&session->passes_begun, session->passes_begun + 1);
	}
	spin_unlock(&session->lock);
	if (ret)
		return ret;
	if (final || fetch)
		trace_freeze(session->id, session->pass);
	trace_session_state(session->id, session->role, ZKZ_STATE_IDLE, ZKZ_STATE_PASSING);
	wake_up_all(&session->wait);
	return 0;
}

static struct zkz_session *session_alloc(const struct zkz_session_args *args)
{
	struct zkz_session *session;
	unsigned int i;

	session = kvzalloc(struct_size(session, streams, args->nr_socks), GFP_KERNEL);
	if (!session)
		return NULL;
	kref_init(&session->ref);
	session->role = args->role;
	session->cookie = args->cookie;
	session->timeout_ms = args->timeout_ms;
	session->timeout = msecs_to_jiffies(args->timeout_ms);
	session->zero_detect = args->zero_detect;
	session->stream_limit = args->stream_limit;
	session->net = get_net(args->net);
	session->portid = args->portid;
	session->file = get_file(args->file);
	session->pages = zkz_mem_pages(zkz_mem_from_file(args->file));
	mutex_init(&session->mem_lock);
	mutex_init(&session->run_lock);
	spin_lock_init(&session->lock);
	mutex_init(&session->event_lock);
	init_waitqueue_head(&session->wait);
	INIT_DELAYED_WORK(&session->tick, tick_work);
	INIT_DELAYED_WORK(&session->cut, zkz_session_cut);
	INIT_WORK(&session->abandon, abandon_work);
	session->tally.born = ktime_get_ns();
	session->nr_streams = args->nr_socks;
	for (i = 0; i < args->nr_socks; i++)
		zkz_stream_init(session, i, args->socks[i]);
	__module_get(THIS_MODULE);
	return session;
}

/* Empty a claimed memory, and watch it from then on: its guest may run before all of its pages have come. */
static int prepare_target(struct zkz_session *session, struct zkz_mem *mem, const char **why)
{
	int ret;

	*why = "not enough memory for a bitmap of the pages";
	session->absent = zkz_absent_new(session->pages);
	if (!session->absent)
		return -ENOMEM;
	/* what the source leaves out must read as zero */
	ret = zkz_absent_guard(mem, session->absent);
	*why = ret == -EOPNOTSUPP ?
	       "memory is pinned for device access (VFIO, RDMA, io_uring buffers), which would not see what comes" :
	       "memory cannot be emptied";
	return ret;
}

/* Claim the memory and prepare what the role needs. tear_down() undoes it. */
static int claim(struct zkz_session *session, struct zkz_mem *mem, const char **why)
{
	int ret;

	ret = zkz_mem_claim(mem);
	if (ret) {
		*why = ret == -EBUSY ? "memory belongs to another session" : "memory is empty; set its size first";
		return ret;
	}
	WRITE_ONCE(session->mem, mem);
	/* the size is frozen from here on; it may have changed since somebody looked */
	if (zkz_mem_pages(mem) != session->pages) {
		*why = "memory changed its size meanwhile";
		return -EAGAIN;
	}
	if (session->role == ZKZ_ROLE_TARGET)
		return prepare_target(session, mem, why);
	*why = "memory is of no use: some of its pages never came, because the session that fetched them failed";
	if (!zkz_absent_disarm(mem))
		return -EIO;
	*why = "not enough memory for a bitmap of the pages";
	ret = zkz_source_prepare(session);
	if (ret)
		return ret;
	ret = zkz_track_start(mem);
	if (ret == -EOPNOTSUPP)
		*why = "memory is pinned for device access (VFIO, RDMA, io_uring buffers), which cannot be tracked";
	else if (ret == -EBUSY)
		*why = "memory is tracked already";
	session->tracking = !ret;
	return ret;
}

/**
 * zkz_session_resume() - go on with a fetch whose connections broke
 * @session: the caller's reference stays
 * @socks: connected, none of them twice; references stay the caller's
 * @nr: how many
 * @why: set to a sentence on failure
 *
 * Return: 0 or a negative error; then it is lost as before.
 */
int zkz_session_resume(struct zkz_session *session, struct socket *const *socks, u16 nr, const char **why)
{
	int ret;

	mutex_lock(&session->run_lock);
	ret = zkz_resume(session, socks, nr, why);
	mutex_unlock(&session->run_lock);
	return ret;
}

/**
 * zkz_session_create() - make a session and let it run
 * @args: checked by the caller as far as they can be checked alone
 * @id: set to the number of the session
 * @why: set to a sentence on failure
 *
 * Return: 0 or a negative error; nothing is left behind then.
 */
int zkz_session_create(const struct zkz_session_args *args, u32 *id, const char **why)
{
	struct zkz_session *session;
	int ret;

	session = session_alloc(args);
	if (!session) {
		*why = "not enough memory for a session";
		return -ENOMEM;
	}
	ret = zkz_stream_claim(session, args->socks, args->nr_socks, why);
	if (ret)
		goto err_put;
	ret = claim(session, zkz_mem_from_file(args->file), why);
	if (ret)
		goto err_tear_down;
	/* reserve the number, so that threads can be named; nobody finds the session before it is whole */
	ret = xa_alloc_cyclic(&sessions, &session->id, NULL, XA_LIMIT(1, S32_MAX), &next_id, GFP_KERNEL);
	if (ret < 0) {
		*why = "no number is free for the session";
		goto err_tear_down;
	}
	*why = "not enough memory for kernel threads";
	ret = zkz_session_make_threads(session);
	if (ret)
		goto err_erase;
	*id = session->id;
	zkz_session_run_threads(session);
	queue_delayed_work(zkz_workqueue, &session->tick, TICK);
	xa_store(&sessions, session->id, session, GFP_KERNEL);
	return 0;

err_erase:
	xa_erase(&sessions, session->id);
err_tear_down:
	tear_down(session);
err_put:
	zkz_session_put(session);
	return ret;
}

/**
 * zkz_sessions_init() - be ready for sessions
 *
 * Return: 0 or -ENOMEM.
 */
int zkz_sessions_init(void)
{
	zkz_workqueue = alloc_workqueue("zkz", WQ_UNBOUND, 0);
	return zkz_workqueue ? 0 : -ENOMEM;
}

/**
 * zkz_sessions_exit() - undo zkz_sessions_init()
 *
 * Every session holds a reference of the module, so there is none; the last one may still be on its way out.
 */
void zkz_sessions_exit(void)
{
	destroy_workqueue(zkz_workqueue);
	xa_destroy(&sessions);
}
