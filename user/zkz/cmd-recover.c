// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

int cmd_recover(int argc, char **argv)
{
	static const struct option options[] = {
		{ "force", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	const char *force = NULL;
	json_t *req;
	int c, left;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'f')
			return cmd_wrong_use("unknown option");
		force = optarg;
	}
	if (force && strcmp(force, "here") && strcmp(force, "elsewhere"))
		return cmd_wrong_use("a zone is taken 'here' or 'elsewhere'");
	left = argc - optind;
	if (left < 1 || left > (force ? 1 : 2))
		return cmd_wrong_use("the name of one zone is needed");
	req = client_request("recover", argv[optind]);
	if (force)
		json_object_set_new(req, "force", json_string(force));
	if (left == 2)
		json_object_set_new(req, "at", json_string(argv[optind + 1]));
	return client_run(req, NULL);
}
