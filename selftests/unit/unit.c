// SPDX-License-Identifier: GPL-2.0
/* The harness behind unit.h. Not for concurrent tests: one test at a time, one process a program. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#define DEADLINE_SECONDS 60	/* for one test; sanitizers are slow, machines may be busy */

static struct unit_test *first;
static unsigned int nr_tests;
static unsigned int nr_bad;	/* failed checks of the test under way */

static const char *skipped;	/* why the test under way is none */

void unit_register(struct unit_test *test)
{
	struct unit_test **at = &first;

	while (*at)
		at = &(*at)->next;
	*at = test;
	nr_tests++;
}

bool unit_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	const char *slash = strrchr(file, '/');
	va_list ap;

	if (ok)
		return true;
	nr_bad++;
	printf("# %s:%d: ", slash ? slash + 1 : file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return false;
}

void unit_skip(const char *why)
{
	skipped = why;
}

bool unit_check_bytes(const void *got, size_t got_len, const void *want, size_t want_len, const char *file, int line)
{
	const unsigned char *g = got, *w = want;
	size_t i = 0;

	while (i < got_len && i < want_len && g[i] == w[i])
		i++;
	if (i == got_len && i == want_len)
		return true;
	if (i < got_len && i < want_len)
		return unit_check(false, file, line, "byte %zu is %02x, not %02x", i, g[i], w[i]);
	return unit_check(false, file, line, "%zu bytes, not %zu", got_len, want_len);
}

/* The whole file with a terminating NUL that @len does not count, or NULL. */
static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *buf = NULL;
	size_t cap = 0, n;

	*len = 0;
	if (!f)
		return NULL;
	do {
		cap = cap ? 2 * cap : 4096;
		buf = realloc(buf, cap);
		if (!buf)
			abort();
		n = fread(buf + *len, 1, cap - *len - 1, f);
		*len += n;
	} while (n);
	fclose(f);
	buf[*len] = '\0';
	return buf;
}

static bool update_golden(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	bool ok = f && fputs(text, f) >= 0;

	if (f && fclose(f))
		ok = false;
	return ok;
}

/* Shows the first line that differs: a golden file is long, a difference mostly is not. */
static void show_difference(const char *got, const char *want)
{
	unsigned int line = 1;

	while (*got && *got == *want) {
		if (*got == '\n')
			line++;
		got++;
		want++;
	}
	printf("#   first difference in line %u: got \"%.*s\", want \"%.*s\"\n", line,
	       (int)strcspn(got, "\n"), got, (int)strcspn(want, "\n"), want);
}

bool unit_check_golden(const char *name, const char *got, const char *file, int line)
{
	char path[4096];
	char *want;
	size_t len;
	bool ok;

	snprintf(path, sizeof(path), "%s/selftests/unit/golden/%s", UNIT_TOP, name);
	if (!got)
		return unit_check(false, file, line, "no text to compare with golden/%s", name);
	if (getenv("UNIT_UPDATE"))
		return unit_check(update_golden(path, got), file, line, "cannot write %s", path);
	want = slurp(path, &len);
	if (!want)
		return unit_check(false, file, line, "golden/%s: %s; UNIT_UPDATE=1 writes it", name, strerror(errno));
	ok = unit_check(!strcmp(got, want), file, line, "text differs from golden/%s", name);
	if (!ok)
		show_difference(got, want);
	free(want);
	return ok;
}

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

unsigned int unit_corpus(const char *dir, void (*fn)(const char *name, const char *bytes, size_t len))
{
	char path[4096], file[8192];
	struct dirent **list;
	unsigned int nr = 0;
	int n, i;

	snprintf(path, sizeof(path), "%s/%s", UNIT_TOP, dir);
	n = scandir(path, &list, visible, alphasort);
	if (n < 0) {
		unit_check(false, __FILE__, __LINE__, "%s: %s", path, strerror(errno));
		return 0;
	}
	for (i = 0; i < n; i++) {
		size_t len;
		char *bytes;

		snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name);
		bytes = slurp(file, &len);
		if (bytes) {
			fn(list[i]->d_name, bytes, len);
			nr++;
		}
		free(bytes);
		free(list[i]);
	}
	free(list);
	return nr;
}

int main(void)
{
	struct unit_test *t;
	unsigned int n = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%u\n", nr_tests);
	for (t = first; t; t = t->next) {
		nr_bad = 0;
		skipped = NULL;
		alarm(DEADLINE_SECONDS);
		t->fn();
		alarm(0);
		printf("%s %u %s%s%s\n", nr_bad ? "not ok" : "ok", ++n, t->name, skipped ? " # SKIP " : "",
		       skipped ? skipped : "");
		failed += !!nr_bad;
	}
	return failed ? 1 : 0;
}
