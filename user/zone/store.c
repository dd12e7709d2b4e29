// SPDX-License-Identifier: GPL-2.0
#include "zone/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/diff.h"
#include "conf/ports.h"
#include "conf/session.h"
#include "lib/file.h"
#include "lib/hex.h"
#include "lib/io.h"
#include "lib/log.h"
#include "zone/owner.h"
#include "zone/paths.h"

#define CONFIG_MODE	0640

int zone_check_name(const char *zone, struct zkz_err *err)
{
	if (conf_zone_name_ok(zone))
		return 0;
	return err_zone_name_invalid(err, zone);
}

bool zone_configured(const char *zone)
{
	char path[ZONE_PATH_MAX];

	return !access(zone_path(ZF_CONFIG, zone, path), F_OK) || errno != ENOENT;
}

int zone_unknown(const char *zone, struct zkz_err *err)
{
	return err_zone_not_found(err, zone);
}

/* errno is ENOENT if there is no such file. */
static struct conf *load(const char *zone, enum zone_file which, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	struct conf *c;
	char *text;
	size_t len;

	text = file_read(zone_path(which, zone, path), CONF_MAX_TEXT, &len, err);
	if (!text)
		return NULL;
	c = conf_parse(zone, text, len, err);
	free(text);
	errno = 0;
	return c;
}

struct conf *zone_conf_load(const char *zone, struct zkz_err *err)
{
	struct conf *c = load(zone, ZF_CONFIG, err);

	if (!c && errno == ENOENT)
		zone_unknown(zone, err);
	return c;
}

struct conf *zone_conf_running(const char *zone, struct zkz_err *err)
{
	return load(zone, ZF_RUN_CONFIG, err);
}

static int make_digest(const char *text, size_t len, char digest[ZONE_DIGEST_SIZE], struct zkz_err *err)
{
	uint8_t hash[(ZONE_DIGEST_SIZE - 1) / 2];

	if (EVP_Digest(text, len, hash, NULL, EVP_sha256(), NULL) != 1)
		return err_no_memory(err);
	hex_encode(hash, sizeof(hash), digest);
	return 0;
}

int zone_conf_digest(const char *text, char digest[ZONE_DIGEST_SIZE], struct zkz_err *err)
{
	return make_digest(text, strlen(text), digest, err);
}

int zone_conf_read(const char *zone, char **text, size_t *len,
		   char digest[ZONE_DIGEST_SIZE], struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	*len = 0;
	*text = file_read(zone_path(ZF_CONFIG, zone, path), CONF_MAX_TEXT, len, err);
	if (!*text && errno == ENOENT) {
		err_clear(err);
		strcpy(digest, ZONE_DIGEST_NONE);
		return 0;
	}
	return *text ? make_digest(*text, *len, digest, err) : -1;
}

/*
 * A locally administered address with 40 random bits: two zones of one network
 * get the same one with a chance of n*n in 2^41.
 */
