// SPDX-License-Identifier: GPL-2.0
/* Verbs that move zones: migrate, and recover after one that broke off. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "wire/ktls.h"
#include "wire/uri.h"
#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/progress.h"
#include "zkz/report.h"

enum { OPT_DOWNTIME = 256, OPT_PASSES, OPT_STREAMS, OPT_VERIFY, OPT_NO_PROBE, OPT_REPORT,
	OPT_MODE, OPT_FETCH, OPT_SLOWDOWN, OPT_ABORT, OPT_STORAGE };

static const struct option options[] = {
	{ "max-downtime", required_argument, NULL, OPT_DOWNTIME },
	{ "max-passes", required_argument, NULL, OPT_PASSES },
	{ "max-slowdown", required_argument, NULL, OPT_SLOWDOWN },
	{ "streams", required_argument, NULL, OPT_STREAMS },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "fetch-timeout", required_argument, NULL, OPT_FETCH },
	{ "with-storage", no_argument, NULL, OPT_STORAGE },
	{ "verify", no_argument, NULL, OPT_VERIFY },
	{ "no-probe", no_argument, NULL, OPT_NO_PROBE },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ "abort", no_argument, NULL, OPT_ABORT },
	{ NULL, 0, NULL, 0 },
};

/**
 * struct wishes - what zkzd need not know
 * @quiet:  no progress bar
 * @report: file to draw the migration into, or NULL
 * @abort:  end one instead
 */
struct wishes {
	bool quiet;
	const char *report;
	bool abort;
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
	json_t *names = json_array();
	enum cipher c;

	for (c = CIPHER_NONE; client_json && cipher_name(c); c++)
		json_array_append_new(names, json_string(cipher_name(c)));
	if (client_json) {
		client_result(json_pack("{s:o, s:s}", "ciphers", names, "default", cipher_name(CIPHER_DEFAULT)));
		return EXIT_OK;
	}
	json_decref(names);
	for (c = CIPHER_NONE; cipher_name(c); c++)
		printf("%s%s\n", cipher_name(c), c == CIPHER_DEFAULT ? " (default)" : "");
	return EXIT_OK;
}

/* Return: 0, or the exit code + 1 of a run that ends here. */
static int parse(int argc, char **argv, json_t *req, struct wishes *w)
{
	int c;

	while ((c = getopt_long(argc, argv, "nqc:", options, NULL)) != -1) {
		const char *key = NULL;

		switch (c) {
		case 'n':
			json_object_set_new(req, "dry-run", json_true());
			break;
		case 'q':
			w->quiet = true;
			break;
		case 'c':
			if (!strcmp(optarg, "list"))
				return list_ciphers() + 1;
			json_object_set_new(req, "cipher", json_string(optarg));
			break;
		case OPT_STORAGE:
			json_object_set_new(req, "with-storage", json_true());
			break;
		case OPT_VERIFY:
			json_object_set_new(req, "verify", json_true());
			break;
		case OPT_NO_PROBE:
			json_object_set_new(req, "probe", json_false());
			break;
		case OPT_REPORT:
			w->report = optarg;
			break;
		case OPT_DOWNTIME:
			key = "max-downtime";
			break;
		case OPT_PASSES:
			key = "max-passes";
			break;
		case OPT_SLOWDOWN:
			key = "max-slowdown";
			break;
		case OPT_MODE:
			json_object_set_new(req, "mode", json_string(optarg));
			break;
		case OPT_FETCH:
			key = "fetch-timeout";
			break;
		case OPT_ABORT:
			w->abort = true;
			break;
		case OPT_STREAMS:
			if (strcmp(optarg, "auto"))
				key = "streams";
			else
				json_object_del(req, "streams");
			break;
		default:
			return cmd_wrong_use("unknown option") + 1;
		}
		if (key && !put_number(req, key, optarg))
			return cmd_wrong_use("'%s' is not a number", optarg) + 1;
	}
	return 0;
}

static bool is_html(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".html");
}

/* Found out before the zone moves, not after. Return: 0, or the exit code + 1. */
static int check_report(const json_t *req, const char *path)
{
	const char *dot = strrchr(path, '.');
	FILE *f;

	if (!dot || (strcmp(dot, ".svg") && !is_html(path)))
		return cmd_wrong_use("the name of a report ends in .svg or .html") + 1;
	if (json_is_true(json_object_get(req, "dry-run")))
		return cmd_wrong_use("there is nothing to report of a dry run") + 1;
	f = fopen(path, "a");
	if (!f)
		return cmd_wrong_use("cannot write %s: %s", path, strerror(errno)) + 1;
	fclose(f);
	return 0;
}

static void hear(const json_t *msg, void *arg)
{
	report_line(arg, msg, clock_mono_ns());
}

static void write_report(const struct report *r, const char *path)
{
	char *text = r->result ? report_draw(r, is_html(path)) : NULL;
	struct zkz_err err = { 0 };

	if (!r->result)
		return;
	if (text ? file_write_atomic(path, text, strlen(text), 0644, &err) : err_no_memory(&err)) {
		err_report_not_written(&err);
		client_warn(NULL, &err);
	}
	free(text);
}

/* It says of a migration how it ends, and nothing how it is made. @req is consumed. */
static int abort_one(int argc, char **argv, json_t *req, const struct wishes *w)
{
	bool more = json_object_size(req) > 1 || w->report;

	json_decref(req);
	if (more || argc - optind != 1)
		return cmd_wrong_use("--abort takes the name of one zone, and no other options");
	return client_run(client_request("abort", argv[optind]), NULL);
}

int cmd_migrate(int argc, char **argv)
{
	struct progress bar = { .best = 0 };
	struct client_view view = { .before = progress_hide, .cancel = true, .arg = &bar };
	json_t *req = client_request("migrate", NULL);
	struct zkz_err err = { 0 };
	struct host_uri uri;
	static struct report report;
	struct wishes w = { .quiet = false };
	int rc = parse(argc, argv, req, &w);

	if (!rc && w.abort)
		return abort_one(argc, argv, req, &w);
	if (!rc && argc - optind != 2)
		rc = cmd_wrong_use("the name of a zone and the address of a host are needed") + 1;
	if (!rc && host_uri_parse(argv[optind + 1], &uri, &err))
		rc = cmd_wrong_use("%s. %s", err.text, err.remedy) + 1;
	if (!rc && w.report)
		rc = check_report(req, w.report);
	if (rc) {
		json_decref(req);
		return rc - 1;
	}
	json_object_set_new(req, "zone", json_string(argv[optind]));
	json_object_set_new(req, "to", json_string(argv[optind + 1]));
	if (!w.quiet && isatty(1))
		view.progress = progress_show;
	view.every = hear;
	view.every_arg = &report;
	rc = client_run(req, &view);
	if (w.report)
		write_report(&report, w.report);
	report_fini(&report);
	return rc;
}
