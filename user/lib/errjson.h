/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures as JSON: an object of type "error" with the members "code",
 * "severity", "host", "args", "text", "remedy" and, if there is more than one
 * link or it is of another host, "chain". Every socket of zkz carries them in this form; the receiver
 * makes the texts anew, of its own catalogue. "text" and "remedy" are for
 * scripts, and for a zkz that does not know the id.
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
 * @obj: object, not consumed; members may be missing, and all may be hostile
 * @who: the host that it is from, NULL for this one
 *
 * Return: always -1.
 */
int err_from_json(struct zkz_err *err, const json_t *obj, const char *who);

#endif
