// SPDX-License-Identifier: GPL-2.0
#include "params.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Cuts @text into words; a word without '=' gets the value "". -1 if there are too many. */
int params_parse(struct params *p, char *text, const char *separators)
{
	char *save, *word;

	p->nr = 0;
	for (word = strtok_r(text, separators, &save); word; word = strtok_r(NULL, separators, &save)) {
		char *value = strchr(word, '=');

		if (p->nr == PARAMS_MAX)
			return -1;
		if (value)
			*value++ = '\0';
		p->word[p->nr].key = word;
		p->word[p->nr++].value = value ? value : "";
	}
	return 0;
}

const char *params_get(const struct params *p, const char *key, const char *fallback)
{
	int i;

	for (i = 0; i < p->nr; i++)
		if (!strcmp(p->word[i].key, key))
			return p->word[i].value;
	return fallback;
}

/* A number with K, M or G behind it. -1 if it is none. */
int params_number(const struct params *p, const char *key, uint64_t fallback, uint64_t *number)
{
	const char *text = params_get(p, key, NULL);
	unsigned int shift = 0;
	char *end;

	if (!text) {
		*number = fallback;
		return 0;
	}
	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*end == 'K')
		shift = 10;
	else if (*end == 'M')
		shift = 20;
	else if (*end == 'G')
		shift = 30;
	if (shift)
		end++;
	if (errno || *end || *number > UINT64_MAX >> 10 >> shift)
		return -1;
	*number <<= shift;
	return 0;
}

/* The first key that is not in @known, a list of words separated by blanks. */
const char *params_unknown(const struct params *p, const char *known)
{
	int i;

	for (i = 0; i < p->nr; i++) {
		size_t len = strlen(p->word[i].key);
		const char *at = known;

		while ((at = strstr(at, p->word[i].key))) {
			if ((at == known || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
				break;
			at += len ? len : 1;
		}
		if (!at)
			return p->word[i].key;
	}
	return NULL;
}
