// SPDX-License-Identifier: GPL-2.0
#include "zkz/column.h"

#include <stddef.h>
#include <string.h>

#include "lib/jsonl.h"

/**
 * struct column - one column
 * @name:  as it is asked for, and as zkzd calls it
 * @title: above it
 * @width: at least
 * @right: numbers
 */
struct column {
	const char *name;
	const char *title;
	int width;
	bool right;
};

static const struct column columns[] = {
	{ "id", "ID", 4, true },
	{ "name", "NAME", 16, false },
	{ "state", "STATUS", 11, false },
	{ "aux", "AUXILIARY STATE", 15, false },
	{ "path", "PATH", 9, false },
	{ "uuid", "UUID", 4, false },
	{ "brand", "BRAND", 12, false },
	{ "ip-type", "IP", 6, false },
	{ "why", "REASON", 6, false },
	{ "epoch", "EPOCH", 5, true },
};

#define COLUMNS		(sizeof(columns) / sizeof(columns[0]))
#define CELL_SIZE	256

static bool add(struct columns *c, unsigned int which)
{
	if (c->nr == COLUMNS_MAX)
		return false;
	c->which[c->nr++] = which;
	return true;
}

static bool add_named(struct columns *c, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < COLUMNS; i++)
		if (strlen(columns[i].name) == len && !strncmp(columns[i].name, name, len))
			return add(c, i);
	return false;
}

static bool add_all(struct columns *c)
{
	unsigned int i;

	for (i = 0; i < COLUMNS; i++)
		add(c, i);
	return true;
}

bool columns_parse(struct columns *c, const char *text)
{
	size_t len;

	c->nr = 0;
	if (!strcmp(text, "all"))
		return add_all(c);
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!add_named(c, text, len))
			return false;
		if (!text[len])
			return true;
	}
}

const char *columns_names(void)
{
	static char names[256];
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < COLUMNS && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "", columns[i].name);
	return names;
}

/* A zone that does not run has no number; that of the host itself is 0. */
static bool has_no_number(const json_t *zone, const json_t *val)
{
	return !json_integer_value(val) && !json_is_true(json_object_get(zone, "global"));
}

/* What is in a cell; empty if nothing is known. */
static void cell(const json_t *zone, const struct column *c, char *out)
{
	const json_t *val = json_object_get(zone, c->name);

	out[0] = '\0';
	if (json_is_string(val))
		snprintf(out, CELL_SIZE, "%s", json_string_value(val));
	else if (json_is_integer(val) && !(c == &columns[0] && has_no_number(zone, val)))
		snprintf(out, CELL_SIZE, "%lld", (long long)json_integer_value(val));
	if (c == &columns[0] && !out[0])
		strcpy(out, "-");
}

static int width(const struct column *c, const json_t *zones)
{
	int most = c->width, len = (int)strlen(c->title);
	char text[CELL_SIZE];
	const json_t *zone;
	size_t i;

	most = len > most ? len : most;
	json_array_foreach(zones, i, zone) {
		cell(zone, c, text);
		len = (int)strlen(text);
		most = len > most ? len : most;
	}
	return most;
}

/* Nothing is put behind the last one of a line. */
static void print_cell(FILE *f, const struct column *c, int width, bool last, const char *text)
{
	if (c->right)
		fprintf(f, "%*s%s", width, text, last ? "\n" : " ");
	else if (last)
		fprintf(f, "%s\n", text);
	else
		fprintf(f, "%-*s ", width, text);
}

void columns_table(const struct columns *c, const json_t *zones, FILE *f)
{
	int widths[COLUMNS_MAX];
	char text[CELL_SIZE];
	const json_t *zone;
	unsigned int n;
	size_t i;

	for (n = 0; n < c->nr; n++) {
		const struct column *col = &columns[c->which[n]];

		widths[n] = width(col, zones);
		print_cell(f, col, widths[n], n + 1 == c->nr, col->title);
	}
	json_array_foreach(zones, i, zone) {
		for (n = 0; n < c->nr; n++) {
			cell(zone, &columns[c->which[n]], text);
			print_cell(f, &columns[c->which[n]], widths[n], n + 1 == c->nr, text[0] ? text : "-");
		}
	}
}

void columns_fields(const struct columns *c, const json_t *zone, FILE *f)
{
	char text[CELL_SIZE];
	const char *s;
	unsigned int n;

	for (n = 0; n < c->nr; n++) {
		cell(zone, &columns[c->which[n]], text);
		for (s = text; *s; s++) {
			if (*s == ':' || *s == '\\')
				putc('\\', f);
			putc(*s, f);
		}
		putc(n + 1 < c->nr ? ':' : '\n', f);
	}
}
