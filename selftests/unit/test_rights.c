// SPDX-License-Identifier: GPL-2.0
/* Who may do what with zones, by a file and by a zone's configuration. */
#include <stdlib.h>
#include <string.h>

#include "conf/session.h"
#include "unit.h"
#include "zone/rights.h"

static unsigned int bad;

static bool joe(const char *text, enum right r, const char *zone)
{
	static const char *const groups[] = { "users", "ops" };
	const struct rights_who who = { .user = "joe", .group = groups, .nr_groups = 2 };

	return rights_in_text(text, &who, r, zone, &bad);
}

TEST(by_the_host)
{
	CHECK(joe("joe manage", RIGHT_MANAGE, "web1"));
	CHECK(joe("joe manage", RIGHT_MANAGE, NULL));
	CHECK(!joe("joe manage", RIGHT_LOGIN, "web1"));
	CHECK(!joe("jo manage\njoey manage", RIGHT_MANAGE, "web1"));
	CHECK(joe("\n# all\n\tjoe\tlogin,manage   web1 web2\n", RIGHT_LOGIN, "web2"));
	CHECK(!joe("joe login,manage web1 web2", RIGHT_LOGIN, "web"));
	CHECK(!joe("joe login web1", RIGHT_LOGIN, NULL));
	CHECK(joe("%ops migrate", RIGHT_MIGRATE, NULL));
	CHECK(!joe("%op migrate\nops migrate", RIGHT_MIGRATE, NULL));
	CHECK(joe("joe solaris.zone.config,zkz.zone.manage", RIGHT_CONFIG, "a"));
	CHECK(joe("joe solaris.zone.config,zkz.zone.manage", RIGHT_MANAGE, "a"));
	CHECK_INT(bad, 0);
}

/* What is not understood grants nothing, whatever else stands there. */
TEST(lines_that_grant_nothing)
{
	CHECK(!joe("joe", RIGHT_MANAGE, "web1"));
	CHECK_INT(bad, 1);
	CHECK(!joe("# fine\njoe manage,fly web1\n", RIGHT_MANAGE, "web1"));
	CHECK_INT(bad, 2);
	CHECK(!joe("% manage", RIGHT_MANAGE, "web1"));
	CHECK_INT(bad, 1);
	CHECK(!joe("joe look", RIGHT_LOOK, "web1"));
	CHECK(!joe("joe root", RIGHT_ROOT, "web1"));
	CHECK_INT(bad, 1);
	CHECK(!joe("", RIGHT_MANAGE, "web1"));
	CHECK(!joe("#joe manage", RIGHT_MANAGE, "web1"));
	CHECK_INT(bad, 0);
	CHECK(joe("joe fly\njoe manage", RIGHT_MANAGE, "web1"));
	CHECK_INT(bad, 1);
}

static struct conf *with(const char *admins)
{
	char text[1024] = "create -b\nset kernel=/k\nadd capped-memory\nset physical=64M\nend\n"
			  "add virtual-cpu\nset ncpus=1\nend\n";
	struct zkz_err err = { 0 };
	struct conf *c;

	strcat(text, admins);
	c = conf_parse("web1", text, strlen(text), &err);
	CHECK(c);
	return c;
}

TEST(by_the_zone)
{
	struct conf *c = with("add admin; set user=joe; set auths=manage,login,manage; end\n");
	struct conf *d = with("add admin; set user=joe; set auths=login,manage; end\n");
	struct conf *e = with("add admin; set user=joe; set auths=login; end\n"), *none = with("");

	NEED(c && d && e && none);
	CHECK_STR(conf_res_get(conf_first(c, "admin"), "auths"), "login,manage");
	CHECK(rights_in_conf(c, "joe", RIGHT_LOGIN));
	CHECK(rights_in_conf(c, "joe", RIGHT_MANAGE));
	CHECK(!rights_in_conf(c, "joe", RIGHT_CONFIG));
	CHECK(!rights_in_conf(c, "root", RIGHT_LOGIN));
	CHECK(rights_same(c, d));
	CHECK(!rights_same(c, e));
	CHECK(!rights_same(c, none));
	CHECK(!rights_same(c, NULL));
	CHECK(rights_same(none, NULL));
	CHECK(rights_same(NULL, NULL));
	conf_free(c);
	conf_free(d);
	conf_free(e);
	conf_free(none);
}

TEST(words_of_a_list)
{
	struct zkz_err err = { 0 };
	static const char text[] = "create -b; add admin; set user=joe; set auths=login,fly; end";

	CHECK(!conf_parse("web1", text, strlen(text), &err));
	CHECK_HAS(err.text, "token 'login,fly'");
}
