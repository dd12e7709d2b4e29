/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit tests of pure code, as TAP.
 *
 * A test program is one test_NOUN.c with any number of TEST()s; main() is in unit.c. A check that fails says so
 * and the test goes on, so that one run shows all that is wrong; NEED() ends the test at once. Sanitizers make
 * every overrun or leak a failure as well.
 */
#ifndef ZKZ_SELFTESTS_UNIT_H
#define ZKZ_SELFTESTS_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** struct unit_test - one registered TEST() */
struct unit_test {
	const char *name;
	void (*fn)(void);
	struct unit_test *next;
};

void unit_register(struct unit_test *test);

/** unit_check() - report one check; returns @ok */
bool unit_check(bool ok, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** unit_check_bytes() - compare memory and show where it differs */
bool unit_check_bytes(const void *got, size_t got_len, const void *want, size_t want_len, const char *file, int line);

/**
 * unit_check_golden() - compare a text with selftests/unit/golden/NAME
 *
 * With UNIT_UPDATE=1 in the environment the file is written instead.
 */
bool unit_check_golden(const char *name, const char *got, const char *file, int line);

/**
 * unit_corpus() - call @fn for every file of a folder, in order of names
 * @dir: below the top of the source tree
 * @fn:  gets the file's name and its bytes
 *
 * Return: how many files there were.
 */
unsigned int unit_corpus(const char *dir, void (*fn)(const char *name, const char *bytes, size_t len));

/** unit_skip() - the test cannot be made here, and why */
void unit_skip(const char *why);

/** TEST(name) { ... } - define and register a test */
#define TEST(name)								\
	static void test_##name(void);						\
	static struct unit_test unit_##name = { #name, test_##name, NULL };	\
	__attribute__((constructor)) static void register_##name(void)		\
	{									\
		unit_register(&unit_##name);					\
	}									\
	static void test_##name(void)

#define CHECK(cond) unit_check(!!(cond), __FILE__, __LINE__, "%s", #cond)

#define CHECK_INT(got, want) do {						\
	long long got_ = (long long)(got), want_ = (long long)(want);		\
	unit_check(got_ == want_, __FILE__, __LINE__, "%s is %lld, not %lld", #got, got_, want_); \
} while (0)

#define CHECK_STR(got, want) do {						\
	const char *got_ = (got), *want_ = (want);				\
	unit_check(got_ && !strcmp(got_, want_), __FILE__, __LINE__,		\
		   "%s is \"%s\", not \"%s\"", #got, got_ ? got_ : "(null)", want_); \
} while (0)

/* @got contains @part: for messages, which must name the thing but may be reworded. */
#define CHECK_HAS(got, part) do {						\
	const char *got_ = (got), *part_ = (part);				\
	unit_check(got_ && strstr(got_, part_), __FILE__, __LINE__,		\
		   "%s is \"%s\", without \"%s\"", #got, got_ ? got_ : "(null)", part_); \
} while (0)

#define CHECK_BYTES(got, got_len, want, want_len) unit_check_bytes(got, got_len, want, want_len, __FILE__, __LINE__)
#define CHECK_GOLDEN(name, got) unit_check_golden(name, got, __FILE__, __LINE__)

#define NEED(cond) do {								\
	if (!unit_check(!!(cond), __FILE__, __LINE__, "%s", #cond))		\
		return;								\
} while (0)

#endif
