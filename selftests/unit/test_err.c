// SPDX-License-Identifier: GPL-2.0
/* The catalogue of errors: each entry, chains, and failures that travel. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "lib/err.h"
#include "lib/errjson.h"
#include "lib/jsonl.h"
#include "unit.h"

/* An argument of each kind, of @len bytes if it is a text; of a word the last one. */
static json_t *some_arg(enum err_arg_type type, const struct err_word *word, int len)
{
	char text[2000];

	switch (type) {
	case ERR_ARG_WORD:
		while (word[1].key)
			word++;
		return json_string(word->key);
	case ERR_ARG_REAL:
		return json_real(3.25);
	case ERR_ARG_INT:
		return json_integer(-7);
	case ERR_ARG_UINT:
		return json_integer(4096);
	case ERR_ARG_ERRNO:
		return json_string("ENOSPC");
	default:
		memset(text, 'x', sizeof(text));
		text[len] = '\0';
		return json_string(text);
	}
}

/* Entry @id as another process would tell it. */
static void told(enum err_id id, int len, const char *who, struct zkz_err *err)
{
	const struct err_entry *e = err_entry(id);
	json_t *args = json_object(), *obj;
	unsigned int i;

	for (i = 0; i < ERR_ARGS && e->arg[i].type; i++)
		json_object_set_new(args, e->arg[i].name, some_arg(e->arg[i].type, e->arg[i].word, len));
	obj = json_pack("{s:s, s:o}", "code", e->id, "args", args);
	CHECK_INT(err_from_json(err, obj, who), -1);
	json_decref(obj);
}

/* Nobody is told to do on one host what is meant for another. */
static void check_elsewhere(enum err_id id)
{
	const struct err_entry *e = err_entry(id);
	struct zkz_err err = { 0 };

	told(id, 8, "far", &err);
	CHECK_HAS(err.text, "on far: ");
	unit_check(!strcasestr(err.text, "this host") && !strcasestr(err.remedy, "this host"), __FILE__, __LINE__,
		   "%s: %s: %s", e->id, err.text, err.remedy);
	unit_check(!err.remedy[0] || e->severity == ERR_IS_BUG || strcasestr(err.remedy, "far"), __FILE__, __LINE__,
		   "%s does not say where: %s", e->id, err.remedy);
}

static void check_entry(enum err_id id)
{
	const struct err_entry *e = err_entry(id);
	struct zkz_err err = { 0 }, again = { 0 };
	json_t *obj, *twice;

	told(id, 8, NULL, &err);
	CHECK_INT(err.id, id);
	unit_check(err.text[0] && !strchr(err.text, '{'), __FILE__, __LINE__, "%s: %s", e->id, err.text);
	unit_check(err.remedy[0] || e->severity == ERR_IS_WARNING || e->severity == ERR_IS_CONTEXT, __FILE__, __LINE__,
		   "%s has no remedy", e->id);
	unit_check(!strchr(err.remedy, '{'), __FILE__, __LINE__, "%s: %s", e->id, err.remedy);
	/* What is cut off is shown as "...", and no stop is doubled. */
	unit_check(!strstr(err.text, "..") || strstr(err.text, "...'"), __FILE__, __LINE__, "%s: %s", e->id, err.text);
	CHECK_INT(err_find(e->id), id);

	obj = err_to_json(&err);
	err_from_json(&again, obj, NULL);
	twice = err_to_json(&again);
	CHECK_STR(again.text, err.text);
	CHECK_STR(again.remedy, err.remedy);
	unit_check(json_equal(obj, twice), __FILE__, __LINE__, "%s: travels as another", e->id);
	json_decref(twice);
	json_decref(obj);
	check_elsewhere(id);

	/* The longest that can come. */
	told(id, 1999, "host", &err);
	CHECK(strlen(err.text) < sizeof(err.text));
	CHECK_HAS(err.text, "on host: ");
}

TEST(every_entry)
{
	unsigned int id;

	for (id = ERR_FOREIGN + 1; id < ERR_IDS; id++)
		check_entry(id);
	CHECK(!err_entry(ERR_NONE) && !err_entry(ERR_FOREIGN) && !err_entry(ERR_IDS));
}

TEST(arguments)
{
	struct zkz_err err = { 0 };

	CHECK_INT(err_file_write(&err, "/a/b", ENOSPC), -1);
	CHECK_STR(err.text, "Cannot write /a/b: No space left on device");
	CHECK(err_is(&err, ERR_FILE_WRITE) && !err_is(&err, ERR_FILE_READ) && !err_is(NULL, ERR_FILE_READ));
	CHECK_INT(err_memory_small(&err, "z1", 1ull << 40, 3), -1);
	CHECK_STR(err.text, "Zone z1 has 1099511627776 MiB of memory, the host only 3 MiB");
	/* What is said of an argument may be the error itself. */
	err_zone_not_recovered(&err, "z1", err.text);
	CHECK_STR(err.text, "Zone z1 has not recovered from its last migration yet: "
		  "Zone z1 has 1099511627776 MiB of memory, the host only 3 MiB");
	err_zone_not_running(&err, NULL);
	CHECK_STR(err.text, "Zone  is not running");
	CHECK_INT(err_zone_not_running(NULL, "z1"), -1);
	err_zone_not_running(&err, "%s{zone}%n");
	CHECK_STR(err.text, "Zone %s{zone}%n is not running");
	err_clear(&err);
	CHECK(!err.id && !err.text[0] && !err.links);
}

