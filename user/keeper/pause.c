// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that stands still while nothing migrates it. QEMU stops it if its storage is
 * full, because a guest that is told of an error loses data; when there is room, it can
 * go on as if nothing had been. Only trying shows that, for storage may be anywhere:
 * the request that failed is made again, and if it fails again the guest is stopped
 * again.
 *
 *	runs --- STOP ---> paused --- time is over, or "resume" ---> trying --- no STOP ---> runs
 *	                     ^                                          |
 *	                     +------------------ STOP ------------------+
 *
 * A guest that was stopped on purpose, through QEMU's monitor, is not tried.
 */
#include "keeper/keeper.h"

#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"
#include "lib/log.h"

#define FIRST_TRY_MS	1000
#define MAX_WAIT_MS	30000

/* Return: false if it does not stand still, or will be gone. */
static bool ask_why(struct keeper *k)
{
	struct pause *p = &k->pause;
	const char *status;
	json_t *ret;

	if (!k->vm.qmp || qmp_exec(k->vm.qmp, "query-status", NULL, &ret, deadline_in_ms(KEEPER_QMP_MS), NULL))
		return false;
	status = json_str(ret, "status");
	if (!status || json_bool(ret, "running", false) || !strcmp(status, "shutdown")) {
		json_decref(ret);
		return false;
	}
	p->error = !strcmp(status, "io-error");
	if (!p->error)
		snprintf(p->why, sizeof(p->why), "%s", !strcmp(status, "paused") ?
			 "stopped through the monitor of QEMU" : status);
	else if (!p->why[0])
		snprintf(p->why, sizeof(p->why), "I/O error");
	json_decref(ret);
	return true;
}

static void begin(struct keeper *k)
{
	struct pause *p = &k->pause;

	if (!ask_why(k))
		return;
	p->on = true;
	p->since = clock_mono_ns();
	p->wait_ms = FIRST_TRY_MS;
	p->again = p->error ? deadline_in_ms(p->wait_ms) : DEADLINE_NONE;
	log_error("the guest is paused: %s%s", p->why,
		  p->error ? "; it goes on when that is over" : "");
}

void keeper_pause_end(struct keeper *k)
{
	log_note("the guest goes on after %llu s",
		 (unsigned long long)((clock_mono_ns() - k->pause.since) / NSEC_PER_SEC));
	memset(&k->pause, 0, sizeof(k->pause));
	keeper_show(k);
}

static void failed_again(struct pause *p)
{
	p->trying = false;
	p->wait_ms = p->wait_ms * 2 < MAX_WAIT_MS ? p->wait_ms * 2 : MAX_WAIT_MS;
	p->again = p->error ? deadline_in_ms(p->wait_ms) : DEADLINE_NONE;
}

void keeper_guest_moves(struct keeper *k)
{
	struct pause *p = &k->pause;

	if (k->stopping || k->powered_off || k->moving != AUX_NONE)
		return;
	if (k->stopped && !p->on)
		begin(k);
	else if (k->stopped && p->trying)
		failed_again(p);
	else if (!k->stopped && p->on && !p->trying)
		keeper_pause_end(k);
	keeper_show(k);
}

void keeper_set_aux(struct keeper *k, enum zone_aux aux)
{
	k->moving = aux;
	if (aux == AUX_NONE)
		keeper_guest_moves(k);
	keeper_show(k);
}

/* Its disks become the guest's again, and what failed is made again. */
int keeper_pause_try(struct keeper *k, struct zkz_err *err)
{
	struct pause *p = &k->pause;

	p->trying = true;
	p->again = deadline_in_ms(KEEPER_PROVED_MS);
	if (qmp_exec(k->vm.qmp, "cont", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err)) {
		failed_again(p);
		return -1;
	}
	k->stopped = false;
	return 0;
}

void keeper_pause_due(struct keeper *k)
{
	struct pause *p = &k->pause;
	struct zkz_err err;

	if (!p->on || k->vm.ended || k->stopping || deadline_left_ms(p->again))
		return;
	if (p->trying)
		keeper_pause_end(k);
	else if (!k->vm.qmp || keeper_pause_try(k, &err))
		failed_again(p);
}

deadline_t keeper_pause_next(const struct keeper *k)
{
	return k->pause.on ? k->pause.again : DEADLINE_NONE;
}

int keeper_paused_error(const struct keeper *k, bool migrate, struct zkz_err *err)
{
	const char *zone = k->z.name, *why = k->pause.why;

	if (migrate)
		return k->pause.error ? err_zone_paused_migrate_storage(err, zone, why) :
			err_zone_paused_migrate(err, zone, why);
	return k->pause.error ? err_zone_paused_shutdown_storage(err, zone, why) :
		err_zone_paused_shutdown(err, zone, why);
}
