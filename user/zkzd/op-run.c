// SPDX-License-Identifier: GPL-2.0
/* Verbs that start and stop zones. */
#include <unistd.h>

#include "lib/io.h"
#include "migrate/undo.h"
#include "zkzd/dispatch.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/owner.h"
#include "zone/state.h"
#include "zone/sweep.h"

#define BOOT_MS		120000
#define HALT_MS		90000
#define SHUTDOWN_MS	60000

/* Lock and state for a changing verb; the lock is closed at process exit. */
static int begin(struct request *rq, struct zone_status *st, struct zkz_err *err)
{
	int lock;

	if (zone_status_read(rq->zone, st, err))
		return -1;
	lock = zone_lock(rq->zone, deadline_in_ms(1000), err);
	if (lock < 0)
		return -1;
	zone_sweep(rq->zone);
	if (zone_status_read(rq->zone, st, err)) {
		io_close(&lock);
		return -1;
	}
	return lock;
}

static int not_running(const char *zone, struct zkz_err *err)
{
	err_set(err, ERR_ZONE_STATE, "Zone %s is not running", zone);
	return err_remedy(err, "'zkz list -cv' shows the states; 'zkz boot %s' boots it.", zone);
}

int op_boot(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int rc = -1;
	int lock = begin(rq, &st, err);

	if (lock < 0)
		return -1;
	/* What a migration to this host left behind may change who owns the zone. */
	if (undo_run(rq->zone, err) || zone_status_read(rq->zone, &st, err))
		goto out;
	if (st.state == ZONE_RUNNING) {
		err_set(err, ERR_ZONE_STATE, "Zone %s is running already", rq->zone);
		err_remedy(err, "Use 'zkz reboot %s' to restart its guest.", rq->zone);
		goto out;
	}
	if (zone_owner_may_run(rq->zone, err) || memfs_mount(err))
		goto out;
	out_step(&rq->out, "Booting zone.");
	if (keeper_start(rq->zone, KEEPER_BOOT, deadline_in_ms(BOOT_MS), err))
		goto out;
	out_result(&rq->out, NULL, "Zone booted.");
	rc = 0;
out:
	io_close(&lock);
	return rc;
}

int op_halt(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int rc = -1;
	int lock = begin(rq, &st, err);

	if (lock < 0)
		return -1;
	if (st.state != ZONE_RUNNING) {
		not_running(rq->zone, err);
		goto out;
	}
	out_step(&rq->out, "Halting zone.");
	if (keeper_call(rq->zone, "halt", NULL, NULL, deadline_in_ms(HALT_MS), err))
		goto out;
	out_result(&rq->out, NULL, "Zone halted.");
	rc = 0;
out:
	io_close(&lock);
	return rc;
}

int op_shutdown(struct request *rq, struct zkz_err *err)
{
	long long ms = json_int(rq->args, "timeout-ms", SHUTDOWN_MS);
	struct zone_status st;
	int lock = begin(rq, &st, err);

	if (lock < 0)
		return -1;
	/* Not held while waiting: a halt must be able to end the wait. */
	io_close(&lock);
	if (st.state != ZONE_RUNNING)
		return not_running(rq->zone, err);
	if (ms < 1000 || ms > 3600000)
		return err_set(err, ERR_USAGE, "The time limit must be 1 to 3600 seconds");

	out_step(&rq->out, "Asking the guest to shut down.");
	if (keeper_call(rq->zone, "shutdown", json_pack("{s:I}", "timeout-ms", (json_int_t)ms),
			NULL, deadline_in_ms((uint64_t)ms + 30000), err))
		return -1;
	out_result(&rq->out, NULL, "Zone shut down.");
	return 0;
}

int op_reboot(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int rc = -1;
	int lock = begin(rq, &st, err);

	if (lock < 0)
		return -1;
	if (st.state != ZONE_RUNNING) {
		not_running(rq->zone, err);
		goto out;
	}
	out_step(&rq->out, "Resetting the guest.");
	if (keeper_call(rq->zone, "reboot", NULL, NULL, deadline_in_ms(HALT_MS), err))
		goto out;
	out_result(&rq->out, NULL, "Zone rebooted.");
	rc = 0;
out:
	io_close(&lock);
	return rc;
}
