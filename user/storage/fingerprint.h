/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fingerprints of disks: two hosts can find out by them that one URI means two disks. The guest may write
 * meanwhile, so a difference proves nothing unless it stays while the source reads the same before and after.
 * Nothing is ever written.
 */
#ifndef ZKZ_STORAGE_FINGERPRINT_H
#define ZKZ_STORAGE_FINGERPRINT_H

#include "lib/err.h"
#include "lib/spawn.h"
#include "storage/places.h"

#define PRINT_SUM	32

/**
 * struct fingerprint - of one disk
 * @size: what the guest sees, in bytes
 * @nr:   how many pieces
 * @at:   where they begin
 * @sum:  their SHA-256
 */
struct fingerprint {
	uint64_t size;
	size_t nr;
	uint64_t at[PLACES_MAX];
	unsigned char sum[PLACES_MAX][PRINT_SUM];
};

/**
 * fingerprint_take() - read a disk, past all caches of this host
 * @text:   URI
 * @format: "raw" or "qcow2". The pieces are those of the file or export, whatever is in it: what an image
 *          says of itself changes while the guest writes
 * @user:   whom QEMU runs as
 * @p:      its pieces are read; with @nr 0 they are chosen first
 * @err:    filled on failure
 */
int fingerprint_take(const char *text, const char *format, const struct spawn_user *user,
		     struct fingerprint *p, struct zkz_err *err);

#endif
