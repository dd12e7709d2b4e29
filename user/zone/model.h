/* SPDX-License-Identifier: GPL-2.0 */
/* A zone as the rest of zkz sees it: a configuration with types. Pure. */
#ifndef ZKZ_ZONE_MODEL_H
#define ZKZ_ZONE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/address.h"
#include "conf/model.h"
#include "conf/set.h"
#include "lib/err.h"

#define ZONE_MAX_NICS	8
#define ZONE_MAX_DISKS	16
/* Firmware has so many bytes of variables at most. */
#define ZONE_MAX_NVRAM	(4U << 20)

/* What a guest must not send, see LINK PROTECTION of zkz(8). */
#define ZONE_MAC_NOSPOOF	1
#define ZONE_IP_NOSPOOF		2
#define ZONE_DHCP_NOSPOOF	4
#define ZONE_RESTRICTED		8

/** struct zone_nic - one anet resource */
struct zone_nic {
	unsigned int id;
	char lower_link[16];
	char mac[18];		/* "auto" only before the first commit */
	int port;		/* hot-plug port that it is at, -1: none */
	unsigned int mtu;	/* 0: the guest is told of none */
	unsigned int vlan;	/* 0: what the bridge does with packets without a tag */
	char trunk[CONF_SET_TEXT + 1];	/* VLANs that the guest tags for, see conf_set_parse(); empty: none */
	unsigned int protect;	/* ZONE_MAC_NOSPOOF... */
	struct conf_address allowed[CONF_MAX_ADDRESSES];
	unsigned int nr_allowed;
};

/** struct zone_disk - one device resource */
struct zone_disk {
	unsigned int id;
	char storage[1400];
	char format[8];
	int port;		/* hot-plug port that it is at, -1: none */
	int bootpri;		/* -1: not a boot disk */
	bool read_only;
	bool cdrom;		/* a CD drive with it, which is read-only, too */
	bool seed;		/* the zone's own, with the first settings of its guest; read-only, too */
	uint64_t create_size;	/* of a file that is made, in bytes; 0: not said */
};

/** enum zone_rank - which zones boot first */
enum zone_rank { ZONE_FIRST, ZONE_LATER, ZONE_LAST, ZONE_RANKS };

/** struct zone_model - one zone */
struct zone_model {
	char name[64];
	bool autoboot;
	enum zone_rank rank;	/* among those */
	bool halts;		/* when the host goes down; else its guest shuts down */
	bool uefi;		/* else it boots by a BIOS */
	bool agent;		/* has a port for a guest agent */
	bool hot_plug;		/* has hot-plug ports */
	bool hybrid;		/* may run on a target before all memory is there */
	char machine_type[48];	/* for the next boot; empty: zkz chooses */
	char bootargs[2048];
	char kernel[1024];	/* empty: boot from disk */
	char initrd[1024];
	uint64_t memory;	/* bytes, a multiple of 2 MiB */
	uint64_t current;	/* of those that the guest may use */
	unsigned int ncpus;
	char cpus[CONF_SET_TEXT + 1];	/* of the host, see conf_set_parse(); empty: all */
	char uuid[40];		/* empty: none; "auto" only before the first commit */
	struct zone_nic nic[ZONE_MAX_NICS];
	unsigned int nr_nics;
	struct zone_disk disk[ZONE_MAX_DISKS];
	unsigned int nr_disks;
};

/**
 * zone_model_from_conf() - give a checked configuration its types
 * @name: zone name
 * @c:    configuration that conf_check() accepts
 * @z:    filled
 * @err:  filled on failure
 */
int zone_model_from_conf(const char *name, const struct conf *c,
			 struct zone_model *z, struct zkz_err *err);

/** zone_model_root() - the disk that the zone boots from: the first of those that it may, or the first one, or 0 */
unsigned int zone_model_root(const struct zone_model *z);

#endif
