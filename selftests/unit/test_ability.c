// SPDX-License-Identifier: GPL-2.0
/* What QEMUs can do, by what they have answered, and which machine type follows. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/jsonl.h"
#include "qemu/ability.h"
#include "qemu/mtype.h"
#include "qemu/qapi.h"
#include "unit.h"

static struct zkz_err why;
static const char *wanted;
static struct ability found;
static bool learned;

/* A file of the corpus is what QEMU has answered, cut down to what zkz looks at and some other things. */
static void look(const char *name, const char *bytes, size_t len)
{
	json_t *obj;

	if (strcmp(name, wanted))
		return;
	obj = jsonl_parse(bytes, len, &why);
	learned = obj && !ability_learn(&found, json_object_get(obj, "version"), json_object_get(obj, "machines"),
					json_object_get(obj, "schema"), &why);
	json_decref(obj);
}

static struct ability *qemu(const char *name)
{
	wanted = name;
	learned = false;
	unit_corpus("user/fuzz/corpus/ability", look);
	return learned ? &found : NULL;
}

TEST(each_qemu_tells_what_it_can)
{
	struct ability *a = qemu("ok-qemu-7.2");

	NEED(a);
	CHECK_STR(a->version, "7.2.22");
	CHECK_STR(a->lacks, "");
	CHECK_INT(a->can, 0);
	CHECK_INT(a->types, 24);
	CHECK(ability_find_type(a, "pc-q35-7.2") && !ability_find_type(a, "pc-q35-7.2")->deprecated);
	CHECK(!ability_find_type(a, "pc-i440fx-7.2"));
	a = qemu("ok-qemu-10.0");
	NEED(a);
	CHECK_STR(a->version, "10.0.13");
	CHECK_STR(a->lacks, "");
	CHECK_INT(a->can, ABLE_SURVIVE_LOAD);
	CHECK(!ability_find_type(a, "pc-q35-7.2")->deprecated);
	a = qemu("ok-qemu-11.1");
	NEED(a);
	CHECK_STR(a->version, "11.1.3");
	CHECK_STR(a->lacks, "");
	CHECK_INT(a->can, ABLE_SURVIVE_LOAD | ABLE_MONITOR_OBJECT);
	CHECK(ability_find_type(a, "pc-q35-7.2")->deprecated);
}

TEST(zones_get_the_type_that_hosts_have_in_common)
{
	static const char *const all[] = { "ok-qemu-7.2", "ok-qemu-10.0", "ok-qemu-11.1" };
	size_t i;

	for (i = 0; i < 3; i++) {
		NEED(qemu(all[i]));
		CHECK_STR(mtype_choose(&found, "", &why)->name, "pc-q35-7.2");
		CHECK_STR(mtype_choose(&found, "pc-q35-7.1", &why)->name, "pc-q35-7.1");
	}
	CHECK_STR(mtype_choose(&found, "pc-q35-11.1", &why)->name, "pc-q35-11.1");
	CHECK_STR(mtype_check(&found, "z1", "pc-q35-10.0", &why)->name, "pc-q35-10.0");
}

TEST(types_that_are_not_there_are_refused)
{
	NEED(qemu("ok-qemu-7.2"));
	CHECK(!mtype_choose(&found, "pc-q35-8.2", &why));
	CHECK(err_is(&why, ERR_MACHINE_TYPE_NOT_HERE));
	CHECK_HAS(why.text, "QEMU 7.2.22");
	CHECK_HAS(why.text, "pc-q35-8.2");
	CHECK(!mtype_check(&found, "z1", "pc-q35-8.2", &why));
	CHECK(err_is(&why, ERR_INCOMPATIBLE_MACHINE_TYPE));
	CHECK_HAS(why.text, "z1");
	CHECK_HAS(why.text, "pc-q35-8.2");
	CHECK(!mtype_check(&found, "z1", "", &why));
	CHECK(!mtype_check(&found, "z1", "q35", &why));
}

static void add(struct ability *a, const char *name, bool deprecated)
{
	struct ability_type *t = &a->type[a->types++];

	snprintf(t->name, sizeof(t->name), "%s", name);
	t->deprecated = deprecated;
}

