// SPDX-License-Identifier: GPL-2.0
/* Checking of values: the half of schema.h that looks at texts. */
#include "conf/schema.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "conf/multi.h"

bool conf_parse_number(const char *text, uint64_t *value)
{
	uint64_t v = 0;

	if (!*text)
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		unsigned int d = (unsigned int)(*text - '0');

		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*value = v;
	return *text == '\0';
}

bool conf_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	unsigned int shift = 0;
	char digits[24];
	const char *unit;
	uint64_t v;

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len + 1);
	unit = strchr(units, toupper((unsigned char)digits[len - 1]));
	if (unit && *unit) {
		shift = 10 * (unsigned int)(unit - units + 1);
		digits[len - 1] = '\0';
	}
	if (!conf_parse_number(digits, &v) || v > (UINT64_MAX >> shift))
		return false;
	*bytes = v << shift;
	return true;
}

static void print_size(uint64_t v, char *out, size_t size)
{
	static const char units[] = "KMGT";
	int u = -1;

	while (v && v % 1024 == 0 && u < 3) {
		v /= 1024;
		u++;
	}
	if (u < 0)
		snprintf(out, size, "%" PRIu64, v);
	else
		snprintf(out, size, "%" PRIu64 "%c", v, units[u]);
}

static int canon_size(const struct conf_prop *p, const char *val, char *out,
		      struct zkz_err *err)
{
	char lo[24], hi[24], step[24];
	uint64_t v;

	print_size(p->min, lo, sizeof(lo));
	print_size(p->max, hi, sizeof(hi));
	print_size(p->step, step, sizeof(step));
	if (!conf_parse_size(val, &v))
		return err_config_not_size(err);
	if (v < p->min || v > p->max || v % p->step)
		return err_config_size_range(err, p->name, lo, hi, step);
	print_size(v, out, CONF_MAX_VALUE);
	return 0;
}

static int canon_number(const struct conf_prop *p, const char *val, char *out,
			struct zkz_err *err)
{
	uint64_t v;

	if (!conf_parse_number(val, &v) || v < p->min || v > p->max)
		return err_config_number_range(err, p->name, p->min, p->max);
	snprintf(out, CONF_MAX_VALUE, "%" PRIu64, v);
	return 0;
}

static int canon_port(const struct conf_prop *p, const char *val, char *out, struct zkz_err *err)
{
	if (strcmp(val, "auto"))
		return canon_number(p, val, out, err);
	strcpy(out, val);
	return 0;
}

