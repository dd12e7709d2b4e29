// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/edit.h"
#include "zkz/input.h"
#include "zkz/terminal.h"
#include "zkz/words.h"

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

/* What was printed, as a whole: to a program it is a part of the answer. */
static void show(const char *zone, const char *text, bool ok)
{
	if (!client_json)
		fputs(text, stdout);
	else if (ok)
		client_result(json_pack("{s:s, s:s, s:s}", "zone", zone, "output", text,
					"text", "Configuration done."));
	fflush(stdout);
}

static int run_text(struct edit *e, const char *commands)
{
	const char *zone = e->s.zone;
	struct zkz_err err = { 0 };
	char *text = NULL;
	size_t len;
	int rc;

	e->s.out = open_memstream(&text, &len);
	if (!e->s.out) {
		err_no_memory(&err);
		return client_fail(zone, &err);
	}
	rc = conf_session_run(&e->s, commands, strlen(commands), &err);
	if (!rc)
		rc = conf_session_finish(&e->s, &err);
	fclose(e->s.out);
	show(zone, text, !rc);
	free(text);
	return rc ? client_fail(zone, &err) : EXIT_OK;
}

/* For the shell: what fits behind a text, a word a line. */
static int complete(const char *zone, const char *text)
{
	struct zkz_err err = { 0 };
	struct words w;
	struct edit e;
	size_t i;

	/* Most is known without zkzd. */
	if (edit_begin(&e, zone, EDIT_STORED, &err))
		conf_session_init(&e.s, zone, NULL, NULL);
	words_at(&e.s, text, &w);
	for (i = 0; i < w.nr; i++)
		puts(w.word[i]);
	words_free(&w);
	edit_end(&e);
	return EXIT_OK;
}

/* Commands to be run; NULL without a failure: there is a person to be asked. */
static char *take_commands(int argc, char **argv, struct zkz_err *err)
{
	char *text;

	if (!argc)
		return isatty(0) ? NULL : input_read("-", err);
	if (!strcmp(argv[0], "-f"))
		return input_read(argv[1], err);
	text = join_arguments(argc, argv);
	if (!text)
		err_no_memory(err);
	return text;
}

static int edit(const char *zone, enum edit_what what, int argc, char **argv)
{
	struct zkz_err err = { 0 };
	char *commands = take_commands(argc, argv, &err);
	int code = EXIT_OK;
	struct edit e;

	if (err.id || edit_begin(&e, zone, what, &err)) {
		free(commands);
		return client_fail(zone, &err);
	}
	if (commands)
		code = run_text(&e, commands);
	else
		terminal_run(&e);
	edit_end(&e);
	free(commands);
	return code;
}

static enum edit_what what_of(const char *option)
{
	if (option && !strcmp(option, "-d"))
		return EDIT_DETACHED;
	return option && !strcmp(option, "-r") ? EDIT_RUNNING : EDIT_STORED;
}

int cmd_config(int argc, char **argv)
{
	enum edit_what what = what_of(argc > 1 ? argv[1] : NULL);

	if (argc == 4 && !strcmp(argv[1], "--complete"))
		return complete(argv[2], argv[3]);
	if (what != EDIT_STORED) {
		argv++;
		argc--;
	}
	if (argc < 2 || argv[1][0] == '-')
		return cmd_wrong_use("a zone name is needed");
	if (argc == 2 && client_json)
		return cmd_wrong_use("with --json, commands are needed");
	if (argc > 2 && !strcmp(argv[2], "-f") && argc != 4)
		return cmd_wrong_use("-f needs one file name");
	return edit(argv[1], what, argc - 2, argv + 2);
}
