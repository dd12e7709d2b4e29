// SPDX-License-Identifier: GPL-2.0
/* Asking a program what it can do. The program is a script, which may hang, end or talk nonsense. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "qemu/ask.h"
#include "unit.h"

#define ANSWER(id, what)	"read -r l; echo '{\"return\": " what ", \"id\": " #id "}'\n"
#define GREETING		"echo '{\"QMP\": {}}'\n" ANSWER(1, "{}")
#define VERSION			ANSWER(2, "{\"qemu\": {\"major\": 10, \"minor\": 0, \"micro\": 13}}")
#define MACHINES		ANSWER(3, "[{\"name\": \"pc-q35-7.2\", \"deprecated\": false}]")
#define SCHEMA			ANSWER(4, "[{\"name\": \"getfd\", \"meta-type\": \"command\"}]")
#define NO(id, why)		"read -r l; echo '{\"error\": {\"desc\": \"" why "\"}, \"id\": " #id "}'\n"
/* What QEMU 7.2 says of an empty path, and of a driver that is in a package of its own. */
#define NFS			NO(5, "Invalid URL specified")
#define NO_ISCSI		"read -r l; echo \"{\\\"error\\\": {\\\"desc\\\": \\\"Unknown driver 'iscsi'\\\"}, \\\"id\\\": 6}\"\n"

static struct ability able;
static struct zkz_err why;
static uint64_t took_ms;

static int ask(const char *body, uint64_t ms)
{
	char path[] = "/tmp/zkz-test-ask-XXXXXX";
	uint64_t before = clock_mono_ns();
	int fd = mkstemp(path), rc;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		return -2;
	fprintf(f, "#!/bin/sh\n%s", body);
	fchmod(fd, 0700);
	fclose(f);
	memset(&why, 0, sizeof(why));
	rc = ask_qemu(path, NULL, "z1", &able, deadline_in_ms(ms), &why);
	took_ms = (clock_mono_ns() - before) / NSEC_PER_MSEC;
	unlink(path);
	return rc;
}

TEST(it_is_asked_and_ended)
{
	/* It would wait for ever. */
	NEED(!ask(GREETING VERSION MACHINES SCHEMA NFS NO_ISCSI "exec sleep 1000", 60000));
	CHECK_STR(able.version, "10.0.13");
	CHECK_INT(able.types, 1);
	CHECK_INT(able.can, ABLE_NFS);
	CHECK(took_ms < 55000);
}

TEST(a_program_that_hangs_is_killed)
{
	NEED(ask(GREETING "trap '' TERM\nread -r l; echo 'I think about it' >&2; exec sleep 1000", 3000));
	CHECK(took_ms < 55000);
	CHECK_HAS(why.text, "/tmp/zkz-test-ask-");
	CHECK_HAS(why.text, "I think about it");
}

TEST(the_last_words_are_told)
{
	NEED(ask("echo first >&2; echo 'libfoo.so.1: no such file' >&2; exit 127", 60000));
	CHECK_HAS(why.text, "libfoo.so.1: no such file");
	CHECK(!strstr(why.text, "first"));
	NEED(ask("exit 1", 60000));
	CHECK_HAS(why.text, "no reason was given");
	CHECK_HAS(why.remedy, "-version");
}

TEST(nonsense_is_refused)
{
	CHECK(ask("echo nonsense; exec sleep 1000", 60000));
	CHECK(ask(GREETING VERSION ANSWER(3, "7") SCHEMA "exec sleep 1000", 60000));
	CHECK_HAS(why.text, "query-machines");
	CHECK(ask(GREETING "read -r l; echo '{\"error\": {\"desc\": \"not today\"}, \"id\": 2}'", 60000));
	CHECK_HAS(why.text, "not today");
	memset(&why, 0, sizeof(why));
	CHECK(ask_qemu("/nonexistent/qemu", NULL, "z1", &able, deadline_in_ms(60000), &why));
	CHECK(err_is(&why, ERR_PROGRAM_MISSING));
}
