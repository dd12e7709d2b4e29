/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the configuration language. Each reads its own rest of the
 * command from @lx.
 */
#ifndef ZKZ_CONF_COMMANDS_H
#define ZKZ_CONF_COMMANDS_H

#include "conf/session.h"

/** enum conf_takes - what can stand behind a command, for completion */
enum conf_takes {
	CONF_TAKES_NOTHING,
	CONF_TAKES_ASSIGNMENT,	/* PROPERTY=VALUE */
	CONF_TAKES_PROPERTY,
	CONF_TAKES_TYPE,	/* outside a resource; and LIST VALUE */
	CONF_TAKES_PATTERN,	/* TYPE [KEY | PROPERTY=VALUE ...] */
	CONF_TAKES_REMOVED,	/* the same outside a resource; and LIST VALUE */
	CONF_TAKES_FILE,
	CONF_TAKES_ANYTHING,	/* properties and types */
	CONF_TAKES_COMMAND,	/* commands, properties and types */
};

/**
 * struct conf_command - one subcommand, for dispatch, help and completion
 * @name:    as written
 * @fn:      runs it
 * @global:  allowed outside a resource
 * @inside:  allowed between add or select and end
 * @takes:   what stands behind it
 * @letters: its options, ':' behind the one that takes a word
 * @usage:   how to write it
 * @help:    what it does
 */
struct conf_command {
	const char *name;
	int (*fn)(struct conf_session *s, struct lex *lx, struct zkz_err *err);
	bool global;
	bool inside;
	enum conf_takes takes;
	const char *letters;
	const char *usage;
	const char *help;
};

/* Ended by an empty name. */
extern const struct conf_command conf_commands[];

/** conf_command_find() - by name, or NULL */
const struct conf_command *conf_command_find(const char *name);

/* resource.c */
int conf_cmd_add(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_select(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_end(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_cancel(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_remove(struct conf_session *s, struct lex *lx, struct zkz_err *err);

/* import.c */
int conf_cmd_import(struct conf_session *s, struct lex *lx, struct zkz_err *err);

/* values.c */

/** conf_names_list() - is what follows "add" or "remove" a list, and no resource type? */
bool conf_names_list(const struct conf_session *s, struct lex lx);
int conf_add_value(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_remove_value(struct conf_session *s, struct lex *lx, struct zkz_err *err);

/* show.c */
int conf_cmd_info(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_export(struct conf_session *s, struct lex *lx, struct zkz_err *err);

/** conf_may_print() - refuse when too much was printed already */
int conf_may_print(const struct conf_session *s, struct zkz_err *err);

/** conf_help_type() - what a resource type, or the zone itself, can have */
void conf_help_type(const struct conf_type *type, FILE *f);

/** conf_help_prop() - what a property can be, and when it takes effect */
void conf_help_prop(const struct conf_type *type, const struct conf_prop *prop, FILE *f);

#endif
