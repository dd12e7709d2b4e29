// SPDX-License-Identifier: GPL-2.0
/* The verb that runs a command in a guest, and ends as that does. */
#include <getopt.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

#define INPUT_BYTES	(512 * 1024)

/* Bytes of base64 text, on @f. */
static void write_data(const char *data, FILE *f)
{
	size_t len = strlen(data);
	unsigned char *bytes = malloc(len / 4 * 3 + 3);
	int n = bytes ? EVP_DecodeBlock(bytes, (const unsigned char *)data, (int)len) : -1;

	/* What fills the last block up counts as zeroes. */
	for (; n > 0 && len && data[len - 1] == '='; len--)
		n--;
	if (n > 0)
		fwrite(bytes, 1, (size_t)n, f);
	free(bytes);
}

static void on_item(const json_t *msg, void *arg)
{
	const char *stream = json_str(msg, "stream"), *data = json_str(msg, "data");

	(void)arg;
	if (stream && data)
		write_data(data, strcmp(stream, "err") ? stdout : stderr);
}

static void on_result(const json_t *msg, void *arg)
{
	int *status = arg;

	fflush(stdout);
	*status = (int)(json_int(msg, "exit", 0) & 255);
}

/* All of the standard input as base64; NULL if there is too much. */
static char *read_input(void)
{
	unsigned char *bytes = malloc(INPUT_BYTES + 1);
	char *text = malloc(INPUT_BYTES / 3 * 4 + 8);
	size_t n = bytes ? fread(bytes, 1, INPUT_BYTES + 1, stdin) : 0;

	if (bytes && text && n <= INPUT_BYTES) {
		EVP_EncodeBlock((unsigned char *)text, bytes, (int)n);
	} else {
		free(text);
		text = NULL;
	}
	free(bytes);
	return text;
}

/* Return: the request, or NULL if the command line is wrong. */
static json_t *request(int argc, char **argv)
{
	json_t *req = client_request("login", NULL), *command;
	const char *wrong = NULL;
	char *end, *input;
	long seconds;
	int c;

	while (!wrong && (c = getopt(argc, argv, "+it:")) != -1) {
		if (c == 'i') {
			input = read_input();
			if (input)
				json_object_set_new(req, "input", json_string(input));
			else
				wrong = "the standard input has more than 512 KiB";
			free(input);
		} else if (c == 't') {
			seconds = strtol(optarg, &end, 10);
			json_object_set_new(req, "timeout-s", json_integer(seconds));
			if (*end || end == optarg || seconds < 1 || seconds > 86400)
				wrong = "SECONDS must be 1 to 86400";
		} else {
			wrong = "unknown option";
		}
	}
	if (!wrong && argc - optind < 2)
		wrong = "the name of a zone and a command are needed";
	if (wrong) {
		json_decref(req);
		cmd_wrong_use("%s", wrong);
		return NULL;
	}
	json_object_set_new(req, "zone", json_string(argv[optind++]));
	command = json_array();
	for (; optind < argc; optind++)
		json_array_append_new(command, json_text(argv[optind]));
	json_object_set_new(req, "command", command);
	return req;
}

int cmd_login(int argc, char **argv)
{
	int status = EXIT_OK, code;
	const struct client_view view = { .item = on_item, .result = on_result, .arg = &status };
	json_t *req = request(argc, argv);

	if (!req)
		return EXIT_USAGE;
	code = client_run(req, &view);
	/* As of those who run commands elsewhere: what is ours is told apart from what is the command's. */
	return code == EXIT_OK ? status : EXIT_LOGIN;
}
