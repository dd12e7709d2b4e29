// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual machines of libvirt as zones: what each description of the corpus becomes, and what is told of it, is in
 * golden/domain-NAME.txt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/session.h"
#include "libvirt/domain.h"
#include "unit.h"

static void tell(const struct zkz_err *warning, void *arg)
{
	fprintf(arg, "# %s\n", warning->text);
	CHECK(warning->remedy[0]);
}

static void become(const char *name, const char *bytes, size_t len)
{
	struct zkz_err err = { 0 };
	char *text = NULL, golden[128];
	struct conf *c;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	NEED(f);
	c = domain_to_conf(bytes, len, tell, f, &err);
	if (c)
		conf_export(c, f);
	else /* The line where one sees it depends on the library. */
		fprintf(f, "%.*s\n", (int)strcspn(err.text, ","), err.text);
	fclose(f);
	unit_check(!c == !strncmp(name, "bad-", 4), __FILE__, __LINE__, "%s: %s", name, err.text);
	snprintf(golden, sizeof(golden), "domain-%s.txt", name);
	CHECK_GOLDEN(golden, text);
	conf_free(c);
	free(text);
}

TEST(descriptions_become_zones)
{
	CHECK(unit_corpus("user/fuzz/corpus/domain", become) > 8);
}

static bool has(const char *xml, const char *line)
{
	struct zkz_err err = { 0 };
	char *text = NULL;
	struct conf *c;
	size_t size;
	bool found;
	FILE *f = open_memstream(&text, &size);

	c = f ? domain_to_conf(xml, strlen(xml), tell, f, &err) : NULL;
	if (c)
		conf_export(c, f);
	if (f)
		fclose(f);
	found = c && strstr(text, line);
	conf_free(c);
	free(text);
	return found;
}

#define MEMORY(unit, n) "<domain type='kvm'><memory" unit ">" n "</memory></domain>"

TEST(units_of_memory)
{
	CHECK(has(MEMORY("", "1048576"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='b'", "1073741824"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='bytes'", "1073741824"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='k'", "1048576"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='KiB'", "1048576"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='M'", "1024"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='GiB'", "1"), "physical=1G\n"));
	CHECK(has(MEMORY(" unit='T'", "1"), "physical=1T\n"));
	/* Rounded up, and told. */
	CHECK(has(MEMORY(" unit='MB'", "1000"), "physical=954M\n"));
	CHECK(has(MEMORY(" unit='MB'", "1000"), "# The memory is 954 MiB now"));
	/* What a zone cannot have is left, and told. */
	CHECK(has(MEMORY(" unit='EiB'", "1"), "# Line 1: memory is not taken over"));
	CHECK(has(MEMORY(" unit='TiB'", "99999999999999999999"), "# Line 1: memory is not taken over"));
	CHECK(has(MEMORY("", "much"), "# Line 1: memory is not taken over"));
}

TEST(too_much_is_refused)
{
	size_t size = 2 * 1024 * 1024;
	struct zkz_err err = { 0 };
	char *text = malloc(size);

	NEED(text);
	memset(text, ' ', size);
	memcpy(text, "<domain>", 8);
	CHECK(!domain_to_conf(text, size, tell, stdout, &err));
	CHECK_HAS(err.text, "no XML");
	free(text);
}
