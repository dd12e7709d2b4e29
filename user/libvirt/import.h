/* SPDX-License-Identifier: GPL-2.0 */
/* One description on its way to a configuration, and the parts that take it there. */
#ifndef ZKZ_LIBVIRT_IMPORT_H
#define ZKZ_LIBVIRT_IMPORT_H

#include "conf/model.h"
#include "libvirt/domain.h"
#include "libvirt/xml.h"

/**
 * struct import - one description on its way
 * @c:    what has come of it
 * @disks: how many devices there are by now
 * @links: and network interfaces
 * @tell: see domain_to_conf()
 * @arg:  for it
 */
struct import {
	struct conf *c;
	unsigned int disks;
	unsigned int links;
	domain_tell_fn tell;
	void *arg;
};

/** import_set() - property @name of a resource to @value, or unset it (NULL). Return: can it be that? */
bool import_set(struct conf_res *r, const char *name, const char *value);

/** import_tell_virtio() - resource @type @id was at @was, and needs @driver now; if it did before, nothing is told */
void import_tell_virtio(const struct import *im, const char *type, unsigned int id, const char *was,
			const char *driver);

/* machine.c */
void import_machine(struct import *im, xmlNode *domain);
void import_boot(struct import *im, xmlNode *domain);

/* disk.c */
void import_disk(struct import *im, xmlNode *disk);

/* interface.c */
void import_interface(struct import *im, xmlNode *interface);

/* left.c */

/** import_tell_left() - of all that is in @n and nobody has understood */
void import_tell_left(struct import *im, xmlNode *n);

#endif
