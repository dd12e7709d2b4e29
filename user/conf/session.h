/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the configuration language. A session holds a working copy
 * of one zone's configuration and changes it command by command; what leaves
 * the session (commit, delete, export into a file) goes through hooks, so this
 * room does no I/O and a command file, a command line and a terminal are all
 * the same to it.
 */
#ifndef ZKZ_CONF_SESSION_H
#define ZKZ_CONF_SESSION_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/lex.h"
#include "conf/model.h"

/* When so much was printed, nothing more is; a terminal has no limit. */
#define CONF_MAX_OUTPUT	(256 * 1024)

/* Where administrators keep templates of their own. */
#define CONF_TEMPLATES	"/etc/zkz/templates"

struct conf_session;

/**
 * struct conf_hooks - what a session asks of its owner; any may be missing
 * @check_uri: is this a storage URI? NULL: not checked
 * @commit:    make s->conf the zone's configuration; may change it (addresses that are made).
 *             With s->removed the zone is made anew, and all or nothing of that is done
 * @remove:    delete the zone's configuration
 * @template:  what 'create -t NAME' begins with
 * @import:    what 'import-libvirt PATH' begins with; '-' is the standard input
 * @running:   what a running zone began with
 * @save:      write an export into a file
 * @sure:      ask a person; without it nobody is there to be asked
 * @warn:      tell what is no failure
 */
struct conf_hooks {
	int (*check_uri)(const char *uri, struct zkz_err *err);
	int (*commit)(struct conf_session *s, struct zkz_err *err);
	int (*remove)(struct conf_session *s, struct zkz_err *err);
	struct conf *(*template)(struct conf_session *s, const char *name, struct zkz_err *err);
	struct conf *(*import)(struct conf_session *s, const char *path, struct zkz_err *err);
	struct conf *(*running)(struct conf_session *s, struct zkz_err *err);
	int (*save)(const char *path, const char *text, struct zkz_err *err);
	bool (*sure)(const char *question);
	void (*warn)(struct conf_session *s, const struct zkz_err *warning);
};

/**
 * struct conf_session - one editing session
 * @zone:     name, for messages and macros
 * @conf:     working copy, NULL while there is no configuration; owned
 * @base:     what is stored, NULL if nothing is; owned
 * @damaged:  why what is stored cannot be read: it can only be replaced or deleted
 * @removed:  what is stored is to be deleted; @conf, if any, is a new zone of that name
 * @detached: a zone that is made belongs to no host
 * @line:     line of the command under execution
 * @next:     line that the next text begins with, less one
 * @open:     resource between add or select and end; owned, in no list
 * @origin:   for select: the resource that @open will replace
 * @ended:    exit was given
 * @endless:  @out takes any amount
 * @out:      where export, info and help write
 * @hooks:    see above
 * @priv:     for the hooks
 */
struct conf_session {
	const char *zone;
	struct conf *conf;
	struct conf *base;
	struct zkz_err damaged;
	bool removed;
	bool detached;
	unsigned int line;
	unsigned int next;
	struct conf_res *open;
	struct conf_res *origin;
	bool ended;
	bool endless;
	FILE *out;
	const struct conf_hooks *hooks;
	void *priv;
};

/** conf_session_init() - begin; takes @conf over, NULL if not configured */
void conf_session_init(struct conf_session *s, const char *zone,
		       struct conf *conf, const struct conf_hooks *hooks);

/** conf_session_fini() - drop what was not committed */
void conf_session_fini(struct conf_session *s);

/** conf_session_changed() - is there anything to commit? Models are compared. */
bool conf_session_changed(const struct conf_session *s);

/** conf_session_finish() - what exit does: commit if something changed */
int conf_session_finish(struct conf_session *s, struct zkz_err *err);

/** conf_session_revert() - back to what is stored */
void conf_session_revert(struct conf_session *s);

/** conf_need_conf() - refuse if there is no configuration to work on */
int conf_need_conf(struct conf_session *s, struct zkz_err *err);

/* script.c */

/**
 * conf_session_feed() - execute commands; a resource may stay open for the next text
 * @s:    session
 * @text: commands
 * @len:  its length
 * @err:  names line and token on failure; commands before it were executed
 *        on the working copy
 */
int conf_session_feed(struct conf_session *s, const char *text, size_t len,
		      struct zkz_err *err);

/** conf_session_run() - the same for a whole text, in which every resource is closed */
int conf_session_run(struct conf_session *s, const char *text, size_t len,
		     struct zkz_err *err);

/**
 * conf_parse() - a stored configuration to a model
 * @zone: name, for messages
 * @text: canonical text, or any command text that only builds
 * @len:  its length, at most CONF_MAX_TEXT
 * @err:  filled on failure
 *
 * Return: checked configuration or NULL.
 */
struct conf *conf_parse(const char *zone, const char *text, size_t len,
			struct zkz_err *err);

/**
 * conf_parse_template() - a template to a model, which need not be complete
 * @s:    session that it is for: zone name of macros, check of URIs
 * @name: of the template, for messages
 * @text: commands that only build
 * @len:  its length
 * @err:  filled on failure
 */
struct conf *conf_parse_template(const struct conf_session *s, const char *name,
				 const char *text, size_t len, struct zkz_err *err);

#endif
