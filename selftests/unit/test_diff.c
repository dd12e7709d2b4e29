// SPDX-License-Identifier: GPL-2.0
/* What two configurations differ in, and what such a difference needs. */
#include <stdio.h>
#include <stdlib.h>

#include "conf/diff.h"
#include "conf/session.h"
#include "unit.h"

#define BASE "create -b; set kernel=/k; add capped-memory; set physical=256M; end; " \
	     "add virtual-cpu; set ncpus=2; end; " \
	     "add anet; set id=0; set lower-link=br0; set mac-address=02:00:00:00:00:01; end; " \
	     "add device; set id=0; set storage=nbd://s/d; end; " \
	     "add attr; set name=note; set value=old; end; "

static struct conf *parse(const char *text)
{
	struct zkz_err err = { 0 };
	struct conf *c = conf_parse("z1", text, strlen(text), &err);

	unit_check(c, __FILE__, __LINE__, "%s: %s", text, err.text);
	return c;
}

/* Differences of two texts, of the classes @want. */
static struct conf_list list(const char *a, const char *b, unsigned int want)
{
	struct conf_list l = { .w = { "running", "configured" }, .want = want };
	struct conf *x = parse(a), *y = parse(b);

	if (x && y)
		conf_diff(x, y, conf_list_add, &l);
	conf_free(x);
	conf_free(y);
	return l;
}

/* @change is of @class, and only of that. */
static void is_of(const char *change, enum conf_class class, const char *text)
{
	char changed[1024];
	struct conf_list l;

	snprintf(changed, sizeof(changed), BASE "%s", change);
	l = list(BASE, changed, CONF_BIT(class));
	CHECK_STR(l.text, text);
	l = list(BASE, changed, CONF_ANY & ~CONF_BIT(class));
	CHECK_INT(l.nr, 0);
}

TEST(equal_models_do_not_differ)
{
	CHECK_INT(list(BASE, BASE, CONF_ANY).nr, 0);
	/* A text that does not say what is a default, as one of an older zkz, and another order. */
	CHECK_INT(list(BASE, BASE "set autoboot=false; set brand=kernel-zone", CONF_ANY).nr, 0);
	CHECK_INT(list(BASE, BASE "select device 0; set format=raw; end", CONF_ANY).nr, 0);
}

TEST(each_property_has_its_class)
{
	is_of("set autoboot=true", CONF_LIVE, "autoboot: false running, true configured");
	is_of("set hybrid=false", CONF_LIVE, "hybrid: not set running, false configured");
	is_of("select attr note; set value=new; end", CONF_LIVE, "attr note: value: old running, new configured");
	is_of("remove attr note", CONF_LIVE, "attr note: only running");
	is_of("add attr; set name=more; set value=x; end", CONF_LIVE, "attr more: only configured");
	is_of("set bootargs=quiet", CONF_BOOT, "bootargs: not set running, quiet configured");
	is_of("set kernel=/k2", CONF_BOOT, "kernel: /k running, /k2 configured");
	is_of("select device 0; set bootpri=3; end", CONF_BOOT, "device 0: bootpri: not set running, 3 configured");
	is_of("select anet 0; set lower-link=br7; end", CONF_HOST, "anet 0: lower-link: br0 running, br7 configured");
	is_of("select capped-memory; set physical=128M; end", CONF_MACHINE,
	      "capped-memory: physical: 256M running, 128M configured");
	is_of("select virtual-cpu; set ncpus=4; end", CONF_MACHINE, "virtual-cpu: ncpus: 2 running, 4 configured");
	is_of("select anet 0; set mac-address=02:00:00:00:00:02; end", CONF_MACHINE,
	      "anet 0: mac-address: 02:00:00:00:00:01 running, 02:00:00:00:00:02 configured");
	is_of("select device 0; set storage=nbd://other/d; end", CONF_MACHINE,
	      "device 0: storage: nbd://s/d running, nbd://other/d configured");
	is_of("select device 0; set format=qcow2; end", CONF_MACHINE, "device 0: format: raw running, qcow2 configured");
	is_of("remove anet 0", CONF_MACHINE, "anet 0: only running");
	is_of("add device; set id=5; set storage=nbd://s/e; end", CONF_MACHINE, "device 5: only configured");
}

/* Another kernel is a matter of the next boot; whether there is one decides on an option ROM. */
TEST(a_kernel_that_comes_or_goes_is_another_machine)
{
	struct conf_list l = list(BASE, BASE "clear kernel; select device 0; set bootpri=1; end",
				  CONF_BIT(CONF_MACHINE));

	CHECK_STR(l.text, "kernel: /k running, not set configured");
}

TEST(all_differences_are_told_at_once)
{
	struct conf_list l = list(BASE, BASE "select capped-memory; set physical=128M; end; "
				  "select virtual-cpu; set ncpus=4; end; set autoboot=true", CONF_ANY);

	CHECK_INT(l.nr, 3);
	CHECK_STR(l.text, "autoboot: false running, true configured; capped-memory: physical: 256M running, 128M configured; "
		  "virtual-cpu: ncpus: 2 running, 4 configured");
}

TEST(a_list_that_gets_too_long_counts)
{
	char many[8192] = BASE;
	struct conf_list l;
	size_t n = strlen(many);
	int i;

	for (i = 0; i < 60; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, "add attr; set name=name%d; set value=x; end; ", i);
	l = list(BASE, many, CONF_ANY);
	CHECK_INT(l.nr, 60);
	CHECK(strlen(l.text) < sizeof(l.text) - 1);
	CHECK_HAS(l.text, "attr name0: only configured; ");
	CHECK_HAS(l.text, " more");
	CHECK_INT(strtoul(strstr(l.text, "; and ") + 6, NULL, 10), l.cut);
}

/* Processors have other numbers, and other zones on them, elsewhere. */
TEST(processors_are_the_hosts_own)
{
	struct conf *theirs = parse(BASE "add dedicated-cpu; set cpus=0-3; end");
	struct conf *own = parse(BASE "add dedicated-cpu; set cpus=8; end");

	NEED(theirs && own);
	is_of("add dedicated-cpu; set cpus=1; end", CONF_HOST, "dedicated-cpu: only configured");
	conf_keep_host(theirs, own);
	CHECK_STR(conf_res_get(conf_first(theirs, "dedicated-cpu"), "cpus"), "8");
	conf_keep_host(theirs, NULL);
	CHECK(!conf_first(theirs, "dedicated-cpu"));
	conf_keep_host(theirs, own);
	CHECK_STR(conf_res_get(conf_first(theirs, "dedicated-cpu"), "cpus"), "8");
	conf_free(theirs);
	conf_free(own);
}

TEST(what_is_the_hosts_own_stays)
{
	struct conf *theirs = parse(BASE "add anet; set id=1; set lower-link=br0; set mac-address=02:00:00:00:00:02; end; "
				    "set hybrid=false");
	struct conf *own = parse(BASE "select anet 0; set lower-link=mine; set mac-address=02:00:00:00:00:09; end");

	NEED(theirs && own);
	conf_keep_host(theirs, own);
	CHECK_STR(conf_res_get(conf_first(theirs, "anet"), "lower-link"), "mine");
	CHECK_STR(conf_res_get(conf_first(theirs, "anet"), "mac-address"), "02:00:00:00:00:01");
	/* One that is not there has none there. */
	CHECK_STR(conf_res_get(conf_next(conf_first(theirs, "anet")), "lower-link"), "br0");
	CHECK_STR(conf_res_get(&theirs->global, "hybrid"), "false");
	conf_free(theirs);
	conf_free(own);
}
