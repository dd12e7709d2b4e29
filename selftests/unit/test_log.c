// SPDX-License-Identifier: GPL-2.0
/* Lines of the log, in a file and in the journal of systemd. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "unit.h"

static char line[2048];

/* What is written of one message, by a process that was told of this journal */
static const char *written(enum log_level level, const char *text, int inode_off)
{
	char stream[64];
	struct stat st;
	ssize_t n;
	int fd[2];

	line[0] = 0;
	if (pipe(fd))
		return line;
	if (!fstat(fd[1], &st)) {
		snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
			 (uintmax_t)st.st_ino + inode_off);
		setenv("JOURNAL_STREAM", stream, 1);
		log_init("unit", fd[1], LOG_DEBUG);
		log_msg(level, "%s", text);
		n = read(fd[0], line, sizeof(line) - 1);
		line[n > 0 ? n : 0] = 0;
	}
	log_init("unit", 2, LOG_NOTE);
	unsetenv("JOURNAL_STREAM");
	close(fd[0]);
	close(fd[1]);
	return line;
}

TEST(journal_gets_priorities)
{
	CHECK(!strncmp(written(LOG_ERROR, "x", 0), "<3>2", 4));
	CHECK(!strncmp(written(LOG_WARN, "x", 0), "<4>2", 4));
	CHECK(!strncmp(written(LOG_NOTE, "x", 0), "<5>2", 4));
	CHECK(!strncmp(written(LOG_DEBUG, "x", 0), "<7>2", 4));
}

TEST(other_files_get_none)
{
	CHECK(written(LOG_ERROR, "x", 1)[0] == '2');
}

TEST(a_text_forges_no_line)
{
	const char *got = written(LOG_ERROR, "a\n<0>b", 0);

	CHECK(strstr(got, "unit: error: a <0>b\n"));
	CHECK(strchr(got, '\n') == got + strlen(got) - 1);
}
