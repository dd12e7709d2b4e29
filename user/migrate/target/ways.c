// SPDX-License-Identifier: GPL-2.0
#include "migrate/target/ways.h"

#include <assert.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/io.h"
#include "lib/jsonl.h"

#define STREAMS_MS	30000

void ways_init(struct ways *w)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	channel_init(&w->decision, -1, -1, "the source");
	w->lsock = w->state = -1;
	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		w->fd[i] = -1;
}

int ways_listen(struct ways *w, struct channel *ch, const char *answer, const json_t *msg,
		const char *migration, const char *addr, struct zkz_err *err)
{
	const char *cipher = json_str(msg, "cipher");
	char secret[2 * STREAM_SECRET_SIZE + 1];
	uint16_t port = 0;
	int rc;

	w->nr = json_int(msg, "count", 0);
	if (w->nr < 1 || w->nr > ZKZ_MAX_STREAMS || !cipher)
		return err_source_request(err, "streams");
	if (cipher_parse(cipher, &w->plan.cipher, err) ||
	    stream_secret_new(w->plan.secret, err))
		return -1;
	memcpy(w->plan.uuid, migration, sizeof(w->plan.uuid));
	w->lsock = io_listen_tcp(addr, &port, err);
	if (w->lsock < 0)
		return -1;
	hex_encode(w->plan.secret, STREAM_SECRET_SIZE, secret);
	rc = channel_send(ch, answer,
			  json_pack("{s:s, s:i, s:s}", "address", addr ? addr : "",
				    "port", port, "secret", secret), err);
	explicit_bzero(secret, sizeof(secret));
	return rc;
}

int ways_join(struct ways *w, struct channel *ch, struct zkz_err *err)
{
	return stream_accept(&w->plan, w->lsock, 0, w->nr, w->fd, ch, deadline_in_ms(STREAMS_MS), err);
}

int ways_state(struct ways *w, struct channel *ch, struct zkz_err *err)
{
	int fd[2];

	static_assert(STREAM_STATE + 1 == STREAM_DECISION, "they are taken together");
	if (stream_accept(&w->plan, w->lsock, STREAM_STATE, 2, fd, ch, deadline_in_ms(STREAMS_MS), err))
		return -1;
	w->state = fd[0];
	w->decision.in = w->decision.out = fd[1];
	return 0;
}

void ways_close(struct ways *w)
{
	unsigned int i;

	io_close(&w->state);
	channel_fini(&w->decision);
	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		io_close(&w->fd[i]);
	io_close(&w->lsock);
	stream_secret_wipe(w->plan.secret);
}
