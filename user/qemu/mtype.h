/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which machine type a zone is booted with. Pure.
 *
 * The type of a zone that runs is never chosen: it is what the zone was booted with, on every
 * host. What is chosen at a boot decides to which hosts the zone can go until the next, for each
 * QEMU builds the types that were known when it was made, and leaves out the oldest. So a zone
 * gets MTYPE_USUAL wherever that is to be had, also where QEMU calls it deprecated: all hosts
 * from Debian 12 on have it in common. Where it is gone, the oldest that is not deprecated has
 * the widest reach.
 */
#ifndef ZKZ_QEMU_MTYPE_H
#define ZKZ_QEMU_MTYPE_H

#include "lib/err.h"
#include "qemu/ability.h"

/* What zones were booted with before they said so. */
#define MTYPE_USUAL	"pc-q35-7.2"

/**
 * mtype_choose() - for a boot
 * @a:    what QEMU can do here
 * @want: what the zone's configuration names; empty if nothing
 * @err:  filled if there is none
 *
 * Return: the type, of @a, or NULL.
 */
const struct ability_type *mtype_choose(const struct ability *a, const char *want, struct zkz_err *err);

/**
 * mtype_check() - can a zone that runs come to this host?
 * @a:    what QEMU can do here
 * @zone: its name
 * @type: what it was booted with; from another host, so anything
 * @err:  filled if not
 *
 * Return: the type, of @a, or NULL.
 */
const struct ability_type *mtype_check(const struct ability *a, const char *zone, const char *type,
				       struct zkz_err *err);

#endif
