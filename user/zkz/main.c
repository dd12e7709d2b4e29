// SPDX-License-Identifier: GPL-2.0
/* zkz: kernel zones from the command line. Everything is done by zkzd. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/help.h"
#include "zkz/persona.h"

static const struct cmd cmds[] = {
	{ "config", cmd_config, "[-d | -r] NAME [-f FILE|- | 'COMMAND; ...' | COMMAND [ARG ...]]",
	  "configure a zone",
	  "Runs commands of the configuration language, from FILE (or standard input),\n"
	  "from one quoted argument, or from the rest of the command line. Without any it\n"
	  "asks for them at a terminal, with history and completion:\n"
	  "  create [-b | -t TEMPLATE] [-F]  begin a configuration; -b blank, -F replace one\n"
	  "  import-libvirt FILE begin one by what 'virsh dumpxml' printed\n"
	  "  set NAME=VALUE      set a property; 'clear NAME' goes back to the default\n"
	  "  add TYPE ... end    add a resource: capped-memory, virtual-cpu,\n"
	  "                      dedicated-cpu, anet, device, admin, attr\n"
	  "  select TYPE [ID]    change a resource; 'cancel' drops the change\n"
	  "  remove [-F] TYPE    remove a resource\n"
	  "  add LIST VALUE      put a value into a property that has several; 'remove'\n"
	  "                      takes it out\n"
	  "  info, export        show the configuration, for people or as commands\n"
	  "  verify, commit      check it, store it\n"
	  "  revert -F           go back to what is stored\n"
	  "  delete -F           delete it\n"
	  "  exit                store what has changed and leave\n"
	  "  help [NAME]         explain all of them, or one command, type or property\n"
	  "Changes are stored by 'commit' and at the end, if all is well so far.\n"
	  "  -d  a zone that is made is detached: it can be migrated here, but not booted\n"
	  "  -r  what a zone that runs has is shown and changed, and not what is stored:\n"
	  "      disks and interfaces come and go, if it has hot-plug=true; interfaces get\n"
	  "      another link, and the guest gives memory or gets it\n"
	  "  --complete NAME TEXT  for shells: what fits at the end of TEXT, a word a line\n" },
	{ "apply", cmd_apply, "[-n] NAME", "change a running zone to what its configuration says",
	  "Disks and interfaces come and go, if it has hot-plug=true; interfaces get another\n"
	  "link, and the guest gives memory or gets it. If one change fails, those before it\n"
	  "are taken back; what takes a boot waits for it, and is shown. Ctrl-C takes all\n"
	  "back, too.\n"
	  "  -n  only check, and show the changes\n" },
	{ "list", cmd_list, "[-c | -i] [-n] [-v | -s | -o COLUMN,...] [-p] [NAME ...]", "list zones",
	  "  -i         also installed zones, not only running ones\n"
	  "  -c         all configured zones\n"
	  "  -n         without 'global', which is this host itself\n"
	  "  -v         with id, state, path, brand and type of network\n"
	  "  -s         with state and auxiliary state\n"
	  "  -o COLUMN  these columns: id, name, state, aux, path, uuid, brand, ip-type,\n"
	  "             why, epoch; or all\n"
	  "  -p         for programs: id:name:state:path:uuid:brand:ip-type:aux, or what\n"
	  "             -s or -o say; in a field, ':' is written '\\:'; new fields may be\n"
	  "             added at the end\n"
	  "Zones that are named are listed whatever their state is.\n" },
	{ "status", cmd_status, "NAME", "show what is known about a zone", NULL },
	{ "verify", cmd_verify, "NAME", "check that this host has what a zone needs",
	  "Looks at its disks, its kernel, the bridges of its interfaces and the processors\n"
	  "that are dedicated to it, as for a boot.\n" },
	{ "attach", cmd_attach, "[-n] NAME", "make a detached zone this host's",
	  "It can be booted then. No other host may have it any more: nobody else\n"
	  "knows that but you.\n"
	  "  -n  only check that it can be attached\n" },
	{ "detach", cmd_detach, "NAME", "give up a zone that does not run, to take it to another host",
	  "Its configuration and its disks stay as they are; it cannot be booted here\n"
	  "before it is attached, or migrated here.\n" },
	{ "install", cmd_install, "[-F] [-s IMAGE] [-c PROFILE] NAME", "make the disks of a zone",
	  "Makes those that are files and are not there, as large as their property\n"
	  "create-size says; the one that the zone boots from is 16G unless that says\n"
	  "otherwise. The zone is this host's then, and can be booted.\n"
	  "  -s IMAGE    copy an image, raw or qcow2, to the disk that it boots from: a file\n"
	  "              or a URI\n"
	  "  -c PROFILE  give the guest its first settings, which cloud-init reads: a file of\n"
	  "              user-data, or a folder that 'zkz profile create' has made\n"
	  "  -F          even if the disk is a device, and what is on it is lost\n"
	  "Ctrl-C takes back what was made.\n" },
	{ "uninstall", cmd_uninstall, "[-F] NAME", "remove the disks of a zone",
	  "Removes its files, also those of a zone that is incomplete; its configuration\n"
	  "stays. Devices, and files that another zone has, too, are left alone.\n"
	  "  -F  do not ask\n" },
	{ "clone", cmd_clone, "[-F] [-c PROFILE] SOURCE NAME", "make a zone of another one, which does not run",
	  "Copies the disks of SOURCE, or shares their blocks where the file system can.\n"
	  "If NAME is not configured it becomes like SOURCE, with disks beside those of\n"
	  "SOURCE, and with addresses and an identity of its own.\n"
	  "  -F  even to devices, on which all is lost\n"
	  "Ctrl-C takes back what was made.\n" },
	{ "rename", cmd_rename, "NAME NEWNAME", "give a zone that does not run another name",
	  "Its disks stay where they are.\n" },
	{ "profile", cmd_profile, "create FOLDER", "make a profile: the first settings of a guest",
	  "Asks for a user, a key or a password, and an address, and writes them into a\n"
	  "folder that 'zkz install -c' takes, and any editor.\n" },
	{ "boot", cmd_boot, "NAME", "boot a zone", NULL },
	{ "halt", cmd_halt, "NAME", "stop a zone at once, as by pulling the plug",
	  "One that is being migrated to another host is halted before it gets there;\n"
	  "where it is too late for that, nothing is done.\n" },
	{ "shutdown", cmd_shutdown, "[-t SECONDS] [-r] NAME | --all",
	  "ask the guest to shut down",
	  "  -r          boot the zone again afterwards\n"
	  "  -t SECONDS  how long to wait for it, 60 by default\n"
	  "  --all       all zones that run, at the same time, before the host goes down:\n"
	  "              what has not shut down by then is halted, and what has\n"
	  "              autoshutdown=halt at once\n"
	  "A guest without a handler for the power button does not heed it, unless it has\n"
	  "a guest agent, and guest-agent=true.\n" },
	{ "reboot", cmd_reboot, "NAME", "reset the guest, as by the reset button", NULL },
	{ "resume", cmd_resume, "NAME", "let a paused guest go on", NULL },
	{ "console", cmd_console, "NAME", "connect to the serial console",
	  "  ~.  at the beginning of a line disconnects; ~~ sends ~\n" },
	{ "login", cmd_login, "[-i] [-t SECONDS] NAME COMMAND [ARG ...]",
	  "run a command in the guest",
	  "By the guest agent of QEMU, which the guest must run, with guest-agent=true.\n"
	  "zkz ends with the status of the command, or with 125 if it could not be run.\n"
	  "  -i          give it the standard input, 512 KiB at most\n"
	  "  -t SECONDS  how long it may take, a day by default; it goes on after that\n"
	  "What stands behind NAME is the command's, --json and --help, too.\n" },
	{ "log", cmd_log, "[-c] [-f] NAME", "show the messages log of a zone",
	  "  -c  what the guest printed on its console instead\n"
	  "  -f  go on with what is added, until Ctrl-C\n" },
	{ "downtime", cmd_downtime, "[--threshold MS] [--seconds N] NAME",
	  "watch how long a running guest is kept from running",
	  "  --threshold MS  count gaps of at least this, 1 by default; may be a fraction\n"
	  "  --seconds N     how long to watch, 10 by default\n"
	  "A gap is the time from a virtual CPU's exit to its next entry, less what it\n"
	  "slept because the guest had nothing to do. Ctrl-C ends earlier.\n" },
	{ "storage", cmd_storage,
	  "lookup URI|PATH | check URI ... | create [--format raw|qcow2] URI SIZE",
	  "tell of disks, and make them",
	  "  lookup  print all URIs of a disk that is here\n"
	  "  check   open disks as a zone's QEMU would: size, format, LUN, shared or\n"
	  "          local, and which zones have them\n"
	  "  create  make a file of SIZE bytes (K, M, G, T); what is there is left alone\n"
	  "  --format raw|qcow2  of the new file, raw by default\n" },
	{ "migrate", cmd_migrate,
	  "[-n] [-q] [-c CIPHER] [--max-downtime MS] [--max-passes N]\n"
	  "             [--max-slowdown PERCENT] [--mode MODE] [--fetch-timeout SECONDS]\n"
	  "             [--streams N|auto] [--with-storage] [--verify] [--no-probe]\n"
	  "             [--report FILE]\n"
	  "             NAME ssh://[USER@]HOST[:PORT] | --abort NAME",
	  "move a running zone to another host",
	  "  -n                 dry run: check everything, move nothing\n"
	  "  -q                 no progress bar\n"
	  "  -c CIPHER          cipher of the data streams; 'list' shows them, 'none'\n"
	  "                     switches encryption off\n"
	  "  --max-downtime MS  how long the guest may stand still, 300 by default; if\n"
	  "                     that cannot be met the zone stays where it is, and if\n"
	  "                     it is doubtful you are warned before the guest stops\n"
	  "  --max-passes N     how often to copy what has changed, 30 by default\n"
	  "  --max-slowdown P   a guest that writes too fast for that may be slowed down:\n"
	  "                     who writes memory waits at most P percent of the time;\n"
	  "                     without this option nobody waits\n"
	  "  --mode MODE        precopy: the guest moves when all memory is there but what\n"
	  "                     fits into the downtime; hybrid: it moves after one pass,\n"
	  "                     and what it needs is fetched, which loses the zone if\n"
	  "                     this host is lost meanwhile; auto, the default: hybrid\n"
	  "                     where pre-copy would not get there\n"
	  "  --fetch-timeout S  how long the guest waits then if the link breaks, 120\n"
	  "                     seconds by default\n"
	  "  --streams N        TCP connections that carry memory, 1 to 16; auto, the\n"
	  "                     default, goes by the processors of both hosts and the link\n"
	  "  --with-storage     take disks along that are files of this host: they are copied\n"
	  "                     while the guest runs, and are here no more then\n"
	  "  --verify           compare all memory before the zone changes hands\n"
	  "  --report FILE      draw the migration into FILE.svg or FILE.html\n"
	  "  --no-probe         load no eBPF; the downtime is what QEMU says of it\n"
	  "  --abort            end the migration of a zone that is under way from here,\n"
	  "                     whoever began it, and wait until it has ended\n"
	  "Ctrl-C, or --abort, before the zone changes hands leaves it running here.\n" },
	{ "upgrade", cmd_upgrade, "[-n] [-f] NAME ... | --all | --module, --old [NAME ...]",
	  "put running zones under the programs that are installed now",
	  "A zone that runs is kept by a zkz-keeper and run by a QEMU that were installed\n"
	  "when it was booted. After an upgrade of their packages, or of a library that\n"
	  "they use, this starts the new ones and hands the guest over: its memory stays\n"
	  "where it is, and it stands still for a moment. If that fails it runs on as\n"
	  "before.\n"
	  "  -n        only tell what is old, and check that it can be upgraded\n"
	  "  -f        even if nothing is old\n"
	  "  --all     all zones that run\n"
	  "  --module  the kernel module; no zone of this host may run meanwhile\n"
	  "  --old     only tell which zones run programs that were replaced\n" },
	{ "recover", cmd_recover, "NAME [ssh://[USER@]HOST[:PORT]] | --force here|elsewhere NAME",
	  "find out who owns a zone after a migration that broke off",
	  "Asks the other host, at its address of then or at another one; zkzd asks by\n"
	  "itself, too, again and again.\n"
	  "  --force here       if the other host is lost for good: the zone is this\n"
	  "                     host's. If it runs there all the same, both destroy its\n"
	  "                     disks\n"
	  "  --force elsewhere  the zone is the other host's; what is here is given up\n" },
	{ "serve", cmd_serve, "", "receive a migration; run by the source through ssh", NULL },
	{ .name = NULL },
};

static const struct cmd *find(const char *name)
{
	const struct cmd *c;

	for (c = cmds; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/*
 * Take --json and --help out of the arguments, wherever they stand before "--", and before the words of a command
 * for a guest. Return: the new count; *help is set if help is wanted.
 */
