// SPDX-License-Identifier: GPL-2.0
/* Which configuration a zone that moves has on the target. */
#include <stdio.h>

#include "conf/session.h"
#include "migrate/plan/match.h"
#include "unit.h"

#define BASE "create -b; set kernel=/k; add capped-memory; set physical=256M; end; " \
	     "add virtual-cpu; set ncpus=2; end; " \
	     "add anet; set id=0; set lower-link=br0; set mac-address=02:00:00:00:00:01; end; "

static struct conf_list changed;
static struct zkz_err why;

static struct conf *parse(const char *text)
{
	return conf_parse("z1", text, strlen(text), &why);
}

static int running(const char *then, const char *now)
{
	struct conf *a = parse(then), *b = parse(now);
	int rc = match_running(a, b, &why);

	conf_free(a);
	conf_free(b);
	return rc;
}

/* Return: what the target builds, NULL if it is what is configured. */
static struct conf *machine(const char *then, const char *now)
{
	struct conf *a = parse(then), *b = parse(now), *c = match_machine(a, b);

	conf_free(a);
	conf_free(b);
	return c;
}

/* Return: what the target has then, NULL if it refuses; "" for @own is none. */
static struct conf *target(const char *theirs, const char *own, bool its_zone)
{
	struct conf *a = parse(theirs), *b = *own ? parse(own) : NULL;
	int rc = match_target(a, b, its_zone, &changed, &why);

	conf_free(b);
	if (!rc)
		return a;
	conf_free(a);
	return NULL;
}

TEST(what_does_not_touch_the_machine_moves)
{
	CHECK(!running(BASE, BASE));
	CHECK(!running(BASE, BASE "set hybrid=false; set autoboot=true; set bootargs=x; "
		       "add attr; set name=a; set value=b; end; select anet 0; set lower-link=br9; end"));
}

TEST(what_does_is_named)
{
	CHECK(running(BASE, BASE "set hybrid=false; select virtual-cpu; set ncpus=3; end; "
		      "select capped-memory; set physical=128M; end"));
	CHECK_HAS(why.text, "physical: 256M running, 128M configured; virtual-cpu: ncpus: 2 running, 3 configured");
	CHECK(!strstr(why.text, "hybrid"));
	CHECK(why.remedy[0]);
}

#define DISK(id, pri) "add device; set id=" id "; set storage=file:/d" id "; set bootpri=" pri "; end; "

TEST(the_machine_that_runs_goes_along)
{
	struct conf *c = machine(BASE DISK("0", "0"), BASE "set hybrid=false; set bootargs=x; set guest-agent=true; "
				 "select virtual-cpu; set ncpus=3; end; remove anet 0; "
				 "add device; set id=4; set storage=file:/new; end");
	struct conf *as = parse(BASE "set hybrid=false; set bootargs=x; " DISK("0", "0"));

	NEED(c && as);
	CHECK(conf_same(c, as));
	conf_free(c);
	conf_free(as);
	CHECK(!machine(BASE, BASE "set hybrid=false; set bootargs=x; select anet 0; set lower-link=br9; end"));
	CHECK(!machine(BASE DISK("0", "0"), BASE DISK("0", "3")));
}

/* Its link is as it was given to it, booted or not; the bridge is the host's. */
TEST(so_does_its_link)
{
	struct conf *c = machine(BASE "select anet 0; set vlan-id=7; end",
				 BASE "select anet 0; set link-protection=mac-nospoof; set lower-link=br9; end");
	struct conf *as = parse(BASE "select anet 0; set vlan-id=7; set lower-link=br9; end");

	NEED(c && as);
	CHECK(conf_same(c, as));
	conf_free(c);
	conf_free(as);
}

/* What is booted first is said by each half, and both say it of another disk. */
TEST(halves_that_contradict_each_other_do_not)
{
	struct conf *then = parse(BASE DISK("0", "0") DISK("1", "1")), *c;

	c = machine(BASE DISK("0", "0") DISK("1", "1"), BASE DISK("1", "0"));
	NEED(c && then);
	CHECK(conf_same(c, then));
	conf_free(c);
	conf_free(then);
}

TEST(none_on_the_target_takes_all)
{
	struct conf *c = target(BASE, "", false);

	NEED(c);
	CHECK_INT(changed.nr, 0);
	conf_free(c);
}

/* A safety property is the reason for all this. */
TEST(what_was_changed_on_the_source_comes_along)
{
	struct conf *c = target(BASE "set hybrid=false; select virtual-cpu; set ncpus=4; end",
				BASE "set autoboot=true; select anet 0; set lower-link=mine; end", false);

	NEED(c);
	CHECK_STR(conf_res_get(&c->global, "hybrid"), "false");
	CHECK_STR(conf_res_get(&c->global, "autoboot"), "false");
	CHECK_STR(conf_res_get(conf_first(c, "virtual-cpu"), "ncpus"), "4");
	CHECK_STR(conf_res_get(conf_first(c, "anet"), "lower-link"), "mine");
	CHECK_INT(changed.nr, 3);
	CHECK_STR(changed.text, "autoboot: true there, false here; hybrid: not set there, false here; "
		  "virtual-cpu: ncpus: 2 there, 4 here");
	conf_free(c);
}

TEST(a_zone_of_the_target_does_not_become_another_machine)
{
	CHECK(!target(BASE, BASE "remove anet 0; select capped-memory; set physical=1G; end", true));
	CHECK_HAS(why.text, "capped-memory: physical: 1G on the target, 256M on the source; anet 0: only on the source");
	CHECK_HAS(why.remedy, "delete");
}

TEST(one_that_is_the_same_machine_does)
{
	struct conf *c = target(BASE "set hybrid=false", BASE, true);

	NEED(c);
	CHECK_STR(conf_res_get(&c->global, "hybrid"), "false");
	conf_free(c);
}
