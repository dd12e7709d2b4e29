/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of the log with their fields, for the journal of systemd. */
#ifndef ZKZ_LIB_JOURNALD_H
#define ZKZ_LIB_JOURNALD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "lib/event.h"

#define JOURNALD_FIELDS	5
/* Room for the fields of a line: a text of the log, a zone and a host, with their names. */
#define JOURNALD_SIZE	2048

/**
 * struct journald_line - one line
 * @priority: as of syslog(3), 0 to 7
 * @event:    what it tells of, EVENT_NONE if that is nothing to look for
 * @zone:     it is about that one; empty if about none
 * @peer:     the other host of a migration, may be empty
 * @text:     what people read
 */
struct journald_line {
	int priority;
	enum event event;
	const char *zone;
	const char *peer;
	const char *text;
};

/** journald_has() - whether systemd has connected this descriptor with its journal */
bool journald_has(int fd);

/**
 * journald_fields() - "NAME=value" of all that a line has
 * @line:  the line
 * @store: JOURNALD_SIZE bytes that the fields are made in; a text that is too long is cut off
 * @field: JOURNALD_FIELDS places, filled with pointers into @store
 *
 * Return: how many there are.
 */
int journald_fields(const struct journald_line *line, char *store, struct iovec *field);

/** journald_send() - into the journal; nothing can be done if that fails */
void journald_send(const struct journald_line *line);

#endif