static int take_common(int argc, char **argv, bool *help)
{
	const struct cmd *c = NULL;
	bool options = true;
	int i, n = 1;

	for (i = 1; i < argc; i++) {
		bool word = argv[i][0] != '-';

		if (options && !strcmp(argv[i], "--"))
			options = false;
		if (options && !strcmp(argv[i], "--json"))
			client_json = true;
		else if (options && (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")))
			*help = true;
		else
			argv[n++] = argv[i];
		options = options && !(word && c && c->fn == cmd_login);
		if (word && !c)
			c = find(argv[i]);
	}
	argv[n] = NULL;
	return n;
}

static int run(int argc, char **argv)
{
	const struct cmd *c;
	bool help = false;
	char text[160];

	argc = take_common(argc, argv, &help);
	if (argc < 2 && help)
		return help_show(NULL, cmds);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return help_version();
	if (argc < 2 && !client_json) {
		help_verbs(stderr, cmds);
		return EXIT_USAGE;
	}
	if (argc < 2)
		return help_wrong_use(NULL, "a verb is needed", "'zkz --help' lists them");
	c = find(argv[1]);
	if (!c) {
		snprintf(text, sizeof(text), "there is no verb '%s'", argv[1]);
		return help_wrong_use(NULL, text, "'zkz --help' lists them");
	}
	if (help)
		return help_show(c, cmds);
	help_serve(c);
	return c->fn(argc - 1, argv + 1);
}

/* Under another name, with its words. */
static int run_as(const struct persona *p, int argc, char **argv)
{
	struct words_out out = { .room = argc + PERSONA_MORE };
	int code = EXIT_USAGE;

	if (argc == 2 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help"))) {
		printf("usage: %s %s\n\nWhat it does is told by zkz(8).\n", persona_name(p), persona_usage(p));
		return EXIT_OK;
	}
	out.word = calloc((size_t)out.room + 1, sizeof(*out.word));
	if (!out.word)
		return EXIT_FAILED;
	client_name = persona_name(p);
	if (persona_words(p, argc, argv, &out))
		code = run(out.nr, out.word);
	else
		fprintf(stderr, "%s: %s\nusage: %s %s\n", client_name, out.why, client_name, persona_usage(p));
	free(out.word);
	return code;
}

int main(int argc, char **argv)
{
	const struct persona *p = persona_of(argc ? argv[0] : "");

	signal(SIGPIPE, SIG_DFL);
	/* Unbuffered, a line leaves in pieces, and others come between. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	opterr = 0;
	return p ? run_as(p, argc, argv) : run(argc, argv);
}
