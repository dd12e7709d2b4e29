// SPDX-License-Identifier: GPL-2.0
/* Sessions of the configuration language: templates, macros, what is asked and what is shown. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conf/session.h"
#include "storage/uri.h"
#include "template.h"
#include "unit.h"

/* What stands behind the name of a property that is not set. */
#define UNSET " " "\n"

#define BASE "create -b; set kernel=/k; add capped-memory; set physical=256M; end; " \
	     "add virtual-cpu; set ncpus=2; end; "

/* What the session asked of its owner, and what it gets. */
static struct {
	unsigned int commits, anew, removes, asked, warned;
	bool yes;
	bool refuse;
	char question[128];
	char path[64];
	char *saved;
} owner;

static int on_commit(struct conf_session *s, struct zkz_err *err)
{
	owner.commits++;
	owner.anew += s->removed;
	return owner.refuse ? err_config_changed(err, s->zone) : 0;
}

static int on_remove(struct conf_session *s, struct zkz_err *err)
{
	(void)s;
	(void)err;
	owner.removes++;
	return 0;
}

static struct conf *on_template(struct conf_session *s, const char *name, struct zkz_err *err)
{
	static const char own[] = "create -b; add device; set storage=file:/d/%{zonename}-%{id}; end";

	if (!strcmp(name, "own"))
		return conf_parse_template(s, name, own, strlen(own), err);
	if (!strcmp(name, "broken"))
		return conf_parse_template(s, name, "create\n", strlen("create\n"), err);
	return unit_template(s, name, err);
}

static struct conf *on_running(struct conf_session *s, struct zkz_err *err)
{
	return conf_parse(s->zone, BASE "set autoboot=true", strlen(BASE "set autoboot=true"), err);
}

static int on_save(const char *path, const char *text, struct zkz_err *err)
{
	(void)err;
	snprintf(owner.path, sizeof(owner.path), "%s", path);
	free(owner.saved);
	owner.saved = strdup(text);
	return 0;
}

static bool on_sure(const char *question)
{
	owner.asked++;
	snprintf(owner.question, sizeof(owner.question), "%s", question);
	return owner.yes;
}

static void on_warn(struct conf_session *s, const struct zkz_err *warning)
{
	(void)s;
	(void)warning;
	owner.warned++;
}

static const struct conf_hooks script = {
	.check_uri = uri_check, .commit = on_commit, .remove = on_remove, .template = on_template,
	.running = on_running, .save = on_save, .warn = on_warn,
};

static const struct conf_hooks person = {
	.check_uri = uri_check, .commit = on_commit, .remove = on_remove, .template = on_template,
	.running = on_running, .save = on_save, .warn = on_warn, .sure = on_sure,
};

/* A session on @stored (NULL: no configuration), which gets @text; what it prints is to be freed. */
static char *run(const char *stored, const char *text, int *rc, struct zkz_err *err)
{
	struct conf_session s;
	char *out = NULL;
	size_t len;

	err_clear(err);
	owner.commits = owner.anew = owner.removes = owner.asked = owner.warned = 0;
	conf_session_init(&s, "z1", stored ? conf_parse("z1", stored, strlen(stored), err) : NULL, &script);
	s.out = open_memstream(&out, &len);
	*rc = conf_session_run(&s, text, strlen(text), err);
	if (!*rc)
		*rc = conf_session_finish(&s, err);
	fclose(s.out);
	conf_session_fini(&s);
	return out;
}

static void prints(const char *text, const char *want)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(BASE "add anet; set lower-link=br0; end; add anet; set lower-link=br1; end; "
		  "add device; set storage=file:/a; end", text, &rc, &err);
	unit_check(!rc, __FILE__, __LINE__, "%s: %s", text, err.text);
	CHECK_STR(out, want);
	free(out);
}

static void fails(const char *stored, const char *text, const char *part)
{
	struct zkz_err err;
	int rc;

	free(run(stored, text, &rc, &err));
	unit_check(rc, __FILE__, __LINE__, "'%s' is accepted", text);
	CHECK_HAS(err.text, part);
	unit_check(err.remedy[0], __FILE__, __LINE__, "'%s' is refused without a remedy", text);
	CHECK_INT(owner.commits, 0);
}

