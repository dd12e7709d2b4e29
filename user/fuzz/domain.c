// SPDX-License-Identifier: GPL-2.0
/* Descriptions of libvirt: whatever comes of one is of the language, and reads back the same. */
#include <string.h>

#include "conf/session.h"
#include "fuzz.h"
#include "libvirt/domain.h"

static void told(const struct zkz_err *warning, void *arg)
{
	(void)arg;
	FUZZ_ASSERT(warning->id && warning->text[0]);
}

static char *export(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	FUZZ_ASSERT(f);
	conf_export(c, f);
	fclose(f);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zkz_err err = { 0 };
	struct conf *c = domain_to_conf((const char *)data, size, told, NULL, &err), *again;
	char *one, *two;
	size_t n1, n2;

	if (!c) {
		FUZZ_ASSERT(err.id && err.text[0]);
		return 0;
	}
	one = export(c, &n1);
	again = conf_parse("z1", one, n1, &err);
	/* It need not be complete; if it is, nothing in it is said in another way than zkz does. */
	if (again) {
		two = export(again, &n2);
		FUZZ_ASSERT(n1 == n2 && !memcmp(one, two, n1));
		free(two);
	}
	FUZZ_ASSERT(again || conf_check(c, &err));
	conf_free(again);
	conf_free(c);
	free(one);
	return 0;
}
