/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What administrators look for in the journal of systemd: each kind of line has
 * an id that never changes, however the line is worded ("journalctl
 * MESSAGE_ID=..."). zkzd(8) lists them. Does no I/O.
 */
#ifndef ZKZ_LIB_EVENT_H
#define ZKZ_LIB_EVENT_H

/**
 * enum event - what happened
 * @EVENT_NONE:             nothing of these
 * @EVENT_BOOTED:           a guest was booted here
 * @EVENT_HALTED:           it has ended: powered off, or halted
 * @EVENT_FAILED:           it has ended, and nobody asked for that
 * @EVENT_ARRIVED:          it came here by a migration, and runs
 * @EVENT_MIGRATION:        a migration to another host begins
 * @EVENT_MIGRATED:         it has succeeded
 * @EVENT_MIGRATION_FAILED: it has not
 * @EVENT_FORCED:           an administrator has decided who owns the zone
 * @EVENT_UPGRADED:         another QEMU of this host has taken it over
 * @EVENT_CHANGED:          somebody did something with a zone, or with what zkz has of the host
 * @EVENT_DENIED:           somebody may not, who wanted to
 * @EVENTS:                 how many there are
 */
enum event {
	EVENT_NONE,
	EVENT_BOOTED,
	EVENT_HALTED,
	EVENT_FAILED,
	EVENT_ARRIVED,
	EVENT_MIGRATION,
	EVENT_MIGRATED,
	EVENT_MIGRATION_FAILED,
	EVENT_FORCED,
	EVENT_UPGRADED,
	EVENT_CHANGED,
	EVENT_DENIED,
	EVENTS,
};

/** event_message_id() - 32 hexadecimal digits, NULL for EVENT_NONE */
const char *event_message_id(enum event e);

#endif
