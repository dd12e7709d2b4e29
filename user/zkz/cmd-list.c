// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/column.h"

#define VERBOSE		"id,name,state,path,brand,ip-type"
#define STATES		"name,state,aux"

/**
 * struct listing - one list
 * @scope:    of zones that are not named: "running", "installed" or "configured"
 * @columns:  names of columns, NULL for names of zones alone
 * @parsable: for programs
 * @zones:    those that zkzd has told of
 */
struct listing {
	const char *scope;
	const char *columns;
	bool parsable;
	json_t *zones;
};

static void take(const json_t *msg, void *arg)
{
	struct listing *l = arg;

	json_array_append_new(l->zones, json_deep_copy(msg));
}

static void ignore(const json_t *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

/* The host itself, what runs, the rest. */
static int rank(const json_t *zone)
{
	if (json_is_true(json_object_get(zone, "global")))
		return 0;
	return json_int(zone, "id", 0) ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	const char *left = json_str(x, "name"), *right = json_str(y, "name");
	long long by_id = json_int(x, "id", 0) - json_int(y, "id", 0);
	int by_rank = rank(x) - rank(y);

	if (by_rank)
		return by_rank;
	if (rank(x) == 1 && by_id)
		return by_id < 0 ? -1 : 1;
	return strcmp(left ? left : "", right ? right : "");
}

/* Return: the same zones in order; a new array, or NULL. */
static json_t *sorted(const json_t *zones)
{
	size_t nr = json_array_size(zones), i;
	json_t **list = calloc(nr + 1, sizeof(*list));
	json_t *out = json_array();

	for (i = 0; list && i < nr; i++)
		list[i] = json_array_get(zones, i);
	if (list)
		qsort(list, nr, sizeof(*list), compare);
	for (i = 0; list && i < nr; i++)
		json_array_append(out, list[i]);
	free(list);
	return out;
}

static void print(const struct listing *l)
{
	json_t *zones = sorted(l->zones), *zone;
	struct columns c;
	size_t i;

	columns_parse(&c, l->columns ? l->columns : l->parsable ? COLUMNS_PARSABLE : "name");
	if (l->columns && !l->parsable)
		columns_table(&c, zones, stdout);
	else
		json_array_foreach(zones, i, zone)
			columns_fields(&c, zone, stdout);
	json_decref(zones);
}

/* Two ways to say which columns there are. */
static int choose(struct listing *l, const char *columns)
{
	struct columns unused;

	if (l->columns)
		return cmd_wrong_use("-v, -s and -o exclude each other");
	if (!columns_parse(&unused, columns))
		return cmd_wrong_use("columns are %s, or all", columns_names());
	l->columns = columns;
	return 0;
}

/* Return: 0, or EXIT_USAGE. */
static int parse(int argc, char **argv, struct listing *l, json_t *req)
{
	int c, rc = 0;

	json_object_set_new(req, "host", json_true());
	while (!rc && (c = getopt(argc, argv, "cinvspo:")) != -1) {
		switch (c) {
		case 'c':
			l->scope = "configured";
			break;
		case 'i':
			/* with -c these are among the others */
			if (strcmp(l->scope, "configured"))
				l->scope = "installed";
			break;
		case 'n':
			json_object_set_new(req, "host", json_false());
			break;
		case 'v':
			rc = choose(l, VERBOSE);
			break;
		case 's':
			rc = choose(l, STATES);
			break;
		case 'o':
			rc = choose(l, optarg);
			break;
		case 'p':
			l->parsable = true;
			break;
		default:
			rc = cmd_wrong_use(optopt == 'o' ? "-o needs names of columns" : "unknown option");
		}
	}
	if (!rc && l->parsable && l->columns && !strcmp(l->columns, VERBOSE))
		rc = cmd_wrong_use("-v and -p exclude each other");
	return rc;
}

int cmd_list(int argc, char **argv)
{
	struct listing l = { .scope = "running" };
	const struct client_view view = { .item = take, .result = ignore, .arg = &l };
	json_t *req = client_request("list", NULL), *names;
	int code = parse(argc, argv, &l, req);

	if (code) {
		json_decref(req);
		return code;
	}
	json_object_set_new(req, "scope", json_string(l.scope));
	if (optind < argc) {
		names = json_array();
		while (optind < argc)
			json_array_append_new(names, json_string(argv[optind++]));
		json_object_set_new(req, "zones", names);
	}
	l.zones = json_array();
	code = client_run(req, &view);
	if (!client_json && (code == EXIT_OK || json_array_size(l.zones)))
		print(&l);
	json_decref(l.zones);
	return code;
}