/* The oldest that a later QEMU has, too; numbers are compared, not letters. */
TEST(without_the_usual_type_it_is_the_one_of_widest_reach)
{
	struct ability a = { .version = "14.0.0" };

	CHECK(!mtype_choose(&a, "", &why));
	CHECK(err_is(&why, ERR_MACHINE_TYPE_NONE));
	add(&a, "pc-q35-rhel9.4.0", false);
	CHECK(!mtype_choose(&a, "", &why));
	add(&a, "pc-q35-8.2", true);
	add(&a, "pc-q35-10.0", true);
	add(&a, "pc-q35-9.0", true);
	CHECK_STR(mtype_choose(&a, "", &why)->name, "pc-q35-10.0");
	add(&a, "pc-q35-14.0", false);
	add(&a, "pc-q35-11.1", false);
	add(&a, "pc-q35-12.0", false);
	CHECK_STR(mtype_choose(&a, "", &why)->name, "pc-q35-11.1");
	CHECK_STR(mtype_choose(&a, "pc-q35-rhel9.4.0", &why)->name, "pc-q35-rhel9.4.0");
}

TEST(what_is_kept_reads_back_the_same)
{
	struct ability *a = qemu("ok-qemu-11.1"), b;
	json_t *obj;

	NEED(a);
	obj = ability_to_json(a);
	CHECK(!ability_from_json(obj, &b));
	CHECK_BYTES(&b, sizeof(b), a, sizeof(*a));
	/* Another zkz's, or a damaged file. */
	json_object_set_new(obj, "can", json_integer(1 << 20));
	CHECK(ability_from_json(obj, &b));
	json_object_set_new(obj, "can", json_integer(0));
	json_array_append_new(json_object_get(obj, "types"), json_pack("{s:s}", "name", "pc-q35-1,accel=none"));
	CHECK(ability_from_json(obj, &b));
	json_object_del(obj, "types");
	CHECK(ability_from_json(obj, &b));
	json_decref(obj);
}

TEST(what_is_missing_is_named)
{
	struct ability a;
	json_t *version = json_pack("{s:{s:i, s:i, s:i}}", "qemu", "major", 5, "minor", 0, "micro", 1);
	json_t *none = json_array(), *schema = json_pack("[{s:s, s:s}]", "name", "getfd", "meta-type", "command");

	CHECK(!ability_learn(&a, version, none, schema, &why));
	CHECK_STR(a.version, "5.0.1");
	CHECK_STR(a.lacks, "x-ignore-shared");
	CHECK(ability_learn(&a, version, none, none, &why));
	CHECK_HAS(why.text, "query-qmp-schema");
	CHECK(ability_learn(&a, version, NULL, schema, &why));
	CHECK_HAS(why.text, "query-machines");
	CHECK(ability_learn(&a, none, none, schema, &why));
	CHECK_HAS(why.text, "query-version");
	json_decref(version);
	json_decref(none);
	json_decref(schema);
}

TEST(the_schema_is_followed_to_its_words)
{
	json_t *index, *schema = json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:[{s:s, s:s}]}, {s:s, s:s, s:s},"
					   " {s:s, s:s, s:[s]}, {s:s, s:s, s:s}]",
		"name", "c", "meta-type", "command", "arg-type", "1",
		"name", "1", "meta-type", "object", "members", "name", "list", "type", "[2]",
		"name", "[2]", "meta-type", "array", "element-type", "2",
		"name", "2", "meta-type", "enum", "values", "word",
		/* A list of itself, and one that is not there. */
		"name", "loop", "meta-type", "command", "arg-type", "loop");

	index = qapi_index(schema);
	NEED(index);
	CHECK(qapi_has(index, "c", NULL, NULL));
	CHECK(qapi_has(index, "c", "list", NULL));
	CHECK(qapi_has(index, "c", "list", "word"));
	CHECK(!qapi_has(index, "c", "list", "other"));
	CHECK(!qapi_has(index, "c", "list.word", NULL));
	CHECK(!qapi_has(index, "c", "lis", NULL));
	CHECK(!qapi_has(index, "1", NULL, NULL));
	CHECK(!qapi_has(index, "none", NULL, NULL));
	CHECK(!qapi_has(index, "loop", "a.b", "c"));
	json_decref(index);
	json_decref(schema);
}
