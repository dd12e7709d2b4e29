// SPDX-License-Identifier: GPL-2.0
/* What it takes to change a zone that runs, and at which ports things are. */
#include "conf/live.h"
#include "conf/ports.h"
#include "conf/session.h"
#include "unit.h"

#define BASE "create -b; set kernel=/k; set hot-plug=true; add capped-memory; set physical=256M; end; " \
	     "add virtual-cpu; set ncpus=2; end; " \
	     "add anet; set id=0; set lower-link=br0; set mac-address=02:00:00:00:00:01; end; "
#define DISK(id, more) "add device; set id=" id "; set storage=file:/d" id "; " more "; end; "
#define NIC(id, more) "add anet; set id=" id "; set lower-link=br0; set mac-address=02:00:00:00:01:0" id "; " more "; end; "

static struct zkz_err why;
static struct live_plan plan;

static struct conf *parse(const char *text)
{
	return conf_parse("z1", text, strlen(text), &why);
}

/* All steps on paper. Return: the texts of them, with what is there at the end in @end unless that is NULL. */
static const char *steps(const char *now, const char *want, struct conf **end)
{
	struct conf *a = parse(now), *b = parse(want), *next;
	static char text[512];
	unsigned int i;
	size_t n = 0;

	text[0] = '\0';
	live_plan(a, b, &plan);
	for (i = 0; i < plan.nr && a; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", i ? ", " : "");
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", plan.step[i].text);
		next = live_step(a, b, &plan.step[i], &why);
		conf_free(a);
		a = next;
	}
	conf_free(b);
	if (end)
		*end = a;
	else
		conf_free(a);
	return text;
}

static const char *port_of(const struct conf *c, const char *type, const char *id)
{
	const struct conf_type *t = conf_type_find(type);
	const struct conf_res *r = conf_find(c, t, t->key, id);

	return r ? conf_res_get(r, "port") : "gone";
}

TEST(nothing_is_nothing)
{
	CHECK_STR(steps(BASE, BASE, NULL), "");
	CHECK_INT(plan.boot.nr + plan.own.nr, 0);
}

TEST(what_goes_does_so_first)
{
	struct conf *c;

	CHECK_STR(steps(BASE DISK("1", "set port=0") NIC("1", "set port=1"),
			BASE DISK("2", "") NIC("2", "") "select anet 0; set lower-link=br9; set vlan-id=4; end", &c),
		  "Removing anet id=1, Removing device id=1, Modifying anet id=0, Adding anet id=2, Adding device id=2");
	NEED(c);
	CHECK_STR(port_of(c, "anet", "2"), "0");
	CHECK_STR(port_of(c, "device", "2"), "1");
	CHECK_STR(port_of(c, "device", "1"), "gone");
	CHECK_STR(conf_res_get(conf_first(c, "anet"), "lower-link"), "br9");
	CHECK_STR(conf_res_get(conf_first(c, "anet"), "vlan-id"), "4");
	CHECK_INT(plan.boot.nr + plan.own.nr, 0);
	conf_free(c);
}

TEST(memory_is_given_and_taken)
{
	struct conf *c;

	CHECK_STR(steps(BASE, BASE "select capped-memory; set current=128M; end", &c), "Modifying capped-memory current=128M");
	NEED(c);
	CHECK_STR(conf_res_get(conf_first(c, "capped-memory"), "current"), "128M");
	conf_free(c);
	CHECK_STR(steps(BASE "select capped-memory; set current=128M; end", BASE, NULL), "Modifying capped-memory current");
	CHECK(!parse(BASE "select capped-memory; set current=512M; end"));
	CHECK_STR(err_code(&why), "CONFIG_MEMORY_CURRENT");
}

TEST(a_port_that_is_wanted_is_taken)
{
	struct conf *c;

	CHECK_STR(steps(BASE DISK("1", "set port=3"),
			BASE DISK("1", "set port=3") DISK("2", "set port=5") DISK("4", ""), &c), "Adding device id=2, Adding device id=4");
	NEED(c);
	CHECK_STR(port_of(c, "device", "2"), "5");
	CHECK_STR(port_of(c, "device", "4"), "0");
	conf_free(c);
	steps(BASE DISK("1", "set port=3"), BASE DISK("2", "set port=3"), &c);
	NEED(c);
	conf_free(c);
	/* What is configured for another boot is still where it runs. */
	steps(BASE DISK("1", "set port=3"), BASE DISK("1", "") DISK("2", "set port=3"), &c);
	CHECK(!c);
	CHECK_STR(err_code(&why), "CONFIG_PORT_TWICE");
}

