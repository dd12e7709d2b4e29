// SPDX-License-Identifier: GPL-2.0
/* Places at zkzd: one user, and all but root, leave some for others. */
#include "unit.h"
#include "zkzd/clients.c"

static unsigned int fill(struct clients *c, uid_t uid)
{
	unsigned int n = 0;

	while (n < 1000 && !clients_admit(c, uid, NULL)) {
		clients_add(c, 1000 + c->nr, uid);
		n++;
	}
	return n;
}

TEST(one_user_does_not_take_all)
{
	struct clients c = { .nr = 0 };
	struct zkz_err err;

	CHECK_INT(fill(&c, 1000), CLIENTS_USER);
	CHECK_INT(clients_admit(&c, 1000, &err), -1);
	CHECK_HAS(err.text, "of user 1000");
	CHECK_INT(clients_admit(&c, 1001, &err), 0);
	clients_gone(&c, 1000);
	clients_gone(&c, 99);
	CHECK_INT(c.nr, CLIENTS_USER - 1);
	CHECK_INT(fill(&c, 1000), 1);
}

TEST(root_gets_through)
{
	struct clients c = { .nr = 0 };
	uid_t uid;

	for (uid = 1000; uid < 1100; uid++)
		fill(&c, uid);
	CHECK_INT(c.nr, CLIENTS_OTHERS);
	CHECK_INT(fill(&c, 0), CLIENTS_MAX - CLIENTS_OTHERS);
	CHECK_INT(clients_admit(&c, 0, NULL), -1);
}
