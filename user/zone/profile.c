// SPDX-License-Identifier: GPL-2.0
#include "zone/profile.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonl.h"

const char *const profile_files[] = { "user-data", "meta-data", "network-config", "vendor-data", NULL };

/* How user data begins that cloud-init, and cloudbase-init, take for something; else it is left out. */
static const char *const beginnings[] = {
	"#cloud-config", "#cloud-boothook", "#!", "#include", "#part-handler", "#ps1", "## template:", "Content-Type:",
	"MIME-Version:", NULL,
};

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

static bool begins_well(const char *text)
{
	int i;

	for (i = 0; beginnings[i]; i++)
		if (!strncmp(text, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

static int check(const json_t *profile, struct zkz_err *err)
{
	const char *name, *data = json_str(profile, profile_files[0]);
	size_t len = 0;
	json_t *text;

	json_object_foreach((json_t *)profile, name, text) {
		if (!is_one_of(name, profile_files) || !json_is_string(text))
			return err_profile_file(err, name);
		len += json_string_length(text);
	}
	if (len > PROFILE_MAX)
		return err_profile_large(err, PROFILE_MAX);
	if (!data)
		return err_profile_empty(err);
	return begins_well(data) ? 0 : err_profile_kind(err);
}

/* @text with @with instead of every @macro. */
static json_t *expand(json_t *text, const char *macro, const char *with)
{
	const char *at = json_string_value(text), *next;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	json_t *expanded = NULL;

	if (f) {
		for (; (next = strstr(at, macro)); at = next + strlen(macro))
			fprintf(f, "%.*s%s", (int)(next - at), at, with);
		fputs(at, f);
		if (!fclose(f))
			expanded = json_string(out);
	}
	free(out);
	json_decref(text);
	return expanded;
}

/* No name of a host has a '_'. */
static json_t *meta_data(const struct zone_model *z, const char *instance)
{
	char host[sizeof(z->name)], *c, *text;
	json_t *meta, *out;

	snprintf(host, sizeof(host), "%s", z->name);
	for (c = host; *c; c++)
		if (*c == '_')
			*c = '-';
	meta = json_pack("{s:s, s:s}", "instance-id", instance, "local-hostname", host);
	text = meta ? json_dumps(meta, JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;
	out = text ? json_sprintf("%s\n", text) : NULL;
	free(text);
	json_decref(meta);
	return out;
}

/* Return: 0, or -1 without memory. */
static int take(json_t *whole, const char *name, const json_t *text, const struct zone_model *z)
{
	json_t *out = expand(json_string(json_string_value(text)), "%{zonename}", z->name);

	if (out && z->nr_nics)
		out = expand(out, "%{mac-address}", z->nic[0].mac);
	return json_object_set_new(whole, name, out);
}

json_t *profile_complete(const json_t *profile, const struct zone_model *z, const char *instance, struct zkz_err *err)
{
	json_t *whole, *text;
	const char *name;
	int rc = 0;

	if (!json_is_object(profile)) {
		err_profile_empty(err);
		return NULL;
	}
	if (check(profile, err))
		return NULL;
	whole = json_object();
	json_object_foreach((json_t *)profile, name, text)
		rc = rc || take(whole, name, text, z) ? -1 : 0;
	if (!rc && !json_object_get(whole, "meta-data"))
		rc = json_object_set_new(whole, "meta-data", meta_data(z, instance));
	if (!rc)
		return whole;
	json_decref(whole);
	err_no_memory(err);
	return NULL;
}
