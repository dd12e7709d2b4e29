// SPDX-License-Identifier: GPL-2.0
/* The configuration language: commands, values, canonical text, messages. */
#include <stdio.h>
#include <stdlib.h>

#include "conf/session.h"
#include "storage/uri.h"
#include "template.h"
#include "unit.h"
#include "zone/model.h"

static unsigned int commits, removes;

static int on_commit(struct conf_session *s, struct zkz_err *err)
{
	(void)s;
	(void)err;
	commits++;
	return 0;
}

static int on_remove(struct conf_session *s, struct zkz_err *err)
{
	(void)s;
	(void)err;
	removes++;
	return 0;
}

static const struct conf_hooks hooks = {
	.check_uri = uri_check, .commit = on_commit, .remove = on_remove, .template = unit_template,
};

/* Run @text as a whole session; returns what it printed, to be freed. */
static char *run(const char *text, int *rc, struct zkz_err *err)
{
	struct conf_session s;
	char *out = NULL;
	size_t len;

	err_clear(err);
	commits = removes = 0;
	conf_session_init(&s, "z1", NULL, &hooks);
	s.out = open_memstream(&out, &len);
	*rc = conf_session_run(&s, text, strlen(text), err);
	if (!*rc)
		*rc = conf_session_finish(&s, err);
	fclose(s.out);
	conf_session_fini(&s);
	return out;
}

static void refuse(const char *text, const char *part)
{
	struct zkz_err err;
	int rc;

	free(run(text, &rc, &err));
	CHECK_INT(rc, -1);
	CHECK_HAS(err.text, part);
	CHECK_INT(commits, 0);
}

#define BASE_REST "set kernel=/k; add capped-memory; set physical=256M; end; " \
		  "add virtual-cpu; set ncpus=2; end; "
#define BASE "create -b; " BASE_REST

TEST(export_is_canonical)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run("create -b\n"
		  "# a comment\n"
		  "add device; set id=3; set storage=nbd://h:1/e; set bootpri=1; end\n"
		  "add device; set storage=file:/d.img ; set format=qcow2; end\n"
		  "add virtual-cpu; set ncpus=004; end\n"
		  "add capped-memory\nset physical=1024m\nend\n"
		  "set bootargs=\"console=ttyS0 say=\\\"hi\\\" back=\\\\\"\n"
		  "set kernel = /boot/vmlinuz # and so on\n"
		  "add anet; set lower-link=br0; set mac-address=02:AB:0:0:0:1; end\n"
		  "add attr; set name=note; set value=\"a;b\"; end\n"
		  "export\n", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_GOLDEN("conf-export.cfg", out);
	CHECK_INT(commits, 1);
	free(out);
}

