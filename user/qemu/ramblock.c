// SPDX-License-Identifier: GPL-2.0
#include "qemu/ramblock.h"

#include <stdio.h>
#include <string.h>

/*
 *	      Block Name    PSize              Offset               Used              Total
 *		 pc.bios    4 KiB  0x0000000010000000 0x0000000000040000 0x0000000000040000
 *
 * Newer ones have more columns behind these.
 */
static bool parse(const char *line, struct ramblock *b)
{
	unsigned long long used, max;

	if (sscanf(line, "%127s %*u %*3s 0x%*x 0x%16llx 0x%16llx", b->name, &used, &max) != 3)
		return false;
	b->used = used;
	b->max = max;
	return used <= max;
}

bool ramblock_next(const char **text, struct ramblock *b)
{
	while (**text) {
		size_t len = strcspn(*text, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s", len < sizeof(line) ? (int)len : (int)sizeof(line) - 1, *text);
		*text += len + ((*text)[len] == '\n');
		if (parse(line, b))
			return true;
	}
	return false;
}
