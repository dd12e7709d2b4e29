/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes as lower-case hexadecimal digits. Pure. */
#ifndef ZKZ_LIB_HEX_H
#define ZKZ_LIB_HEX_H

#include <stddef.h>
#include <stdint.h>

/** hex_encode() - @out gets 2 * @len digits and a NUL */
void hex_encode(const uint8_t *in, size_t len, char *out);

/** hex_decode() - exactly @len bytes from 2 * @len digits; -1 if not so */
int hex_decode(const char *text, uint8_t *out, size_t len);

#endif
