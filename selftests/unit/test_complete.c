// SPDX-License-Identifier: GPL-2.0
/* Completion of the configuration language. */
#include <stdio.h>

#include "conf/complete.h"
#include "conf/session.h"
#include "unit.h"

#define CONF "create -b; set kernel=/k; add capped-memory; set physical=256M; end; " \
	     "add virtual-cpu; set ncpus=2; end; " \
	     "add device; set id=3; set storage=file:/a; end; add device; set id=12; set storage=file:/b; end"

static void take(const char *word, bool more, void *arg)
{
	char *list = arg;

	sprintf(list + strlen(list), "%s%s ", word, more ? "=" : "");
}

/* @want: all words, each with a blank behind it */
static void offers(const char *text, const char *want, enum conf_outside outside)
{
	struct zkz_err err = { 0 };
	struct conf_session s;
	char list[2048] = "";

	conf_session_init(&s, "z1", conf_parse("z1", CONF, strlen(CONF), &err), NULL);
	unit_check(conf_complete(&s, text, take, list) == outside, __FILE__, __LINE__, "'%s': other things fit", text);
	unit_check(!strcmp(list, want), __FILE__, __LINE__, "'%s': \"%s\", not \"%s\"", text, list, want);
	conf_session_fini(&s);
}

TEST(commands)
{
	offers("", "create import-libvirt set clear add select remove info export verify commit revert delete exit help ",
	       0);
	offers("  e", "export exit ", 0);
	offers("zzz", "", 0);
	offers("zzz ", "", 0);
	offers("add anet; ", "set clear add end cancel remove info exit help ", 0);
	offers("add anet; end; re", "remove revert ", 0);
	offers("add anet\ncancel\nve", "verify ", 0);
}

TEST(types_and_properties)
{
	offers("add ", "capped-memory virtual-cpu dedicated-cpu anet device admin attr ", 0);
	offers("add a", "anet admin attr ", 0);
	offers("add anet ", "", 0);
	offers("set h", "hot-plug= hybrid= ", 0);
	offers("add anet; set ",
	       "id= lower-link= mac-address= mtu= port= vlan-id= allowed-vlan-ids= link-protection= "
	       "allowed-address= ", 0);
	offers("add anet; add ", "allowed-vlan-ids link-protection allowed-address ", 0);
	offers("add anet; remove li", "link-protection ", 0);
	offers("add anet; add link-protection mac", "mac-nospoof ", 0);
	offers("clear a", "autoboot autoshutdown ", 0);
	offers("info au", "autoboot autoshutdown ", 0);
	offers("help ex", "export exit ", 0);
	offers("help global", "global ", 0);
}

TEST(values)
{
	offers("set autoboot=", "true false ", 0);
	offers("set autoboot=t", "true ", 0);
	offers("select device 3; set format=q", "qcow2 ", 0);
	offers("add anet; set mac-address=", "auto ", 0);
	offers("add anet; set lower-link=", "", CONF_OUTSIDE_LINKS);
	offers("set kernel=/bo", "", CONF_OUTSIDE_FILES);
	offers("set colour=", "", 0);
	offers("set autoboot=true ", "", 0);
}

TEST(resources_that_there_are)
{
	offers("select device ", "3 12 id= storage= port= bootpri= format= read-only= cdrom= seed= create-size= ", 0);
	offers("select device 1", "12 ", 0);
	offers("remove -F device format=", "raw qcow2 ", 0);
	offers("remove -", "-F ", 0);
	offers("remove -F device 1", "12 ", 0);
	offers("info device i", "id= ", 0);
}

TEST(options)
{
	offers("create -", "-b -F -a -t ", 0);
	offers("create -b ", "-b -F -a -t ", 0);
	offers("create -t ", "", CONF_OUTSIDE_TEMPLATES);
	offers("export -f ", "", CONF_OUTSIDE_FILES);
	offers("delete ", "-F ", 0);
}

TEST(nonsense_offers_nothing)
{
	offers("set bootargs=\"a", "", 0);
	offers("\x80", "", 0);
	offers("info a b c d e f g h i j k l m n o", "", 0);
}
