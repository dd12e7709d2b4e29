/* SPDX-License-Identifier: GPL-2.0 */
/* What a host is, as far as a running zone can notice. */
#ifndef ZKZ_COMPAT_PASSPORT_H
#define ZKZ_COMPAT_PASSPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

#define PASSPORT_WIRE_VERSION	1

/**
 * struct passport - one host
 * @zkz:     version of zkz
 * @kernel:  release of the kernel
 * @arch:    machine name of uname(2)
 * @qemu:    version of QEMU, "7.2.19"
 * @wire:    version of the stream format
 * @fetch:   it can fetch memory on demand (a host of an older zkz does not tell)
 * @cpus:    processors, 0 unknown (a host of an older zkz does not tell)
 * @mbit:    speed of the interface that streams would come in by, in Mbit/s, 0 unknown
 * @vendor:  CPU vendor id
 * @model:   CPU model name
 * @flags:   CPU flags, separated by single blanks, in any order; owned
 *
 * Passports arrive from other hosts: every text may be anything.
 */
struct passport {
	char zkz[64];
	char kernel[128];
	char arch[32];
	char qemu[64];
	uint32_t wire;
	bool fetch;
	uint32_t cpus;
	uint32_t mbit;
	char vendor[32];
	char model[128];
	char *flags;
};

/** passport_fini() - free what it holds */
void passport_fini(struct passport *p);

/** passport_to_json() - new reference */
json_t *passport_to_json(const struct passport *p);

/** passport_from_json() - from another host; refuses what is incomplete */
int passport_from_json(const json_t *obj, struct passport *p, struct zkz_err *err);

#endif
