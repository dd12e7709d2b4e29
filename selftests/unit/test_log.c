// SPDX-License-Identifier: GPL-2.0
/* Lines of the log, in a file and in the journal of systemd. */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/event.h"
#include "lib/journald.h"
#include "lib/log.h"
#include "unit.h"

static char line[2048];

/* What is written of one message into a file */
static const char *written(enum log_level level, const char *text)
{
	ssize_t n = 0;
	int fd[2];

	line[0] = 0;
	if (pipe(fd))
		return line;
	log_init("unit", fd[1], LOG_NOTE);
	log_event(level, EVENT_BOOTED, "%s", text);
	log_init("unit", 2, LOG_NOTE);
	close(fd[1]);
	n = read(fd[0], line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = 0;
	close(fd[0]);
	return line;
}

TEST(a_file_gets_time_and_level)
{
	CHECK(isdigit((unsigned char)written(LOG_ERROR, "x")[0]));
	CHECK_HAS(written(LOG_ERROR, "x"), " unit: error: x\n");
	CHECK_HAS(written(LOG_WARN, "x"), " unit: warning: x\n");
	CHECK_HAS(written(LOG_NOTE, "x"), " unit: note: x\n");
	CHECK_STR(written(LOG_DEBUG, "x"), "");
}

TEST(a_text_forges_no_line)
{
	const char *got = written(LOG_ERROR, "a\n<0>b");

	CHECK(strstr(got, "unit: error: a <0>b\n"));
	CHECK(strchr(got, '\n') == got + strlen(got) - 1);
}

TEST(a_long_text_is_cut_off_and_ends_its_line)
{
	char text[4096];
	const char *got;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	got = written(LOG_ERROR, text);
	CHECK(strlen(got) > 1000);
	CHECK(strchr(got, '\n') == got + strlen(got) - 1);
}

TEST(the_journal_is_told_by_its_inode)
{
	char stream[64];
	struct stat st;
	int off;

	for (off = 0; off < 2; off++) {
		NEED(!fstat(2, &st));
		snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + off);
		setenv("JOURNAL_STREAM", stream, 1);
		CHECK_INT(journald_has(2), !off);
	}
	unsetenv("JOURNAL_STREAM");
	CHECK(!journald_has(2));
}

static bool has_field(const struct iovec *field, int nr, const char *want)
{
	int i;

	for (i = 0; i < nr; i++)
		if (field[i].iov_len == strlen(want) && !memcmp(field[i].iov_base, want, strlen(want)))
			return true;
	return false;
}

TEST(the_journal_gets_fields)
{
	struct journald_line l = {
		.priority = 5, .event = EVENT_BOOTED, .zone = "web1", .peer = "b", .text = "MESSAGE_ID=x",
	};
	struct iovec field[JOURNALD_FIELDS];
	char store[JOURNALD_SIZE];
	int nr = journald_fields(&l, store, field);

	CHECK_INT(nr, 5);
	CHECK(has_field(field, nr, "PRIORITY=5"));
	CHECK(has_field(field, nr, "MESSAGE_ID=dc6fe2947d2f449ebe6c3bdfd8d4da13"));
	CHECK(has_field(field, nr, "ZKZ_ZONE=web1"));
	CHECK(has_field(field, nr, "ZKZ_PEER=b"));
	CHECK(has_field(field, nr, "MESSAGE=MESSAGE_ID=x"));

	l = (struct journald_line){ .priority = 3, .zone = "", .peer = "", .text = "x" };
	nr = journald_fields(&l, store, field);
	CHECK_INT(nr, 2);
	CHECK(has_field(field, nr, "PRIORITY=3"));
	CHECK(has_field(field, nr, "MESSAGE=x"));
}

TEST(only_the_text_of_a_long_line_is_cut_off)
{
	char text[4096], peer[512];
	struct journald_line l = { .priority = 3, .event = EVENT_FORCED, .zone = "web1", .peer = peer, .text = text };
	struct iovec field[JOURNALD_FIELDS];
	char store[JOURNALD_SIZE];
	int nr;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	memset(peer, 'p', sizeof(peer) - 1);
	peer[sizeof(peer) - 1] = 0;
	nr = journald_fields(&l, store, field);
	CHECK_INT(nr, 5);
	CHECK(has_field(field, nr, "ZKZ_ZONE=web1"));
	CHECK(field[4].iov_len > 1280);
	CHECK((char *)field[4].iov_base + field[4].iov_len < store + JOURNALD_SIZE);
}

/* Scripts and alerts rely on them, so they stand in the manual. */
TEST(ids_are_unique_and_in_the_manual)
{
	static char page[32768];
	FILE *f = fopen(UNIT_TOP "/Documentation/man/zkzd.8", "r");
	enum event e, other;

	NEED(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = 0;
	fclose(f);
	CHECK(!event_message_id(EVENT_NONE));
	CHECK(!event_message_id(EVENTS));
	for (e = EVENT_NONE + 1; e < EVENTS; e++) {
		const char *id = event_message_id(e);

		NEED(id);
		CHECK_INT(strspn(id, "0123456789abcdef"), 32);
		CHECK_INT(strlen(id), 32);
		CHECK_HAS(page, id);
		for (other = EVENT_NONE + 1; other < e; other++)
			CHECK(strcmp(id, event_message_id(other)));
	}
}
