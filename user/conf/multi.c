// SPDX-License-Identifier: GPL-2.0
#include "conf/multi.h"

#include <stdio.h>
#include <string.h>

#include "conf/address.h"
#include "conf/set.h"

bool conf_is_multi(const struct conf_prop *prop)
{
	return prop->kind == CONF_WORDS || prop->kind == CONF_SET || prop->kind == CONF_ADDRESSES;
}

static int canon_set(const struct conf_prop *p, const char *val, char *out, struct zkz_err *err)
{
	unsigned int first, last;
	struct conf_set set;

	if (!conf_set_parse(val, (unsigned int)p->max, &set) || !conf_set_range(&set, 0, &first, &last) ||
	    first < p->min)
		return err_config_not_set(err, p->min, p->max);
	/* One number in two of all is the longest list; nobody means that. */
	return conf_set_print(&set, out) ? 0 : err_config_value_long(err, CONF_SET_TEXT);
}

/* Is the text of @len bytes at @word one of the list? */
static bool has_word(const char *list, const char *word, size_t len)
{
	for (;; list++) {
		size_t n = strcspn(list, ",");

		if (n == len && !memcmp(list, word, n))
			return true;
		list += n;
		if (!*list)
			return false;
	}
}

bool conf_multi_has(const char *list, const char *word)
{
	return has_word(list, word, strlen(word));
}

static void append(char *list, const char *word, size_t len)
{
	size_t n = strlen(list);

	snprintf(list + n, CONF_MAX_VALUE - n, "%s%.*s", n ? "," : "", (int)len, word);
}

/* Each once, in the order of the choices. */
static int canon_words(const struct conf_prop *p, const char *val, char *out, struct zkz_err *err)
{
	const char *at = val;
	char list[256];
	int i;

	for (;; at++) {
		size_t len = strcspn(at, ",");

		for (i = 0; p->choices[i]; i++)
			if (strlen(p->choices[i]) == len && !memcmp(p->choices[i], at, len))
				break;
		if (!p->choices[i])
			return err_config_not_choice(err, p->name, conf_choices(p, list, sizeof(list)));
		at += len;
		if (!*at)
			break;
	}
	out[0] = '\0';
	for (i = 0; p->choices[i]; i++)
		if (conf_multi_has(val, p->choices[i]))
			append(out, p->choices[i], strlen(p->choices[i]));
	return 0;
}

/* Each once, in the order that they were written. */
static int canon_addresses(const char *val, char *out, struct zkz_err *err)
{
	struct conf_address a[CONF_MAX_ADDRESSES];
	int i, n = conf_addresses_parse(val, a);
	char text[CONF_ADDRESS_TEXT];

	if (n < 0)
		return err_config_not_addresses(err, CONF_MAX_ADDRESSES);
	out[0] = '\0';
	for (i = 0; i < n; i++) {
		conf_address_print(a + i, text);
		if (!conf_multi_has(out, text))
			append(out, text, strlen(text));
	}
	return 0;
}

int conf_multi_canon(const struct conf_prop *prop, const char *val, char *out, struct zkz_err *err)
{
	if (prop->kind == CONF_SET)
		return canon_set(prop, val, out, err);
	return prop->kind == CONF_WORDS ? canon_words(prop, val, out, err) : canon_addresses(val, out, err);
}

int conf_multi_add(const struct conf_prop *prop, const char *old, const char *val, char *out, struct zkz_err *err)
{
	char all[CONF_MAX_VALUE];

	if (conf_multi_canon(prop, val, out, err))
		return -1;
	if (!old)
		return 0;
	if ((size_t)snprintf(all, sizeof(all), "%s,%s", old, out) >= sizeof(all))
		return err_config_value_long(err, CONF_MAX_VALUE - 1);
	return conf_multi_canon(prop, all, out, err);
}

static int remove_set(const struct conf_prop *p, const char *old, const char *gone, char *out, struct zkz_err *err)
{
	struct conf_set set, less;

	conf_set_parse(old, (unsigned int)p->max, &set);
	conf_set_parse(gone, (unsigned int)p->max, &less);
	if (!conf_set_less(&set, &less))
		return err_config_not_in_list(err, p->name, old);
	return conf_set_print(&set, out) ? 0 : err_config_value_long(err, CONF_SET_TEXT);
}

static int remove_words(const struct conf_prop *p, const char *old, const char *gone, char *out, struct zkz_err *err)
{
	const char *at;
	size_t len;

	for (at = gone;; at++) {
		len = strcspn(at, ",");
		if (!has_word(old, at, len))
			return err_config_not_in_list(err, p->name, old);
		at += len;
		if (!*at)
			break;
	}
	out[0] = '\0';
	for (at = old;; at++) {
		len = strcspn(at, ",");
		if (!has_word(gone, at, len))
			append(out, at, len);
		at += len;
		if (!*at)
			return 0;
	}
}

int conf_multi_remove(const struct conf_prop *prop, const char *old, const char *val, char *out, struct zkz_err *err)
{
	char gone[CONF_MAX_VALUE];

	if (conf_multi_canon(prop, val, gone, err))
		return -1;
	if (!old)
		return err_config_not_in_list(err, prop->name, "");
	return prop->kind == CONF_SET ? remove_set(prop, old, gone, out, err) :
		remove_words(prop, old, gone, out, err);
}
