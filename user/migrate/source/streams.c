// SPDX-License-Identifier: GPL-2.0
/* Source: data streams, to where the target listens: at first, and again for a fetch whose connections broke. */
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/jsonl.h"
#include "migrate/source/source.h"

#define ANSWER_MS	60000
/* A connection that a firewall swallows shows by nothing else. */
#define STREAMS_MS	15000

static bool is_loopback(const char *addr)
{
	return !strncmp(addr, "127.", 4) || !strcmp(addr, "::1") || !strncmp(addr, "::ffff:127.", 11);
}

/* It would be ours, and whoever listens there would be shown the token. */
static int forwarded(struct source *s, const char *addr, struct zkz_err *err)
{
	err_set(err, ERR_NETWORK, "ssh to %s goes through a forwarder: that host was reached as %s, where this host cannot reach it",
		s->uri.host, addr);
	return err_remedy(err, "Memory takes connections of its own: name an address at which this host reaches the other one directly.");
}

int source_take_streams(struct source *s, const json_t *ans, struct zkz_err *err)
{
	const char *addr = json_str(ans, "address");
	long long port = json_int(ans, "port", 0);

	if (!addr || port < 1 || port > 65535 ||
	    hex_decode(json_str(ans, "secret"), s->plan.secret, STREAM_SECRET_SIZE))
		return err_set(err, ERR_PROTOCOL, "%s tells nonsense of its data streams", s->ch.peer);
	if (is_loopback(addr))
		return forwarded(s, addr, err);
	snprintf(s->addr, sizeof(s->addr), "%s", *addr ? addr : s->uri.host);
	snprintf(s->port, sizeof(s->port), "%lld", port);
	s->plan.cipher = s->opt.cipher;
	memcpy(s->plan.uuid, s->commit.migration, sizeof(s->plan.uuid));
	return 0;
}

int source_join_streams(struct source *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(STREAMS_MS);
	unsigned int i;
	json_t *ans;

	if (channel_send(&s->ch, "join", NULL, err))
		return -1;
	for (i = 0; i < s->opt.streams; i++) {
		s->fd[i] = stream_connect(&s->plan, i, s->addr, s->port, s->ch.watch, dl, err);
		if (s->fd[i] < 0)
			return -1;
	}
	if (channel_recv_type(&s->ch, "join-ok", &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	json_decref(ans);
	return 0;
}
