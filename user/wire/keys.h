/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the data streams of one migration derive from the secret that the
 * control channel carried: a token that opens it, and a key and IV for
 * each of its directions. Pure.
 */
#ifndef ZKZ_WIRE_KEYS_H
#define ZKZ_WIRE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define STREAM_SECRET_SIZE	32
#define STREAM_TOKEN_SIZE	32
#define STREAM_NONCE_SIZE	16
#define STREAM_PROOF_SIZE	32

/**
 * struct stream_id - which stream of which migration
 * @uuid:  of the migration, as text
 * @index: memory streams count from 0; QEMU uses STREAM_STATE, GO takes STREAM_DECISION, and disks count from
 *         STREAM_DISKS
 */
struct stream_id {
	const char *uuid;
	uint32_t index;
};

#define STREAM_STATE	0x1000
#define STREAM_DECISION	0x1001
#define STREAM_DISKS	0x2000

/**
 * struct stream_keys - everything of one stream
 * @token: what the source proves to have when it connects
 * @key:   AES-256 keys: [0] source to target, [1] target to source
 * @iv:    first 4 bytes are the salt, the rest the IV
 */
struct stream_keys {
	uint8_t token[STREAM_TOKEN_SIZE];
	uint8_t key[2][32];
	uint8_t iv[2][12];
};

/**
 * stream_keys_derive() - HKDF-SHA256 of the secret, one label a value
 * @secret: STREAM_SECRET_SIZE bytes
 * @id:     stream; no two streams of one secret may have the same id
 * @keys:   filled; wipe with stream_keys_wipe()
 * @err:    filled on failure
 */
int stream_keys_derive(const uint8_t *secret, const struct stream_id *id,
		       struct stream_keys *keys, struct zkz_err *err);

/**
 * stream_proof() - HMAC-SHA256 of a nonce: who has the token can tell, and does not tell the token
 * @token: of the stream
 * @nonce: STREAM_NONCE_SIZE bytes that whoever wants the proof has chosen
 * @proof: filled with STREAM_PROOF_SIZE bytes
 * @err:   filled on failure
 */
int stream_proof(const uint8_t *token, const uint8_t *nonce, uint8_t *proof, struct zkz_err *err);

/** stream_nonce_new() - STREAM_NONCE_SIZE bytes of the kernel's random */
int stream_nonce_new(uint8_t *nonce, struct zkz_err *err);

/** stream_keys_wipe() - overwrite, in a way the compiler keeps */
void stream_keys_wipe(struct stream_keys *keys);

/** stream_secret_new() - STREAM_SECRET_SIZE bytes of the kernel's random */
int stream_secret_new(uint8_t *secret, struct zkz_err *err);

/** stream_secret_wipe() - overwrite a secret */
void stream_secret_wipe(uint8_t *secret);

#endif
