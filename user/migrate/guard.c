// SPDX-License-Identifier: GPL-2.0
#include "migrate/guard.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "zone/paths.h"

/* A keeper that takes no request any more may have had a last word before. */
static int ask(const char *zone, int fd, json_t *req, json_t **ret, deadline_t dl,
	       struct zkz_err *err)
{
	json_t *ans = NULL;
	struct jsonl in;
	const char *type;
	int rc;

	jsonl_init(&in, fd);
	rc = jsonl_write(fd, req, dl, err);
	if (!rc)
		rc = jsonl_read(&in, &ans, dl, err);
	else if (!jsonl_read(&in, &ans, dl, NULL) && ans)
		rc = 0;
	jsonl_fini(&in);
	json_decref(req);
	if (rc)
		return err_keeper_of(err, zone);
	if (!ans)
		return err_keeper(err, zone);
	type = json_str(ans, "type");
	if (type && !strcmp(type, "result")) {
		if (ret)
			*ret = ans;
		else
			json_decref(ans);
		return 0;
	}
	err_from_json(err, ans, NULL);
	json_decref(ans);
	return -1;
}

int guard_take(const char *zone, bool target, json_t **guest, deadline_t dl, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int fd = io_connect_unix(zone_path(ZF_KEEPER, zone, path), dl);
	json_t *req, *ans = NULL;

	if (fd < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED) {
			err_zone_not_running(err, zone);
			return -1;
		}
		return err_keeper_connect(err, zone, errno);
	}
	req = json_pack("{s:s, s:s}", "op", "guard", "side", target ? "target" : "source");
	if (ask(zone, fd, req, &ans, dl, err))
		io_close(&fd);
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
	rc = ask(zone, *fd, json_pack("{s:s}", "op", "settle"), ret, dl, &why);
	if (!rc || !err_is(&why, ERR_GUEST_NOT_STARTED))
		io_close(fd);
	if (rc && err)
		*err = why;
	return rc;
}
