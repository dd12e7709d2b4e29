/* SPDX-License-Identifier: GPL-2.0 */
/* What a QEMU says of the machine that it runs, as far as another one has to match it. */
#ifndef ZKZ_QEMU_MACHINE_H
#define ZKZ_QEMU_MACHINE_H

#include <stdint.h>

#include "qemu/qmp.h"
#include "qemu/ramblock.h"

/**
 * machine_features() - the features of its virtual CPUs
 * @q:   monitor
 * @err: filled on failure
 *
 * They are those that KVM offers on this host, because that is what zones run with: flags
 * of /proc/cpuinfo that no guest gets are not among them. Return: QEMU's names, with single
 * blanks in between, to be freed; or NULL.
 */
char *machine_features(struct qmp *q, struct zkz_err *err);

/** machine_phys_bits() - width of a physical address of its virtual CPUs */
int machine_phys_bits(struct qmp *q, uint32_t *bits, struct zkz_err *err);

/** machine_type() - "pc-q35-7.2"; that of a zone that runs is what it was booted with */
int machine_type(struct qmp *q, char *buf, size_t size, struct zkz_err *err);

/**
 * machine_blocks() - its memory blocks: the zone's memory, firmware, option ROMs, tables
 * @q:   monitor
 * @b:   filled
 * @max: room in it; more is a failure
 * @err: filled on failure
 *
 * Return: how many, or -1.
 */
int machine_blocks(struct qmp *q, struct ramblock *b, unsigned int max, struct zkz_err *err);

#endif
