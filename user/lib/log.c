// SPDX-License-Identifier: GPL-2.0
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"

static struct {
	char tag[96];
	int fd;
	bool journal;	/* the reader of fd understands "<3>" */
	enum log_level level;
} the_log = { .tag = "zkz", .fd = 2, .level = LOG_NOTE };

/* systemd says which file it gave to a service; another one may have taken its place since. */
static bool is_journal(int fd)
{
	const char *told = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!told || fstat(fd, &st))
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(told, own);
}

void log_init(const char *tag, int fd, enum log_level level)
{
	snprintf(the_log.tag, sizeof(the_log.tag), "%s", tag);
	the_log.fd = fd;
	the_log.journal = is_journal(fd);
	the_log.level = level;
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warning", "note", "debug" };
	static const char *const priorities[] = { "<3>", "<4>", "<5>", "<7>" };	/* of syslog(3) */
	int saved = errno;
	char utc[UTC_TEXT_SIZE];
	char line[1280];
	va_list ap;
	int n, m;
	int i;

	if (level > the_log.level)
		return;

	n = snprintf(line, sizeof(line), "%s%s %s: %s: ",
		     the_log.journal ? priorities[level] : "", clock_utc_text(clock_real_ns(), utc), the_log.tag,
		     names[level]);
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	if (m < 0)
		m = 0;
	n += m;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;

	/* What others say (QEMU, a peer) must not forge lines of ours. */
	for (i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	line[n++] = '\n';

	/* One write keeps lines of several processes whole (O_APPEND). */
	if (write(the_log.fd, line, (size_t)n) < 0)
		errno = 0;	/* there is no better place to say that */
	errno = saved;
}
