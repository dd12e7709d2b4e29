// SPDX-License-Identifier: GPL-2.0
/* The verb that asks guests to shut down: one, or all before their host does. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/running.h"

#define MAX_SECONDS	3600

enum { OPT_ALL = 256 };

static const struct option options[] = {
	{ "all", no_argument, NULL, OPT_ALL },
	{ NULL, 0, NULL, 0 },
};

/**
 * struct wishes - what the command line says
 * @again:   boot the zone afterwards
 * @all:     all zones that run, because the host goes down
 * @seconds: how long a guest may take
 */
struct wishes {
	bool again;
	bool all;
	long seconds;
};

static int one(const struct wishes *w, const char *zone)
{
	json_t *req = client_request("shutdown", zone);
	int code;

	json_object_set_new(req, "timeout-ms", json_integer(w->seconds * 1000));
	json_object_set_new(req, "with-host", json_boolean(w->all));
	code = client_run(req, NULL);
	if (code == EXIT_OK && w->again)
		code = client_run(client_request("boot", zone), NULL);
	return code;
}

/* In a process of its own: guests shut down at the same time. Return: its number, or -1. */
static pid_t begin(const struct wishes *w, const char *zone)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		int code = one(w, zone);

		fflush(NULL);
		_exit(code);
	}
	return pid;
}

static int all(const struct wishes *w)
{
	struct zkz_err err = { 0 };
	json_t *names = running_zones(&err), *name;
	int code = EXIT_OK, status;
	size_t i;

	if (!names)
		return client_fail(NULL, &err);
	json_array_foreach(names, i, name) {
		/* One after the other is better than not at all. */
		if (begin(w, json_string_value(name)) < 0 && one(w, json_string_value(name)) != EXIT_OK)
			code = EXIT_FAILED;
	}
	while (wait(&status) > 0)
		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_OK)
			code = EXIT_FAILED;
	if (!json_array_size(names) && !client_json)
		puts("No zone runs.");
	json_decref(names);
	return code;
}

int cmd_shutdown(int argc, char **argv)
{
	struct wishes w = { .seconds = 60 };
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "rt:", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			w.again = true;
			break;
		case 't':
			w.seconds = strtol(optarg, &end, 10);
			if (*end || end == optarg || w.seconds < 1 || w.seconds > MAX_SECONDS)
				return cmd_wrong_use("SECONDS must be 1 to 3600");
			break;
		case OPT_ALL:
			w.all = true;
			break;
		default:
			return cmd_wrong_use("unknown option");
		}
	}
	if (w.all && (w.again || optind < argc))
		return cmd_wrong_use("--all goes with no zone and without -r");
	if (!w.all && argc - optind != 1)
		return cmd_wrong_use("the name of one zone is needed");
	return w.all ? all(&w) : one(&w, argv[optind]);
}
