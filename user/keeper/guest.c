// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of the guest: that its kernel has panicked, that it was asked to shut
 * down, that it stands still (pause.c). Of these and of a migration, which comes
 * first, one is the auxiliary state of the zone. They are kept apart from it, so that
 * they show again after a migration that did not take place, and travel with one that
 * does.
 */
#include "keeper/keeper.h"

#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"
#include "lib/log.h"

#define MAX_ASKED_MS	(3600 * 1000)

static enum zone_aux aux_now(const struct keeper *k)
{
	if (k->moving != AUX_NONE)
		return k->moving;
	if (k->pause.on)
		return AUX_PAUSED;
	if (k->panicked)
		return AUX_PANICKED;
	return k->asked_until ? AUX_SHUTTING_DOWN : AUX_NONE;
}

void keeper_show(struct keeper *k)
{
	enum zone_aux aux = aux_now(k);
	const char *why = aux == AUX_PAUSED ? k->pause.why : "";
	struct zkz_err err;

	if (k->st.aux == aux && !strcmp(k->st.why, why))
		return;
	k->st.aux = aux;
	snprintf(k->st.why, sizeof(k->st.why), "%s", why);
	if (zone_status_write(k->z.name, &k->st, &err))
		log_error("%s", err.text);
}

json_t *keeper_about_guest(const struct keeper *k)
{
	int left = k->asked_until ? deadline_left_ms(k->asked_until) : 0;

	return json_pack("{s:b, s:i}", "panicked", k->panicked, "shutdown-ms", left);
}

void keeper_take_guest(struct keeper *k, const json_t *about)
{
	long long ms = json_int(about, "shutdown-ms", 0);

	k->panicked |= json_bool(about, "panicked", false);
	if (ms > 0)
		k->asked_until = deadline_in_ms(ms < MAX_ASKED_MS ? (uint64_t)ms : MAX_ASKED_MS);
	keeper_show(k);
}

void keeper_asked_due(struct keeper *k)
{
	if (!k->asked_until || deadline_left_ms(k->asked_until))
		return;
	k->asked_until = 0;
	keeper_show(k);
}

deadline_t keeper_asked_next(const struct keeper *k)
{
	return k->asked_until ? k->asked_until : DEADLINE_NONE;
}
