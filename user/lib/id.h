/* SPDX-License-Identifier: GPL-2.0 */
/* Names that nobody else has: 128 random bits as text, of migrations and of hosts. */
#ifndef ZKZ_LIB_ID_H
#define ZKZ_LIB_ID_H

#include <stdbool.h>

#include "lib/err.h"

/* 32 digits and the end; there are members of records that are longer. */
#define ID_TEXT_SIZE		33

/** id_new() - a random id; @id has at least ID_TEXT_SIZE bytes */
int id_new(char *id, struct zkz_err *err);

/** id_ok() - is it one? It may become a file name. NULL is none. */
bool id_ok(const char *id);

#endif
