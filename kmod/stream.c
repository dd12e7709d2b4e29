// SPDX-License-Identifier: GPL-2.0
/*
 * The connection under a stream.
 */
#include <linux/file.h>
#include <linux/minmax.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "send.h"
#include "session.h"
#include "stream.h"

#define TICK	(HZ / 5)

/* A dead peer must not go unnoticed where we may be silent for long. */
static void set_up_socket(struct zkz_session *session, struct socket *sock)
{
	struct sock *sk = sock->sk;
	int seconds = max(1U, session->timeout_ms / 4000);

	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, seconds);
	tcp_sock_set_keepintvl(sk, seconds);
	tcp_sock_set_keepcnt(sk, 3);
	tcp_sock_set_user_timeout(sk, session->timeout_ms);
	tcp_sock_set_nodelay(sk);
	/* a sender looks up now and then, see try_again() in send.c */
	WRITE_ONCE(sk->sk_sndtimeo, TICK);
}

/**
 * zkz_stream_init() - make a socket a stream of a session
 * @session: being made; its fields before the streams are set
 * @index: of the stream
 * @sock: connected; an own reference is taken
 */
void zkz_stream_init(struct zkz_session *session, unsigned int index, struct socket *sock)
{
	struct zkz_stream *stream = &session->streams[index];

	stream->session = session;
	stream->index = index;
	stream->sock = sock;
	get_file(sock->file);
	mutex_init(&stream->tx);
	zkz_wire_rx_init(&stream->rx, session->cookie, session->pages, index, session->nr_streams,
			 session->role == ZKZ_ROLE_SOURCE);
	set_up_socket(session, sock);
}

/**
 * zkz_stream_release() - drop the socket
 * @stream: its thread is gone
 */
void zkz_stream_release(struct zkz_stream *stream)
{
	sockfd_put(stream->sock);
}

/**
 * zkz_stream_break() - break the connection
 * @stream: whoever waits on its socket wakes up
 */
void zkz_stream_break(struct zkz_stream *stream)
{
	kernel_sock_shutdown(stream->sock, SHUT_RDWR);
}

static void shut_locked(struct zkz_stream *stream)
{
	if (!stream->closed)
		zkz_send_abort(stream, stream->session->reason);
	mutex_unlock(&stream->tx);
	zkz_stream_break(stream);
}

/**
 * zkz_stream_shut() - tell the peer why, if a frame may be sent, and break the connection
 * @stream: of a failed session; the caller is its thread
 */
void zkz_stream_shut(struct zkz_stream *stream)
{
	mutex_lock(&stream->tx);
	shut_locked(stream);
}

/**
 * zkz_stream_try_shut() - as zkz_stream_shut(), for other threads
 * @stream: of a failed session
 *
 * Return: false if the stream is in the middle of a frame; its thread shuts it when it finds that the session failed.
 */
bool zkz_stream_try_shut(struct zkz_stream *stream)
{
	if (!mutex_trylock(&stream->tx))
		return false;
	shut_locked(stream);
	return true;
}
