/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control channel between the workers of two hosts: JSON objects in frames
 * over a byte stream. Sequential use by one owner; only the heartbeat runs
 * beside it, in a thread, so that long steps do not look like a dead host.
 *
 * Every object has a "type". The channel itself deals with
 *   alive           heartbeat, ignored
 *   error {code, text, remedy}   turned into a failure of the reading side
 */
#ifndef ZKZ_WIRE_CHANNEL_H
#define ZKZ_WIRE_CHANNEL_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "wire/frame.h"

/* The peer sends something at least this often ... */
#define CHANNEL_BEAT_MS		3000
/* ... and counts as dead after this long. */
#define CHANNEL_SILENCE_MS	20000

/**
 * struct channel - one end
 * @in:      descriptor to read, owned
 * @out:     descriptor to write, owned; may be the same
 * @watch:   descriptor whose hang-up ends every wait (the user's connection),
 *           -1 for none; not owned
 * @peer:    name of the other side for messages, not owned
 * @rd:      bytes received
 * @heard:   CLOCK_MONOTONIC of the last byte received
 * @lock:    held while a frame is written
 * @beat:    heartbeat thread
 * @stop:    eventfd that ends the thread, -1 while there is none
 */
struct channel {
	int in;
	int out;
	int watch;
	const char *peer;
	struct frame_reader rd;
	uint64_t heard;
	pthread_mutex_t lock;
	pthread_t beat;
	int stop;
};

/** channel_init() - take over descriptors of a connected byte stream */
void channel_init(struct channel *c, int in, int out, const char *peer);

/** channel_beat() - start the heartbeat */
int channel_beat(struct channel *c, struct zkz_err *err);

/** channel_fini() - stop the heartbeat, close the descriptors */
void channel_fini(struct channel *c);

/** channel_send() - send one object, consumed; @type is put into it */
int channel_send(struct channel *c, const char *type, json_t *obj, struct zkz_err *err);

/** channel_send_error() - tell the peer what failed; ignores failures */
void channel_send_error(struct channel *c, const struct zkz_err *why);

/**
 * channel_recv() - next object
 * @c:   channel
 * @msg: new reference
 * @dl:  deadline
 * @err: ERR_PEER or ERR_PEER_SILENT when the channel ended, ERR_CANCELLED
 *       when @watch hung up, ERR_PEER_SLOW, or the peer's failure
 */
int channel_recv(struct channel *c, json_t **msg, deadline_t dl, struct zkz_err *err);

/** channel_recv_type() - next object, which must be of this type */
int channel_recv_type(struct channel *c, const char *type, json_t **msg,
		      deadline_t dl, struct zkz_err *err);

/**
 * channel_poll() - take an object if one is there, without waiting
 *
 * Also notices a silent peer and a hang-up of @watch.
 * Return: 1 with @msg, 0, or -1.
 */
int channel_poll(struct channel *c, json_t **msg, struct zkz_err *err);

/** channel_cancelled() - has @watch hung up? With @err, if so */
bool channel_cancelled(struct channel *c, struct zkz_err *err);

/**
 * channel_call() - request and answer
 * @c:    channel
 * @type: of the request; the answer has the type "TYPE-ok"
 * @obj:  request, consumed; NULL for an empty one
 * @ans:  the answer (new reference) is stored here, may be NULL
 * @dl:   deadline
 * @err:  filled on failure
 */
int channel_call(struct channel *c, const char *type, json_t *obj, json_t **ans,
		 deadline_t dl, struct zkz_err *err);

#endif
