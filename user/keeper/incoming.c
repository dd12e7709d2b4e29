// SPDX-License-Identifier: GPL-2.0
/* A zone on its way in: the receiving QEMU and the moment it becomes ours. */
#include "keeper/keeper.h"

#include <string.h>

#include "lib/hold.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "qemu/vm.h"

/* A guest with many devices takes long; nobody runs it meanwhile. */
#define LOAD_MS		30000

static bool is_over(const struct qmp_event *ev, void *arg)
{
	const char *status = json_str(ev->data, "status");

	(void)arg;
	return status && (!strcmp(status, "completed") || !strcmp(status, "failed"));
}

static int resumed(struct keeper *k, deadline_t dl, uint64_t *resume_ns, struct zkz_err *err)
{
	struct qmp_event ev;

	if (qmp_wait(k->vm.qmp, "RESUME", NULL, NULL, &ev, dl, err))
		return -1;
	*resume_ns = ev.real_ns;
	qmp_event_clear(&ev);
	return 0;
}

/* To ask again, because QEMU has loaded the guest and not started it, tells why. */
static int start_guest(struct keeper *k, uint64_t *resume_ns, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(KEEPER_QMP_MS);

	if (qmp_exec(k->vm.qmp, "cont", NULL, NULL, dl, err))
		return -1;
	return resumed(k, dl, resume_ns, err);
}

static int load_failed(struct keeper *k, struct zkz_err *err)
{
	char why[ERR_ARG_MAX];

	return err_qemu_load(err, k->z.name, vm_why_failed(k->vm.qmp, why, sizeof(why)));
}

/* A guest that could not be loaded is never told "cont": that would open its disks. */
static int wait_loaded(struct keeper *k, struct zkz_err *err)
{
	struct qmp_event ev;
	bool failed;

	if (qmp_wait(k->vm.qmp, "MIGRATION", is_over, NULL, &ev, deadline_in_ms(LOAD_MS), err))
		return -1;
	failed = !strcmp(json_str(ev.data, "status"), "failed");
	qmp_event_clear(&ev);
	return failed ? load_failed(k, err) : 0;
}

/*
 * QEMU activates the disks and starts the guest when it has loaded it, and says
 * RESUME before it says that it has. It must not be told "cont" earlier: it would
 * activate the disks at once, while the source may still write to them.
 */
static int wait_started(struct keeper *k, uint64_t *resume_ns, struct zkz_err *err)
{
	if (k->vm.qmp)
		keeper_events(k);
	if (!k->vm.qmp)
		return err_qemu_ended(err, k->z.name);
	if (k->load_failed)
		return load_failed(k, err);
	if (!k->loaded_ns && wait_loaded(k, err))
		return -1;
	if (!k->resume_ns && resumed(k, deadline_in_ms(0), &k->resume_ns, NULL))
		return start_guest(k, resume_ns, err);
	*resume_ns = k->resume_ns;
	return 0;
}

/*
 * A guest that QEMU refuses to start does not run, nor does one whose QEMU ended:
 * it says RESUME before it lets the guest go. One that hangs may start it yet, so
 * it has to end. Then the worker may give the zone back.
 */
static bool never_ran(struct keeper *k, const struct zkz_err *why)
{
	if (k->resume_ns || (k->vm.qmp && !resumed(k, deadline_in_ms(0), &k->resume_ns, NULL)))
		return false;
	if (err_is(why, ERR_QMP))
		return true;
	keeper_halt(k, "QEMU has not loaded the guest");
	return k->vm.ended && !k->resume_ns && (!k->vm.qmp || resumed(k, deadline_in_ms(0), &k->resume_ns, NULL));
}

int keeper_adopt(struct keeper *k, uint64_t epoch, uint64_t *resume_ns, struct zkz_err *err)
{
	int rc;

	if (k->mode != KEEPER_INCOMING)
		return err_keeper_not_incoming(err, k->z.name);
	HOLD("keeper.before-adopt");
	rc = wait_started(k, resume_ns, err);
	HOLD("keeper.started");
	if (rc && never_ran(k, err)) {
		const struct zkz_err why = *err;

		err_guest_not_started(err, k->z.name);
		return err_cause(err, &why);
	}

	/* From here on it may run, now or when QEMU gets to it. */
	k->mode = KEEPER_BOOT;
	k->arrived = true;
	k->st.epoch = epoch;
	keeper_set_aux(k, AUX_NONE);
	if (rc)
		return -1;
	log_event(LOG_NOTE, EVENT_ARRIVED, "the guest has arrived and runs here, epoch %llu",
		  (unsigned long long)epoch);
	k->told = true;
	return 0;
}
