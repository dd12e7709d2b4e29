/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a zone to the command line of QEMU. Pure: the same zone and machine type give
 * the same machine on every host, which is what migration needs. Device addresses
 * depend on resource ids only, never on what else is configured. What QEMU can do
 * there decides how it is told, not what it makes.
 */
#ifndef ZKZ_QEMU_CMDLINE_H
#define ZKZ_QEMU_CMDLINE_H

#include <stdbool.h>

#include "lib/err.h"
#include "qemu/ability.h"
#include "zone/model.h"

/**
 * struct qemu_env - what belongs to this run and not to the zone
 * @binary:   program
 * @able:     what it can do
 * @machine:  machine type, with its version: a newer QEMU builds the same machine
 * @incoming: wait for the guest to arrive instead of booting it
 * @tap_fd:   open tap devices, in the order of the zone's nics
 * @keeper_fd:  connected socket: monitor of the keeper
 * @monitor_fd: listening socket: monitor for migration workers
 * @console_fd: listening socket: serial console
 * @agent_fd: listening socket: the guest agent, if the zone has a port for it
 * @log_fd:   what the console has printed goes there
 * @disk_fd:  open files and block devices, in the order of the zone's disks; -1 for what QEMU reaches itself
 * @disk_block: which of them are block devices
 * @claim_fd: marks that they are taken, likewise; QEMU gets those of disks at ports by name, and inherits the others
 * @secret_fd: secrets of the disks, likewise; see secret_open()
 * @initiator: what this host is called by iSCSI targets, if a disk needs it
 * @firmware_fd: open firmware, and its variables, if the zone boots by UEFI
 * @kernel_fd: open kernel, if the zone has one
 * @initrd_fd: likewise
 *
 * All are descriptors that QEMU inherits, so it needs no right to make
 * anything itself.
 */
struct qemu_env {
	const char *binary;
	const struct ability *able;
	const char *machine;
	bool incoming;
	int tap_fd[ZONE_MAX_NICS];
	int keeper_fd;
	int monitor_fd;
	int console_fd;
	int agent_fd;
	int log_fd;
	int disk_fd[ZONE_MAX_DISKS];
	bool disk_block[ZONE_MAX_DISKS];
	int claim_fd[ZONE_MAX_DISKS];
	int secret_fd[ZONE_MAX_DISKS];
	const char *initiator;
	int firmware_fd[2];
	int kernel_fd;
	int initrd_fd;
};

/**
 * qemu_cmdline() - build the command line
 * @z:   zone
 * @env: this run
 * @err: filled on failure
 *
 * Return: NULL-terminated vector to free with qemu_cmdline_free(), or NULL.
 */
char **qemu_cmdline(const struct zone_model *z, const struct qemu_env *env,
		    struct zkz_err *err);

/** qemu_has_driver() - can QEMU reach this disk? */
int qemu_has_driver(const struct zone_disk *d, const struct ability *able, struct zkz_err *err);

/** qemu_needs() - of enum ability_bit: what QEMU must be able to do for this zone, and not every one is */
unsigned int qemu_needs(const struct zone_model *z);

/** qemu_cmdline_free() - free the vector */
void qemu_cmdline_free(char **argv);

#endif
