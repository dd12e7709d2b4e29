// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

static void line(const char *label, const char *value)
{
	printf("%12s: ", label);
	client_print(stdout, value);
	putchar('\n');
}

static void show_zones(const json_t *zones)
{
	const json_t *one;
	size_t i;

	json_array_foreach(zones, i, one)
		printf("%12s: %s, device %lld\n", "used by zone", json_str(one, "zone") ? json_str(one, "zone") : "",
		       json_int(one, "device", 0));
}

static void show_item(const json_t *msg, void *arg)
{
	const char *uri = json_str(msg, "uri"), *why = json_str(msg, "local-because");

	(void)arg;
	if (!uri)
		return;
	client_print(stdout, uri);
	putchar('\n');
	if (json_int(msg, "size", -1) < 0)
		return;
	printf("%12s: %lld bytes\n", "size", json_int(msg, "size", 0));
	line("format", json_str(msg, "format") ? json_str(msg, "format") : "");
	if (json_str(msg, "luname"))
		line("LUN", json_str(msg, "luname"));
	line("reach", json_bool(msg, "shared", false) ? "shared" : "local");
	if (why)
		line("because", why);
	show_zones(json_object_get(msg, "zones"));
}

/* The text of a success says nothing that the rows do not. */
static void show_result(const json_t *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

/* "10G"; 0 if it is none */
static long long size_of(const char *text)
{
	static const char units[] = "KMGT";
	const char *unit;
	long long v;
	char *end;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || !isdigit((unsigned char)*text) || v > 1LL << 56)
		return 0;
	if (!*end)
		return v;
	unit = strchr(units, toupper((unsigned char)*end));
	if (!unit || end[1] || v >> (56 - 10 * (unit - units + 1)))
		return 0;
	return v << (10 * (unit - units + 1));
}

static json_t *request(const char *verb, char **uri, int nr)
{
	json_t *req = client_request("storage", NULL), *uris = json_array();
	int i;

	for (i = 0; i < nr; i++)
		json_array_append_new(uris, json_string(uri[i]));
	json_object_set_new(req, "verb", json_string(verb));
	json_object_set_new(req, "uris", uris);
	return req;
}

static int create(char **arg, int nr, const char *format)
{
	long long size = nr == 2 ? size_of(arg[1]) : 0;
	json_t *req;

	if (nr != 2)
		return cmd_wrong_use("a URI and a size are needed");
	if (size < 512 || size % 512)
		return cmd_wrong_use("the size must be a multiple of 512, such as 10G or 512M");
	if (strcmp(format, "raw") && strcmp(format, "qcow2"))
		return cmd_wrong_use("the format must be raw or qcow2");
	req = request("create", arg, 1);
	json_object_set_new(req, "size", json_integer(size));
	json_object_set_new(req, "format", json_string(format));
	return client_run(req, NULL);
}

int cmd_storage(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct client_view view = { .item = show_item, .result = show_result };
	const char *format = NULL, *verb;
	int c, nr;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'f')
			return cmd_wrong_use("unknown option");
		format = optarg;
	}
	verb = optind < argc ? argv[optind++] : "";
	nr = argc - optind;
	if (!strcmp(verb, "create"))
		return create(argv + optind, nr, format ? format : "raw");
	if (format)
		return cmd_wrong_use("--format is for create");
	if (!strcmp(verb, "lookup") && nr == 1)
		return client_run(request(verb, argv + optind, nr), &view);
	if (!strcmp(verb, "check") && nr > 0)
		return client_run(request(verb, argv + optind, nr), &view);
	return cmd_wrong_use("lookup and one URI or path, check and URIs, or create is needed");
}
