/* SPDX-License-Identifier: GPL-2.0 */
/* The columns in which zones are listed. */
#ifndef ZKZ_ZKZ_COLUMN_H
#define ZKZ_ZKZ_COLUMN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define COLUMNS_MAX	16

/* The fields of 'zkz list -p'; new ones come last. */
#define COLUMNS_PARSABLE	"id,name,state,path,uuid,brand,ip-type,aux"

/** struct columns - which columns there are, in order */
struct columns {
	unsigned int nr;
	unsigned int which[COLUMNS_MAX];
};

/**
 * columns_parse() - "name,state"; "all" are all
 * @c:    filled
 * @text: names with commas between
 *
 * Return: true, or false if there is no such column, or too many.
 */
bool columns_parse(struct columns *c, const char *text);

/** columns_names() - "id, name, ..."; for help */
const char *columns_names(void);

/**
 * columns_table() - zones for people, a line each below the titles
 * @c:     columns
 * @zones: array of items of the operation "list"
 * @f:     where to
 */
void columns_table(const struct columns *c, const json_t *zones, FILE *f);

/** columns_fields() - one zone for programs: "id:name", where ':' and '\' in a field have a '\' before them */
void columns_fields(const struct columns *c, const json_t *zone, FILE *f);

#endif
