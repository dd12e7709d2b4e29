// SPDX-License-Identifier: GPL-2.0
/* What a clone has of the zone that it is like, and what is its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/session.h"
#include "unit.h"
#include "zone/likeness.h"

static struct conf *with(const char *more)
{
	char text[2048];
	struct zkz_err err = { 0 };
	struct conf *c;

	snprintf(text, sizeof(text), "create -b\nset kernel=/k\nadd capped-memory\nset physical=64M\nend\n"
		 "add virtual-cpu\nset ncpus=1\nend\n%s", more);
	c = conf_parse("web1", text, strlen(text), &err);
	CHECK(c);
	return c;
}

/* What becomes of a disk of web1 when the clone is called web2; NULL if nobody knows. */
static const char *disk(const char *storage)
{
	static char text[2048];
	struct zkz_err err = { 0 };
	struct conf *c;
	int rc;

	snprintf(text, sizeof(text), "add device\nset id=0\nset storage=%s\nend\n", storage);
	c = with(text);
	rc = zone_likeness(c, "web1", "web2", &err);
	snprintf(text, sizeof(text), "%s", rc ? "" : conf_res_get(conf_first(c, "device"), "storage"));
	conf_free(c);
	if (rc)
		CHECK(err_is(&err, ERR_CLONE_STORAGE) || err_is(&err, ERR_PATH_LONG));
	return rc ? NULL : text;
}

TEST(disks_beside_those_of_the_other)
{
	CHECK_STR(disk("file:/zones/web1.img"), "file:/zones/web2.img");
	CHECK_STR(disk("file:/zones/web1/web1-root.img"), "file:/zones/web1/web2-root.img");
	CHECK_STR(disk("file:/zones/disk.img"), "file:/zones/web2-disk.img");
	CHECK_STR(disk("file:/zones/web10.img"), "file:/zones/web2-web10.img");
	CHECK_STR(disk("file:/zones/myweb1.web1"), "file:/zones/myweb1.web2");
	CHECK_STR(disk("file:/zones/of%20web1"), "file:/zones/of%20web2");
	CHECK(!disk("dev:zvol/rpool/web1"));
	CHECK(!disk("nbd://host/web1"));
	CHECK(!disk("lu:luname.naa.600144f0dbf8af190000510979640005"));
}

TEST(what_is_only_read_is_shared)
{
	CHECK_STR(disk("file:/zones/web1.iso\nset cdrom=true"), "file:/zones/web1.iso");
	CHECK_STR(disk("nbd://host/web1\nset read-only=true"), "nbd://host/web1");
	CHECK_STR(disk("file:/zones/web1.img\nset read-only=false"), "file:/zones/web2.img");
	CHECK_STR(disk("file:/zones/web1-seed.iso\nset seed=true"), "file:/zones/web2-seed.iso");
}

TEST(an_identity_of_its_own)
{
	struct conf *c = with("set uuid=123e4567-e89b-42d3-a456-426614174000\n"
			      "add anet\nset id=0\nset lower-link=br0\nset mac-address=02:00:00:00:00:01\nend\n"
			      "add attr\nset name=a\nset value=b\nend\n");
	struct zkz_err err = { 0 };

	NEED(c && !zone_likeness(c, "web1", "web2", &err));
	CHECK_STR(conf_res_get(&c->global, "uuid"), "auto");
	CHECK_STR(conf_res_get(conf_first(c, "anet"), "mac-address"), "auto");
	CHECK_STR(conf_res_get(conf_first(c, "anet"), "lower-link"), "br0");
	CHECK_STR(conf_res_get(conf_first(c, "attr"), "value"), "b");
	conf_free(c);
	/* One that has none gets none. */
	c = with("");
	NEED(c && !zone_likeness(c, "web1", "web2", &err));
	CHECK(!conf_res_get(&c->global, "uuid"));
	conf_free(c);
}
