// SPDX-License-Identifier: GPL-2.0
#include "qemu/qapi.h"

#include <string.h>

#include "lib/jsonl.h"

json_t *qapi_index(const json_t *schema)
{
	json_t *index, *one;
	size_t i;

	if (!json_is_array(schema) || !json_array_size(schema))
		return NULL;
	index = json_object();
	json_array_foreach(schema, i, one)
		if (json_str(one, "name"))
			json_object_set(index, json_str(one, "name"), one);
	return index;
}

static bool is(const json_t *entity, const char *kind)
{
	const char *meta = json_str(entity, "meta-type");

	return meta && !strcmp(meta, kind);
}

/* The type that @entity names as its @key; of a list, that of its elements. */
static const json_t *type_of(const json_t *index, const json_t *entity, const char *key)
{
	const char *name = json_str(entity, key);
	const json_t *type = name ? json_object_get(index, name) : NULL;

	if (!is(type, "array"))
		return type;
	name = json_str(type, "element-type");
	return name ? json_object_get(index, name) : NULL;
}

static const json_t *member(const json_t *type, const char *name, size_t len)
{
	const json_t *all = json_object_get(type, "members"), *one;
	size_t i;

	json_array_foreach(all, i, one) {
		const char *is_called = json_str(one, "name");

		if (is_called && strlen(is_called) == len && !memcmp(is_called, name, len))
			return one;
	}
	return NULL;
}

/* Older QEMUs tell its words as "values" only. */
static bool has_word(const json_t *type, const char *word)
{
	const json_t *all = json_object_get(type, "values"), *one;
	size_t i;

	if (!is(type, "enum"))
		return false;
	json_array_foreach(all, i, one)
		if (json_is_string(one) && !strcmp(json_string_value(one), word))
			return true;
	return member(type, word, strlen(word));
}

bool qapi_has(const json_t *index, const char *command, const char *path, const char *value)
{
	const json_t *at = json_object_get(index, command);
	const char *key = "arg-type";

	if (!is(at, "command"))
		return false;
	while (path) {
		size_t len = strcspn(path, ".");

		at = member(type_of(index, at, key), path, len);
		if (!at)
			return false;
		key = "type";
		path = path[len] ? path + len + 1 : NULL;
	}
	return !value || has_word(type_of(index, at, key), value);
}
