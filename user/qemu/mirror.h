/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks of a guest that go to another QEMU while it runs: the other one exports its disks by NBD, and a job of this one
 * copies what is on its own, and what the guest writes meanwhile, before that write is done.
 */
#ifndef ZKZ_QEMU_MIRROR_H
#define ZKZ_QEMU_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "qemu/qmp.h"

/* "mirror-0123456789-15", of a job and of its node */
#define MIRROR_NAME	32

/** mirror_name() - of the job for device @id in a migration. Return: @name. */
const char *mirror_name(const char *migration, unsigned int id, char *name);

/** export_begin() - the other QEMU: serve disks on a listening socket */
int export_begin(struct qmp *q, int fd, struct zkz_err *err);

/** export_add() - the other QEMU: serve the disk of device @id, and let it be written */
int export_add(struct qmp *q, unsigned int id, struct zkz_err *err);

/** export_end() - the other QEMU: stop that; its disks are its guest's then */
int export_end(struct qmp *q, struct zkz_err *err);

/**
 * mirror_start() - begin to copy a disk
 * @q:    monitor
 * @name: of the job
 * @id:   which device, here and there
 * @path: abstract name of a unix socket that leads to the export
 * @err:  filled on failure
 */
int mirror_start(struct qmp *q, const char *name, unsigned int id, const char *path, struct zkz_err *err);

/** mirror_sweep() - drop what somebody has left who was killed */
void mirror_sweep(struct qmp *q);

/**
 * struct mirror_state - how far a job is
 * @done:  bytes that are copied
 * @total: of all that there is to copy, which grows if the guest writes
 * @ready: both disks are the same, and stay so
 */
struct mirror_state {
	uint64_t done;
	uint64_t total;
	bool ready;
};

/** mirror_look() - ask for it. Return: 0, -1 also if there is no such job any more */
int mirror_look(struct qmp *q, const char *name, struct mirror_state *st, struct zkz_err *err);

/** mirror_end() - the guest stands still: end the job, with everything on the other disk, durably */
int mirror_end(struct qmp *q, const char *name, struct zkz_err *err);

/** mirror_drop() - end the job in whatever state it is, and what was made for it */
void mirror_drop(struct qmp *q, const char *name);

/** mirror_why() - an event tells that the job fails, or has ended: with what words, perhaps none; else NULL */
const char *mirror_why(const struct qmp_event *ev, const char *name);

#endif
