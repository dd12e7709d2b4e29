// SPDX-License-Identifier: GPL-2.0
/* Which lines of /proc/PID/maps tell of a program or library that was replaced. */
#include <stdio.h>

#include "lib/stale.h"
#include "unit.h"

static const char *look(const char *text)
{
	static char line[300];

	snprintf(line, sizeof(line), "%s", text);
	return stale_map(line);
}

TEST(replaced_code_is_found)
{
	CHECK_STR(look("7f0000-7f1000 r-xp 00001000 fd:01 77  /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)"),
		  "/usr/lib/x86_64-linux-gnu/libc.so.6");
	CHECK_STR(look("7f0000-7f1000 r-xp 00001000 fd:01 77  /opt/a b/q (deleted)"), "/opt/a b/q");
}

TEST(what_is_there_is_not)
{
	CHECK(!look("7f0000-7f1000 r-xp 00001000 fd:01 77  /usr/lib/libc.so.6"));
	CHECK(!look("7f0000-7f1000 r--p 00001000 fd:01 77  /usr/lib/libc.so.6 (deleted)"));
	CHECK(!look("7f0000-7f1000 rw-p 00001000 fd:01 77  /usr/lib/libc.so.6 (deleted)"));
}

TEST(memory_is_not)
{
	CHECK(!look("7f0000-7f1000 rwxp 00000000 00:01 5  /memfd:doublemapper (deleted)"));
	CHECK(!look("7f0000-7f1000 rwxs 00000000 00:01 5  /dev/zero (deleted)"));
	CHECK(!look("7f0000-7f1000 rwxs 00000000 00:01 5  /SYSV00000000 (deleted)"));
	CHECK(!look("7f0000-7f1000 r-xp 00000000 00:00 0  [vdso]"));
}

TEST(nonsense_is_not)
{
	CHECK(!look(""));
	CHECK(!look(" (deleted)"));
	CHECK(!look("x"));
	CHECK(!look("/usr/lib/libc.so.6 r-xp (deleted)"));
	CHECK(!look("a rx /x (deleted)"));
}
