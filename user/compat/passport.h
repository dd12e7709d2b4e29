/* SPDX-License-Identifier: GPL-2.0 */
/* What a host is to a zone, as far as that can notice while it runs. */
#ifndef ZKZ_COMPAT_PASSPORT_H
#define ZKZ_COMPAT_PASSPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

#define PASSPORT_WIRE_VERSION	2
#define PASSPORT_MAX_BLOCKS	64
/* Of all zones, before there was a choice. */
#define PASSPORT_MACHINE	"pc-q35-7.2"
#define PASSPORT_MAX_LINKS	8
/* Three of each of 8 anets, 16 devices, a balloon and a source of randomness. */
#define PASSPORT_MAX_QUEUES	78

/**
 * struct passport_block - memory of the machine that is not the zone's: firmware, option ROMs, tables
 * @name: as QEMU calls it, "pc.bios"
 * @used: bytes in use
 * @max:  bytes it can grow to
 */
struct passport_block {
	char name[128];
	uint64_t used;
	uint64_t max;
};

/**
 * struct passport_link - what a network interface of the zone is attached to
 * @id:  of the anet
 * @mtu: of its lower link, 0 unknown
 */
struct passport_link {
	uint32_t id;
	uint32_t mtu;
};

/**
 * struct passport_queue - a queue of a virtio device of the zone
 * @device: as QEMU calls it, "net0"
 * @number: of the queue
 * @size:   entries; on the target the most that it can take
 */
struct passport_queue {
	char device[16];
	uint32_t number;
	uint32_t size;
};

/**
 * struct passport - one host, and what it makes of the zone
 * @zkz:     version of zkz
 * @kernel:  release of the kernel
 * @arch:    machine name of uname(2)
 * @qemu:    version of QEMU, "7.2.19"
 * @machine: machine type of the zone, "pc-q35-7.2"; that, if the host is one of an older zkz, which does not tell
 * @wire:    version of the stream format
 * @fetch:   it can fetch memory on demand (a host of an older zkz does not tell)
 * @cpus:    processors, 0 unknown (a host of an older zkz does not tell)
 * @mbit:    speed of the interface that streams would come in by, in Mbit/s, 0 unknown
 * @vendor:  CPU vendor id
 * @model:   CPU model name
 * @features: of the virtual CPUs that QEMU and KVM make there, by QEMU's names, separated by
 *           single blanks, in any order; owned
 * @phys_bits: width of a physical address of the guest
 * @block:   see above
 * @blocks:  how many
 * @link:    see above
 * @links:   how many
 * @queue:   see above
 * @queues:  how many, 0 unknown (a host of an older zkz does not tell)
 *
 * Passports arrive from other hosts: every text may be anything.
 */
struct passport {
	char zkz[64];
	char kernel[128];
	char arch[32];
	char qemu[64];
	char machine[48];
	uint32_t wire;
	bool fetch;
	uint32_t cpus;
	uint32_t mbit;
	char vendor[32];
	char model[128];
	char *features;
	uint32_t phys_bits;
	struct passport_block block[PASSPORT_MAX_BLOCKS];
	uint32_t blocks;
	struct passport_link link[PASSPORT_MAX_LINKS];
	uint32_t links;
	struct passport_queue queue[PASSPORT_MAX_QUEUES];
	uint32_t queues;
};

/** passport_fini() - free what it holds */
void passport_fini(struct passport *p);

/** passport_to_json() - new reference */
json_t *passport_to_json(const struct passport *p);

/** passport_from_json() - from another host; refuses what is incomplete */
int passport_from_json(const json_t *obj, struct passport *p, struct zkz_err *err);

#endif
