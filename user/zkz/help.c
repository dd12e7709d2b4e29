// SPDX-License-Identifier: GPL-2.0
#include "zkz/help.h"

#include <stdarg.h>
#include <stdlib.h>

#include "lib/err.h"
#include "zkz/client.h"

/* One process serves one verb. */
static const struct cmd *verb;

void help_serve(const struct cmd *c)
{
	verb = c;
}

/* With --json even wrong use is answered where a program reads: on standard output. */
int help_wrong_use(const char *name, const char *text, const char *usage)
{
	struct zkz_err err = { 0 };
	char what[256];

	if (client_json) {
		snprintf(what, sizeof(what), "%s%s%s", name ? name : "", name ? ": " : "", text);
		err_usage(&err, what, usage);
		return client_fail(NULL, &err);
	}
	fprintf(stderr, "zkz%s%s: %s\n%s\n", name ? " " : "", name ? name : "", text, usage);
	return EXIT_USAGE;
}

int cmd_wrong_use(const char *fmt, ...)
{
	char text[512], usage[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(usage, sizeof(usage), "usage: zkz [--json] %s %s", verb->name, verb->args);
	return help_wrong_use(verb->name, text, usage);
}

void help_verbs(FILE *f, const struct cmd *c)
{
	fputs("usage: zkz [--json] VERB [ARG ...]\n"
	      "\n"
	      "Kernel zones: virtual machines that move between hosts while they run.\n"
	      "\n", f);
	for (; c->name; c++)
		fprintf(f, "  %-10s %s\n", c->name, c->brief);
	fputs("\n"
	      "  --json     answers as one JSON object a line\n"
	      "  --help     this text, or the help of a verb: zkz VERB --help\n"
	      "  --version  of zkz\n"
	      "\n"
	      "Exit status: 0 done, 1 failed, 2 wrong use.\n", f);
}

static void verb_help(FILE *f, const struct cmd *c)
{
	fprintf(f, "usage: zkz [--json] %s%s%s\n\nTo %s.\n", c->name, c->args[0] ? " " : "", c->args, c->brief);
	if (c->help)
		fprintf(f, "\n%s", c->help);
}

int help_show(const struct cmd *c, const struct cmd *all)
{
	char *text = NULL;
	size_t size;
	FILE *f = client_json ? open_memstream(&text, &size) : stdout;

	if (!f)
		return EXIT_FAILED;
	if (c)
		verb_help(f, c);
	else
		help_verbs(f, all);
	if (f == stdout)
		return EXIT_OK;
	fclose(f);
	client_result(json_pack("{s:s}", "text", text));
	free(text);
	return EXIT_OK;
}

int help_version(void)
{
	if (client_json)
		client_result(json_pack("{s:s}", "version", ZKZ_VERSION));
	else
		puts("zkz " ZKZ_VERSION);
	return EXIT_OK;
}