static int canon_mac(const char *val, char *out, struct zkz_err *err)
{
	unsigned int b[6];
	int n = 0;

	if (!strcmp(val, "auto")) {
		strcpy(out, val);
		return 0;
	}
	if (sscanf(val, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &n) != 6 || val[n] || strspn(val, "0123456789abcdefABCDEF:") != strlen(val))
		return err_config_not_mac(err);
	if (b[0] & 1 || !(b[0] | b[1] | b[2] | b[3] | b[4] | b[5]))
		return err_config_mac_group(err);
	snprintf(out, CONF_MAX_VALUE, "%02x:%02x:%02x:%02x:%02x:%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5]);
	return 0;
}

static bool all_of(const char *val, const char *extra)
{
	for (; *val; val++)
		if (!isalnum((unsigned char)*val) && !strchr(extra, *val))
			return false;
	return true;
}

static int canon_name(enum err_naming what, const char *val, size_t max, char *out,
		      struct zkz_err *err)
{
	size_t len = strlen(val);

	if (!len || len > max || !all_of(val, "-_.") || !strcmp(val, ".") ||
	    !strcmp(val, ".."))
		return err_config_not_name(err, what, max);
	strcpy(out, val);
	return 0;
}

/* "q35" alone is another machine in each version of QEMU. Distributions have versions of their own. */
static int canon_q35(const char *val, char *out, struct zkz_err *err)
{
	static const char family[] = "pc-q35-", chars[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	size_t len = strlen(val), head = sizeof(family) - 1;

	if (strncmp(val, family, head) || len == head || len > 47 || strspn(val + head, chars) != len - head)
		return err_config_not_machine_type(err);
	strcpy(out, val);
	return 0;
}

static int canon_uuid(const char *val, char *out, struct zkz_err *err)
{
	static const char like[] = "00000000-0000-0000-0000-000000000000";
	size_t i;

	if (!strcmp(val, "auto")) {
		strcpy(out, val);
		return 0;
	}
	for (i = 0; like[i]; i++) {
		if (like[i] == '-' ? val[i] != '-' : !isxdigit((unsigned char)val[i]))
			return err_config_not_uuid(err);
		out[i] = (char)tolower((unsigned char)val[i]);
	}
	out[i] = '\0';
	return val[i] || !strcmp(out, like) ? err_config_not_uuid(err) : 0;
}

static int canon_path(const char *val, char *out, struct zkz_err *err)
{
	if (val[0] != '/')
		return err_config_not_path(err);
	if (strlen(val) > 1023)
		return err_config_value_long(err, 1023);
	strcpy(out, val);
	return 0;
}

static int canon_choice(const struct conf_prop *p, const char *val, char *out,
			struct zkz_err *err)
{
	const char *const *v;
	char list[256];

	for (v = conf_values(p); *v; v++) {
		if (!strcmp(*v, val)) {
			strcpy(out, val);
			return 0;
		}
	}
	return err_config_not_choice(err, p->name, conf_choices(p, list, sizeof(list)));
}

const char *conf_range(const struct conf_prop *p, char *out, size_t size)
{
	static const char *const words[] = {
		[CONF_TEXT] = "text", [CONF_MAC] = "MAC address or auto", [CONF_LINK] = "interface",
		[CONF_PATH] = "absolute path", [CONF_URI] = "storage URI", [CONF_NAME] = "name",
		[CONF_Q35] = "machine type with a version", [CONF_UUID] = "UUID or auto",
		[CONF_ADDRESSES] = "IP addresses and networks with commas",
	};
	char lo[24], hi[24], step[24];
	size_t n = 0;

	if (p->kind == CONF_WORDS)
		n = (size_t)snprintf(out, size, "some of ");
	if (conf_values(p)) {
		conf_choices(p, out + n, size - n);
		return out;
	}
	print_size(p->min, lo, sizeof(lo));
	print_size(p->max, hi, sizeof(hi));
	print_size(p->step, step, sizeof(step));
	if (p->kind == CONF_SIZE)
		snprintf(out, size, "%s to %s in steps of %s", lo, hi, step);
	else if (p->kind == CONF_NUMBER || p->kind == CONF_SET || p->kind == CONF_PORT)
		snprintf(out, size, "%s%" PRIu64 " to %" PRIu64 "%s", p->kind == CONF_SET ? "some of " : "", p->min,
			 p->max, p->kind == CONF_PORT ? ", or auto" : "");
	else
		snprintf(out, size, "%s", words[p->kind]);
	return out;
}

int conf_canon(const struct conf_prop *p, const char *val, char *out,
	       struct zkz_err *err)
{
	if (strlen(val) >= CONF_MAX_VALUE)
		return err_config_value_long(err, CONF_MAX_VALUE - 1);

	switch (p->kind) {
	case CONF_TEXT:
	case CONF_URI:
		strcpy(out, val);
		return 0;
	case CONF_NUMBER:
		return canon_number(p, val, out, err);
	case CONF_PORT:
		return canon_port(p, val, out, err);
	case CONF_SIZE:
		return canon_size(p, val, out, err);
	case CONF_MAC:
		return canon_mac(val, out, err);
	case CONF_LINK:
		return canon_name(ERR_NAMING_LINK, val, 15, out, err);
	case CONF_PATH:
		return canon_path(val, out, err);
	case CONF_BOOL:
	case CONF_CHOICE:
		return canon_choice(p, val, out, err);
	case CONF_NAME:
		return canon_name(ERR_NAMING_NAME, val, 63, out, err);
	case CONF_Q35:
		return canon_q35(val, out, err);
	case CONF_UUID:
		return canon_uuid(val, out, err);
	case CONF_SET:
	case CONF_WORDS:
	case CONF_ADDRESSES:
		return conf_multi_canon(p, val, out, err);
	}
	return err_internal(err, ERR_IMPOSSIBLE_KIND);
}

bool conf_zone_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= 63 && isalnum((unsigned char)name[0]) &&
	       all_of(name, "-_.") && strcmp(name, "global") &&
	       strncmp(name, "SYS", 3);
}
