// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

static void show_item(const json_t *msg, void *arg)
{
	const char *text = json_str(msg, "text");

	(void)arg;
	if (text)
		puts(text);
	fflush(stdout);
}

static void show_result(const json_t *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

int cmd_log(int argc, char **argv)
{
	static const struct client_view view = { .item = show_item, .result = show_result };
	bool console = false, follow = false;
	json_t *req;
	int c;

	while ((c = getopt(argc, argv, "cf")) != -1) {
		switch (c) {
		case 'c':
			console = true;
			break;
		case 'f':
			follow = true;
			break;
		default:
			return cmd_wrong_use("unknown option");
		}
	}
	if (argc - optind != 1)
		return cmd_wrong_use("the name of one zone is needed");
	req = client_request("log", argv[optind]);
	json_object_set_new(req, "console", json_boolean(console));
	json_object_set_new(req, "follow", json_boolean(follow));
	return client_run(req, &view);
}