TEST(words_and_numbers)
{
	struct zkz_err err = { 0 }, again = { 0 };
	json_t *obj, *args;

	err_usage_range(&err, "--max-downtime", 1, 9, ERR_UNIT_MICROSECONDS);
	CHECK_STR(err.text, "The option --max-downtime must be 1 to 9 microseconds");
	obj = err_to_json(&err);
	args = json_object_get(obj, "args");
	CHECK_STR(json_str(args, "unit"), "microseconds");
	/* A word of another version: its sentence counts. */
	json_object_set_new(args, "unit", json_string("moons"));
	json_object_set_new(obj, "text", json_string("Too many moons"));
	err_from_json(&again, obj, NULL);
	CHECK_STR(again.text, "Too many moons");
	CHECK(err_is(&again, ERR_USAGE_RANGE));
	json_decref(obj);

	err_clear(&err);
	err_downtime_exceeded(&err, 7.25, 5, 1e300);
	CHECK_HAS(err.text, "The downtime of 7.2 ms exceeded the allowed 5 ms; the forecast was 1000000");
	err_clear(&err);
	err_downtime_exceeded(&err, 7, 5, -0.04);
	obj = err_to_json(&err);
	args = json_object_get(obj, "args");
	CHECK(json_is_real(json_object_get(args, "ms")));
	json_object_set_new(args, "ms", json_integer(8));
	err_from_json(&again, obj, NULL);
	json_decref(obj);
	CHECK_HAS(again.text, "The downtime of 8.0 ms");

	err_qmp(&err, "z1", "cont", NULL);
	CHECK_STR(err.text, "QEMU of zone z1 refused cont: no reason was given");
	err_config_uri(&err, "x:y", ERR_FAULT_SCHEME);
	CHECK_STR(err.text, "storage URI 'x:y': unknown scheme");
	err_clear(&err);
	err_force_here(&err, "");
	CHECK_HAS(err.text, "If another host runs this zone, too");
	err_clear(&err);
	err_force_here(&err, "b");
	CHECK_HAS(err.text, "If b runs this zone, too");
}

/* A warning has an id of its own, and the failure that it comes of as its cause. */
TEST(warnings)
{
	struct zkz_err err = { 0 };
	json_t *obj;

	err_zone_not_running(&err, "z1");
	err_at(&err, "b");
	err_forecast_failed(&err);
	CHECK_STR(err.text, "No forecast: on b: Zone z1 is not running");
	CHECK_STR(err_code(&err), "FORECAST_FAILED");
	CHECK_HAS(err.remedy, "On b: Boot it");
	obj = err_to_json(&err);
	CHECK_STR(json_str(obj, "code"), "FORECAST_FAILED");
	CHECK_STR(json_str(obj, "severity"), "warning");
	CHECK_INT((int)json_array_size(json_object_get(obj, "chain")), 2);
	json_decref(obj);
	err_guest_may_be_stopped(&err, "z1");
	CHECK_STR(err.remedy, "'zkz recover z1' on this host tries again.");
}

TEST(contexts_and_causes)
{
	struct zkz_err err = { 0 }, why = { 0 };
	int i;

	err_storage_kind(&err, "/dev/null");
	err_device(&err, 3);
	err_zone(&err, "z1");
	CHECK_STR(err.text, "Zone z1: device 3: Storage /dev/null is neither a file nor a block device");
	CHECK_STR(err.remedy, "Correct the URI.");
	CHECK_INT(err.id, ERR_STORAGE_KIND);
	CHECK_STR(err_code(&err), "STORAGE_KIND");
	/* A context with a remedy of its own. */
	err_config_boot_files(&err, "qemu");
	CHECK_HAS(err.remedy, "User qemu must be");

	err_peer(&why, "b");
	err_zone_given_back(&err);
	err_cause(&err, &why);
	CHECK_STR(err.text, "The target gives the zone back: b closed the control channel");
	CHECK_INT(err.id, ERR_ZONE_GIVEN_BACK);
	CHECK(err_has(&err, ERR_PEER) && !err_has(&err, ERR_DEVICE) && !err_has(NULL, ERR_PEER));

	err_clear(&err);
	err_also(&err, &why);
	err_zone_not_running(&why, "z1");
	err_also(&err, &why);
	CHECK_STR(err.text, "b closed the control channel; Zone z1 is not running");
	/* Longer than any chain may be. */
	for (i = 0; i < 50; i++)
		err_zone(&err, "a-name-of-a-zone");
	CHECK_INT(err.links, ERR_LINKS);
}

