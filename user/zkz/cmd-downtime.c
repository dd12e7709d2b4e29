// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

#define BAR	40

static long long most(const json_t *rows)
{
	const json_t *row;
	long long top = 1;
	size_t i;

	json_array_foreach(rows, i, row)
		if (json_int(row, "gaps", 0) > top)
			top = json_int(row, "gaps", 0);
	return top;
}

static void show_result(const json_t *msg, void *arg)
{
	const json_t *rows = json_object_get(msg, "histogram"), *row;
	long long top = most(rows);
	size_t i;

	(void)arg;
	client_print(stdout, json_str(msg, "text") ? json_str(msg, "text") : "");
	putchar('\n');
	json_array_foreach(rows, i, row) {
		long long gaps = json_int(row, "gaps", 0), n = gaps > 0 ? (gaps * BAR + top - 1) / top : 0;

		printf("%12.3f to %12.3f ms %8lld ", (double)json_int(row, "from-us", 0) / 1e3,
		       (double)json_int(row, "to-us", 0) / 1e3, gaps);
		while (n-- > 0)
			putchar('*');
		putchar('\n');
	}
}

static bool number(const char *text, double least, double max, double *val)
{
	char *end;

	errno = 0;
	*val = strtod(text, &end);
	return !errno && end != text && !*end && *val >= least && *val <= max;
}

int cmd_downtime(int argc, char **argv)
{
	static const struct option options[] = {
		{ "threshold", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct client_view view = { .result = show_result, .cancel = true };
	double ms = 1, seconds = 10;
	json_t *req;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 't' && !number(optarg, 0.001, 60000, &ms))
			return cmd_wrong_use("MS must be 0.001 to 60000");
		if (c == 's' && !number(optarg, 1, 3600, &seconds))
			return cmd_wrong_use("SECONDS must be 1 to 3600");
		if (c != 't' && c != 's')
			return cmd_wrong_use("unknown option");
	}
	if (argc - optind != 1)
		return cmd_wrong_use("the name of one zone is needed");
	req = client_request("downtime", argv[optind]);
	json_object_set_new(req, "threshold-us", json_integer((json_int_t)(ms * 1000 + 0.5)));
	json_object_set_new(req, "seconds", json_integer((json_int_t)seconds));
	return client_run(req, &view);
}
