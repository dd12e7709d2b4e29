/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes in URIs. Pure. */
#ifndef ZKZ_STORAGE_PERCENT_H
#define ZKZ_STORAGE_PERCENT_H

#include <stddef.h>

/**
 * percent_decode() - "%20" to a blank
 * @from: text
 * @to:   its bytes
 * @size: of @to
 *
 * Return: -1, or which enum err_fault @from has.
 */
int percent_decode(const char *from, char *to, size_t size);

/** percent_encode() - the reverse; @to has three times the length of @from, and one byte. Return: end of @to */
char *percent_encode(const char *from, char *to);

#endif