TEST(of_another_host)
{
	struct zkz_err err = { 0 }, far = { 0 };
	json_t *obj;

	err_zone_not_found(&far, "z1");
	CHECK_STR(far.text, "Zone z1 is not configured on this host");
	obj = err_to_json(&far);
	CHECK(json_is_null(json_object_get(obj, "host")));
	err_from_json(&err, obj, "b");
	json_decref(obj);
	CHECK_STR(err.text, "on b: Zone z1 is not configured on b");
	CHECK_HAS(err.remedy, "On b: 'zkz list -c'");

	/* Between daemon and command the host stays what it is. */
	obj = err_to_json(&err);
	CHECK_STR(json_str(obj, "host"), "b");
	CHECK_STR(json_str(json_object_get(obj, "args"), "zone"), "z1");
	err_from_json(&far, obj, NULL);
	json_decref(obj);
	CHECK_STR(far.text, err.text);

	/* A remedy that names its hosts needs no more. */
	err_zone_detached(&far, "z1");
	err_at(&far, "b");
	CHECK_STR(far.remedy, "Migrate it to b, or, if no other host has it, attach it with 'zkz attach z1'.");

	err_in_doubt(&err, "b", "z1");
	err_cause(&err, &far);
	CHECK_HAS(err.text, "zone z1 now: on b: Zone z1 is configured but");
	CHECK_HAS(err.remedy, "stopped on this host.");
	err_host_id(&err, "/x");
	CHECK_STR(err.text, "This host has no identity: /x is missing");
}

static void from_text(const char *text, struct zkz_err *err)
{
	json_t *obj = json_loads(text, 0, NULL);

	CHECK(obj);
	CHECK_INT(err_from_json(err, obj, "b"), -1);
	CHECK_INT(err_from_json(NULL, obj, "b"), -1);
	json_decref(obj);
}

TEST(of_another_version)
{
	struct zkz_err err = { 0 }, again = { 0 };
	json_t *obj;

	from_text("{\"code\": \"NEW_THING\", \"text\": \"Moon is full\", \"remedy\": \"Wait.\", \"args\": {\"x\": 1}}",
		  &err);
	CHECK_INT(err.id, ERR_FOREIGN);
	CHECK_STR(err_code(&err), "NEW_THING");
	CHECK_STR(err.text, "on b: Moon is full");
	CHECK_STR(err.remedy, "On b: Wait.");
	obj = err_to_json(&err);
	CHECK_STR(json_str(obj, "code"), "NEW_THING");
	err_from_json(&again, obj, NULL);
	CHECK_STR(again.text, err.text);
	CHECK_STR(again.remedy, err.remedy);
	json_decref(obj);

	/* Known, with arguments that are not known: the words are theirs, the failure is ours. */
	from_text("{\"code\": \"ZONE_BUSY\", \"text\": \"Busy with 3\", \"args\": {\"zone\": 3}}", &err);
	CHECK_INT(err.id, ERR_ZONE_BUSY);
	CHECK_STR(err.text, "on b: Busy with 3");
	from_text("{\"code\": \"FILE_READ\", \"text\": \"No\", \"args\": {\"path\": \"/x\", \"error\": \"EWHAT\"}}",
		  &err);
	CHECK_STR(err.text, "on b: No");
	from_text("{\"code\": \"FILE_READ\", \"text\": \"No\", \"args\": {\"path\": \"/x\", \"error\": \"EIO\", \"z\": 1}}",
		  &err);
	CHECK_STR(err.text, "on b: Cannot read /x: Input/output error");
	from_text("{}", &err);
	CHECK_STR(err.text, "on b: No reason was given");
	CHECK_STR(err_code(&err), "INTERNAL");
	from_text("{\"code\": \"%s no code\", \"text\": 7, \"host\": [], \"chain\": {}}", &err);
	CHECK_STR(err_code(&err), "INTERNAL");
	from_text("{\"code\": \"X\", \"chain\": [1, null, \"x\", {}, [], {\"code\": \"KEEPER\"}, {}, {}, {}]}", &err);
	CHECK_INT(err.links, ERR_LINKS);
}

/* Words of QEMU are cut between letters, not within. */
TEST(long_words)
{
	struct zkz_err err = { 0 };
	char words[1001] = "";
	json_t *obj;
	int i;

	for (i = 0; i < 500; i++)
		strcat(words, "\xc3\xa4");
	err_zone_not_recovered(&err, "z", words);
	obj = err_to_json(&err);
	CHECK(!strchr(json_str(obj, "text"), '?'));
	json_decref(obj);
	for (i = 0; i < ERR_LINKS; i++)
		err_config_token(&err, 1, words);
	CHECK(strlen(err.text) < sizeof(err.text) && err.used <= sizeof(err.store));
}
