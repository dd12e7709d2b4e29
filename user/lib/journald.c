// SPDX-License-Identifier: GPL-2.0
/* Where in the sources a line comes from is nobody's business but ours. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "lib/journald.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

/* systemd says which file it gave to a service; another one may have taken its place since. */
bool journald_has(int fd)
{
	const char *told = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!told || fstat(fd, &st))
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(told, own);
}

/**
 * struct fields - a line that is being taken apart
 * @field: those there are
 * @nr:    how many
 * @at:    where the next one begins
 * @left:  room from there on
 */
struct fields {
	struct iovec *field;
	int nr;
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3)))
static void add(struct fields *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(f->at, f->left, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= f->left)
		n = (int)f->left - 1;
	f->field[f->nr++] = (struct iovec){ f->at, (size_t)n };
	f->at += n;
	f->left -= (size_t)n;
}

/* The text is the last, because it is what may be cut off. */
int journald_fields(const struct journald_line *line, char *store, struct iovec *field)
{
	struct fields f = { .field = field, .at = store, .left = JOURNALD_SIZE };
	const char *id = event_message_id(line->event);

	add(&f, "PRIORITY=%d", line->priority);
	if (id)
		add(&f, "MESSAGE_ID=%s", id);
	if (line->zone[0])
		add(&f, "ZKZ_ZONE=%.64s", line->zone);
	if (line->peer[0])
		add(&f, "ZKZ_PEER=%.256s", line->peer);
	add(&f, "MESSAGE=%s", line->text);
	return f.nr;
}

void journald_send(const struct journald_line *line)
{
	struct iovec field[JOURNALD_FIELDS];
	char store[JOURNALD_SIZE];
	int nr = journald_fields(line, store, field);

	sd_journal_sendv(field, nr);
}
