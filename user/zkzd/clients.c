// SPDX-License-Identifier: GPL-2.0
#include "zkzd/clients.h"

int clients_admit(const struct clients *c, uid_t uid, struct zkz_err *err)
{
	unsigned int i, others = 0, same = 0;

	for (i = 0; i < c->nr; i++) {
		others += c->at[i].uid != 0;
		same += c->at[i].uid == uid;
	}
	if (uid && same >= CLIENTS_USER)
		return err_daemon_busy_for_user(err, same, uid);
	if (c->nr < CLIENTS_MAX && (!uid || others < CLIENTS_OTHERS))
		return 0;
	return err_daemon_busy(err, c->nr);
}

void clients_add(struct clients *c, pid_t pid, uid_t uid)
{
	c->at[c->nr].pid = pid;
	c->at[c->nr].uid = uid;
	c->nr++;
}

void clients_gone(struct clients *c, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < c->nr && c->at[i].pid != pid; i++)
		;
	if (i < c->nr)
		c->at[i] = c->at[--c->nr];
}
