/* SPDX-License-Identifier: GPL-2.0 */
/* What commands read of their text, and failures that name the token. */
#ifndef ZKZ_CONF_SYNTAX_H
#define ZKZ_CONF_SYNTAX_H

#include "conf/session.h"

/** conf_bad_token() - put "line N: token 'x'" before what @err says of it. Return: -1. */
int conf_bad_token(const struct lex_token *t, struct zkz_err *err);

/** conf_list_props() - there is no such property of @type; these are. Return: -1. */
int conf_list_props(const struct conf_type *type, struct zkz_err *err);

/** conf_end_of_command() - nothing more may follow */
int conf_end_of_command(struct lex *lx, struct zkz_err *err);

/** conf_read_type() - the name of a resource type */
int conf_read_type(struct lex *lx, const struct conf_type **type, struct zkz_err *err);

/**
 * struct conf_options - options of a command
 * @seen:  by their place among the letters
 * @value: of the one that takes a word
 */
struct conf_options {
	bool seen[8];
	char value[CONF_MAX_WORD];
};

/**
 * conf_read_options() - up to the end of the command
 * @lx:      what follows the command's name
 * @letters: those there are, ':' behind the one that takes a word
 * @opt:     filled
 * @err:     filled on failure
 */
int conf_read_options(struct lex *lx, const char *letters, struct conf_options *opt,
		      struct zkz_err *err);

/** conf_take_force() - is -F what comes next? */
bool conf_take_force(struct lex *lx);

/** conf_read_assignment() - NAME=VALUE of @type; value canonical in @out, for resource @res if it has macros */
int conf_read_assignment(struct conf_session *s, struct lex *lx,
			 const struct lex_token *name,
			 const struct conf_type *type, const struct conf_res *res,
			 int *prop, char *out, struct zkz_err *err);

/** conf_check_value() - canonical form of a value, without macros; nothing about line and token in @err */
int conf_check_value(const struct conf_session *s, const struct conf_prop *prop,
		     const char *val, char *out, struct zkz_err *err);

#endif