TEST(what_is_wrong_is_named)
{
	static const struct {
		const char *stored, *text, *part;
	} wrong[] = {
		{ NULL, "create -t", "On line 1: token 'end of the text': a name is expected after -t" },
		{ NULL, "create -t nosuch", "On line 1: token 'create'" },
		{ NULL, "create -b -t SYSzkz", "exclude each other" },
		{ NULL, "create -q", "On line 1: token '-q': no such option" },
		{ NULL, "create -t broken", "Template broken: On line 1: token 'create'" },
		{ BASE, "create", "already configured" },
		{ BASE, "\n\nrevert -x", "On line 3: token '-x'" },
		{ BASE, "set autoboot=true; revert", "would drop the changes" },
		{ BASE, "delete", "would delete" },
		{ BASE, "delete -f", "no such option" },
		{ BASE, "info floppy", "On line 1: token 'floppy'" },
		{ BASE, "info anet colour=red", "On line 1: token 'colour'" },
		{ BASE, "info anet 99", "does not tell which anet" },
		{ BASE, "help floppy", "On line 1: token 'floppy'" },
		{ BASE, "help =", "On line 1: token '='" },
		{ BASE, "export -f", "a name is expected after -f" },
		{ BASE, "export now", "no such option" },
		{ BASE, "add anet; exit", "On line 1: token 'exit': not allowed inside" },
		{ BASE, "add anet; set lower-link=br0", "On line 1: the text ends inside resource anet" },
		{ BASE, "add device; set storage=file:/a%{uuid}; end", "two hexadecimal digits" },
		{ BASE, "select device 0", "no resource" },
		{ BASE, "select virtual-cpu; set ncpus=4; end; exit now", "no such option" },
		{ BASE, "verify all", "nothing is expected" },
		{ BASE, "clear colour", "On line 1: token 'colour'" },
		{ BASE, "remove -F", "unknown resource type" },
		{ BASE, "# zkz configuration, format 1\nbla", "On line 2: token 'bla'" },
		{ NULL, "# zkz configuration, format 2\ncreate -b", "The text is of format 2" },
		{ NULL, "# zkz configuration, format 99999999999999999999\ncreate -b", "The text is of format" },
		{ NULL, "# zkz configuration, format x\ncreate -b", "The text is of format 0" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		fails(wrong[i].stored, wrong[i].text, wrong[i].part);
}

TEST(templates_are_files)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(NULL, "create; set kernel=/k; info capped-memory virtual-cpu", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_STR(out, "capped-memory:\n\tphysical: 4G\n\tcurrent:" UNSET "virtual-cpu:\n\tncpus: 4\n");
	free(out);
	out = run(NULL, "create -t SYSsolaris-kz-minimal; set kernel=/k; info capped-memory virtual-cpu", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_STR(out, "capped-memory:\n\tphysical: 2G\n\tcurrent:" UNSET "virtual-cpu:\n\tncpus: 1\n");
	free(out);
	out = run(NULL, "create -t SYSsolaris-kz; set kernel=/k; info virtual-cpu anet", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_HAS(out, "ncpus: 4\n");
	CHECK_HAS(out, "lower-link: br0\n");
	free(out);
	/* A template need not be complete; its macros get the zone's values. */
	out = run(NULL, "create -t own; info device; exit -F", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_HAS(out, "storage: file:/d/z1-0\n");
	CHECK_INT(owner.commits, 0);
	CHECK_INT(owner.warned, 1);
	free(out);
}

TEST(macros_get_their_values_at_the_end)
{
	prints("add device; set storage=file:/d/%{zonename}/%{id}; set id=7; end; info device id=7",
	       "device:\n\tid: 7\n\tstorage: file:/d/z1/7\n\tport:" UNSET "\tbootpri:" UNSET
	       "\tformat: raw\n\tread-only:" UNSET "\tcdrom:" UNSET "\tseed:" UNSET "\tcreate-size:" UNSET);
	prints("set kernel=/boot/%{zonename}; info kernel", "kernel: /boot/z1\n");
	/* Others are text. */
	prints("set bootargs=\"%{uuid} %{id}\"; info bootargs", "bootargs: \"%{uuid} %{id}\"\n");
}

/* What a zkz that knew no macros has stored, or sends along with a zone. */
TEST(stored_texts_have_none)
{
	static const char text[] = BASE "set bootargs=\"host=%{zonename}\"; "
				   "add attr; set name=n; set value=\"%{zonename}\"; end";
	struct zkz_err err = { 0 };
	struct conf *c = conf_parse("z1", text, strlen(text), &err);

	NEED(c);
	CHECK_STR(conf_res_get(&c->global, "bootargs"), "host=%{zonename}");
	CHECK_STR(conf_res_get(conf_first(c, "attr"), "value"), "%{zonename}");
	conf_free(c);
}

TEST(info_shows_what_is_asked_for)
{
	prints("info autoboot hybrid", "autoboot: false\nhybrid:" UNSET);
	prints("info anet id=1",
	       "anet:\n\tid: 1\n\tlower-link: br1\n\tmac-address: auto\n\tmtu:" UNSET "\tport:" UNSET
	       "\tvlan-id:" UNSET
	       "\tallowed-vlan-ids:" UNSET "\tlink-protection:" UNSET "\tallowed-address:" UNSET);
	prints("info anet 1 capped-memory",
	       "anet:\n\tid: 1\n\tlower-link: br1\n\tmac-address: auto\n\tmtu:" UNSET "\tport:" UNSET
	       "\tvlan-id:" UNSET
	       "\tallowed-vlan-ids:" UNSET "\tlink-protection:" UNSET "\tallowed-address:" UNSET
	       "capped-memory:\n\tphysical: 256M\n\tcurrent:" UNSET);
	prints("info anet lower-link=br7", "");
	prints("select device 0; info storage; info; cancel",
	       "storage: file:/a\ndevice:\n\tid: 0\n\tstorage: file:/a\n\tport:" UNSET "\tbootpri:" UNSET
	       "\tformat: raw\n\tread-only:" UNSET "\tcdrom:" UNSET "\tseed:" UNSET "\tcreate-size:" UNSET);
	prints("select capped-memory; set physical=2g; info; cancel",
	       "capped-memory:\n\tphysical: 2G\n\tcurrent:" UNSET);
}

TEST(export_goes_into_a_file)
{
	struct zkz_err err;
	int rc;

	prints("export -f /tmp/z1.cfg", "");
	CHECK_STR(owner.path, "/tmp/z1.cfg");
	CHECK_HAS(owner.saved, "# zkz configuration, format 1\ncreate -b\n");
	/* The same bytes again. */
	free(run(NULL, owner.saved, &rc, &err));
	CHECK_INT(rc, 0);
	prints("export -r -f out", "");
	CHECK_HAS(owner.saved, "set autoboot=true\n");
	free(owner.saved);
	owner.saved = NULL;
}

TEST(help_is_for_each)
{
	prints("help export", "usage: export [-r] [-f FILE]\n\tshow it as commands; -r: as the zone runs, -f: into a file\n");
	prints("help virtual-cpu", "virtual-cpu: up to 1 in a zone, needed\n"
	       "virtual-cpu:ncpus: number of virtual CPUs\n\tvalues:  1 to 256\n\tdefault: none, must be set\n"
	       "\tapplies: at the next boot\n");
	prints("help autoboot", "autoboot: boot the zone when the host boots\n\tvalues:  true, false\n"
	       "\tdefault: false\n\tapplies: at once\n");
	prints("help physical", "capped-memory:physical: memory of the zone, a multiple of 2M\n"
	       "\tvalues:  64M to 2T in steps of 2M\n\tdefault: none, must be set\n"
	       "\tapplies: at the next boot\n");
}

TEST(all_commands_are_in_the_help)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(NULL, "help", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_GOLDEN("conf-help.txt", out);
	free(out);
}

TEST(revert_goes_back)
{
	struct zkz_err err;
	char *out;
	int rc;

	out = run(BASE, "set autoboot=true; delete -F; create -b; revert -F; export", &rc, &err);
	CHECK_INT(rc, 0);
	CHECK_HAS(out, "set autoboot=false\n");
	CHECK_HAS(out, "set kernel=/k\n");
	CHECK_INT(owner.commits + owner.removes, 0);
	free(out);
	free(run(NULL, "create -b; revert -F", &rc, &err));
	CHECK_INT(rc, 0);
	free(run(BASE, "revert", &rc, &err));
	CHECK_INT(rc, 0);
}

TEST(exit_stores_or_drops)
{
	struct zkz_err err;
	int rc;

	free(run(BASE, "set autoboot=true; exit; nonsense", &rc, &err));
	CHECK_INT(rc, 0);
	CHECK_INT(owner.commits, 1);
	free(run(BASE, "clear kernel; exit -F; nonsense", &rc, &err));
	CHECK_INT(rc, 0);
	CHECK_INT(owner.commits, 0);
	CHECK_INT(owner.warned, 1);
	free(run(BASE, "add anet; exit -F", &rc, &err));
	CHECK_INT(rc, 0);
	CHECK_INT(owner.commits, 0);
	fails(BASE, "clear kernel; exit", "nothing to boot from");
}

/* Lines as a person types them. */
static void type(struct conf_session *s, const char *line, struct zkz_err *err)
{
	err_clear(err);
	conf_session_feed(s, line, strlen(line), err);
	s->next++;
}

TEST(a_person_is_asked)
{
	struct conf_session s;
	struct zkz_err err;

	memset(&owner, 0, sizeof(owner));
	conf_session_init(&s, "z1", NULL, &person);
	type(&s, "set autoboot=true", &err);
	CHECK_HAS(err.text, "no configuration");
	type(&s, "create -b", &err);
	type(&s, "add device", &err);
	CHECK(s.open);
	type(&s, "exit", &err);
	CHECK_STR(owner.question, "Resource incomplete; really quit");
	CHECK(s.open && !s.ended);
	type(&s, "blah", &err);
	CHECK_HAS(err.text, "On line 5: token 'blah'");
	type(&s, "set storage=file:/a; set bootpri=0", &err);
	type(&s, "end", &err);
	CHECK(!s.open && !err.id);
	type(&s, "exit", &err);
	CHECK_STR(owner.question, "Configuration not saved; really quit");
	CHECK(!s.ended && !err.id);
	CHECK_INT(owner.warned, 1);
	type(&s, "delete", &err);
	CHECK_STR(owner.question, "Delete the configuration");
	CHECK(s.conf);
	owner.yes = true;
	type(&s, "exit", &err);
	CHECK(s.ended);
	CHECK_INT(owner.commits, 0);
	conf_session_fini(&s);
}

/* Somebody else was quicker: nothing is lost of what was typed. */
TEST(a_refused_commit_keeps_the_changes)
{
	struct conf_session s;
	struct zkz_err err = { 0 };

	memset(&owner, 0, sizeof(owner));
	owner.refuse = true;
	conf_session_init(&s, "z1", conf_parse("z1", BASE, strlen(BASE), &err), &script);
	type(&s, "set autoboot=true; commit", &err);
	CHECK_HAS(err.text, "has changed since it was read");
	CHECK(conf_session_changed(&s));
	CHECK_STR(conf_res_get(&s.conf->global, "autoboot"), "true");
	owner.refuse = false;
	type(&s, "commit", &err);
	CHECK(!err.id && !conf_session_changed(&s));
	CHECK_INT(owner.commits, 2);
	conf_session_fini(&s);
}

/* In one step: if it fails the old one is there, and is still to be replaced. */
TEST(a_zone_is_made_anew_at_once)
{
	struct conf_session s;
	struct zkz_err err = { 0 };

	memset(&owner, 0, sizeof(owner));
	owner.refuse = true;
	conf_session_init(&s, "z1", conf_parse("z1", BASE, strlen(BASE), &err), &script);
	type(&s, "delete -F; " BASE "commit", &err);
	CHECK_HAS(err.text, "has changed since it was read");
	CHECK(s.removed && conf_session_changed(&s));
	CHECK_INT(owner.anew, 1);
	owner.refuse = false;
	type(&s, "commit; commit", &err);
	CHECK(!err.id && !s.removed && !conf_session_changed(&s));
	CHECK_INT(owner.anew, 2);
	CHECK_INT(owner.commits, 2);
	CHECK_INT(owner.removes, 0);
	conf_session_fini(&s);
}

TEST(what_is_damaged_is_replaced_or_deleted)
{
	struct conf_session s;
	struct zkz_err err = { 0 };

	memset(&owner, 0, sizeof(owner));
	conf_session_init(&s, "z1", NULL, &script);
	err_config_stored(&s.damaged, "z1");
	type(&s, "info", &err);
	CHECK_HAS(err.text, "damaged");
	type(&s, "create -b", &err);
	CHECK_HAS(err.text, "damaged");
	type(&s, "create -b -F", &err);
	CHECK(!err.id && s.conf);
	type(&s, "revert -F; delete -F; commit", &err);
	CHECK(!err.id);
	CHECK_INT(owner.removes, 1);
	conf_session_fini(&s);
}

TEST(ten_thousand_lines_are_no_matter)
{
	char *text = malloc(CONF_MAX_SCRIPT);
	struct timespec from, to;
	struct zkz_err err;
	char *out;
	size_t n;
	int i, rc;

	NEED(text);
	n = (size_t)sprintf(text, "%s\n", BASE);
	for (i = 0; i < 3333; i++)
		n += (size_t)sprintf(text + n, "add attr; set name=n%d\nset value=\"value %d\"; end\nremove attr name=n%d\n",
				     i, i, i);
	sprintf(text + n, "info virtual-cpu\n");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	out = run(NULL, text, &rc, &err);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	CHECK_INT(rc, 0);
	CHECK_STR(out, "virtual-cpu:\n\tncpus: 2\n");
	/* Of processor time, with sanitizers. */
	CHECK((to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9 < 1);
	free(out);
	free(text);
}
