// SPDX-License-Identifier: GPL-2.0
/*
 * The threads of a session: one for each stream, and one that harvests (source) or asks for pages (target). They are
 * made when the session is, and anew each time that a fetch gets other connections.
 */
#include <linux/kthread.h>
#include <linux/sched/task.h>

#include "fetch.h"
#include "session.h"
#include "source.h"
#include "target.h"

static struct task_struct *make_thread(int (*fn)(void *), void *data, const char *role, u32 id, int stream)
{
	struct task_struct *task;

	task = stream < 0 ? kthread_create(fn, data, "zkz-%s-%u", role, id) :
			    kthread_create(fn, data, "zkz-%s-%u.%d", role, id, stream);
	return IS_ERR(task) ? NULL : get_task_struct(task);
}

/**
 * zkz_session_make_threads() - make the threads, which do not run yet
 * @session: has none
 *
 * Return: 0 or -ENOMEM; then some may be there, to be stopped.
 */
int zkz_session_make_threads(struct zkz_session *session)
{
	bool source = session->role == ZKZ_ROLE_SOURCE;
	const char *role = source ? "src" : "dst";
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++) {
		struct zkz_stream *stream = &session->streams[i];

		stream->task = make_thread(source ? zkz_source_stream : zkz_target_stream, stream, role,
					   session->id, i);
		if (!stream->task)
			return -ENOMEM;
	}
	session->coordinator = make_thread(source ? zkz_source_coordinate : zkz_fetch_ask, session, role, session->id,
					   -1);
	return session->coordinator ? 0 : -ENOMEM;
}

/**
 * zkz_session_run_threads() - let them run
 * @session: zkz_session_make_threads() has made them
 */
void zkz_session_run_threads(struct zkz_session *session)
{
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++)
		wake_up_process(session->streams[i].task);
	wake_up_process(session->coordinator);
}

static void stop_thread(struct task_struct **task)
{
	if (*task) {
		kthread_stop(*task);
		put_task_struct(*task);
		*task = NULL;
	}
}

/**
 * zkz_session_stop_threads() - wait until the threads have ended
 * @session: failed, ended or lost; the caller holds its run_lock
 */
void zkz_session_stop_threads(struct zkz_session *session)
{
	unsigned int i;

	stop_thread(&session->coordinator);
	for (i = 0; i < session->nr_streams; i++)
		stop_thread(&session->streams[i].task);
	cancel_delayed_work_sync(&session->cut);
}