TEST(export_reads_back_the_same)
{
	struct zkz_err err;
	char *first, *second;
	char text[4096];
	int rc;

	first = run("create; set kernel=/k; set bootargs=\"#x =y \\\"z\\\" ;(\"; export", &rc, &err);
	CHECK_INT(rc, 0);
	snprintf(text, sizeof(text), "%sexport\n", first);
	second = run(text, &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_STR(second, first);
	free(first);
	free(second);
}

/* Zones are configured before either host knows of it: no host need read what was not said. */
TEST(hybrid_is_said_only_where_it_was)
{
	struct zone_model z;
	struct conf *c;
	struct zkz_err err;
	char *out;
	int rc;

	out = run(BASE "export", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK(!strstr(out, "hybrid"));
	free(out);
	out = run(BASE "set hybrid=false; export", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_HAS(out, "set hybrid=false\n");
	c = conf_parse("z1", out, strlen(out), &err);
	CHECK(c && !zone_model_from_conf("z1", c, &z, &err) && !z.hybrid);
	conf_free(c);
	free(out);
	c = conf_parse("z1", BASE, strlen(BASE), &err);
	CHECK(c && !zone_model_from_conf("z1", c, &z, &err) && z.hybrid);
	conf_free(c);
	refuse("create -b; set hybrid=seldom", "token 'seldom'");
}

TEST(select_changes_one_resource)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(BASE "add device; set storage=file:/a; end; add device; set storage=file:/b; end;"
		  "select device 1; set storage=file:/c; end; select device id=0; set storage=file:/x; cancel;"
		  "info device", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_HAS(out, "storage: file:/a");
	CHECK_HAS(out, "storage: file:/c");
	CHECK(!strstr(out, "file:/b"));
	free(out);
}

TEST(remove_takes_what_matches)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(BASE "add anet; set lower-link=br0; end; add anet; set lower-link=br1; end;"
		  "remove anet lower-link=br0; remove -F attr; info anet", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK(!strstr(out, "br0"));
	CHECK_HAS(out, "br1");
	free(out);
	refuse(BASE "remove anet", "no resource");
	refuse(BASE "add device; set storage=file:/a; set bootpri=1; end; add device; set storage=file:/b; set bootpri=1; end",
	       "bootpri");
	refuse(BASE "add device; set storage=file:/a; end; add device; set storage=file:/b; end; remove device",
	       "more than one");
}

TEST(delete_needs_force)
{
	struct zkz_err err;
	int rc;

	refuse("create\ndelete", "On line 2: token 'delete'");
	free(run("create; delete -F", &rc, &err));
	CHECK_INT(rc, 0);
	CHECK_INT(removes, 1);
	CHECK_INT(commits, 0);
}

TEST(delete_waits_for_the_end)
{
	struct zkz_err err;
	int rc;

	refuse("create -b; delete -F; create -b; nonsense", "unknown command");
	CHECK_INT(removes, 0);
	refuse("create -b; delete -F; create -b", "is missing");
	CHECK_INT(removes, 0);
	free(run("create -b; delete -F; commit; " BASE "set autoboot=true", &rc, &err));
	CHECK_INT(rc, 0);
	CHECK_INT(removes, 1);
	CHECK_INT(commits, 1);
}

TEST(nothing_changed_nothing_stored)
{
	struct conf_session s;
	struct zkz_err err;

	commits = 0;
	conf_session_init(&s, "z1", conf_parse("z1", BASE, strlen(BASE), &err), &hooks);
	CHECK_INT(conf_session_run(&s, "info; exit; set nonsense", 24, &err), 0);
	CHECK_INT(conf_session_finish(&s, &err), 0);
	CHECK_INT(commits, 0);
	conf_session_fini(&s);
	/* What is set to what it was is no change: models are compared. */
	conf_session_init(&s, "z1", conf_parse("z1", BASE, strlen(BASE), &err), &hooks);
	CHECK_INT(conf_session_run(&s, "set autoboot=true; set autoboot=false; create -F -b; " BASE_REST,
				   strlen("set autoboot=true; set autoboot=false; create -F -b; " BASE_REST), &err), 0);
	CHECK(!conf_session_changed(&s));
	CHECK_INT(conf_session_finish(&s, &err), 0);
	CHECK_INT(commits, 0);
	conf_session_fini(&s);
}

TEST(messages_name_line_and_token)
{
	refuse("create -b\nset colour=red\n", "On line 2: token 'colour'");
	refuse("create -b\n\nbla bla", "On line 3: token 'bla'");
	refuse("create -b\nadd floppy", "On line 2: token 'floppy'");
	refuse("create -b\nset autoboot=maybe", "On line 2: token 'maybe'");
	refuse("create -b\nset autoboot", "'=' is expected");
	refuse("create -b\nset kernel=", "a value is expected");
	refuse("create -b\nset kernel=/a /b", "token '/b'");
	refuse("create -b; add device; set storage=ftp://x", "token 'ftp://x'");
	refuse("create -b\nadd anet\nadd anet", "inside resource anet");
	refuse("create -b\nend", "only allowed inside");
	refuse("create -b\nadd anet\n", "ends inside resource anet");
	refuse("set autoboot=true", "no configuration");
	refuse("create; create", "already configured");
	refuse("create -x", "token '-x'");
}

TEST(bad_bytes_are_refused)
{
	refuse("create \x80", "byte 0x80");
	refuse("cre\x01" "ate", "byte 0x01");
	refuse("create -b; set bootargs=\"a\nb\"", "quote is not closed");
	refuse("create -b; set bootargs=\"a\\n\"", "escapes");
	refuse("create -b; set bootargs=(a,b)", "a value is expected");
}

TEST(values_have_bounds)
{
	refuse("create -b; add capped-memory; set physical=3M", "physical must be");
	refuse("create -b; add capped-memory; set physical=65M", "steps of 2M");
	refuse("create -b; add capped-memory; set physical=3T", "physical must be");
	refuse("create -b; add capped-memory; set physical=99999999999999999999", "not a size");
	refuse("create -b; add capped-memory; set physical=-2M", "not a size");
	refuse("create -b; add virtual-cpu; set ncpus=0", "1 to 256");
	refuse("create -b; add virtual-cpu; set ncpus=257", "1 to 256");
	refuse("create -b; add anet; set mac-address=01:00:00:00:00:00", "single interface");
	refuse("create -b; add anet; set mac-address=00:00:00:00:00:00", "single interface");
	refuse("create -b; add anet; set mac-address=2:3", "not a MAC");
	refuse("create -b; add anet; set lower-link=a-name-that-is-too-long", "interface name");
	refuse("create -b; set kernel=vmlinuz", "absolute path");
}

TEST(verify_finds_what_is_missing)
{
	refuse("create -b", "capped-memory is missing");
	refuse("create -b; add capped-memory; set physical=64M; end", "virtual-cpu is missing");
	refuse("create; remove -F device", "nothing to boot from");
	refuse(BASE "clear kernel; set initrd=/i", "need a kernel");
	refuse(BASE "add virtual-cpu", "has 1 resource");
	refuse(BASE "add device; set storage=file:/a; end; add device; set storage=file:/a; end", "two resources");
	refuse(BASE "add device; set id=0; set storage=file:/a; end; add device; set id=0; set storage=file:/b; end",
	       "another device has id=0");
}

TEST(zone_names)
{
	CHECK(conf_zone_name_ok("z1"));
	CHECK(conf_zone_name_ok("web.example-1_x"));
	CHECK(!conf_zone_name_ok(""));
	CHECK(!conf_zone_name_ok("global"));
	CHECK(!conf_zone_name_ok("SYSx"));
	CHECK(!conf_zone_name_ok(".."));
	CHECK(!conf_zone_name_ok("-f"));
	CHECK(!conf_zone_name_ok("a/b"));
	CHECK(!conf_zone_name_ok("a b"));
}

/* "q35" is another machine in each version of QEMU: a zone could not be moved to a newer one. */
TEST(machine_types_have_a_version)
{
	struct zone_model z;
	struct conf *c;
	struct zkz_err err;

	c = conf_parse("z1", BASE "set machine-type=pc-q35-8.2", strlen(BASE "set machine-type=pc-q35-8.2"), &err);
	CHECK(c && !zone_model_from_conf("z1", c, &z, &err));
	CHECK_STR(z.machine_type, "pc-q35-8.2");
	conf_free(c);
	c = conf_parse("z1", BASE, strlen(BASE), &err);
	CHECK(c && !zone_model_from_conf("z1", c, &z, &err));
	CHECK_STR(z.machine_type, "");
	conf_free(c);
	refuse(BASE "set machine-type=q35", "not a machine type");
	refuse(BASE "set machine-type=pc-q35-", "not a machine type");
	refuse(BASE "set machine-type=pc-i440fx-7.2", "not a machine type");
	refuse(BASE "set machine-type=\"pc-q35-7.2,accel=tcg\"", "not a machine type");
}

static void processors(const char *written, const char *canonical)
{
	char text[256], line[128];
	struct zkz_err err;
	char *out;
	int rc;

	snprintf(text, sizeof(text), BASE "add dedicated-cpu; set cpus=%s; end; info dedicated-cpu", written);
	out = run(text, &rc, &err);
	snprintf(line, sizeof(line), "cpus: %s\n", canonical);
	CHECK_INT(rc, 0);
	CHECK_HAS(out, line);
	free(out);
}

TEST(processors_are_in_order)
{
	processors("0", "0");
	processors("3,0-1", "\"0-1,3\"");
	processors("1,2,3,0", "0-3");
	processors("0-3,2-5,7,7", "\"0-5,7\"");
	processors("1023", "1023");
	processors("0-1023", "0-1023");
	refuse(BASE "add dedicated-cpu; set cpus=1024; end", "not a list of numbers from 0 to 1023");
	refuse(BASE "add dedicated-cpu; set cpus=3-1; end", "not a list");
	refuse(BASE "add dedicated-cpu; set cpus=1,; end", "not a list");
	refuse(BASE "add dedicated-cpu; set cpus=-1; end", "not a list");
	refuse(BASE "add dedicated-cpu; set cpus=1-; end", "not a list");
	refuse(BASE "add dedicated-cpu; set cpus=all; end", "not a list");
	refuse(BASE "add dedicated-cpu; set cpus=99999; end", "not a list");
	refuse(BASE "add dedicated-cpu; end", "cpus");
}

#define ANET BASE "add anet; set lower-link=br0; "

static void anet(const char *commands, const char *has)
{
	char text[512];
	struct zkz_err err;
	char *out;
	int rc;

	snprintf(text, sizeof(text), ANET "%s; end; info anet", commands);
	out = run(text, &rc, &err);
	unit_check(!rc, __FILE__, __LINE__, "%s: %s", commands, err.text);
	CHECK_HAS(out, has);
	free(out);
}

TEST(addresses_are_canonical)
{
	anet("set link-protection=ip-nospoof; set allowed-address=10.0.0.5,10.0.0.5,FD00:0::5/64",
	     "allowed-address: \"10.0.0.5,fd00::5/64\"\n");
	anet("set link-protection=ip-nospoof; set allowed-address=0.0.0.0/0,::/0", "allowed-address: \"0.0.0.0/0,::/0\"\n");
	refuse(ANET "set allowed-address=0.0.0.0", "not a list");
	refuse(ANET "set allowed-address=::", "not a list");
	refuse(ANET "set allowed-address=224.0.0.1", "not a list");
	refuse(ANET "set allowed-address=ff02::1", "not a list");
	refuse(ANET "set allowed-address=10.0.0.5/33", "not a list");
	refuse(ANET "set allowed-address=10.0.0.5/", "not a list");
	refuse(ANET "set allowed-address=10.0.0.5/-1", "not a list");
	refuse(ANET "set allowed-address=fd00::/129", "not a list");
	refuse(ANET "set allowed-address=10.0.0", "not a list");
	refuse(ANET "set allowed-address=host", "not a list");
	refuse(ANET "set allowed-address=10.0.0.5,", "not a list");
	refuse(ANET "set allowed-address=,10.0.0.5", "not a list");
	refuse(ANET "set allowed-address=1.0.0.1,1.0.0.2,1.0.0.3,1.0.0.4,1.0.0.5,1.0.0.6,1.0.0.7,1.0.0.8,1.0.0.9,"
	       "1.0.0.10,1.0.0.11,1.0.0.12,1.0.0.13,1.0.0.14,1.0.0.15,1.0.0.16,1.0.0.17", "at most 16");
}

TEST(what_means_nothing_alone_is_refused)
{
	refuse(ANET "set link-protection=ip-nospoof; end",
	       "link-protection=ip-nospoof of anet means nothing without allowed-address");
	refuse(ANET "set allowed-address=10.0.0.1; end", "means nothing without link-protection=ip-nospoof");
	refuse(ANET "set allowed-address=10.0.0.1; set link-protection=mac-nospoof; end", "means nothing without");
	refuse(ANET "set vlan-id=20; set allowed-vlan-ids=10-30; end", "VLAN 20");
	refuse(ANET "set vlan-id=4095", "1 to 4094");
	refuse(ANET "set allowed-vlan-ids=0-3", "from 1 to 4094");
	refuse(ANET "set allowed-vlan-ids=4095", "from 1 to 4094");
	refuse(ANET "set link-protection=all", "not a value of link-protection");
	refuse(ANET "set link-protection=", "a value is expected");
	anet("set vlan-id=9; set allowed-vlan-ids=10-30", "vlan-id: 9\n");
}

TEST(cd_drives_have_six_places)
{
	struct zkz_err err;
	int rc;

	refuse(BASE "add device; set id=6; set storage=file:/a; set cdrom=true; end", "must be 0 to 5");
	refuse(BASE "add device; set storage=file:/a; set cdrom=yes; end", "not a value of cdrom");
	free(run(BASE "add device; set id=6; set storage=file:/a; set cdrom=false; end", &rc, &err));
	CHECK_INT(rc, 0);
	CHECK_INT(commits, 1);
}

TEST(values_go_into_lists_and_out)
{
	anet("set allowed-vlan-ids=10; add allowed-vlan-ids 12,11", "allowed-vlan-ids: 10-12\n");
	anet("add allowed-vlan-ids 10-20; remove allowed-vlan-ids 12-13", "allowed-vlan-ids: \"10-11,14-20\"\n");
	anet("add link-protection restricted; add link-protection mac-nospoof",
	     "link-protection: \"mac-nospoof,restricted\"\n");
	anet("set link-protection=mac-nospoof,ip-nospoof,restricted; remove link-protection restricted,mac-nospoof; "
	     "add allowed-address 10.0.0.1; add allowed-address 10.0.0.2,10.0.0.3; remove allowed-address 10.0.0.2",
	     "allowed-address: \"10.0.0.1,10.0.0.3\"\n");
	anet("set link-protection=ip-nospoof; add allowed-address 10.0.0.1; remove allowed-address 10.0.0.1; "
	     "remove link-protection ip-nospoof", "lower-link: br0\n");
	refuse(ANET "remove allowed-vlan-ids 1", "does not have that value");
	refuse(ANET "add allowed-vlan-ids 5; remove allowed-vlan-ids 5-6", "does not have that value; it is '5'");
	refuse(ANET "add allowed-address 10.0.0.1; remove allowed-address 10.0.0.2", "does not have that value");
	refuse(ANET "add allowed-vlan-ids", "a value is expected");
	refuse(ANET "add allowed-vlan-ids 5 6", "nothing is expected");
	refuse(ANET "add lower-link br1", "lower-link is no list");
	refuse(ANET "add device", "not allowed inside resource anet");
	refuse(ANET "remove device", "not allowed inside resource anet");
	refuse(ANET "add nothing 1", "unknown property");
}

TEST(lists_of_processors_have_a_bound)
{
	char text[4096];
	size_t n;
	int i;

	n = (size_t)snprintf(text, sizeof(text), BASE "add dedicated-cpu; set cpus=0");
	for (i = 2; i < 400; i += 2)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",%d", i);
	snprintf(text + n, sizeof(text) - n, "; end");
	refuse(text, "255");
}

TEST(identities_are_uuids)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(BASE "set uuid=123E4567-e89b-42D3-a456-426614174000; info uuid", &rc, &err);
	CHECK_STR(out, "uuid: 123e4567-e89b-42d3-a456-426614174000\n");
	free(out);
	out = run(BASE "set uuid=auto; info uuid", &rc, &err);
	CHECK_STR(out, "uuid: auto\n");
	free(out);
	refuse(BASE "set uuid=00000000-0000-0000-0000-000000000000", "not a UUID");
	refuse(BASE "set uuid=123e4567-e89b-42d3-a456-42661417400", "not a UUID");
	refuse(BASE "set uuid=123e4567-e89b-42d3-a456-4266141740000", "not a UUID");
	refuse(BASE "set uuid=123e4567e89b42d3a456426614174000", "not a UUID");
	refuse(BASE "set uuid=g23e4567-e89b-42d3-a456-426614174000", "not a UUID");
}

TEST(long_texts_are_refused)
{
	size_t len = CONF_MAX_SCRIPT + 1;
	char *text = malloc(len + 1);
	struct zkz_err err;

	NEED(text);
	memset(text, 'a', len);
	text[len] = '\0';
	refuse(text, "longer than");
	text[CONF_MAX_SCRIPT] = '\0';
	refuse(text, "word longer than");
	/* What is stored is shorter than what may be typed. */
	CHECK(!conf_parse("z1", text, CONF_MAX_TEXT + 1, &err));
	CHECK_HAS(err.text, "longer than 65536 bytes");
	free(text);
}

/* A short text must not make a long one: it is a root process that prints. */
TEST(output_is_bounded)
{
	char *text = malloc(CONF_MAX_TEXT + 1), *out;
	struct zkz_err err;
	size_t n;
	int rc;

	NEED(text);
	n = (size_t)snprintf(text, CONF_MAX_TEXT, BASE "set bootargs=\"%01500d\"; ", 0);
	while (n + 6 < CONF_MAX_TEXT)
		n += (size_t)snprintf(text + n, CONF_MAX_TEXT - n, "info;");
	out = run(text, &rc, &err);
	CHECK_INT(rc, -1);
	CHECK_HAS(err.text, "print more than");
	CHECK(err.remedy[0]);
	CHECK(strlen(out) < 2 * CONF_MAX_OUTPUT);
	free(out);
	/* The same in one command. */
	n = (size_t)snprintf(text, CONF_MAX_TEXT, BASE "set bootargs=\"%01500d\"; info", 0);
	while (n + 10 < CONF_MAX_TEXT)
		n += (size_t)snprintf(text + n, CONF_MAX_TEXT - n, " bootargs");
	out = run(text, &rc, &err);
	CHECK_INT(rc, -1);
	CHECK(strlen(out) < 2 * CONF_MAX_OUTPUT);
	free(out);
	free(text);
}

static void example(const char *name, const char *bytes, size_t len)
{
	struct zkz_err err;
	char *text = strndup(bytes, len);
	int rc;

	free(run(text, &rc, &err));
	free(text);
	unit_check(!rc && commits == 1, __FILE__, __LINE__, "%s: %s", name, err.text);
}

TEST(examples_of_the_documentation_are_right)
{
	CHECK(unit_corpus("Documentation/examples", example) > 1);
}
