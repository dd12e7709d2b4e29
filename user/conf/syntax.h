/* SPDX-License-Identifier: GPL-2.0 */
/* What commands read of their text, and failures that name the token. */
#ifndef ZKZ_CONF_SYNTAX_H
#define ZKZ_CONF_SYNTAX_H

#include "conf/session.h"

/** conf_bad_token() - "line N: token 'x': sentence" */
int conf_bad_token(const struct lex_token *t, struct zkz_err *err,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** conf_end_of_command() - nothing more may follow */
int conf_end_of_command(struct lex *lx, struct zkz_err *err);

/** conf_read_assignment() - NAME=VALUE of @type; value canonical in @out */
int conf_read_assignment(struct conf_session *s, struct lex *lx,
			 const struct lex_token *name,
			 const struct conf_type *type, int *prop, char *out,
			 struct zkz_err *err);

#endif
