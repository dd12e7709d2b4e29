/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The description of a virtual machine that libvirt has ("virsh dumpxml"), as a configuration of zkz. Pure: from text
 * to model. What there is in it is either taken over, or is what a zone has anyway, or is told.
 */
#ifndef ZKZ_LIBVIRT_DOMAIN_H
#define ZKZ_LIBVIRT_DOMAIN_H

#include <stddef.h>

#include "conf/model.h"
#include "lib/err.h"

/** domain_tell_fn - hears of something that a zone has in another way, or not at all: a warning */
typedef void (*domain_tell_fn)(const struct zkz_err *warning, void *arg);

/**
 * domain_to_conf() - make a configuration
 * @text: XML as libvirt 1.0 and later write it
 * @len:  its length, at most 1 MiB
 * @tell: called for each thing that is not taken over
 * @arg:  for it
 * @err:  filled on failure: it is no such description, or of another architecture
 *
 * The configuration need not be complete: a machine without a disk to boot from makes one that conf_check() refuses.
 * Return: it, the caller's; or NULL.
 */
struct conf *domain_to_conf(const char *text, size_t len, domain_tell_fn tell, void *arg, struct zkz_err *err);

#endif
