// SPDX-License-Identifier: GPL-2.0
#include "qemu/ability.h"

#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"
#include "qemu/qapi.h"

#define ALL_BITS	(ABLE_MONITOR_OBJECT | ABLE_SURVIVE_LOAD | ABLE_NFS | ABLE_ISCSI)
#define FAMILY		"pc-q35-"

/* Where it is found in QEMU's schema. What has no bit is needed: the first that is missing is told. */
static const struct {
	unsigned int bit;
	const char *command;
	const char *path;
	const char *value;
} wanted[] = {
	{ ABLE_MONITOR_OBJECT, "object-add", "qom-type", "monitor-qmp" },
	{ ABLE_SURVIVE_LOAD, "migrate-incoming", "exit-on-error", NULL },
	{ 0, "migrate-set-capabilities", "capabilities.capability", "x-ignore-shared" },
	{ 0, "migrate-set-capabilities", "capabilities.capability", "late-block-activate" },
	{ 0, "migrate-set-capabilities", "capabilities.capability", "events" },
	{ 0, "migrate-set-parameters", "max-bandwidth", NULL },
	{ 0, "migrate-set-parameters", "downtime-limit", NULL },
	{ 0, "migrate-set-parameters", "announce-rounds", NULL },
	{ 0, "migrate-incoming", "uri", NULL },
	{ 0, "migrate", "uri", NULL },
	{ 0, "migrate_cancel", NULL, NULL },
	{ 0, "query-migrate", NULL, NULL },
	{ 0, "getfd", NULL, NULL },
	{ 0, "announce-self", "rounds", NULL },
	{ 0, "query-cpu-model-expansion", NULL, NULL },
	{ 0, "x-query-ramblock", NULL, NULL },
	{ 0, "qom-get", NULL, NULL },
};

static bool is_of(const char *text, const char *chars, size_t size)
{
	size_t len = strlen(text);

	return len && len < size && strspn(text, chars) == len;
}

/* It goes to a command line, and to other hosts. */
static bool is_type(const char *name)
{
	return name && !strncmp(name, FAMILY, strlen(FAMILY)) &&
	       is_of(name + strlen(FAMILY), "abcdefghijklmnopqrstuvwxyz0123456789.-",
		     ABILITY_TYPE_SIZE - strlen(FAMILY));
}

/* Those beyond the limit are not known here. */
static void add_type(struct ability *a, const char *name, bool deprecated)
{
	struct ability_type *t = &a->type[a->types];

	if (!is_type(name) || a->types == ABILITY_MAX_TYPES)
		return;
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->deprecated = deprecated;
	a->types++;
}

static int learn_version(struct ability *a, const json_t *version)
{
	const json_t *v = json_object_get(version, "qemu");
	long long n[3] = { json_int(v, "major", -1), json_int(v, "minor", -1), json_int(v, "micro", -1) };
	int i;

	for (i = 0; i < 3; i++)
		if (n[i] < 0 || n[i] > 9999)
			return -1;
	snprintf(a->version, sizeof(a->version), "%lld.%lld.%lld", n[0], n[1], n[2]);
	return 0;
}

static void learn_bits(struct ability *a, const json_t *index)
{
	const char *words;
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (qapi_has(index, wanted[i].command, wanted[i].path, wanted[i].value)) {
			a->can |= wanted[i].bit;
			continue;
		}
		words = wanted[i].value ? wanted[i].value : wanted[i].path ? wanted[i].path : wanted[i].command;
		if (!wanted[i].bit && !a->lacks[0])
			snprintf(a->lacks, sizeof(a->lacks), "%s", words);
	}
}

int ability_learn(struct ability *a, const json_t *version, const json_t *machines, const json_t *schema,
		  struct zkz_err *err)
{
	json_t *index, *one;
	size_t i;

	memset(a, 0, sizeof(*a));
	if (learn_version(a, version))
		return err_qemu_answer(err, "query-version");
	if (!json_is_array(machines))
		return err_qemu_answer(err, "query-machines");
	json_array_foreach(machines, i, one)
		add_type(a, json_str(one, "name"), json_bool(one, "deprecated", false));
	index = qapi_index(schema);
	if (!index)
		return err_qemu_answer(err, "query-qmp-schema");
	learn_bits(a, index);
	json_decref(index);
	return 0;
}

json_t *ability_to_json(const struct ability *a)
{
	json_t *types = json_array();
	unsigned int i;

	for (i = 0; i < a->types; i++)
		json_array_append_new(types, json_pack("{s:s, s:b}", "name", a->type[i].name,
						       "deprecated", a->type[i].deprecated));
	return json_pack("{s:s, s:s, s:i, s:o}", "version", a->version, "lacks", a->lacks,
			 "can", (int)a->can, "types", types);
}

int ability_from_json(const json_t *obj, struct ability *a)
{
	const char *version = json_str(obj, "version"), *lacks = json_str(obj, "lacks");
	const json_t *types = json_object_get(obj, "types"), *one;
	long long can = json_int(obj, "can", -1);
	size_t i;

	memset(a, 0, sizeof(*a));
	if (!version || !is_of(version, "0123456789.", sizeof(a->version)) || !lacks ||
	    strlen(lacks) >= sizeof(a->lacks) || can < 0 || can & ~ALL_BITS || !json_is_array(types))
		return -1;
	strcpy(a->version, version);
	strcpy(a->lacks, lacks);
	a->can = (unsigned int)can;
	json_array_foreach(types, i, one)
		add_type(a, json_str(one, "name"), json_bool(one, "deprecated", false));
	return a->types == json_array_size(types) ? 0 : -1;
}

const struct ability_type *ability_find_type(const struct ability *a, const char *name)
{
	unsigned int i;

	for (i = 0; i < a->types; i++)
		if (!strcmp(a->type[i].name, name))
			return &a->type[i];
	return NULL;
}
