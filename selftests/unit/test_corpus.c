// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzers' corpora, held to their names: what is called "ok-" must be accepted, "bad-" refused with a sentence.
 * And the example in the manual page.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/session.h"
#include "lib/jsonl.h"
#include "qemu/ability.h"
#include "storage/uri.h"
#include "unit.h"
#include "wire/uri.h"

static void conf_file(const char *name, const char *bytes, size_t len)
{
	static const struct conf_hooks hooks = { .check_uri = uri_check };
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
