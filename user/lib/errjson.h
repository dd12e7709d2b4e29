/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures as JSON: the members "code", "text" and "remedy" of an object of
 * type "error". Every socket of zkz carries them in this form.
 */
#ifndef ZKZ_LIB_ERRJSON_H
#define ZKZ_LIB_ERRJSON_H

#include <jansson.h>

#include "lib/err.h"

/** err_to_json() - new object of type "error" */
json_t *err_to_json(const struct zkz_err *err);

/**
 * err_from_json() - a failure that another process told
 * @err: filled, may be NULL
 * @obj: object, not consumed; members may be missing
 * @who: put before the sentence as "WHO: ", NULL for none
 *
 * Return: always -1.
 */
int err_from_json(struct zkz_err *err, const json_t *obj, const char *who);

#endif
