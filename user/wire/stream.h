/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Data streams: TCP connections that the source makes to a port the target
 * told it over the control channel. Each begins in the clear, with a challenge of the
 * target and the answer of the source
 *
 *   0      4         8               24
 *   +------+---------+----------------+
 *   | ZKZS | version | nonce          |                       little endian
 *   +------+---------+----------------+
 *   +------+---------+-------+---------+----------------+
 *   | ZKZS | version | index | 0       | proof          |
 *   +------+---------+-------+---------+----------------+
 *   0      4         8       12        16               48
 *
 * and everything after that is encrypted, unless the user chose otherwise. The proof is
 * of the token that opens one stream of one migration: whoever else answers at the address
 * learns neither that nor the keys.
 */
#ifndef ZKZ_WIRE_STREAM_H
#define ZKZ_WIRE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "wire/channel.h"
#include "wire/keys.h"
#include "wire/ktls.h"

#define CHALLENGE_SIZE	24
#define PREFACE_SIZE	48

/**
 * struct stream_plan - what both ends know about the streams of a migration
 * @uuid:   of the migration
 * @secret: that the control channel carried
 * @cipher: of all of them
 */
struct stream_plan {
	char uuid[40];
	uint8_t secret[STREAM_SECRET_SIZE];
	enum cipher cipher;
};

/** challenge_encode() - write the CHALLENGE_SIZE bytes that the target begins with */
void challenge_encode(uint8_t *buf, const uint8_t *nonce);

/** challenge_decode() - is it a challenge at all? Stores the nonce. */
bool challenge_decode(const uint8_t *buf, const uint8_t **nonce);

/** preface_encode() - write the PREFACE_SIZE bytes that open stream @index */
void preface_encode(uint8_t *buf, uint32_t index, const uint8_t *proof);

/** preface_decode() - is it a preface at all? Stores index and proof. */
bool preface_decode(const uint8_t *buf, uint32_t *index, const uint8_t **proof);

/**
 * stream_connect() - source: open one stream
 * @plan:  of the migration
 * @index: which
 * @host:  numeric address of the target
 * @port:  decimal
 * @watch: descriptor whose hang-up ends the wait, -1 for none
 * @dl:    deadline
 * @err:   filled on failure
 *
 * Return: socket, with encryption on, or -1.
 */
int stream_connect(const struct stream_plan *plan, uint32_t index, const char *host,
		   const char *port, int watch, deadline_t dl, struct zkz_err *err);

/**
 * stream_accept() - target: take a set of streams
 * @plan:   of the migration
 * @lsock:  listening socket
 * @first:  index of the first
 * @nr:     how many, at most 16
 * @fd:     sockets by index, encryption on; all or none
 * @ch:     to the source: what it says meanwhile is that it gives up; NULL for none
 * @dl:     deadline
 * @err:    filled on failure
 *
 * Strangers that connect are turned away and hold nobody up.
 */
int stream_accept(const struct stream_plan *plan, int lsock, uint32_t first,
		  unsigned int nr, int *fd, struct channel *ch, deadline_t dl, struct zkz_err *err);

#endif
