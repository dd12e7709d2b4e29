// SPDX-License-Identifier: GPL-2.0
/*
 * Going on with a fetch whose connections broke. Nobody knows which frames have arrived, so everything about the old
 * connections is forgotten: the target says anew what it lacks, and that is what the source has to send.
 */
#include "absent.h"
#include "resume.h"
#include "session.h"
#include "stream.h"

static int refuse(struct zkz_session *session, u16 nr, const char **why)
{
	int ret = 0;

	spin_lock(&session->lock);
	if (session->dying || session->state != ZKZ_STATE_LOST) {
		*why = "session is not lost; there is nothing to resume";
		ret = -EINVAL;
	} else if (!session->broken) {
		*why = "session is being resumed; wait for the event";
		ret = -EBUSY;
	} else if (nr != session->nr_streams) {
		*why = "a fetch is resumed with as many streams as it had";
		ret = -EINVAL;
	}
	spin_unlock(&session->lock);
	return ret;
}

/* There are no threads, so nobody else cares for any of this. */
static void start_over(struct zkz_session *session, struct socket *const *socks)
{
	unsigned int i;

	session->resumes++;
	for (i = 0; i < session->nr_streams; i++)
		zkz_stream_replace(&session->streams[i], socks[i]);
	session->ends_asked = 0;
	memset(&session->totals, 0, sizeof(session->totals));
	session->streams_left = session->nr_streams;
	session->streams_named = 0;
	session->streams_fetching = 0;
	session->streams_ended = 0;
	session->streams_acked = 0;
	if (session->absent)
		zkz_absent_ask_again(session->absent);
}

/**
 * zkz_resume() - give a lost session new connections
 * @session: its run_lock is held
 * @socks: connected
 * @nr: how many
 * @why: set to a sentence on failure
 *
 * Return: 0 or a negative error. Whether the fetch goes on is told by an event.
 */
int zkz_resume(struct zkz_session *session, struct socket *const *socks, u16 nr, const char **why)
{
	int ret = refuse(session, nr, why);

	if (ret)
		return ret;
	ret = zkz_stream_claim(session, socks, nr, why);
	if (ret)
		return ret;
	zkz_session_stop_threads(session);
	start_over(session, socks);
	ret = zkz_session_make_threads(session);
	if (ret) {
		*why = "not enough memory for kernel threads";
		zkz_session_stop_threads(session);
		return ret;
	}
	spin_lock(&session->lock);
	if (session->state == ZKZ_STATE_LOST) {
		WRITE_ONCE(session->broken, false);
		session->error = -EINPROGRESS;
		strscpy(session->reason, "new connections are being tried", sizeof(session->reason));
	}
	spin_unlock(&session->lock);
	zkz_session_run_threads(session);
	return 0;
}