static int make_mac(char *out, size_t size, struct zkz_err *err)
{
	unsigned char b[5];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return err_system_call(err, "getrandom", errno);
	snprintf(out, size, "02:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4]);
	return 0;
}

/* A random one, as in RFC 9562, 5.4. */
static int make_uuid(char *out, size_t size, struct zkz_err *err)
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return err_system_call(err, "getrandom", errno);
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(out, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
		 b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return 0;
}

/* What is "auto" in a configuration that is stored. */
static int make_identity(struct conf *c, struct zkz_err *err)
{
	const char *now = conf_res_get(&c->global, "uuid");
	char uuid[40];

	if (!now || strcmp(now, "auto"))
		return 0;
	if (make_uuid(uuid, sizeof(uuid), err))
		return -1;
	conf_res_set(&c->global, conf_prop_find(&conf_global, "uuid"), uuid);
	return 0;
}

int zone_conf_make_macs(struct conf *c, struct zkz_err *err)
{
	int prop = conf_prop_find(conf_type_find("anet"), "mac-address");
	struct conf_res *r;
	char mac[18];

	for (r = conf_first(c, "anet"); r; r = conf_next(r)) {
		if (strcmp(r->val[prop], "auto"))
			continue;
		if (make_mac(mac, sizeof(mac), err))
			return -1;
		conf_res_set(r, prop, mac);
	}
	return 0;
}

char *zone_conf_text(const struct conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	conf_export(c, f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

/*
 * Boot arguments may hold what not everybody is to know, and the group may ask for
 * it all the same. The file was never readable for others: who dies in between leaves
 * one that is root's alone, until zkzd starts again.
 */
void zone_conf_protect(const char *zone)
{
	const struct group *gr = getgrnam(ZKZ_GROUP);
	char path[ZONE_PATH_MAX];
	int fd = open(zone_path(ZF_CONFIG, zone, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fchmod(fd, CONFIG_MODE) || (gr && fchown(fd, 0, gr->gr_gid)))
		log_warn("cannot protect %s: %s", path, strerror(errno));
	io_close(&fd);
}

int zone_conf_save(const char *zone, struct conf *c, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	char *text;
	int rc;

	if (zone_conf_make_macs(c, err) || make_identity(c, err) || conf_ports_assign(c, err) ||
	    file_mkdirs(ZKZ_CONFIG_DIR, 0755, err))
		return -1;
	text = zone_conf_text(c);
	if (!text)
		return err_no_memory(err);
	/* What could not be read any more is not written. */
	if (strlen(text) > CONF_MAX_TEXT) {
		free(text);
		return err_config_long(err, CONF_MAX_TEXT);
	}
	rc = file_write_atomic(zone_path(ZF_CONFIG, zone, path), text,
			       strlen(text), CONFIG_MODE, err);
	free(text);
	if (!rc)
		zone_conf_protect(zone);
	return rc;
}

/* As a text: what cannot be parsed any more is put back all the same. */
static int copy(const char *zone, enum zone_file from, enum zone_file to, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	size_t len;
	int rc;

	text = file_read(zone_path(from, zone, path), CONF_MAX_TEXT, &len, err);
	if (!text)
		return -1;
	errno = 0;
	rc = file_write_atomic(zone_path(to, zone, path), text, len, CONFIG_MODE, err);
	free(text);
	return rc;
}

int zone_conf_keep(const char *zone, struct zkz_err *err)
{
	return copy(zone, ZF_CONFIG, ZF_CONFIG_BEFORE, err);
}

int zone_conf_put_back(const char *zone, struct zkz_err *err)
{
	if (copy(zone, ZF_CONFIG_BEFORE, ZF_CONFIG, err)) {
		/* Somebody has removed it: what is there stays, and the zone can be used. */
		if (errno != ENOENT)
			return -1;
		err_clear(err);
		log_warn("zone %s: its former configuration is gone, and is not put back", zone);
	}
	zone_conf_protect(zone);
	return 0;
}

int zone_forget(const char *zone, struct zkz_err *err)
{
	/* The note of a migration goes last: while it is there, a crash on the way is made good. */
	static const enum zone_file files[] = {
		ZF_OWNER_NEXT, ZF_ENDED, ZF_NVRAM, ZF_MADE, ZF_CONFIG_BEFORE, ZF_JOURNAL,
	};
	char path[ZONE_PATH_MAX];
	size_t i;

	if (zone_owner_forget(zone, err))
		return -1;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (file_remove(zone_path(files[i], zone, path), err))
			return -1;
	return 0;
}

int zone_conf_delete(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	/* The configuration goes first: without it the rest means nothing. */
	if (file_remove(zone_path(ZF_CONFIG, zone, path), err))
		return -1;
	return zone_forget(zone, err);
}

int zone_load(const char *zone, struct zone_model *z, struct zkz_err *err)
{
	struct conf *c = zone_conf_load(zone, err);
	int rc;

	if (!c)
		return -1;
	rc = zone_model_from_conf(zone, c, z, err);
	conf_free(c);
	return rc;
}

int zone_load_running(const char *zone, struct zone_model *z, struct zkz_err *err)
{
	struct conf *c = zone_conf_running(zone, err);
	int rc = c ? zone_model_from_conf(zone, c, z, err) : -1;

	conf_free(c);
	return rc;
}

static int put_run(const char *zone, enum zone_file which, const struct conf *c, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text = zone_conf_text(c);
	int rc;

	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(which, zone, path), text, strlen(text), 0600, err);
	free(text);
	return rc;
}

int zone_note_running(const char *zone, const struct conf *c, struct zkz_err *err)
{
	return put_run(zone, ZF_RUN_CONFIG, c, err);
}

int zone_note_coming(const char *zone, const struct conf *c, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	if (!c) {
		if (unlink(zone_path(ZF_COMING, zone, path)) && errno != ENOENT)
			return err_file_remove(err, path, errno);
		return 0;
	}
	return file_mkdirs(zone_path(ZF_RUN, zone, path), 0700, err) || put_run(zone, ZF_COMING, c, err) ? -1 : 0;
}

int zone_begin_run(const char *zone, bool coming, struct zone_model *z, struct zkz_err *err)
{
	struct conf *c = coming ? load(zone, ZF_COMING, err) : NULL;
	int rc;

	if (coming && !c) {
		if (errno != ENOENT)
			return -1;
		err_clear(err);
	}
	if (!c)
		c = zone_conf_load(zone, err);
	rc = !c || zone_note_running(zone, c, err) ? -1 : zone_model_from_conf(zone, c, z, err);
	conf_free(c);
	return rc ? -1 : zone_note_coming(zone, NULL, err);
}

int zone_changed_since_boot(const char *zone, struct zkz_err *err)
{
	struct conf_list l = { .w = { "", "" }, .want = CONF_ANY & ~CONF_BIT(CONF_LIVE) };
	struct conf *now = zone_conf_load(zone, err), *then = now ? zone_conf_running(zone, err) : NULL;

	if (then)
		conf_diff(then, now, conf_list_add, &l);
	conf_free(now);
	conf_free(then);
	return then ? l.nr > 0 : -1;
}

static int is_config(const struct dirent *d)
{
	size_t len = strlen(d->d_name);
	char name[256];

	if (len < 5 || strcmp(d->d_name + len - 4, ".cfg"))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)(len - 4), d->d_name);
	return conf_zone_name_ok(name);
}

static int is_zone(const struct dirent *d)
{
	return conf_zone_name_ok(d->d_name);
}

/* Entries of a folder, each without the last @cut characters of its name. */
static int walk(const char *dir, int (*want)(const struct dirent *d), size_t cut,
		zone_fn fn, void *arg, struct zkz_err *err)
{
	struct dirent **list;
	bool stop = false;
	int i, n;

	n = scandir(dir, &list, want, alphasort);
	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return err_file_read(err, dir, errno);
	for (i = 0; i < n; i++) {
		list[i]->d_name[strlen(list[i]->d_name) - cut] = '\0';
		if (!stop)
			stop = fn(list[i]->d_name, arg) != 0;
		free(list[i]);
	}
	free(list);
	return 0;
}

int zone_for_each(zone_fn fn, void *arg,
		  struct zkz_err *err)
{
	return walk(ZKZ_CONFIG_DIR, is_config, strlen(".cfg"), fn, arg, err);
}

int zone_walk_known(zone_fn fn, void *arg, struct zkz_err *err)
{
	return walk(ZKZ_STATE_DIR, is_zone, 0, fn, arg, err);
}
