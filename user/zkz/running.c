// SPDX-License-Identifier: GPL-2.0
#include "zkz/running.h"

#include <stdbool.h>
#include <string.h>

#include "lib/io.h"
#include "zkz/client.h"

#define LIST_MS		60000

json_t *running_zones(struct zkz_err *err)
{
	json_t *names = json_array(), *msg;
	int fd = client_open(err), rc;
	struct jsonl in;
	bool last = false;

	rc = fd < 0 ? -1 : client_send(fd, client_request("list", NULL), err);
	jsonl_init(&in, fd);
	while (!rc && !last && !(rc = client_read(&in, &msg, deadline_in_ms(LIST_MS), err))) {
		const char *type = json_str(msg, "type"), *name = json_str(msg, "name");

		if (type && !strcmp(type, "item") && name)
			json_array_append_new(names, json_string(name));
		last = type && (!strcmp(type, "result") || !strcmp(type, "error"));
		json_decref(msg);
	}
	jsonl_fini(&in);
	io_close(&fd);
	if (!rc)
		return names;
	json_decref(names);
	return NULL;
}
