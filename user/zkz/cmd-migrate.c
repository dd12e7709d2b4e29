// SPDX-License-Identifier: GPL-2.0
/* Verbs that move zones: migrate, and recover after one that broke off. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/ktls.h"
#include "wire/uri.h"
#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/progress.h"

enum { OPT_DOWNTIME = 256, OPT_PASSES, OPT_STREAMS, OPT_VERIFY, OPT_NO_PROBE };

static const struct option options[] = {
	{ "max-downtime", required_argument, NULL, OPT_DOWNTIME },
	{ "max-passes", required_argument, NULL, OPT_PASSES },
	{ "streams", required_argument, NULL, OPT_STREAMS },
	{ "verify", no_argument, NULL, OPT_VERIFY },
	{ "no-probe", no_argument, NULL, OPT_NO_PROBE },
	{ NULL, 0, NULL, 0 },
};

static bool put_number(json_t *req, const char *key, const char *text)
{
	long long val;
	char *end;

	errno = 0;
	val = strtoll(text, &end, 10);
	if (errno || *end || end == text)
		return false;
	json_object_set_new(req, key, json_integer(val));
	return true;
}

static int list_ciphers(void)
{
	enum cipher c;

	for (c = CIPHER_NONE; cipher_name(c); c++)
		printf("%s%s\n", cipher_name(c), c == CIPHER_DEFAULT ? " (default)" : "");
	return EXIT_OK;
}

/* Return: 0, or the exit code + 1 of a run that ends here. */
static int parse(int argc, char **argv, json_t *req, bool *quiet)
{
	int c;

	while ((c = getopt_long(argc, argv, "nqc:", options, NULL)) != -1) {
		const char *key = NULL;

		switch (c) {
		case 'n':
			json_object_set_new(req, "dry-run", json_true());
			break;
		case 'q':
			*quiet = true;
			break;
		case 'c':
			if (!strcmp(optarg, "list"))
				return list_ciphers() + 1;
			json_object_set_new(req, "cipher", json_string(optarg));
			break;
		case OPT_VERIFY:
			json_object_set_new(req, "verify", json_true());
			break;
		case OPT_NO_PROBE:
			json_object_set_new(req, "probe", json_false());
			break;
		case OPT_DOWNTIME:
			key = "max-downtime";
			break;
		case OPT_PASSES:
			key = "max-passes";
			break;
		case OPT_STREAMS:
			key = "streams";
			break;
		default:
			return cmd_usage(argv[0], "unknown option") + 1;
		}
		if (key && !put_number(req, key, optarg))
			return cmd_usage(argv[0], "'%s' is not a number", optarg) + 1;
	}
	return 0;
}

int cmd_migrate(int argc, char **argv)
{
	struct progress bar = { .best = 0 };
	struct client_view view = { .before = progress_hide, .cancel = true, .arg = &bar };
	json_t *req = client_request("migrate", NULL);
	struct zkz_err err = { 0 };
	struct host_uri uri;
	bool quiet = false;
	int rc = parse(argc, argv, req, &quiet);

	if (!rc && argc - optind != 2)
		rc = cmd_usage(argv[0], "the name of a zone and the address of a host are needed") + 1;
	if (!rc && host_uri_parse(argv[optind + 1], &uri, &err))
		rc = cmd_usage(argv[0], "%s. %s", err.text, err.remedy) + 1;
	if (rc) {
		json_decref(req);
		return rc - 1;
	}
	json_object_set_new(req, "zone", json_string(argv[optind]));
	json_object_set_new(req, "to", json_string(argv[optind + 1]));
	if (!quiet && isatty(1))
		view.progress = progress_show;
	return client_run(req, &view);
}

int cmd_recover(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] == '-')
		return cmd_usage(argv[0], "the name of one zone is needed");
	return client_run(client_request("recover", argv[1]), NULL);
}
