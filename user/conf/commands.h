/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the configuration language, for the table in commands.c.
 * Each reads its own rest of the command from @lx.
 */
#ifndef ZKZ_CONF_COMMANDS_H
#define ZKZ_CONF_COMMANDS_H

#include "conf/session.h"

/** conf_need_conf() - refuse if there is no configuration to work on */
int conf_need_conf(struct conf_session *s, struct zkz_err *err);

/* resource.c */
int conf_cmd_add(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_select(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_end(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_cancel(struct conf_session *s, struct lex *lx, struct zkz_err *err);
int conf_cmd_remove(struct conf_session *s, struct lex *lx, struct zkz_err *err);

#endif
