/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the configuration language. A session holds a working copy
 * of one zone's configuration and changes it command by command; what leaves
 * the session (commit, delete) goes through hooks, so this room does no I/O
 * and a command file, a command line and a terminal are all the same to it.
 */
#ifndef ZKZ_CONF_SESSION_H
#define ZKZ_CONF_SESSION_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/lex.h"
#include "conf/model.h"

/* When so much was printed, nothing more is. */
#define CONF_MAX_OUTPUT	(256 * 1024)

struct conf_session;

/**
 * struct conf_hooks - what a session asks of its owner
 * @check_uri: is this a storage URI? NULL: not checked
 * @commit:    make s->conf the zone's configuration
 * @remove:    delete the zone's configuration
 */
struct conf_hooks {
	int (*check_uri)(const char *uri, struct zkz_err *err);
	int (*commit)(struct conf_session *s, struct zkz_err *err);
	int (*remove)(struct conf_session *s, struct zkz_err *err);
};

/**
 * struct conf_session - one editing session
 * @zone:    name, for messages
 * @conf:    working copy, NULL while there is no configuration; owned
 * @changed: @conf differs from what is stored
 * @removed: what is stored is to be deleted, before @conf, if any, is stored
 * @line:    line of the command under execution
 * @open:    resource between add or select and end; owned, in no list
 * @origin:  for select: the resource that @open will replace
 * @ended:   exit was given
 * @out:     where export and info write
 * @hooks:   see above
 * @priv:    for the hooks
 */
struct conf_session {
	const char *zone;
	struct conf *conf;
	bool changed;
	bool removed;
	unsigned int line;
	struct conf_res *open;
	struct conf_res *origin;
	bool ended;
	FILE *out;
	const struct conf_hooks *hooks;
	void *priv;
};

/** conf_session_init() - begin; takes @conf over, NULL if not configured */
void conf_session_init(struct conf_session *s, const char *zone,
		       struct conf *conf, const struct conf_hooks *hooks);

/** conf_session_fini() - drop what was not committed */
void conf_session_fini(struct conf_session *s);

/** conf_session_finish() - what exit does: commit if something changed */
int conf_session_finish(struct conf_session *s, struct zkz_err *err);

/** conf_need_conf() - refuse if there is no configuration to work on */
int conf_need_conf(struct conf_session *s, struct zkz_err *err);

/* script.c */

/**
 * conf_session_run() - execute commands until the text or the session ends
 * @s:    session
 * @text: commands
 * @len:  its length
 * @err:  names line and token on failure; commands before it were executed
 *        on the working copy
 */
int conf_session_run(struct conf_session *s, const char *text, size_t len,
		     struct zkz_err *err);

/**
 * conf_parse() - a stored configuration to a model
 * @zone: name, for messages
 * @text: canonical text, or any command text that only builds
 * @len:  its length
 * @err:  filled on failure
 *
 * Return: checked configuration or NULL.
 */
struct conf *conf_parse(const char *zone, const char *text, size_t len,
			struct zkz_err *err);

#endif
