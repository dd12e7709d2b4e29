// SPDX-License-Identifier: GPL-2.0
#include "qemu/setup.h"

#include <string.h>

#define FOOTER		0x7e
#define SECTION_END	0x03
#define ID_SIZE		4

/* Is this the mark, as far as @len goes? */
static bool may_be_mark(const uint8_t *p, size_t len)
{
	const uint8_t *next = p + 1 + ID_SIZE;
	size_t have = len < QEMU_SETUP_MARK ? len : QEMU_SETUP_MARK;

	if (have <= 1 + ID_SIZE)
		return true;
	return *next == SECTION_END && !memcmp(p + 1, next + 1, have - 2 - ID_SIZE);
}

size_t qemu_setup_end(const uint8_t *buf, size_t len, bool *found)
{
	const uint8_t *p = buf, *end = buf + len;

	*found = false;
	while (p < end && (p = memchr(p, FOOTER, end - p))) {
		if (may_be_mark(p, end - p)) {
			*found = end - p >= QEMU_SETUP_MARK;
			return p - buf;
		}
		p++;
	}
	return len;
}
