// SPDX-License-Identifier: GPL-2.0
/* The configuration language: what is accepted must be the same after export and parse. */
#include <string.h>

#include "conf/session.h"
#include "fuzz.h"
#include "storage/uri.h"
#include "zone/model.h"

static char *export(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	FUZZ_ASSERT(f);
	conf_export(c, f);
	fclose(f);
	return text;
}

static void round_trip(const char *text, size_t len)
{
	struct zkz_err err = { 0 };
	struct conf *one = conf_parse("z1", text, len, &err), *two;
	struct zone_model *zone;
	char *first, *second;
	size_t n1, n2;

	if (!one) {
		FUZZ_ASSERT(err.id && err.text[0]);
		return;
	}
	first = export(one, &n1);
	two = conf_parse("z1", first, n1, &err);
	FUZZ_ASSERT(two);
	second = export(two, &n2);
	FUZZ_ASSERT(n1 == n2 && !memcmp(first, second, n1));
	zone = calloc(1, sizeof(*zone));
	FUZZ_ASSERT(zone);
	zone_model_from_conf("z1", two, zone, &err);
	free(zone);
	free(first);
	free(second);
	conf_free(one);
	conf_free(two);
}

/* The same text as an editing session, where info, export and help are allowed too. */
static void session(const char *text, size_t len)
{
	static const struct conf_hooks hooks = { .check_uri = uri_check };
	struct zkz_err err = { 0 };
	struct conf_session s;
	char *shown = NULL;
	FILE *out;
	size_t n;

	conf_session_init(&s, "z1", NULL, &hooks);
	out = open_memstream(&shown, &n);
	FUZZ_ASSERT(out);
	s.out = out;
	if (conf_session_run(&s, text, len, &err))
		FUZZ_ASSERT(err.id && err.text[0]);
	conf_session_fini(&s);
	fclose(out);
	free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	round_trip((const char *)data, size);
	session((const char *)data, size);
	return 0;
}
