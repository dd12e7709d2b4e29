// SPDX-License-Identifier: GPL-2.0
#include "conf/set.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* One number, or two with '-' between; @text goes on behind them. */
static bool take_range(const char **text, unsigned int most, unsigned int *first, unsigned int *last)
{
	int n = 0;

	if (!isdigit((unsigned char)**text) || sscanf(*text, "%4u%n", first, &n) != 1)
		return false;
	*text += n;
	*last = *first;
	if (**text != '-')
		return *first <= most;
	++*text;
	if (!isdigit((unsigned char)**text) || sscanf(*text, "%4u%n", last, &n) != 1)
		return false;
	*text += n;
	return *first <= *last && *last <= most;
}

bool conf_set_parse(const char *text, unsigned int most, struct conf_set *set)
{
	unsigned int first, last;

	memset(set, 0, sizeof(*set));
	if (most >= CONF_SET_MAX)
		return false;
	for (;; text++) {
		if (!take_range(&text, most, &first, &last))
			return false;
		for (; first <= last; first++)
			set->bits[first / 8] |= (unsigned char)(1U << first % 8);
		if (*text != ',')
			return !*text;
	}
}

bool conf_set_has(const struct conf_set *set, unsigned int n)
{
	return n < CONF_SET_MAX && set->bits[n / 8] & 1U << n % 8;
}

bool conf_set_range(const struct conf_set *set, unsigned int from, unsigned int *first, unsigned int *last)
{
	for (*first = from; *first < CONF_SET_MAX; ++*first)
		if (conf_set_has(set, *first))
			break;
	for (*last = *first; conf_set_has(set, *last + 1); ++*last)
		;
	return *first < CONF_SET_MAX;
}

bool conf_set_less(struct conf_set *set, const struct conf_set *other)
{
	bool all = true;
	size_t i;

	for (i = 0; i < sizeof(set->bits); i++) {
		all = all && !(other->bits[i] & ~set->bits[i]);
		set->bits[i] &= (unsigned char)~other->bits[i];
	}
	return all;
}

bool conf_set_print(const struct conf_set *set, char *out)
{
	unsigned int first, last, from = 0;
	size_t n = 0;

	*out = '\0';
	while (conf_set_range(set, from, &first, &last)) {
		n += (size_t)snprintf(out + n, CONF_SET_TEXT + 1 - n, "%s%u", n ? "," : "", first);
		if (last > first && n <= CONF_SET_TEXT)
			n += (size_t)snprintf(out + n, CONF_SET_TEXT + 1 - n, "-%u", last);
		if (n > CONF_SET_TEXT)
			return false;
		from = last + 1;
	}
	return true;
}
