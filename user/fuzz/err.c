// SPDX-License-Identifier: GPL-2.0
/* Failures that another process or host tells. */
#include <string.h>

#include "fuzz.h"
#include "lib/errjson.h"
#include "lib/jsonl.h"

/* Room that is left after a failure of which nothing was cut off. */
#define SPARE	400

static void bounded(const struct zkz_err *err)
{
	FUZZ_ASSERT(err->id && err->text[0] && err_code(err)[0]);
	FUZZ_ASSERT(err->links && err->links <= ERR_LINKS && err->used <= sizeof(err->store));
	FUZZ_ASSERT(strnlen(err->text, sizeof(err->text)) < sizeof(err->text));
	FUZZ_ASSERT(strnlen(err->remedy, sizeof(err->remedy)) < sizeof(err->remedy));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zkz_err err = { 0 }, again = { 0 };
	json_t *obj = jsonl_parse((const char *)data, size, NULL);

	if (!obj)
		return 0;
	err_from_json(&err, obj, "host2");
	json_decref(obj);
	bounded(&err);

	obj = err_to_json(&err);
	err_from_json(&again, obj, NULL);
	json_decref(obj);
	bounded(&again);
	FUZZ_ASSERT(again.id == err.id);
	if (err.used < sizeof(err.store) - SPARE) {
		FUZZ_ASSERT(!strcmp(again.text, err.text));
		FUZZ_ASSERT(!strcmp(again.remedy, err.remedy));
	}
	err_device(&again, 7);
	bounded(&again);
	return 0;
}
