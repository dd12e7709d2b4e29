// SPDX-License-Identifier: GPL-2.0
#include "migrate/guard.h"

#include <poll.h>

#include "lib/io.h"
#include "zone/keeper.h"

int guard_take(const char *zone, bool target, json_t **guest, deadline_t dl, struct zkz_err *err)
{
	json_t *ans = NULL;
	int fd = keeper_hold(zone, json_pack("{s:s, s:s}", "op", "guard", "side", target ? "target" : "source"),
			     &ans, dl, err);

	if (guest)
		*guest = json_incref(json_object_get(ans, "guest"));
	json_decref(ans);
	return fd;
}

bool guard_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

int guard_end(const char *zone, int *fd, json_t **ret, deadline_t dl,
	      struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	int rc;

	if (*fd < 0)
		return 0;
	rc = keeper_ask(zone, *fd, json_pack("{s:s}", "op", "settle"), ret, dl, &why);
	if (!rc || !err_is(&why, ERR_GUEST_NOT_STARTED))
		io_close(fd);
	if (rc && err)
		*err = why;
	return rc;
}
