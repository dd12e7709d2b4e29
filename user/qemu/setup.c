// SPDX-License-Identifier: GPL-2.0
#include "qemu/setup.h"

#include <string.h>

#define FOOTER		0x7e
#define SECTION_PART	0x02
#define SECTION_END	0x03
#define ID_SIZE		4

/* MIG_CMD_SWITCHOVER_START, big-endian, and that no data follow. */
static const uint8_t switchover[] = { 0x08, 0x00, 0x0b, 0x00, 0x00 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Is this a footer and the header of section @type, as far as @len goes? If so, @whole says if it goes to its end. */
static bool may_be_mark(const uint8_t *p, size_t len, uint8_t type, bool *whole)
{
	const uint8_t *id = p + 1, *next = p + 1 + ID_SIZE;
	size_t have = len > 1 + ID_SIZE ? len - 1 - ID_SIZE : 0, part;

	*whole = false;
	if (have && type == SECTION_END && *next == switchover[0]) {
		part = least(have, sizeof(switchover));
		if (memcmp(next, switchover, part))
			return false;
		next += part;
		have -= part;
	}
	if (!have)
		return true;
	part = least(have - 1, ID_SIZE);
	*whole = part == ID_SIZE;
	return *next == type && !memcmp(id, next + 1, part);
}

size_t qemu_setup_begun(const uint8_t *buf, size_t len, bool *found)
{
	const uint8_t *p = buf, *end = buf + len;

	*found = false;
	while (p < end && (p = memchr(p, FOOTER, end - p))) {
		if (may_be_mark(p, end - p, SECTION_PART, found) || may_be_mark(p, end - p, SECTION_END, found))
			return p - buf;
		p++;
	}
	*found = false;
	return len;
}

size_t qemu_setup_end(const uint8_t *buf, size_t len, bool *found)
{
	const uint8_t *p = buf, *end = buf + len;

	*found = false;
	while (p < end && (p = memchr(p, FOOTER, end - p))) {
		if (may_be_mark(p, end - p, SECTION_END, found))
			return p - buf;
		p++;
	}
	*found = false;
	return len;
}
