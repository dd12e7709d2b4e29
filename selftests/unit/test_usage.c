// SPDX-License-Identifier: GPL-2.0
/* Wrong command lines of zkz: each ends with 2, and with --json in one error object. */
#include <getopt.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/jsonl.h"
#include "unit.h"
#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkzmain.h"

#define ARGS	8

static const char * const wrong[][ARGS] = {
	{ NULL },
	{ "fly" }, { "-x" }, { "" }, { "--version", "z1" }, { "boot", "--version" },
	{ "config" }, { "config", "-x", "info" }, { "config", "z1", "-f" }, { "config", "z1", "-f", "a", "b" },
	{ "config", "-d" }, { "config", "-d", "-x" },
	{ "list", "-x" }, { "list", "-v", "-p" }, { "list", "-v", "-s" },
	{ "list", "-o" }, { "list", "-o", "name,colour" },
	{ "status" }, { "status", "-v" }, { "status", "z1", "z2" },
	{ "boot" }, { "boot", "-x" }, { "boot", "z1", "z2" },
	{ "attach" }, { "attach", "-x", "z1" }, { "attach", "z1", "z2" }, { "detach" }, { "detach", "-n", "z1" },
	{ "verify" }, { "verify", "z1", "z2" },
	{ "halt" }, { "halt", "-x" }, { "halt", "z1", "z2" },
	{ "reboot" }, { "reboot", "-x" }, { "reboot", "z1", "z2" },
	{ "resume" }, { "resume", "-x" }, { "resume", "z1", "z2" },
	{ "recover" }, { "recover", "-x" }, { "recover", "z1", "ssh://b", "x" }, { "recover", "--force", "z1" },
	{ "shutdown" }, { "shutdown", "-x", "z1" }, { "shutdown", "z1", "z2" }, { "shutdown", "-t" },
	{ "shutdown", "-t", "0", "z1" }, { "shutdown", "-t", "3601", "z1" }, { "shutdown", "-t", "1x", "z1" },
	{ "console" }, { "console", "-x" }, { "console", "z1", "z2" },
	{ "log" }, { "log", "-x", "z1" }, { "log", "z1", "z2" },
	{ "downtime" }, { "downtime", "-x", "z1" }, { "downtime", "--seconds", "0", "z1" },
	{ "downtime", "--threshold", "nan", "z1" }, { "downtime", "--threshold", "60001", "z1" },
	{ "migrate" }, { "migrate", "z1" }, { "migrate", "z1", "b" }, { "migrate", "z1", "ssh://b", "x" },
	{ "migrate", "--fast", "z1", "ssh://b" }, { "migrate", "-c" }, { "migrate", "--max-downtime" },
	{ "migrate", "--max-downtime", "1s", "z1", "ssh://b" }, { "migrate", "--streams", "", "z1", "ssh://b" },
	{ "migrate", "--max-passes", "99999999999999999999", "z1", "ssh://b" },
	{ "migrate", "--report", "x.png", "z1", "ssh://b" }, { "migrate", "z1", "ssh://-oProxyCommand=x" },
	{ "migrate", "--abort" }, { "migrate", "--abort", "z1", "ssh://b" }, { "migrate", "--abort", "-n", "z1" },
	{ "migrate", "--abort", "--report", "x.svg", "z1" },
	{ "serve", "x" },
};

/* Return: the exit code; what went to standard output is in @text. */
static int run(const char * const *args, bool json, char *text, size_t size)
{
	char *argv[ARGS + 3] = { (char *)"zkz" };
	int out = dup(1), file = memfd_create("out", MFD_CLOEXEC), argc = 1, code;
	ssize_t n;

	if (json)
		argv[argc++] = (char *)"--json";
	for (; *args; args++)
		argv[argc++] = (char *)*args;
	fflush(stdout);
	dup2(file, 1);
	client_json = false;
	optind = 0;
	code = zkz_main(argc, argv);
	fflush(stdout);
	dup2(out, 1);
	close(out);
	n = pread(file, text, size - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(file);
	return code;
}

static json_t *only_object(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && !end[1] ? jsonl_parse(text, (size_t)(end - text), NULL) : NULL;
}

TEST(wrong_use_ends_with_2_and_says_nothing_on_standard_output)
{
	char text[4096];
	unsigned int i;

	/* The texts for people are not the matter of this test. */
	NEED(freopen("/dev/null", "w", stderr));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		unit_check(run(wrong[i], false, text, sizeof(text)) == 2 && !text[0], __FILE__, __LINE__,
			   "%s %s", wrong[i][0], wrong[i][1]);
}

TEST(wrong_use_is_one_error_object)
{
	char text[4096];
	unsigned int i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int code = run(wrong[i], true, text, sizeof(text));
		json_t *obj = only_object(text);

		unit_check(code == 2 && obj, __FILE__, __LINE__, "%s %s: %s", wrong[i][0], wrong[i][1], text);
		if (!obj)
			continue;
		CHECK_STR(json_str(obj, "type"), "error");
		CHECK_STR(json_str(obj, "code"), "USAGE");
		CHECK(json_str(obj, "text")[0]);
		CHECK(json_str(obj, "remedy")[0]);
		json_decref(obj);
	}
}

TEST(what_needs_no_zkzd_is_json_too)
{
	static const char * const ok[][ARGS] = {
		{ "migrate", "-c", "list" }, { "--help" }, { "migrate", "--help" }, { "boot", "-h" }, { "--version" },
	};
	char text[16384];
	unsigned int i;

	for (i = 0; i < sizeof(ok) / sizeof(ok[0]); i++) {
		int code = run(ok[i], true, text, sizeof(text));
		json_t *obj = only_object(text);

		unit_check(!code && obj, __FILE__, __LINE__, "%s: %s", ok[i][0], text);
		CHECK_STR(obj ? json_str(obj, "type") : "", "result");
		json_decref(obj);
	}
}

TEST(the_version_is_that_of_the_build)
{
	static const char * const ask[] = { "--version", NULL };
	char text[4096];
	json_t *obj;

	CHECK_INT(run(ask, false, text, sizeof(text)), 0);
	CHECK_STR(text, "zkz " ZKZ_VERSION "\n");
	CHECK_INT(run(ask, true, text, sizeof(text)), 0);
	obj = only_object(text);
	CHECK_STR(obj ? json_str(obj, "version") : "", ZKZ_VERSION);
	json_decref(obj);
}

/* Limits that zkzd knows. */
TEST(wrong_use_that_zkzd_notices_ends_with_2)
{
	static const char * const codes[] = { "USAGE", "IO", "" };
	unsigned int i;

	client_json = false;
	for (i = 0; i < 3; i++) {
		json_t *msg = json_pack("{s:s, s:s}", "type", "error", "code", codes[i]);
		int code = 0;

		/* As text, which is not seen: the first test has sent it away. */
		CHECK(client_show(msg, NULL, &code));
		CHECK_INT(code, i ? 1 : 2);
		json_decref(msg);
	}
}
