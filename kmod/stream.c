// SPDX-License-Identifier: GPL-2.0
/*
 * The connection under a stream.
 */
#include <linux/file.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/tcp.h>
#include <linux/xarray.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "send.h"
#include "session.h"
#include "stream.h"

#define TICK		(HZ / 5)
#define UNSENT		(64 * 1024)	/* bytes that may wait here in front of a page that somebody waits for */
#define QUEUE_US	3000	/* and so long in the network's queues */
#define LEAST_QUEUE	(128 * 1024)

/*
 * The session that each socket belongs to, by the socket's address: making an entry is to claim it. It stays until the
 * session has dropped its reference.
 */
static DEFINE_XARRAY(owners);

static void release_claim(struct zkz_session *session, struct socket *sock)
{
	xa_cmpxchg(&owners, (unsigned long)sock, session, NULL, 0);
}

/**
 * zkz_stream_claim() - make sockets belong to a session
 * @session: will use them
 * @socks: none of them twice
 * @nr: how many
 * @why: set to a sentence on failure
 *
 * Of two sessions that want one, the first gets it. A claim ends with the stream of the socket.
 *
 * Return: 0, -EBUSY if one belongs to a session already, or -ENOMEM; then none is claimed.
 */
int zkz_stream_claim(struct zkz_session *session, struct socket *const *socks, u16 nr, const char **why)
{
	int ret = 0;
	u16 i;

	for (i = 0; i < nr && !ret; i++)
		ret = xa_insert(&owners, (unsigned long)socks[i], session, GFP_KERNEL);
	if (!ret)
		return 0;
	*why = ret == -EBUSY ? "a socket belongs to another session" : "not enough memory to claim the sockets";
	/* the last one is not ours */
	for (i--; i; i--)
		release_claim(session, socks[i - 1]);
	return ret;
}

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

static void init_rx(struct zkz_stream *stream)
{
	struct zkz_session *session = stream->session;

	zkz_wire_rx_init(&stream->rx, session->cookie, session->pages, stream->index, session->nr_streams,
			 session->role == ZKZ_ROLE_SOURCE);
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
	init_rx(stream);
	set_up_socket(session, sock);
}

/**
 * zkz_stream_replace() - go on with another connection
 * @stream: of a fetch; its thread is gone
 * @sock: connected, claimed; an own reference is taken
 */
void zkz_stream_replace(struct zkz_stream *stream, struct socket *sock)
{
	struct zkz_session *session = stream->session;
	struct socket *old = stream->sock;

	get_file(sock->file);
	set_up_socket(session, sock);
	mutex_lock(&stream->tx);
	spin_lock(&session->lock);
	stream->sock = sock;
	spin_unlock(&session->lock);
	init_rx(stream);
	zkz_wire_rx_resume(&stream->rx, session->pass);
	stream->closed = false;
	stream->torn = false;
	stream->tx_seq = 0;
	stream->tx_bytes = 0;
	memset(&stream->tx_pass, 0, sizeof(stream->tx_pass));
	memset(&stream->tx_total, 0, sizeof(stream->tx_total));
	mutex_unlock(&stream->tx);
	stream->greeted = false;
	stream->fetch_done = false;
	stream->end_done = false;
	stream->pass_done = session->pass;
	release_claim(session, old);
	sockfd_put(old);
}

static void let_wait(struct zkz_stream *stream, int unsent, u64 unacknowledged)
{
	/* the kernel doubles it, for what it needs itself */
	int half = clamp_t(u64, unacknowledged, LEAST_QUEUE, INT_MAX / 4) / 2;

	stream->sock->ops->setsockopt(stream->sock, SOL_TCP, TCP_NOTSENT_LOWAT, KERNEL_SOCKPTR(&unsent),
				      sizeof(unsent));
	sock_setsockopt(stream->sock, SOL_SOCKET, SO_SNDBUFFORCE, KERNEL_SOCKPTR(&half), sizeof(half));
}

/**
 * zkz_stream_push_gently() - let little wait in front of a page that somebody waits for
 * @stream: source, pushing pages while others may be asked for; the caller is its thread
 *
 * What was asked for is sent behind what is on its way already, and left to itself TCP fills whatever queue the
 * network has. So no more may be on its way than the path holds, and what it carries in QUEUE_US. Both are measured
 * by TCP, so this is to be repeated now and then; a connection that got faster may do half as much again each time.
 *
 * Return: what the connection carries, in bytes a second; 0 if TCP does not know.
 */
u64 zkz_stream_push_gently(struct zkz_stream *stream)
{
	struct tcp_info info;

	tcp_get_info(stream->sock->sk, &info);
	let_wait(stream, UNSENT, mul_u64_u32_div(info.tcpi_delivery_rate, info.tcpi_min_rtt / 2 * 3 + QUEUE_US,
						 USEC_PER_SEC));
	return info.tcpi_delivery_rate;
}

/**
 * zkz_stream_release() - drop the socket
 * @stream: its thread is gone
 */
void zkz_stream_release(struct zkz_stream *stream)
{
	release_claim(stream->session, stream->sock);
	sockfd_put(stream->sock);
	kvfree(stream->bounce);
}

/**
 * zkz_stream_break() - break the connection
 * @stream: whoever waits on its socket wakes up
 */
void zkz_stream_break(struct zkz_stream *stream)
{
	struct socket *sock;

	/* it may be replaced at any time */
	spin_lock(&stream->session->lock);
	sock = stream->sock;
	get_file(sock->file);
	spin_unlock(&stream->session->lock);
	kernel_sock_shutdown(sock, SHUT_RDWR);
	sockfd_put(sock);
}

static void shut_locked(struct zkz_stream *stream)
{
	/* what is merely lost goes on later: the peer is not told to give up */
	if (!stream->closed && zkz_see(&stream->session->state) == ZKZ_STATE_FAILED)
		zkz_send_abort(stream, stream->session->reason);
	stream->closed = true;
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
