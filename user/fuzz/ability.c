// SPDX-License-Identifier: GPL-2.0
/* What QEMU answers when it is asked what it can do, and what is kept of that. */
#include <string.h>

#include "fuzz.h"
#include "lib/jsonl.h"
#include "qemu/ability.h"
#include "qemu/mtype.h"

static void reads_back(const struct ability *a)
{
	json_t *obj = ability_to_json(a);
	struct ability again;

	FUZZ_ASSERT(obj && !ability_from_json(obj, &again));
	FUZZ_ASSERT(!memcmp(&again, a, sizeof(again)));
	json_decref(obj);
}

/* It goes to a command line: one word of QEMU's, and nothing behind it. */
static void choose(const struct ability *a)
{
	struct zkz_err err = { 0 };
	const struct ability_type *t = mtype_choose(a, "", &err);

	FUZZ_ASSERT(t || (err.id && err.text[0]));
	FUZZ_ASSERT(!t || (!strncmp(t->name, "pc-q35-", 7) && !strpbrk(t->name, ", =\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *obj = jsonl_parse((const char *)data, size, NULL);
	struct zkz_err err = { 0 };
	struct ability a;

	if (!ability_learn(&a, json_object_get(obj, "version"), json_object_get(obj, "machines"),
			   json_object_get(obj, "schema"), &err)) {
		reads_back(&a);
		choose(&a);
	} else {
		FUZZ_ASSERT(err.id && err.text[0]);
	}
	if (!ability_from_json(obj, &a)) {
		reads_back(&a);
		choose(&a);
	}
	json_decref(obj);
	return 0;
}
