// SPDX-License-Identifier: GPL-2.0
/* What a QEMU is told that a guest comes to, and the network when it has come. */
#include "keeper/keeper.h"

#include "lib/log.h"

/* How a guest's address is announced. */
#define ANNOUNCE_ROUNDS		5
#define ANNOUNCE_INITIAL_MS	50
#define ANNOUNCE_STEP_MS	100
#define ANNOUNCE_MAX_MS		550

/*
 * late-block-activate: the disks stay the source's until QEMU starts the guest.
 * x-ignore-shared: memory comes through the module, not through QEMU.
 *
 * QEMU announces the guest's address to the network by itself, right before it starts
 * the guest. That is when its stream is complete, so when this host owns the zone: the
 * source holds the last byte back until then. The parameters are its defaults, and there
 * must be rounds: with none, loading a virtio-net device frees a timer of its own that
 * the guest's next reset of it (a reboot, say) takes for granted, and QEMU crashes.
 */
int keeper_incoming_setup(struct qmp *q, struct zkz_err *err)
{
	static const char *const names[] = { "late-block-activate", "x-ignore-shared", "events" };
	json_t *caps = json_array();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_array_append_new(caps, json_pack("{s:s, s:b}", "capability",
						      names[i], "state", 1));
	if (qmp_exec(q, "migrate-set-capabilities",
		     json_pack("{s:o}", "capabilities", caps), NULL,
		     deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	return qmp_exec(q, "migrate-set-parameters",
			json_pack("{s:i, s:i, s:i, s:i}", "announce-initial", ANNOUNCE_INITIAL_MS,
				  "announce-max", ANNOUNCE_MAX_MS, "announce-rounds", ANNOUNCE_ROUNDS,
				  "announce-step", ANNOUNCE_STEP_MS), NULL,
			deadline_in_ms(KEEPER_QMP_MS), err);
}

/* Tell the switches where the guest lives; the guest need not help. */
void keeper_announce(struct keeper *k)
{
	json_t *how = json_pack("{s:i, s:i, s:i, s:i}", "initial", ANNOUNCE_INITIAL_MS,
				"max", ANNOUNCE_MAX_MS, "rounds", ANNOUNCE_ROUNDS,
				"step", ANNOUNCE_STEP_MS);
	struct zkz_err err;

	if (qmp_exec(k->vm.qmp, "announce-self", how, NULL,
		     deadline_in_ms(KEEPER_QMP_MS), &err))
		log_warn("cannot announce the zone to the network: %s", err.text);
}
