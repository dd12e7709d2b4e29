/* SPDX-License-Identifier: GPL-2.0 */
/* One digest of a zone's whole memory, equal on both hosts or something is wrong. */
#ifndef ZKZ_MIGRATE_DIGEST_H
#define ZKZ_MIGRATE_DIGEST_H

#include <stdint.h>

#include "lib/err.h"

#define DIGEST_TEXT_SIZE	65

/**
 * struct memory_digest - result
 * @text:  SHA-256 over number and content of every page that is not all zero
 * @pages: how many such pages there are
 */
struct memory_digest {
	char text[DIGEST_TEXT_SIZE];
	uint64_t pages;
};

/**
 * memory_digest() - read the whole file
 * @fd:  zkzfs file; the guest must be stopped
 * @out: filled
 * @err: filled on failure
 *
 * Holes and pages of zeros are the same to a guest, and to the digest. Damaged pages, which
 * nobody can read, are left out.
 */
int memory_digest(int fd, struct memory_digest *out, struct zkz_err *err);

#endif
