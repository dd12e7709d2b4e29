/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices of a zone as QEMU is told of them, when it is started and while it runs. Pure: the same device is at the
 * same place in each QEMU, whenever it came, which is what migration needs.
 */
#ifndef ZKZ_QEMU_DEVICE_H
#define ZKZ_QEMU_DEVICE_H

#include <jansson.h>

#include "zone/model.h"

/* Room for "disk15". */
#define DEVICE_NAME	16

/** device_disk_name() - of the disk's device. Return: @name, DEVICE_NAME bytes */
const char *device_disk_name(unsigned int id, char *name);

/** device_disk_node() - of what it reads and writes, likewise */
const char *device_disk_node(unsigned int id, char *name);

/** device_disk_set() - number of the set of descriptors by which QEMU opens it, where it had it from its start */
int device_disk_set(unsigned int id);

/** device_claim() - name of what marks that the disk is taken, likewise */
const char *device_claim(unsigned int id, char *name);

/** device_claim_set() - and the number of its set */
int device_claim_set(unsigned int id);

/** device_disk() - arguments of -device and of device_add. Return: new reference */
json_t *device_disk(const struct zone_model *z, const struct zone_disk *d);

/** device_nic_name() - of an interface's device, as device_disk_name() */
const char *device_nic_name(unsigned int id, char *name);

/** device_nic_link() - of what carries its packets, likewise */
const char *device_nic_link(unsigned int id, char *name);

/** device_nic() - as device_disk() */
json_t *device_nic(const struct zone_nic *n);

/** device_port() - hot-plug port @port, likewise */
json_t *device_port(unsigned int port);

#endif
