// SPDX-License-Identifier: GPL-2.0
#include "wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"

/* A peer that does not read for this long is as good as dead. */
#define SEND_MS		CHANNEL_SILENCE_MS
/* How long to wait for the rest of a line that is no message. */
#define STRANGER_MS	1000

void channel_init(struct channel *c, int in, int out, const char *peer)
{
	memset(c, 0, sizeof(*c));
	c->in = in;
	c->out = out;
	c->watch = -1;
	c->stop = -1;
	c->peer = peer;
	c->heard = clock_mono_ns();
	pthread_mutex_init(&c->lock, NULL);
}

static int write_frame(struct channel *c, const json_t *obj, struct zkz_err *err)
{
	char *text = json_dumps(obj, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	uint8_t *frame = text ? malloc(FRAME_HEADER_SIZE + len) : NULL;
	int rc = -1;

	if (!frame) {
		err_no_memory(err);
		goto out;
	}
	if (!frame_header(frame, len)) {
		err_peer_message_long(err, len, c->peer);
		goto out;
	}
	memcpy(frame + FRAME_HEADER_SIZE, text, len);
	pthread_mutex_lock(&c->lock);
	rc = io_write_full(c->out, frame, FRAME_HEADER_SIZE + len, deadline_in_ms(SEND_MS));
	if (rc)
		err_peer_send(err, c->peer, errno);
	pthread_mutex_unlock(&c->lock);
out:
	free(frame);
	free(text);
	return rc;
}

int channel_send(struct channel *c, const char *type, json_t *obj, struct zkz_err *err)
{
	json_t *msg = obj ? obj : json_object();
	int rc;

	json_object_set_new(msg, "type", json_string(type));
	rc = write_frame(c, msg, err);
	json_decref(msg);
	return rc;
}

void channel_send_error(struct channel *c, const struct zkz_err *why)
{
	channel_send(c, "error", err_to_json(why), NULL);
}

static void *beat_main(void *arg)
{
	struct channel *c = arg;
	struct pollfd p = { .fd = c->stop, .events = POLLIN };

	/* A failure shows on the reading side; this thread just goes on. */
	while (poll(&p, 1, CHANNEL_BEAT_MS) <= 0)
		channel_send(c, "alive", NULL, NULL);
	return NULL;
}

int channel_beat(struct channel *c, struct zkz_err *err)
{
	sigset_t all, old;
	int rc;

	c->stop = eventfd(0, EFD_CLOEXEC);
	if (c->stop < 0)
		return err_system_call(err, "eventfd", errno);
	/* Signals are for the worker's own thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&c->beat, NULL, beat_main, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		io_close(&c->stop);
		return err_system_call(err, "pthread_create", rc);
	}
	return 0;
}

void channel_fini(struct channel *c)
{
	uint64_t one = 1;

	if (c->stop >= 0) {
		if (write(c->stop, &one, sizeof(one)) == sizeof(one))
			pthread_join(c->beat, NULL);
		io_close(&c->stop);
	}
	if (c->out != c->in)
		io_close(&c->out);
	io_close(&c->in);
	frame_reader_fini(&c->rd);
	pthread_mutex_destroy(&c->lock);
}

/*
 * The first line of what came instead of a frame. The reader took no more than
 * a header of it.
 */
static void read_stranger(struct channel *c, char *text, size_t size)
{
	deadline_t dl = deadline_in_ms(STRANGER_MS);
	size_t i, n = c->rd.len < size - 1 ? c->rd.len : size - 1;
	ssize_t more = 1;

	memcpy(text, c->rd.buf, n);
	while (more > 0 && n < size - 1 && !memchr(text, '\n', n)) {
		more = io_read(c->in, text + n, size - 1 - n, dl);
		n += more > 0 ? more : 0;
	}
	for (i = 0; i < n && text[i] != '\n'; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = ' ';
	text[i] = '\0';
}

/* Most often a shell's words that a login script of the host prints. */
static int bad_frame(struct channel *c, enum frame_status status, struct zkz_err *err)
{
	char text[200];

	if (status != FRAME_BAD_MAGIC)
		return err_peer_malformed(err, c->peer, frame_strerror(status));
	read_stranger(c, text, sizeof(text));
	return err_peer_not_zkz(err, c->peer, text);
}

/* Return: 1 if @msg is for the caller, 0 if it was dealt with, -1. */
static int sort_out(struct channel *c, json_t *msg, struct zkz_err *err)
{
	const char *type = json_str(msg, "type");
	int rc = 1;

	if (!type)
		rc = err_peer_no_type(err, c->peer);
	else if (!strcmp(type, "alive"))
		rc = 0;
	else if (!strcmp(type, "error"))
		rc = err_from_json(err, msg, c->peer);
	if (rc != 1)
		json_decref(msg);
	return rc;
}

/* Return: 1 with @msg, 0 if no whole frame is buffered, -1. */
static int take_buffered(struct channel *c, json_t **msg, struct zkz_err *err)
{
	for (;;) {
		enum frame_status status;
		const char *body;
		size_t len;
		int rc;

		status = frame_next(&c->rd, &body, &len);
		if (status == FRAME_MORE)
			return 0;
		if (status != FRAME_READY)
			return bad_frame(c, status, err);
		*msg = jsonl_parse(body, len, err);
		if (!*msg)
			return err_peer_at(err, c->peer);
		rc = sort_out(c, *msg, err);
		if (rc)
			return rc;
	}
}

/* Read what is there; the caller knows from poll(2) that something is. */
static int fill(struct channel *c, struct zkz_err *err)
{
	size_t room;
	void *buf = frame_space(&c->rd, &room);
	ssize_t n;

	if (!buf)
		return err_no_memory(err);
	n = read(c->in, buf, room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_peer_read(err, c->peer, errno);
	if (!n)
		return err_peer(err, c->peer);
	c->heard = clock_mono_ns();
	frame_filled(&c->rd, n);
	return 0;
}

static int check_peer(struct channel *c, struct zkz_err *err)
{
	uint64_t silent = clock_mono_ns() - c->heard;

	if (c->stop < 0 || silent < CHANNEL_SILENCE_MS * NSEC_PER_MSEC)
		return 0;
	return err_peer_silent(err, c->peer, silent / NSEC_PER_SEC);
}

/* Wait until something can be read; at most @ms. Return: 1, 0 or -1. */
static int wait_input(struct channel *c, int ms, struct zkz_err *err)
{
	struct pollfd p[2] = {
		{ .fd = c->in, .events = POLLIN },
		{ .fd = c->watch, .events = POLLRDHUP },
	};
	int rc = poll(p, 2, ms);

	if (rc < 0 && errno != EINTR)
		return err_system_call(err, "poll", errno);
	if (rc > 0 && c->watch >= 0 && p[1].revents)
		return err_cancelled(err);
	return rc > 0 && p[0].revents;
}

bool channel_cancelled(struct channel *c, struct zkz_err *err)
{
	struct pollfd p = { .fd = c->watch, .events = POLLRDHUP };

	if (c->watch < 0 || poll(&p, 1, 0) <= 0)
		return false;
	err_cancelled(err);
	return true;
}

int channel_poll(struct channel *c, json_t **msg, struct zkz_err *err)
{
	for (;;) {
		int rc = take_buffered(c, msg, err);

		if (rc)
			return rc;
		rc = wait_input(c, 0, err);
		if (rc < 0)
			return -1;
		if (!rc)
			return check_peer(c, err);
		if (fill(c, err))
			return -1;
	}
}

int channel_recv(struct channel *c, json_t **msg, deadline_t dl, struct zkz_err *err)
{
	for (;;) {
		int rc = take_buffered(c, msg, err);
		int ms = deadline_left_ms(dl);

		if (rc)
			return rc < 0 ? -1 : 0;
		if (!ms)
			return err_peer_slow(err, c->peer);
		/* Look at the peer's pulse in between. */
		rc = wait_input(c, ms < 0 || ms > 1000 ? 1000 : ms, err);
		if (rc < 0 || (rc && fill(c, err)) || check_peer(c, err))
			return -1;
	}
}

int channel_recv_type(struct channel *c, const char *type, json_t **msg,
		      deadline_t dl, struct zkz_err *err)
{
	const char *got;

	if (channel_recv(c, msg, dl, err))
		return -1;
	got = json_str(*msg, "type");
	if (!strcmp(got, type))
		return 0;
	err_peer_other_answer(err, c->peer, got, type);
	json_decref(*msg);
	*msg = NULL;
	return -1;
}

int channel_call(struct channel *c, const char *type, json_t *obj, json_t **ans,
		 deadline_t dl, struct zkz_err *err)
{
	json_t *msg = NULL;
	char ok[64];

	snprintf(ok, sizeof(ok), "%s-ok", type);
	if (channel_send(c, type, obj, err) || channel_recv_type(c, ok, &msg, dl, err))
		return -1;
	if (ans)
		*ans = msg;
	else
		json_decref(msg);
	return 0;
}
