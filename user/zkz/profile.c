// SPDX-License-Identifier: GPL-2.0
#include "zkz/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "zone/profile.h"

static int take_file(json_t *profile, const char *path, const char *name, struct zkz_err *err)
{
	size_t len;
	char *text = file_read(path, PROFILE_MAX, &len, err);
	json_t *string;

	if (!text)
		return errno == EFBIG ? err_profile_large(err, PROFILE_MAX) : -1;
	string = strlen(text) == len ? json_string(text) : NULL;
	free(text);
	return json_object_set_new(profile, name, string) ? err_profile_file(err, name) : 0;
}

static int take_folder(json_t *profile, const char *folder, struct zkz_err *err)
{
	char path[4096];
	struct stat st;
	int i;

	for (i = 0; profile_files[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, profile_files[i]);
		if (i && stat(path, &st) && errno == ENOENT)
			continue;
		if (take_file(profile, path, profile_files[i], err))
			return -1;
	}
	return 0;
}

json_t *profile_read(const char *path, struct zkz_err *err)
{
	json_t *profile = json_object();
	struct stat st;
	int rc;

	if (stat(path, &st))
		rc = err_file_open(err, path, errno);
	else if (S_ISDIR(st.st_mode))
		rc = take_folder(profile, path, err);
	else
		rc = take_file(profile, path, profile_files[0], err);
	if (!rc)
		return profile;
	json_decref(profile);
	return NULL;
}

/* A list with commas as an array. */
static json_t *list(const char *text)
{
	json_t *array = json_array();
	size_t len;

	for (; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		if (len)
			json_array_append_new(array, json_stringn(text, len));
	}
	return array;
}

/* Who comes in by a key alone has no password that sudo could ask for. */
static json_t *user_data(const struct profile_answers *a)
{
	json_t *user = json_pack("{s:s, s:s, s:s, s:b}", "name", a->user, "shell", "/bin/bash", "sudo",
				 a->hash[0] ? "ALL=(ALL) ALL" : "ALL=(ALL) NOPASSWD: ALL", "lock_passwd", !a->hash[0]);

	if (a->hash[0])
		json_object_set_new(user, "passwd", json_string(a->hash));
	if (a->key[0])
		json_object_set_new(user, "ssh_authorized_keys", json_pack("[s]", a->key));
	return json_pack("{s:[o], s:b}", "users", user, "ssh_pwauth", 0);
}

static json_t *network_config(const struct profile_answers *a)
{
	json_t *lan = json_pack("{s:{s:s}, s:[s]}", "match", "macaddress", "%{mac-address}", "addresses", a->address);

	if (a->gateway[0])
		json_object_set_new(lan, strchr(a->gateway, ':') ? "gateway6" : "gateway4", json_string(a->gateway));
	if (a->dns[0])
		json_object_set_new(lan, "nameservers", json_pack("{s:o}", "addresses", list(a->dns)));
	return json_pack("{s:i, s:{s:o}}", "version", 2, "ethernets", "lan", lan);
}

/* All JSON is YAML, whose quotes have traps. */
static int write_yaml(const char *folder, const char *name, const char *first, json_t *data, struct zkz_err *err)
{
	char path[4096], *yaml = data ? json_dumps(data, JSON_INDENT(2)) : NULL, *text = NULL;
	int len = yaml ? asprintf(&text, "%s%s\n", first, yaml) : -1, rc;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	rc = len < 0 ? err_no_memory(err) : file_write_atomic(path, text, (size_t)len, 0600, err);
	free(text);
	free(yaml);
	json_decref(data);
	return rc ? -1 : 0;
}

int profile_write(const char *path, const struct profile_answers *a, struct zkz_err *err)
{
	if (mkdir(path, 0700))
		return err_file_create(err, path, errno);
	if (write_yaml(path, "user-data", "#cloud-config\n", user_data(a), err))
		return -1;
	return a->address[0] ? write_yaml(path, "network-config", "", network_config(a), err) : 0;
}
