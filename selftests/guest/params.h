/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PARAMS_H
#define _PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARAMS_MAX 16

/* Words of the form key=value, pointing into the text that was parsed. */
struct params {
	struct {
		const char *key;
		const char *value;
	} word[PARAMS_MAX];
	int nr;
};

int params_parse(struct params *p, char *text, const char *separators);
const char *params_get(const struct params *p, const char *key, const char *fallback);
int params_number(const struct params *p, const char *key, uint64_t fallback, uint64_t *number);
const char *params_unknown(const struct params *p, const char *known);

#endif
