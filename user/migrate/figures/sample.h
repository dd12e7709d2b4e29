/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How fast does a guest change its memory? Found out without touching its mappings,
 * by reading some pages of the memory file twice.
 */
#ifndef ZKZ_MIGRATE_SAMPLE_H
#define ZKZ_MIGRATE_SAMPLE_H

#include <stdint.h>

#include "lib/err.h"

/**
 * struct memory_sample - the answer
 * @pages:      pages of the file that are not holes
 * @dirty_rate: of them changed in a second, about
 */
struct memory_sample {
	uint64_t pages;
	uint64_t dirty_rate;
};

/** memory_sample() - look for a second at the zkzfs file @fd */
int memory_sample(int fd, struct memory_sample *out, struct zkz_err *err);

#endif
