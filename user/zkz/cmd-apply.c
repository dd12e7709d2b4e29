// SPDX-License-Identifier: GPL-2.0
/* The verb that makes a zone which runs what its configuration says, as far as that can be without a boot. */
#include <getopt.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

int cmd_apply(int argc, char **argv)
{
	const struct client_view view = { .cancel = true };
	bool check = false;
	json_t *req;
	int c;

	while ((c = getopt(argc, argv, "n")) != -1) {
		if (c != 'n')
			return cmd_wrong_use("unknown option");
		check = true;
	}
	if (argc - optind != 1)
		return cmd_wrong_use("the name of one zone is needed");
	req = client_request("apply", argv[optind]);
	json_object_set_new(req, "check", json_boolean(check));
	return client_run(req, &view);
}
