// SPDX-License-Identifier: GPL-2.0
#include "zkz/persona.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

/**
 * struct persona - one command
 * @name:  of it
 * @usage: what may follow it
 * @words: makes words for zkz of its own
 */
struct persona {
	const char *name;
	const char *usage;
	void (*words)(int argc, char **argv, struct words_out *out);
};

static void put(struct words_out *out, const char *word)
{
	if (out->nr == out->room) {
		out->why = "these are too many words";
		return;
	}
	out->word[out->nr++] = (char *)word;
	out->word[out->nr] = NULL;
}

static void put_rest(struct words_out *out, char **argv)
{
	while (argv[optind])
		put(out, argv[optind++]);
}

/* A zone that is made so may be for a migration that is to come: 'zoneadm attach' makes it this host's. */
static void zonecfg(int argc, char **argv, struct words_out *out)
{
	const char *zone = NULL, *file = NULL, *command;
	bool running = false;
	int c;

	while ((c = getopt(argc, argv, "+z:rf:")) != -1) {
		if (c == 'z')
			zone = optarg;
		else if (c == 'f')
			file = optarg;
		else if (c == 'r')
			running = true;
		else
			out->why = "unknown option, or one without its value";
	}
	command = argv[optind];
	if (!out->why && !zone)
		out->why = "-z and the name of a zone are needed";
	else if (!out->why && file && command)
		out->why = "with -f there are no commands besides";
	if (out->why)
		return;
	put(out, "config");
	put(out, running ? "-r" : "-d");
	put(out, zone);
	if (file) {
		put(out, "-f");
		put(out, file);
	}
	put_rest(out, argv);
}

/* Which kind it is follows from the zone's state; its configuration is always that of the source. */
static void migrate(struct words_out *out, int argc, char **argv, const char *zone)
{
	int c;

	put(out, "migrate");
	/* anew */
	optind = 0;
	while ((c = getopt(argc, argv, "+nqwc:t:")) != -1) {
		if (c == 't' && strcmp(optarg, "auto") && strcmp(optarg, "live"))
			out->why = "-t is auto or live";
		else if (c == 'n')
			put(out, "-n");
		else if (c == 'q')
			put(out, "-q");
		else if (c == 'c')
			put(out, "-c");
		else if (c == '?')
			out->why = "unknown option, or one without its value";
		if (c == 'c')
			put(out, optarg);
	}
	put(out, zone);
	put_rest(out, argv);
}

/* "zoneadm -z NEW clone SOURCE"; a copy is what zkz makes. */
static void clone_of(struct words_out *out, int argc, char **argv, const char *zone)
{
	int c;

	put(out, "clone");
	optind = 0;
	while ((c = getopt(argc, argv, "+m:")) != -1)
		if (c != 'm' || strcmp(optarg, "copy"))
			out->why = "-m is copy, and there is no other option";
	if (!out->why && argc - optind != 1)
		out->why = "the name of the zone to be cloned is needed";
	put_rest(out, argv);
	put(out, zone);
}

static void rename_to(struct words_out *out, char **argv, const char *zone)
{
	put(out, argv[optind++]);
	put(out, zone);
	put_rest(out, argv);
}

/* Those of the others mean the same; zkz wants the zone behind them. */
static void others(struct words_out *out, char **argv, const char *zone)
{
	put_rest(out, argv);
	if (zone)
		put(out, zone);
}

static bool is_subcommand(const char *name)
{
	static const char *const names[] = {
		"apply", "attach", "boot", "clone", "detach", "halt", "install", "list", "migrate", "reboot", "shutdown",
		"rename", "uninstall", "verify", NULL
	};
	int i;

	for (i = 0; name && names[i]; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void zoneadm(int argc, char **argv, struct words_out *out)
{
	const char *zone = NULL, *verb;
	int c;

	while ((c = getopt(argc, argv, "+z:")) != -1) {
		zone = optarg;
		if (c == '?')
			out->why = "unknown option, or one without its value";
	}
	/* "zoneadm web1 reboot" is written, too. */
	if (!zone && argv[optind] && !is_subcommand(argv[optind]) && is_subcommand(argv[optind + 1]))
		zone = argv[optind++];
	verb = argv[optind];
	if (!out->why && !is_subcommand(verb))
		out->why = verb ? "there is no such subcommand" : "a subcommand is needed";
	else if (!out->why && !zone && strcmp(verb, "list"))
		out->why = "-z and the name of a zone are needed";
	if (out->why)
		return;
	if (!strcmp(verb, "migrate"))
		migrate(out, argc - optind, argv + optind, zone);
	else if (!strcmp(verb, "rename"))
		rename_to(out, argv, zone);
	else if (!strcmp(verb, "clone"))
		clone_of(out, argc - optind, argv + optind, zone);
	else
		others(out, argv, zone);
}

/* With -C the console, else a command, as its words stand there. */
static void zlogin(int argc, char **argv, struct words_out *out)
{
	bool console = false;
	int c, left;

	while ((c = getopt(argc, argv, "+C")) != -1) {
		console = c == 'C';
		if (c != 'C')
			out->why = "unknown option";
	}
	left = argc - optind;
	if (!out->why && (console ? left != 1 : left < 2))
		out->why = "the name of a zone is needed, and -C before it or a command after it";
	put(out, console ? "console" : "login");
	put_rest(out, argv);
}

/* "suriadm create -p create-size=16g URI" */
static void create(struct words_out *out, int argc, char **argv)
{
	static const char size[] = "create-size=";
	const char *value = NULL;
	int c;

	while ((c = getopt(argc, argv, "+p:")) != -1) {
		if (c != 'p' || strncmp(optarg, size, strlen(size)))
			out->why = "properties are create-size=SIZE";
		else
			value = optarg + strlen(size);
	}
	if (!out->why && !value)
		out->why = "-p create-size=SIZE is needed";
	put(out, "storage");
	put(out, "create");
	put_rest(out, argv);
	put(out, value);
}

static void suriadm(int argc, char **argv, struct words_out *out)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "create")) {
		optind = 0;
		create(out, argc - 1, argv + 1);
		return;
	}
	if (strcmp(verb, "lookup-uri"))
		out->why = "subcommands are lookup-uri and create";
	put(out, "storage");
	put(out, "lookup");
	optind = 2;
	if (!out->why)
		put_rest(out, argv);
}

static const struct persona personas[] = {
	{ "zonecfg", "-z ZONE [-r] [-f FILE | COMMAND ...]", zonecfg },
	{ "zoneadm", "[-z ZONE] apply [-n] | attach [-n] | boot | clone [-m copy] SOURCE | detach | halt |\n"
		     "               install | list [-cinpsv] | reboot | rename NEWNAME |\n"
		     "               shutdown [-r] | uninstall [-F] |\n"
		     "               verify |\n"
		     "               migrate [-nqw] [-c CIPHER] [-t auto|live] URI", zoneadm },
	{ "zlogin", "-C ZONE | ZONE COMMAND [ARG ...]", zlogin },
	{ "suriadm", "lookup-uri URI|PATH | create -p create-size=SIZE URI", suriadm },
	{ NULL, NULL, NULL },
};

const struct persona *persona_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const struct persona *p;

	for (p = personas; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

const char *persona_name(const struct persona *p)
{
	return p->name;
}

const char *persona_usage(const struct persona *p)
{
	return p->usage;
}

bool persona_words(const struct persona *p, int argc, char **argv, struct words_out *out)
{
	out->nr = 0;
	out->why = NULL;
	put(out, "zkz");
	opterr = 0;
	optind = 0;
	p->words(argc, argv, out);
	optind = 0;
	return !out->why;
}
