// SPDX-License-Identifier: GPL-2.0
/* The commands of Solaris zones in words of zkz, those of its documents among them. */
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "zkz/persona.h"

#define WORDS	12

/* struct pair - a command line, and the same for zkz; NULL for one that is refused */
struct pair {
	const char *of[WORDS];
	const char *zkz;
};

static const struct pair pairs[] = {
	{ { "zonecfg", "-z", "kzone1" }, "config -d kzone1" },
	{ { "zonecfg", "-z", "kzone1", "-f", "-" }, "config -d kzone1 -f -" },
	{ { "zonecfg", "-z", "kzone1", "-r", "export" }, "config -r kzone1 export" },
	{ { "zonecfg", "-z", "ant1", "export", "-f", "/mnt/suspend/ant1.cfg" },
	  "config -d ant1 export -f /mnt/suspend/ant1.cfg" },
	{ { "zonecfg", "-z", "kzone1", "select anet 0; set lower-link=net1;end" },
	  "config -d kzone1 select anet 0; set lower-link=net1;end" },
	{ { "/usr/sbin/zonecfg", "-z", "evac1", "info", "device" }, "config -d evac1 info device" },
	{ { "zonecfg" }, NULL }, { { "zonecfg", "info" }, NULL }, { { "zonecfg", "-z" }, NULL },
	{ { "zonecfg", "-z", "a", "-r" }, "config -r a" },
	{ { "zonecfg", "-z", "a", "-r", "add anet; end" }, "config -r a add anet; end" },
	{ { "zonecfg", "-z", "a", "-f", "b", "info" }, NULL }, { { "zonecfg", "-x", "-z", "a" }, NULL },

	{ { "zoneadm", "list", "-cv" }, "list -cv" },
	{ { "zoneadm", "-z", "kzone", "list", "-v" }, "list -v kzone" },
	{ { "zoneadm", "-z", "ant1", "boot" }, "boot ant1" },
	{ { "zoneadm", "-z", "ant1", "attach", "-n" }, "attach -n ant1" },
	{ { "zoneadm", "-z", "ant1", "detach" }, "detach ant1" },
	{ { "zoneadm", "-z", "kz2", "clone", "kz1" }, "clone kz1 kz2" },
	{ { "zoneadm", "-z", "kz2", "clone", "-m", "copy", "kz1" }, "clone kz1 kz2" },
	{ { "zoneadm", "-z", "kz2", "clone", "-m", "zfs", "kz1" }, NULL },
	{ { "zoneadm", "-z", "kz2", "clone" }, NULL },
	{ { "zoneadm", "-z", "kz1", "rename", "kz3" }, "rename kz1 kz3" },
	{ { "zoneadm", "-z", "kz1", "install" }, "install kz1" },
	{ { "zoneadm", "-z", "kz1", "uninstall", "-F" }, "uninstall -F kz1" },
	{ { "zoneadm", "kzone1", "reboot" }, "reboot kzone1" },
	{ { "zoneadm", "-z", "kzone1", "shutdown", "-r" }, "shutdown -r kzone1" },
	{ { "zoneadm", "-z", "kzone1", "migrate", "-n", "ssh://global2" }, "migrate -n kzone1 ssh://global2" },
	{ { "zoneadm", "-z", "kzone1", "migrate", "ssh://global2" }, "migrate kzone1 ssh://global2" },
	{ { "zoneadm", "-z", "k", "migrate", "-nqw", "-c", "none", "-t", "live", "ssh://b" },
	  "migrate -n -q -c none k ssh://b" },
	{ { "zoneadm", "-z", "k", "migrate", "-c", "list" }, "migrate -c list k" },
	{ { "zoneadm" }, NULL }, { { "zoneadm", "boot" }, NULL }, { { "zoneadm", "-z", "a" }, NULL },
	{ { "zoneadm", "-z", "a", "fly" }, NULL }, { { "zoneadm", "a", "fly" }, NULL },
	{ { "zoneadm", "-x", "list" }, NULL }, { { "zoneadm", "-z", "a", "migrate", "-t", "cold", "ssh://b" }, NULL },
	{ { "zoneadm", "-z", "a", "migrate", "-c" }, NULL }, { { "zoneadm", "-z", "a", "migrate", "-x", "b" }, NULL },

	{ { "zlogin", "-C", "k" }, "console k" },
	{ { "zlogin", "k", "uname", "-a" }, "login k uname -a" },
	{ { "zlogin", "k" }, NULL }, { { "zlogin", "-C" }, NULL }, { { "zlogin", "-C", "a", "b" }, NULL },

	{ { "suriadm", "lookup-uri", "/dev/sda" }, "storage lookup /dev/sda" },
	{ { "suriadm", "create", "-p", "create-size=16G", "file:/a" }, "storage create file:/a 16G" },
	{ { "suriadm" }, NULL }, { { "suriadm", "map", "x" }, NULL }, { { "suriadm", "create", "x" }, NULL },
	{ { "suriadm", "create", "-p", "owner=x", "y" }, NULL },
};

static int count(const char *const *words)
{
	int n = 0;

	while (n < WORDS && words[n])
		n++;
	return n;
}

static void join(const struct words_out *out, char *text, size_t size)
{
	int i;

	text[0] = '\0';
	for (i = 1; i < out->nr; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i > 1 ? " " : "", out->word[i]);
}

TEST(words_of_the_others_become_ours)
{
	char *argv[WORDS + 1], *word[WORDS + PERSONA_MORE + 1];
	char text[512];
	unsigned int i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct pair *p = &pairs[i];
		int argc = count(p->of);
		struct words_out out = { .word = word, .room = argc + PERSONA_MORE };
		const struct persona *persona = persona_of(p->of[0]);
		bool ok;

		NEED(persona);
		memcpy(argv, p->of, sizeof(p->of));
		argv[argc] = NULL;
		ok = persona_words(persona, argc, argv, &out);
		join(&out, text, sizeof(text));
		if (!p->zkz)
			unit_check(!ok && out.why, __FILE__, __LINE__, "line %u is '%s'", i, text);
		else
			unit_check(ok && !strcmp(text, p->zkz), __FILE__, __LINE__, "'%s' and not '%s': %s", text,
				   p->zkz, out.why ? out.why : "");
	}
}

TEST(other_names_are_none_of_them)
{
	CHECK(!persona_of("zkz"));
	CHECK(!persona_of(""));
	CHECK(!persona_of("/zoneadm/zkz"));
	CHECK(!persona_of("zoneadmin"));
	CHECK_STR(persona_name(persona_of("./zoneadm")), "zoneadm");
}

TEST(more_words_than_room_are_refused)
{
	char *argv[] = { (char *)"zoneadm", (char *)"list", (char *)"a", (char *)"b", NULL };
	struct words_out out = { .room = 2 };
	char *word[3];

	out.word = word;
	CHECK(!persona_words(persona_of("zoneadm"), 4, argv, &out));
}
