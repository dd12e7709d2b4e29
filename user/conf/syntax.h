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

/** conf_read_assignment() - NAME=VALUE of @type; value canonical in @out */
int conf_read_assignment(struct conf_session *s, struct lex *lx,
			 const struct lex_token *name,
			 const struct conf_type *type, int *prop, char *out,
			 struct zkz_err *err);

#endif
