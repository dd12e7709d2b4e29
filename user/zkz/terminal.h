/* SPDX-License-Identifier: GPL-2.0 */
/* A session of the configuration language with a person. */
#ifndef ZKZ_ZKZ_TERMINAL_H
#define ZKZ_ZKZ_TERMINAL_H

#include "zkz/edit.h"

/** terminal_run() - read commands, line by line, until the end of the session */
void terminal_run(struct edit *e);

#endif
