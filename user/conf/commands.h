/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the configuration language. Each reads its own rest of the
 * command from @lx.
 */
#ifndef ZKZ_CONF_COMMANDS_H
#define ZKZ_CONF_COMMANDS_H

#include "conf/session.h"

/** struct conf_command - one subcommand, for dispatch and help */
struct conf_command {
	const char *name;
	int (*fn)(struct conf_session *s, struct lex *lx, struct zkz_err *err);
	bool global;	/* allowed outside a resource */
	bool inside;	/* allowed between add or select and end */
	const char *usage;
	const char *help;
};

/* Ended by an empty name. */
extern const struct conf_command conf_commands[];

/* resource.c */
int conf_cmd_add(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_select(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_end(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_cancel(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_remove(struct conf_session *s, struct lex *lx, struct zkz_err *err);

#endif
