// SPDX-License-Identifier: GPL-2.0
/* A zone on its way in: the receiving QEMU and the moment it becomes ours. */
#include "keeper/keeper.h"

#include <string.h>

#include "lib/log.h"
#include "zone/owner.h"

/*
 * late-block-activate: the disks stay the source's until "cont".
 * x-ignore-shared: memory comes through the module, not through QEMU.
 * announce-rounds 0: QEMU would announce the guest's address as soon as the
 * device state is loaded, before it is known who owns the zone.
 */
int keeper_incoming_setup(struct keeper *k, struct zkz_err *err)
{
	static const char *const names[] = { "late-block-activate", "x-ignore-shared", "events" };
	json_t *caps = json_array();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_array_append_new(caps, json_pack("{s:s, s:b}", "capability",
						      names[i], "state", 1));
	if (qmp_exec(k->qmp, "migrate-set-capabilities",
		     json_pack("{s:o}", "capabilities", caps), NULL,
		     deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	return qmp_exec(k->qmp, "migrate-set-parameters",
			json_pack("{s:i}", "announce-rounds", 0), NULL,
			deadline_in_ms(KEEPER_QMP_MS), err);
}

/* Tell the switches where the guest lives now; the guest need not help. */
static void announce(struct keeper *k)
{
	struct zkz_err err;
	json_t *how = json_pack("{s:i, s:i, s:i, s:i}", "initial", 50, "max", 550,
				"rounds", 5, "step", 100);

	if (qmp_exec(k->qmp, "announce-self", how, NULL,
		     deadline_in_ms(KEEPER_QMP_MS), &err))
		log_warn("cannot announce the zone to the network: %s", err.text);
}

/* A QEMU that hangs is found out here, while the zone can still be given back. */
static int check_arrived(struct keeper *k, struct zkz_err *err)
{
	const char *status;
	json_t *ret;
	bool waiting;

	if (qmp_exec(k->qmp, "query-status", NULL, &ret,
		     deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	status = json_str(ret, "status");
	waiting = !status || !strcmp(status, "inmigrate");
	json_decref(ret);
	if (waiting)
		return err_set(err, ERR_ZONE_STATE, "The device state of zone %s has not arrived",
			       k->z.name);
	return 0;
}

/* The owner file is the authority; it was written before this. */
static int check_adopt(struct keeper *k, struct zone_owner *owner, struct zkz_err *err)
{
	if (!k->qmp)
		return err_set(err, ERR_QEMU, "QEMU of zone %s has no monitor", k->z.name);
	if (zone_owner_may_run(k->z.name, err) || check_arrived(k, err) ||
	    zone_owner_read(k->z.name, owner, err))
		return -1;
	keeper_events(k);
	if (!k->qmp)
		return err_set(err, ERR_QEMU, "QEMU of zone %s closed its monitor", k->z.name);
	return 0;
}

/* The worker may give the zone back: the guest is sure not to have run here. */
static int not_started(struct zkz_err *err)
{
	err->code = ERR_NOT_STARTED;
	return -1;
}

int keeper_adopt(struct keeper *k, uint64_t *resume_ns, struct zkz_err *err)
{
	struct zone_owner owner;
	struct qmp_event ev;
	int rc;

	if (k->mode != KEEPER_INCOMING)
		return err_set(err, ERR_ZONE_STATE, "Zone %s is not on its way in", k->z.name);
	if (check_adopt(k, &owner, err))
		return not_started(err);
	rc = qmp_exec(k->qmp, "cont", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err);
	if (rc && !strcmp(err->code, ERR_QMP))
		return not_started(err);

	/* From here on it may run, now or when QEMU gets to it. */
	k->mode = KEEPER_BOOT;
	k->st.epoch = owner.epoch;
	keeper_set_aux(k, AUX_NONE);
	if (rc || qmp_wait(k->qmp, "RESUME", NULL, NULL, &ev,
			   deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	*resume_ns = ev.real_ns;
	qmp_event_clear(&ev);
	announce(k);
	log_note("the guest has arrived and runs here, epoch %llu",
		 (unsigned long long)owner.epoch);
	return 0;
}
