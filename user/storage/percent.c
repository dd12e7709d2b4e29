// SPDX-License-Identifier: GPL-2.0
#include "storage/percent.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

int percent_decode(const char *from, char *to, size_t size)
{
	size_t n = 0;

	for (; *from; from++, n++) {
		int high, low;

		if (n + 1 >= size)
			return ERR_FAULT_LONG;
		to[n] = *from;
		if (*from != '%')
			continue;
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0)
			return ERR_FAULT_PERCENT;
		if (!high && !low)
			return ERR_FAULT_ZERO;
		to[n] = (char)(high << 4 | low);
		from += 2;
	}
	to[n] = '\0';
	return -1;
}

char *percent_encode(const char *from, char *to)
{
	for (; *from; from++) {
		if (isalnum((unsigned char)*from) || strchr("-._~/:@+=,", *from))
			*to++ = *from;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*from);
	}
	*to = '\0';
	return to;
}
