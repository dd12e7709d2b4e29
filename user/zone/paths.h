/* SPDX-License-Identifier: GPL-2.0 */
/* Where everything about a zone is. The only place that spells these paths. */
#ifndef ZKZ_ZONE_PATHS_H
#define ZKZ_ZONE_PATHS_H

#define ZKZ_CONFIG_DIR	"/etc/zkz/zones"
#define ZKZ_STATE_DIR	"/var/lib/zkz/zones"
/* Disks that templates speak of. */
#define ZKZ_IMAGES_DIR	"/var/lib/zkz/images"
#define ZKZ_HOST_ID	"/var/lib/zkz/host-id"
#define ZKZ_MIGRATIONS_DIR "/var/lib/zkz/migrations"
#define ZKZ_LOG_DIR	"/var/log/zkz"
#define ZKZ_RUN_DIR	"/run/zkz"
#define ZKZ_MEM_DIR	"/run/zkz/mem"
#define ZKZ_DISK_DIR	"/run/zkz/disks"
/* What the QEMU of this host can do, see qemu/cache.h. */
#define ZKZ_QEMU_CACHE	"/run/zkz/qemu"
#define ZKZ_SOCKET	"/run/zkz/zkzd.sock"

/* Its members may list zones and read their configuration, status and log. */
#define ZKZ_GROUP	"zkz"

/* Longest path below, with the longest zone name. */
#define ZONE_PATH_MAX	128

enum zone_file {
	ZF_CONFIG,	/* canonical export text */
	ZF_DIR,		/* durable folder */
	ZF_LOCK,	/* flock: one changing operation at a time */
	ZF_OWNER,	/* epoch and owner, see zone/owner.h */
	ZF_OWNER_NEXT,	/* prepared content of ZF_OWNER */
	ZF_JOURNAL,	/* what a migration to this host has to put back, see migrate/commit/undo.h */
	ZF_CONFIG_BEFORE, /* the configuration that a migration to this host replaced */
	ZF_INCOMPLETE,	/* its disks are being made or taken away, see zone/incomplete.h */
	ZF_MADE,	/* disks that a migration to this host has made, see migrate/commit/made.h */
	ZF_NVRAM,	/* variables of its UEFI firmware */
	ZF_ENDED,	/* how and when the last run ended */
	ZF_RUN,		/* run-time folder */
	ZF_RUN_CONFIG,	/* what its QEMU was built of: the configuration that the run began with, changed since */
	ZF_COMING,	/* the same of a guest that is to come, where that is not configured */
	ZF_UNSENT,	/* a migration whose last byte has not left, see migrate/commit/record.c */
	ZF_STATE,	/* what the keeper says, see zone/state.h */
	ZF_ALIVE,	/* flock held by the keeper as long as it lives */
	ZF_ALIVE_QEMU,	/* flock held by its QEMU, which may outlive the keeper */
	ZF_MOVING,	/* flock held by the worker that moves it to another host */
	ZF_QMP,		/* monitor for migration workers */
	ZF_QMP_NEXT,	/* the same of the QEMU that is to take the zone over */
	ZF_KEEPER,	/* control socket of the keeper */
	ZF_NBD,		/* where QEMU takes the content of its disks during a migration */
	ZF_CONSOLE,	/* serial console */
	ZF_CONSOLE_NEXT, /* as ZF_QMP_NEXT */
	ZF_CONSOLE_LOCK, /* flock: one console client at a time */
	ZF_AGENT,	/* agent of the guest */
	ZF_AGENT_NEXT,	/* as ZF_QMP_NEXT */
	ZF_AGENT_LOCK,	/* flock: one client of it at a time */
	ZF_CONSOLE_LOG,	/* everything the console has printed */
	ZF_MESSAGES,	/* the keeper's log */
	ZF_MEMORY,	/* the guest's memory, a file of zkzfs */
	ZF_FILES,	/* how many there are */
};

/**
 * zone_path() - path of a file of a zone
 * @which: which file
 * @zone:  checked zone name
 * @buf:   ZONE_PATH_MAX bytes
 *
 * Return: @buf.
 */
const char *zone_path(enum zone_file which, const char *zone, char *buf);

#endif
