// SPDX-License-Identifier: GPL-2.0
/* Verbs that take the name of a zone and little else: those that start and stop zones, and that say whose they are. */
#include <getopt.h>
#include <stdbool.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

static int simple(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] == '-')
		return cmd_wrong_use("the name of one zone is needed");
	return client_run(client_request(argv[0], argv[1]), NULL);
}

int cmd_attach(int argc, char **argv)
{
	json_t *req;
	int c;

	req = client_request("attach", NULL);
	while ((c = getopt(argc, argv, "n")) != -1) {
		if (c != 'n') {
			json_decref(req);
			return cmd_wrong_use("unknown option");
		}
		json_object_set_new(req, "dry-run", json_true());
	}
	if (argc - optind != 1) {
		json_decref(req);
		return cmd_wrong_use("the name of one zone is needed");
	}
	json_object_set_new(req, "zone", json_string(argv[optind]));
	return client_run(req, NULL);
}

int cmd_rename(int argc, char **argv)
{
	json_t *req;

	if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-')
		return cmd_wrong_use("a zone's name and another one are needed");
	req = client_request("rename", argv[1]);
	json_object_set_new(req, "to", json_string(argv[2]));
	return client_run(req, NULL);
}

int cmd_detach(int argc, char **argv)
{
	return simple(argc, argv);
}

int cmd_verify(int argc, char **argv)
{
	return simple(argc, argv);
}

int cmd_boot(int argc, char **argv)
{
	return simple(argc, argv);
}

int cmd_halt(int argc, char **argv)
{
	return simple(argc, argv);
}

int cmd_reboot(int argc, char **argv)
{
	return simple(argc, argv);
}

int cmd_resume(int argc, char **argv)
{
	return simple(argc, argv);
}
