// SPDX-License-Identifier: GPL-2.0
#include "storage/forms.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/io.h"
#include "storage/look.h"
#include "storage/lun.h"
#include "storage/percent.h"

static void put(json_t *forms, const char *text)
{
	struct storage_uri u;
	char form[URI_TEXT_SIZE];
	json_t *one;
	size_t i;

	if (uri_parse(text, &u, NULL))
		return;
	uri_print(&u, form);
	json_array_foreach(forms, i, one)
		if (!strcmp(json_string_value(one), form))
			return;
	json_array_append_new(forms, json_string(form));
}

static void put_luname(json_t *forms, const char *name, bool iscsi)
{
	char text[LUNAME_SIZE + 32];

	snprintf(text, sizeof(text), "lu:luname.%s", name);
	put(forms, text);
	if (!iscsi)
		return;
	snprintf(text, sizeof(text), "iscsi:///luname.%s", name);
	put(forms, text);
}

/* What a link tells that other hosts understand, too. */
static void put_lun(json_t *forms, const char *link, bool iscsi)
{
	char text[URI_TEXT_SIZE], name[LUNAME_SIZE];
	struct storage_uri u;

	if (lun_from_portal(link, &u))
		put(forms, uri_print(&u, text));
	if (luname_from_link(link, name))
		put_luname(forms, name, iscsi);
}

static void put_device(json_t *forms, const char *dir, const char *link)
{
	char path[1024], text[URI_TEXT_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s", dir, link) >= (int)sizeof(path))
		return;
	memcpy(text, "dev:", 4);
	percent_encode(path, text + 4);
	put(forms, text);
}

/* Calls for each link of the device. */
static void each_link(json_t *forms, const char *dir, dev_t dev, void (*fn)(json_t *forms, const char *dir,
									    const char *link))
{
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (!fstatat(dirfd(d), e->d_name, &st, 0) && S_ISBLK(st.st_mode) && st.st_rdev == dev)
			fn(forms, dir, e->d_name);
	closedir(d);
}

static void put_plain_lun(json_t *forms, const char *dir, const char *link)
{
	(void)dir;
	put_lun(forms, link, false);
}

static void put_iscsi_lun(json_t *forms, const char *dir, const char *link)
{
	(void)dir;
	put_lun(forms, link, true);
}

static bool by_iscsi(const json_t *forms)
{
	const json_t *one;
	size_t i;

	json_array_foreach(forms, i, one)
		if (!strncmp(json_string_value(one), "iscsi:", 6))
			return true;
	return false;
}

static void put_all(json_t *forms, dev_t dev)
{
	static const char *const dirs[] = { "/dev/mapper", LUN_DIR, LUN_PORTAL_DIR };
	char path[64], to[256], luname[LUNAME_SIZE];
	const char *name;
	size_t i;
	ssize_t n;

	each_link(forms, LUN_PORTAL_DIR, dev, put_plain_lun);
	/* The links of a LUN with several paths lead to one of them. */
	if (lun_of_device(dev, luname))
		put_luname(forms, luname, by_iscsi(forms));
	each_link(forms, LUN_DIR, dev, by_iscsi(forms) ? put_iscsi_lun : put_plain_lun);
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(dev), minor(dev));
	n = readlink(path, to, sizeof(to) - 1);
	to[n > 0 ? n : 0] = '\0';
	name = strrchr(to, '/');
	if (name)
		put_device(forms, "/dev", name + 1);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		each_link(forms, dirs[i], dev, put_device);
}

static int read_text(const char *text, struct storage_uri *u, struct zkz_err *err)
{
	char uri[3 * sizeof(u->path) + 8];

	if (text[0] != '/')
		return strchr(text, ':') ? uri_parse(text, u, err) : err_storage_no_forms(err, text);
	if (strlen(text) >= sizeof(u->path))
		return err_storage_no_forms(err, text);
	percent_encode(text, uri + sprintf(uri, strncmp(text, "/dev/", 5) ? "file:" : "dev:"));
	return uri_parse(uri, u, err);
}

json_t *storage_forms(const char *text, const struct spawn_user *user, struct zkz_err *err)
{
	struct look_at at = { .flags = O_RDONLY, .user = user, .either = true };
	char form[URI_TEXT_SIZE];
	struct storage_uri u;
	json_t *forms;
	struct look l;
	uint64_t dev = 0;

	if (read_text(text, &u, err))
		return NULL;
	uri_print(&u, form);
	if (uri_is_opened(&u)) {
		at.path = u.path;
		if (lun_place(&u, err) || look_open(&at, &l, err))
			return NULL;
		io_close(&l.fd);
		dev = l.block ? l.dev : 0;
	} else if (u.kind == URI_ISCSI && !lun_of_target(&u, &dev)) {
		dev = 0;
	}
	forms = json_array();
	put(forms, form);
	if (dev)
		put_all(forms, (dev_t)dev);
	return forms;
}
