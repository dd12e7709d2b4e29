// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzers' corpora, held to their names: what is called "ok-" must be accepted, "bad-" refused with a sentence.
 * And the example in the manual page.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/session.h"
#include "lib/jsonl.h"
#include "qemu/ability.h"
#include "storage/uri.h"
#include "template.h"
#include "unit.h"
#include "wire/uri.h"

static void conf_file(const char *name, const char *bytes, size_t len)
{
	static const struct conf_hooks hooks = { .check_uri = uri_check, .template = unit_template };
	struct zkz_err err = { 0 };
	struct conf_session s;
	char *shown = NULL;
	size_t shown_len;
	FILE *f = open_memstream(&shown, &shown_len);
	int rc;

	conf_session_init(&s, "z1", NULL, &hooks);
	s.out = f;
	rc = conf_session_run(&s, bytes, len, &err);
	conf_session_fini(&s);
	fclose(f);
	free(shown);
	if (!strncmp(name, "ok-", 3)) {
		unit_check(!rc, __FILE__, __LINE__, "%s is refused: %s", name, err.text);
	} else if (!strncmp(name, "bad-", 4)) {
		unit_check(rc, __FILE__, __LINE__, "%s is accepted", name);
		unit_check(err.id && err.text[0], __FILE__, __LINE__, "%s is refused without a word", name);
	}
}

TEST(conf_corpus)
{
	CHECK(unit_corpus("user/fuzz/corpus/conf", conf_file) > 20);
}

static void json_file(const char *name, const char *bytes, size_t len)
{
	struct zkz_err err = { 0 };
	json_t *obj = jsonl_parse(bytes, len, &err);

	if (!strncmp(name, "ok-", 3)) {
		unit_check(obj, __FILE__, __LINE__, "%s is refused: %s", name, err.text);
	} else if (!strncmp(name, "bad-", 4)) {
		unit_check(!obj, __FILE__, __LINE__, "%s is accepted", name);
		unit_check(err.id && err.text[0], __FILE__, __LINE__, "%s is refused without a word", name);
	}
	json_decref(obj);
}

TEST(json_corpus)
{
	CHECK(unit_corpus("user/fuzz/corpus/json", json_file) > 20);
}

static void uri_file(const char *name, const char *bytes, size_t len)
{
	struct storage_uri storage;
	struct host_uri host;
	struct zkz_err err = { 0 };
	bool ok = !host_uri_parse(bytes, &host, &err) || !uri_parse(bytes, &storage, &err);

	(void)len;
	if (!strncmp(name, "ok-", 3))
		unit_check(ok, __FILE__, __LINE__, "%s is refused: %s", name, err.text);
	else if (!strncmp(name, "bad-", 4))
		unit_check(!ok, __FILE__, __LINE__, "%s is accepted", name);
}

TEST(uri_corpus)
{
	CHECK(unit_corpus("user/fuzz/corpus/uri", uri_file) > 20);
}

static void ability_file(const char *name, const char *bytes, size_t len)
{
	json_t *obj = jsonl_parse(bytes, len, NULL);
	struct ability a;
	bool ok = !ability_from_json(obj, &a) ||
		!ability_learn(&a, json_object_get(obj, "version"), json_object_get(obj, "machines"),
			       json_object_get(obj, "schema"), NULL);

	json_decref(obj);
	if (!strncmp(name, "ok-", 3))
		unit_check(ok, __FILE__, __LINE__, "%s is refused", name);
	else if (!strncmp(name, "bad-", 4))
		unit_check(!ok, __FILE__, __LINE__, "%s is accepted", name);
}

TEST(ability_corpus)
{
	CHECK(unit_corpus("user/fuzz/corpus/ability", ability_file) > 10);
}

/* The literal block after "create -b" in CONFIGURATION must be what the language accepts. */
static void manual_page(const char *name, const char *bytes, size_t len)
{
	const char *from = strstr(bytes, "\ncreate -b\n"), *to = from ? strstr(from, "\n.Ed") : NULL;
	struct zkz_err err = { 0 };
	struct conf *c;

	(void)len;
	if (strcmp(name, "zkz.8"))
		return;
	NEED(from && to);
	c = conf_parse("web1", from + 1, to - from, &err);
	unit_check(c, __FILE__, __LINE__, "the example in %s is refused: %s", name, err.text);
	conf_free(c);
}

TEST(example_of_the_manual_page)
{
	CHECK(unit_corpus("Documentation/man", manual_page) > 1);
}

#define BEGIN	".\\\" properties: begin\n"
#define END	".\\\" properties: end\n"

static void write_properties(const struct conf_type *type, FILE *f)
{
	bool global = type == &conf_global;
	char range[256];
	int i;

	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++) {
		const struct conf_prop *p = &type->prop[i];

		fprintf(f, ".It %s%s%s\n%c%s.\n", global ? "" : type->name, global ? "" : ":", p->name,
			toupper((unsigned char)p->help[0]), p->help + 1);
		fprintf(f, "Values: %s.\n", conf_range(p, range, sizeof(range)));
		fprintf(f, "Default: %s.\n", p->dflt ? p->dflt : p->needed ? "none, must be set" : "none");
		fprintf(f, "Takes effect %s.\n", conf_when(p));
	}
}

/* The page with the table as the schema has it, and what stands around it. */
static char *with_table(const char *page, const char *from, const char *to)
{
	const struct conf_type *t;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fwrite(page, 1, (size_t)(from - page), f);
	fputs(BEGIN ".Bl -tag -width indent\n", f);
	write_properties(&conf_global, f);
	for (t = conf_types; t->name; t++)
		write_properties(t, f);
	fprintf(f, ".El\n%s", to);
	fclose(f);
	return text;
}

/* UNIT_UPDATE=1 writes the table anew. */
static void properties(const char *name, const char *bytes, size_t len)
{
	const char *from = strstr(bytes, BEGIN), *to = strstr(bytes, END);
	char *want;
	FILE *f;

	if (strcmp(name, "zkz.8"))
		return;
	NEED(from && to);
	want = with_table(bytes, from, to);
	if (getenv("UNIT_UPDATE")) {
		f = fopen(UNIT_TOP "/Documentation/man/zkz.8", "w");
		NEED(f);
		fputs(want, f);
		fclose(f);
	} else {
		CHECK_BYTES(bytes, len, want, strlen(want));
	}
	free(want);
}

TEST(properties_of_the_manual_page)
{
	CHECK(unit_corpus("Documentation/man", properties) > 1);
}
