// SPDX-License-Identifier: GPL-2.0
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/journald.h"

#define TEXT_MAX	1280

static struct {
	char tag[96];
	char zone[64];
	char peer[256];
	int fd;
	bool own;	/* the tag is the program's name */
	bool journal;
	enum log_level level;
} the_log = { .tag = "zkz", .fd = 2, .level = LOG_NOTE };

static const struct {
	const char *name;
	int priority;	/* of syslog(3) */
} levels[] = {
	[LOG_ERROR] = { "error", 3 },
	[LOG_WARN] = { "warning", 4 },
	[LOG_NOTE] = { "note", 5 },
	[LOG_DEBUG] = { "debug", 7 },
};

void log_init(const char *tag, int fd, enum log_level level)
{
	snprintf(the_log.tag, sizeof(the_log.tag), "%s", tag);
	the_log.own = !strcmp(tag, program_invocation_short_name);
	the_log.fd = fd;
	/* That of the service: a file of our own is none. */
	the_log.journal = journald_has(2);
	the_log.level = level;
}

void log_zone(const char *zone)
{
	snprintf(the_log.zone, sizeof(the_log.zone), "%s", zone ? zone : "");
}

void log_peer(const char *host)
{
	snprintf(the_log.peer, sizeof(the_log.peer), "%s", host ? host : "");
}

/* What others say (QEMU, a peer) must not forge lines of ours. */
static void flatten(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

/* The journal knows the time, the program and the level by itself. */
static void to_journal(enum log_level level, enum event event, const char *text)
{
	char whole[TEXT_MAX + sizeof(the_log.tag)];
	struct journald_line line = {
		.priority = levels[level].priority, .event = event, .zone = the_log.zone, .peer = the_log.peer,
		.text = text,
	};

	if (!the_log.own) {
		snprintf(whole, sizeof(whole), "%s: %s", the_log.tag, text);
		line.text = whole;
	}
	journald_send(&line);
}

static void to_file(enum log_level level, const char *text)
{
	char line[TEXT_MAX + sizeof(the_log.tag) + 64];
	char utc[UTC_TEXT_SIZE];
	int n = snprintf(line, sizeof(line), "%s %s: %s: %s\n", clock_utc_text(clock_real_ns(), utc), the_log.tag,
			 levels[level].name, text);

	/* One write keeps lines of several processes whole (O_APPEND). */
	if (write(the_log.fd, line, (size_t)n) < 0)
		errno = 0;	/* there is no better place to say that */
}

void log_event(enum log_level level, enum event event, const char *fmt, ...)
{
	int saved = errno;
	char text[TEXT_MAX];
	va_list ap;

	if (level > the_log.level)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	flatten(text);
	if (!the_log.journal || the_log.fd != 2)
		to_file(level, text);
	if (the_log.journal)
		to_journal(level, event, text);
	errno = saved;
}
