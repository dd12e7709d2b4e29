// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

/* zkzd refuses more, too. */
#define MAX_TEXT	(64 * 1024)

static char *read_commands(const char *path, struct zkz_err *err)
{
	bool in = !strcmp(path, "-");
	FILE *f = in ? stdin : fopen(path, "re");
	char *text = malloc(MAX_TEXT + 2);
	size_t n;

	if (!f || !text) {
		err_file_open(err, path, errno);
		if (f && !in)
			fclose(f);
		free(text);
		return NULL;
	}
	n = fread(text, 1, MAX_TEXT + 1, f);
	text[n] = '\0';
	if (ferror(f))
		err_file_read(err, path, errno);
	else if (n > MAX_TEXT)
		err_config_file_long(err, path, MAX_TEXT);
	else if (strlen(text) != n)
		err_config_file_no_text(err, path);
	if (!in)
		fclose(f);
	if (err->id) {
		free(text);
		return NULL;
	}
	return text;
}

/* "zkz config z1 info anet" and "zkz config z1 'set a=b; info'" alike. */
static char *join_arguments(int argc, char **argv)
{
	size_t size = 1;
	char *text;
	int i;

	for (i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = calloc(1, size);
	for (i = 0; text && i < argc; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, argv[i]);
	}
	return text;
}

static void show_result(const json_t *msg, void *arg)
{
	const char *output = json_str(msg, "output");

	(void)arg;
	if (output)
		fputs(output, stdout);
}

int cmd_config(int argc, char **argv)
{
	static const struct client_view view = { .result = show_result };
	bool detached = argc > 1 && !strcmp(argv[1], "-d");
	struct zkz_err err = { 0 };
	json_t *req, *commands;
	char *text;

	if (detached) {
		argv[1] = argv[0];
		argv++;
		argc--;
	}

	if (argc < 3 || argv[1][0] == '-')
		return cmd_wrong_use("a zone name and commands are needed");
	if (!strcmp(argv[2], "-f")) {
		if (argc != 4)
			return cmd_wrong_use("-f needs one file name");
		text = read_commands(argv[3], &err);
	} else {
		text = join_arguments(argc - 2, argv + 2);
	}
	if (!text)
		return client_fail(argv[1], &err);

	commands = json_string(text);
	free(text);
	if (!commands) {
		err_config_commands_no_text(&err);
		return client_fail(argv[1], &err);
	}
	req = client_request("config", argv[1]);
	json_object_set_new(req, "commands", commands);
	json_object_set_new(req, "detached", json_boolean(detached));
	return client_run(req, &view);
}
