// SPDX-License-Identifier: GPL-2.0
/* The verb that puts zones which run under the programs that are installed now. */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/running.h"

enum { OPT_ALL = 256, OPT_MODULE, OPT_OLD };

static const struct option options[] = {
	{ "all", no_argument, NULL, OPT_ALL },
	{ "module", no_argument, NULL, OPT_MODULE },
	{ "old", no_argument, NULL, OPT_OLD },
	{ NULL, 0, NULL, 0 },
};

/**
 * struct wishes - what the command line says
 * @check:  change nothing
 * @force:  also what is not old
 * @all:    all zones that run
 * @module: the kernel module instead
 * @old:    only tell what is old
 */
struct wishes {
	bool check;
	bool force;
	bool all;
	bool module;
	bool old;
};

static void show_old(const json_t *old, const char *what)
{
	const char *library = json_str(old, "library");

	if (!json_bool(old, "old", false))
		return;
	if (library && library[0])
		printf("  %s uses a library that was replaced: %s\n", what, library);
	else
		printf("  %s is not the installed one\n", what);
}

static void show_result(const json_t *msg, void *arg)
{
	const char *text = json_str(msg, "text");

	(void)arg;
	show_old(json_object_get(msg, "keeper"), "zkz-keeper");
	show_old(json_object_get(msg, "qemu"), "QEMU");
	if (text)
		client_print(stdout, text);
	putchar('\n');
}

/* One line a zone that is old, and no other. */
static void show_if_old(const json_t *msg, void *arg)
{
	const char *runs = json_str(msg, "qemu-runs"), *now = json_str(msg, "qemu-installed");
	bool keeper = json_bool(json_object_get(msg, "keeper"), "old", false);
	bool qemu = json_bool(json_object_get(msg, "qemu"), "old", false);
	unsigned int *found = arg;

	if (!keeper && !qemu)
		return;
	if (!(*found)++)
		puts("Zones that run programs which were replaced; 'zkz upgrade --all' renews them:");
	printf("  ");
	client_print(stdout, json_str(msg, "zone") ? json_str(msg, "zone") : "");
	if (qemu)
		printf(": QEMU %s, installed is %s", runs ? runs : "", now ? now : "");
	puts(keeper ? qemu ? ", and its keeper" : ": its keeper" : "");
}

static int one(const struct wishes *w, const char *op, const char *zone)
{
	static unsigned int found;
	static const struct client_view checked = { .result = show_result, .cancel = true };
	static const struct client_view done = { .cancel = true };
	static const struct client_view old = { .result = show_if_old, .arg = &found };
	json_t *req = client_request(op, zone);

	json_object_set_new(req, "check", json_boolean(w->check));
	json_object_set_new(req, "force", json_boolean(w->force));
	json_object_set_new(req, "look", json_boolean(w->old));
	return client_run(req, w->old ? &old : w->check && zone ? &checked : &done);
}

static int all(const struct wishes *w)
{
	struct zkz_err err = { 0 };
	json_t *names = running_zones(&err), *name;
	int code = EXIT_OK;
	size_t i;

	if (!names)
		return client_fail(NULL, &err);
	json_array_foreach(names, i, name) {
		/* One that fails runs on as it did, and so may the next be upgraded. */
		if (one(w, "upgrade", json_string_value(name)) != EXIT_OK)
			code = EXIT_FAILED;
	}
	if (!json_array_size(names) && !client_json && !w->old)
		puts("No zone runs.");
	json_decref(names);
	return code;
}

int cmd_upgrade(int argc, char **argv)
{
	struct wishes w = { .all = false };
	int c, code = EXIT_OK;
	bool named;

	while ((c = getopt_long(argc, argv, "nf", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			w.check = true;
			break;
		case 'f':
			w.force = true;
			break;
		case OPT_ALL:
			w.all = true;
			break;
		case OPT_MODULE:
			w.module = true;
			break;
		case OPT_OLD:
			w.old = true;
			break;
		default:
			return cmd_wrong_use("unknown option");
		}
	}
	named = optind < argc;
	w.all |= w.old && !named;
	if (named + w.all + w.module != 1)
		return cmd_wrong_use("name zones, or say --all, --module or --old");
	if (w.module)
		return one(&w, "module", NULL);
	if (w.all)
		return all(&w);
	for (; optind < argc; optind++)
		if (one(&w, "upgrade", argv[optind]) != EXIT_OK)
			code = EXIT_FAILED;
	return code;
}
