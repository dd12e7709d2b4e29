/* SPDX-License-Identifier: GPL-2.0 */
/* Templates of configurations: files of zkz, and an administrator's own beside them. */
#ifndef ZKZ_ZKZ_TEMPLATE_H
#define ZKZ_ZKZ_TEMPLATE_H

#include "conf/session.h"

/** template_load() - for conf_hooks */
struct conf *template_load(struct conf_session *s, const char *name, struct zkz_err *err);

/** typedef template_fn - gets the name of a template */
typedef void (*template_fn)(const char *name, void *arg);

/** template_each() - all templates there are */
void template_each(template_fn fn, void *arg);

#endif
