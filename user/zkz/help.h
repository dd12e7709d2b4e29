/* SPDX-License-Identifier: GPL-2.0 */
/* What zkz says of its verbs: help, and what is wrong with a command line. */
#ifndef ZKZ_ZKZ_HELP_H
#define ZKZ_ZKZ_HELP_H

#include <stdio.h>

#include "zkz/cmds.h"

/** help_serve() - which verb cmd_wrong_use() speaks of from now on */
void help_serve(const struct cmd *c);

/** help_verbs() - list all verbs, a table ended by an empty name */
void help_verbs(FILE *f, const struct cmd *all);

/** help_show() - on standard output, the help of verb @c, or of @all if it is NULL; returns an exit code */
int help_show(const struct cmd *c, const struct cmd *all);

/** help_version() - on standard output, the version; returns an exit code */
int help_version(void);

/** help_wrong_use() - say what is wrong, and what would be right; @name: verb or NULL. EXIT_USAGE */
int help_wrong_use(const char *name, const char *text, const char *usage);

#endif
