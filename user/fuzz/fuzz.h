/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzz targets: one parser each, bytes in, nothing kept. A target does not only wait for a sanitizer: it also
 * states what must hold for every input (what was accepted reads back the same, and so on) with FUZZ_ASSERT().
 */
#ifndef ZKZ_FUZZ_FUZZ_H
#define ZKZ_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** LLVMFuzzerTestOneInput() - what libFuzzer, or replay.c, calls for one input */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(cond) do {							\
	if (!(cond)) {								\
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
		abort();							\
	}									\
} while (0)

#endif
