// SPDX-License-Identifier: GPL-2.0
#include "wire/stream.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/io.h"
#include "lib/log.h"

#define PREFACE_VERSION	2
#define MAX_STREAMS	16

/* Connections that have not shown their preface yet, strangers included. */
#define MAX_PENDING	32
#define PREFACE_MS	5000
/* Longer than the target may be busy with something else; a stranger that waits, too, is left then. */
#define CHALLENGE_MS	15000

static const uint8_t magic[4] = { 'Z', 'K', 'Z', 'S' };

static void put_le32(uint8_t *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static uint32_t get_le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

void challenge_encode(uint8_t *buf, const uint8_t *nonce)
{
	memcpy(buf, magic, sizeof(magic));
	put_le32(buf + 4, PREFACE_VERSION);
	memcpy(buf + 8, nonce, STREAM_NONCE_SIZE);
}

bool challenge_decode(const uint8_t *buf, const uint8_t **nonce)
{
	if (memcmp(buf, magic, sizeof(magic)) || get_le32(buf + 4) != PREFACE_VERSION)
		return false;
	*nonce = buf + 8;
	return true;
}

void preface_encode(uint8_t *buf, uint32_t index, const uint8_t *proof)
{
	memcpy(buf, magic, sizeof(magic));
	put_le32(buf + 4, PREFACE_VERSION);
	put_le32(buf + 8, index);
	put_le32(buf + 12, 0);
	memcpy(buf + 16, proof, STREAM_PROOF_SIZE);
}

bool preface_decode(const uint8_t *buf, uint32_t *index, const uint8_t **proof)
{
	if (memcmp(buf, magic, sizeof(magic)) || get_le32(buf + 4) != PREFACE_VERSION ||
	    get_le32(buf + 12))
		return false;
	*index = get_le32(buf + 8);
	*proof = buf + 16;
	return true;
}

static int derive(const struct stream_plan *plan, uint32_t index,
		  struct stream_keys *keys, struct zkz_err *err)
{
	struct stream_id id = { .uuid = plan->uuid, .index = index };

	return stream_keys_derive(plan->secret, &id, keys, err);
}

static deadline_t earlier(deadline_t a, deadline_t b)
{
	return a < b ? a : b;
}

/* What the target asks, and the answer. */
static int introduce(int fd, uint32_t index, const uint8_t *token, int watch, deadline_t dl, struct zkz_err *err)
{
	uint8_t challenge[CHALLENGE_SIZE], preface[PREFACE_SIZE], proof[STREAM_PROOF_SIZE];
	deadline_t soon = earlier(dl, deadline_in_ms(CHALLENGE_MS));
	const uint8_t *nonce;

	if (io_wait_watched(fd, POLLIN, watch, soon) || io_read_full(fd, challenge, sizeof(challenge), soon))
		return errno == ECANCELED ? err_cancelled(err) : err_network_stream(err, index, errno);
	if (!challenge_decode(challenge, &nonce))
		return err_network_stream_stranger(err, index);
	if (stream_proof(token, nonce, proof, err))
		return -1;
	preface_encode(preface, index, proof);
	if (io_write_full(fd, preface, sizeof(preface), dl))
		return err_network_stream(err, index, errno);
	return 0;
}

int stream_connect(const struct stream_plan *plan, uint32_t index, const char *host,
		   const char *port, int watch, deadline_t dl, struct zkz_err *err)
{
	struct stream_keys keys;
	int fd, rc = -1;

	if (derive(plan, index, &keys, err))
		return -1;
	fd = io_connect_tcp(host, port, watch, dl, err);
	if (fd < 0) {
		if (err && err->id && !err_is(err, ERR_CANCELLED))
			err_network_stream_blocked(err);
		goto out;
	}
	if (introduce(fd, index, keys.token, watch, dl, err))
		goto out;
	if (plan->cipher != CIPHER_NONE && ktls_start(fd, plan->cipher, &keys, false, err))
		goto out;
	rc = 0;
out:
	stream_keys_wipe(&keys);
	if (rc && fd >= 0)
		io_close(&fd);
	return rc ? -1 : fd;
}

/**
 * struct pending - a connection that has not proved itself
 * @fd:  socket, -1 if the slot is free
 * @len: bytes of the preface read
 * @dl:  until then
 * @nonce: that it was asked with
 */
struct pending {
	int fd;
	size_t len;
	deadline_t dl;
	uint8_t nonce[STREAM_NONCE_SIZE];
	uint8_t buf[PREFACE_SIZE];
};

struct acceptor {
	const struct stream_plan *plan;
	uint32_t first;
	unsigned int nr;
	unsigned int have;
	int *fd;
	struct pending pend[MAX_PENDING];
};

static void turn_away(struct pending *p, const char *why)
{
	log_warn("A connection to the migration port was turned away: %s", why);
	io_close(&p->fd);
}

/* The preface is complete: give the socket its place, or turn it away. */
static int admit(struct acceptor *a, struct pending *p, struct zkz_err *err)
{
	uint8_t wanted[STREAM_PROOF_SIZE];
	struct stream_keys keys;
	const uint8_t *proof;
	uint32_t index;
	int rc = 0;

	if (!preface_decode(p->buf, &index, &proof)) {
		turn_away(p, "it does not speak zkz");
		return 0;
	}
	if (index < a->first || index - a->first >= a->nr || a->fd[index - a->first] >= 0) {
		turn_away(p, "its stream number is not wanted");
		return 0;
	}
	if (derive(a->plan, index, &keys, err))
		return -1;
	if (stream_proof(keys.token, p->nonce, wanted, err)) {
		rc = -1;
	} else if (CRYPTO_memcmp(wanted, proof, STREAM_PROOF_SIZE)) {
		turn_away(p, "it does not know the secret of this migration");
	} else if (a->plan->cipher != CIPHER_NONE &&
		   ktls_start(p->fd, a->plan->cipher, &keys, true, err)) {
		rc = -1;
	} else {
		a->fd[index - a->first] = p->fd;
		a->have++;
		p->fd = -1;
	}
	stream_keys_wipe(&keys);
	return rc;
}

/* Never reads past the preface: what follows belongs to the stream. */
static int read_preface(struct acceptor *a, struct pending *p, struct zkz_err *err)
{
	ssize_t n = recv(p->fd, p->buf + p->len, sizeof(p->buf) - p->len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		turn_away(p, "it ended early");
		return 0;
	}
	p->len += n;
	return p->len == sizeof(p->buf) ? admit(a, p, err) : 0;
}

/*
 * A place for one more. The source shows its preface at once, so who has been silent
 * for longest makes room: strangers cannot keep it out by taking all places.
 */
static struct pending *place(struct acceptor *a)
{
	struct pending *p = &a->pend[0];
	unsigned int i;

	for (i = 0; i < MAX_PENDING && p->fd >= 0; i++)
		if (a->pend[i].fd < 0 || a->pend[i].dl < p->dl)
			p = &a->pend[i];
	if (p->fd >= 0)
		turn_away(p, "it said nothing while others came");
	return p;
}

static int take_connection(struct acceptor *a, int lsock, struct zkz_err *err)
{
	int fd = io_accept(lsock, deadline_in_ms(0));
	uint8_t challenge[CHALLENGE_SIZE];
	struct pending *p;

	if (fd < 0)
		return 0;
	p = place(a);
	p->fd = fd;
	p->len = 0;
	p->dl = deadline_in_ms(PREFACE_MS);
	if (stream_nonce_new(p->nonce, err))
		return -1;
	challenge_encode(challenge, p->nonce);
	/* The first bytes of a connection have room. */
	if (send(fd, challenge, sizeof(challenge), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(challenge))
		turn_away(p, "it ended early");
	return 0;
}

/* While it opens its streams it has nothing to say but that it gives up. */
static int look_at_source(struct channel *ch, struct zkz_err *err)
{
	json_t *msg;
	int rc = channel_poll(ch, &msg, err);

	if (rc <= 0)
		return rc;
	json_decref(msg);
	return err_source_talks(err);
}

static int one_round(struct acceptor *a, int lsock, struct channel *ch, deadline_t dl,
		     struct zkz_err *err)
{
	struct pollfd p[MAX_PENDING + 2] = { { .fd = lsock, .events = POLLIN } };
	int ms = deadline_left_ms(dl);
	unsigned int i;

	for (i = 0; i < MAX_PENDING; i++) {
		p[i + 1].fd = a->pend[i].fd;
		p[i + 1].events = POLLIN;
	}
	p[MAX_PENDING + 1].fd = ch ? ch->in : -1;
	p[MAX_PENDING + 1].events = POLLIN;
	if (poll(p, MAX_PENDING + 2, ms < 0 || ms > 500 ? 500 : ms) < 0 && errno != EINTR)
		return err_system_call(err, "poll", errno);
	if (ch && look_at_source(ch, err))
		return -1;
	for (i = 0; i < MAX_PENDING; i++) {
		if (a->pend[i].fd < 0)
			continue;
		if (p[i + 1].revents && read_preface(a, &a->pend[i], err))
			return -1;
		if (a->pend[i].fd >= 0 && !deadline_left_ms(a->pend[i].dl))
			turn_away(&a->pend[i], "it said nothing");
	}
	return p[0].revents ? take_connection(a, lsock, err) : 0;
}

int stream_accept(const struct stream_plan *plan, int lsock, uint32_t first,
		  unsigned int nr, int *fd, struct channel *ch, deadline_t dl, struct zkz_err *err)
{
	struct acceptor a = { .plan = plan, .first = first, .nr = nr, .fd = fd };
	unsigned int i;
	int rc = 0;

	for (i = 0; i < nr && i < MAX_STREAMS; i++)
		fd[i] = -1;
	for (i = 0; i < MAX_PENDING; i++)
		a.pend[i].fd = -1;

	while (!rc && a.have < nr) {
		if (!deadline_left_ms(dl))
			rc = err_network_streams_missing(err, a.have, nr);
		else
			rc = one_round(&a, lsock, ch, dl, err);
	}
	for (i = 0; i < MAX_PENDING; i++)
		io_close(&a.pend[i].fd);
	for (i = 0; rc && i < nr; i++)
		io_close(&fd[i]);
	return rc;
}
