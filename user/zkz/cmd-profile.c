// SPDX-License-Identifier: GPL-2.0
/* The verb that makes a profile of what it is told. Nothing of it needs zkzd, or root. */
#include <crypt.h>
#include <getopt.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "conf/address.h"
#include "lib/file.h"
#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/profile.h"

/* One that guests of every age know: SHA-512. */
#define HASH_KIND	"$6$"

static void set_echo(bool on)
{
	struct termios t;

	if (tcgetattr(0, &t))
		return;
	t.c_lflag = on ? t.c_lflag | ECHO : t.c_lflag & ~(tcflag_t)ECHO;
	tcsetattr(0, TCSANOW, &t);
	if (on)
		putchar('\n');
}

/* Return: @out, which is @usual if nothing is answered; NULL at the end of all answers. */
static const char *ask(const char *question, const char *usual, char *out, size_t size)
{
	printf("%s%s%s%s? ", question, *usual ? " [" : "", usual, *usual ? "]" : "");
	fflush(stdout);
	if (!fgets(out, (int)size, stdin))
		return NULL;
	out[strcspn(out, "\n")] = '\0';
	if (!*out)
		snprintf(out, size, "%s", usual);
	return out;
}

static bool is_user(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(name) && *name &&
		(*name == '_' || (*name >= 'a' && *name <= 'z'));
}

static const char *whoever_asks(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *pw = name && *name ? NULL : getpwuid(getuid());

	name = pw ? pw->pw_name : name;
	return name && is_user(name) && strcmp(name, "root") ? name : "admin";
}

static const char *usual_key(char *path, size_t size)
{
	static const char *const names[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
	const char *home = getenv("HOME");
	size_t i;

	for (i = 0; home && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, size, "%s/.ssh/%s.pub", home, names[i]);
		if (!access(path, R_OK))
			return path;
	}
	return "none";
}

/* The file's first line. A private one would go to a place where guests read it. */
static int take_key(const char *path, char *key, size_t size, struct zkz_err *err)
{
	char *text;

	if (!strcmp(path, "none"))
		return 0;
	text = file_read(path, size - 1, NULL, err);
	if (!text)
		return -1;
	snprintf(key, size, "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
	if (strncmp(key, "ssh-", 4) && strncmp(key, "ecdsa-", 6) && strncmp(key, "sk-", 3))
		return err_profile_key(err, path);
	return 0;
}

static int take_password(char *hash, size_t size, struct zkz_err *err)
{
	char once[256], twice[256], setting[CRYPT_GENSALT_OUTPUT_SIZE];
	bool tty = isatty(0);
	struct crypt_data data = { 0 };
	const char *made;

	set_echo(false);
	made = ask("Password (nothing: none)", "", once, sizeof(once));
	if (made && *once && tty)
		made = ask("\nThe same again", "", twice, sizeof(twice));
	set_echo(true);
	if (!made || !*once)
		return 0;
	if (tty && strcmp(once, twice))
		return err_profile_password(err);
	made = crypt_gensalt_rn(HASH_KIND, 0, NULL, 0, setting, sizeof(setting)) ? crypt_r(once, setting, &data) : NULL;
	explicit_bzero(once, sizeof(once));
	explicit_bzero(twice, sizeof(twice));
	if (!made || made[0] == '*')
		return err_no_memory(err);
	snprintf(hash, size, "%s", made);
	return 0;
}

/* @prefix: with the length of its network's prefix */
static bool is_address(const char *text, bool prefix)
{
	struct conf_address a;

	return conf_address_parse(text, strlen(text), &a) && (a.prefix >= 0) == prefix && a.bits == (a.v6 ? 128U : 32U);
}

static bool are_addresses(const char *text)
{
	struct conf_address a[CONF_MAX_ADDRESSES];

	return conf_addresses_parse(text, a) > 0;
}

static int take_network(struct profile_answers *a, struct zkz_err *err)
{
	if (!ask("Address of the first interface, such as 192.0.2.5/24", "dhcp", a->address, sizeof(a->address)) ||
	    !strcmp(a->address, "dhcp")) {
		a->address[0] = '\0';
		return 0;
	}
	if (!is_address(a->address, true))
		return err_profile_address(err, a->address);
	if (!ask("Gateway", "", a->gateway, sizeof(a->gateway)) || !ask("Name servers", "", a->dns, sizeof(a->dns)))
		return 0;
	if (a->gateway[0] && !is_address(a->gateway, false))
		return err_profile_address(err, a->gateway);
	return a->dns[0] && !are_addresses(a->dns) ? err_profile_address(err, a->dns) : 0;
}

static int ask_all(struct profile_answers *a, struct zkz_err *err)
{
	char usual[4096], path[4096];

	if (!ask("User, who may do everything in the guest", whoever_asks(), a->user, sizeof(a->user)) ||
	    !is_user(a->user))
		return err_profile_user(err, a->user);
	if (ask("File with that user's public key for ssh", usual_key(usual, sizeof(usual)), path, sizeof(path)) &&
	    take_key(path, a->key, sizeof(a->key), err))
		return -1;
	if (take_password(a->hash, sizeof(a->hash), err))
		return -1;
	if (!a->key[0] && !a->hash[0])
		return err_profile_no_way_in(err, a->user);
	return take_network(a, err);
}

int cmd_profile(int argc, char **argv)
{
	struct profile_answers a = { 0 };
	struct zkz_err err = { 0 };
	struct stat st;
	const char *path;

	if (getopt(argc, argv, "") != -1)
		return cmd_wrong_use("unknown option");
	if (argc - optind != 2 || strcmp(argv[optind], "create"))
		return cmd_wrong_use("'create' and the name of a folder are needed");
	path = argv[optind + 1];
	if (!lstat(path, &st))
		err_profile_exists(&err, path);
	else if (!ask_all(&a, &err))
		profile_write(path, &a, &err);
	if (err.id)
		return client_fail(NULL, &err);
	if (client_json)
		client_result(json_pack("{s:s}", "profile", path));
	else
		printf("Profile written: zkz install -c %s ZONE\n", path);
	return EXIT_OK;
}
