// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

struct format {
	bool verbose;
	bool parsable;
	bool header;
};

static const char *str(const json_t *msg, const char *key)
{
	const char *s = json_str(msg, key);

	return s ? s : "";
}

static void print_field(const char *s, char sep)
{
	for (; *s; s++) {
		if (*s == ':' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar(sep);
}

static void print_parsable(const json_t *msg, const char *id)
{
	print_field(id, ':');
	print_field(str(msg, "name"), ':');
	print_field(str(msg, "state"), ':');
	print_field(str(msg, "path"), ':');
	print_field("", ':');
	print_field(str(msg, "brand"), ':');
	print_field("excl", ':');
	print_field(str(msg, "aux"), '\n');
}

static void show_item(const json_t *msg, void *arg)
{
	struct format *f = arg;
	long long n = json_int(msg, "id", 0);
	const char *aux = str(msg, "aux");
	char id[24] = "-";

	if (n > 0)
		snprintf(id, sizeof(id), "%lld", n);
	if (f->parsable) {
		print_parsable(msg, id);
		return;
	}
	if (!f->verbose) {
		puts(str(msg, "name"));
		return;
	}
	if (!f->header)
		printf("%4s %-16s %-11s %-14s %s\n", "ID", "NAME", "STATUS", "AUXILIARY", "BRAND");
	f->header = true;
	printf("%4s %-16s %-11s %-14s %s\n", id, str(msg, "name"), str(msg, "state"),
	       aux[0] ? aux : "-", str(msg, "brand"));
}

static void show_result(const json_t *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

int cmd_list(int argc, char **argv)
{
	struct format f = { false, false, false };
	const struct client_view view = { .item = show_item, .result = show_result, .arg = &f };
	const char *scope = "running";
	bool all = false;
	json_t *req;
	int c;

	while ((c = getopt(argc, argv, "civp")) != -1) {
		switch (c) {
		case 'c':
			all = true;
			break;
		case 'i':
			scope = "installed";
			break;
		case 'v':
			f.verbose = true;
			break;
		case 'p':
			f.parsable = true;
			break;
		default:
			return cmd_wrong_use("unknown option");
		}
	}
	if (optind != argc)
		return cmd_wrong_use("'%s' is too much", argv[optind]);
	if (f.verbose && f.parsable)
		return cmd_wrong_use("-v and -p exclude each other");

	req = client_request("list", NULL);
	json_object_set_new(req, "scope", json_string(all ? "configured" : scope));
	return client_run(req, &view);
}
