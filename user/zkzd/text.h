/* SPDX-License-Identifier: GPL-2.0 */
/* Configurations that clients send. */
#ifndef ZKZ_ZKZD_TEXT_H
#define ZKZ_ZKZD_TEXT_H

#include "conf/model.h"
#include "lib/err.h"

/**
 * text_parse() - a text of a client to a model
 *
 * It is hostile: it is read as if somebody had typed it. Return: checked configuration, or NULL.
 */
struct conf *text_parse(const char *zone, const char *text, struct zkz_err *err);

#endif
