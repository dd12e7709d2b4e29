/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State of a zone as users see it. The keeper writes what it knows to the
 * state file; everybody else derives the state from that file, the keeper's
 * mark of life and the owner file.
 */
#ifndef ZKZ_ZONE_STATE_H
#define ZKZ_ZONE_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"

enum zone_state {
	ZONE_UNAVAILABLE,	/* configured, but its owner file is damaged */
	ZONE_CONFIGURED,	/* known here, but not owned by this host */
	ZONE_INCOMPLETE,	/* its disks are being made or taken away, or that broke off */
	ZONE_INSTALLED,		/* can be booted here */
	ZONE_RUNNING,		/* has a QEMU */
};

enum zone_aux {
	AUX_NONE,
	AUX_MIGRATING_IN,	/* QEMU waits for the guest to arrive */
	AUX_MIGRATING_OUT,	/* still running, on its way to another host */
	AUX_PANICKED,		/* the guest's kernel has panicked */
	AUX_SHUTTING_DOWN,	/* the guest was asked to power off */
	AUX_IN_DOUBT,		/* handed over, not confirmed: see zone/owner.h */
	AUX_PAUSED,		/* the guest stands still, see @why */
	AUX_UPGRADING,		/* another QEMU of this host is about to take it over */
};

/**
 * struct zone_status - what is known about a zone
 * @state:  state
 * @aux:    auxiliary state
 * @id:     number of this run, 0 unless there is a keeper
 * @keeper: process ids, 0 unless there are such processes
 * @qemu:   likewise
 * @epoch:  see zone/owner.h
 * @since:  CLOCK_REALTIME seconds when the keeper started
 * @why:    of the auxiliary state "paused", else empty
 * @machine: machine type of QEMU that it was booted with, here or elsewhere; empty unless it runs
 */
struct zone_status {
	enum zone_state state;
	enum zone_aux aux;
	unsigned int id;
	pid_t keeper;
	pid_t qemu;
	uint64_t epoch;
	uint64_t since;
	char why[96];
	char machine[48];
};

/** zone_state_text() - "running" */
const char *zone_state_text(enum zone_state s);

/** zone_aux_text() - "migrating-in", or "" */
const char *zone_aux_text(enum zone_aux a);

/** zone_status_write() - for the keeper: replace the state file */
int zone_status_write(const char *zone, const struct zone_status *st,
		      struct zkz_err *err);

/**
 * zone_status_read() - what is known about a zone now
 * @zone: zone name
 * @st:   filled
 * @err:  ERR_ZONE_NOT_FOUND if it is not configured
 */
int zone_status_read(const char *zone, struct zone_status *st,
		     struct zkz_err *err);

/**
 * zone_status_from_json() - what a keeper has written
 * @obj: content of the state file
 * @st:  filled; what only a newer zkz knows of is as if nothing of it had been said
 *
 * Return: 0, or -1 if it is not what a keeper writes.
 */
int zone_status_from_json(const json_t *obj, struct zone_status *st);

/** zone_next_id() - number for a new run; unique until the host restarts */
int zone_next_id(unsigned int *id, struct zkz_err *err);

#endif
