/* SPDX-License-Identifier: GPL-2.0 */
/* Stored configurations: /etc/zkz/zones/NAME.cfg in canonical form. */
#ifndef ZKZ_ZONE_STORE_H
#define ZKZ_ZONE_STORE_H

#include <stdbool.h>

#include "conf/model.h"
#include "lib/err.h"
#include "zone/model.h"

/** zone_check_name() - refuse names that cannot be zone names */
int zone_check_name(const char *zone, struct zkz_err *err);

/** zone_configured() - has this host a configuration of the zone? */
bool zone_configured(const char *zone);

/** zone_unknown() - the failure that it has none; always -1 */
int zone_unknown(const char *zone, struct zkz_err *err);

/**
 * zone_conf_load() - read and check the configuration of a zone
 * @zone: zone name
 * @err:  ERR_ZONE_NOT_FOUND if there is none
 *
 * Return: configuration to free with conf_free(), or NULL.
 */
struct conf *zone_conf_load(const char *zone, struct zkz_err *err);

/* Of a zone that is not configured. */
#define ZONE_DIGEST_NONE	"absent"
#define ZONE_DIGEST_SIZE	65

/**
 * zone_conf_read() - what is stored of a zone, as it is, and its digest
 * @zone:   zone name
 * @text:   text to free(), NULL if there is none
 * @len:    its length
 * @digest: of the text, or ZONE_DIGEST_NONE: who changes it says what the change is based on
 * @err:    filled on failure
 */
int zone_conf_read(const char *zone, char **text, size_t *len,
		   char digest[ZONE_DIGEST_SIZE], struct zkz_err *err);

/** zone_conf_digest() - of a text, as zone_conf_read() tells it */
int zone_conf_digest(const char *text, char digest[ZONE_DIGEST_SIZE], struct zkz_err *err);

/** zone_conf_running() - of what the QEMU of a zone that runs is built; NULL on any failure */
struct conf *zone_conf_running(const char *zone, struct zkz_err *err);

/**
 * zone_conf_save() - store a configuration durably
 * @zone: zone name; the caller holds its lock
 * @c:    checked configuration; what is "auto" is replaced: MAC addresses, identity, hot-plug ports
 * @err:  filled on failure
 */
int zone_conf_save(const char *zone, struct conf *c, struct zkz_err *err);

/** zone_conf_make_macs() - the same of addresses alone, in one that is not stored */
int zone_conf_make_macs(struct conf *c, struct zkz_err *err);

/** zone_conf_keep() - before it is replaced: keep a copy that zone_conf_put_back() makes the configuration again */
int zone_conf_keep(const char *zone, struct zkz_err *err);

/** zone_conf_put_back() - undo what was done to it since zone_conf_keep() */
int zone_conf_put_back(const char *zone, struct zkz_err *err);

/** zone_conf_protect() - nobody but root and the group zkz may read it; for files of an older zkz */
void zone_conf_protect(const char *zone);

/**
 * zone_forget() - delete what is known of a zone but its configuration: it is made anew
 * @zone: zone name; the caller holds its lock and knows it is not running
 * @err:  filled on failure
 */
int zone_forget(const char *zone, struct zkz_err *err);

/**
 * zone_conf_delete() - delete configuration and durable state
 * @zone: zone name; the caller holds its lock and knows it is not running
 * @err:  filled on failure
 */
int zone_conf_delete(const char *zone, struct zkz_err *err);

/** zone_conf_text() - canonical text to free(), or NULL */
char *zone_conf_text(const struct conf *c);

/** zone_load() - configuration of a zone with types */
int zone_load(const char *zone, struct zone_model *z, struct zkz_err *err);

/** zone_load_running() - the same of what the QEMU of a zone that runs is built */
int zone_load_running(const char *zone, struct zone_model *z, struct zkz_err *err);

/**
 * zone_note_coming() - what the QEMU of a guest that is to come is built of
 * @zone: zone name; the caller holds its lock
 * @c:    that, NULL if it is what is configured
 * @err:  filled on failure
 */
int zone_note_coming(const char *zone, const struct conf *c, struct zkz_err *err);

/**
 * zone_begin_run() - for the keeper: of what is QEMU built? Remembers that
 * @zone:   zone name
 * @coming: the guest is to come, see zone_note_coming()
 * @z:      filled
 * @err:    filled on failure
 */
int zone_begin_run(const char *zone, bool coming, struct zone_model *z, struct zkz_err *err);

/** zone_note_running() - for the keeper: QEMU has other devices now */
int zone_note_running(const char *zone, const struct conf *c, struct zkz_err *err);

/**
 * zone_changed_since_boot() - does a running zone differ from its configuration?
 *
 * What takes effect at once is no difference.
 *
 * Return: 1 if it does, 0 if not, -1 on failure.
 */
int zone_changed_since_boot(const char *zone, struct zkz_err *err);

/** typedef zone_fn - what to do with a zone; non-zero ends the walk */
typedef int (*zone_fn)(const char *zone, void *arg);

/**
 * zone_for_each() - call @fn for every configured zone, in order of name
 * @fn:  what to do
 * @arg: for @fn
 * @err: filled on failure
 */
int zone_for_each(zone_fn fn, void *arg, struct zkz_err *err);

/**
 * zone_walk_known() - the same for every zone that was ever configured here
 *
 * Whatever may be left of a zone, its durable folder was made first.
 */
int zone_walk_known(zone_fn fn, void *arg, struct zkz_err *err);

#endif
