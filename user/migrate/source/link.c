// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/link.h"

#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/io.h"
#include "lib/jsonl.h"

#define ANSWER_MS	60000
/* A connection that a firewall swallows shows by nothing else. */
#define STREAMS_MS	15000

void link_init(struct link *l)
{
	unsigned int i;

	memset(l, 0, sizeof(*l));
	channel_init(&l->decision, -1, -1, "the target");
	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		l->fd[i] = -1;
}

int link_open(struct link *l, int watch, deadline_t dl, struct zkz_err *err)
{
	if (ssh_open(&l->ssh, &l->ch, &l->uri, watch, dl, err))
		return -1;
	l->up = true;
	return 0;
}

int link_settle(struct link *l, struct zkz_err *err)
{
	return ssh_agree(&l->ssh, err) || channel_beat(&l->ch, err) ? -1 : 0;
}

void link_close(struct link *l)
{
	if (!l->up)
		return;
	channel_fini(&l->ch);
	ssh_close(&l->ssh);
	l->up = false;
}

void link_farewell(struct link *l, deadline_t dl)
{
	json_t *msg;

	l->ch.watch = -1;
	while (!channel_recv(&l->ch, &msg, dl, NULL))
		json_decref(msg);
	link_close(l);
}

static bool is_loopback(const char *addr)
{
	return !strncmp(addr, "127.", 4) || !strcmp(addr, "::1") || !strncmp(addr, "::ffff:127.", 11);
}

int link_take_streams(struct link *l, const char *migration, enum cipher cipher, const json_t *ans,
		      struct zkz_err *err)
{
	const char *addr = json_str(ans, "address");
	long long port = json_int(ans, "port", 0);

	if (!addr || port < 1 || port > 65535 ||
	    hex_decode(json_str(ans, "secret"), l->plan.secret, STREAM_SECRET_SIZE))
		return err_peer_nonsense(err, l->ch.peer, "streams-ok");
	/* An address of the loopback would be one of this host. */
	if (is_loopback(addr))
		return err_network_forwarder(err, l->uri.host, addr);
	snprintf(l->addr, sizeof(l->addr), "%s", *addr ? addr : l->uri.host);
	snprintf(l->port, sizeof(l->port), "%lld", port);
	l->plan.cipher = cipher;
	memcpy(l->plan.uuid, migration, sizeof(l->plan.uuid));
	return 0;
}

int link_join_streams(struct link *l, unsigned int nr, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(STREAMS_MS);
	unsigned int i;
	json_t *ans;

	if (channel_send(&l->ch, "join", NULL, err))
		return -1;
	for (i = 0; i < nr; i++) {
		l->fd[i] = stream_connect(&l->plan, i, l->addr, l->port, l->ch.watch, dl, err);
		if (l->fd[i] < 0)
			return -1;
	}
	if (channel_recv_type(&l->ch, "join-ok", &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	json_decref(ans);
	return 0;
}

void link_drop_streams(struct link *l)
{
	unsigned int i;

	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		io_close(&l->fd[i]);
}