TEST(what_waits_for_a_boot_is_named)
{
	CHECK_STR(steps(BASE DISK("1", "") DISK("2", "set port=1"),
			BASE DISK("2", "set format=qcow2") DISK("3", "set cdrom=true")
			"select virtual-cpu; set ncpus=3; end; set bootargs=x; "
			"select anet 0; set mtu=1400; end", NULL), "");
	CHECK_STR(plan.boot.text, "bootargs: not set running, x wanted; virtual-cpu: ncpus: 2 running, 3 wanted; "
		  "anet 0: mtu: not set running, 1400 wanted; device 1: only running; "
		  "device 2: format: raw running, qcow2 wanted; device 3: only wanted");
}

TEST(where_no_port_is_said_any_is_right)
{
	CHECK_STR(steps(BASE DISK("2", "set port=1"), BASE DISK("2", ""), NULL), "");
	CHECK_INT(plan.boot.nr, 0);
	steps(BASE DISK("2", "set port=1"), BASE DISK("2", "set port=2"), NULL);
	CHECK_STR(plan.boot.text, "device 2: port: 1 running, 2 wanted");
}

TEST(what_zkz_reads_is_not_the_machines)
{
	CHECK_STR(steps(BASE, BASE "set autoboot=true; add attr; set name=a; set value=b; end", NULL), "");
	CHECK_STR(plan.own.text, "autoboot: false running, true wanted; attr a: only wanted");
	CHECK_INT(plan.boot.nr, 0);
}

TEST(more_than_there_are_ports)
{
	struct conf *c;

	steps(BASE, BASE DISK("0", "") DISK("1", "") DISK("2", "") DISK("3", "") DISK("4", "") DISK("5", "")
	      DISK("6", "") DISK("7", "") DISK("8", ""), &c);
	CHECK(!c);
	CHECK_STR(err_code(&why), "CONFIG_PORTS_TAKEN");
	CHECK_HAS(why.text, "device 8: all 8");
}

TEST(the_next_boot_finds_them_where_they_are)
{
	struct conf *c = parse(BASE DISK("1", "") DISK("2", "set port=6")), *now;

	now = parse(BASE DISK("1", "set port=4") DISK("2", "set port=5") DISK("3", "set port=6"));
	NEED(c && now);
	CHECK(live_keep_ports(c, now));
	CHECK_STR(port_of(c, "device", "1"), "4");
	CHECK_STR(port_of(c, "device", "2"), "6");
	CHECK(!live_keep_ports(c, now));
	conf_free(c);
	/* But not where another one will be. */
	c = parse(BASE DISK("1", "") DISK("2", "set port=4"));
	CHECK(!live_keep_ports(c, now));
	CHECK(!port_of(c, "device", "1"));
	conf_free(c);
	/* Nor where there will be none. */
	c = parse(BASE DISK("1", "") "set hot-plug=false");
	CHECK(!live_keep_ports(c, now));
	conf_free(c);
	conf_free(now);
}

TEST(ports_are_checked)
{
	CHECK(!parse(BASE DISK("1", "set port=8")));
	CHECK(!parse(BASE DISK("1", "set port=x")));
	CHECK(!parse("create -b; set kernel=/k; add capped-memory; set physical=256M; end; "
		     "add virtual-cpu; set ncpus=2; end; " DISK("1", "set port=auto")));
	CHECK_STR(err_code(&why), "CONFIG_PORT_NONE");
	CHECK(!parse(BASE DISK("1", "set port=1; set cdrom=true")));
	CHECK_STR(err_code(&why), "CONFIG_PORT_CDROM");
	CHECK(!parse(BASE DISK("1", "set port=1") NIC("1", "set port=1")));
	CHECK_HAS(why.text, "port 1 is that of anet 1 and of device 1");
}

TEST(any_free_port)
{
	struct conf *c = parse(BASE DISK("1", "set port=auto") DISK("2", "set port=0") NIC("1", "set port=auto"));

	NEED(c);
	CHECK(!conf_ports_assign(c, &why));
	CHECK_STR(port_of(c, "anet", "1"), "1");
	CHECK_STR(port_of(c, "device", "1"), "2");
	CHECK_STR(port_of(c, "device", "2"), "0");
	conf_free(c);
}
