/* SPDX-License-Identifier: GPL-2.0 */
/* Encryption of data streams by the kernel (kTLS, TLS 1.3 records). */
#ifndef ZKZ_WIRE_KTLS_H
#define ZKZ_WIRE_KTLS_H

#include <stdbool.h>

#include "lib/err.h"
#include "wire/keys.h"

enum cipher { CIPHER_NONE, CIPHER_AES_256_GCM, CIPHER_CHACHA20_POLY1305 };

#define CIPHER_DEFAULT	CIPHER_AES_256_GCM

/** cipher_name() - "aes-256-gcm"; NULL past the last one, for listing */
const char *cipher_name(enum cipher c);

/**
 * cipher_limit() - how many bytes one key may protect, in one direction of a connection
 * @c: cipher
 *
 * RFC 8446, 5.5: AES-GCM is good for 2^24.5 records of 16 KiB. The next power of two
 * below is 2^38 bytes. ChaCha20-Poly1305 has no limit that could be reached.
 *
 * Return: bytes, 0 if there is no limit.
 */
uint64_t cipher_limit(enum cipher c);

/** cipher_parse() - the cipher of that name */
int cipher_parse(const char *name, enum cipher *c, struct zkz_err *err);

/**
 * ktls_start() - encrypt a connected TCP socket from here on
 * @fd:     socket; what was sent and read before stays plain
 * @cipher: not CIPHER_NONE
 * @keys:   of this stream
 * @target: true on the target's end
 * @err:    filled on failure
 */
int ktls_start(int fd, enum cipher cipher, const struct stream_keys *keys,
	       bool target, struct zkz_err *err);

#endif
