// SPDX-License-Identifier: GPL-2.0
/* Descriptions of libvirt: whatever comes of one is of the language, and reads back the same. */
#include <string.h>

#include "conf/session.h"
#include "fuzz.h"
#include "libvirt/domain.h"
#include "zone/store.h"

static void told(const struct zkz_err *warning, void *arg)
{
	(void)arg;
	FUZZ_ASSERT(warning->id && warning->text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zkz_err err = { 0 };
	struct conf *c = domain_to_conf((const char *)data, size, told, NULL, &err), *again;
	char *one, *two;

	if (!c) {
		FUZZ_ASSERT(err.id && err.text[0]);
		return 0;
	}
	one = zone_conf_text(c);
	FUZZ_ASSERT(one);
	again = conf_parse("z1", one, strlen(one), &err);
	/* It need not be complete; if it is, nothing in it is said in another way than zkz does. */
	FUZZ_ASSERT(again || conf_check(c, &err));
	if (again) {
		two = zone_conf_text(again);
		FUZZ_ASSERT(two && !strcmp(one, two));
		free(two);
	}
	conf_free(again);
	conf_free(c);
	free(one);
	return 0;
}
