// SPDX-License-Identifier: GPL-2.0
#include "qemu/firmware.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/jsonl.h"

#define MAX_DESCRIPTION	65536
/* Of the machine types that zones have; patterns of descriptions match any version. */
#define MACHINE		"pc-q35-7.2"

static bool has(const json_t *array, const char *word)
{
	const json_t *one;
	size_t i;

	json_array_foreach(array, i, one)
		if (json_is_string(one) && !strcmp(json_string_value(one), word))
			return true;
	return false;
}

static bool is_ours(const json_t *target)
{
	const char *arch = json_str(target, "architecture");
	const json_t *machine;
	size_t i;

	if (!arch || strcmp(arch, "x86_64"))
		return false;
	json_array_foreach(json_object_get(target, "machines"), i, machine)
		if (json_is_string(machine) && !fnmatch(json_string_value(machine), MACHINE, 0))
			return true;
	return false;
}

static bool take_file(const json_t *mapping, const char *name, char *path, size_t size)
{
	const json_t *file = json_object_get(mapping, name);
	const char *filename = json_str(file, "filename"), *format = json_str(file, "format");

	return filename && filename[0] == '/' && format && !strcmp(format, "raw") &&
		(size_t)snprintf(path, size, "%s", filename) < size;
}

bool firmware_suits(const json_t *description, struct firmware *f)
{
	const json_t *mapping = json_object_get(description, "mapping"), *target;
	const json_t *features = json_object_get(description, "features");
	const char *device = json_str(mapping, "device"), *mode = json_str(mapping, "mode");
	bool ours = false;
	size_t i;

	json_array_foreach(json_object_get(description, "targets"), i, target)
		ours = ours || is_ours(target);
	/* The machine has no system management mode. */
	if (!ours || !has(json_object_get(description, "interface-types"), "uefi") || has(features, "requires-smm"))
		return false;
	return device && !strcmp(device, "flash") && (!mode || !strcmp(mode, "split")) &&
		take_file(mapping, "executable", f->code, sizeof(f->code)) &&
		take_file(mapping, "nvram-template", f->vars, sizeof(f->vars));
}

static bool read_one(const char *dir, const char *name, struct firmware *f)
{
	char path[512];
	json_t *d;
	char *text;
	size_t len;
	bool suits;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = file_read(path, MAX_DESCRIPTION, &len, NULL);
	d = text ? jsonl_parse(text, len, NULL) : NULL;
	suits = d && firmware_suits(d, f);
	json_decref(d);
	free(text);
	return suits;
}

static int is_description(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && !strcmp(e->d_name + len - 5, ".json");
}

/* In the order of their names, as the documentation has it. */
static bool look_in(const char *dir, struct firmware *f)
{
	struct dirent **list;
	int i, n = scandir(dir, &list, is_description, alphasort);
	bool found = false;

	for (i = 0; i < n; i++) {
		found = found || read_one(dir, list[i]->d_name, f);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return found;
}

int firmware_find(struct firmware *f, struct zkz_err *err)
{
	if (look_in("/etc/qemu/firmware", f) || look_in("/usr/share/qemu/firmware", f))
		return 0;
	return err_firmware_missing(err);
}
