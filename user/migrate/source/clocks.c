// SPDX-License-Identifier: GPL-2.0
/*
 * Source: how far the clocks of the two hosts are apart, before the move and after it.
 *
 * The pings take a connection of the two workers, that of GO, or of memory in a dry
 * run. Through ssh three more processes would be on the way of each, and need
 * processors that a guest of a small host would run on.
 */
#include "lib/log.h"
#include "migrate/source/clocks.h"
#include "wire/ping.h"

#define PINGS_MS	20000

static void count(const struct ping *p, void *arg)
{
	offset_add(arg, p);
}

int source_compare_clocks(struct link *l, const char *zone, struct offset *o, struct zkz_err *err)
{
	int fd = l->decision.in >= 0 ? l->decision.in : l->fd[0];
	deadline_t dl = deadline_in_ms(PINGS_MS);
	uint64_t start = clock_mono_ns();
	json_t *ans;

	offset_init(o);
	if (channel_send(&l->ch, "clocks", json_pack("{s:i}", "pings", OFFSET_PINGS), err) ||
	    (ping_ask(fd, OFFSET_PINGS, count, o, dl, err) && err_peer_at(err, l->uri.host)) ||
	    channel_recv_type(&l->ch, "clocks-ok", &ans, dl, err)) {
		offset_init(o);
		return -1;
	}
	json_decref(ans);
	log_debug("zone %s: %u pings in %llu ms, offset %lld us, bound %lld us", zone,
		  o->pings, (unsigned long long)((clock_mono_ns() - start) / NSEC_PER_MSEC),
		  (long long)offset_mid(o) / 1000, (long long)offset_bound(o) / 1000);
	return 0;
}

/* By then nothing depends on it but figures. */
void source_compare_after(struct link *l, const char *zone, struct offset *o)
{
	struct zkz_err err = { 0 };

	offset_init(o);
	if (l->up && source_compare_clocks(l, zone, o, &err))
		log_warn("zone %s: %s", zone, err.text);
}
