/* SPDX-License-Identifier: GPL-2.0 */
/* The queues of a machine's virtio devices, as its QEMU has them. */
#ifndef ZKZ_QEMU_QUEUES_H
#define ZKZ_QEMU_QUEUES_H

#include <stdint.h>

#include "qemu/qmp.h"

/* Of each device the first: a device that has more has them of one size. */
#define QUEUES_OF_DEVICE	3

/**
 * struct queue - one of them
 * @device: id of the device, "net0"
 * @number: of the queue
 * @size:   entries: of a device that the guest has not set up yet, the most that there can be
 */
struct queue {
	char device[16];
	uint32_t number;
	uint32_t size;
};

/**
 * queues_ask() - all of them
 * @q:   monitor
 * @out: filled
 * @max: room in it; what is beyond is left out
 * @err: filled on failure
 *
 * Return: how many, or -1.
 */
int queues_ask(struct qmp *q, struct queue *out, unsigned int max, struct zkz_err *err);

/** queues_device() - "/machine/peripheral/net0/virtio-backend" -> "net0"; false if it is no such path */
bool queues_device(const char *path, char *id, size_t size);

#endif
